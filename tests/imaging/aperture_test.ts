import assert from "node:assert/strict";
import fc from "fast-check";
import { Random } from "ephemera/core";
import {
  apertureOverlap,
  aperturePhotometry,
  circleRectangleArea,
  curveOfGrowth,
  skyLevel,
  type SkyOptions,
} from "ephemera/imaging";
import { expose, gaussianProfile, moments, near } from "./photometry_stars.ts";
import fixture from "./fixtures/photometry.json" with { type: "json" };

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** The image of the fixture's script. */
const SIDE = 25;
const noiseAt = (x: number, y: number) => ((x * 7919 + y * 104729 + x * y * 31) % 1000) / 1000 - 0.5;
const formula = (value: (x: number, y: number) => number) => ({
  pixels: Float64Array.from({ length: SIDE * SIDE }, (_, i) => value(i % SIDE, Math.floor(i / SIDE))),
  width: SIDE,
  height: SIDE,
});

Deno.test("areas of circle and rectangle are the closed forms: inside, quarter, half, segment, corner", () => {
  near(circleRectangleArea(-1, -1, 1, 1, 2), 4, 1e-14);
  near(circleRectangleArea(-3, -3, 3, 3, 2), 4 * Math.PI, 1e-14);
  near(circleRectangleArea(0, -3, 3, 3, 2), 2 * Math.PI, 1e-14);
  // A segment cut off at half the radius, and a square of side sqrt 2 inscribed.
  near(circleRectangleArea(-3, 1, 3, 3, 2), 4 * (Math.PI / 3 - Math.sqrt(3) / 4), 1e-14);
  near(circleRectangleArea(-Math.SQRT1_2, -Math.SQRT1_2, Math.SQRT1_2, Math.SQRT1_2, 1), 2, 1e-14);
  // Half a unit right of the middle and up: a sector less two triangles.
  const corner = Math.PI / 12 - (Math.sqrt(3) - 1) / 4;
  near(circleRectangleArea(0.5, 0.5, 2, 2, 1), corner, 1e-14);
  assert.equal(circleRectangleArea(1, 1, 2, 2, 1), 0);
  assert.equal(circleRectangleArea(5, 5, 6, 6, 2), 0);
});

