import assert from "node:assert/strict";
import { mixtureEnergy } from "../../lib/learn/mod.ts";
import { identity, matrix } from "../../lib/numerics/mod.ts";
import { Random } from "../../lib/core/mod.ts";
import { buildProducts } from "../../lib/learn/mixture/assembly/build.ts";
import { encodeBase64 } from "../../lib/learn/mixture/base64.ts";
import { BLOCK, makeProducts } from "../../lib/learn/mixture/products.ts";
import { PRODUCTS_WASM } from "../../lib/learn/mixture/products_wasm.ts";

Deno.test("the SIMD products of a mixture are those of plain TypeScript for any number of coordinates and objects", () => {
  for (const l of [1, 2, 3, 4, 7, 8, 21, 33]) {
    for (const objects of [1, 2, 5, 63, 64]) {
      const random = new Random(l * 100 + objects);
      const fast = makeProducts(l), plain = makeProducts(l, true);
      assert.equal(fast.size, plain.size);
      const { size } = plain;
      for (let i = 0; i < l; i++) for (let j = 0; j <= i; j++) plain.factor[i * size + j] = random.normal();
      for (let j = 0; j < l; j++) {
        for (let b = 0; b < objects; b++) {
          plain.x[j * BLOCK + b] = random.normal();
          plain.y[j * BLOCK + b] = random.normal();
        }
      }
      for (const name of ["factor", "x", "y"] as const) fast[name].set(plain[name]);
      for (const products of [fast, plain]) {
        products.triangularSquares(objects);
        products.addProducts(objects);
        products.addProducts(objects);
      }
      const close = (a: number, b: number, scale: number) =>
        assert.ok(Math.abs(a - b) <= 1e-13 * scale, `${l} coordinates, ${objects} objects: ${a} is not ${b}`);
      for (let b = 0; b < objects; b++) close(fast.total[b], plain.total[b], l * l + plain.total[b]);
      for (let a = 0; a < l; a++) {
        for (let c = 0; c <= a; c++) close(fast.sums[a * size + c], plain.sums[a * size + c], objects);
      }
    }
  }
});

Deno.test("many evaluations of single objects do not use up the address space", () => {
  const one = { weights: Float64Array.of(1), means: matrix([0, 0], 1, 2), covariances: [identity(2)] };
  const z = matrix([1, 2], 1, 2);
  for (let i = 0; i < 3000; i++) {
    assert.ok(Math.abs(mixtureEnergy(one, z)[0] - 2.5 - Math.log(2 * Math.PI)) < 1e-14);
  }
});

Deno.test("the compiled products are those of the source", async () => {
  assert.equal(encodeBase64(await buildProducts()), PRODUCTS_WASM);
});
