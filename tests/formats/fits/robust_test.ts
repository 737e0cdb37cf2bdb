import assert from "node:assert/strict";
import { EphemeraError } from "ephemera/core";
import {
  type FitsHdu,
  FitsTable,
  formatFits,
  formatSnanaFits,
  imagePixels,
  parseFits,
  readFits,
  readSnanaFits,
  storedPixels,
} from "ephemera/formats";
import { LightCurveSet } from "ephemera/observations";
import { testMutations } from "../mutations.ts";

const table = {
  kind: "table" as const,
  name: "T",
  columns: [
    { name: "A", values: ["a", "bc", ""] },
    { name: "L", values: [true, false, null] },
    { name: "X", bits: Uint8Array.of(1, 0, 1, 1, 1, 0, 0, 0, 1), count: 3 },
    { name: "B", values: Uint8Array.of(1, 2, 3) },
    { name: "I", values: Int16Array.of(1, 2, -999, 4, 5, 6), count: 2, nullValue: -999, scale: 0.1, zero: 3 },
    { name: "U", values: BigUint64Array.of(1n, 2n, 3n), unit: "count" },
    { name: "E", values: Float32Array.of(1, 2, NaN) },
    { name: "C", values: Float64Array.of(1, 2, 3, 4, 5, 6), count: 2, complex: true },
    { name: "P", lists: [Float32Array.of(1, 2, 3), new Float32Array(0), Float32Array.of(4)] },
  ],
};
const image = {
  kind: "image" as const,
  shape: [4, 5],
  pixels: Int16Array.from({ length: 20 }, (_, k) => k),
  cards: [
    { keyword: "BSCALE", value: 0.5 },
    { keyword: "BLANK", value: 3 },
    { keyword: "LONG", value: "It's long. ".repeat(15) },
    { keyword: "a long keyword", value: "hierarchical" },
  ],
};
const files = [formatFits([image, table]), formatFits([table, image])];

/** Decodes everything there is. */
function decode(hdus: readonly FitsHdu[]): { hdu: FitsHdu; values: number }[] {
  return hdus.map((hdu) => {
    if (hdu.kind === "other") return { hdu, values: 0 };
    if (hdu.kind === "image") {
      storedPixels(hdu);
      return { hdu, values: imagePixels(hdu).pixels.length };
    }
    const table = new FitsTable(hdu);
    let values = 0;
    for (const { name, form, list } of table.columns) {
      if (table.column(name).form !== form || table.column(name).list !== list) continue; // another of the same name
      if (form === "A") values += table.texts(name).length;
      else if (list !== undefined) values += form === "X" ? 0 : table.lists(name).length;
      else if (form === "X") values += table.bits(name).length;
      else values += table.numbers(name).length;
    }
    return { hdu, values };
  });
}

/** Eight bytes for each stored byte of the data, twice for an image as stored and as it is; some for reading itself. */
const memory = (length: number) => 20 * length + 100_000;

Deno.test("ten thousand damaged FITS files are read or refused with a sentence, within the memory bound", async () => {
  const { read, refused } = await testMutations({
    files,
    read: (bytes) => decode(parseFits(bytes)),
    check: (result) => {
      for (const { hdu, values } of result as ReturnType<typeof decode>) {
        assert.ok(hdu.data.length <= 30_000 && values <= 8 * hdu.data.length + 1000);
      }
    },
    memory,
    seed: "fits",
  });
  assert.ok(read > 500 && refused > 500, `${read} read, ${refused} refused`);
});

