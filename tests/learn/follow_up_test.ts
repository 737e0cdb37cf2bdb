import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { sampleRankCorrelation } from "simple-statistics";
import { type Matrix, matrixFromRows, takeColumns } from "../../lib/numerics/mod.ts";
import { encodeLabels, RandomForestClassifier } from "../../lib/learn/mod.ts";
import { parallelMap } from "../../lib/core/mod.ts";

const data = Deno.env.get("EPHEMERA_DATA"), vectors = Deno.env.get("EPHEMERA_VECTORS");
const peer = JSON.parse(Deno.readTextFileSync(new URL("./fixtures/follow_up.json", import.meta.url)));
const KINDS = ["EA", "EW", "RRab", "RRc", "RRd", "RS CVn"];

/** The published feature table of the real Catalina variables of six classes, columns that are finite throughout. */
function featureTable(): { x: Matrix; columns: string[]; labels: string[] } {
  const folder = `${data}/css-sdss-followup`;
  const kinds = new Map(
    Deno.readTextFileSync(`${folder}/objects.csv`).trim().split("\n").slice(1).map((line) => {
      const [id, kind] = line.split(",");
      return [id, kind];
    }),
  );
  const text = new TextDecoder().decode(gunzipSync(Deno.readFileSync(`${folder}/fats_features.csv.gz`)));
  const [header, ...lines] = text.trim().split(/\r?\n/).map((line) => line.split(","));
  const kept = lines.filter(([id]) => KINDS.includes(kinds.get(id) ?? ""));
  const finite = header.flatMap((_, j) =>
    j > 0 && kept.every((line) => line[j] !== "" && Number.isFinite(Number(line[j]))) ? [j] : []
  );
  return {
    x: matrixFromRows(kept.map((line) => finite.map((j) => Number(line[j])))),
    columns: finite.map((j) => header[j]),
    labels: kept.map(([id]) => kinds.get(id)!),
  };
}

Deno.test({
  name:
    "real Catalina variables: five times ten-fold accuracy on seven features within 0.004 of scikit-learn's",
  ignore: !data,
  async fn() {
    const { x, columns, labels } = featureTable();
    assert.equal(x.rows, peer.objects);
    const seven = takeColumns(x, peer.columns.map((name: string) => columns.indexOf(name)));
    const items = peer.folds.flatMap((folds: string, repeat: number) =>
      Array.from({ length: 10 }, (_, f) => ({ repeat, folds, fold: f }))
    );
    const right = await parallelMap<typeof items[0], number>(
      import.meta.resolve("./follow_up_fold.ts"),
      "rightInFold",
      items,
      { shared: { x: seven, labels: encodeLabels(labels) } },
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
    const { x, columns, labels } = featureTable();
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
