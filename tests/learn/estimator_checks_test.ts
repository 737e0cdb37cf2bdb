/** One suite over every model of the folder: what the contract of estimators promises. */
import assert from "node:assert/strict";
import { Random } from "../../lib/core/mod.ts";
import { type Matrix, matrix, rowOf, takeRows } from "../../lib/numerics/mod.ts";
import {
  BayesianGaussianMixture,
  type Classifier,
  encodeLabels,
  GaussianMixture,
  HierarchicalForest,
  IsolationForest,
  MinMaxTransform,
  NearestNeighboursClassifier,
  NearestNeighboursNovelty,
  NetworkProbe,
  type NoveltyScorer,
  PowerTransform,
  PrincipalComponents,
  QuantileTransform,
  RandomForestClassifier,
  SoftmaxRegression,
  StandardTransform,
  type Transform,
} from "../../lib/learn/mod.ts";

const small = { trees: 15, workers: 1 };
const taxonomy = { first: ["alpha", "beta"], second: ["gamma"] };

const classifiers: [string, (seed: number) => Classifier, (directory: string) => Promise<Classifier>][] = [
  [
    "RandomForestClassifier",
    (seed) => new RandomForestClassifier({ seed, ...small }),
    RandomForestClassifier.load,
  ],
  [
    "HierarchicalForest",
    (seed) => new HierarchicalForest({ seed, taxonomy, top: small, branches: { first: small } }),
    HierarchicalForest.load,
  ],
  ["NearestNeighboursClassifier", () => new NearestNeighboursClassifier(), NearestNeighboursClassifier.load],
  ["SoftmaxRegression", () => new SoftmaxRegression(), SoftmaxRegression.load],
  ["NetworkProbe", (seed) => new NetworkProbe({ seed, hidden: [6], maxIterations: 60 }), NetworkProbe.load],
];

const scorers: [string, (seed: number) => NoveltyScorer, (directory: string) => Promise<NoveltyScorer>][] = [
  ["IsolationForest", (seed) => new IsolationForest({ seed, trees: 30 }), IsolationForest.load],
  ["NearestNeighboursNovelty", () => new NearestNeighboursNovelty(), NearestNeighboursNovelty.load],
  ["GaussianMixture", (seed) => new GaussianMixture({ seed, components: 3 }), GaussianMixture.load],
  [
    "BayesianGaussianMixture",
    (seed) => new BayesianGaussianMixture({ seed, components: 3 }),
    BayesianGaussianMixture.load,
  ],
];

const transforms: [string, () => Transform, (directory: string) => Promise<Transform>][] = [
  ["StandardTransform", () => new StandardTransform(), StandardTransform.load],
  ["MinMaxTransform", () => new MinMaxTransform({ range: [-1, 1] }), MinMaxTransform.load],
  ["QuantileTransform", () => new QuantileTransform({ output: "normal" }), QuantileTransform.load],
  ["PowerTransform", () => new PowerTransform(), PowerTransform.load],
  ["PrincipalComponents", () => new PrincipalComponents({ whiten: true }), PrincipalComponents.load],
];

const NAMES = ["alpha", "beta", "gamma"];
const random = new Random(12);
const labels = Array.from({ length: 90 }, (_, i) => NAMES[i % 3]);
const x: Matrix = matrix(
  Float64Array.from(
    { length: 360 },
    (_, p) => (p % 4 === 0 ? 3 * (Math.floor(p / 4) % 3) : 0) + random.normal(),
  ),
  90,
  4,
);
const reversed = Array.from({ length: 90 }, (_, i) => 89 - i);

const withValue = (value: number): Matrix => {
  const data = x.data.slice();
  data[4 * 7 + 2] = value;
  return { ...x, data };
};

