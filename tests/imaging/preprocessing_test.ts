import assert from "node:assert/strict";
import fc from "fast-check";
import { alertWindow, calibrateSequence, countsOfMagnitude, stackConsecutive } from "ephemera/imaging";
import { near } from "./photometry_stars.ts";

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

Deno.test("a constant star is the same in all images whatever sky, zero point and exposure time", () => {
  const epoch = fc.record({
    sky: number(50, 2000),
    zeroPoint: number(23, 25.5),
    exposureTime: number(60, 120),
  });
  fc.assert(
    fc.property(fc.array(epoch, { minLength: 1, maxLength: 8 }), number(15, 24), (epochs, magnitude) => {
      const pixels = epochs.flatMap(({ sky, zeroPoint, exposureTime }) => {
        const { value } = countsOfMagnitude(magnitude, 0, { zeroPoint, exposureTime });
        return [sky + 0.7 * value, sky + 0.3 * value];
      });
      const column = (name: "sky" | "zeroPoint" | "exposureTime") => epochs.map((one) => one[name]);
      const found = calibrateSequence(pixels, {
        width: 2,
        height: 1,
        sky: column("sky"),
        zeroPoint: column("zeroPoint"),
        exposureTime: column("exposureTime"),
      });
      // All are what the first exposure would have had.
      found.forEach((value, i) => near(value, pixels[i % 2] - epochs[0].sky, 1e-5));
    }),
    { seed: 1 },
  );
});

Deno.test("without exposure times the factor is that of the paper's code, the zero points alone", () => {
  const options = { width: 1, height: 1, sky: [10, 20, 30], zeroPoint: [25, 24.5, 25.2] };
  const found = calibrateSequence([110, 120, 130], options);
  [25, 24.5, 25.2].forEach((zeroPoint, t) => near(found[t], 100 * 10 ** ((25 - zeroPoint) / 2.5), 1e-6));
  const other = calibrateSequence([110, 120, 130], { ...options, referenceZeroPoint: 26 });
  other.forEach((value, t) => near(value, found[t] * 10 ** 0.4, 1e-6));
});

Deno.test("a missing zero point is refused, or taken from the image before when asked", () => {
  const options = { width: 1, height: 1, sky: [0, 0, 0], zeroPoint: [24, NaN, 25] };
  assert.throws(
    () => calibrateSequence([1, 1, 1], options),
    /finite zero points, found NaN .*image 1.*"previous"/,
  );
  const found = calibrateSequence([1, 1, 1], { ...options, missingZeroPoint: "previous" });
  near(found[1], 1, 1e-7);
  near(found[2], 10 ** -0.4, 1e-6);
  const first = { ...options, zeroPoint: [NaN, 24, 25], missingZeroPoint: "previous" as const };
  assert.throws(() => calibrateSequence([1, 1, 1], first), /image 0/);
  assert.throws(() => calibrateSequence([1, 1], options), /2 values of sky/);
  assert.throws(
    () => calibrateSequence([1, 1, 1], { ...options, sky: [0, NaN, 0], zeroPoint: [1, 1, 1] }),
    /finite sky of image 1/,
  );
  assert.throws(() => calibrateSequence([1, 1, 1], { ...options, width: 2 }), /whole images of 2 pixels/);
});

Deno.test("a stack holds its images channel last, with times from the sequence's first image", () => {
  const time = [57070.1, 57070.2, 57071.1, 57073, 57080];
  const pixels = Float32Array.from({ length: 5 * 6 }, (_, i) => i);
  const { steps, pixels: stacked, timeOffsets } = stackConsecutive(pixels, time, { width: 3, height: 2 });
  assert.equal(steps, 3);
  for (let step = 0; step < 3; step++) {
    for (let i = 0; i < 6; i++) {
      for (let k = 0; k < 3; k++) assert.equal(stacked[(step * 6 + i) * 3 + k], (step + k) * 6 + i);
    }
    for (let k = 0; k < 3; k++) near(timeOffsets[step * 3 + k], time[step + k] - 57070.1, 1e-6);
  }
  assert.throws(
    () => stackConsecutive([1, 2], [0, 1], { width: 1, height: 1 }),
    /at least as many images as the 3/,
  );
  assert.throws(() => stackConsecutive([1, 2, 3], [0, 2, 1], { width: 1, height: 1 }), /ascending times/);
});

Deno.test("the window about an alert puts it in the fourth stack and has at most 22 stacks", () => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 60 }), fc.nat(59), (images, draw) => {
      const firstAlert = draw % images, { start, end } = alertWindow(images, firstAlert);
      assert.ok(start >= 0 && start <= firstAlert && firstAlert < end && end <= images);
      assert.ok(end - start - 2 <= 22);
      // Stacks count from 1; stack k ends with image start + k + 1.
      if (firstAlert >= 5) assert.equal(firstAlert - start - 1, 4);
      else assert.equal(start, 0);
    }),
    { seed: 2 },
  );
  assert.deepEqual(alertWindow(28, 7), { start: 2, end: 26 });
  assert.throws(() => alertWindow(5, 5), /an image from 0 to 4/);
});
