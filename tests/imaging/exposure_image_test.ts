import assert from "node:assert/strict";
import fc from "fast-check";
import { Random } from "ephemera/core";
import { HITS_STAMPS } from "ephemera/datasets";
import {
  ccdOf,
  DECAM,
  type Detector,
  expectedImage,
  exposeImage,
  type Exposure,
  type Galaxy,
  imageSum,
  pixelVariance,
  pointSpreadBank,
  pointSpreadImage,
  simulatePointSpreadBank,
  simulateStamps,
  sourceCounts,
  type StampObject,
  type StampOptions,
} from "ephemera/imaging";

const exposure: Exposure = {
  time: 57070.1,
  band: "g",
  exposureTime: 86,
  zeroPoint: 25.05,
  seeing: 1.34,
  sky: 119.7,
};
const ccd = ccdOf(DECAM, 9), star = pointSpreadImage({ profile: "moffat", fwhm: 5, beta: 3 });
const galaxy: Galaxy = {
  magnitude: 18,
  redshift: 0.1,
  bulgeFraction: 0.3,
  positionAngle: 0.5,
  disk: { effectiveRadius: 1.8, axisRatio: 0.5 },
  bulge: { effectiveRadius: 0.6, axisRatio: 0.8 },
};
const bank = simulatePointSpreadBank(1, { count: 30 });

function near(found: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(found - expected) <= tolerance, `${found} is not ${expected} to ${tolerance}`);
}
const flat = (value: number, side: number) => ({
  pixels: new Float64Array(side * side).fill(value),
  width: side,
  height: side,
});
const meanOf = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b) / values.length;
const varianceOf = (values: ArrayLike<number>) => {
  const mean = meanOf(values);
  return meanOf(Array.from(values, (value) => (value - mean) ** 2));
};

Deno.test("counts follow T 10^((ZP - m) / 2.5), whole when faithful, none for no source", () => {
  near(sourceCounts(20, exposure), 86 * 10 ** (0.4 * 5.05), 1e-9);
  assert.equal(sourceCounts(20, exposure, { faithful: true }), Math.floor(86 * 10 ** (0.4 * 5.05)));
  assert.equal(sourceCounts(Infinity, exposure), 0);
  near(sourceCounts(17.5, exposure) / sourceCounts(20, exposure), 10, 1e-12);
  assert.throws(() => sourceCounts(NaN, exposure), /a magnitude, found NaN.*give Infinity/);
  assert.throws(() => sourceCounts(-Infinity, exposure), /found -Infinity/);
});

Deno.test("the expected image is source, galaxy and sky, and keeps all of the light", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 14, max: 30, noNaN: true }),
      fc.double({ min: 0, max: 1e4, noNaN: true }),
      (magnitude, sky) => {
        const host = { ...star, pixels: star.pixels.map((value) => 500 * value) };
        const image = expectedImage({ pointSpread: star, magnitude, galaxy: host }, { ...exposure, sky });
        const light = (sourceCounts(magnitude, exposure) + 500) * imageSum(star) + 441 * sky;
        near(imageSum(image), light, 1e-10 * light);
      },
    ),
  );
});

Deno.test("a faithful image has whole numbers of source and sky, the sky cut at 2200, the point spread function of sum 1", () => {
  const faithful = { faithful: true };
  const image = expectedImage({ pointSpread: star, magnitude: 19 }, { ...exposure, sky: 120.5 }, faithful);
  const counts = sourceCounts(19, exposure, faithful), sum = imageSum(star);
  image.pixels.forEach((value, p) => near(value, Math.round(counts * star.pixels[p] / sum) + 120, 0));
  // Halves go to the even neighbour, as in NumPy.
  const dark = (sky: number) =>
    expectedImage({ pointSpread: star, magnitude: Infinity }, { ...exposure, sky }, faithful).pixels[0];
  assert.deepEqual([119.5, 120.5, 121.5, 121.4, 3000].map(dark), [120, 120, 122, 121, 2200]);
});

Deno.test("pixels of an even sky have its mean, and the variance of photons, read-out and rounding", () => {
  for (const detector of DECAM.ccds) {
    for (const sky of [5, 119.7, 534]) {
      const { pixels } = exposeImage(flat(sky, 200), detector, new Random(`${detector.number} ${sky}`));
      const variance = sky / detector.gain + (detector.readNoise / detector.gain) ** 2 + 1 / 12;
      assert.equal(pixelVariance(sky, detector), variance);
      // Five standard errors of a mean and of a variance of 40 000 numbers.
      near(meanOf(pixels), sky, 5 * Math.sqrt(variance / 4e4));
      near(varianceOf(pixels), variance, 5 * variance * Math.sqrt(2 / 4e4));
      assert.ok(pixels.every(Number.isInteger));
    }
  }
});

