import assert from "node:assert/strict";
import fc from "fast-check";
import {
  auxiliaryTable,
  cutSequences,
  fitAuxiliaries,
  PAPER,
  scaleAuxiliaries,
  SIMPLE_FEATURES,
  simpleFeatures,
  takeSequences,
} from "ephemera/chapters/novelty";
import { EphemeraError } from "ephemera/core";
import { LightCurveSet } from "ephemera/observations";
import { smallSky } from "./sky.ts";

const options = { ...PAPER.sequence, epochs: 4 };

/** One star of period 2 d whose first four observations have the phases 0, 0.25, 0.75, 0.5 in order of time. */
function oneStar(changes: Partial<ConstructorParameters<typeof LightCurveSet>[0]> = {}): LightCurveSet {
  return new LightCurveSet({
    ids: ["a"],
    offsets: Uint32Array.of(0, 5),
    time: Float64Array.of(10, 12.5, 15.5, 17, 19),
    value: Float64Array.of(15, 16, 18, 17, 15),
    error: Float64Array.of(0.1, 0.1, 0.2, 0.1, 0.1),
    metadata: { period: Float64Array.of(2) },
    ...changes,
  });
}

Deno.test("cutSequences folds a piece, sorts it by phase and normalises it", () => {
  const set = cutSequences(oneStar(), options), s = Math.sqrt(1.25);
  assert.equal(set.count, 1); // the fifth observation is the dropped remainder
  const close = (a: ArrayLike<number>, b: number[]) =>
    b.forEach((x, i) => assert.ok(Math.abs(a[i] - x) < 1e-6, `${a[i]} is not ${x}`));
  close(set.phase, [0, 0.25, 0.5, 0.75]);
  close(set.lag, [0, 0.25, 0.25, 0.25]);
  close(set.value, [-1.5 / s, -0.5 / s, 0.5 / s, 1.5 / s]);
  close(set.weight, [s / 0.1, s / 0.1, s / 0.1, s / 0.2]);
  close(set.mean, [16.5]);
  close(set.deviation, [s]);
  close(set.logPeriod, [Math.log10(2)]);
});

Deno.test("cutSequences gives the public code's lags when asked", () => {
  const set = cutSequences(oneStar(), { ...options, lag: "next", phase: "days" });
  [0.5, 0.5, 0.5, 0].forEach((lag, i) => assert.ok(Math.abs(set.lag[i] - lag) < 1e-6));
});

Deno.test("cutSequences reports the stars it leaves out with the reason", () => {
  const short = cutSequences(
    new LightCurveSet({
      ids: ["short", "flat", "no period", "good"],
      offsets: Uint32Array.of(0, 2, 6, 10, 14),
      time: Float64Array.from({ length: 14 }, (_, i) => i * 1.3),
      value: Float64Array.from([15, 16, 15, 15, 15, 15, 1, 2, 3, 4, 15, 16, 17, 15]),
      error: new Float64Array(14).fill(0.1),
      metadata: { period: Float64Array.of(1, 1, NaN, 3) },
    }),
    options,
  );
  assert.equal(short.count, 1);
  assert.deepEqual(short.skipped.map((s) => s.id), ["short", "flat", "no period"]);
  assert.match(short.skipped[0].reason, /2 observations, 4 needed/);
  assert.match(short.skipped[2].reason, /no usable period \(NaN\)/);
});

Deno.test("cutSequences leaves out pieces with a zero error or a magnitude in wrong units", () => {
  const eight = {
    ids: ["a", "b"],
    offsets: Uint32Array.of(0, 4, 8),
    time: Float64Array.from({ length: 8 }, (_, i) => i * 1.3),
    metadata: { period: Float64Array.of(3, 3) },
  };
  const value = Float64Array.of(1, 2, 3, 4, 1, 2, 3, 4), error = new Float64Array(8).fill(0.1);
  const zero = error.slice();
  zero[1] = 0;
  assert.equal(cutSequences(new LightCurveSet({ ...eight, value, error: zero }), options).count, 1);
  const faint = value.slice();
  faint[6] = 99;
  assert.equal(cutSequences(new LightCurveSet({ ...eight, value: faint, error }), options).count, 1);
});

