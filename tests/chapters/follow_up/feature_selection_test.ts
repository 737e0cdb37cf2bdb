import assert from "node:assert/strict";
import { catalinaFeatures, chooseFeatures, featureCurve } from "../../../lib/chapters/follow_up/mod.ts";
import { readPublishedCurve } from "./published_curve.ts";
import { madeUpSet } from "./sky.ts";

const data = Deno.env.get("EPHEMERA_DATA"), vectors = Deno.env.get("EPHEMERA_VECTORS");
const published = () => readPublishedCurve(Deno.readFileSync(`${vectors}/follow-up/metrics.npy`));

Deno.test({
  name: "the 90 % rule chooses 8 features on the published accuracies, one fewer than the paper took",
  ignore: !vectors,
  fn() {
    const steps = published();
    assert.equal(steps.length, 61);
    const { names, accuracy, shareOfRange } = chooseFeatures({
      names: steps.map(({ feature }) => feature),
      importances: new Float64Array(61),
      steps: steps.map((_, k) => k + 1),
      accuracies: Float64Array.from(steps, (step) => step.accuracy),
    });
    assert.equal(names.length, 8);
    assert.equal(names[3], "spec2");
    assert.ok(Math.abs(accuracy - 0.8662) < 5e-5 && Math.abs(shareOfRange - 0.902) < 5e-4);
  },
});

Deno.test({
  name:
    "accuracies on the real features are within 0.02 of the published at every step without a spectral feature",
  ignore: !data || !vectors,
  async fn() {
    const steps = published(), firstSpectral = steps.findIndex(({ feature }) => feature.startsWith("spec"));
    assert.equal(firstSpectral, 3);
    const { features, names, labels } = await catalinaFeatures();
    const order = steps.slice(0, firstSpectral).map(({ feature }) => feature);
    const curve = await featureCurve(features, names, labels, { order, seed: 1, trees: 100 });
    curve.accuracies.forEach((accuracy, k) =>
      assert.ok(Math.abs(accuracy - steps[k].accuracy) < 0.02, `${k + 1}: ${accuracy}, ${steps[k].accuracy}`)
    );
  },
});

Deno.test("features are ranked by importance, and the curve does not depend on the number of workers", async () => {
  const set = madeUpSet({ objects: 240, seed: 1 });
  const options = { seed: 1, trees: 20, folds: 3 };
  const one = await featureCurve(set.known, set.knownNames, set.labels!, { ...options, workers: 1 });
  const two = await featureCurve(set.known, set.knownNames, set.labels!, { ...options, workers: 2 });
  assert.deepEqual(one, two);
  assert.ok(one.importances.every((weight, k) => k === 0 || weight <= one.importances[k - 1]));
  assert.ok(one.accuracies[2] > one.accuracies[0]);
});

Deno.test("the rule takes a prefix above the share, not at it, and the first when all do alike", () => {
  const curve = (accuracies: number[]) => ({
    names: accuracies.map((_, k) => `f${k}`),
    importances: new Float64Array(accuracies.length),
    steps: accuracies.map((_, k) => k + 1),
    accuracies: Float64Array.from(accuracies),
  });
  assert.equal(chooseFeatures(curve([0.5, 0.75, 1]), 0.5).names.length, 3);
  assert.equal(chooseFeatures(curve([0.5, 0.76, 1]), 0.5).names.length, 2);
  assert.equal(chooseFeatures(curve([0.8, 0.8])).names.length, 1);
});

Deno.test("unknown features and steps beyond the last are refused by name", async () => {
  const set = madeUpSet({ objects: 30, seed: 1 });
  const curve = (options: { order?: string[]; steps?: number[] }) =>
    featureCurve(set.known, set.knownNames, set.labels!, { seed: 1, trees: 5, folds: 3, ...options });
  await assert.rejects(curve({ order: ["colour"] }), /one of the features t0, t1, t2, found "colour"/);
  await assert.rejects(curve({ steps: [4] }), /from 1 to 3, found 4/);
});
