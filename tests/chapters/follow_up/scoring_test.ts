import assert from "node:assert/strict";
import { conditionalMixture, RandomForestClassifier } from "../../../lib/learn/mod.ts";
import { matrix } from "../../../lib/numerics/mod.ts";
import {
  AS_CODED,
  conditionalAt,
  conditionalModel,
  configure,
  entropy,
  fitOutOfFold,
  fitParts,
  forestProbabilities,
  outOfFoldAccuracies,
  PAPER,
  plainForest,
  plainModel,
  scoreObjects,
  scoreOutOfFold,
} from "../../../lib/chapters/follow_up/mod.ts";
import { addCompany, descentRoom } from "../../../lib/chapters/follow_up/descent.ts";
import { evenDrawer, randomDrawer } from "../../../lib/chapters/follow_up/draws.ts";
import { besideEachOther } from "../../../lib/chapters/follow_up/follow_up_set.ts";
import { ImaginedVotes } from "../../../lib/chapters/follow_up/imagined_votes.ts";
import { madeUpSet } from "./sky.ts";

const small = configure(PAPER, {
  forest: { trees: 40, folds: 3 },
  mixture: { components: 4, restarts: 1, maxIterations: 60 },
});

Deno.test("entropies of the public notebook's votes, in nats", () => {
  assert.ok(Math.abs(entropy([0.03, 0.005, 0.945, 0.02]) - 0.263388) < 1e-6);
  assert.ok(Math.abs(entropy([0.95, 0.005, 0.04, 0.005]) - 0.230467) < 1e-6);
  assert.ok(Math.abs(entropy([0.03, 0.97]) - 0.134742) < 1e-6);
  assert.ok(Math.abs(entropy([0, 1], { zeroAs: 1e-10 }) - 2.302585e-9) < 1e-14);
  assert.throws(() => entropy([0.5, 0.6]), /sum to 1, found a sum of 1.1/);
});

for (const probabilities of ["votes", "frequencies"] as const) {
  Deno.test(`imagined spectra through a collapsed forest are the full forest's, bit for bit (${probabilities})`, async () => {
    const set = madeUpSet({ objects: 300, classes: 4, known: 3, seed: 1 });
    const forest = await new RandomForestClassifier({ seed: 1, trees: 30, probabilities, minSamplesLeaf: 3 })
      .fit(besideEachOther(set.known, set.revealed), set.labels!);
    const plain = plainForest(forest), N = 77, T = 3, K = 4;
    const spectra = madeUpSet({ objects: N, classes: 4, known: 3, seed: 2 }).revealed;
    // Values that stand on thresholds, repeat, or lie beyond all others.
    plain.trees.slice(0, 20).forEach(({ feature, threshold }, r) => {
      const node = feature.findIndex((j) => j >= T);
      if (node >= 0) spectra.data[r * 2 + feature[node] - T] = threshold[node];
    });
    spectra.data.set([-1e9, 1e9, -1e9, 1e9, 1e9, -1e9], 120);
    const draws = new Float64Array(2 * N);
    for (let i = 0; i < N; i++) for (let s = 0; s < 2; s++) draws[s * N + i] = spectra.data[i * 2 + s];
    const votes = new ImaginedVotes(plain, T, 2, N, 4), room = descentRoom(N);
    for (let b = 0; b < 3; b++) votes.prepare(b, draws);
    votes.count(set.known.data, 0, 3);
    for (let o = 0; o < 3; o++) {
      const rows = matrix(
        Float64Array.from({ length: N * 5 }, (_, at) => {
          const i = Math.floor(at / 5), j = at % 5;
          return j < T ? set.known.data[o * T + j] : spectra.data[i * 2 + j - T];
        }),
        N,
        5,
      );
      const expected = forest.predictProbabilities(rows).probabilities.data;
      assert.deepEqual(forestProbabilities(plain, rows).data, expected);
      const found = new Float64Array(N * K);
      addCompany(plain, set.known.data, o * T, T, draws, N, found, room);
      assert.deepEqual(found.map((sum) => sum / 30), expected);
      if (probabilities === "frequencies") continue;
      votes.read(o, found);
      assert.deepEqual(found.map((sum) => sum / 30), expected);
    }
  });
}

