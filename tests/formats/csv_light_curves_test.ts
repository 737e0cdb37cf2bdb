import assert from "node:assert/strict";
import fc from "fast-check";
import { EphemeraError } from "ephemera/core";
import { Flag, LightCurveSet } from "ephemera/observations";
import {
  formatLightCurves,
  parseLightCurves,
  readBytes,
  readLightCurves,
  type ReadLightCurvesOptions,
  writeLightCurves,
} from "ephemera/formats";

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string, options: ReadLightCurvesOptions = {}) =>
  parseLightCurves(bytes(text), { where: "f.csv", ...options });
const HEAD = "id,mjd,band,mag,magerr\n";

async function gzip(data: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([data as Uint8Array<ArrayBuffer>]).stream().pipeThrough(
    new CompressionStream("gzip"),
  );
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

Deno.test("readLightCurves reads columns in any order, ignores others, and keeps objects in order of appearance", () => {
  const { set, rows } = parse(
    "mag,comment,id,filter,time,magerr\n15.5,x,b,g,1,0.1\n15.25,,b,r,2.5,.2\n-1e-3,y,a,g,1,0\n",
  );
  assert.equal(rows, 3);
  assert.deepEqual(set.ids, ["b", "a"]);
  assert.deepEqual(set.bands, ["g", "r"]);
  assert.deepEqual(set.at(0).time, Float64Array.of(1, 2.5));
  assert.deepEqual(set.at(0).error, Float64Array.of(0.1, 0.2));
  assert.deepEqual(set.at(0).band, Uint8Array.of(0, 1));
  assert.deepEqual(set.at(1).value, Float64Array.of(-0.001));
});

Deno.test("readLightCurves brings scattered rows of an object together", () => {
  const { set } = parse("id,time,mag\na,1,1\nb,1,2\na,2,3\nb,2,4\na,3,5\n");
  assert.deepEqual(set.offsets, Uint32Array.of(0, 3, 5));
  assert.deepEqual(set.value, Float64Array.of(1, 3, 5, 2, 4));
  assert.equal(set.error, undefined);
});

Deno.test("numbers are read exactly as Number reads them", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (values) => {
      const texts = values.flatMap((x) => [String(x), x.toFixed(6), x.toExponential(7), x.toPrecision(17)]);
      const { set } = parse("id,time,mag\n" + texts.map((text, i) => `a,${i},${text}\n`).join(""));
      texts.forEach((text, i) => assert.ok(set.value[i] === Number(text), `${text}: ${set.value[i]}`));
    }),
  );
});

