import assert from "node:assert/strict";
import fc from "fast-check";
import { Random } from "ephemera/core";
import { HITS_STAMPS } from "ephemera/datasets";
import {
  choosePointSpread,
  convolve,
  cutImage,
  enclosedLight,
  fitStar,
  GAUSSIAN_FWHM,
  type Image,
  imageSum,
  mirror,
  type PointSpread,
  pointSpreadBank,
  pointSpreadDensity,
  pointSpreadImage,
  quarterTurn,
  shiftImage,
  simulatePointSpreadBank,
  starAsPointSpread,
} from "ephemera/imaging";

const peer = JSON.parse(Deno.readTextFileSync(new URL("./fixtures/profiles.json", import.meta.url)));

function near(found: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(found - expected) <= tolerance, `${found} is not ${expected} to ${tolerance}`);
}
const sameImage = (found: Image, expected: Image, tolerance: number) => {
  assert.deepEqual([found.width, found.height], [expected.width, expected.height]);
  found.pixels.forEach((value, p) => near(value, expected.pixels[p], tolerance));
};

/** Sum, centre and second central moments. */
function moments({ pixels, width }: Image) {
  const sum = pixels.reduce((a, b) => a + b);
  const mean = (f: (x: number, y: number) => number) =>
    pixels.reduce((total, value, p) => total + value * f(p % width, Math.floor(p / width)), 0) / sum;
  const x = mean((x) => x), y = mean((_, y) => y);
  return {
    x,
    y,
    xx: mean((u) => (u - x) ** 2),
    yy: mean((_, v) => (v - y) ** 2),
    xy: mean((u, v) => (u - x) * (v - y)),
  };
}

const spreads: fc.Arbitrary<PointSpread> = fc.record({
  fwhm: fc.double({ min: 1.5, max: 8, noNaN: true }),
  axisRatio: fc.double({ min: 0.5, max: 1, noNaN: true }),
  positionAngle: fc.double({ min: -4, max: 4, noNaN: true }),
  beta: fc.option(fc.double({ min: 1.5, max: 6, noNaN: true })),
}).map(({ beta, ...shape }) =>
  beta === null ? { profile: "gaussian", ...shape } : { profile: "moffat", beta, ...shape }
);

Deno.test("densities and pixels agree with astropy's Gaussian2D and Moffat2D integrated over pixels", () => {
  for (const { spread, centre, density, pixels } of peer.spreads) {
    const f = pointSpreadDensity(spread);
    peer.places.forEach(([x, y]: [number, number], k: number) => near(f(x, y), density[k], 1e-11));
    const image = pointSpreadImage(spread, { x: 10 + centre[0], y: 10 + centre[1] });
    peer.pixels.forEach(([column, row]: [number, number], k: number) =>
      near(image.pixels[(10 + row) * 21 + 10 + column], pixels[k], 3e-9)
    );
  }
});

Deno.test("half of the maximum is reached at half of the full width, along each axis", () => {
  fc.assert(fc.property(spreads, (spread) => {
    const { fwhm, axisRatio = 1, positionAngle = 0 } = spread, f = pointSpreadDensity(spread);
    const long = fwhm / 2 / Math.sqrt(axisRatio), short = fwhm / 2 * Math.sqrt(axisRatio);
    const cos = Math.cos(positionAngle), sin = Math.sin(positionAngle);
    near(f(long * cos, long * sin) / f(0, 0), 0.5, 1e-12);
    near(f(-short * sin, short * cos) / f(0, 0), 0.5, 1e-12);
  }));
});

Deno.test("the quadrature of an inclined Gaussian agrees with the error functions of the upright one", () => {
  const frame = { width: 15, height: 15, x: 7.21, y: 6.6 };
  const shape = { profile: "gaussian", fwhm: 3, axisRatio: 0.6 } as const;
  // A quarter turn and a full turn are upright too, but go the way of the quadrature.
  sameImage(
    pointSpreadImage({ ...shape, positionAngle: 2 * Math.PI }, frame),
    pointSpreadImage(shape, frame),
    1e-9,
  );
  const turned = pointSpreadImage({ ...shape, positionAngle: Math.PI / 2 }, {
    ...frame,
    x: 14 - 6.6,
    y: 7.21,
  });
  sameImage(turned, quarterTurn(pointSpreadImage(shape, frame)), 1e-9);
});