Deno.test("the prepared conditional is that of the closed form, floor included", async () => {
  const set = madeUpSet({ objects: 200, seed: 3 });
  const { joint } = await fitParts(set, { configuration: small, seed: 1 });
  const volume = joint.ranges.slice(0, 3).reduce((product, range) => product * range, 1);
  for (const x of [[0, 0, 0], [1, -2, 0.5], [40, 40, -40]]) {
    for (const floor of [0, 1e-15]) {
      const found = conditionalAt(conditionalModel(joint, floor), x);
      const expected = conditionalMixture(joint.parameters, [0, 1, 2], x, { densityFloor: floor / volume });
      const near = (a: ArrayLike<number>, b: ArrayLike<number>) =>
        Array.from(a).forEach((value, k) => assert.ok(Math.abs(value - b[k]) < 1e-9 * (1 + Math.abs(b[k]))));
      near(found.weights, expected.weights);
      near(found.means.data, expected.means.data);
      found.covariances.forEach((c, k) => near(c.data, expected.covariances[k].data));
    }
  }
});

Deno.test("a joint density of correlated normal numbers gives the bivariate conditional", async () => {
  const set = madeUpSet({ objects: 60, seed: 3 });
  const { joint } = await fitParts(set, { configuration: small, seed: 1 });
  const bivariate = {
    known: 1,
    ranges: Float64Array.of(1, 1),
    parameters: {
      weights: Float64Array.of(1),
      means: matrix([1, 2], 1, 2),
      covariances: [matrix([4, 1.2, 1.2, 1], 2, 2)],
    },
  };
  const found = conditionalAt(conditionalModel(bivariate), [3]);
  assert.ok(Math.abs(found.means.data[0] - (2 + 1.2 / 4 * 2)) < 1e-14);
  assert.ok(Math.abs(found.covariances[0].data[0] - (1 - 1.44 / 4)) < 1e-14);
  assert.equal(joint.known, 3);
});

Deno.test("draws have the conditional's moments: independent ones within their error, even ones nearer", () => {
  const joint = {
    known: 1,
    ranges: Float64Array.of(1, 1, 1),
    parameters: {
      weights: Float64Array.of(0.3, 0.7),
      means: matrix([0, 0, 0, 0, 3, -2], 2, 3),
      covariances: [
        matrix([1, 0.2, 0, 0.2, 1, 0.3, 0, 0.3, 1], 3, 3),
        matrix([1, 0, 0.5, 0, 2, -0.8, 0.5, -0.8, 1], 3, 3),
      ],
    },
  };
  const model = conditionalModel(joint), given = model.room(), N = 4000, draws = new Float64Array(2 * N);
  model.at(Float64Array.of(0.4), 0, given);
  const exact = [0, 1].map((s) => given.weights[0] * given.means[s] + given.weights[1] * given.means[2 + s]);
  for (
    const [drawer, tolerance] of [[randomDrawer(model, N, 1), 0.1], [evenDrawer(model, N), 0.005]] as const
  ) {
    drawer.draw("star", given, draws);
    for (const s of [0, 1]) {
      const mean = draws.subarray(s * N, (s + 1) * N).reduce((sum, x) => sum + x, 0) / N;
      assert.ok(Math.abs(mean - exact[s]) < tolerance, `${mean}, ${exact[s]}`);
    }
  }
});

