import assert from "node:assert/strict";
import { parquetLightCurves, readParquetLightCurves, readParquetTable } from "ephemera/formats";
import type { LightCurveSet } from "ephemera/observations";

/** Files that pyarrow wrote, and their rows: `tests/peers/formats_parquet.py`. */
const fixture = (name: string) => new URL(`fixtures/${name}`, import.meta.url);

interface Row {
  diaObjectId: string;
  name: string;
  redshift: number | null;
  hosts: number;
  spectroscopic: boolean;
  mjd: number[];
  band: string[];
  flux: number[];
  fluxerr: number[];
  flags: number[];
}

const ROWS: Row[] = JSON.parse(Deno.readTextFileSync(fixture("expected.json")));

function assertRows(set: LightCurveSet, rows: readonly Row[], metadata: boolean): void {
  assert.deepEqual(set.ids, rows.map((row) => row.diaObjectId));
  assert.equal(set.quantity, "flux");
  rows.forEach((row, i) => {
    const curve = set.at(i);
    assert.deepEqual([...curve.time], row.mjd);
    assert.deepEqual([...curve.value], row.flux);
    assert.deepEqual([...curve.error!], row.fluxerr);
    assert.deepEqual([...curve.flags!], row.flags);
    assert.deepEqual(Array.from(curve.band!, (b) => set.bands[b]), row.band);
  });
  if (!metadata) return;
  assert.deepEqual(set.metadata.name, rows.map((row) => row.name));
  assert.deepEqual([...set.numbers("redshift")], rows.map((row) => row.redshift ?? NaN));
  assert.deepEqual([...set.numbers("hosts")], rows.map((row) => row.hosts));
  assert.deepEqual([...set.numbers("spectroscopic")], rows.map((row) => Number(row.spectroscopic)));
}

for (
  const name of [
    ...[
      "plain",
      "dictionary",
      "snappy",
      "gzip",
      "zstd",
      "pages_v2",
      "row_groups",
      "split",
      "delta",
    ],
    "struct",
  ]
) {
  Deno.test(`a file that pyarrow wrote (${name}) reads as the same objects, identifiers of 54 bits included`, async () => {
    assertRows(await readParquetLightCurves(fixture(`${name}.parquet`)), ROWS, true);
  });
}

Deno.test("row groups come one by one", async () => {
  let from = 0;
  for await (const set of parquetLightCurves(fixture("row_groups.parquet"))) {
    assertRows(set, ROWS.slice(from, from + 5), true);
    from += 5;
  }
  assert.equal(from, 15);
});

Deno.test("rows of single observations are brought together by object, across row groups too", async () => {
  const rows = ROWS.filter(({ mjd }) => mjd.length > 0);
  assertRows(await readParquetLightCurves(fixture("rows.parquet")), rows, false);
  const ids: string[] = [];
  for await (const set of parquetLightCurves(fixture("rows.parquet"))) {
    assertRows(set, rows.filter((row) => set.ids.includes(row.diaObjectId)), false);
    ids.push(...set.ids);
  }
  assert.deepEqual(ids, rows.map((row) => row.diaObjectId));
});

Deno.test("nulls are empty lists, missing entries, or bad observations", async () => {
  await assert.rejects(
    readParquetLightCurves(fixture("nulls.parquet")),
    /Expected a finite value, found NaN \(object a, observation 1\)/,
  );
  const set = await readParquetLightCurves(fixture("nulls.parquet"), { onBadRow: "skip" });
  assert.deepEqual(set.ids, ["a", "b", "c"]);
  assert.deepEqual(set.offsets, Uint32Array.of(0, 2, 2, 2));
  assert.deepEqual(set.value, Float64Array.of(15, 16));
  assert.deepEqual(set.metadata.note, ["", "x", ""]);
});

Deno.test("flags of another kind are not taken for ours", async () => {
  await assert.rejects(
    readParquetLightCurves(fixture("plain.parquet"), { columns: { flags: "fluxerr" } }),
    /Expected flags from 0 to 255 in column "fluxerr.list.element", found \d+\.\d+/,
  );
});

Deno.test("only the columns that are wanted are read, and wide numbers need to be asked for as text", async () => {
  const columns = ["diaObjectId", "redshift"];
  const table = await readParquetTable(fixture("gzip.parquet"), { columns, text: ["diaObjectId"] });
  assert.deepEqual(table.diaObjectId, ROWS.map((row) => row.diaObjectId));
  await assert.rejects(
    readParquetTable(fixture("gzip.parquet"), { columns }),
    /whole numbers of at most 53 bits, found 9007199254740992/,
  );
  await assert.rejects(readParquetTable(fixture("gzip.parquet")), /found lists in column "mjd.list.element"/);
  await assert.rejects(
    readParquetTable(fixture("lists_of_lists.parquet"), { columns: ["x"] }),
    /lists of lists/,
  );
});