Deno.test("a thousand damaged gzipped FITS files are read or refused, also those that unpack to too much", async () => {
  const packed = await Promise.all(files.map(async (file) =>
    new Uint8Array(
      await new Response(
        new Blob([file as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream("gzip")),
      ).arrayBuffer(),
    )
  ));
  const { read, refused } = await testMutations({
    files: packed,
    read: async (bytes) => decode(await readFits(bytes, { maximumBytes: 100_000 })),
    memory: () => 20 * 100_000 + 200_000,
    seed: "fits.gz",
    count: 1000,
  });
  assert.ok(read + refused >= 1000 && refused > 100);
  const bomb = new Uint8Array(
    await new Response(
      new Blob([new Uint8Array(1_000_000)]).stream().pipeThrough(new CompressionStream("gzip")),
    ).arrayBuffer(),
  );
  await assert.rejects(readFits(bomb, { maximumBytes: 100_000 }), /at most 100000 bytes, found more/);
});

Deno.test("ten thousand damaged SNANA pairs are read or refused with a sentence, within the memory bound", async () => {
  const set = new LightCurveSet({
    ids: ["1", "2", "3"],
    offsets: Uint32Array.of(0, 3, 3, 5),
    time: Float64Array.of(1, 2, 3, 1, 5),
    value: Float64Array.of(1, -2, 3, 1, 5),
    error: Float64Array.of(1, 2, 3, 1, 5),
    band: Uint8Array.of(0, 1, 0, 1, 1),
    bands: ["g", "r"],
    flags: Uint8Array.of(1, 8, 9, 25, 4),
    quantity: "flux",
    zeroPoint: 27.5,
    labels: Int32Array.of(0, -1, 1),
    classNames: ["Ia", "II"],
    metadata: { REDSHIFT: Float64Array.of(0.1, NaN, 0.3), MODEL: ["a", "b", ""] },
  });
  const { head, phot } = formatSnanaFits(set);
  const split = head.length;
  const both = new Uint8Array(split + phot.length);
  both.set(head);
  both.set(phot, split);
  // One file with both in it: the damage hits either, and what is lost of HEAD cuts into PHOT.
  const { read, refused } = await testMutations({
    files: [both],
    read: (bytes) =>
      readSnanaFits(bytes.subarray(0, split), {
        photometry: bytes.subarray(split),
        onBadRow: bytes.length % 2 === 0 ? "skip" : "fail",
      }),
    check: (result) => {
      const { set } = result as Awaited<ReturnType<typeof readSnanaFits>>;
      assert.ok(set.length <= 10_000 && set.observations <= 10_000);
    },
    memory: (length) => 64 * length + 100_000,
    seed: "snana",
  });
  assert.ok(read > 500 && refused > 500, `${read} read, ${refused} refused`);
});

Deno.test("bad FITS files are refused with sentences that say what is wrong", () => {
  const refused = (bytes: Uint8Array, message: RegExp) =>
    assert.throws(() => decode(parseFits(bytes, "x.fits")), (error: Error) => {
      assert.ok(error instanceof EphemeraError);
      assert.match(error.message, message);
      return true;
    });
  const [file] = files, text = new TextDecoder("latin1").decode(file);
  const change = (from: string, to: string) => {
    assert.ok(text.includes(from), from);
    return Uint8Array.from(text.replace(from, to), (c) => c.charCodeAt(0));
  };
  const card = (keyword: string, value: string | number) =>
    `${keyword.padEnd(8)}= ${String(value).padStart(20)}`;
  refused(new Uint8Array(0), /a FITS file, which begins with SIMPLE, found no bytes \(x\.fits, HDU 0\)/);
  refused(new TextEncoder().encode("id,time,mag\n1,2,3\n"), /begins with SIMPLE, found "id,time,m"/);
  refused(file.subarray(0, 1000), /an END card, found the end of the file after 1000 bytes/);
  refused(file.subarray(0, 2890), /40 bytes of data, found 10 until the end of the file/);
  refused(file.subarray(0, 3 * 2880 - 1000), /an END card/);
  refused(change(card("NAXIS1", "5"), card("NAXIS1", "9007199254740991")), /fewer than 2\^53 bytes/);
  refused(change(card("NAXIS1", "5"), card("NAXIS1", "-5")), /NAXIS1, found -5/);
  refused(
    change(card("BITPIX", "16"), card("BITPIX", "17")),
    /BITPIX 8, 16,.* found 17/,
  );
  refused(
    change(card("BITPIX", "16"), card("BITPIX", "lots")),
    /a quoted text, a number, T or F/,
  );
  refused(change("'1E      '", "'1Z      '"), /form .* found "1Z"/);
});

Deno.test("lists outside the heap and tables whose columns do not fill the rows are refused", () => {
  const bytes = formatFits([{
    kind: "table",
    columns: [{ name: "P", lists: [Float64Array.of(1), Float64Array.of(2)] }],
  }]);
  const hdu = parseFits(bytes)[1];
  const descriptor = new DataView(hdu.data.buffer, hdu.data.byteOffset, 16);
  descriptor.setInt32(12, 9);
  assert.throws(
    () => new FitsTable(hdu).lists("P"),
    /a list within the 16 bytes of the heap, found 1 elements from byte 9/,
  );
  descriptor.setInt32(12, 0);
  descriptor.setInt32(8, 2);
  assert.throws(() => new FitsTable(hdu).lists("P"), /lists that overlap/);
  descriptor.setInt32(8, -2);
  assert.throws(() => new FitsTable(hdu).lists("P"), /found -2 elements/);
  assert.throws(() => new FitsTable(hdu).numbers("P"), /a column of numbers, found one of form 1PD/);
  assert.throws(() => new FitsTable(parseFits(bytes)[0]), /a binary table, found a part of kind "image"/);
  assert.throws(() => imagePixels(hdu), /an image, found a part of kind "table"/);
});
