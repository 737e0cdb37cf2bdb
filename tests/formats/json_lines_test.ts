import assert from "node:assert/strict";
import { readFloat32, readJsonLines, recordColumns } from "ephemera/formats";
import { testMutations } from "./mutations.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const pack = async (data: Uint8Array) =>
  new Uint8Array(
    await new Response(
      new Blob([data as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream("gzip")),
    ).arrayBuffer(),
  );

Deno.test("lines of JSON come back in order, long identifiers digit by digit, packed or not", async () => {
  const text =
    '{"a": 1, "id": 9007199254740993}\r\n\n{"a": -9007199254740991, "b": {"c": [12345678901234567890]}}';
  const expected = [{ a: 1, id: "9007199254740993" }, {
    a: -9007199254740991,
    b: { c: ["12345678901234567890"] },
  }];
  assert.deepEqual(await readJsonLines(bytes(text)), expected);
  assert.deepEqual(await readJsonLines(await pack(bytes(text))), expected);
});

Deno.test("bad lines are named", async () => {
  await assert.rejects(
    readJsonLines(bytes('{"a":1}\n{"a":'), { where: "x.jsonl" }),
    /JSON object, found .* \(x\.jsonl, line 2\)/,
  );
  await assert.rejects(readJsonLines(bytes("[1]")), /a JSON object, found \[1\] \(bytes, line 1\)/);
  await assert.rejects(
    readJsonLines(bytes(`{"a":"${"x".repeat(100)}"}`), { maximumLine: 50 }),
    /at most 50 bytes/,
  );
  await assert.rejects(readJsonLines(bytes(`{"a":${"[".repeat(100_000)}`)), /a JSON object/);
});

Deno.test("records become columns of numbers or texts, lists are left out", () => {
  const table = recordColumns([
    { rb: 0.5, name: "x", list: [1], ok: true },
    { rb: null, name: 3, ok: false },
    {},
  ]);
  assert.deepEqual(table, {
    rb: Float64Array.of(0.5, NaN, NaN),
    name: ["x", "3", ""],
    ok: Float64Array.of(1, 0, NaN),
  });
  const many = Array.from({ length: 5000 }, (_, k) => ({ [`field ${k}`]: k }));
  assert.throws(() => recordColumns(many), /at most 4096 different fields, found 5000/);
});

Deno.test("little-endian floats come back, and a wrong number of them is refused", async () => {
  const values = Float32Array.of(1.5, -2, NaN, 1e30),
    raw = new Uint8Array(16),
    view = new DataView(raw.buffer);
  values.forEach((value, i) => view.setFloat32(4 * i, value, true));
  assert.deepEqual(await readFloat32(raw, { expected: 4 }), values);
  assert.deepEqual(await readFloat32(await pack(raw)), values);
  await assert.rejects(readFloat32(raw, { expected: 5 }), /5 floats of four bytes, found 16 bytes/);
  await assert.rejects(readFloat32(raw.subarray(0, 15)), /whole floats of four bytes, found 15 bytes/);
});

Deno.test("ten thousand damaged files of JSON lines are read or refused with a sentence", async () => {
  const file = bytes(
    '{"candid": 820128985315015000, "objectId": "ZTF19aanyxbv", "candidate": {"jd": 2458574.6, "fid": 2, "rb": null}}\n'
      .repeat(3),
  );
  const { read, refused } = await testMutations({
    files: [file],
    read: async (bytes) => recordColumns(await readJsonLines(bytes, { maximumBytes: 100_000 })),
    memory: (length) => 40 * length + 10_000,
    seed: "json lines",
  });
  assert.ok(read > 500 && refused > 500, `${read} read, ${refused} refused`);
});
