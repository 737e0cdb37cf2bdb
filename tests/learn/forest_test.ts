import assert from "node:assert/strict";
import { sampleRankCorrelation } from "simple-statistics";
import { Random } from "../../lib/core/mod.ts";
import { type Matrix, matrix, matrixFromRows, takeRows } from "../../lib/numerics/mod.ts";
import {
  ELASTICC_BRANCH_OPTIONS,
  ELASTICC_TAXONOMY,
  HierarchicalForest,
  IsolationForest,
  permutationImportances,
  RandomForestClassifier,
  type RandomForestOptions,
} from "../../lib/learn/mod.ts";

const peer = JSON.parse(Deno.readTextFileSync(new URL("./fixtures/forest.json", import.meta.url)));
const SEEDS = 10;

const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
const variance = (values: number[]) => {
  const m = mean(values);
  return values.reduce((sum, v) => sum + (v - m) ** 2, 0) / (values.length - 1);
};

const options: Record<string, Partial<RandomForestOptions>> = {
  wine: {},
  made: { criterion: "entropy", minSamplesLeaf: 3, maxFeatures: 0.4 },
  moons: { classWeights: "balanced", maxDepth: 6, minImpurityDecrease: 1e-3 },
};

for (const problem of peer.problems) {
  Deno.test(`forests on "${problem.name}" cannot be told from scikit-learn's over ten seeds`, async () => {
    const x = matrixFromRows(problem.x);
    const names: string[] = problem.y.map(String);
    const test: number[] = problem.test;
    const train = takeRows(x, problem.train), unseen = takeRows(x, test);
    const labels = problem.train.map((i: number) => names[i]);
    const accuracies: number[] = [], outOfBag: number[] = [], predictions: Float64Array[] = [];
    const importances = new Float64Array(x.columns);
    for (let seed = 0; seed < SEEDS; seed++) {
      const forest = await new RandomForestClassifier({
        seed,
        outOfBag: true,
        ...options[problem.name],
        workers: 1,
      })
        .fit(train, labels);
      const { codes } = forest.predict(unseen);
      accuracies.push(mean(test.map((i, t) => forest.classNames[codes[t]] === names[i] ? 1 : 0)));
      predictions.push(forest.predictProbabilities(unseen).probabilities.data);
      outOfBag.push(forest.outOfBag.score);
      forest.importances.forEach((value, j) => importances[j] += value / SEEDS);
    }
    for (
      const [name, ours, theirs] of [["accuracy", accuracies, problem.accuracies], [
        "out-of-bag score",
        outOfBag,
        problem.oob,
      ]]
    ) {
      // One object of the test set is the resolution of an accuracy: variances are not taken below that.
      const error = Math.sqrt((variance(ours) + variance(theirs) + 1 / test.length ** 2) / SEEDS);
      const t = (mean(ours) - mean(theirs)) / error;
      assert.ok(Math.abs(t) < 4, `${name}: ${mean(ours)} against ${mean(theirs)}, ${t} standard errors`);
    }
    // Each mean probability against its own scatter from seed to seed.
    const flatMean: number[] = problem.mean.flat(), flatVariance: number[] = problem.variance.flat();
    let squares = 0, largest = 0;
    flatMean.forEach((theirs, p) => {
      const ours = predictions.map((data) => data[p]);
      const z = (mean(ours) - theirs) / Math.sqrt((variance(ours) + flatVariance[p] + 2e-5) / SEEDS);
      squares += z * z / flatMean.length;
      largest = Math.max(largest, Math.abs(z));
    });
    // With nine degrees of freedom a side the ratio's mean square is 1.13, and hardly one in 500 exceeds 5.
    assert.ok(squares < 1.5, `mean square deviation ${squares} of the scatter`);
    assert.ok(largest < 6.5, `largest deviation ${largest}`);
    problem.importances.forEach((theirs: number, j: number) =>
      assert.ok(
        Math.abs(importances[j] - theirs) < 0.03,
        `importance ${j}: ${importances[j]} against ${theirs}`,
      )
    );
  });
}