Deno.test("what is written is read back the same, bit by bit, for any numbers and any names", () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 1e5),
  );
  const name = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => text.isWellFormed());
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { minLength: 1, maxLength: 5 }),
      fc.array(fc.tuple(number, number, fc.double({ min: 0, max: 1, noNaN: true })), {
        minLength: 5,
        maxLength: 40,
      }),
      (ids, observations) => {
        const offsets = Uint32Array.from([
          0,
          ...ids.map((_, i) => i + 1 === ids.length ? observations.length : i + 1),
        ]);
        const time = Float64Array.from(observations, ([t]) => t);
        for (let i = 0; i < ids.length; i++) time.subarray(offsets[i], offsets[i + 1]).sort();
        const set = new LightCurveSet({
          ids,
          offsets,
          time,
          value: Float64Array.from(observations, ([, v]) => v),
          error: Float64Array.from(observations, ([, , e]) => e),
          band: Uint8Array.from(observations, (_, i) => i % 2),
          bands: ["g,1", 'r"'],
        });
        const back = parseLightCurves(formatLightCurves(set), { bands: set.bands }).set;
        assert.deepEqual(back.columns(), set.columns());
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("texts become flags by the meanings given; one without a meaning is a bad row", () => {
  const text = "id,time,mag,kind\na,2,1,forced\na,1,2,detected\na,3,3,guess\n";
  const flags = { column: "kind", meanings: { detected: Flag.detected, forced: Flag.forced } };
  const { set, skipped } = parse(text, { flags, order: "sort", onBadRow: "skip" });
  assert.deepEqual(set.flags, Uint8Array.of(Flag.detected, Flag.forced));
  assert.equal(skipped["unknown flag"], 1);
  assert.throws(
    () => parse(text, { flags, order: "sort" }),
    /one of the flags detected, forced, found "guess"/,
  );
});

Deno.test("rows out of time order are sorted when asked, equal times keeping their order", () => {
  const text = "id,time,mag,magerr,flag\na,3,30,.3,7\na,1,10,.1,8\na,3,31,.3,9\nb,1,5,.1,1\n";
  const { set, sortedObjects } = parse(text, { order: "sort", extra: ["flag"] });
  assert.equal(sortedObjects, 1);
  assert.deepEqual(set.value, Float64Array.of(10, 30, 31, 5));
  assert.deepEqual(set.extra.flag, Float64Array.of(8, 7, 9, 1));
});

const BAD: [string, string, ReadLightCurvesOptions, string][] = [
  [
    "a value that is NaN",
    HEAD + "a,1,V,nan,0.1\n",
    {},
    'Expected a finite number in column "mag", found "nan" (f.csv, line 2, object a). To mend it: take the row out, or read with onBadRow: "skip".',
  ],
  [
    "a time that is no number",
    HEAD + "a,1,V,9,0.1\na,12h,V,9,0.1\n",
    {},
    'Expected a finite number in column "mjd", found "12h" (f.csv, line 3, object a). To mend it: take the row out, or read with onBadRow: "skip".',
  ],
  [
    "an empty error",
    HEAD + "a,1,V,9,\n",
    {},
    'Expected a finite number in column "magerr", found an empty field (f.csv, line 2, object a). To mend it: take the row out, or read with onBadRow: "skip".',
  ],
  [
    "a negative error",
    HEAD + "a,1,V,9,-0.1\n",
    {},
    'Expected an error that is not negative, found -0.1 (f.csv, line 2, object a). To mend it: take the row out, or read with onBadRow: "skip".',
  ],
  [
    "times out of order",
    HEAD + "a,2,V,9,0.1\na,1,V,9,0.1\n",
    {},
    'Expected ascending times, found 1 after 2 (f.csv, line 3, object a). To mend it: read with order: "sort".',
  ],
  [
    "a duplicate where refused",
    HEAD + "a,2,V,9,0.1\na,2,g,9,0.1\na,2,V,9,0.1\n",
    { duplicates: "refuse" },
    'Expected one observation per time and band, found time 2 twice in band V (f.csv, line 4, object a). To mend it: read with duplicates: "keep", or take one out.',
  ],
  [
    "an object without observations",
    HEAD + "a,2,V,9,0.1\n",
    { objects: ["a", "b"] },
    "Expected observations of object b, found none (f.csv). To mend it: take the object out of the list, or complete the file.",
  ],
  [
    "an unknown band",
    HEAD + "a,2,V,9,0.1\na,3,q,9,0.1\n",
    { bands: ["V", "g"] },
    'Expected one of the bands V, g, found "q" (f.csv, line 3, object a). To mend it: name all bands of the file in the option bands.',
  ],
  [
    "a row that is too short",
    HEAD + "a,2,V\n",
    {},
    "Expected 5 fields, found 3 (f.csv, line 2). To mend it: complete the row or take it out.",
  ],
  [
    "a row that is too long",
    HEAD + "a,2,V,9,0.1,0\n",
    {},
    "Expected 5 fields, found 6 (f.csv, line 2). To mend it: complete the row or take it out.",
  ],
];

for (const [name, text, options, sentence] of BAD) {
  Deno.test(`${name} fails with its sentence, and is skipped and reported when asked`, () => {
    assert.throws(() => parse(text, options), { message: sentence });
    const good = "z,1,V,9,0.1\n";
    const { set, badRows, skipped } = parse(text + good, { ...options, onBadRow: "skip" });
    assert.equal(badRows.length, 1);
    assert.equal(badRows[0].message, sentence);
    assert.deepEqual(Object.values(skipped), [1]);
    assert.ok(set.ids.includes("z"));
    assert.equal(set.observations, text.trimEnd().split("\n").length - (badRows[0].line === 0 ? 0 : 1));
  });
}

Deno.test("a missing column is refused with the columns that are there", () => {
  assert.throws(() => parse("id,mjd,rmag\na,1,2\n"), {
    message:
      'Expected a column "mag", found the columns id, mjd, rmag (f.csv). To mend it: name the column in the option columns.',
  });
  assert.throws(() => parse("id,mjd,mag\na,1,2\n", { columns: { error: "sigma" } }), /a column "sigma"/);
  assert.throws(() => parse("", {}), /a column "id", found the columns \(none\)/);
  assert.equal(parse("id,mjd,rmag\na,1,2\n", { columns: { value: "rmag" } }).set.value[0], 2);
});

Deno.test("rows without order are dropped one by one when bad rows are skipped", () => {
  const { set, skipped } = parse("id,time,mag\na,1,1\na,5,2\na,3,3\na,4,4\na,6,5\n", { onBadRow: "skip" });
  assert.deepEqual(set.time, Float64Array.of(1, 5, 6));
  assert.equal(skipped.unsorted, 2);
});

Deno.test("the same time in two bands is no duplicate, and duplicates are kept unless refused", () => {
  const text = HEAD + "a,1,g,9,0.1\na,1,r,9,0.1\na,1,g,8,0.1\n";
  assert.equal(parse(text).set.observations, 3);
  assert.equal(parse(text, { duplicates: "refuse", onBadRow: "skip" }).set.observations, 2);
});

Deno.test("quoted fields, CRLF, blank lines, a byte-order mark and a missing last newline are read", () => {
  const { set } = parse('\uFEFFid,time,mag\r\n"a, ""b""",1,"2.5"\r\n\r\nc,1,3');
  assert.deepEqual(set.ids, ['a, "b"', "c"]);
  assert.deepEqual(set.value, Float64Array.of(2.5, 3));
  assert.throws(
    () => parse('id,time,mag\n"a,1,2\n'),
    /a closing quote, found the end of the file \(f\.csv, quote opened on line 2\)/,
  );
});

Deno.test("an object all of whose rows are bad is left out, not kept empty", () => {
  const { set } = parse("id,time,mag\na,1,nan\nb,1,2\n", { onBadRow: "skip" });
  assert.deepEqual(set.ids, ["b"]);
});

Deno.test("gzip is unpacked from bytes, streams and files; a truncated one is refused", async () => {
  const packed = await gzip(bytes(HEAD + "a,1,V,9,0.1\n".repeat(1000)));
  assert.equal((await readLightCurves(packed)).set.observations, 1000);
  assert.equal(
    (await readLightCurves(new Blob([packed as Uint8Array<ArrayBuffer>]).stream())).set.observations,
    1000,
  );
  const path = await Deno.makeTempFile({ suffix: ".csv.gz" });
  try {
    await Deno.writeFile(path, packed);
    assert.equal((await readLightCurves(path)).set.observations, 1000);
    await Deno.writeFile(path, packed.subarray(0, packed.length - 9));
    await assert.rejects(readLightCurves(path), {
      message:
        `Expected a complete gzip file, found one that ends early or is damaged (${path}). To mend it: fetch the file again.`,
    });
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("an absent file and one above the size limit are refused", async () => {
  await assert.rejects(readBytes("/nowhere/x.csv"), /Expected a file, found none \(\/nowhere\/x\.csv\)/);
  const packed = await gzip(new Uint8Array(100_000));
  await assert.rejects(readBytes(packed, { maximumBytes: 5000 }), /at most 5000 bytes/);
});

Deno.test("writeLightCurves packs when the path ends in .gz", async () => {
  const { set } = parse(HEAD + "a,1,V,9,0.1\n");
  const path = await Deno.makeTempFile({ suffix: ".csv.gz" });
  try {
    await writeLightCurves(path, set);
    const raw = await Deno.readFile(path);
    assert.equal(raw[0], 0x1f);
    assert.deepEqual((await readLightCurves(path)).set.columns(), set.columns());
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("damaged bytes give a result or one clear error, never anything else", () => {
  const whole = bytes(HEAD + 'a,1,V,9,0.1\n"b",2.5e0,g,10,.2\na,3,V,11,0.3\n'.repeat(5));
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(damage, fc.nat(whole.length), fc.boolean(), (flips, end, skip) => {
      const damaged = whole.slice(0, Math.max(1, end));
      for (const [at, value] of flips) if (at < damaged.length) damaged[at] = value;
      try {
        const { set } = parseLightCurves(damaged, { order: "sort", onBadRow: skip ? "skip" : "fail" });
        assert.ok(set.observations <= damaged.length);
      } catch (error) {
        assert.ok(error instanceof EphemeraError, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
