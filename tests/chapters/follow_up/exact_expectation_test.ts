import assert from "node:assert/strict";
import { sampleMixture } from "../../../lib/learn/mod.ts";
import { identity, matrix, normalCumulative } from "../../../lib/numerics/mod.ts";
import {
  bivariateNormalCumulative,
  conditionalAt,
  conditionalModel,
  configure,
  entropy,
  exactExpectation,
  exactScores,
  fitParts,
  forestProbabilities,
  gaussianEntropy,
  mixtureEntropy,
  mixtureEntropyBounds,
  PAPER,
  plainModel,
} from "../../../lib/chapters/follow_up/mod.ts";
import { madeUpSet } from "./sky.ts";

Deno.test("the bivariate normal distribution: closed forms at zero, symmetry, limits", () => {
  const near = (a: number, b: number, tolerance = 1e-14) =>
    assert.ok(Math.abs(a - b) < tolerance, `${a}, ${b}`);
  for (const rho of [-0.999, -0.95, -0.5, 0, 0.3, 0.7, 0.9, 0.99, 0.999]) {
    near(bivariateNormalCumulative(0, 0, rho), 0.25 + Math.asin(rho) / (2 * Math.PI), 1e-13);
    near(bivariateNormalCumulative(0.7, -1.1, rho), bivariateNormalCumulative(-1.1, 0.7, rho));
    // P(X <= h, Y <= k) + P(X <= h, -Y <= -k) = P(X <= h)
    const sum = bivariateNormalCumulative(0.4, 1.2, rho) + bivariateNormalCumulative(0.4, -1.2, -rho);
    near(sum, normalCumulative(0.4), 1e-13);
  }
  near(bivariateNormalCumulative(0.5, 1, 1), normalCumulative(0.5));
  near(bivariateNormalCumulative(0.5, 1, -1), normalCumulative(0.5) + normalCumulative(1) - 1);
  assert.equal(bivariateNormalCumulative(0.5, -1, -1), 0);
  assert.ok(Number.isNaN(bivariateNormalCumulative(0, 0, 1.1)));
});

Deno.test("the bivariate normal distribution is that of integrating over one of the two", () => {
  for (const [h, k, rho] of [[0.3, -0.8, 0.6], [1.5, 1.4, 0.97], [-2, -1.9, 0.995], [-0.2, 2.5, -0.85]]) {
    // Simpson's rule on the density of X times the conditional distribution of Y.
    const steps = 40_000, low = -9, width = (h - low) / steps;
    let sum = 0;
    for (let i = 0; i <= steps; i++) {
      const x = low + i * width, factor = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
      sum += factor * Math.exp(-x * x / 2) * normalCumulative((k - rho * x) / Math.sqrt(1 - rho * rho));
    }
    const integral = sum * width / 3 / Math.sqrt(2 * Math.PI);
    assert.ok(Math.abs(bivariateNormalCumulative(h, k, rho) - integral) < 1e-12, `${h} ${k} ${rho}`);
  }
});