Deno.test("light enclosed by a circle follows the closed forms of Gaussian and Moffat", () => {
  const sigma = 4 / GAUSSIAN_FWHM, alpha = 4 / (2 * Math.sqrt(2 ** (1 / 2.5) - 1));
  for (const radius of [0, 1, 4, 20]) {
    near(
      enclosedLight({ profile: "gaussian", fwhm: 4 }, radius),
      1 - Math.exp(-(radius ** 2) / (2 * sigma ** 2)),
      1e-15,
    );
    near(
      enclosedLight({ profile: "moffat", fwhm: 4, beta: 2.5 }, radius),
      1 - (1 + (radius / alpha) ** 2) ** -1.5,
      1e-14,
    );
  }
  assert.equal(enclosedLight({ profile: "moffat", fwhm: 4, beta: 2.5 }, Infinity), 1);
});

Deno.test("the pixels of a disc hold the light that the closed form encloses", () => {
  // Fine pixels make the ragged disc a smooth one.
  const size = 161, middle = 80;
  for (
    const spread of [{ profile: "gaussian", fwhm: 40 }, { profile: "moffat", fwhm: 40, beta: 3 }] as const
  ) {
    const { pixels } = pointSpreadImage(spread, { width: size, height: size });
    let sum = 0;
    for (let p = 0; p < pixels.length; p++) {
      if (Math.hypot(p % size - middle, Math.floor(p / size) - middle) < 50.5) sum += pixels[p];
    }
    near(sum, enclosedLight(spread, 50.5), 1e-3);
  }
});

Deno.test("an image of sum 1 is centred where it is asked to be, with the Gaussian's second moments and the pixel's 1/12", () => {
  const q = 0.7, sigma = 4 / GAUSSIAN_FWHM, angle = 0.5;
  const image = pointSpreadImage({ profile: "gaussian", fwhm: 4, axisRatio: q, positionAngle: angle }, {
    width: 41,
    height: 41,
    x: 20.3,
    y: 19.6,
  });
  const { x, y, xx, yy, xy } = moments(image);
  near(imageSum(image), 1, 1e-8);
  near(x, 20.3, 1e-7);
  near(y, 19.6, 1e-7);
  const long = sigma ** 2 / q, short = sigma ** 2 * q, cos = Math.cos(angle), sin = Math.sin(angle);
  near(xx, long * cos ** 2 + short * sin ** 2 + 1 / 12, 1e-5);
  near(yy, long * sin ** 2 + short * cos ** 2 + 1 / 12, 1e-5);
  near(xy, (long - short) * sin * cos, 1e-5);
});

Deno.test("a width in arcsec is a width in pixels times the pixel scale", () => {
  const spread: PointSpread = { profile: "moffat", fwhm: 1.35, beta: 3 };
  sameImage(
    pointSpreadImage(spread, { pixelScale: 0.27 }),
    pointSpreadImage({ ...spread, fwhm: 5 }),
    1e-12,
  );
});

Deno.test("moving the centre by whole pixels moves the image, and turning the axis turns it", () => {
  fc.assert(
    fc.property(
      spreads,
      fc.integer({ min: -2, max: 2 }),
      fc.integer({ min: -2, max: 2 }),
      (spread, dx, dy) => {
        const frame = { width: 9, height: 9, tolerance: 1e-10 };
        const wide = pointSpreadImage(spread, { width: 13, height: 13, tolerance: 1e-10 });
        const moved = pointSpreadImage(spread, { ...frame, x: 4 + dx, y: 4 + dy });
        sameImage(moved, cutImage(wide, { left: 2 - dx, top: 2 - dy, width: 9, height: 9 }), 1e-9);
        const { positionAngle = 0 } = spread, still = pointSpreadImage(spread, frame);
        const turned = pointSpreadImage({ ...spread, positionAngle: positionAngle + Math.PI / 2 }, frame);
        sameImage(turned, quarterTurn(still), 1e-9);
        sameImage(
          pointSpreadImage({ ...spread, positionAngle: -positionAngle }, frame),
          mirror(still, "up-down"),
          1e-9,
        );
      },
    ),
    { numRuns: 20 },
  );
});