function problem(
  rows: number,
  columns: number,
  classes: number,
  seed: number,
): { x: Matrix; labels: string[] } {
  const random = new Random(seed);
  const labels = Array.from({ length: rows }, (_, i) => `class ${i % classes}`);
  const x = matrix(
    Float64Array.from({ length: rows * columns }, (_, p) => {
      const shift = p % columns < 3 ? (Math.floor(p / columns) % classes) * (p % columns + 1) * 0.7 : 0;
      return shift + random.normal();
    }),
    rows,
    columns,
  );
  return { x, labels };
}

Deno.test("the forest is the same for any number of workers", async () => {
  const { x, labels } = problem(1500, 30, 4, 1);
  const grow = (workers: number) =>
    new RandomForestClassifier({ seed: 3, trees: 303, outOfBag: true, workers }).fit(x, labels);
  const [one, three] = [await grow(1), await grow(3)];
  assert.deepEqual(three.trees, one.trees);
  assert.deepEqual(three.importances, one.importances);
  assert.deepEqual(three.outOfBag, one.outOfBag);
});

Deno.test("without a draw and with all columns a tree is exact: it separates what can be separated", async () => {
  const { x, labels } = problem(300, 5, 3, 2);
  const forest = await new RandomForestClassifier({ seed: 1, trees: 1, sampling: "all", maxFeatures: "all" })
    .fit(x, labels);
  const { codes } = forest.predict(x);
  labels.forEach((label, i) => assert.equal(forest.classNames[codes[i]], label));
  // The best first split by full search over all columns and cuts, as the definition has it.
  let best = Infinity, column = -1, cut = NaN;
  for (let j = 0; j < 5; j++) {
    const values = [...new Set(Array.from({ length: 300 }, (_, i) => x.data[i * 5 + j]))].sort((a, b) =>
      a - b
    );
    for (let v = 0; v + 1 < values.length; v++) {
      const threshold = (values[v] + values[v + 1]) / 2;
      let impurity = 0;
      for (const side of [true, false]) {
        const inside = labels.filter((_, i) => (x.data[i * 5 + j] <= threshold) === side);
        const shares = [0, 1, 2].map((k) =>
          inside.filter((label) => label === `class ${k}`).length / inside.length
        );
        impurity += inside.length / 300 * (1 - shares.reduce((sum, s) => sum + s * s, 0));
      }
      if (impurity < best - 1e-12) [best, column, cut] = [impurity, j, threshold];
    }
  }
  assert.equal(forest.trees[0].feature[0], column);
  assert.ok(Math.abs(forest.trees[0].threshold[0] - cut) < 1e-12);
});

Deno.test("options bound the trees as they say", async () => {
  const { x, labels } = problem(400, 6, 2, 3);
  const depthOf = (feature: Int32Array, right: Int32Array, node = 0): number =>
    feature[node] < 0
      ? 0
      : 1 + Math.max(depthOf(feature, right, node + 1), depthOf(feature, right, right[node]));
  const shallow = await new RandomForestClassifier({ seed: 1, trees: 5, maxDepth: 3 }).fit(x, labels);
  for (const { feature, right } of shallow.trees) assert.ok(depthOf(feature, right) <= 3);
  const wide = await new RandomForestClassifier({ seed: 1, trees: 5, minSamplesLeaf: 20, sampling: "all" })
    .fit(x, labels);
  for (const tree of wide.trees) {
    const counts = new Map<number, number>();
    for (let i = 0; i < 400; i++) {
      let node = 0;
      while (tree.feature[node] >= 0) {
        node = x.data[i * 6 + tree.feature[node]] <= tree.threshold[node] ? node + 1 : tree.right[node];
      }
      counts.set(node, (counts.get(node) ?? 0) + 1);
    }
    assert.ok([...counts.values()].every((count) => count >= 20));
  }
  const stump = await new RandomForestClassifier({ seed: 1, trees: 3, minImpurityDecrease: 0.9 }).fit(
    x,
    labels,
  );
  assert.ok(stump.trees.every(({ feature }) => feature.length === 1));
});