Deno.test("the area of a rectangle is that of its parts, and does not change by mirrors and turns", () => {
  fc.assert(
    fc.property(
      number(-3, 3),
      number(0, 4),
      number(-3, 3),
      number(0, 4),
      number(0, 1),
      number(0.1, 4),
      (x, w, y, h, t, r) => {
        const whole = circleRectangleArea(x, y, x + w, y + h, r);
        const cut = x + t * w;
        near(
          circleRectangleArea(x, y, cut, y + h, r) + circleRectangleArea(cut, y, x + w, y + h, r),
          whole,
          1e-12,
        );
        near(circleRectangleArea(-x - w, y, -x, y + h, r), whole, 1e-12);
        near(circleRectangleArea(-y - h, x, -y, x + w, r), whole, 1e-12);
        near(circleRectangleArea(3 * x, 3 * y, 3 * (x + w), 3 * (y + h), 3 * r) / 9, whole, 1e-12);
        assert.ok(whole >= 0 && whole <= Math.min(w * h, Math.PI * r * r) + 1e-12);
      },
    ),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("shares of pixels sum to the circle's area wherever it lies", () => {
  fc.assert(
    fc.property(number(6, 14), number(6, 14), number(0.01, 5.4), (x, y, radius) => {
      const overlap = apertureOverlap(21, 21, x, y, radius);
      assert.ok(overlap.every((share) => share >= 0 && share <= 1 + 1e-12));
      near(sum(overlap), Math.PI * radius * radius, 1e-12);
    }),
    { seed: 2, numRuns: 200 },
  );
});

Deno.test("sums and areas are photutils' exact ones", () => {
  const image = formula((x, y) => 100 + 40 * noiseAt(x, y));
  for (const { x, y, radius, sum: total, area } of fixture.apertures) {
    const found = aperturePhotometry(image, radius, { x, y, gain: 1, backgroundVariance: 1 });
    near(found.flux, total, 1e-11, `sum at ${x}, ${y}, radius ${radius}`);
    near(found.area, area, 1e-11, `area at ${x}, ${y}, radius ${radius}`);
    near(found.areaLost, Math.PI * radius ** 2 - area, 1e-9);
  }
});

Deno.test("aperture fluxes scatter as their error says, the sky's error included", () => {
  const profile = gaussianProfile(31, 15.3, 14.8, 1.9), gain = 4, readNoise = 7, level = 120, flux = 4000;
  const random = new Random(5), light = profile.map((p) => level + flux * p), pulls: number[] = [];
  // Of a Gaussian this share lies within 5 pixels, up to what pixels smear: take what the noise-free sum has.
  const options = { x: 15.3, y: 14.8, gain, backgroundVariance: level / gain + (readNoise / gain) ** 2 };
  const truth =
    aperturePhotometry({ pixels: light, width: 31, height: 31 }, 5, { ...options, sky: level }).flux;
  near(truth, flux * (1 - Math.exp(-25 / (2 * 1.9 ** 2))), 0.01);
  for (let k = 0; k < 1000; k++) {
    const image = { pixels: expose(light, gain, readNoise, random), width: 31, height: 31 };
    const sky = skyLevel(image, {
      region: { ring: { x: 15.3, y: 14.8, inner: 9, outer: 11 } },
      estimator: "mean",
    });
    const star = aperturePhotometry(image, 5, { ...options, sky: sky.level, skyError: sky.error });
    pulls.push((star.flux - truth) / star.error);
  }
  const { mean, deviation } = moments(pulls);
  assert.ok(
    Math.abs(mean) < 5 / Math.sqrt(1000) && Math.abs(deviation - 1) < 5 / Math.sqrt(2000),
    `${mean} ${deviation}`,
  );
});

Deno.test("a curve of growth of a Gaussian star rises to its flux", () => {
  const image = { pixels: gaussianProfile(31, 15, 15, 1.5).map((p) => 10 + 500 * p), width: 31, height: 31 };
  const curve = curveOfGrowth(image, [1, 2, 4, 8, 12], {
    x: 15,
    y: 15,
    gain: 1,
    backgroundVariance: 10,
    sky: 10,
  });
  curve.forEach(({ flux, radius, error, area }, k) => {
    near(area, Math.PI * radius ** 2, 1e-12);
    assert.ok(k === 0 || flux >= curve[k - 1].flux && error > curve[k - 1].error);
  });
  near(curve[4].flux, 500, 1e-6);
  near(curve[2].flux, 500 * (1 - Math.exp(-16 / (2 * (1.5 ** 2 + 1 / 12)))), 0.005);
  assert.throws(
    () => curveOfGrowth(image, [2, 1], { x: 15, y: 15, gain: 1, backgroundVariance: 1 }),
    /ascending radii/,
  );
});

Deno.test("an aperture says what it lost and what is saturated, and refuses holes and nothing at all", () => {
  const pixels = new Float64Array(121).fill(5), image = { pixels, width: 11, height: 11 };
  const options = { x: 5, y: 5, gain: 1, backgroundVariance: 1 };
  assert.equal(aperturePhotometry(image, 3, options).areaLost, 0);
  near(aperturePhotometry(image, 2, { ...options, x: -0.5 }).areaLost, 2 * Math.PI, 1e-12);
  pixels[60] = 900;
  assert.equal(aperturePhotometry(image, 3, { ...options, saturation: 800 }).saturatedPixels, 1);
  assert.equal(aperturePhotometry(image, 3, { ...options, x: 9, saturation: 800 }).saturatedPixels, 0);
  pixels[60] = NaN;
  assert.throws(() => aperturePhotometry(image, 3, options), /finite pixels, found NaN .*column 5, row 5/);
  const mask = pixels.map((value) => Number.isNaN(value) ? 0 : 1);
  near(aperturePhotometry(image, 3, { ...options, mask }).areaLost, 1, 1e-12);
  assert.throws(
    () => aperturePhotometry(image, 3, { ...options, mask: new Uint8Array(121) }),
    /a pixel to use/,
  );
  assert.throws(() => aperturePhotometry(image, 2, { ...options, x: 40 }), /a pixel to use/);
  assert.throws(() => aperturePhotometry(image, 0, options), /positive radius/);
});

for (const estimator of ["median", "mean", "mode"] as const) {
  Deno.test(`the ${estimator} of a normal sky has the error that it states, and the sky its spread`, () => {
    const random = new Random(9), options: SkyOptions = { region: { border: 5 }, estimator };
    const pulls: number[] = [], spreads: number[] = [];
    for (let k = 0; k < 1000; k++) {
      const pixels = Float64Array.from({ length: 625 }, () => random.normal(120, 6));
      const { level, error, standardDeviation, pixels: kept } = skyLevel(
        { pixels, width: 25, height: 25 },
        options,
      );
      assert.ok(kept <= 400 && kept > 380);
      pulls.push((level - 120) / error);
      spreads.push(standardDeviation);
    }
    const { mean, deviation } = moments(pulls);
    assert.ok(Math.abs(mean) < 5 / Math.sqrt(1000), `${mean}`);
    assert.ok(Math.abs(deviation - 1) < 0.12, `${deviation}`);
    near(moments(spreads).mean, 6, 0.004);
  });
}

Deno.test("clipped mean and median are astropy's, and stars in the ring hardly move the level", () => {
  const image = formula((x, y) => 100 + 40 * noiseAt(x, y) + ((x + 2 * y) % 17 === 0 ? 300 : 0));
  const all = { region: { border: 13 } };
  near(skyLevel(image, { ...all, estimator: "mean" }).level, fixture.clipped.mean, 1e-12);
  near(skyLevel(image, all).level, fixture.clipped.median, 1e-12);
  const random = new Random(2), star = gaussianProfile(SIDE, 18, 12, 1.5);
  const sky = formula(() => random.normal(200, 5));
  sky.pixels.forEach((value, i) => sky.pixels[i] = value + 20_000 * star[i]);
  const ring = { ring: { x: 12, y: 12, inner: 4, outer: 9 } };
  for (const estimator of ["median", "mode"] as const) {
    const { level, error } = skyLevel(sky, { region: ring, estimator });
    assert.ok(Math.abs(level - 200) < 2 && error < 1, `${estimator} ${level} ${error}`);
  }
  assert.ok(skyLevel(sky, { region: ring, estimator: "mean", clip: Infinity }).level > 220);
});

Deno.test("a level and a scale of the counts go through the sky, and too few pixels are refused", () => {
  const random = new Random(4), pixels = Float64Array.from({ length: 400 }, () => random.exponential(10));
  fc.assert(
    fc.property(
      number(-50, 50),
      number(0.1, 20),
      fc.constantFrom("median" as const, "mean" as const, "mode" as const),
      (shift, scale, estimator) => {
        const options: SkyOptions = { region: { border: 4 }, estimator };
        const before = skyLevel({ pixels, width: 20, height: 20 }, options);
        const after = skyLevel(
          { pixels: pixels.map((v) => scale * v + shift), width: 20, height: 20 },
          options,
        );
        near(after.level, scale * before.level + shift, 1e-10);
        near(after.standardDeviation, scale * before.standardDeviation, 1e-10);
      },
    ),
    { seed: 5, numRuns: 100 },
  );
  const image = { pixels: new Float64Array(9), width: 3, height: 3 };
  assert.throws(
    () => skyLevel(image, { region: { ring: { x: 1, y: 1, inner: 5, outer: 6 } } }),
    /at least two pixels/,
  );
  assert.throws(() => skyLevel(image, { region: { border: 1 }, clip: 1 }), /at least 2/);
  assert.throws(() => skyLevel(image, { region: { border: 1 }, mask: [1] }), /9 values of mask/);
});
