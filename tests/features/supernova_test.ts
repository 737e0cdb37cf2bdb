import assert from "node:assert/strict";
import { Random } from "../../lib/core/mod.ts";
import {
  correctSupernovaFluxes,
  fitSupernova,
  fluxColors,
  type ObjectCurve,
  parametricFlux,
  plasticcAggregates,
  SIZE,
  supernovaDetections,
  supernovaModel,
} from "../../lib/features/mod.ts";

const bands = ["u", "g", "r", "i", "z", "Y"];

Deno.test("plasticcAggregates agree with pandas on all 156 columns, missing bands included", () => {
  const cases = JSON.parse(Deno.readTextFileSync(new URL("fixtures/plasticc.json", import.meta.url)));
  const names = plasticcAggregates.outputs(bands);
  assert.equal(names.length, 156);
  for (const c of cases) {
    const found = plasticcAggregates.compute({
      time: Float64Array.from(c.time),
      value: Float64Array.from(c.value),
      error: Float64Array.from(c.error),
      band: Uint8Array.from(c.band),
      detected: Uint8Array.from(c.detected),
      bands,
      metadata: c.metadata,
    });
    names.forEach((name, i) => {
      const expected = name in c.metadata ? c.metadata[name] : c.expected[name];
      assert.notEqual(expected, undefined, `${name} is in the fixture`);
      if (expected === null) assert.ok(Number.isNaN(found[i]), `${name}: ${found[i]}, expected NaN`);
      else {assert.ok(
          Math.abs(found[i] - expected) <= 1e-10 * Math.max(1, Math.abs(expected)),
          `${name} ${found[i]}, ${expected}`,
        );}
    });
  }
});

