/** One entry of each committed study is computed again: the cheapest, which trains no network but measures all the same. */
import assert from "node:assert/strict";
import type { Study } from "ephemera/commands";
import { table2 } from "ephemera/chapters/novelty";
import { study as catalina } from "../../../lib/chapters/novelty/studies/catalina.ts";
import { study as simulated } from "../../../lib/chapters/novelty/studies/simulated.ts";
import { assertPresent, assertRecomputed } from "../../study_checks.ts";

Deno.test("the baselines of the first simulated sky are those of the committed study", () =>
  assertRecomputed(simulated as Study, "baselines-1"));

Deno.test({
  name:
    "the baselines of the left-out Catalina LPV stars are those of the committed study (needs EPHEMERA_DATA)",
  ignore: !Deno.env.get("EPHEMERA_DATA"),
  fn: () => assertRecomputed(catalina as Study, "baselines-lpv-1"),
});

Deno.test("the committed studies hold entries of their present configuration only", async () => {
  for (const study of [simulated, catalina] as Study[]) await assertPresent(study);
});

Deno.test("table2 has the paper's numbers in its columns, and ours where there are any", () => {
  const [ours, paper] = table2([
    { result: "classification", variant: "joint", seed: 1, classifier: "estimation network", accuracy: 0.9 },
    {
      result: "classification",
      variant: "joint",
      seed: 1,
      classifier: "random forest on the embedding",
      accuracy: 0.8,
    },
    { result: "novelty", variant: "joint", seed: 1, score: "energy", precision95: 0.7, f180: 0.6 },
  ]);
  const { accuracy, forest, precision95, recall95, f195, precision80, recall80, f180 } = paper;
  assert.deepEqual(
    [accuracy, forest, precision95, recall95, f195, precision80, recall80, f180],
    ["0.988", "0.992", "0.885", "0.815", "0.848", "0.686", "0.941", "0.793"],
  );
  assert.deepEqual([ours.accuracy, ours.forest, ours.precision95, ours.f180], [
    "0.900",
    "0.800",
    "0.700",
    "0.600",
  ]);
});
