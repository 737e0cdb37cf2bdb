import assert from "node:assert/strict";
import { mixtureEnergy, mixtureFromMemberships } from "../../lib/learn/mod.ts";
import { identity, matrix, zeros } from "../../lib/numerics/mod.ts";
import { Random } from "../../lib/core/mod.ts";
import { buildProducts } from "../../lib/learn/mixture/assembly/build.ts";
import { encodeBase64 } from "../../lib/learn/mixture/base64.ts";
import { fillBlock, makeProducts } from "../../lib/learn/mixture/products.ts";
import { PRODUCTS_WASM } from "../../lib/learn/mixture/products_wasm.ts";

Deno.test("the SIMD loops of a mixture give what plain TypeScript gives, for any number of coordinates and objects", () => {
  const K = 2;
  for (const l of [1, 2, 3, 4, 7, 8, 21, 33]) {
    for (const objects of [1, 2, 5, 63, 64]) {
      const random = new Random(l * 100 + objects);
      const fast = makeProducts(l, K), plain = makeProducts(l, K, true);
      assert.equal(fast.size, plain.size);
      const { size } = plain;
      for (let k = 0; k < K; k++) {
        for (let i = 0; i < l; i++) {
          plain.means[k * size + i] = random.normal();
          for (let j = 0; j <= i; j++) plain.factors[(k * size + i) * size + j] = random.normal();
        }
      }
      const rows = Float64Array.from({ length: l * objects }, () => random.normal());
      fillBlock(plain.z, rows, l, 0, objects);
      for (let b = 0; b < objects; b++) plain.weights[b] = random.uniform();
      for (const name of ["z", "means", "factors", "weights"] as const) fast[name].set(plain[name]);
      const close = (a: number, b: number, scale: number) =>
        assert.ok(Math.abs(a - b) <= 1e-13 * scale, `${l} coordinates, ${objects} objects: ${a} is not ${b}`);
      for (let k = 0; k < K; k++) {
        for (const products of [fast, plain]) {
          products.centre(k, objects);
          products.triangularSquares(k, objects);
          products.weigh(objects);
          products.addProducts(k, objects);
        }
        for (let b = 0; b < objects; b++) close(fast.total[b], plain.total[b], l * l + plain.total[b]);
      }
      for (let k = 0; k < K; k++) {
        for (let a = 0; a < l; a++) {
          for (let c = 0; c <= a; c++) {
            const at = (k * size + a) * size + c;
            close(fast.sums[at], plain.sums[at], objects * 10);
          }
        }
      }
    }
  }
});

Deno.test("well-parted components are summed as overlapping ones are", () => {
  // Hard memberships take the short way, soft ones of nearly the same weights the long one.
  const random = new Random(3);
  const z = matrix(Float64Array.from({ length: 900 }, () => random.normal()), 300, 3);
  const hard = zeros(300, 6), soft = zeros(300, 6);
  for (let i = 0; i < 300; i++) {
    for (let k = 0; k < 6; k++) {
      hard.data[6 * i + k] = i % 6 === k ? 1 : 0;
      soft.data[6 * i + k] = i % 6 === k ? 1 - 5e-15 : 1e-15;
    }
  }
  const [a, b] = [mixtureFromMemberships(z, hard), mixtureFromMemberships(z, soft)];
  a.covariances.forEach(({ data }, k) =>
    data.forEach((value, i) => assert.ok(Math.abs(value - b.covariances[k].data[i]) < 1e-12))
  );
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
