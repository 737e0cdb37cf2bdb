import assert from "node:assert/strict";
import fc from "fast-check";
import {
  airToVacuum,
  commonRange,
  dividedByContinuum,
  fillUnusable,
  fitContinuum,
  logWavelengthGrid,
  pixelEdges,
  redshiftOfVelocity,
  resampleSpectrum,
  scaleSpectra,
  type SpectrumColumns,
  SpectrumSet,
  spectrumSetOf,
  toCommonGrid,
  toObservedFrame,
  toRestFrame,
  usablePixels,
  vacuumToAir,
} from "ephemera/observations";
import { Random } from "ephemera/core";

const good: SpectrumColumns = {
  ids: ["a", "b"],
  offsets: Uint32Array.of(0, 3, 5),
  wavelength: Float64Array.of(4000, 4001, 4002, 5000, 5001),
  flux: Float64Array.of(1, 2, 3, 4, 5),
  inverseVariance: Float64Array.of(1, 1, 0, 2, 2),
  labels: Int32Array.of(0, -1),
  classNames: ["EA"],
  metadata: { z: Float64Array.of(0, 0.1) },
};

Deno.test("a spectrum is a window on the set's columns, with or without a common grid", () => {
  const own = new SpectrumSet(good);
  assert.equal(own.at(1).flux.buffer, good.flux.buffer);
  assert.deepEqual(own.at(1).wavelength, Float64Array.of(5000, 5001));
  const wavelength = Float64Array.of(1, 2),
    common = new SpectrumSet({ ids: ["a", "b"], wavelength, flux: Float64Array.of(1, 2, 3, 4) });
  assert.equal(common.at(1).wavelength, wavelength);
  assert.equal(common.subset([1, 0]).wavelength, wavelength);
  assert.deepEqual(common.subset([1, 0]).flux, Float64Array.of(3, 4, 1, 2));
  assert.deepEqual(own.subset([1]).columns(), {
    ...good,
    ids: ["b"],
    offsets: Uint32Array.of(0, 2),
    wavelength: Float64Array.of(5000, 5001),
    flux: Float64Array.of(4, 5),
    inverseVariance: Float64Array.of(2, 2),
    mask: undefined,
    labels: Int32Array.of(-1),
    metadata: { z: Float64Array.of(0.1) },
    fluxUnit: "1e-17 erg/s/cm2/angstrom",
  });
  assert.equal(own.className(0), "EA");
  assert.equal(own.className(1), undefined);
  assert.deepEqual(usablePixels(own.at(0)), Uint8Array.of(1, 1, 0));
});

