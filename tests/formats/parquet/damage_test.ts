import assert from "node:assert/strict";
import { join } from "node:path";
import { readParquetLightCurves, readParquetTable, writeParquetTable } from "ephemera/formats";
import { LightCurveSet } from "ephemera/observations";
import { testMutations } from "../mutations.ts";

const folder = new URL("fixtures/", import.meta.url);
const files = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
  name.endsWith(".parquet")
).sort();
const curves = files.filter((name) => !["nulls", "lists_of_lists", "brotli"].includes(name.split(".")[0]));

/** Bytes that a damaged file may have set aside, besides a few for each of its own: the option of the reader. */
const LIMIT = 2 ** 22;

Deno.test("ten thousand damaged Parquet files each end in light curves or in a sentence, within the memory allowed", async () => {
  const outcome = await testMutations({
    files: curves.map((name) => Deno.readFileSync(new URL(name, folder))),
    read: (bytes) => readParquetLightCurves(bytes, { maximumBytes: LIMIT, where: "damaged" }),
    check: (set) => assert.ok(set instanceof LightCurveSet),
    // What is decoded takes the budget; sets, sorting and identifiers take a few times as much again.
    memory: (length) => 4 * LIMIT + 64 * length,
    seed: "parquet",
  });
  assert.ok(outcome.read > 0 && outcome.refused > 0, JSON.stringify(outcome));
});

Deno.test("damaged tables in Parquet end in a table or in a sentence", async () => {
  const folder = await Deno.makeTempDir(), path = join(folder, "t.parquet");
  await writeParquetTable(path, { id: ["a", "b", "c"], z: Float64Array.of(1, NaN, 3) });
  const file = await Deno.readFile(path);
  await Deno.remove(folder, { recursive: true });
  await testMutations({
    files: [file],
    read: (bytes) => readParquetTable(bytes, { maximumBytes: LIMIT }),
    memory: (length) => 4 * LIMIT + 64 * length,
    seed: "table",
    count: 2000,
  });
});