async function inFolder(work: (directory: string) => Promise<void>) {
  const directory = await Deno.makeTempDir();
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Awaits what may throw at once or reject later. */
const refused = (work: () => unknown, pattern: RegExp) => assert.rejects(async () => await work(), pattern);

for (const [name, make, load] of classifiers) {
  Deno.test(`${name} keeps the contract of classifiers`, async () => {
    const before = x.data.slice();
    const model = await make(1).fit(x, labels);
    const { classNames, probabilities } = await model.predictProbabilities(x);
    assert.deepEqual(x.data, before, "the table is left alone");
    assert.deepEqual(classNames, NAMES, "class names travel with probabilities");
    assert.deepEqual([probabilities.rows, probabilities.columns], [90, 3]);
    for (let i = 0; i < 90; i++) {
      const row = rowOf(probabilities, i);
      assert.ok(
        Math.abs(row.reduce((sum, p) => sum + p, 0) - 1) < 1e-9 && row.every((p) => p >= 0 && p <= 1),
      );
    }
    const predicted = await model.predict(x);
    let right = 0;
    labels.forEach((label, i) => {
      const row = rowOf(probabilities, i);
      assert.equal(
        predicted.codes[i],
        row.indexOf(Math.max(...row)),
        "the prediction is the most probable class",
      );
      if (predicted.classNames[predicted.codes[i]] === label) right++;
    });
    assert.ok(right > 75, `${right} of 90 training objects are right`);

    const again = await (await make(1).fit(x, labels)).predictProbabilities(x);
    assert.deepEqual(again.probabilities, probabilities, "the same seed gives the same answer");
    const backwards = await model.predictProbabilities(takeRows(x, reversed));
    assert.deepEqual(
      takeRows(backwards.probabilities, reversed),
      probabilities,
      "the order of objects does not matter",
    );
    const alone = await model.predictProbabilities(takeRows(x, [17]));
    assert.deepEqual(
      rowOf(alone.probabilities, 0),
      rowOf(probabilities, 17),
      "one object alone is predicted the same",
    );
    assert.equal(
      (await model.predictProbabilities(takeRows(x, []))).probabilities.rows,
      0,
      "no object, no row",
    );
    const encoded = encodeLabels(labels, ["zeta", ...NAMES]);
    const other = await make(1).fit(x, encoded);
    assert.deepEqual(other.classNames, NAMES, "a class without objects has no column");
    assert.deepEqual((await other.predictProbabilities(x)).probabilities, probabilities);

    await inFolder(async (directory) => {
      await model.save(directory);
      const loaded = await load(directory);
      assert.deepEqual(
        await loaded.predictProbabilities(x),
        { classNames, probabilities },
        "a saved model is the same",
      );
      await refused(() => load(`${directory}/nowhere`), /./);
      await Deno.writeTextFile(`${directory}/model.json`, '{"kind": "something else"}');
      await refused(() => load(directory), /a model of kind .*, found something else/);
    });
  });

  Deno.test(`${name} refuses bad input with a sentence`, async () => {
    await refused(() => make(1).predictProbabilities(x), /a fitted model.*call fit/);
    await refused(() => make(1).save("/nowhere"), /a fitted model/);
    await refused(() => make(1).classNames, /a fitted model/);
    await refused(() => make(1).fit(withValue(NaN), labels), /finite values, found NaN .*row 7, column 2/);
    await refused(() => make(1).fit(withValue(Infinity), labels), /found Infinity .*row 7, column 2/);
    await refused(() => make(1).fit(x, labels.slice(1)), /90 labels, one a row, found 89/);
    await refused(
      () => make(1).fit(x, labels.map(() => "alpha")),
      /at least 2 classes, found one class, alpha/,
    );
    await refused(() => make(1).fit(takeRows(x, []), []), /row/);
    const model = await make(1).fit(x, labels);
    await refused(() => model.predictProbabilities(withValue(NaN)), /found NaN .*row 7, column 2/);
    await refused(() => model.predict(matrix(x.data, 120, 3)), /4 columns, as in (fit|the table), found 3/);
  });
}

for (const [name, make, load] of scorers) {
  Deno.test(`${name} keeps the contract of novelty scorers`, async () => {
    const model = await make(1).fit(x);
    const score = await model.score(x);
    assert.equal(score.length, 90);
    const [far] = await model.score(matrix([40, -40, 40, -40], 1, 4));
    assert.ok(score.every((s) => s < far), "a far object scores highest");
    assert.deepEqual(await (await make(1).fit(x)).score(x), score, "the same seed gives the same answer");
    const backwards = await model.score(takeRows(x, reversed));
    assert.deepEqual(backwards.reverse(), score, "the order of objects does not matter");
    assert.deepEqual(
      (await model.score(takeRows(x, [17])))[0],
      score[17],
      "one object alone scores the same",
    );
    await inFolder(async (directory) => {
      await model.save(directory);
      assert.deepEqual(await (await load(directory)).score(x), score, "a saved model is the same");
      await Deno.writeTextFile(`${directory}/model.json`, "not JSON");
      await refused(() => load(directory), /a model description in JSON/);
    });
  });

  Deno.test(`${name} refuses bad input with a sentence`, async () => {
    await refused(() => make(1).score(x), /a fitted model.*call fit/);
    await refused(() => make(1).fit(withValue(NaN)), /found NaN .*row 7, column 2/);
    await refused(() => make(1).fit(takeRows(x, [])), /rows, found 0/);
    const model = await make(1).fit(x);
    await refused(() => model.score(withValue(NaN)), /found NaN .*row 7, column 2/);
    await refused(() => model.score(matrix(x.data, 120, 3)), /4 columns, as in fit, found 3/);
  });
}

for (const [name, make, load] of transforms) {
  Deno.test(`${name} keeps the contract of transforms`, async () => {
    const before = x.data.slice();
    const model = make().fit(x);
    const y = model.transform(x);
    assert.deepEqual(x.data, before, "the table is left alone");
    assert.deepEqual([y.rows, y.columns], [90, 4]);
    model.inverse(y).data.forEach((value, i) =>
      assert.ok(Math.abs(value - x.data[i]) < 1e-9, "training rows come back")
    );
    assert.deepEqual(
      rowOf(model.transform(takeRows(x, [17])), 0),
      rowOf(y, 17),
      "rows do not depend on one another",
    );
    assert.equal(model.transform(takeRows(x, [])).rows, 0);
    await inFolder(async (directory) => {
      await model.save(directory);
      assert.deepEqual((await load(directory)).transform(x), y, "a saved transform is the same");
    });
    await refused(() => make().transform(x), /a fitted model.*call fit/);
    await refused(() => make().fit(withValue(NaN)), /found NaN .*row 7, column 2/);
    await refused(() => model.transform(matrix(x.data, 120, 3)), /4 columns, as in fit, found 3/);
  });
}

Deno.test("a damaged model file is refused instead of read beyond its end", async () => {
  await inFolder(async (directory) => {
    await (await new RandomForestClassifier({ seed: 1, ...small }).fit(x, labels)).save(directory);
    const bytes = await Deno.readFile(`${directory}/arrays.bin`);
    await Deno.writeFile(`${directory}/arrays.bin`, bytes.subarray(0, bytes.length - 64));
    await refused(() => RandomForestClassifier.load(directory), /inside the \d+ bytes of arrays.bin/);
    const turned = bytes.slice();
    const header = JSON.parse(await Deno.readTextFile(`${directory}/model.json`));
    const { offset } = header.arrays.find((entry: { name: string }) => entry.name === "right");
    new DataView(turned.buffer).setInt32(offset, 0, true); // the root's right child becomes the root itself
    await Deno.writeFile(`${directory}/arrays.bin`, turned);
    await refused(
      () => RandomForestClassifier.load(directory),
      /nodes whose columns, children and leaves exist/,
    );
  });
});
