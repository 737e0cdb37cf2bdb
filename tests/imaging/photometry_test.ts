import assert from "node:assert/strict";
import fc from "fast-check";
import { Random } from "ephemera/core";
import {
  countsOfMagnitude,
  discMask,
  limitingFlux,
  limitingMagnitude,
  magnitudeOfCounts,
  optimalPhotometry,
  type OptimalPhotometryOptions,
  optimalVariance,
} from "ephemera/imaging";
import { expose, gaussianProfile, moments, near, turned } from "./photometry_stars.ts";

const SIDE = 15, GAIN = 4, READ_NOISE = 7, SKY = 120;
const BACKGROUND_VARIANCE = SKY / GAIN + (READ_NOISE / GAIN) ** 2;
const PROFILE = gaussianProfile(SIDE, 7.2, 6.7, 1.8);
const OPTIONS: OptimalPhotometryOptions = { gain: GAIN, backgroundVariance: BACKGROUND_VARIANCE, sky: SKY };
const image = (pixels: Float64Array) => ({ pixels, width: SIDE, height: SIDE });

/** Many exposures of a star of known flux: fluxes less the truth in the errors that they state, and their chi squares. */
function trial(flux: number, options: OptimalPhotometryOptions, stamps = 2000) {
  const random = new Random(7),
    light = PROFILE.map((p) => SKY + flux * p),
    pulls: number[] = [],
    squares: number[] = [];
  for (let k = 0; k < stamps; k++) {
    const star = optimalPhotometry(image(expose(light, GAIN, READ_NOISE, random)), PROFILE, options);
    pulls.push((star.flux - flux) / star.error);
    squares.push(star.reducedChiSquare);
  }
  return { ...moments(pulls), chiSquare: moments(squares).mean };
}

for (const flux of [0, 300, 20_000]) {
  Deno.test(`a star of ${flux} counts is measured without bias, as scattered as the error says`, () => {
    const { mean, deviation, chiSquare } = trial(flux, OPTIONS);
    // Five standard errors of a mean and of a standard deviation of 2000 values.
    assert.ok(Math.abs(mean) < 5 / Math.sqrt(2000), `mean pull ${mean}`);
    assert.ok(Math.abs(deviation - 1) < 5 / Math.sqrt(4000), `deviation ${deviation}`);
    assert.ok(Math.abs(chiSquare - 1) < 0.02, `chi square ${chiSquare}`);
  });
}

Deno.test("weights for faint stars keep a bright star unbiased too, and state the larger error that they cost", () => {
  const { mean, deviation } = trial(20_000, { ...OPTIONS, noise: "faint" });
  assert.ok(Math.abs(mean) < 5 / Math.sqrt(2000), `mean pull ${mean}`);
  assert.ok(Math.abs(deviation - 1) < 5 / Math.sqrt(4000), `deviation ${deviation}`);
  const light = image(PROFILE.map((p) => SKY + 20_000 * p));
  const best = optimalPhotometry(light, PROFILE, OPTIONS);
  assert.ok(optimalPhotometry(light, PROFILE, { ...OPTIONS, noise: "faint" }).error > 1.02 * best.error);
});

Deno.test("a variance given as the whole noise is taken as it is", () => {
  const whole = PROFILE.map((p) => BACKGROUND_VARIANCE + 20_000 * p / GAIN);
  const light = image(PROFILE.map((p) => SKY + 20_000 * p)),
    options = { ...OPTIONS, backgroundVariance: whole };
  const given = optimalPhotometry(light, PROFILE, { ...options, noise: "given" });
  near(given.variance, optimalVariance(PROFILE, whole), 1e-12);
  near(given.variance, optimalPhotometry(light, PROFILE, OPTIONS).variance, 1e-9);
  assert.ok(
    optimalPhotometry(light, PROFILE, { ...options, noise: "faint" }).variance > 1.5 * given.variance,
  );
});

Deno.test("weights from the pixels' own counts bias a flux low, and the published root overstates a bright star's error", () => {
  assert.ok(trial(20_000, { ...OPTIONS, noise: "pixels" }).mean < -0.15);
  assert.ok(trial(20_000, { ...OPTIONS, noise: "published" }).deviation < 0.9);
});

