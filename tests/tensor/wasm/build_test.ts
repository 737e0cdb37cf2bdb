import assert from "node:assert/strict";
import { importUnsharedMemory, moduleAddress } from "../../../lib/tensor/wasm/module.ts";
import { buildKernels } from "../../../scripts/build_kernels.ts";

for (const name of ["kernels", "kernels_deterministic", "kernels_wide"] as const) {
  Deno.test(`${name}.wasm is what its sources build to`, async () => {
    const committed = await Deno.readFile(moduleAddress(name)), built = await buildKernels(`${name}.wasm`);
    assert.equal(built.length, committed.length, "run `deno run -A scripts/build_kernels.ts`");
    assert.ok(built.every((byte, i) => byte === committed[i]), "run `deno run -A scripts/build_kernels.ts`");
  });
}

Deno.test("the deterministic module has no relaxed instruction, the fast one has", () => {
  // f32x4.relaxed_madd and relaxed_nmadd are 0xfd followed by 0x105 and 0x106 in LEB128.
  const count = (bytes: Uint8Array) =>
    bytes.reduce(
      (n, byte, i) => n + Number(byte === 0xfd && [0x85, 0x86].includes(bytes[i + 1]) && bytes[i + 2] === 2),
      0,
    );
  assert.equal(count(Deno.readFileSync(moduleAddress("kernels_deterministic"))), 0);
  assert.ok(count(Deno.readFileSync(moduleAddress("kernels"))) > 100);
});

Deno.test("the module for one thread takes an unshared memory and differs in one byte", () => {
  const bytes = Deno.readFileSync(moduleAddress("kernels")), patched = importUnsharedMemory(bytes);
  const different = bytes.reduce((count, byte, i) => count + Number(byte !== patched[i]), 0);
  assert.equal(different, 1);
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  const module = new WebAssembly.Module(patched as Uint8Array<ArrayBuffer>);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const { unarySquare } = exports as Record<string, (...args: number[]) => void>;
  const floats = new Float32Array(memory.buffer, 65536, 5);
  floats.set([1, 2, 3, 4, 5]);
  unarySquare(65536, 65536, 5, 0, 0);
  assert.deepEqual(Array.from(floats), [1, 4, 9, 16, 25]);
});

Deno.test("a file that imports something else is refused", () => {
  assert.throws(
    () => importUnsharedMemory(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])),
    /shared memory first/,
  );
});