Deno.test("balanced draws and weights raise the recall of a rare class on new objects", async () => {
  const random = new Random(5);
  const labels = Array.from({ length: 1000 }, (_, i) => i < 40 ? "rare" : "common");
  const draw = () =>
    matrix(Float64Array.from({ length: 2000 }, (_, p) => random.normal() + (p < 80 ? 1.2 : 0)), 1000, 2);
  const x = draw(), fresh = draw();
  const recall = async (options: Partial<RandomForestOptions>) => {
    const forest = await new RandomForestClassifier({ seed: 1, minSamplesLeaf: 15, ...options }).fit(
      x,
      labels,
    );
    const { codes } = forest.predict(fresh);
    return codes.subarray(0, 40).filter((code) => forest.classNames[code] === "rare").length / 40;
  };
  const plain = await recall({});
  for (
    const options of [
      { sampling: "balanced", minSamplesLeaf: 3 },
      { classWeights: "balanced" },
      { sampling: "all", classWeights: "balanced" },
      { classWeights: "balanced-per-tree" },
      { classWeights: { rare: 24 } },
    ] as const
  ) {
    assert.ok(await recall(options) > plain + 0.2, JSON.stringify(options));
  }
});

Deno.test("out-of-bag predictions are those of the trees that have not seen the object", async () => {
  const { x, labels } = problem(150, 4, 2, 21);
  const two = { seed: 1, trees: 2, outOfBag: true, workers: 1 };
  const forest = await new RandomForestClassifier(two).fit(x, labels);
  const { predicted, treesUnseen } = forest.outOfBag;
  const whole = forest.predictProbabilities(x).probabilities.data;
  let both = 0;
  for (let i = 0; i < 150; i++) {
    const p = predicted.probabilities.data[2 * i];
    if (treesUnseen[i] === 0) assert.ok(Number.isNaN(p));
    if (treesUnseen[i] < 2) continue;
    both++;
    assert.equal(p, whole[2 * i], "an object that no tree has seen is predicted as any new one");
  }
  assert.ok(both > 5);
});

Deno.test("votes are shares of whole trees, frequencies are not", async () => {
  const { x, labels } = problem(200, 4, 3, 7);
  const grow = (probabilities: "votes" | "frequencies") =>
    new RandomForestClassifier({ seed: 1, trees: 10, minSamplesLeaf: 10, probabilities }).fit(x, labels);
  const votes = (await grow("votes")).predictProbabilities(x).probabilities.data;
  assert.ok(votes.every((p) => Math.abs(p * 10 - Math.round(p * 10)) < 1e-9));
  const shares = (await grow("frequencies")).predictProbabilities(x).probabilities.data;
  assert.ok(!shares.every((p) => Math.abs(p * 10 - Math.round(p * 10)) < 1e-9));
});

Deno.test("missing values count as lowest when asked to, in fit and in prediction", async () => {
  const x = matrix([NaN, NaN, NaN, 1, 2, 3], 6, 1);
  const labels = ["gone", "gone", "gone", "here", "here", "here"];
  await assert.rejects(new RandomForestClassifier({ seed: 1 }).fit(x, labels), /found NaN .*row 0, column 0/);
  const forest = await new RandomForestClassifier({ seed: 1, sampling: "all", trees: 3, missing: "lowest" })
    .fit(x, labels);
  assert.deepEqual([...forest.predict(matrix([NaN, -1e300, 9], 3, 1)).codes], [0, 1, 1]);
});

Deno.test("permutation importance finds the columns that matter", async () => {
  const { x, labels } = problem(600, 6, 3, 9);
  const forest = await new RandomForestClassifier({ seed: 1, workers: 1 }).fit(x, labels);
  const fresh = problem(300, 6, 3, 10);
  const { means } = await permutationImportances(forest, fresh.x, fresh.labels, { seed: 1 });
  assert.ok(means[2] > 0.1 && means[2] > means[0], "the column with the widest gaps leads");
  for (const j of [3, 4, 5]) assert.ok(Math.abs(means[j]) < 0.03, `noise column ${j}: ${means[j]}`);
});