Deno.test("cutSequences refuses light curves without errors, with two bands, without periods or too short, in a sentence", () => {
  const refused = (change: Parameters<typeof oneStar>[0], sentence: RegExp, epochs = 4) =>
    assert.throws(
      () => cutSequences(oneStar(change), { ...options, epochs }),
      (error: unknown) => error instanceof EphemeraError && sentence.test(error.message),
    );
  refused({ error: undefined }, /light curves with errors/);
  refused({ bands: ["g", "r"] }, /one band, found the bands g, r/);
  refused({ metadata: {} }, /metadata column "period"/);
  refused({}, /a: 5 observations, 200 needed/, 200);
});

Deno.test("cutSequences does not depend on a shift of time by whole periods nor on the zero of magnitudes", () => {
  const sky = smallSky({ stars: 3, epochs: 20, seed: 1 });
  const reference = cutSequences(sky, { ...options, epochs: 20 });
  fc.assert(
    fc.property(
      fc.integer({ min: -50, max: 50 }),
      fc.double({ min: -3, max: 3, noNaN: true }),
      (turns, shift) => {
        const period = sky.numbers("period");
        const moved = new LightCurveSet({
          ...sky.columns(),
          time: sky.time.map((t, j) => t + turns * period[Math.floor(j / 20)]),
          value: sky.value.map((v) => v + shift),
        });
        const set = cutSequences(moved, { ...options, epochs: 20 });
        set.value.forEach((v, i) => assert.ok(Math.abs(v - reference.value[i]) < 1e-4));
        set.lag.forEach((v, i) => assert.ok(Math.abs(v - reference.lag[i]) < 1e-4));
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test("simpleFeatures finds the amplitudes of a noiseless sine and one number for each name", () => {
  const epochs = 50, time = Float64Array.from({ length: epochs }, (_, i) => 57000 + i * 0.737);
  const set = cutSequences(
    new LightCurveSet({
      ids: ["sine"],
      offsets: Uint32Array.of(0, epochs),
      time,
      value: time.map((t) => 15 + Math.sin(2 * Math.PI * t / 3)),
      error: new Float64Array(epochs).fill(0.01),
      metadata: { period: Float64Array.of(3) },
    }),
    { ...options, epochs },
  );
  const features = simpleFeatures(set);
  assert.equal(features.columns, SIMPLE_FEATURES.length);
  const at = (name: string) => features.data[SIMPLE_FEATURES.findIndex((each) => each.startsWith(name))];
  assert.ok(Math.abs(at("Fourier amplitude 1") * set.deviation[0] - 1) < 1e-4);
  assert.ok(Math.abs(at("Fourier amplitude 2")) < 1e-4);
  assert.ok(Math.abs(at("log10 period") - Math.log10(3)) < 1e-12);
});

Deno.test("auxiliaries are standardised by the training rows and missing photometry is filled from like stars", () => {
  const sky = smallSky({ stars: 200, epochs: 30, seed: 2 });
  const set = cutSequences(sky, { ...options, epochs: 30 }, ["colour"]);
  const table = auxiliaryTable(set, { photometry: ["colour"], simpleFeatures: true });
  assert.equal(table.columns, 3 + 1 + SIMPLE_FEATURES.length);
  const scaling = fitAuxiliaries(table, 1), scaled = scaleAuxiliaries(table, scaling);
  assert.ok(scaled.data.every(Number.isFinite));
  // The two shapes differ in period and in colour, so a filled colour must be that of the star's own shape.
  let right = 0, filled = 0;
  for (let i = 0; i < set.count; i++) {
    const colour = scaled.data[i * scaled.columns + 3] * scaling.deviations[3] + scaling.means[3];
    if (!Number.isNaN(set.photometry.data[i])) assert.ok(Math.abs(colour - set.photometry.data[i]) < 1e-9);
    else filled++, right += Math.abs(colour - sky.labels![set.star[i]]) < 0.3 ? 1 : 0;
  }
  assert.ok(filled === 40 && right > 34, `${right} of ${filled}`);
});

Deno.test("takeSequences keeps rows together", () => {
  const set = cutSequences(smallSky({ stars: 4, epochs: 8, seed: 3 }), options),
    taken = takeSequences(set, [5, 0]);
  assert.equal(taken.count, 2);
  assert.deepEqual(taken.value.subarray(0, 4), set.value.subarray(20, 24));
  assert.equal(taken.mean[1], set.mean[0]);
  assert.deepEqual([...taken.labels!.codes], [set.labels!.codes[5], set.labels!.codes[0]]);
});
