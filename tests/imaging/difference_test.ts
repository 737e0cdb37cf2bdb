import assert from "node:assert/strict";
import fc from "fast-check";
import { Random } from "ephemera/core";
import { differenceImage, matchKernel, optimalPhotometry, weightedSumVariance } from "ephemera/imaging";
import { expose, gaussianProfile, moments, near, type Stamp, turned } from "./photometry_stars.ts";

const SIDE = 47, GAIN = 4, READ_NOISE = 7;
const STARS = [[9, 30, 9000], [33.4, 12.7, 20_000], [24, 40, 4000], [14.6, 11.2, 6000], [38, 35.5, 12_000], [
  21,
  23,
  3000,
]];
const NEW_STAR = gaussianProfile(SIDE, 28.3, 27.6, 2.2);
const stamp = (pixels: Float64Array, side = SIDE): Stamp => ({ pixels, width: side, height: side });

/** A field of stars of a width, times a factor, on a sky. */
function field(sigma: number, factor: number, sky: number): Float64Array {
  const light = new Float64Array(SIDE * SIDE).fill(sky);
  for (const [x, y, flux] of STARS) {
    gaussianProfile(SIDE, x, y, sigma).forEach((p, i) => light[i] += factor * flux * p);
  }
  return light;
}

/** Variance of counts in ADU for what is expected of them. */
const noiseOf = (light: Float64Array) => light.map((adu) => adu / GAIN + (READ_NOISE / GAIN) ** 2);

/** A science image with a new star and a reference of the depth of thirty exposures, and their variances. */
function observe(newFlux: number, random: Random) {
  const scienceLight = field(2.2, 1.3, 300).map((value, i) => value + newFlux * NEW_STAR[i]);
  const referenceLight = field(1.5, 1, 120), depth = 30;
  const science = stamp(expose(scienceLight, GAIN, READ_NOISE, random));
  const reference = stamp(expose(referenceLight, GAIN * depth, READ_NOISE * Math.sqrt(depth), random));
  const options = {
    scienceVariance: noiseOf(scienceLight),
    referenceVariance: noiseOf(referenceLight).map((v) => v / depth),
  };
  return { science, reference, options };
}

Deno.test("two exposures of different seeing leave noise alone, and a new star of its flux", () => {
  const random = new Random(1),
    flux = 2000,
    pulls: number[] = [],
    squares: number[] = [],
    scales: number[] = [];
  for (let k = 0; k < 40; k++) {
    const { science, reference, options } = observe(flux, random);
    const difference = differenceImage(science, reference, options);
    const { pixels, variance, valid, width, height } = difference;
    let square = 0, count = 0;
    for (let i = 0; i < pixels.length; i++) {
      if (!valid[i]) continue;
      square += (pixels[i] - flux * NEW_STAR[i]) ** 2 / variance[i];
      count++;
    }
    squares.push(square / (count - 23));
    const star = optimalPhotometry(difference, NEW_STAR, {
      gain: GAIN,
      noise: "given",
      backgroundVariance: variance,
      mask: valid,
    });
    const error = Math.sqrt(
      weightedSumVariance(star.weights, { width, height, match: difference.match }, options),
    );
    pulls.push((star.flux - flux) / error);
    scales.push(difference.match.scale);
  }
  near(moments(squares).mean, 1, 0.02, "chi square");
  near(moments(scales).mean, 1.3, 0.01, "scale");
  const { mean, deviation } = moments(pulls);
  assert.ok(Math.abs(mean) < 5 / Math.sqrt(40), `mean pull ${mean}`);
  assert.ok(Math.abs(deviation - 1) < 5 / Math.sqrt(80), `deviation ${deviation}`);
});

Deno.test("without matching, the stars would remain: the kernel takes the residual down to the noise", () => {
  const { science, reference, options } = observe(0, new Random(2));
  const { valid } = differenceImage(science, reference, options);
  const plain = science.pixels.map((value, i) => value - 1.3 * reference.pixels[i] - (300 - 1.3 * 120));
  let square = 0, count = 0;
  plain.forEach((value, i) => {
    if (!valid[i]) return;
    square += value ** 2 / options.scienceVariance[i];
    count++;
  });
  assert.ok(square / count > 20, `${square / count}`);
  const match = matchKernel(science, reference, options);
  assert.ok(
    match.reducedChiSquare < 1.2 && match.pixelsClipped < 100,
    `${match.reducedChiSquare} ${match.pixelsClipped}`,
  );
});

