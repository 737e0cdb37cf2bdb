import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type FitsCard,
  FitsTable,
  formatFits,
  imagePixels,
  parseFits,
  readFits,
  storedPixels,
  writeFits,
} from "ephemera/formats";

const printable = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
});

Deno.test("images of every type come back as they were, and files are whole blocks", () => {
  const shape = [2, 2];
  for (
    const pixels of [
      Uint8Array.of(0, 255, 1, 2),
      Int16Array.of(-32768, 32767, 0, 1),
      Int32Array.of(-2147483648, 2147483647, 0, 1),
      BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 0n, 1n),
      Float32Array.of(NaN, -Infinity, 0.1, -0),
      Float64Array.of(NaN, 1e-300, 0.1, -0),
    ]
  ) {
    const bytes = formatFits([{ kind: "image", shape, pixels }, {
      kind: "image",
      name: "AGAIN",
      shape,
      pixels,
    }]);
    assert.equal(bytes.length % 2880, 0);
    const hdus = parseFits(bytes);
    assert.deepEqual(hdus.map((hdu) => storedPixels(hdu)), [{ shape, pixels }, { shape, pixels }]);
    assert.deepEqual(hdus.map(({ name }) => name), ["", "AGAIN"]);
  }
});

Deno.test("types that FITS lacks are shifted by BZERO and come back with their values", () => {
  for (
    const pixels of [Int8Array.of(-128, 127), Uint16Array.of(0, 65535), Uint32Array.of(0, 4294967295)]
  ) {
    const [hdu] = parseFits(formatFits([{ kind: "image", shape: [2], pixels }]));
    assert.deepEqual(imagePixels(hdu).pixels, Float64Array.from(pixels));
  }
  const values = BigUint64Array.of(0n, 2n ** 64n - 1n);
  const table = new FitsTable(
    parseFits(formatFits([{ kind: "table", columns: [{ name: "ID", values }] }]))[1],
  );
  assert.deepEqual(table.integers("ID"), values);
});

Deno.test("any cards come back: texts of any length, numbers, logical values, long keywords", () => {
  const value = fc.oneof(
    printable,
    fc.string({ unit: fc.constantFrom("'", "a", "&", "/"), maxLength: 200 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );
  const card = fc.record({
    keyword: fc.oneof(
      fc.stringMatching(/^Q[A-Z0-9_-]{0,7}$/),
      fc.stringMatching(/^q[a-z0-9]{0,10}( [a-z]{1,5})?$/),
    ),
    value,
    comment: fc.constantFrom("", "a comment"),
  });
  fc.assert(
    fc.property(fc.uniqueArray(card, { selector: ({ keyword }) => keyword, maxLength: 8 }), (cards) => {
      const bytes = formatFits([{ kind: "image", shape: [0], pixels: new Uint8Array(0), cards }]);
      const [{ header }] = parseFits(bytes);
      for (const { keyword, value } of cards) {
        // Trailing blanks are not part of a FITS text.
        const expected = typeof value === "string" ? value.trimEnd() : Object.is(value, -0) ? 0 : value;
        assert.equal(header.get(keyword), expected, keyword);
      }
    }),
  );
});

Deno.test("any table of numbers, texts, logical values, bits and lists comes back", () => {
  fc.assert(fc.property(
    fc.integer({ min: 0, max: 5 }).chain((rows) =>
      fc.record({
        doubles: fc.array(fc.double(), { minLength: 2 * rows, maxLength: 2 * rows }),
        integers: fc.array(fc.maxSafeInteger(), { minLength: rows, maxLength: rows }),
        texts: fc.array(printable, { minLength: rows, maxLength: rows }),
        logical: fc.array(fc.option(fc.boolean()), { minLength: rows, maxLength: rows }),
        bits: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 9 * rows, maxLength: 9 * rows }),
        lists: fc.array(fc.array(fc.integer({ min: -32768, max: 32767 })), {
          minLength: rows,
          maxLength: rows,
        }),
      })
    ),
    ({ doubles, integers, texts, logical, bits, lists }) => {
      const columns = [
        { name: "D", values: Float64Array.from(doubles), count: 2 },
        { name: "K", values: BigInt64Array.from(integers.map(BigInt)), unit: "count" },
        { name: "A", values: texts },
        { name: "L", values: logical },
        { name: "X", bits: Uint8Array.from(bits), count: 9 },
        { name: "P", lists: lists.map((list) => Int16Array.from(list)) },
      ];
      const table = new FitsTable(parseFits(formatFits([{ kind: "table", name: "T", columns }]))[1]);
      assert.equal(table.rows, texts.length);
      assert.deepEqual(table.numbers("D"), Float64Array.from(doubles));
      assert.deepEqual(table.integers("K"), BigInt64Array.from(integers.map(BigInt)));
      assert.deepEqual(table.texts("A"), texts.map((text) => text.trimEnd()));
      if (texts.length > 0) {
        assert.deepEqual(table.numbers("L"), Float64Array.from(logical, (v) => v === null ? NaN : Number(v)));
      }
      assert.deepEqual(table.bits("X"), Uint8Array.from(bits));
      assert.deepEqual(table.lists("P").map((list) => [...list]), lists);
    },
  ));
});

Deno.test("scaling, missing integers and complex numbers are written as said", () => {
  const columns = [
    { name: "MAG", values: Int16Array.of(-5, 100, -999), scale: 0.5, zero: 20, nullValue: -999 },
    { name: "Z", values: Float32Array.of(1, 2, 3, 4, 5, 6), count: 2, complex: true },
  ];
  const table = new FitsTable(parseFits(formatFits([{ kind: "table", columns }]))[1]);
  assert.deepEqual(table.numbers("MAG"), Float64Array.of(17.5, 70, NaN));
  assert.equal(table.column("Z").form, "C");
  assert.deepEqual(table.numbers("Z"), Float64Array.of(1, 2, 3, 4, 5, 6));
});

Deno.test("a file on disk, packed or not, and a stream are read alike", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const part = { kind: "image" as const, shape: [3], pixels: Float32Array.of(1, 2, 3) };
    for (const name of ["a.fits", "a.fits.gz"]) {
      await writeFits(`${folder}/${name}`, [part]);
      const opened = (await Deno.open(`${folder}/${name}`)).readable;
      for (const source of [`${folder}/${name}`, opened]) {
        assert.deepEqual(imagePixels((await readFits(source))[0]).pixels, part.pixels);
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what cannot be written is refused with a sentence", () => {
  const image = (cards: FitsCard[]) =>
    formatFits([{ kind: "image", shape: [1], pixels: Uint8Array.of(1), cards }]);
  assert.throws(() => formatFits([]), /at least one part/);
  assert.throws(
    () => formatFits([{ kind: "image", shape: [2], pixels: Uint8Array.of(1) }]),
    /1 pixels in the shape/,
  );
  assert.throws(() => image([{ keyword: "BITPIX", value: 8 }]), /cards that do not describe the layout/);
  assert.throws(() => image([{ keyword: "NAME", value: "Å" }]), /printable ASCII characters.*"Å" \(NAME\)/);
  assert.throws(() => image([{ keyword: "X", value: NaN }]), /a finite number, found NaN/);
  const table = (...columns: { name: string; values: Float64Array | string[] }[]) =>
    formatFits([{ kind: "table", columns }]);
  const one = Float64Array.of(1);
  assert.throws(() => table({ name: "A", values: one }, { name: "a", values: one }), /each column name once/);
  assert.throws(
    () => table({ name: "A", values: one }, { name: "B", values: ["x", "y"] }),
    /1 rows, as many/,
  );
});