Deno.test("the background of real stamps, 0.26 sky + 2.10 ADU^2, is that of a gain of 3.85 and a read noise of 5.5 electrons", () => {
  const detector: Detector = { gain: 1 / 0.26, readNoise: Math.sqrt(2.1 - 1 / 12) / 0.26, saturation: 4e4 };
  const skies = [20, 100, 200, 400],
    variances = skies.map((sky, k) =>
      varianceOf(exposeImage(flat(sky, 250), detector, new Random(k)).pixels)
    );
  variances.forEach((variance, k) => near(variance, 0.26 * skies[k] + 2.1, 0.03 * (0.26 * skies[k] + 2.1)));
});

Deno.test("faithful read noise is cut to whole electrons, which makes it smaller", () => {
  const detector: Detector = { gain: 1, readNoise: 6, saturation: 1e6 }, sky = 60;
  const variance = (faithful: boolean) =>
    varianceOf(exposeImage(flat(sky, 300), detector, new Random(1), { faithful }).pixels);
  const error = 5 * (sky + 36) * Math.sqrt(2 / 9e4);
  // E |trunc N|^2 = r^2 - 2 E|N| / 2 + 1/3 for a read noise r well above 1.
  near(variance(true), sky + 36 - 6 * Math.sqrt(2 / Math.PI) + 1 / 3, error);
  near(variance(false), sky + 36 + 1 / 12, error);
  // Without light the read noise is all, and the difference far above the error.
  const dark = (faithful: boolean) =>
    exposeImage(flat(0, 300), { ...detector, readNoise: 3 }, new Random(2), { faithful }).pixels;
  assert.equal(Math.min(...dark(true)), 0);
  assert.ok(Math.min(...dark(false)) < -9);
  const shareOfZeros = dark(true).filter((value) => value === 0).length / 9e4;
  near(shareOfZeros, 0.5 + 0.5 * 0.2611, 0.01); // P(N < 1) of a deviation of 3: erf(1 / (3 sqrt 2)) = 0.2611
});

Deno.test("nothing is above saturation, faithful or not", () => {
  for (const faithful of [false, true]) {
    const image = expectedImage({ pointSpread: star, magnitude: 12 }, exposure, { faithful });
    const { pixels } = exposeImage(image, ccd, new Random(1), { faithful });
    assert.equal(Math.max(...pixels), ccd.saturation);
    assert.ok(Math.max(...image.pixels) > 2 * ccd.saturation && pixels[0] < ccd.saturation);
  }
});

const exposures = [0, 1, 2, 3].map((k) => ({
  ...exposure,
  time: 57070 + k,
  band: k === 2 ? "r" : "g",
  seeing: 1 + 0.2 * k,
}));
const object: StampObject = {
  id: "a",
  exposures,
  magnitudes: [Infinity, 19, 18, 20],
  detector: ccd,
  label: 1,
};
const options: StampOptions = { seed: 5, bank, classNames: ["x", "y"] };

Deno.test("stamps are a set with their truth beside them", () => {
  const planes = ["science", "galaxy", "psf"] as const;
  const set = simulateStamps([object, { ...object, id: "b", label: 0, host: { galaxy } }], {
    ...options,
    planes,
  });
  assert.deepEqual([set.length, set.time.length, set.height, set.width, set.pixelScale], [
    2,
    8,
    21,
    21,
    0.27,
  ]);
  assert.deepEqual([set.bands, [...set.band!]], [["g", "r"], [0, 0, 1, 0, 0, 0, 1, 0]]);
  assert.deepEqual([set.className(0), set.className(1)], ["y", "x"]);
  const { magnitude, counts, sky, seeing, exposure_time, zero_point, x, y } = set.epochs as Record<
    string,
    Float64Array
  >;
  assert.deepEqual([...magnitude.slice(0, 4)], [Infinity, 19, 18, 20]);
  near(counts[1], sourceCounts(19, exposure), 1e-9);
  assert.deepEqual([sky[3], seeing[3], exposure_time[3], zero_point[3]], [119.7, 1.6, 86, 25.05]);
  assert.deepEqual([...set.metadata.gain], [3.87, 3.87]);
  for (let e = 0; e < 8; e++) {
    assert.ok(Math.abs(x[e] - 10) <= 0.5 && Math.abs(y[e] - 10) <= 0.5);
    const science = set.image(e), host = set.image(e, "galaxy"), psf = set.image(e, "psf");
    near(imageSum({ pixels: psf, width: 21, height: 21 }), 1, 1e-5);
    assert.equal(host.some((value) => value !== 0), e >= 4);
    // What is left after source, galaxy and sky is noise: chi^2 of 441 pixels with the variance of their expected light.
    let chi = 0;
    science.forEach((value, p) => {
      const expected = counts[e] * psf[p] + host[p] + sky[e];
      chi += (value - expected) ** 2 / pixelVariance(expected, ccd);
    });
    near(chi, 441, 5 * Math.sqrt(2 * 441));
  }
});