Deno.test("bad columns are refused with the spectrum and the pixel", () => {
  const refuse = (change: Partial<SpectrumColumns>, message: RegExp) =>
    assert.throws(() => new SpectrumSet({ ...good, ...change }), message);
  refuse(
    { flux: Float64Array.of(1, 2, 3, NaN, 5) },
    /finite fluxes.*found flux NaN.*\(spectrum b, pixel 0\)/,
  );
  refuse(
    { inverseVariance: Float64Array.of(1, -1, 1, 1, 1) },
    /not negative, found flux 2, inverse variance -1 \(spectrum a, pixel 1/,
  );
  refuse(
    { wavelength: Float64Array.of(4000, 4000, 4002, 1, 2) },
    /ascending.*found 4000 after 4000 \(spectrum a, pixel 1\)/,
  );
  refuse(
    { wavelength: Float64Array.of(4000, 4001, 4002, -1, 2) },
    /positive.*found -1 \(spectrum b, pixel 0\)/,
  );
  refuse({ ids: ["a", "a"] }, /identifier once, found a more than once/);
  refuse({ offsets: undefined }, /10 entries in "flux"/);
  refuse({ mask: new Uint8Array(2) }, /5 entries in "mask", one per pixel, found 2/);
  refuse({ labels: Int32Array.of(1, 0) }, /a label from -1 to 0, found 1 \(spectrum a\)/);
  refuse({ offsets: Uint32Array.of(0, 3, 4) }, /offsets from 0 to 5/);
  const set = new SpectrumSet(good);
  assert.throws(() => set.at(2), /a spectrum number from 0 to 1, found 2/);
  assert.throws(() => set.subset([5]), /place 0/);
  assert.throws(() => set.numbers("plate"), /metadata column "plate", found the columns z/);
  assert.throws(
    () => spectrumSetOf([{ ...set.at(0) }, { ...set.at(1), inverseVariance: undefined }]),
    /"inverseVariance" in all spectra or in none, found 1 of 2/,
  );
});

Deno.test("the common range follows the percentile rule at both ends and drops who does not cover it", () => {
  // 200 spectra start at 3800 + i and end at 9000 + i: floor(0.01 x 200) = 2 are passed over at each end.
  const set = spectrumSetOf(Array.from({ length: 200 }, (_, i) => ({
    id: String(i),
    wavelength: Float64Array.of(3800 + i, 9000 + i),
    flux: Float64Array.of(1, 1),
  })));
  const { start, end, kept } = commonRange(set);
  assert.equal(start, 3800 + 197);
  assert.equal(end, 9002);
  assert.deepEqual([kept[0], kept[kept.length - 1], kept.length], [2, 197, 196]);
  assert.throws(() => commonRange(set, 0.7), /a fraction from 0 to less than 0.5/);
  assert.throws(() => commonRange(set.subset([])), /at least one spectrum/);
});

Deno.test("resampling keeps the integral of the flux, for any two grids", () => {
  const steps = fc.array(fc.double({ min: 0.2, max: 3, noNaN: true }), { minLength: 2, maxLength: 30 });
  fc.assert(fc.property(steps, steps, fc.integer(), (inner, others, seed) => {
    const random = new Random(seed), wide = inner.reduce((a, b) => a + b, 0), gap = wide + 10;
    // Light only in the middle: the empty margins make sure that the new grid lies inside the old one and covers the light.
    const margin = Array.from({ length: 5 }, () => gap), all = [...margin, ...inner, ...margin];
    const from = Float64Array.from(all.map(((sum) => (step: number) => sum += step)(0)));
    const flux = from.map((_, j) => j >= 5 && j < from.length - 5 ? random.uniform(-1, 5) : 0);
    const unit = 5 * gap / others.reduce((a, b) => a + b, 0);
    const to = Float64Array.from(others.map(((sum) => (step: number) => sum += step * unit)(3 * gap)));
    const result = resampleSpectrum({ id: "a", wavelength: from, flux }, to);
    const light = (grid: Float64Array, f: Float64Array) => {
      const edges = pixelEdges(grid);
      return f.reduce((sum, each, k) => sum + each * (edges[k + 1] - edges[k]), 0);
    };
    const inside = pixelEdges(to)[0] >= pixelEdges(from)[0] &&
      pixelEdges(to)[to.length] <= pixelEdges(from)[from.length];
    const covers = pixelEdges(to)[0] <= from[4] && pixelEdges(to)[to.length] >= from[from.length - 5];
    fc.pre(inside && covers);
    assert.ok(Math.abs(light(from, flux) - light(to, result.flux)) < 1e-9 * (1 + gap));
  }));
});

Deno.test("binning four pixels into one averages the flux and adds up the weights; the same grid changes nothing", () => {
  const wavelength = Float64Array.from({ length: 16 }, (_, j) => 4000 + j);
  const flux = wavelength.map((_, j) => Math.sin(j)), inverseVariance = wavelength.map((_, j) => 1 + j % 3);
  const spectrum = { id: "a", wavelength, flux, inverseVariance };
  const same = resampleSpectrum(spectrum, wavelength);
  same.flux.forEach((f, j) => assert.ok(Math.abs(f - flux[j]) < 1e-12));
  same.inverseVariance!.forEach((v, j) => assert.ok(Math.abs(v - inverseVariance[j]) < 1e-12));
  const coarse = resampleSpectrum(spectrum, Float64Array.of(4001.5, 4005.5, 4009.5, 4013.5));
  for (let k = 0; k < 4; k++) {
    const four = [0, 1, 2, 3].map((d) => 4 * k + d);
    assert.ok(Math.abs(coarse.flux[k] - four.reduce((s, j) => s + flux[j], 0) / 4) < 1e-12);
    const variance = four.reduce((s, j) => s + 1 / inverseVariance[j], 0) / 16;
    assert.ok(Math.abs(coarse.inverseVariance![k] - 1 / variance) < 1e-12);
  }
  const holed = resampleSpectrum(
    { ...spectrum, mask: Uint8Array.from(wavelength, (_, j) => j < 3 ? 1 : 0) },
    Float64Array.of(4001.5, 4005.5),
  );
  assert.deepEqual(holed.mask, Uint8Array.of(1, 0));
  assert.throws(() => resampleSpectrum(spectrum, Float64Array.of(4000)), /at least two pixels/);
});

Deno.test("the propagated variance is the variance of resampled noise", () => {
  const random = new Random(3), wavelength = Float64Array.from({ length: 9 }, (_, j) => 100 + j);
  const inverseVariance = Float64Array.of(1, 4, 1, 2, 1, 1, 5, 1, 1),
    grid = Float64Array.of(101.2, 103.9, 106.6);
  const sums = new Float64Array(3), trials = 20000;
  let claimed = new Float64Array(3);
  for (let t = 0; t < trials; t++) {
    const flux = inverseVariance.map((v) => random.normal() / Math.sqrt(v));
    const result = resampleSpectrum({ id: "a", wavelength, flux, inverseVariance }, grid);
    result.flux.forEach((f, k) => sums[k] += f * f / trials);
    claimed = Float64Array.from(result.inverseVariance!);
  }
  sums.forEach((variance, k) =>
    assert.ok(Math.abs(variance * claimed[k] - 1) < 0.04, `${variance} ${1 / claimed[k]}`)
  );
});

Deno.test("a common grid drops or masks spectra that do not reach it", () => {
  const grid = logWavelengthGrid(4000, 100);
  const part = (id: string, from: number, to: number) => ({
    id,
    wavelength: grid.slice(from, to),
    flux: grid.slice(from, to),
  });
  const set = spectrumSetOf([part("whole", 0, 100), part("short", 10, 90)]);
  assert.deepEqual(toCommonGrid(set, { grid }).ids, ["whole"]);
  const masked = toCommonGrid(set, { grid, uncovered: "mask" });
  assert.equal(masked.length, 2);
  assert.deepEqual(Array.from(masked.at(1).mask!.subarray(8, 12)), [1, 1, 0, 0]);
  assert.equal(masked.at(1).flux[0], 0);
  assert.ok(Math.abs(masked.at(1).flux[50] - grid[50]) < 1e-9);
  assert.equal(toCommonGrid(set, { fraction: 0 }).wavelength.length, 80);
});

Deno.test("air and vacuum agree with published pairs of wavelengths, and are inverse", () => {
  // NIST: Na D2, H alpha, [O III], Ca K: air and vacuum.
  for (
    const [air, vacuum] of [[5889.950, 5891.583], [6562.79, 6564.60], [5006.843, 5008.240], [
      3933.66,
      3934.77,
    ]]
  ) {
    assert.ok(Math.abs(airToVacuum(air) - vacuum) < 0.01, `${air} ${airToVacuum(air)}`);
    assert.ok(Math.abs(vacuumToAir(airToVacuum(air)) - air) < 1e-9);
  }
  assert.throws(() => airToVacuum(1500), /at least 2000 angstrom/);
});

Deno.test("shifts to the rest frame and back return the spectra, and keep the light", () => {
  const set = new SpectrumSet(good), z = [0.5, -0.001];
  const rest = toRestFrame(set, z), back = toObservedFrame(rest, z);
  assert.ok(Math.abs(rest.at(0).wavelength[0] - 4000 / 1.5) < 1e-9);
  back.wavelength.forEach((w, j) => assert.ok(Math.abs(w - set.wavelength[j]) < 1e-9));
  back.flux.forEach((f, j) => assert.ok(Math.abs(f - set.flux[j]) < 1e-12));
  back.inverseVariance!.forEach((v, j) => assert.ok(Math.abs(v - set.inverseVariance![j]) < 1e-12));
  assert.ok(Math.abs(rest.flux[1] * (rest.wavelength[1] - rest.wavelength[0]) - 2) < 1e-9);
  assert.ok(Math.abs(redshiftOfVelocity(300) - 300 / 299792.458) < 1e-6);
  assert.throws(() => redshiftOfVelocity(3e5), /below that of light/);
  assert.throws(() => toRestFrame(set, [0]), /2 redshifts, one per spectrum, found 1/);
  assert.throws(() => toRestFrame(set, [0, -1]), /a redshift above -1, found -1 \(spectrum b\)/);
});

Deno.test("each way of scaling does what it says, on usable pixels only", () => {
  const wavelength = Float64Array.of(1, 2, 3, 4, 5), flux = Float64Array.of(2, 4, 6, 8, 1000);
  const set = new SpectrumSet({
    ids: ["a"],
    wavelength,
    flux,
    mask: Uint8Array.of(0, 0, 0, 0, 1),
    inverseVariance: new Float64Array(5).fill(1),
  });
  const minMax = scaleSpectra(set);
  assert.deepEqual(Array.from(minMax.flux.subarray(0, 4), (f) => Math.round(f * 3)), [0, 1, 2, 3]);
  assert.equal(minMax.inverseVariance![0], 36);
  assert.deepEqual(Array.from(scaleSpectra(set, { method: "median" }).flux.subarray(0, 4)), [
    0.4,
    0.8,
    1.2,
    1.6,
  ]);
  const standard = scaleSpectra(set, { method: "standard" }).flux.subarray(0, 4);
  assert.ok(Math.abs(standard.reduce((s, f) => s + f, 0)) < 1e-12);
  assert.ok(Math.abs(standard.reduce((s, f) => s + f * f, 0) / 4 - 1) < 1e-12);
  const robust = scaleSpectra(new SpectrumSet({ ids: ["a"], wavelength, flux }), {
    method: "robust",
    tails: 0.25,
  });
  assert.deepEqual(Array.from(robust.flux), [0, 0, 0.5, 1, 1]);
  const flat = new SpectrumSet({ ids: ["flat"], wavelength, flux: new Float64Array(5).fill(3) });
  assert.throws(
    () => scaleSpectra(flat),
    /fluxes that differ, found 3 in all usable pixels \(spectrum flat\)/,
  );
  const dark = new SpectrumSet({ ids: ["dark"], wavelength, flux, mask: new Uint8Array(5).fill(1) });
  assert.throws(() => scaleSpectra(dark), /at least one usable pixel/);
  assert.throws(() => fillUnusable(dark), /at least one usable pixel, found none \(spectrum dark\)/);
});

Deno.test("holes are filled by the line between their neighbours", () => {
  const set = new SpectrumSet({
    ids: ["a"],
    wavelength: Float64Array.of(1, 2, 4, 5),
    flux: Float64Array.of(9, 2, 0, 8),
    mask: Uint8Array.of(1, 0, 1, 0),
  });
  assert.deepEqual(fillUnusable(set).flux, Float64Array.of(2, 2, 6, 8));
});

Deno.test("continua find the level under lines, and refuse too little data", () => {
  const random = new Random(5), wavelength = Float64Array.from({ length: 1500 }, (_, j) => 4000 + j);
  const level = wavelength.map((w) => 10 + (w - 4700) * 0.004 + 2 * Math.cos(w / 600));
  const lines = wavelength.map((w) =>
    1 - 0.7 * Math.exp(-(((w - 4340) / 8) ** 2)) - 0.5 * Math.exp(-(((w - 4861) / 10) ** 2))
  );
  const flux = level.map((l, j) => l * lines[j] * (1 + random.normal(0, 0.01)));
  const worst = (fit: Float64Array) => Math.max(...fit.map((f, j) => Math.abs(f / level[j] - 1)));
  const spectrum = { id: "a", wavelength, flux };
  assert.ok(worst(fitContinuum(spectrum)) < 0.03);
  assert.ok(worst(fitContinuum(spectrum, { method: "running", width: 100, quantile: 0.7 })) < 0.06);
  const divided = dividedByContinuum(spectrumSetOf([spectrum]));
  const depth = divided.flux[340];
  assert.ok(Math.abs(depth - 0.3) < 0.03, String(depth));
  assert.throws(
    () => fitContinuum({ id: "short", wavelength: wavelength.slice(0, 5), flux: flux.slice(0, 5) }),
    /more than 7 usable pixels.*found 5.*spectrum short/,
  );
  assert.throws(() => fitContinuum(spectrum, { method: "running", width: 0 }), /a positive width/);
});
