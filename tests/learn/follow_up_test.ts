import assert from "node:assert/strict";
import { sampleRankCorrelation } from "simple-statistics";
import { takeColumns } from "../../lib/numerics/mod.ts";
import { RandomForestClassifier } from "../../lib/learn/mod.ts";
import { parallelMap } from "../../lib/core/mod.ts";
import { catalinaFeatures } from "../../lib/chapters/follow_up/mod.ts";

const data = Deno.env.get("EPHEMERA_DATA"), vectors = Deno.env.get("EPHEMERA_VECTORS");
const peer = JSON.parse(Deno.readTextFileSync(new URL("./fixtures/follow_up.json", import.meta.url)));

Deno.test({
  name:
    "real Catalina variables: five times ten-fold accuracy on seven features within 0.004 of scikit-learn's",
  ignore: !data,
  async fn() {
    const { features: x, names: columns, labels } = await catalinaFeatures();
    assert.equal(x.rows, peer.objects);
    const seven = takeColumns(x, peer.columns.map((name: string) => columns.indexOf(name)));
    const items = peer.folds.flatMap((folds: string, repeat: number) =>
      Array.from({ length: 10 }, (_, f) => ({ repeat, folds, fold: f }))
    );
    const right = await parallelMap<typeof items[0], number>(
      import.meta.resolve("./follow_up_fold.ts"),
      "rightInFold",
      items,
      { shared: { x: seven, labels } },
    );
    const accuracies = [0, 1, 2, 3, 4].map((repeat) =>
      right.slice(10 * repeat, 10 * repeat + 10).reduce((sum, n) => sum + n, 0) / x.rows
    );
    const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
    const [ours, theirs] = [mean(accuracies), mean(peer.accuracies)];
    assert.ok(Math.abs(ours - theirs) < 0.004, `${ours} against ${theirs}`);
  },
});

Deno.test({
  name: "real Catalina variables: impurity importances of 54 features rank as the published ones do",
  ignore: !data || !vectors,
  async fn() {
    const { features: x, names: columns, labels } = await catalinaFeatures();
    assert.equal(columns.length, 54);
    const forest = await new RandomForestClassifier({ seed: 1, trees: 200 }).fit(x, labels);
    const published = new Map(
      [...Deno.readTextFileSync(`${vectors}/follow-up/importances.npy`).matchAll(/^\d+,([\d.e-]+),(\w+),/gm)]
        .map(([, weight, name]) => [name, Number(weight)]),
    );
    for (const name of columns) assert.ok(published.has(name), `${name} is published`);
    const correlation = sampleRankCorrelation(
      [...forest.importances],
      columns.map((name) => published.get(name)!),
    );
    assert.ok(correlation >= 0.95, `${correlation}`);
    const leader = columns[forest.importances.indexOf(Math.max(...forest.importances))];
    assert.equal(leader, "PeriodLS");
  },
});
