import { type ClassProbabilities, fitLogarithmicPool, logarithmicPool, logLoss } from "ephemera/learn";
import { matrix } from "ephemera/numerics";
import { Random } from "ephemera/core";
import assert from "node:assert/strict";
import fc from "fast-check";

const classNames = ["a", "b", "c"];

/** What an observer of a Gaussian cue believes: the exact posterior, raised to a power and brought to sum 1. */
function observer(
  seed: number,
  truth: readonly number[],
  noise: number,
  sharpness: number,
): ClassProbabilities {
  const random = new Random(seed);
  const data = truth.flatMap((k) => {
    const logs = classNames.map((_, j) => j === k ? 1 : 0).map((mean) => mean + noise * random.normal());
    const powers = logs.map((x) => Math.exp(sharpness * x / noise ** 2));
    const total = powers.reduce((a, b) => a + b);
    return powers.map((p) => p / total);
  });
  return { classNames, probabilities: matrix(data, truth.length, 3) };
}

const truth = Array.from({ length: 4000 }, (_, i) => i % 3), labels = truth.map((k) => classNames[k]);

Deno.test("independent exact observers are pooled with weights of one, as Bayes' theorem has it", () => {
  // Independent cues multiply their likelihoods, and the prior is flat.
  const weights = fitLogarithmicPool([observer(1, truth, 1.2, 1), observer(2, truth, 1.5, 1)], labels);
  for (const weight of weights) assert.ok(Math.abs(weight - 1) < 0.1, `${weights}`);
});

Deno.test("an observer who is too sure of himself by a factor gets its inverse as weight, and noise gets none", () => {
  const guess = observer(5, truth.map((_, i) => (i * 7 + (i >> 3)) % 3), 1, 1);
  const [sure, noise] = fitLogarithmicPool([observer(3, truth, 2, 2), guess], labels);
  assert.ok(Math.abs(sure - 0.5) < 0.05, `${sure}`);
  assert.ok(noise < 0.05, `${noise}`);
});

Deno.test("no single member has a smaller log loss on the objects of the fit than the pool", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e6 }),
      fc.double({ min: 0.5, max: 3, noNaN: true }),
      fc.double({ min: 0.3, max: 3, noNaN: true }),
      (seed, noise, sharpness) => {
        const few = truth.slice(0, 300), own = labels.slice(0, 300);
        const members = [observer(seed, few, noise, sharpness), observer(seed + 1, few, 1, 1)];
        const loss = logLoss(own, logarithmicPool(members, fitLogarithmicPool(members, own)));
        for (const [k] of members.entries()) {
          const alone = logarithmicPool(members, members.map((_, j) => j === k ? 1 : 0));
          assert.ok(loss <= logLoss(own, alone) + 1e-4);
        }
      },
    ),
    { numRuns: 25, seed: 1 },
  );
});

Deno.test("members of other classes or lengths, and negative weights, are refused", () => {
  const one = observer(1, [0, 1], 1, 1);
  assert.throws(() => logarithmicPool([one, observer(1, [0], 1, 1)], [1, 1]), /2 rows/);
  assert.throws(
    () => logarithmicPool([one, { ...one, classNames: ["a", "b", "d"] }], [1, 1]),
    /classes a, b, c/,
  );
  assert.throws(() => logarithmicPool([one], [-1]), /not negative/);
  assert.throws(() => logarithmicPool([], []), /at least one classifier/);
  assert.throws(() => fitLogarithmicPool([one], ["a"]), /2 labels/);
});