Deno.test("the star stands where the set says, exposure for exposure", () => {
  const bright = { ...object, magnitudes: [17, 17, 17, 17] }, set = simulateStamps([bright], options);
  const { x, y, sky } = set.epochs as Record<string, Float64Array>;
  for (let e = 0; e < 4; e++) {
    // Centroid within 5 pixels of the middle pixel: what the window cuts off pulls it back by a few hundredths.
    let sum = 0, sx = 0, sy = 0;
    set.image(e).forEach((value, p) => {
      const dx = p % 21 - 10, dy = Math.floor(p / 21) - 10;
      if (Math.hypot(dx, dy) > 5.5) return;
      [sum, sx, sy] = [sum + value - sky[e], sx + (value - sky[e]) * dx, sy + (value - sky[e]) * dy];
    });
    near(10 + sx / sum, x[e], 0.12);
    near(10 + sy / sum, y[e], 0.12);
  }
  assert.ok(new Set(x).size === 4);
});

Deno.test("an object's stamps depend on the seed and its identifier alone", () => {
  const other = { ...object, id: "b" }, both = simulateStamps([object, other], options);
  assert.deepEqual(simulateStamps([object, other], options), both);
  assert.deepEqual(simulateStamps([other, object], options).at(1).pixels, both.at(0).pixels);
  assert.notDeepEqual(both.at(0).pixels, both.at(1).pixels);
  assert.notDeepEqual(simulateStamps([object], { ...options, seed: 6 }).at(0).pixels, both.at(0).pixels);
});

Deno.test("a galaxy keeps its light and its place: the object is where the offset says", () => {
  // A round Gaussian of 1.2 arcsec and no centring error, so that the galaxy's centroid is known.
  const round = pointSpreadBank([pointSpreadImage({ profile: "gaussian", fwhm: 4.5 })]);
  const small = { ...galaxy, bulgeFraction: 0, disk: { effectiveRadius: 0.4, axisRatio: 0.7 } };
  for (const [dx, dy] of [[0, 0], [0.54, -0.81], [-0.4, 0.3]]) {
    const host = { galaxy: small, offset: { dx, dy }, magnitudes: { r: 17 } };
    const set = simulateStamps([{ ...object, host }], {
      ...options,
      bank: round,
      centring: 0,
      planes: ["galaxy"],
    });
    for (let e = 0; e < 4; e++) {
      const image = set.image(e), sum = image.reduce((a, b) => a + b);
      const expected = sourceCounts(set.band![e] === 1 ? 17 : 18, exposure);
      near(sum / expected, 1, 0.005);
      const centroid = (f: (p: number) => number) =>
        image.reduce((total, value, p) => total + value * f(p), 0) / sum;
      near(centroid((p) => p % 21), 10 - dx / 0.27, 0.02);
      near(centroid((p) => Math.floor(p / 21)), 10 - dy / 0.27, 0.02);
    }
  }
});

Deno.test("faithful stamps centre the source in its pixel and cut the galaxy around a pixel of its disk", () => {
  const host = { galaxy: { ...galaxy, magnitude: 16 } };
  const many = Array.from({ length: 12 }, (_, k) => ({ ...object, id: `${k}`, host }));
  const set = simulateStamps(many, { ...options, faithful: true, planes: ["science", "galaxy"] });
  const { x, y } = set.epochs as Record<string, Float64Array>;
  assert.ok(x.every((value) => value === 10) && y.every((value) => value === 10));
  for (let e = 0; e < set.time.length; e++) {
    assert.ok(
      set.image(e).every((value) => Number.isInteger(value) && value >= 0 && value <= ccd.saturation),
    );
  }
  const peaks = many.map((_, i) => {
    const image = set.image(set.offsets[i], "galaxy");
    return image.indexOf(Math.max(...image));
  });
  assert.ok(new Set(peaks).size > 6, peaks.join(" "));
  assert.deepEqual(simulateStamps(many, { ...options, faithful: true, planes: ["science", "galaxy"] }), set);
  // An offset beyond the square's edge leaves the stamp inside the square.
  const far = { ...object, host: { galaxy, offset: { dx: 100, dy: 0 } } };
  const edge = simulateStamps([far], { ...options, faithful: true, planes: ["galaxy"] });
  assert.ok(edge.image(0)[10 * 21] > 0);
});

