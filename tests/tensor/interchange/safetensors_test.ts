import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedArrays,
  type PlainArray,
  plainArray,
  readSafetensors,
  writeSafetensors,
} from "../../../lib/tensor/interchange/mod.ts";
import peer from "./fixtures/safetensors.json" with { type: "json" };

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

/** A file with the given header and values, however wrong. */
function file(header: unknown, values: Uint8Array, length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + values.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(values, 8 + text.length);
  return bytes;
}

Deno.test("a file written by the format's own library is read, half precision included", () => {
  const { arrays, metadata } = decodeSafetensors(bytesOf(peer.file));
  assert.deepEqual(metadata, peer.metadata);
  assert.deepEqual([...arrays.keys()].sort(), Object.keys(peer.arrays).sort());
  for (const [name, { shape, dtype, values }] of Object.entries(peer.arrays)) {
    const array = arrays.get(name)!;
    assert.deepEqual([...array.shape], shape, name);
    assert.equal(array.dtype, dtype, name);
    const expected = (values as (number | string)[]).map((x) =>
      x === "inf" ? Infinity : x === "nan" ? NaN : x
    );
    assert.deepEqual(
      Array.from(array.data as ArrayLike<number | bigint>, Number),
      expected.map(Number),
      name,
    );
  }
});

const element = fc.oneof(
  fc.float32Array({ maxLength: 24 }),
  fc.float64Array({ maxLength: 24 }),
  fc.int32Array({ maxLength: 24 }),
  fc.bigInt64Array({ maxLength: 24 }),
  fc.uint8Array({ maxLength: 24 }),
);

Deno.test("arrays of every type come back as they were, whatever their names", () => {
  const name = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("__proto__", "toString", "a/b:0"))
    .filter((s) => s !== "__metadata__");
  fc.assert(fc.property(fc.array(fc.tuple(name, element), { maxLength: 8 }), (entries) => {
    const arrays: NamedArrays = new Map(
      entries.map(([name, data]) => [name, plainArray([data.length], data)]),
    );
    const back = decodeSafetensors(encodeSafetensors(arrays, { metadata: { note: "ü" } }));
    assert.deepEqual(back.metadata, { note: "ü" });
    assert.deepEqual(new Map([...back.arrays].sort()), new Map([...arrays].sort()));
  }));
});

Deno.test("scalars, empty arrays and truth values keep their shape and type, and order of entries does not matter", () => {
  const scalar = plainArray([], Float64Array.of(2)), empty = plainArray([0, 3], new Float32Array(0));
  const flags: PlainArray = { shape: [2], dtype: "bool", data: Uint8Array.of(1, 0) };
  const bytes = encodeSafetensors(new Map([["s", scalar], ["e", empty], ["f", flags]]));
  const { arrays } = decodeSafetensors(bytes);
  assert.deepEqual([arrays.get("s"), arrays.get("e"), arrays.get("f")], [scalar, empty, flags]);
  assert.deepEqual(encodeSafetensors(new Map([["f", flags], ["s", scalar], ["e", empty]])), bytes);
  assert.deepEqual(decodeSafetensors(encodeSafetensors(new Map())).arrays.size, 0);
});

Deno.test("every array begins at a multiple of its element size", () => {
  const bytes = encodeSafetensors(
    new Map([
      ["a", plainArray([3], new Uint8Array(3))],
      ["b", plainArray([1], new Float32Array(1))],
      ["c", plainArray([1], new Float64Array(1))],
    ]),
  );
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  assert.equal(length % 8, 0);
  assert.deepEqual([header.c.data_offsets, header.b.data_offsets, header.a.data_offsets], [[0, 8], [8, 12], [
    12,
    15,
  ]]);
});

const f32 = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});

