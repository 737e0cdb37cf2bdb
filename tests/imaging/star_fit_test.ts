import assert from "node:assert/strict";
import fc from "fast-check";
import { Random } from "ephemera/core";
import { fitStar, GAUSSIAN_FWHM, type StarFit, type StarShape } from "ephemera/imaging";
import { gaussianProfile, moments, near, turned } from "./photometry_stars.ts";
import fixture from "./fixtures/photometry.json" with { type: "json" };

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

function draw(side: number, star: StarShape, noise: (x: number, y: number) => number = () => 0) {
  const { amplitude, x, y, sigmaX, sigmaY, correlation: r, background } = star;
  const pixels = Float64Array.from({ length: side * side }, (_, i) => {
    const column = i % side, row = Math.floor(i / side), u = (column - x) / sigmaX, v = (row - y) / sigmaY;
    return amplitude * Math.exp(-0.5 * (u * u - 2 * r * u * v + v * v) / (1 - r * r)) + background +
      noise(column, row);
  });
  return { pixels, width: side, height: side };
}

const NAMES = ["amplitude", "x", "y", "sigmaX", "sigmaY", "correlation", "background"] as const;
const ORDER = {
  elliptical: NAMES,
  aligned: NAMES.filter((name) => name !== "correlation"),
  circular: NAMES.filter((name) => name !== "correlation" && name !== "sigmaY"),
};

for (const fit of fixture.fits) {
  const shape = fit.shape as keyof typeof ORDER;
  Deno.test(`${fit.weighted ? "a weighted" : "an unweighted"} ${shape} fit is SciPy's, errors too`, () => {
    const truth = {
      amplitude: 900,
      x: 12.4,
      y: 11.3,
      sigmaX: 2.1,
      sigmaY: 3,
      correlation: 0.35,
      background: 120,
    };
    const noise = (x: number, y: number) => 60 * (((x * 7919 + y * 104729 + x * y * 31) % 1000) / 1000 - 0.5);
    const image = draw(25, truth, noise);
    const variance = fit.weighted ? image.pixels.map((value) => 50 + value / 4) : undefined;
    const found = fitStar(image, { shape, variance });
    assert.ok(found.converged);
    ORDER[shape].forEach((name, k) => {
      near(found[name], fit.parameters[k], 1e-7, name);
      assert.ok(
        Math.abs(found.errors[name] / fit.errors[k] - 1) < 1e-5,
        `error of ${name}: ${found.errors[name]}, ${fit.errors[k]}`,
      );
    });
  });
}

const star = fc.record({
  amplitude: number(5, 1e5),
  x: number(8, 12),
  y: number(8, 12),
  sigmaX: number(1, 3),
  sigmaY: number(1, 3),
  correlation: number(-0.7, 0.7),
  background: number(-100, 3000),
});

Deno.test("a star without noise is found again, however bright, wide and turned", () => {
  fc.assert(
    fc.property(star, (truth) => {
      const found = fitStar(draw(21, truth), { shape: "elliptical" });
      assert.ok(found.converged);
      for (const name of NAMES) near(found[name], truth[name], 1e-5, name);
      const area = truth.sigmaX * truth.sigmaY * Math.sqrt(1 - truth.correlation ** 2);
      near(found.flux, 2 * Math.PI * truth.amplitude * area, 1e-5);
      near(found.fwhmMajor * found.fwhmMinor, GAUSSIAN_FWHM ** 2 * area, 1e-5);
      near(found.fwhm, GAUSSIAN_FWHM * (truth.sigmaX + truth.sigmaY) / 2, 1e-5);
    }),
    { seed: 1, numRuns: 100 },
  );
});

Deno.test("a turned, shifted or brighter noisy star has a fit turned, shifted or brighter", () => {
  fc.assert(
    fc.property(star, number(0.1, 30), fc.integer({ min: 0, max: 999 }), (truth, factor, seed) => {
      const random = new Random(seed), image = draw(21, truth, () => random.normal(0, truth.amplitude / 40));
      const found = fitStar(image, { shape: "elliptical" }),
        around = fitStar(turned(image), { shape: "elliptical" });
      near(around.x, 20 - found.y, 1e-6);
      near(around.y, found.x, 1e-6);
      near(around.sigmaX, found.sigmaY, 1e-6);
      near(around.correlation, -found.correlation, 1e-6);
      near(around.fwhmMajor, found.fwhmMajor, 1e-6);
      // Long axes are lines: angles agree up to half a turn.
      near(Math.abs(Math.cos(around.positionAngle - found.positionAngle)), 0, 1e-4);
      const brighter = fitStar({ ...image, pixels: image.pixels.map((value) => factor * value + 17) }, {
        shape: "elliptical",
      });
      near(brighter.x, found.x, 1e-6);
      near(brighter.sigmaX, found.sigmaX, 1e-6);
      near(brighter.amplitude / factor, found.amplitude, 1e-6);
      near(brighter.errors.x, found.errors.x, 1e-5);
      const wide = draw(25, { ...truth, x: truth.x + 2, y: truth.y + 2 });
      image.pixels.forEach((value, i) => wide.pixels[(Math.floor(i / 21) + 2) * 25 + i % 21 + 2] = value);
      const frame = wide.pixels.map((_, i) => {
        const x = i % 25, y = Math.floor(i / 25);
        return x >= 2 && x < 23 && y >= 2 && y < 23 ? 1 : 0;
      });
      near(fitStar(wide, { shape: "elliptical", mask: frame }).x, found.x + 2, 1e-6);
    }),
    { seed: 2, numRuns: 40 },
  );
});