Deno.test("isolation scores rank objects as scikit-learn's do", () => {
  const { x, score } = peer.isolation;
  const forest = new IsolationForest({ seed: 1, trees: 300 }).fit(matrixFromRows(x));
  const ours = forest.score(matrixFromRows(x));
  const correlation = sampleRankCorrelation([...ours], score);
  assert.ok(correlation > 0.98, `${correlation}`);
  const level = Math.abs(mean([...ours]) - mean(score));
  assert.ok(level < 0.01, `the scale is the same: ${level}`);
  const threshold = forest.threshold(matrixFromRows(x), 0.1);
  assert.ok(Math.abs(ours.filter((s) => s > threshold).length / x.length - 0.1) < 0.01);
});

Deno.test("a hierarchical forest multiplies branch and class probabilities and refuses classes outside its taxonomy", async () => {
  const { x, labels } = problem(400, 5, 4, 11);
  const taxonomy = { low: ["class 0", "class 1"], high: ["class 2", "class 3"], never: ["class 9"] };
  const small = { trees: 30, workers: 1 };
  const forest = await new HierarchicalForest({
    seed: 1,
    taxonomy,
    top: small,
    branches: { low: small, high: small },
  })
    .fit(x, labels);
  assert.deepEqual(forest.classNames, ["class 0", "class 1", "class 2", "class 3"]);
  const { probabilities } = forest.predictProbabilities(x), branches = forest.predictBranches(x);
  const high = branches.classNames.indexOf("high");
  let right = 0;
  const { codes } = forest.predict(x);
  for (let i = 0; i < 400; i++) {
    const [a, b, c, d] = probabilities.data.subarray(4 * i, 4 * i + 4);
    assert.ok(Math.abs(a + b + c + d - 1) < 1e-12);
    assert.ok(Math.abs(c + d - branches.probabilities.data[2 * i + high]) < 1e-12);
    if (forest.classNames[codes[i]] === labels[i]) right++;
  }
  assert.ok(right > 380, `${right} of 400 training objects`);
  await assert.rejects(
    new HierarchicalForest({ seed: 1, taxonomy: { low: ["class 0"] } }).fit(x, labels),
    /class 1, class 2, class 3/,
  );
  assert.throws(
    () => new HierarchicalForest({ seed: 1, taxonomy: { a: ["x"], b: ["x"] } }),
    /each class stands once, found x/,
  );
});

Deno.test("the ELAsTiCC taxonomy has the twenty classes of ATAT, each once, and settings for its branches", () => {
  const classes = Object.values(ELASTICC_TAXONOMY).flat();
  // Class indices 0 to 19 of Cabrera-Vives et al. 2024.
  const published =
    "AGN, CART, Cepheid, Delta Scuti, Dwarf Novae, EB, ILOT, KN, M-dwarf Flare, PISN, RR Lyrae, SLSN, " +
    "91bg, Ia, Iax, Ib/c, II, SN-like/Other, TDE, uLens";
  assert.deepEqual(classes.toSorted(), published.split(", ").toSorted());
  const counts = Object.entries(ELASTICC_TAXONOMY).map(([branch, list]) => [branch, list.length]);
  assert.deepEqual(counts, [["Transient", 12], ["Stochastic", 4], ["Periodic", 4]]);
  const options = { seed: 1, taxonomy: ELASTICC_TAXONOMY, branches: ELASTICC_BRANCH_OPTIONS };
  assert.deepEqual(new HierarchicalForest(options).options, options);
  const drawn = Object.entries(ELASTICC_BRANCH_OPTIONS).map(([branch, own]) => [branch, own.samplesPerClass]);
  assert.deepEqual(drawn.sort(), [["Periodic", 9000], ["Stochastic", 3900], ["Transient", 15000]]);
  const { trees, minImpurityDecrease } = ELASTICC_BRANCH_OPTIONS.Transient;
  assert.deepEqual([trees, minImpurityDecrease], [350, 3e-5]);
});