Deno.test("supernova features count before and after the first detection in any band", () => {
  const object: ObjectCurve = {
    time: Float64Array.from([0, 1, 2, 3, 4, 5, 6]),
    value: Float64Array.from([1, -2, 2, 30, 40, 1.5, -1]),
    error: Float64Array.from([1, 1, 1, 1, 1, 1, 1]),
    band: Uint8Array.from([1, 1, 2, 2, 1, 1, 3]),
    bands,
  };
  const names = supernovaDetections.outputs(bands);
  const values = supernovaDetections.compute(object);
  const get = (name: string) => values[names.indexOf(name)];
  const expected: Record<string, number> = {
    positive_fraction_g: 0.75,
    dflux_first_det_band_g: 32,
    dflux_non_det_band_g: 30.5,
    last_flux_before_band_g: -2,
    max_flux_before_band_g: 1,
    median_flux_before_band_g: -0.5,
    n_non_det_before_band_g: 2,
    n_non_det_after_band_g: 1,
    max_flux_after_band_g: 1.5,
    dflux_first_det_band_r: 28,
    n_non_det_after_band_r: 0,
    median_flux_after_band_r: NaN,
    dflux_first_det_band_i: NaN,
    n_non_det_before_band_i: 0,
    median_flux_after_band_i: -1,
    positive_fraction_u: NaN,
    n_non_det_before_band_u: NaN,
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(get(name), value, name);
  const silent = supernovaDetections.compute({ ...object, error: object.error!.map(() => 100) });
  assert.equal(silent[names.indexOf("positive_fraction_g")], 0.75);
  assert.ok(Number.isNaN(silent[names.indexOf("n_non_det_before_band_g")]));
});

Deno.test("flux colours divide by the next band plus one", () => {
  const values = fluxColors.compute({
    time: Float64Array.from([0, 1, 2]),
    value: Float64Array.from([-10, 4, 9]),
    band: Uint8Array.from([0, 1, 2]),
    bands: ["g", "r", "i"],
  });
  assert.deepEqual([...Array.from(values)], [10, 4, 9, 2, 0.4]);
});

Deno.test("correctSupernovaFluxes() undoes dust and puts the source at redshift 0.3, from redshift 0.003 on", () => {
  const object: ObjectCurve = {
    time: Float64Array.of(0, 1),
    value: Float64Array.of(10, 20),
    error: Float64Array.of(1, 2),
    band: Uint8Array.of(0, 1),
    bands: ["g", "r"],
  };
  // WMAP5 distance modulus at redshift 0.1 by astropy
  const found = correctSupernovaFluxes(object, {
    extinction: [2.5, 0],
    redshift: 0.1,
    distanceModulus: 38.31272899221223,
  });
  const nearer = 10 ** (0.4 * (38.31272899221223 - 40.96016887389868));
  assert.ok(
    Math.abs(found.value[0] - 100 * nearer) < 1e-12 && Math.abs(found.value[1] - 20 * nearer) < 1e-12,
  );
  assert.ok(Math.abs(found.error![0] - 10 * nearer) < 1e-12);
  assert.deepEqual(correctSupernovaFluxes(object, { redshift: 0.002 }).value, object.value);
  assert.throws(
    () => correctSupernovaFluxes(object, { redshift: 0.1 }),
    /a distance modulus with redshift 0.1/,
  );
  assert.throws(() => correctSupernovaFluxes(object, { extinction: [1] }), /each of 2 bands, found 1/);
});

Deno.test("the parametric model's gradient equals finite differences in each of its regimes", () => {
  const random = new Random(4);
  for (let trial = 0; trial < 300; trial++) {
    const p = Float64Array.of(
      random.uniform(1, 50),
      random.uniform(-20, 40),
      random.uniform(1, 120),
      random.uniform(0, 1),
      random.uniform(1, 30),
      random.uniform(1, 90),
    );
    const t = random.uniform(-60, 200);
    const gradient = new Float64Array(SIZE);
    const flux = parametricFlux(t, p, 0, gradient);
    for (let k = 0; k < SIZE; k++) {
      const h = 1e-6 * Math.max(1, Math.abs(p[k]));
      const moved = (sign: number) => parametricFlux(t, p.map((v, i) => i === k ? v + sign * h : v));
      const numeric = (moved(1) - moved(-1)) / (2 * h);
      const scale = Math.max(1, Math.abs(flux), Math.abs(gradient[k]));
      // A clip or a step inside the difference quotient would show as a jump; none of these points sits on
      // one.
      assert.ok(
        Math.abs(gradient[k] - numeric) < 2e-6 * scale,
        `parameter ${k} at ${t}: ${gradient[k]}, ${numeric}`,
      );
    }
  }
});

function simulated(seed: number, noise: number) {
  const random = new Random(seed);
  const truth = bands.map((_, b) => Float64Array.of(80 + 10 * b, 40, 30, 0.4, 5, 35));
  const n = 150;
  const time = Float64Array.from({ length: n }, () => random.uniform(0, 160)).sort();
  const band = Uint8Array.from({ length: n }, () => random.integer(0, bands.length));
  const error = time.map(() => noise);
  const value = time.map((t, i) => parametricFlux(t, truth[band[i]]) + random.normal(0, noise));
  return { object: { time, value, error, band, bands } as ObjectCurve, truth };
}

Deno.test("fitSupernova() finds the parameters it was given, in time counted from the first observation", () => {
  const { object, truth } = simulated(3, 0.02);
  const fit = fitSupernova(object);
  assert.ok(fit.converged);
  bands.forEach((name, b) => {
    [1, 0.3, 2, 0.05, 0.3, 2].forEach((tolerance, k) => {
      const found = fit.parameters[b * SIZE + k] + (k === 1 ? object.time[0] : 0);
      assert.ok(
        Math.abs(found - truth[b][k]) < tolerance,
        `${name} parameter ${k}: ${found}, ${truth[b][k]}`,
      );
    });
  });
});

Deno.test("fitSupernova() fits noise to a reduced chi square near one, within its bounds", () => {
  const { object } = simulated(5, 3);
  const fit = fitSupernova(object);
  assert.ok(fit.converged);
  const chi = fit.reducedChiSquare.reduce((a, b) => a + b, 0) / bands.length;
  assert.ok(chi > 0.7 && chi < 1.5, `${chi}`);
  for (let b = 0; b < bands.length; b++) {
    const [, , gamma, beta, rise, fall] = fit.parameters.subarray(b * SIZE, (b + 1) * SIZE);
    assert.ok(
      gamma >= 1 && gamma <= 120 && beta >= 0 && beta <= 1 && rise >= 1 && rise <= 100 && fall >= 1 &&
        fall <= 180,
    );
  }
});

Deno.test("the penalty draws a band of few points to the others, and the fit without observations is a value", () => {
  const { object } = simulated(7, 3);
  const keep = Array.from(object.band, (b, i) => ({ b, i })).filter(({ b }, k) => b !== 5 || k % 9 === 0).map(
    ({ i }) => i,
  );
  const pick = (column: Float64Array) => Float64Array.from(keep, (i) => column[i]);
  const few = {
    ...object,
    time: pick(object.time),
    value: pick(object.value),
    error: pick(object.error!),
    band: Uint8Array.from(keep, (i) => object.band[i]),
  };
  const fit = fitSupernova(few);
  const onset = bands.map((_, b) => fit.parameters[b * SIZE + 1]);
  assert.ok(Math.max(...onset) - Math.min(...onset) < 6, `${onset}`);
  const none = fitSupernova({
    ...object,
    time: new Float64Array(),
    value: new Float64Array(),
    error: new Float64Array(),
    band: new Uint8Array(),
  });
  assert.equal(none.converged, false);
  assert.equal(none.reason, "no observations");
  const oneBand = fitSupernova({ ...object, band: object.band.map(() => 2) });
  assert.ok(Number.isNaN(oneBand.parameters[0]) && Number.isFinite(oneBand.parameters[2 * SIZE]));
  assert.equal(Array.from(supernovaModel.compute(few)).length, supernovaModel.outputs(bands).length);
});
