import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { formatTable, readTable, writeTable } from "ephemera/formats";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("readTable finds columns of numbers and keeps identifiers as text when told", async () => {
  const table = await readTable(bytes("id,class,period,note\n01,EA,2.5,\n02,EW,,x\n"), { text: ["id"] });
  assert.deepEqual(table.id, ["01", "02"]);
  assert.deepEqual(table.class, ["EA", "EW"]);
  assert.deepEqual(table.period, Float64Array.of(2.5, NaN));
  assert.deepEqual(table.note, ["", "x"]);
});

Deno.test("a table written and read again is the same", async () => {
  const table = { name: ["a,b", 'c"d', "e\nf"], x: Float64Array.of(0.1, NaN, -1e-300) };
  assert.deepEqual(await readTable(bytes(formatTable(table))), table);
  const path = await Deno.makeTempFile({ suffix: ".csv.gz" });
  try {
    await writeTable(path, table);
    assert.deepEqual(await readTable(path), table);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("readTable reads from a folder with a space in its name, and names a missing file as the disk does", async () => {
  const table = { x: Float64Array.of(1, 2) };
  const folder = await Deno.makeTempDir({ prefix: "a b % c " });
  try {
    await writeTable(join(folder, "t.csv"), table);
    assert.deepEqual(await readTable(pathToFileURL(join(folder, "t.csv"))), table);
    const missing = join(folder, "missing.csv");
    await assert.rejects(
      readTable(pathToFileURL(missing)),
      (error: Error) => error.message.includes(missing),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readTable refuses short rows, missing columns and names that occur twice", async () => {
  await assert.rejects(
    readTable(bytes("a,b\n1\n"), { where: "t.csv" }),
    /Expected 2 fields, found 1 \(t\.csv, line 2\)/,
  );
  await assert.rejects(
    readTable(bytes("a,b\n1,2\n"), { required: ["c"] }),
    /a column "c", found the columns a, b/,
  );
  await assert.rejects(readTable(bytes("a,a\n1,2\n")), /"a" twice/);
});
