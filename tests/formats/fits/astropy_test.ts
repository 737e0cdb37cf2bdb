import assert from "node:assert/strict";
import { findHdu, FitsTable, imagePixels, parseFits, storedPixels } from "ephemera/formats";

/** Made by tests/peers/fits_fixture.py with astropy. */
interface Fixture {
  images: Record<string, { file: string; hdu?: number; shape: number[]; pixels: (number | null)[] }>;
  header: { file: string; values: Record<string, string | number | boolean | null>; history: string };
  table: {
    file: string;
    rows: number;
    numbers: Record<string, (number | null)[]>;
    integers: Record<string, string[]>;
    texts: Record<string, string[]>;
    bits: Record<string, number[]>;
    lists: Record<string, number[][]>;
    scaled: number[];
  };
}
const fixture: Fixture = JSON.parse(
  await Deno.readTextFile(new URL("../fixtures/fits_astropy.json", import.meta.url)),
);
const bytes = (file: string) => Uint8Array.from(atob(file), (c) => c.charCodeAt(0));
const nan = (values: readonly (number | null)[]) => values.map((value) => value ?? NaN);

Deno.test("images of every type that astropy writes have their values, blanks and scaling", () => {
  for (const [name, { file, hdu = 0, shape, pixels }] of Object.entries(fixture.images)) {
    const image = imagePixels(parseFits(bytes(file), name)[hdu]);
    assert.deepEqual(image.shape, shape, name);
    assert.deepEqual([...image.pixels].map(Number), nan(pixels), name);
  }
});

Deno.test("64-bit integers are exact as stored", () => {
  const { pixels } = storedPixels(parseFits(bytes(fixture.images.int64.file))[0]);
  assert.deepEqual(pixels, BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 0n, 1n, 2n, 3n));
});

Deno.test("quotes, long strings, undefined values and hierarchical keywords of a header are understood", () => {
  const [{ header }] = parseFits(bytes(fixture.header.file));
  for (const [keyword, value] of Object.entries(fixture.header.values)) {
    assert.equal(header.get(keyword), value, keyword);
  }
  assert.equal(header.cards.find(({ keyword }) => keyword === "OBJECT")?.comment, "with quotes");
  assert.deepEqual(header.commentary("COMMENT"), ["a comment"]);
  assert.equal(header.commentary("HISTORY").join(""), fixture.header.history.trim());
});

Deno.test("columns of every form that astropy writes have their values", () => {
  const hdus = parseFits(bytes(fixture.table.file)), table = new FitsTable(findHdu(hdus, "EVERY"));
  assert.equal(table.rows, fixture.table.rows);
  for (const [name, values] of Object.entries(fixture.table.numbers)) {
    assert.deepEqual([...table.numbers(name)], nan(values), name);
  }
  assert.deepEqual(table.numbers("E"), Float64Array.of(1.5, NaN, -Infinity));
  for (const [name, values] of Object.entries(fixture.table.integers)) {
    assert.deepEqual([...table.integers(name)].map(String), values, name);
  }
  for (const [name, values] of Object.entries(fixture.table.texts)) {
    assert.deepEqual(table.texts(name), values, name);
  }
  for (const [name, values] of Object.entries(fixture.table.bits)) {
    assert.deepEqual([...table.bits(name)], values, name);
  }
  for (const [name, values] of Object.entries(fixture.table.lists)) {
    assert.deepEqual(table.lists(name).map((list) => [...list]), values, name);
  }
  assert.equal(table.column("J").unit, "count");
  assert.deepEqual(table.column("M").shape, [2, 3]);
  assert.deepEqual(table.numbers("B", { from: 1, to: 2 }), Float64Array.of(255));
  const scaled = new FitsTable(findHdu(hdus, "SCALED")).numbers("SCALED");
  fixture.table.scaled.forEach((value, i) => assert.ok(Math.abs(scaled[i] - value) < 1e-12));
});
