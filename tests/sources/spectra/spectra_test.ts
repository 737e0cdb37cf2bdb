import assert from "node:assert/strict";
import { Random } from "ephemera/core";
import { LIGHT_SPEED, logWavelengthGrid } from "ephemera/observations";
import {
  blackBody,
  broaden,
  calciumWidth,
  composeSpectrum,
  grownWidth,
  LINES,
  measureSpectrum,
  photosphereFlux,
  quasarFlux,
  relativeStrength,
  resolutionSigma,
  SDSS,
  SPECTRAL_KINDS,
  type SpectralKind,
  spectrographGrid,
  STAR_KINDS,
  starComponents,
  SUN,
} from "ephemera/sources";
import { equivalentWidth, INDICES } from "./index.ts";

const step = 5e-5 * Math.LN10;
const draw = (kind: SpectralKind, seed: number) =>
  STAR_KINDS[kind === "RSCVN" ? "ROT" : kind].draw(new Random(seed).stream("star"), {
    start: 53000,
    end: 56000,
  });

Deno.test("a black body has Wien's maximum and Stefan's total", () => {
  const grid = Float64Array.from({ length: 60000 }, (_, j) => 500 + 10 * j),
    flux = grid.map((w) => blackBody(w, 5772));
  const peak = grid[flux.indexOf(Math.max(...flux))];
  assert.ok(Math.abs(peak - 2.897772e7 / 5772) <= 10, String(peak));
  const total = flux.reduce((a, b) => a + 10 * b, 0);
  assert.ok(Math.abs(total / (5.670374e-5 * 5772 ** 4) - 1) < 2e-3, String(total));
});

Deno.test("rotation and resolution keep the light and have the variance they should", () => {
  const n = 2001, line = new Float64Array(n);
  line[1000] = 1;
  const pixel = step * LIGHT_SPEED;
  const variance = (flux: Float64Array) =>
    flux.reduce((sum, f, j) => sum + f * (j - 1000) ** 2, 0) * pixel * pixel;
  for (const [v, sigma] of [[300, 0], [0, 200], [300, 200]]) {
    const blurred = broaden(line, step, v, sigma);
    assert.ok(Math.abs(blurred.reduce((a, b) => a + b, 0) - 1) < 1e-12);
    // The rotation profile has variance v^2 [(1 - e) / 4 + 2 e / 15] / (1 - e / 3), with e = 0.6 here.
    const expected = v * v * (0.4 / 4 + 1.2 / 15) / 0.8 + sigma * sigma;
    assert.ok(
      Math.abs(variance(blurred) / expected - 1) < 0.02,
      `${v} ${sigma}: ${variance(blurred)} ${expected}`,
    );
  }
  const constant = new Float64Array(500).fill(3), sigmas = constant.map((_, j) => 50 + j);
  broaden(constant, step, 100, sigmas).forEach((f) => assert.ok(Math.abs(f - 3) < 1e-12));
  assert.throws(() => broaden(line, 0, 1, 1), /a positive step/);
});

Deno.test("metal lines grow linearly when weak, by the square root when strong, and are the Sun's in the Sun", () => {
  assert.ok(Math.abs(grownWidth(5000, 0.3, 0) - 0.3) < 1e-12);
  assert.ok(Math.abs(grownWidth(5000, 0.3, -4) / grownWidth(5000, 0.3, -5) - 10) < 0.01);
  assert.ok(Math.abs(grownWidth(5000, 0.3, 6) / grownWidth(5000, 0.3, 4) - 10) < 0.01);
  for (const species of Object.values(LINES.species)) {
    assert.ok(Math.abs(relativeStrength(SUN, species, 1)) < 1e-12);
  }
  const hot = { ...SUN, temperature: 8000 }, cool = { ...SUN, temperature: 5000 };
  const { "Fe I": iron, "Fe II": ion } = LINES.species;
  assert.ok(relativeStrength(hot, iron, 1) < 0 && relativeStrength(cool, iron, 1) > 0);
  // Low gravity favours ions (dwarf-giant criterion), not neutral lines of elements that are ionised anyway.
  const giant = { ...SUN, gravity: 2 };
  assert.ok(relativeStrength(giant, ion, 2.8) > 0.5);
  assert.ok(Math.abs(relativeStrength(giant, iron, 1)) < 0.1);
});

