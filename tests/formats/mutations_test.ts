import assert from "node:assert/strict";
import { demand, Random } from "ephemera/core";
import { AllocationCounter, mutate, testMutations } from "./mutations.ts";

const file = new TextEncoder().encode("length 12\n0123456789ab\n".repeat(3));
const memory = (length: number) => 10 * length + 1000;

Deno.test("the same seed damages a file in the same way, another in another", () => {
  const made = (seed: number) =>
    Array.from({ length: 50 }, (_, k) => mutate([file], new Random(seed).stream(k)));
  assert.deepEqual(made(1), made(1));
  assert.notDeepEqual(made(1), made(2));
  assert.ok(made(1).some(({ bytes }) => bytes.length < file.length));
  assert.ok(made(1).some(({ bytes }) => bytes.length > file.length));
});

Deno.test("a reader that believes a length, throws a plain error or returns nonsense is found out", async () => {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const careful = (bytes: Uint8Array) => {
    const length = Number(/^length (\d+)\n/.exec(text(bytes))?.[1]);
    demand(length <= bytes.length, { expected: "a length within the file", found: String(length) });
    return new Uint8Array(length);
  };
  const options = { files: [file], memory, seed: 3, count: 4000 };
  const { read, refused } = await testMutations({ ...options, read: careful });
  assert.ok(read > 50 && refused > 20, `${read} read, ${refused} refused`);
  const believing = (bytes: Uint8Array) => {
    const length = Number(/^length (\d+)\n/.exec(text(bytes))?.[1] ?? 0);
    demand(length < 2 ** 28, { expected: "a length that this machine has", found: String(length) });
    return new Float64Array(length);
  };
  await assert.rejects(
    testMutations({ ...options, read: believing }),
    /damage \d+ \(.*allocated \d+ bytes, bound/,
  );
  const plain = (bytes: Uint8Array) => {
    if (!text(bytes).startsWith("length")) throw new RangeError("out of range");
  };
  await assert.rejects(testMutations({ ...options, read: plain }), /not an EphemeraError but RangeError/);
  const check = (result: unknown) => assert.equal((result as Uint8Array).length, 12);
  await assert.rejects(
    testMutations({ ...options, read: careful, check }),
    /Expected values to be strictly equal/,
  );
});

Deno.test("the counter sees what is allocated by number, and leaves the constructors as they were", () => {
  const counter = new AllocationCounter(), original = Float64Array;
  counter.open();
  const made = new Float64Array(10);
  new Uint8Array([1, 2, 3]);
  counter.close();
  assert.equal(counter.bytes, 80);
  assert.equal(Float64Array, original);
  assert.ok(made instanceof Float64Array);
});