Deno.test("impossible exposures, detectors and objects are refused", () => {
  const refused = (change: Partial<StampObject>, message: RegExp, more: Partial<StampOptions> = {}) =>
    assert.throws(() => simulateStamps([{ ...object, ...change }], { ...options, ...more }), message);
  refused({ magnitudes: [1] }, /4 magnitudes, one an exposure, found 1 .*object a/);
  refused({ magnitudes: [20, NaN, 20, 20] }, /a magnitude, found NaN/);
  refused({ detector: { ...ccd, gain: 0 } }, /positive gain/);
  refused({ exposures: exposures.map((e) => ({ ...e, zeroPoint: NaN })) }, /zero point NaN.*exposure 0/);
  refused({ exposures: exposures.map((e) => ({ ...e, seeing: 0 })) }, /seeing 0/);
  refused({ exposures: [...exposures].reverse() }, /ascending times/);
  refused({}, /one of the bands u, found g/, { bands: ["u"] });
  refused({}, /a centring from 0 to 1 pixel/, { centring: 2 });
  refused({}, /planes among/, { planes: ["template" as "psf"] });
  refused({ label: 2 }, /a label from -1 to 1/);
  assert.throws(() => simulateStamps([], options), /at least one object/);
  assert.throws(() => simulateStamps([object, object], options), /identifier once/);
  assert.throws(() => exposeImage(flat(NaN, 3), ccd, new Random(1)), /finite pixels, found NaN/);
  assert.throws(
    () => expectedImage({ pointSpread: star, magnitude: 20, galaxy: flat(0, 3) }, exposure),
    /21 x 21 pixels/,
  );
});

const data = Deno.env.get("EPHEMERA_DATA");

/**
 * Level and variance of the faintest of a stamp's corners of 7 by 7 pixels. The variance is that of third differences of pixels, 20 times that of one
 * pixel, which a star's smooth wings hardly touch.
 */
function background(image: ArrayLike<number>): { level: number; variance: number } {
  const corners = [[0, 0], [14, 0], [0, 14], [14, 14]].map(([left, top]) => {
    let level = 0, sum = 0, count = 0;
    for (let y = 0; y < 7; y++) {
      for (let x = 0; x < 7; x++) {
        const p = (top + y) * 21 + left + x;
        level += image[p] / 49;
        for (const [place, step] of [[x, 1], [y, 21]]) {
          if (place > 3) continue;
          sum += (image[p] - 3 * image[p + step] + 3 * image[p + 2 * step] - image[p + 3 * step]) ** 2 / 20;
          count++;
        }
      }
    }
    return { level, variance: sum / count };
  });
  return corners.reduce((a, b) => b.level < a.level ? b : a);
}

Deno.test({
  name:
    "the background of real HiTS stamps is as noisy as that of simulated ones with the same sky, from 100 to 600 ADU",
  ignore: data === undefined,
  fn: async () => {
    const set = await HITS_STAMPS.load(),
      random = new Random(1),
      rows: { sky: number; ratio: number[] }[] = [];
    for (let i = 0; i < set.length; i++) {
      // The stamps of supernovae have been resampled, which smooths their noise.
      if (set.className(i) === "SN") continue;
      for (let e = set.offsets[i]; e < set.offsets[i + 1]; e++) {
        const image = set.image(e), { level, variance } = background(image);
        // Bright stars leave structure in the corners that no third difference takes away.
        if (!(level > 50) || Math.max(...image) - level > 4000) continue;
        const model = exposeImage(flat(level, 21), DECAM.ccds[random.integer(0, DECAM.ccds.length)], random);
        rows.push({ sky: level, ratio: [variance, background(model.pixels).variance] });
      }
    }
    assert.ok(rows.length > 3000);
    rows.sort((a, b) => a.sky - b.sky);
    const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
    const bins = Array.from({ length: 8 }, (_, k) => {
      const part = rows.slice(Math.floor(k * rows.length / 8), Math.floor((k + 1) * rows.length / 8));
      return median(part.map(({ ratio }) => ratio[0])) / median(part.map(({ ratio }) => ratio[1]));
    });
    for (const ratio of bins) near(ratio, 1, 0.08);
    near(meanOf(bins), 1, 0.03);
  },
});