Deno.test("calcium K of RR Lyrae follows Layden's relation between K, hydrogen and metallicity", () => {
  // K = 13.858 - 1.185 H + [Fe/H] (4.228 - 0.32 H), by hand for [Fe/H] = -1.5: 4.70 at H = 4 and 3.29 at H = 6 angstrom.
  const at = (temperature: number, metallicity: number) =>
    calciumWidth({ temperature, gravity: 4.2, metallicity });
  const temperature = (h: number) => {
    const points = LINES.balmerWidths, k = points.findIndex(([, width]) => width >= h);
    const [[t0, w0], [t1, w1]] = [points[k - 1], points[k]];
    return t0 + (t1 - t0) * (h - w0) / (w1 - w0);
  };
  assert.ok(Math.abs(at(temperature(4), -1.5) - 4.7) < 0.1, String(at(temperature(4), -1.5)));
  assert.ok(Math.abs(at(temperature(6), -1.5) - 3.29) < 0.1);
  assert.ok(at(6500, -2.2) < at(6500, -1.2) && at(6500, -1.2) < at(6500, -0.2));
});

Deno.test("a quasar's lines have their published equivalent widths, stretched by the redshift", () => {
  const redshift = 0.8, grid = Float64Array.from({ length: 20000 }, (_, j) => 4000 + 0.25 * j);
  const flux = quasarFlux({ redshift }, grid), without = quasarFlux({ redshift, broad: 0, narrow: 0 }, grid);
  const centre = 2798.75 * 1.8;
  let width = 0;
  grid.forEach((w, j) => {
    if (Math.abs(w - centre) < 6 * 34.95 * 1.8) {
      width += (flux[j] - without[j]) / without[grid.findIndex((x) => x >= centre)] * 0.25;
    }
  });
  assert.ok(Math.abs(width / 1.8 - 32.28) < 0.3, String(width / 1.8));
  const slope = Math.log(without[8000] / without[2000]) / Math.log(grid[8000] / grid[2000]);
  assert.ok(Math.abs(slope + 1.54) < 1e-9);
  assert.throws(() => quasarFlux({ redshift: -1 }, grid), /a redshift from 0 to 10/);
});

Deno.test("the magnitude sets the light in V, and binaries are the sum of their components", () => {
  const grid = spectrographGrid(), photosphere = { temperature: 6000, gravity: 4.3, metallicity: 0 };
  const one = { photosphere, share: 1, rotation: 10, velocity: 0 };
  const flux = composeSpectrum([one], { magnitude: 17, reddening: 0.1 });
  const weight = grid.map((w) => Math.exp(-0.5 * ((w - 5450) / 380) ** 2) * w);
  const visible = flux.reduce((sum, f, j) => sum + f * weight[j], 0) / weight.reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(visible / (3.63e8 * 10 ** -6.8) - 1) < 1e-3, String(visible));
  const two = { photosphere: { ...photosphere, temperature: 8500 }, share: 1, rotation: 60, velocity: 80 };
  const alone = [one, two].map((each) => composeSpectrum([each], { magnitude: 15 }));
  const both = composeSpectrum([{ ...one, share: 0.3 }, { ...two, share: 0.7 }], { magnitude: 15 });
  both.forEach((f, j) => assert.ok(Math.abs(f - 0.3 * alone[0][j] - 0.7 * alone[1][j]) < 2e-3 * f));
  assert.throws(() => composeSpectrum([], { magnitude: 15 }), /at least one component/);
});

Deno.test("a velocity moves lines by its Doppler shift", () => {
  const grid = spectrographGrid(), photosphere = { temperature: 8500, gravity: 4, metallicity: 0 };
  const place = (velocity: number) => {
    const flux = composeSpectrum([{ photosphere, share: 1, rotation: 10, velocity }], { magnitude: 15 });
    let deepest = grid.findIndex((w) => w > 4842);
    for (let j = deepest; grid[j] < 4883; j++) if (flux[j] < flux[deepest]) deepest = j;
    return deepest;
  };
  assert.ok(Math.abs(place(345) - place(-345) - 10) <= 1); // 690 km/s are ten pixels of 69 km/s
});

Deno.test("noise is as large as the inverse variance says, and grows to faint stars as photons tell", () => {
  const flat = new Float64Array(SDSS.pixels).fill(30), spectrograph = { ...SDSS, calibration: 0 };
  const { flux, inverseVariance } = measureSpectrum(flat, new Random(1), spectrograph);
  const chi = flux.reduce((sum, f, j) => sum + (f - 30) ** 2 * inverseVariance[j], 0) / flux.length;
  assert.ok(Math.abs(chi - 1) < 0.1, String(chi));
  const photosphere = { temperature: 6000, gravity: 4.3, metallicity: 0 };
  const signal = (magnitude: number) => {
    const truth = composeSpectrum([{ photosphere, share: 1, rotation: 0, velocity: 0 }], { magnitude });
    const { inverseVariance } = measureSpectrum(truth, new Random(1));
    return truth[2100] * Math.sqrt(inverseVariance[2100]);
  };
  // SDSS reaches about 20 a pixel at magnitude 18 and 4 to 5 at 20.2 (York et al. 2000).
  assert.ok(signal(18) > 18 && signal(18) < 38, String(signal(18)));
  assert.ok(signal(20.2) > 3 && signal(20.2) < 8, String(signal(20.2)));
  assert.ok(Math.abs(LIGHT_SPEED / 2000 / 2.3548 - resolutionSigma(SDSS, 4800)) < 0.1);
  assert.throws(
    () => measureSpectrum(flat.slice(1), new Random(1)),
    /3794 fluxes, one per pixel of SDSS, found 3793/,
  );
});

