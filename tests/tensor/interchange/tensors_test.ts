import assert from "node:assert/strict";
import { tf } from "../../../lib/tensor/tf.ts";
import { arrayFromTensor, plainArray, tensorFromArray } from "../../../lib/tensor/interchange/mod.ts";

await tf.setBackend("cpu");

Deno.test("plain arrays become tensors and come back, by copy", async () => {
  const floats = plainArray([2, 1], Float32Array.of(1.5, -2));
  const tensor = tensorFromArray(floats);
  floats.data[0] = 9;
  const back = await arrayFromTensor(tensor);
  assert.deepEqual(back, plainArray([2, 1], Float32Array.of(1.5, -2)));
  back.data[0] = 7;
  assert.deepEqual(await arrayFromTensor(tensor), plainArray([2, 1], Float32Array.of(1.5, -2)));
  for (const data of [Int32Array.of(-3, 4), BigInt64Array.of(-3n, 4n)]) {
    assert.deepEqual(
      await arrayFromTensor(tensorFromArray(plainArray([2], data))),
      plainArray([2], Int32Array.of(-3, 4)),
    );
  }
  const flags = { shape: [2], dtype: "bool", data: Uint8Array.of(1, 0) } as const;
  assert.deepEqual(await arrayFromTensor(tensorFromArray(flags)), flags);
  assert.equal(tensorFromArray(plainArray([], Float64Array.of(0.1))).dtype, "float32");
});

Deno.test("numbers and types that a tensor cannot hold are refused", async () => {
  assert.throws(
    () => tensorFromArray(plainArray([1], BigInt64Array.of(2n ** 40n))),
    /32 bits, found 1099511627776/,
  );
  assert.throws(() => tensorFromArray({ shape: [2], data: new Float32Array(3) }), /2 values .*found 3/);
  await assert.rejects(arrayFromTensor(tf.tensor(["text"])), /found string/);
});
