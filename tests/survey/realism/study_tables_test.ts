import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  apartIntervals,
  apartTable,
  betrayedTable,
  distributionTable,
  errorCurves,
  learnedTable,
  quantilesOf,
  quantityTable,
  type RealismStudyRow,
} from "ephemera/survey/realism";

const url = new URL("../../../notebooks/studies/simulated_sky_realism.json", import.meta.url);
const rows: RealismStudyRow[] = JSON.parse(readFileSync(url, "utf8")).results;

const of = (seed: number, values: Record<string, unknown>): RealismStudyRow => ({
  challenge: "snpcc",
  size: "full",
  seed,
  result: "told apart",
  ...values,
});

Deno.test("an interval over skies is the mean with the outermost ends, and small entries take no part", () => {
  const made = [
    of(1, { group: "all", objects: 10, accuracy: 0.8, area: 0.9, low: 0.8, high: 0.95 }),
    of(2, { group: "all", objects: 20, accuracy: 0.6, area: 0.7, low: 0.6, high: 0.75 }),
    { ...of(3, { group: "all", objects: 1, accuracy: 0, area: 0, low: 0, high: 1 }), size: "small" },
  ];
  const [interval] = apartIntervals(made);
  assert.ok(Math.abs(interval.centre - 0.8) < 1e-12);
  assert.deepEqual([interval.lower, interval.upper, interval.values], [0.6, 0.95, [0.9, 0.7]]);
  const [row] = apartTable(made);
  assert.deepEqual([row.objects, row.lowest, row.highest], [15, 0.6, 0.8]);
});

Deno.test("importance is averaged over all skies, also those that do not list the feature", () => {
  const betrayed = (seed: number, feature: string, importance: number) =>
    of(seed, {
      result: "betrayed",
      group: "all",
      feature,
      importance,
      distance: 0.5,
      realMedian: 1,
      simulatedMedian: 2,
    });
  const made = [betrayed(1, "a", 0.3), betrayed(1, "b", 0.1), betrayed(2, "b", 0.3)];
  assert.deepEqual(betrayedTable(made, "all").map((row) => [row.feature, row.skies]), [["b", 2], ["a", 1]]);
  assert.equal(betrayedTable(made, "all")[1].importance, 0.15);
  assert.equal(betrayedTable(made, "all", 1).length, 1);
});

Deno.test("the committed study meets what is asked of the simulation", () => {
  for (const row of learnedTable(rows)) {
    assert.ok((row.low as number) > 0.6, `${row.input}: ${row.low}`);
    assert.ok(Math.abs((row.challenge as number) - (row.simulation as number) - (row.gap as number)) < 1e-9);
  }
  assert.equal(apartIntervals(rows)[0].values.length, 5);
});

Deno.test("tables, quantiles and errors of the committed study are complete", () => {
  const table = distributionTable(rows, { challenge: "snpcc", group: "Ia" });
  assert.ok(
    table.length === 20 && table.every((row) => Object.values(row).every((value) => value !== undefined)),
  );
  assert.equal(quantityTable(rows, { challenge: "plasticc", quantity: "redshift" }).length, 10);
  const [points] = quantilesOf(rows, { challenge: "plasticc", group: "deep" }, ["points"]);
  assert.equal(points.simulated.length, 5);
  for (const quantiles of [points.real, ...points.simulated]) {
    assert.deepEqual(quantiles.toSorted((a, b) => a - b), quantiles);
  }
  const curves = errorCurves(rows, { challenge: "snpcc" });
  assert.deepEqual(curves.map(({ band, simulated }) => `${band}${Number(simulated)}`), [
    ...["g0", "g1", "r0", "r1", "i0", "i1", "z0", "z1"],
  ]);
  assert.ok(curves.every((curve) => curve.points.length > 8));
});