Deno.test("a bright new star is clipped from the fit, or masked, and does not bend the kernel", () => {
  const { science, reference, options } = observe(30_000, new Random(3));
  const clipped = matchKernel(science, reference, options);
  assert.ok(clipped.pixelsClipped > 20);
  near(clipped.scale, 1.3, 0.03);
  const fitMask = NEW_STAR.map((p) => p < 1e-6 ? 1 : 0);
  const masked = matchKernel(science, reference, { ...options, fitMask });
  near(masked.scale, 1.3, 0.03);
  assert.ok(masked.reducedChiSquare < 1.2);
  const bent = matchKernel(science, reference, { ...options, clip: Infinity });
  assert.ok(Math.abs(bent.scale - 1.3) > 3 * Math.abs(masked.scale - 1.3));
});

Deno.test("wings beside clipped pixels bend the kernel unless they are left out as well", () => {
  const scales = (clipGrowth: number) => {
    const random = new Random(12);
    return Array.from({ length: 8 }, () => {
      const { science, reference, options } = observe(2000, random);
      return matchKernel(science, reference, { ...options, clipGrowth }).scale;
    });
  };
  const alone = moments(scales(0)).mean, grown = moments(scales(4)).mean;
  assert.ok(alone < 1.28 && Math.abs(grown - 1.3) < 0.015, `${alone}, ${grown}`);
});

Deno.test("the kernel of two Gaussians is the Gaussian between them", () => {
  const sharp = stamp(gaussianProfile(25, 12, 12, 1.6), 25),
    broad = stamp(gaussianProfile(25, 12, 12, 2).map((p) => 3 * p), 25);
  // Both are integrated over pixels, which the convolution leaves as it is.
  const { kernel, scale } = matchKernel(broad, sharp, {
    scienceVariance: 1e-6,
    sigmas: [1.2],
    degrees: [0],
    outside: "zero",
  });
  near(scale, 3, 1e-4);
  for (const [u, v] of [[0, 0], [1, 0], [2, -1], [-3, 3]]) {
    near(
      kernel.pixels[(v + 7) * 15 + u + 7],
      3 * Math.exp(-(u * u + v * v) / (2 * 1.44)) / (2 * Math.PI * 1.44),
      1e-4,
    );
  }
  // The right width is not among the functions: the polynomials make up for it.
  const general = matchKernel(broad, sharp, { scienceVariance: 1e-6, outside: "zero" });
  near(general.scale, 3, 1e-3);
  const { pixels } = differenceImage(broad, sharp, { scienceVariance: 1e-6, outside: "zero" }, general);
  assert.ok(Math.max(...pixels.map(Math.abs)) < 0.002 * Math.max(...broad.pixels));
});

Deno.test("the only star of a stamp varies: a kernel from the two point spreads still gives its change", () => {
  const random = new Random(8),
    side = 21,
    sharp = gaussianProfile(side, 10, 10, 1.5),
    broad = gaussianProfile(side, 10, 10, 2.1);
  const exact = { scienceVariance: 1e-6, outside: "zero" as const };
  const match = matchKernel(stamp(broad, side), stamp(sharp, side), {
    ...exact,
    sigmas: [1, 1.5, 2.5],
    degrees: [2, 2, 0],
    backgroundDegree: -1,
  });
  const pulls: number[] = [],
    light = broad.map((p) => 4500 * p + 150),
    reference = stamp(sharp.map((p) => 4000 * p), side);
  for (let k = 0; k < 300; k++) {
    const science = stamp(expose(light, GAIN, READ_NOISE, random), side), scienceVariance = noiseOf(light);
    const sky = { kernel: match.kernel, background: new Float64Array(side * side).fill(150) };
    const difference = differenceImage(science, reference, { scienceVariance, outside: "zero" }, sky);
    const star = optimalPhotometry(difference, broad, {
      gain: GAIN,
      noise: "given",
      backgroundVariance: difference.variance,
    });
    pulls.push(
      (star.flux - 500) / Math.sqrt(weightedSumVariance(star.weights, difference, { scienceVariance })),
    );
  }
  const { mean, deviation } = moments(pulls);
  assert.ok(
    Math.abs(mean) < 5 / Math.sqrt(300) && Math.abs(deviation - 1) < 5 / Math.sqrt(600),
    `${mean} ${deviation}`,
  );
});