Deno.test("the published form is its formula, the mask laid over weights of the whole stamp", () => {
  const random = new Random(3), host = gaussianProfile(SIDE, 5, 9, 3).map((p) => 700 * p);
  const counts = expose(PROFILE.map((p, i) => SKY + host[i] + 900 * p), GAIN, READ_NOISE, random);
  const mask = discMask(SIDE, SIDE, 7.2, 6.7, 2 * 1.8);
  const variance = counts.map((d, i) =>
    BACKGROUND_VARIANCE + Math.abs(d - SKY - host[i]) / Math.sqrt(GAIN) + host[i] / Math.sqrt(GAIN)
  );
  let norm = 0, flux = 0, total = 0;
  PROFILE.forEach((p, i) => norm += p * p / variance[i]);
  PROFILE.forEach((p, i) => {
    if (!mask[i]) return;
    const weight = p / variance[i] / norm;
    flux += weight * (counts[i] - SKY - host[i]);
    total += weight * weight * variance[i];
  });
  const options = { ...OPTIONS, knownLight: host, mask };
  const star = optimalPhotometry(image(counts), PROFILE, {
    ...options,
    noise: "published",
    maskedWeights: "published",
  });
  near(star.flux, flux, 1e-12);
  near(star.variance, total, 1e-12);
  // Light outside the disc is lost so, and made up for by weights of the disc alone.
  const dark = image(PROFILE.map((p) => SKY + 900 * p));
  const lossy = optimalPhotometry(dark, PROFILE, { ...OPTIONS, mask, maskedWeights: "published" });
  assert.ok(lossy.flux < 0.98 * 900, `${lossy.flux}`);
  const whole = optimalPhotometry(dark, PROFILE, { ...OPTIONS, mask });
  near(whole.flux, 900, 1e-12);
  assert.equal(whole.pixelsUsed, mask.reduce((a, b) => a + b));
  near(
    whole.profileFraction,
    PROFILE.reduce((sum, p, i) => sum + mask[i] * p, 0) / PROFILE.reduce((a, b) => a + b),
    1e-12,
  );
});

Deno.test("the variance is 1 / sum(P^2 / V), and no other unbiased weights have less", () => {
  const flux = 2500, variance = PROFILE.map((p) => BACKGROUND_VARIANCE + flux * p / GAIN);
  const least = 1 / PROFILE.reduce((sum, p, i) => sum + p * p / variance[i], 0);
  const star = optimalPhotometry(image(PROFILE.map((p) => SKY + flux * p)), PROFILE, OPTIONS);
  near(star.variance, least, 1e-10);
  near(optimalVariance(PROFILE, variance), least, 1e-12);
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 225, maxLength: 225 }),
      (draw) => {
        const norm = draw.reduce((sum, w, i) => sum + (w + 1e-3) * PROFILE[i], 0);
        const other = draw.reduce((sum, w, i) => sum + ((w + 1e-3) / norm) ** 2 * variance[i], 0);
        return other >= least * (1 - 1e-12);
      },
    ),
    { seed: 1, numRuns: 50 },
  );
});

Deno.test("known light is taken off and its photons counted: a star on a galaxy is unbiased", () => {
  const random = new Random(11), host = gaussianProfile(SIDE, 9, 5, 2.5).map((p) => 6000 * p), flux = 1500;
  const light = PROFILE.map((p, i) => SKY + host[i] + flux * p), pulls: number[] = [];
  for (let k = 0; k < 2000; k++) {
    const star = optimalPhotometry(image(expose(light, GAIN, READ_NOISE, random)), PROFILE, {
      ...OPTIONS,
      knownLight: host,
    });
    pulls.push((star.flux - flux) / star.error);
  }
  const { mean, deviation } = moments(pulls);
  assert.ok(
    Math.abs(mean) < 5 / Math.sqrt(2000) && Math.abs(deviation - 1) < 5 / Math.sqrt(4000),
    `${mean} ${deviation}`,
  );
});

Deno.test("another unit of counts, a turned image and a shifted one change the flux as they should", () => {
  fc.assert(
    fc.property(
      fc.record({
        unit: fc.double({ min: 0.1, max: 50, noNaN: true }),
        flux: fc.double({ min: -200, max: 1e5, noNaN: true }),
        seed: fc.integer({ min: 0, max: 1000 }),
        noise: fc.constantFrom("model" as const, "faint" as const, "given" as const, "pixels" as const),
      }),
      ({ unit, flux, seed, noise }) => {
        const random = new Random(seed), options = { ...OPTIONS, noise };
        const stamp = image(PROFILE.map((p) => SKY + flux * p + random.normal(0, 6)));
        const star = optimalPhotometry(stamp, PROFILE, options);
        const scaled = optimalPhotometry(image(stamp.pixels.map((value) => unit * value)), PROFILE, {
          noise,
          gain: GAIN / unit,
          backgroundVariance: BACKGROUND_VARIANCE * unit ** 2,
          sky: SKY * unit,
        });
        near(scaled.flux / unit, star.flux, 1e-8);
        near(scaled.error / unit, star.error, 1e-8);
        const around = optimalPhotometry(turned(stamp), turned(image(PROFILE)).pixels, options);
        near(around.flux, star.flux, 1e-8);
        near(around.error, star.error, 1e-8);
        const far = optimalPhotometry(stamp, PROFILE, {
          ...options,
          sky: new Float64Array(SIDE * SIDE).fill(SKY),
        });
        near(far.flux, star.flux, 1e-12);
      },
    ),
    { seed: 2, numRuns: 60 },
  );
});