const images: fc.Arbitrary<Image> = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
  .chain((
    [width, height],
  ) =>
    fc.array(fc.integer({ min: -9, max: 9 }), { minLength: width * height, maxLength: width * height }).map((
      values,
    ) => ({
      pixels: Float64Array.from(values),
      width,
      height,
    }))
  );

Deno.test("four quarter turns, and two mirrors, leave an image as it was; two turns are both mirrors", () => {
  fc.assert(fc.property(images, fc.integer({ min: -9, max: 9 }), (image, turns) => {
    assert.deepEqual(quarterTurn(image, 4), image);
    assert.deepEqual(quarterTurn(quarterTurn(image, turns), -turns), image);
    assert.deepEqual(mirror(mirror(image, "left-right"), "left-right"), image);
    assert.deepEqual(mirror(mirror(image, "up-down"), "left-right"), quarterTurn(image, 2));
    assert.deepEqual(imageSum(quarterTurn(image)), imageSum(image));
  }));
  const corner = quarterTurn({ pixels: [0, 0, 1, 0, 0, 0], width: 3, height: 2 });
  assert.deepEqual([...corner.pixels], [0, 0, 0, 0, 0, 1]);
});

Deno.test("convolution agrees with SciPy's, and with the sum that defines it", () => {
  const { image, kernel, result, width, height, kernelWidth, kernelHeight } = peer.convolution;
  const found = convolve({ pixels: image, width, height }, {
    pixels: kernel,
    width: kernelWidth,
    height: kernelHeight,
  });
  found.pixels.forEach((value, p) => near(value, result[p], 1e-7));
  fc.assert(fc.property(images, images, (image, other) => {
    const kernel = cutImage(other, { left: 0, top: 0, width: other.width | 1, height: other.height | 1 });
    const { pixels } = convolve(image, kernel);
    const halfX = (kernel.width - 1) / 2, halfY = (kernel.height - 1) / 2;
    pixels.forEach((value, p) => {
      let sum = 0;
      for (let v = 0; v < kernel.height; v++) {
        for (let u = 0; u < kernel.width; u++) {
          const x = p % image.width + halfX - u, y = Math.floor(p / image.width) + halfY - v;
          if (x < 0 || y < 0 || x >= image.width || y >= image.height) continue;
          sum += kernel.pixels[v * kernel.width + u] * image.pixels[y * image.width + x];
        }
      }
      near(value, sum, 1e-9);
    });
  }));
});

Deno.test("a shift by part of a pixel does what another centre does, better the wider the star", () => {
  const worst = [3.5, 5, 7].map((fwhm) => {
    const at = (x: number, y: number) => pointSpreadImage({ profile: "moffat", fwhm, beta: 3.5 }, { x, y });
    const shifted = shiftImage(at(10, 10), 0.4, -0.5),
      wanted = at(10.4, 9.5),
      peak = Math.max(...wanted.pixels);
    let largest = 0;
    for (let p = 0; p < 441; p++) {
      // The outermost pixels have to guess what lies beyond.
      if (p % 21 < 3 || p % 21 > 17 || p < 63 || p >= 441 - 63) continue;
      largest = Math.max(largest, Math.abs(shifted.pixels[p] - wanted.pixels[p]) / peak);
    }
    return largest;
  });
  assert.ok(worst[0] < 0.008 && worst[1] < 2e-3 && worst[2] < 4e-4, worst.join(" "));
});

Deno.test("the Gaussian fitted to a star agrees with astropy's least-squares fit", () => {
  const { star, amplitude, x, y, sigmaX, sigmaY } = peer.fit;
  const fit = fitStar({ pixels: star, width: 21, height: 21 }, { background: 0 });
  near(fit.amplitude, amplitude, 1e-4 * amplitude);
  near(fit.x, x, 1e-4);
  near(fit.y, y, 1e-4);
  near(fit.sigmaX, Math.abs(sigmaX), 1e-4);
  near(fit.sigmaY, Math.abs(sigmaY), 1e-4);
  near(fit.fwhm, GAUSSIAN_FWHM * (fit.sigmaX + fit.sigmaY) / 2, 1e-12);
});