Deno.test("every kind gives surfaces with shares that add up to one, the same for the same seed", () => {
  for (const kind of SPECTRAL_KINDS) {
    for (let seed = 0; seed < 40; seed++) {
      const star = draw(kind, seed), parts = starComponents(star, kind, new Random(seed), 54321.2 + seed);
      assert.deepEqual(parts, starComponents(star, kind, new Random(seed), 54321.2 + seed));
      assert.ok(Math.abs(parts.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9);
      for (const { photosphere: { temperature, gravity, metallicity }, rotation, velocity } of parts) {
        assert.ok(temperature >= 3000 && temperature <= 30000 && gravity >= 2 && gravity <= 5);
        assert.ok(metallicity >= -3 && metallicity <= 0.5 && rotation < 400 && Math.abs(velocity) < 900);
      }
    }
  }
  assert.throws(() => starComponents(draw("EA", 1), "SR" as SpectralKind, new Random(1), 0), /one of EA, EW/);
});

Deno.test("an RRab star is hottest at maximum, and its hydrogen is weak while it rises", () => {
  const star = STAR_KINDS.RRAB.draw(new Random(4), { start: 0, end: 100 });
  const phases = Array.from({ length: 100 }, (_, k) => star.parameters.epoch + star.period * k / 100);
  const light = phases.map((t) => star.magnitude(t));
  const seen = phases.map((t) => starComponents(star, "RRAB", new Random(1), t)[0].photosphere);
  const brightest = light.indexOf(Math.min(...light)), faintest = light.indexOf(Math.max(...light));
  assert.ok(seen[brightest].temperature > seen[faintest].temperature + 600);
  const weak = seen.findIndex(({ hydrogen }) => hydrogen! < 0.9);
  assert.ok(weak >= 0 && light[(weak + 2) % 100] < light[(weak + 98) % 100]);
});

Deno.test("an eclipse hides the star behind: the other's share grows", () => {
  const star = draw("EA", 3), { epoch } = star.parameters;
  const share = (time: number) => starComponents(star, "EA", new Random(1), time)[0].share;
  assert.ok(share(epoch) < share(epoch + star.period / 4));
});

Deno.test("active giants emit in H alpha and calcium, contact binaries have broad lines", () => {
  const grid = logWavelengthGrid(3750, 7900, 5e-5),
    quiet = { temperature: 4800, gravity: 3, metallicity: -0.3 };
  const trace = (chromosphere?: { hAlpha: number; calciumK: number }) => ({
    wavelength: grid,
    flux: broaden(photosphereFlux({ ...quiet, chromosphere }, grid), step, 20, 64),
  });
  const active = trace({ hAlpha: 2, calciumK: 3 }), calm = trace();
  const change = equivalentWidth(calm, INDICES.hAlpha) - equivalentWidth(active, INDICES.hAlpha);
  assert.ok(Math.abs(change - 2) < 0.3, String(change));
  assert.ok(equivalentWidth(active, INDICES.calciumK) < equivalentWidth(calm, INDICES.calciumK) - 1);
  const speeds = Array.from(
    { length: 20 },
    (_, k) => starComponents(draw("EW", k), "EW", new Random(k), 54000)[0].rotation,
  );
  assert.ok(speeds.toSorted((a, b) => a - b)[10] > 90);
});

Deno.test("photospheres outside the model are refused", () => {
  const grid = logWavelengthGrid(4000, 10);
  assert.throws(
    () => photosphereFlux({ temperature: 1000, gravity: 4, metallicity: 0 }, grid),
    /temperature from 2500 to 40000, found 1000/,
  );
  assert.throws(
    () => photosphereFlux({ temperature: 6000, gravity: 9, metallicity: 0 }, grid),
    /log g from 0 to 5.5, found 9/,
  );
  assert.throws(
    () => photosphereFlux({ temperature: 6000, gravity: 4, metallicity: NaN }, grid),
    /\[Fe\/H\] from -4 to 1, found NaN/,
  );
});
