/** Writes the files that `formats_parquet.py read` reads, and what it must find: `deno run -A formats_parquet.ts FOLDER`. */
import { join } from "node:path";
import { writeParquetLightCurves, writeParquetTable } from "ephemera/formats";
import { LightCurveSet } from "ephemera/observations";

const [folder] = Deno.args;
await Deno.mkdir(folder, { recursive: true });
const counts = [4, 0, 1, 700], n = counts.reduce((a, b) => a + b);
const set = new LightCurveSet({
  ids: ["one", "zwei", "три", "9007199254740993"],
  offsets: Uint32Array.from([0, 4, 4, 5, n]),
  time: Float64Array.from({ length: n }, (_, j) => 59000 + j / 7),
  value: Float64Array.from({ length: n }, (_, j) => j === 2 ? -0 : Math.sin(j) * 1e3),
  error: Float64Array.from({ length: n }, (_, j) => j / 100),
  band: Uint8Array.from({ length: n }, (_, j) => j % 3),
  bands: ["g", "r", "i"],
  flags: Uint8Array.from({ length: n }, (_, j) => j % 256),
  quantity: "flux",
  zeroPoint: 27.5,
  labels: Int32Array.of(0, -1, 1, 0),
  classNames: ["SNIa", "RRL"],
  metadata: { redshift: Float64Array.of(0.1, NaN, -0, 1), host: ["", "a\nb", "NGC 1", "ż"] },
});
await writeParquetLightCurves(join(folder, "lists.parquet"), set, { groupObjects: 2 });
await writeParquetLightCurves(join(folder, "struct.parquet"), set, { nested: "lightcurve" });
await writeParquetLightCurves(join(folder, "numbers.parquet"), set, {
  bandsAs: "numbers",
  compression: "none",
});
await writeParquetLightCurves(join(folder, "rows.parquet"), set.filter((curve) => curve.time.length > 0), {
  layout: "rows",
});
await writeParquetTable(join(folder, "table.parquet"), {
  name: ["a", "", "ż"],
  z: Float64Array.of(0.5, NaN, -1),
});
const number = (x: number) => Number.isNaN(x) ? "NaN" : Object.is(x, -0) ? "-0.0" : x;
const expected = [...set].map((curve, i) => ({
  id: curve.id,
  class: set.className(i) ?? null,
  host: (set.metadata.host as string[])[i],
  redshift: number(set.numbers("redshift")[i]),
  mjd: [...curve.time],
  band: Array.from(curve.band!, (b) => set.bands[b]),
  flux: Array.from(curve.value, number),
  fluxerr: [...curve.error!],
  flags: [...curve.flags!],
}));
await Deno.writeTextFile(join(folder, "expected.json"), JSON.stringify(expected));