Deno.test("a bank depends on its seed alone, its first entries not on how many follow", () => {
  const bank = simulatePointSpreadBank("a", { count: 6 });
  assert.deepEqual(simulatePointSpreadBank("a", { count: 6 }), bank);
  assert.deepEqual(simulatePointSpreadBank("a", { count: 3 }).images, bank.images.slice(0, 3));
  assert.notDeepEqual(simulatePointSpreadBank("b", { count: 6 }).fwhm, bank.fwhm);
  for (const image of bank.images) {
    near(imageSum(image), 1, 1e-12);
    assert.equal(image.pixels.indexOf(Math.max(...image.pixels)), 220);
  }
  const widths = [...simulatePointSpreadBank(1, { count: 60 }).fwhm];
  assert.ok(Math.min(...widths) < 3.6 && Math.max(...widths) > 7.5, widths.join(" "));
});

Deno.test("a measured bank gives back the sizes of its Gaussians, pixel included", () => {
  const widths = [3, 5, 7];
  const bank = pointSpreadBank(widths.map((fwhm) => {
    const { pixels, ...sides } = pointSpreadImage({ profile: "gaussian", fwhm });
    return { pixels: pixels.map((value) => 1234 * value), ...sides };
  }));
  bank.images.forEach((image) => near(imageSum(image), 1, 1e-12));
  // Integration over a pixel is nearly a convolution with variance 1/12.
  widths.forEach((fwhm, k) =>
    near(bank.fwhm[k], GAUSSIAN_FWHM * Math.sqrt((fwhm / GAUSSIAN_FWHM) ** 2 + 1 / 12), 5e-3)
  );
});

Deno.test("a star off its pixel's middle, on a background, becomes the centred point spread function that it is", () => {
  const wanted = pointSpreadImage({ profile: "gaussian", fwhm: 5 }, { unitSum: true });
  const { pixels, ...sides } = pointSpreadImage({ profile: "gaussian", fwhm: 5 }, { x: 10.4, y: 9.3 });
  const found = starAsPointSpread({ ...sides, pixels: pixels.map((value) => 8000 * value + 120) });
  sameImage(found, wanted, 2e-3 * wanted.pixels[220]);
  const off = pointSpreadImage({ profile: "gaussian", fwhm: 5 }, { x: 12, y: 10 });
  assert.throws(() => starAsPointSpread(off), /within one pixel.*centre at 12.00, 10.00/);
});

Deno.test("the chosen function has the nearest size, and its turns and mirrors come as often as they should", () => {
  // One pixel away from both axes and the diagonals tells the eight symmetries apart.
  const marked = pointSpreadImage({ profile: "gaussian", fwhm: 5 }), pixels = marked.pixels.slice();
  pixels[7 * 21 + 12] += 0.01;
  const bank = pointSpreadBank([{ ...marked, pixels }, pointSpreadImage({ profile: "gaussian", fwhm: 7 })]);
  const count = (faithful: boolean) => {
    const random = new Random(5), seen = new Map<string, number>(), total = 8000;
    for (let k = 0; k < total; k++) {
      const { image, index } = choosePointSpread(bank, 5.2, random, { faithful });
      assert.equal(index, 0);
      const excess = image.pixels.map((value, p) => value - marked.pixels[p] * (1 / 1.01));
      const place = excess.indexOf(Math.max(...excess)),
        key = `${place % 21 - 10},${Math.floor(place / 21) - 10}`;
      seen.set(key, (seen.get(key) ?? 0) + 1 / total);
    }
    return seen;
  };
  const even = count(false);
  assert.equal(even.size, 8);
  for (const share of even.values()) near(share, 1 / 8, 0.016);
  // None, left-right or up-down by 1/3 each: four turns at 1/12, four mirrored ones at 1/6.
  const faithful = count(true);
  for (const key of ["2,-3", "3,2", "-2,3", "-3,-2"]) near(faithful.get(key)!, 1 / 12, 0.014);
  for (const key of ["-2,-3", "2,3", "3,-2", "-3,2"]) near(faithful.get(key)!, 1 / 6, 0.018);
  assert.equal(choosePointSpread(bank, 6.9, new Random(1)).index, 1);
});