Deno.test("noise of both images goes through as stated, pixel by pixel and in a weighted sum", () => {
  const random = new Random(4), side = 15, n = side * side, trials = 3000;
  const kernel = stamp(gaussianProfile(7, 3.3, 2.8, 1).map((p, i) => 1.4 * p + (i === 10 ? -0.1 : 0)), 7);
  const match = { kernel, background: new Float64Array(n) };
  const scienceVariance = Float64Array.from({ length: n }, (_, i) => 1 + i % 3);
  const referenceVariance = Float64Array.from({ length: n }, (_, i) => 4 + i % 5);
  const weights = gaussianProfile(side, 7, 7, 1.2).map((p) => p > 1e-3 ? p : 0);
  const middle: number[] = [], sums: number[] = [], options = { scienceVariance, referenceVariance };
  let stated = NaN, statedSum = NaN, alone = 0;
  for (let k = 0; k < trials; k++) {
    const science = stamp(scienceVariance.map((v) => random.normal(0, Math.sqrt(v))), side);
    const reference = stamp(referenceVariance.map((v) => random.normal(0, Math.sqrt(v))), side);
    const difference = differenceImage(science, reference, options, match);
    middle.push(difference.pixels[7 * side + 7]);
    sums.push(weights.reduce((sum, w, i) => sum + (w === 0 ? 0 : w * difference.pixels[i]), 0));
    stated = difference.variance[7 * side + 7];
    statedSum = weightedSumVariance(weights, difference, options);
    alone = weights.reduce((sum, w, i) => sum + (w === 0 ? 0 : w * w * difference.variance[i]), 0);
  }
  near(moments(middle).deviation ** 2 / stated, 1, 5 * Math.sqrt(2 / trials));
  near(moments(sums).deviation ** 2 / statedSum, 1, 5 * Math.sqrt(2 / trials));
  assert.ok(alone < 0.6 * statedSum, "pixels taken as independent would understate it");
});

Deno.test("another zero point, another sky and a turned pair change the match as they should", () => {
  const { science, reference, options } = observe(0, new Random(5));
  const basis = { ...options, clip: Infinity, sigmas: [1, 2], degrees: [2, 1], radius: 5 };
  const match = matchKernel(science, reference, basis);
  fc.assert(
    fc.property(
      fc.double({ min: 0.2, max: 5, noNaN: true }),
      fc.double({ min: -500, max: 500, noNaN: true }),
      (factor, sky) => {
        const other = matchKernel(
          { ...science, pixels: science.pixels.map((value) => factor * value + sky) },
          reference,
          {
            ...basis,
            scienceVariance: options.scienceVariance.map((v) => factor ** 2 * v),
          },
        );
        near(other.scale, factor * match.scale, 1e-8);
        near(other.background[0], factor * match.background[0] + sky, 1e-7);
        near(other.reducedChiSquare, match.reducedChiSquare, 1e-8);
      },
    ),
    { seed: 6, numRuns: 4 },
  );
  const around = matchKernel(turned(science), turned(reference), {
    ...basis,
    scienceVariance: turned(stamp(options.scienceVariance)).pixels,
    referenceVariance: turned(stamp(options.referenceVariance)).pixels,
  });
  turned(match.kernel).pixels.forEach((value, i) => near(around.kernel.pixels[i], value, 1e-8));
});

Deno.test("masks cost what the kernel reaches, and what cannot be matched is refused", () => {
  const { science, reference, options } = observe(0, new Random(7)), n = SIDE * SIDE;
  const clean = differenceImage(science, reference, options);
  assert.equal(clean.valid.reduce((a, b) => a + b), (SIDE - 14) ** 2);
  assert.ok(Number.isNaN(clean.pixels[0]) && Number.isNaN(clean.variance[0]));
  const hole = 23 * SIDE + 23, holed = { ...reference, pixels: reference.pixels.slice() };
  holed.pixels[hole] = NaN;
  assert.throws(() => matchKernel(science, holed, options), /finite pixels.*reference, column 23, row 23/);
  const referenceMask = new Uint8Array(n).fill(1);
  referenceMask[hole] = 0;
  const difference = differenceImage(science, holed, { ...options, referenceMask });
  assert.equal(difference.valid.reduce((a, b) => a + b), (SIDE - 14) ** 2 - 15 ** 2);
  difference.pixels.forEach((value, i) => assert.equal(Number.isNaN(value), !difference.valid[i]));
  assert.throws(
    () => matchKernel(science, stamp(new Float64Array(441), 21), options),
    /a reference of 47 x 47/,
  );
  assert.throws(
    () => matchKernel(science, reference, { ...options, mask: new Uint8Array(n) }),
    /at least 23 pixels/,
  );
  assert.throws(
    () => matchKernel(science, reference, { ...options, scienceVariance: 0 }),
    /positive variance/,
  );
  assert.throws(
    () => matchKernel(science, reference, { ...options, sigmas: [1], degrees: [1, 2] }),
    /as many degrees/,
  );
  assert.throws(() => matchKernel(science, reference, { ...options, radius: 1.5 }), /whole radius/);
  assert.throws(() => matchKernel(science, stamp(new Float64Array(n)), options), /do not depend/);
  const kernel = stamp(new Float64Array(16), 4);
  assert.throws(
    () => differenceImage(science, reference, options, { kernel, background: new Float64Array(n) }),
    /odd side/,
  );
});
