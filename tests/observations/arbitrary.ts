import fc from "fast-check";
import { LightCurveSet } from "ephemera/observations";

/** Sets of up to 12 objects with 0 to 9 observations in two bands, labels (some unknown) and metadata. */
export const lightCurveSets: fc.Arbitrary<LightCurveSet> = fc.array(
  fc.record({
    times: fc.array(fc.double({ min: 50000, max: 60000, noNaN: true }), { maxLength: 9 }),
    label: fc.integer({ min: -1, max: 2 }),
    period: fc.double({ min: 0.1, max: 1000, noNaN: true }),
  }),
  { minLength: 1, maxLength: 12 },
).map((objects) => {
  const offsets = new Uint32Array(objects.length + 1);
  objects.forEach(({ times }, i) => offsets[i + 1] = offsets[i] + times.length);
  const time = Float64Array.from(objects.flatMap(({ times }) => times.toSorted((a, b) => a - b)));
  return new LightCurveSet({
    ids: objects.map((_, i) => `star ${i}`),
    offsets,
    time,
    value: time.map((t) => 15 + Math.sin(t)),
    error: time.map((t) => 0.01 + 0.001 * (t % 7)),
    band: Uint8Array.from(time, (t) => Math.floor(t) % 2),
    bands: ["g", "r"],
    labels: Int32Array.from(objects, ({ label }) => label),
    classNames: ["EA", "EW", "SR"],
    metadata: {
      period: Float64Array.from(objects, ({ period }) => period),
      name: objects.map((_, i) => `name ${i}`),
    },
    extra: { airmass: time.map((t) => 1 + (t % 1)) },
  });
});