Deno.test("point spread functions and images out of range are refused", () => {
  const image = { pixels: [1, 2, 3, 4], width: 2, height: 2 };
  assert.throws(() => pointSpreadImage({ profile: "gaussian", fwhm: 0 }), /positive full width.*found 0/);
  assert.throws(() => pointSpreadImage({ profile: "moffat", fwhm: 3, beta: 1 }), /beta above 1/);
  assert.throws(() => pointSpreadImage({ profile: "gaussian", fwhm: 3, axisRatio: 0 }), /axis ratio 0/);
  assert.throws(
    () => pointSpreadImage({ profile: "airy", fwhm: 3 } as unknown as PointSpread),
    /found "airy"/,
  );
  assert.throws(() => pointSpreadImage({ profile: "gaussian", fwhm: 3 }, { pixelScale: 0 }), /pixel scale 0/);
  assert.throws(() => pointSpreadImage({ profile: "gaussian", fwhm: 3 }, { x: NaN }), /finite centre/);
  assert.throws(() => pointSpreadBank([]), /at least one image/);
  assert.throws(() => pointSpreadBank([image]), /square images of one odd side/);
  assert.throws(() => convolve(image, image), /odd number/);
  assert.throws(() => convolve({ ...image, width: 3 }, image), /3 x 2 = 6 pixels/);
  assert.throws(
    () => fitStar({ pixels: new Float64Array(9), width: 3, height: 3 }, { background: 0 }),
    /brighter than the rest/,
  );
  assert.throws(() => shiftImage(image, 1.5, 0), /at most one pixel/);
  assert.throws(
    () => choosePointSpread(simulatePointSpreadBank(1, { count: 1 }), -1, new Random(1)),
    /positive seeing/,
  );
  assert.throws(() => simulatePointSpreadBank(1, { size: 20 }), /odd size/);
});

const data = Deno.env.get("EPHEMERA_DATA");

/** Share of the light in the stamp's inner circle that is within each of these radii, in units of the full width. */
const RADII = [0.6, 0.8, 1, 1.3, 1.7];
function growth({ pixels }: Image, fwhm: number): number[] {
  const within = (radius: number) =>
    pixels.reduce(
      (sum, value, p) => Math.hypot(p % 21 - 10, Math.floor(p / 21) - 10) < radius ? sum + value : sum,
      0,
    );
  return RADII.map((radius) => within(radius * fwhm) / within(10.3));
}

Deno.test({
  name:
    "made-up point spread functions have the curves of growth of stars in the real HiTS stamps, from 4 to 9 pixels",
  ignore: data === undefined,
  fn: async () => {
    const set = await HITS_STAMPS.load(), stars: Image[] = [];
    for (let i = 0; i < set.length; i++) {
      if (set.className(i) === "SN") continue;
      for (let e = set.offsets[i]; e < set.offsets[i + 1]; e++) {
        const pixels = set.image(e), peak = Math.max(...pixels);
        if (!pixels.every(Number.isFinite) || peak < 2000 || peak > 30_000) continue;
        try {
          stars.push(starAsPointSpread({ pixels, width: 21, height: 21 }));
        } catch {
          continue; // a brighter neighbour; that they are few is asked for below
        }
      }
    }
    assert.ok(stars.length > 2500, `${stars.length} stars`);
    // The made-up ones are treated in the same way, so that both lose the same light to the background.
    const made = simulatePointSpreadBank(1, { count: 500 }).images.map(starAsPointSpread);
    const [real, model] = [stars, made].map((images) => {
      const { fwhm, images: normalised } = pointSpreadBank(images);
      return normalised.map((image, k) => ({ fwhm: fwhm[k], growth: growth(image, fwhm[k]) }));
    });
    const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
    for (const [low, high] of [[4, 4.5], [4.5, 5], [5, 6], [6, 7], [7, 9]]) {
      const [a, b] = [real, model].map((all) => all.filter(({ fwhm }) => fwhm >= low && fwhm < high));
      assert.ok(a.length > 100 && b.length > 50, `${a.length} and ${b.length} from ${low} to ${high}`);
      RADII.forEach((_, k) =>
        near(median(b.map((one) => one.growth[k])), median(a.map((one) => one.growth[k])), 0.025)
      );
    }
  },
});
