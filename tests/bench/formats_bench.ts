/** Light-curve CSV, 1.4 million rows of object, time, band, value, error: `deno task bench formats`. */
import { medianOf } from "ephemera/commands";
import { Random } from "ephemera/core";
import { formatLightCurves, parseLightCurves } from "ephemera/formats";
import { LightCurveSet } from "ephemera/observations";

const objects = 7000, each = 200, rows = objects * each, random = new Random(1);
const time = new Float64Array(rows), value = time.slice(), error = time.slice();
// Digits as surveys publish them: a second, a tenth of a millimagnitude.
const rounded = (x: number, unit: number) => Math.round(x * unit) / unit;
for (let i = 0; i < rows; i++) {
  time[i] = rounded(59000 + (i % each) * 5 + random.uniform(), 1e5);
  value[i] = rounded(18 + random.normal(), 1e4);
  error[i] = rounded(0.01 + 0.1 * random.uniform(), 1e4);
}
const set = new LightCurveSet({
  ids: Array.from({ length: objects }, (_, i) => `object ${i}`),
  offsets: Uint32Array.from({ length: objects + 1 }, (_, i) => i * each),
  time,
  value,
  error,
  band: Uint8Array.from({ length: rows }, (_, i) => i % 6),
  bands: ["u", "g", "r", "i", "z", "y"],
});

function measure(name: string, work: () => unknown): void {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  console.log(JSON.stringify({ name, ours_ms: Number(medianOf(times).toPrecision(4)) }));
}

const bytes = formatLightCurves(set);
measure(`CSV, write ${rows} rows`, () => formatLightCurves(set));
measure(`CSV, read ${rows} rows (${(bytes.length / 1e6).toFixed(0)} MB)`, () => parseLightCurves(bytes));
