import assert from "node:assert/strict";
import { Random } from "../../lib/core/mod.ts";
import { matrix } from "../../lib/numerics/mod.ts";
import {
  crossValidate,
  folds,
  gridSearch,
  mostProbable,
  NearestNeighboursClassifier,
} from "../../lib/learn/mod.ts";

const random = new Random(6);
const labels = Array.from({ length: 120 }, (_, i) => ["a", "b", "c"][i % 3]);
const x = matrix(Float64Array.from({ length: 120 }, (_, i) => (i % 3) + random.normal(0, 0.6)), 120, 1);
const make = (neighbours: number) => new NearestNeighboursClassifier({ neighbours });

Deno.test("cross-validation predicts each object by a model that has not seen it", async () => {
  const splits = folds(120, 5, { labels, seed: 1 });
  const all = await crossValidate(() => make(3), x, labels, splits);
  // The same by hand for the third split.
  const { train, test } = splits[2];
  const rows = (list: Uint32Array) => matrix(Float64Array.from(list, (i) => x.data[i]), list.length, 1);
  const model = make(3).fit(rows(train), Array.from(train, (i) => labels[i]));
  const own = model.predictProbabilities(rows(test)).probabilities.data;
  test.forEach((i, t) =>
    assert.deepEqual([...all.probabilities.data.subarray(3 * i, 3 * i + 3)], [
      ...own.subarray(3 * t, 3 * t + 3),
    ])
  );
  // One neighbour that may be the object itself would be right always.
  const { codes } = mostProbable(await crossValidate(() => make(1), x, labels, splits));
  assert.ok(codes.some((code, i) => all.classNames[code] !== labels[i]));
});

Deno.test("a class that a training side lacks gets probability 0, and an untested object NaN", async () => {
  const split = { train: Uint32Array.from([0, 1, 3, 4, 6]), test: Uint32Array.of(2) };
  const { classNames, probabilities } = await crossValidate(() => make(1), x, labels, [split]);
  assert.deepEqual(classNames, ["a", "b", "c"]);
  assert.equal(probabilities.data[2 * 3 + 2], 0);
  assert.ok(Number.isNaN(probabilities.data[0]));
});

Deno.test("grid search tries every combination and puts the best first", async () => {
  const splits = folds(120, 4, { labels, seed: 2 });
  const grid = { neighbours: [1, 15, 89], weighting: ["uniform", "distance"] as const };
  const points = await gridSearch<{ neighbours: number; weighting: "uniform" | "distance" }>(
    grid,
    (options) => new NearestNeighboursClassifier(options),
    x,
    labels,
    splits,
  );
  assert.equal(new Set(points.map(({ options }) => JSON.stringify(options))).size, 6);
  for (let p = 1; p < 6; p++) assert.ok(points[p].score <= points[p - 1].score);
  assert.deepEqual(points[0].options, { neighbours: 15, weighting: "uniform" });
  await assert.rejects(
    gridSearch({ neighbours: [] }, () => make(1), x, labels, splits),
    /at least one value of neighbours/,
  );
});