Deno.test("places and widths scatter as their errors say, about the truth", () => {
  const truth = { amplitude: 300, x: 10.2, y: 9.7, sigmaX: 2, sigmaY: 2.4, correlation: 0, background: 50 };
  const random = new Random(6), fits: StarFit[] = [];
  for (let k = 0; k < 400; k++) {
    fits.push(fitStar(draw(21, truth, () => random.normal(0, 10)), { variance: 100 }));
  }
  for (const name of ORDER.aligned) {
    const { mean, deviation } = moments(fits.map((fit) => (fit[name] - truth[name]) / fit.errors[name]));
    assert.ok(
      Math.abs(mean) < 5 / Math.sqrt(400) && Math.abs(deviation - 1) < 5 / Math.sqrt(800),
      `${name} ${mean} ${deviation}`,
    );
  }
  near(moments(fits.map((fit) => fit.chiSquare / fit.degreesOfFreedom)).mean, 1, 0.02);
});

Deno.test("light summed over pixels is wider by a twelfth of a square pixel, as stated", () => {
  const pixels = gaussianProfile(21, 10.2, 9.9, 2).map((p) => 1000 * p);
  const { sigmaX, x, flux } = fitStar({ pixels, width: 21, height: 21 });
  near(sigmaX ** 2, 4 + 1 / 12, 1e-3);
  near(x, 10.2, 1e-4);
  near(flux, 1000, 1e-3);
});

Deno.test("saturated pixels are left out and a second star can be masked or begun at", () => {
  const truth = {
    amplitude: 5000,
    x: 10.4,
    y: 9.8,
    sigmaX: 1.8,
    sigmaY: 1.8,
    correlation: 0,
    background: 100,
  };
  const image = draw(21, truth),
    clipped = { ...image, pixels: image.pixels.map((value) => Math.min(value, 3000)) };
  const found = fitStar(clipped, { saturation: 3000, shape: "circular" });
  assert.ok(found.saturatedPixels > 3);
  near(found.amplitude, 5000, 1e-6);
  assert.equal(found.errors.sigmaX, found.errors.sigmaY);
  const held = fitStar(image, { background: 100 });
  assert.ok(held.background === 100 && held.errors.background === 0 && held.degreesOfFreedom === 441 - 5);
  near(held.amplitude, 5000, 1e-6);
  const two = draw(31, { ...truth, x: 22, y: 20 });
  draw(31, { ...truth, amplitude: 900, background: 0, x: 7, y: 8 }).pixels.forEach((value, i) =>
    two.pixels[i] += value
  );
  near(fitStar(two).x, 22, 0.05);
  const mask = two.pixels.map((_, i) => Math.hypot(i % 31 - 7, Math.floor(i / 31) - 8) < 6 ? 1 : 0);
  const second = fitStar(two, { start: { x: 7.5, y: 8.5 }, mask });
  near(second.x, 7, 1e-3);
  near(second.amplitude, 900, 1e-3);
});

Deno.test("holes, empty images and too few pixels are refused", () => {
  const flat = { pixels: new Float64Array(81).fill(3), width: 9, height: 9 };
  assert.throws(() => fitStar(flat), /brighter than the rest/);
  const image = draw(9, { amplitude: 10, x: 4, y: 4, sigmaX: 1, sigmaY: 1, correlation: 0, background: 0 });
  const few = new Uint8Array(81).fill(1, 38, 42);
  assert.throws(() => fitStar(image, { mask: few }), /at least 6 pixels to use, found 4/);
  assert.throws(() => fitStar(image, { saturation: -1 }), /81 saturated/);
  assert.throws(() => fitStar(image, { variance: 0 }), /positive variance/);
  image.pixels[3] = NaN;
  assert.throws(() => fitStar(image), /column 3, row 0/);
});