for (const probabilities of ["votes", "frequencies"] as const) {
  for (const revealed of [1, 2]) {
    Deno.test(`exact expectations are the limit of sampling (${probabilities}, ${revealed} features)`, async () => {
      const set = madeUpSet({ objects: 240, revealed, seed: 1 });
      const configuration = configure(PAPER, {
        forest: { trees: 30, probabilities },
        mixture: { components: 4, restarts: 1, maxIterations: 60 },
      });
      const model = plainModel(await fitParts(set, { configuration, seed: 1 }), 0), K = 3, N = 40_000;
      const conditional = conditionalModel(model.joint);
      for (const o of [0, 100]) {
        const x = set.known.data.slice(o * 3, o * 3 + 3);
        const exact = exactExpectation(model.bothForest, conditional, x);
        const { samples } = sampleMixture(conditionalAt(conditional, x), N, o);
        const rows = matrix(
          Float64Array.from({ length: N * (3 + revealed) }, (_, at) => {
            const i = Math.floor(at / (3 + revealed)), j = at % (3 + revealed);
            return j < 3 ? x[j] : samples.data[i * revealed + j - 3];
          }),
          N,
          3 + revealed,
        );
        const p = forestProbabilities(model.bothForest, rows).data;
        const check = (value: number, of: (row: Float64Array) => number, name: string) => {
          const values = Float64Array.from({ length: N }, (_, i) => of(p.subarray(i * K, i * K + K)));
          const mean = values.reduce((sum, v) => sum + v, 0) / N;
          const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / N;
          assert.ok(
            Math.abs(mean - value) < 4.5 * Math.sqrt(variance / N) + 1e-9,
            `${name}: ${value}, ${mean}`,
          );
        };
        check(exact.meanEntropy, (row) => entropy(row), "entropy");
        check(exact.meanLargest, (row) => Math.max(...row), "largest");
        for (let c = 0; c < K; c++) {
          check(exact.imagined[c], (row) => row[c], `mean of class ${c}`);
          check(
            exact.classProbability[c],
            (row) => row.indexOf(Math.max(...row)) === c ? 1 : 0,
            `class ${c}`,
          );
        }
        assert.ok(Math.abs(exact.imagined.reduce((sum, v) => sum + v, 0) - 1) < 1e-9);
        assert.ok(exact.cells > 20);
      }
      const few = matrix(set.known.data.slice(0, 75), 25, 3);
      const [one, two] = [1, 2].map((workers) => exactScores(model, few, { workers }));
      assert.deepEqual(await one, await two);
    });
  }
}

Deno.test("three revealed features are refused: their cells are too many", async () => {
  const set = madeUpSet({ objects: 90, revealed: 3, seed: 1 });
  const configuration = configure(PAPER, {
    forest: { trees: 5 },
    mixture: { components: 2, restarts: 1, maxIterations: 20 },
  });
  const model = plainModel(await fitParts(set, { configuration, seed: 1 }), 0);
  assert.throws(
    () => exactExpectation(model.bothForest, conditionalModel(model.joint), set.known.data),
    /one or two features .*, found 3/,
  );
});

Deno.test("a mixture's entropy lies between its bounds, and is exact for one component or components far apart", () => {
  const near = matrix([2, 0.5, 0.5, 1], 2, 2);
  const one = { weights: Float64Array.of(1), means: matrix([3, 1], 1, 2), covariances: [near] };
  const closed = 0.5 * Math.log((2 * Math.PI * Math.E) ** 2 * 1.75);
  assert.ok(Math.abs(gaussianEntropy(near) - closed) < 1e-13);
  assert.deepEqual(mixtureEntropy(one, { samples: 2, seed: 1 }), {
    entropy: gaussianEntropy(near),
    standardError: 0,
  });
  assert.ok(Math.abs(mixtureEntropyBounds(one).high - closed) < 1e-12);
  for (const distance of [0.5, 2, 60]) {
    const two = {
      weights: Float64Array.of(0.3, 0.7),
      means: matrix([0, 0, distance, -distance], 2, 2),
      covariances: [identity(2), near],
    };
    const { low, high } = mixtureEntropyBounds(two);
    const { entropy, standardError } = mixtureEntropy(two, { samples: 20_000, seed: 2 });
    assert.ok(low < entropy && entropy < high + 4 * standardError, `${low} ${entropy} ${high}`);
    if (distance < 60) continue;
    // Far apart: the entropy of the choice and the mean of the parts' entropies.
    const apart = 0.3 * gaussianEntropy(identity(2)) + 0.7 * closed - 0.3 * Math.log(0.3) -
      0.7 * Math.log(0.7);
    assert.ok(Math.abs(entropy - apart) < 4.5 * standardError);
    assert.ok(Math.abs(high - apart) < 1e-12);
  }
});
