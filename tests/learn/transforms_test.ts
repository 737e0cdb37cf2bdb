import assert from "node:assert/strict";
import fc from "fast-check";
import { matrix, matrixFromRows } from "../../lib/numerics/mod.ts";
import {
  boxCox,
  inverseBoxCox,
  inverseYeoJohnson,
  MinMaxTransform,
  PowerTransform,
  PrincipalComponents,
  QuantileTransform,
  StandardTransform,
  yeoJohnson,
} from "../../lib/learn/mod.ts";

const peer = JSON.parse(Deno.readTextFileSync(new URL("./fixtures/transforms.json", import.meta.url)));
const x = matrixFromRows(peer.x), fresh = matrixFromRows(peer.new);
const withMissing = matrixFromRows(peer.with_nan.map((row: (number | null)[]) => row.map((v) => v ?? NaN)));

function closeAll(a: ArrayLike<number>, b: number[][], name: string, tolerance = 1e-10) {
  const flat = b.flat();
  assert.equal(a.length, flat.length, name);
  flat.forEach((value, i) => {
    assert.ok(
      Math.abs(a[i] - value) <= tolerance * Math.max(1, Math.abs(value)),
      `${name} ${i}: ${a[i]} is not ${value}`,
    );
  });
}

Deno.test("scalings and quantile transforms agree with scikit-learn, there, back and around missing values", () => {
  const make = {
    standard: (missing?: "keep") => new StandardTransform({ missing }),
    minmax: (missing?: "keep") => new MinMaxTransform({ missing, range: [-1, 2] }),
    uniform: (missing?: "keep") => new QuantileTransform({ missing, quantiles: 50 }),
    normal: (missing?: "keep") => new QuantileTransform({ missing, output: "normal" }),
  };
  for (const [name, transform] of Object.entries(make)) {
    const fitted = transform().fit(x);
    const y = fitted.transform(fresh);
    // The last column has a mean of 10^8 deviations: both sides lose eight digits to it.
    const usual = (m: typeof y) =>
      Array.from({ length: m.rows }, (_, i) => [...m.data.subarray(i * 5, i * 5 + 4)]);
    closeAll(usual(y).flat(), peer[name].y.map((row: number[]) => row.slice(0, 4)), name);
    closeAll(y.data, peer[name].y, name, 1e-6);
    closeAll(fitted.inverse(y).data, peer[name].back, `${name} back`, 1e-9);
    const missing = transform("keep").fit(withMissing);
    closeAll(
      usual(missing.transform(fresh)).flat(),
      peer[name].nan.map((row: number[]) => row.slice(0, 4)),
      `${name}, missing`,
    );
    const kept = missing.transform(withMissing);
    withMissing.data.forEach((value, i) => assert.equal(Number.isNaN(kept.data[i]), Number.isNaN(value)));
    assert.throws(() => transform().fit(withMissing), /finite values, found NaN/);
  }
});

Deno.test("power transforms find scikit-learn's exponents and its values at them", () => {
  for (const method of ["yeo-johnson", "box-cox"] as const) {
    const { x: rows, lambdas, y } = peer[method];
    const transform = new PowerTransform({ method }).fit(matrixFromRows(rows));
    lambdas.forEach((lambda: number, j: number) => {
      // A likelihood is flat at its top: two minimisers agree on the place to the root of the rounding error.
      assert.ok(Math.abs(transform.parameters.data[3 * j] - lambda) < 1e-6, `${method} ${j}`);
    });
    closeAll(transform.transform(matrixFromRows(rows.slice(0, 20))).data, y, method, 2e-6);
    // With the same exponent the formula itself is exact.
    const f = method === "box-cox" ? boxCox : yeoJohnson;
    lambdas.forEach((lambda: number, j: number) => {
      const raised: number[] = rows.map((row: number[]) => f(row[j], lambda));
      const mean = raised.reduce((sum, v) => sum + v, 0) / raised.length;
      const sd = Math.sqrt(raised.reduce((sum, v) => sum + (v - mean) ** 2, 0) / raised.length);
      closeAll(
        raised.slice(0, 20).map((v) => (v - mean) / sd),
        y.map((row: number[]) => [row[j]]),
        `${method} ${j}`,
      );
    });
  }
  assert.throws(
    () => new PowerTransform({ method: "box-cox" }).fit(matrix([1, -1], 2, 1)),
    /positive values, found -1/,
  );
});

Deno.test("power functions are undone by their inverses at every exponent", () => {
  const exponent = fc.oneof(
    fc.constantFrom(0, 1, 2, -1e-17, 2 - 1e-15),
    fc.double({ min: -2, max: 4, noNaN: true }),
  );
  fc.assert(fc.property(fc.double({ min: -20, max: 20, noNaN: true }), exponent, (y, lambda) => {
    const z = yeoJohnson(y, lambda);
    // Where the transform saturates, the digits are gone and no inverse can bring them back.
    if (Math.abs(y) < 3) {
      assert.ok(Math.abs(inverseYeoJohnson(z, lambda) - y) < 1e-9 * (1 + Math.abs(y)), `${z}`);
    }
    const positive = Math.exp(y / 8);
    assert.ok(Math.abs(inverseBoxCox(boxCox(positive, lambda), lambda) - positive) < 1e-6 * positive);
  }));
});

Deno.test("principal components agree with scikit-learn's and undo themselves", () => {
  const small = matrixFromRows(peer.x.map((row: number[]) => row.slice(0, 4)));
  const pca = new PrincipalComponents({ components: 3, whiten: true }).fit(small);
  closeAll(pca.transform(small).data.map(Math.abs), peer.pca.y, "scores", 1e-9);
  closeAll(pca.variances, [peer.pca.variances], "variances");
  closeAll(pca.explainedShare, [peer.pca.share], "shares");
  const all = new PrincipalComponents().fit(small);
  closeAll(all.inverse(all.transform(small)).data, peer.x.map((row: number[]) => row.slice(0, 4)), "back");
  assert.equal(new PrincipalComponents({ components: 0.8 }).fit(small).axes.rows, 2);
});

Deno.test("constant columns neither divide by zero nor break the others", () => {
  const constant = matrix([7, 1, 7, 2, 7, 3], 3, 2);
  assert.deepEqual(
    [...new StandardTransform().fit(constant).transform(constant).data].filter((_, i) => i % 2 === 0),
    [0, 0, 0],
  );
  assert.deepEqual([...new MinMaxTransform().fit(constant).transform(constant).data], [0, 0, 0, 0.5, 0, 1]);
  for (const transform of [new PowerTransform(), new QuantileTransform({ output: "normal" })]) {
    assert.ok(transform.fit(constant).transform(constant).data.every(Number.isFinite));
  }
  const tenth = matrix(new Float64Array(10).fill(0.1), 10, 1);
  assert.ok(new StandardTransform().fit(tenth).transform(tenth).data.every((v) => Math.abs(v) < 1e-12));
});