for (
  const [what, bytes, message] of [
    ["too short for its first number", new Uint8Array(7), /at least 8 bytes, found 7/],
    [
      "with a header beyond its end",
      file({}, new Uint8Array(0), 100n),
      /within the file .*found a length of 100 bytes/,
    ],
    [
      "with a monstrous header",
      file({}, new Uint8Array(0), 2n ** 63n),
      /found a length of 9223372036854775808 bytes/,
    ],
    ["with a header that is no JSON", file("{oops", new Uint8Array(0)), /a header in JSON/],
    ["with a header that is not UTF-8", file("", Uint8Array.of(0xff, 0xfe), 2n), /a header in JSON/],
    ["with a list as header", file([], new Uint8Array(0)), /a JSON object as header/],
    ["with metadata that are no texts", file({ __metadata__: { a: 1 } }, new Uint8Array(0)), /texts by name/],
    ["with an entry that is no object", file({ a: 3 }, new Uint8Array(0)), /an object with dtype/],
    [
      "of an unknown type",
      file({ a: { ...f32(0, 4), dtype: "F8_E4M3" } }, new Uint8Array(4)),
      /an element type among .*found F8_E4M3/,
    ],
    [
      "with a type named like a method",
      file({ a: { ...f32(0, 4), dtype: "toString" } }, new Uint8Array(4)),
      /an element type among/,
    ],
    ["with a negative shape", file({ a: f32(0, 4, [-1]) }, new Uint8Array(4)), /whole numbers as shape/],
    [
      "with a shape that overflows",
      file({ a: f32(0, 4, [2 ** 40, 2 ** 40]) }, new Uint8Array(4)),
      /bytes for the shape/,
    ],
    [
      "with a range that does not fit its shape",
      file({ a: f32(0, 4, [2]) }, new Uint8Array(4)),
      /8 bytes for the shape \[2\] of F32, found 4/,
    ],
    [
      "with overlapping arrays",
      file({ a: f32(0, 8), b: f32(4, 12) }, new Uint8Array(12)),
      /values of b to begin at byte 8, .*found byte 4/,
    ],
    [
      "with a gap",
      file({ a: f32(0, 4), b: f32(8, 12) }, new Uint8Array(12)),
      /values of b to begin at byte 4/,
    ],
    [
      "with an array beyond its end",
      file({ a: f32(0, 8) }, new Uint8Array(4)),
      /8 bytes of values, as the header says, found 4/,
    ],
    [
      "with bytes left over",
      file({ a: f32(0, 4) }, new Uint8Array(6)),
      /4 bytes of values, as the header says, found 6/,
    ],
    [
      "with a truth value of 2",
      file({ a: { dtype: "BOOL", shape: [1], data_offsets: [0, 1] } }, Uint8Array.of(2)),
      /0 or 1/,
    ],
  ] as const
) {
  Deno.test(`a file ${what} is refused`, () => {
    assert.throws(() => decodeSafetensors(bytes), (error: Error) => {
      assert.equal(error.name, "EphemeraError");
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("a header above the limit is refused, whatever the file's size", () => {
  const bytes = encodeSafetensors(new Map([["a", plainArray([1], new Float32Array(1))]]));
  assert.throws(() => decodeSafetensors(bytes, { maximumHeaderBytes: 16 }), /at most 16 bytes/);
});

Deno.test("any damage to a file is refused or read, and never breaks the reader", () => {
  const whole = encodeSafetensors(
    new Map([["kernel", plainArray([2, 2], Float32Array.of(1, 2, 3, 4))], [
      "n",
      plainArray([1], Int32Array.of(7)),
    ]]),
  );
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, value, end) => {
      const damaged = whole.slice(0, end);
      if (at < end) damaged[at] = value;
      try {
        decodeSafetensors(damaged);
      } catch (error) {
        assert.equal((error as Error).name, "EphemeraError", String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("writing replaces a file in one step and leaves nothing beside it, and errors name the path", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "weights.safetensors");
    for (const value of [1, 2]) {
      await writeSafetensors(path, new Map([["a", plainArray([1], Float32Array.of(value))]]), {
        metadata: { value: `${value}` },
      });
    }
    const { arrays, metadata } = await readSafetensors(path);
    assert.deepEqual([[...arrays.get("a")!.data], metadata], [[2], { value: "2" }]);
    assert.deepEqual([...Deno.readDirSync(folder)].map((entry) => entry.name), ["weights.safetensors"]);
    await assert.rejects(writeSafetensors(join(folder, "missing", "x"), arrays));
    await Deno.truncate(path, 20);
    await assert.rejects(readSafetensors(path), (error: Error) => error.message.includes(path));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("plainArray() counts", () => {
  assert.throws(
    () => plainArray([2, 3], new Float32Array(5)),
    /6 values for the shape \[2, 3\], found 5 values/,
  );
});