Deno.test("scores are those of the definitions on the same draws, and depend neither on order nor on workers", async () => {
  const set = madeUpSet({ objects: 240, seed: 1 }), test = madeUpSet({ objects: 20, seed: 2 });
  const model = plainModel(await fitParts(set, { configuration: small, seed: 1 }), 0), K = 3, N = 50;
  const options = { seed: 5, scoring: { samples: N } };
  const scores = await scoreObjects(model, test.ids, test.known, { ...options, workers: 1 });
  const conditional = conditionalModel(model.joint),
    given = conditional.room(),
    draws = new Float64Array(2 * N);
  conditional.at(test.known.data, 3 * 4, given);
  randomDrawer(conditional, N, "5").draw(test.ids[4], given, draws);
  const rows = matrix(
    Float64Array.from({ length: N * 5 }, (_, at) => {
      const i = Math.floor(at / 5), j = at % 5;
      return j < 3 ? test.known.data[12 + j] : draws[(j - 3) * N + i];
    }),
    N,
    5,
  );
  const p = forestProbabilities(model.bothForest, rows).data, before = scores.time.data.slice(12, 15);
  let mean = 0, largest = 0;
  const chosen = [0, 0, 0], imagined = [0, 0, 0];
  for (let i = 0; i < N; i++) {
    const row = [...p.slice(i * K, i * K + K)];
    mean += entropy(row) / N;
    largest += Math.max(...row) / N;
    chosen[row.indexOf(Math.max(...row))]++;
    row.forEach((value, c) => imagined[c] += value / N);
  }
  const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-12, `${a}, ${b}`);
  near(scores.entropyTime[4], entropy(before));
  near(scores.meanEntropy[4], mean);
  near(scores.gain[4], entropy(before) - mean);
  near(scores.mutualInformation[4], entropy(imagined) - mean);
  assert.equal(scores.labelTime[4], before.indexOf(Math.max(...before)));
  assert.equal(scores.labelImagined[4], chosen.indexOf(Math.max(...chosen)));
  near(scores.changeProbability[4], 1 - chosen[scores.labelTime[4]] / N);
  near(scores.decisionGain[4], largest - imagined[scores.labelTime[4]]);
  assert.ok(scores.mutualInformation.every((gain) => gain >= -1e-12));
  assert.ok(scores.sampleEntropy.every((h) => h > 0 && h <= Math.log(N) + 1e-12));

  const reversed = [...test.ids.keys()].reverse(), known = matrix(new Float64Array(60), 20, 3);
  reversed.forEach((i, r) => known.data.set(test.known.data.subarray(i * 3, i * 3 + 3), r * 3));
  const again = await scoreObjects(model, reversed.map((i) => test.ids[i]), known, {
    ...options,
    workers: 2,
  });
  assert.deepEqual(again.gain.toReversed(), scores.gain);
});

Deno.test("out of fold, no object is judged by what it taught; spectra help; the public code's way runs too", async () => {
  const set = madeUpSet({ objects: 240, seed: 1, spread: 0.8 });
  const settings = { forest: small.forest, mixture: small.mixture };
  const held = await fitOutOfFold(set, { seed: 1, settings, workers: 1 });
  const accuracies = outOfFoldAccuracies(held);
  assert.ok(accuracies.both > accuracies.time + 0.03, JSON.stringify(accuracies));
  // Objects that the forest has seen are recognised nearly always: held-out ones are not among them.
  assert.ok(accuracies.time < 0.9);
  const scores = await scoreOutOfFold(held, { seed: 1, scoring: { samples: 20 } });
  assert.deepEqual(scores.time.data, held.time.probabilities.data);
  const coded = await fitOutOfFold(set, {
    seed: 1,
    settings: {
      forest: { ...small.forest, ...AS_CODED.forest },
      mixture: { ...small.mixture, ...AS_CODED.mixture },
    },
  });
  assert.ok(
    coded.models.every(({ joint }) =>
      joint.parameters.weights.every((w, k) => w === coded.models[0].joint.parameters.weights[k])
    ),
  );
  assert.ok(
    held.models.some(({ joint }) =>
      joint.parameters.weights[0] !== held.models[0].joint.parameters.weights[0]
    ),
  );
});

Deno.test("an object with a missing feature is refused by its name", async () => {
  const set = madeUpSet({ objects: 60, seed: 1 });
  const model = plainModel(await fitParts(set, { configuration: small, seed: 1 }), 0);
  set.known.data[7] = NaN;
  await assert.rejects(
    scoreObjects(model, set.ids, set.known, { seed: 1 }),
    /a missing value .*object star 2/,
  );
});
