import {
  accuracyCurves,
  budgetTable,
  type FollowUpStudyRow,
  ratioTable,
  strategyTable,
} from "ephemera/chapters/follow_up";
import assert from "node:assert/strict";

const at = (seed: number, strategy: string, correctedShare: number): FollowUpStudyRow => ({
  result: "strategy",
  size: "full",
  seed,
  strategy,
  share: 0.05,
  correctedShare,
  probabilityGain: correctedShare / 4,
});
const rows: FollowUpStudyRow[] = [
  ...[1, 2].flatMap((
    seed,
  ) => [at(seed, "random", 0.1), at(seed, "entropy", 0.2), at(seed, "gain", 0.1 * seed)]),
  ...[1, 2].flatMap((seed) =>
    ["entropy", "gain", "decision gain"].flatMap((strategy) =>
      ["list", "knapsack"].map((rule): FollowUpStudyRow => ({
        result: "budget",
        size: "full",
        seed,
        hours: 8,
        strategy,
        rule,
        gain: rule === "list" ? 1 : 1 + seed,
        spectra: 5,
        netCorrected: 2,
      }))
    )
  ),
  { ...at(1, "entropy", 0.9), size: "small" },
];

Deno.test("ratios are taken sky by sky, and small skies take no part", () => {
  const [entropy, gain] = ratioTable(rows, 0.05);
  assert.equal(entropy["over chance"], "2.00 (2.00 to 2.00)");
  assert.equal(gain["skies above chance"], "1 of 2");
  assert.match(String(gain["over the entropy"]), /^0\.75/);
});

Deno.test("budgets are compared in pairs of the same sky", () => {
  const [row] = budgetTable(rows);
  assert.equal(row["gain, list"], "1.0 ± 0.0");
  assert.match(String(row.difference), /^1\.5 \(/);
});

Deno.test("a strategy's row has the paper's numbers beside ours where the paper has any", () => {
  const rowsOf = [0.05, 0.1, 0.2].flatMap((share) => rows.slice(0, 6).map((row) => ({ ...row, share })));
  const [random, entropy] = strategyTable(rowsOf);
  assert.equal(random["paper, gain"], "0.03");
  assert.equal(entropy["paper, corrected"], "0.20, 0.15, 0.14");
  assert.equal(entropy["corrected, 5 %"], "0.200 ± 0.000");
});

Deno.test("accuracy curves are means over skies at each share", () => {
  const curve = [1, 2].flatMap((seed) =>
    [0.0499, 0.1].map((share): FollowUpStudyRow => ({
      result: "curve",
      size: "full",
      seed,
      strategy: "gain",
      share,
      accuracy: 0.8 + 0.01 * seed + share,
    }))
  );
  const [{ x, y }] = accuracyCurves(curve, ["gain"]);
  assert.deepEqual(x, [0.05, 0.1]);
  assert.ok(Math.abs(y[1] - 0.915) < 1e-12);
});