Deno.test("saturated pixels are left out and flagged, and the wings still tell the flux", () => {
  const light = PROFILE.map((p) => Math.min(1000, SKY + 40_000 * p));
  const star = optimalPhotometry(image(light), PROFILE, { ...OPTIONS, saturation: 1000 });
  assert.ok(star.saturatedPixels > 4);
  near(star.flux, 40_000, 1e-10);
  assert.throws(
    () => optimalPhotometry(image(light), PROFILE, { ...OPTIONS, saturation: 50 }),
    /225 saturated/,
  );
});

Deno.test("what cannot be measured is refused in a sentence", () => {
  const good = PROFILE.map((p) => SKY + 500 * p), hole = good.slice();
  hole[40] = NaN;
  const mask = new Uint8Array(SIDE * SIDE).fill(1);
  assert.throws(
    () => optimalPhotometry(image(hole), PROFILE, OPTIONS),
    /finite pixels, found NaN .*column 10, row 2/,
  );
  mask[40] = 0;
  near(optimalPhotometry(image(hole), PROFILE, { ...OPTIONS, mask }).flux, 500, 1e-10);
  near(
    optimalPhotometry(image(hole), PROFILE, { ...OPTIONS, mask, maskedWeights: "published" }).flux,
    500,
    0.01,
  );
  const none = new Uint8Array(SIDE * SIDE);
  assert.throws(() => optimalPhotometry(image(good), PROFILE, { ...OPTIONS, mask: none }), /0 pixels/);
  assert.throws(() => optimalPhotometry(image(good), PROFILE, { ...OPTIONS, gain: 0 }), /positive gain/);
  assert.throws(
    () => optimalPhotometry(image(good), PROFILE, { ...OPTIONS, backgroundVariance: 0 }),
    /background variance/,
  );
  assert.throws(() => optimalPhotometry(image(good), PROFILE.slice(1), OPTIONS), /225 values of the profile/);
  assert.throws(
    () => optimalPhotometry({ ...image(good), width: 14 }, PROFILE, OPTIONS),
    /14 x 15 = 210 pixels/,
  );
  assert.throws(() => optimalPhotometry(image(good), PROFILE, { ...OPTIONS, sky: NaN }), /finite sky/);
  assert.throws(() => optimalVariance(PROFILE.map(() => 0), 1), /positive sum/);
});

Deno.test("a star at the limiting flux is as many errors above nothing as asked", () => {
  for (const sigmas of [3, 5, 50]) {
    const flux = limitingFlux(PROFILE, { gain: GAIN, backgroundVariance: BACKGROUND_VARIANCE, sigmas });
    const star = optimalPhotometry(image(PROFILE.map((p) => SKY + flux * p)), PROFILE, OPTIONS);
    near(star.flux / star.error, sigmas, 1e-10);
  }
  const faint = { gain: GAIN, backgroundVariance: BACKGROUND_VARIANCE, starPhotons: false };
  near(limitingFlux(PROFILE, faint), 5 * Math.sqrt(optimalVariance(PROFILE, BACKGROUND_VARIANCE)), 1e-12);
  const calibration = { zeroPoint: 25.05, exposureTime: 86 };
  const limit = limitingMagnitude(PROFILE, faint, calibration);
  near(countsOfMagnitude(limit, 0.2, calibration).value, limitingFlux(PROFILE, faint), 1e-12);
});

Deno.test("counts and magnitudes with their errors go over into one another", () => {
  const calibration = { zeroPoint: 25, exposureTime: 100 };
  near(magnitudeOfCounts(100, 1, calibration).value, 25, 1e-12);
  near(magnitudeOfCounts(100, 1, calibration).error, 2.5 / Math.LN10 / 100, 1e-12);
  fc.assert(
    fc.property(
      fc.double({ min: 14, max: 27, noNaN: true }),
      fc.double({ min: 1e-4, max: 1, noNaN: true }),
      (m, e) => {
        const counts = countsOfMagnitude(m, e, calibration);
        const back = magnitudeOfCounts(counts.value, counts.error, calibration);
        near(back.value, m, 1e-12);
        near(back.error, e, 1e-12);
      },
    ),
    { seed: 3 },
  );
  assert.ok(Number.isNaN(magnitudeOfCounts(-3, 1, calibration).value));
  assert.throws(() => magnitudeOfCounts(1, 1, { zeroPoint: NaN }), /finite zero point/);
});
