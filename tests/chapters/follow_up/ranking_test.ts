import assert from "node:assert/strict";
import { FollowUpModel } from "../../../lib/chapters/follow_up/model.ts";
import { onlineFollowUp } from "../../../lib/chapters/follow_up/online.ts";
import { bestKinds, rankTargets, scoresOfProbabilities } from "../../../lib/chapters/follow_up/ranking.ts";
import { followUpKind } from "../../../lib/chapters/follow_up/follow_up_kind.ts";
import { followUpSet } from "../../../lib/chapters/follow_up/follow_up_set.ts";
import { formatTargets, rankFollowUp } from "../../../lib/commands/rank_follow_up.ts";
import { matrix } from "../../../lib/numerics/mod.ts";
import { madeUpSet } from "./sky.ts";

const settings = {
  forest: { trees: 30 },
  mixture: { components: 3, restarts: 1, maxIterations: 40 },
  scoring: { samples: 40 },
};

Deno.test("a saved model ranks as the fitted one; a damaged one is refused", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const set = madeUpSet({ objects: 150, seed: 1 }),
      model = await FollowUpModel.fit(set, { seed: 1, settings });
    await model.save(folder);
    const again = await FollowUpModel.load(folder);
    const [a, b] = [
      await model.score(set, { seed: 2, workers: 1 }),
      await again.score(set, { seed: 2, workers: 1 }),
    ];
    assert.deepEqual(a, b);
    const costs = Float64Array.from(set.ids, (_, i) => 600 + 10 * i);
    const all = rankTargets(a, { costs }), some = rankTargets(a, { costs, budget: 7200 });
    assert.equal(all.length, 150);
    assert.deepEqual(all.map(({ rank }) => rank), Array.from({ length: 150 }, (_, r) => r + 1));
    assert.ok(some.length >= 3 && some.reduce((sum, t) => sum + t.cost!, 0) <= 7200);
    // A night of which the first half is dark for odd objects, and no object 0: windows hold, Delta = 1 goes before all others.
    const windows = set.ids.map((_, i) => i === 0 ? null : { from: i % 2 ? 0.1 : 0, to: i % 2 ? 0.2 : 0.1 });
    const airmass = (i: number, time: number) => 1 + i + time;
    const night = { dark: { from: 0, to: 0.2 }, windows, airmass };
    const planned = rankTargets(a, { costs, night });
    assert.ok(planned.length >= 10 && planned.every(({ id }) => id !== set.ids[0]));
    planned.forEach(({ id, start, cost, airmass }, r) => {
      const i = set.ids.indexOf(id), end = start! + cost! / 86400;
      assert.ok(start! >= windows[i]!.from - 1e-9 && end <= windows[i]!.to + 1e-9);
      assert.ok(r === 0 || start! >= planned[r - 1].start! + planned[r - 1].cost! / 86400 - 1e-9);
      assert.ok(Math.abs(airmass! - (1 + i + (start! + end) / 2)) < 1e-9);
    });
    const changing = planned.filter(({ label, imaginedLabel }) => label !== imaginedLabel).length;
    const plain = rankTargets(a, { costs, night, strategy: "entropy" });
    assert.ok(changing > plain.filter(({ label, imaginedLabel }) => label !== imaginedLabel).length);
    assert.throws(() => rankTargets(a, { night }), /costs, and a strategy that values objects/);
    assert.throws(
      () => rankTargets(a, { costs, night: { ...night, windows: [] } }),
      /150 windows, found 0/,
    );
    assert.match(all[0].reason, /expected gain -?\d\.\d\d nats/);
    await assert.rejects(
      model.score({ ...set, knownNames: ["x", "y", "z"] }, { seed: 1 }),
      /the features t0, t1, t2/,
    );
    await Deno.writeTextFile(`${folder}/follow_up.json`, '{"format":"other"}');
    await assert.rejects(FollowUpModel.load(folder), /the format ephemera-follow-up-1, found other/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the online loop observes nobody twice and learns", async () => {
  const set = madeUpSet({ objects: 150, seed: 1 });
  const rounds = await onlineFollowUp(set, {
    seed: 1,
    strategy: "entropy",
    initial: Array.from({ length: 15 }, (_, i) => i),
    perRound: 20,
    rounds: 3,
    settings,
    workers: 1,
  });
  const ids = rounds.flatMap((round) => round.ids);
  assert.deepEqual(rounds.map(({ observed }) => observed), [15, 35, 55]);
  assert.equal(new Set(ids).size, 60);
  assert.ok(ids.every((id) => Number(id.slice(5)) >= 15));
  assert.ok(rounds.every(({ gains, accuracy }) => gains.length === 20 && accuracy > 1 / 3));
});

Deno.test("tables that cannot be used are refused in a sentence", () => {
  const kind = followUpKind("colour", ["c"]);
  const set = (table: Parameters<typeof followUpSet>[0], more = {}) =>
    followUpSet(table, { known: ["p"], kind, ...more });
  assert.throws(() => set({ id: [], p: new Float64Array(0) }), /at least one object, found an empty table/);
  assert.throws(() => set({ id: ["a"], q: Float64Array.of(1) }), /a column "p"/);
  assert.throws(() => set({ id: ["a", "b"], p: Float64Array.of(1, NaN) }), /a missing value .*object b/);
  assert.throws(
    () => set({ id: ["a"], p: Float64Array.of(1) }, { labels: ["Z"], classNames: ["A", "B"] }),
    /one of the classes A, B, found "Z"/,
  );
  assert.throws(() => set({ id: ["a", "a"], p: Float64Array.of(1, 2) }), /each identifier once/);
});

Deno.test("kinds of follow-up compete by value per second", () => {
  const offers = [
    { kind: "spectrum", values: [1, 0.2, 0], costs: [1000, 1000, 1000] },
    { kind: "colour", values: [0.05, 0.1, -1], costs: [100, 100, 100] },
  ];
  assert.deepEqual(bestKinds(offers), ["spectrum", "colour", null]);
});

Deno.test("probabilities alone rank by entropy, ties by name; wrong sums are refused", () => {
  const scores = scoresOfProbabilities(
    ["b", "a", "c"],
    ["X", "Y"],
    matrix([0.5, 0.5, 0.5, 0.5, 0.9, 0.1], 3, 2),
  );
  const targets = rankTargets(scores, { strategy: "entropy" });
  assert.deepEqual(targets.map(({ id }) => id), ["a", "b", "c"]);
  assert.equal(targets[0].changeProbability, null);
  assert.throws(() => scoresOfProbabilities(["a"], ["X", "Y"], matrix([0.5, 0.6], 1, 2)), /object a/);
});

Deno.test("the command trains on a table, keeps the model, ranks another table, and writes CSV and JSON", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const set = madeUpSet({ objects: 150, seed: 1 }), names = set.labels!;
    const line = (i: number) =>
      [
        set.ids[i],
        names.classNames[names.codes[i]],
        ...set.known.data.slice(3 * i, 3 * i + 3),
        ...set.revealed.data.slice(2 * i, 2 * i + 2),
        15 + i % 4,
      ].join(",");
    const text = ["id,class,t0,t1,t2,s0,s1,mag", ...set.ids.map((_, i) => line(i))].join("\n");
    const path = `${folder}/table.csv`;
    await Deno.writeTextFile(path, text);
    const base = { input: path, kind: "features" as const, seed: 1, magnitude: "mag", workers: 1 };
    const train = { path, label: "class", known: ["t0", "t1", "t2"], reveals: ["s0", "s1"] };
    const first = await rankFollowUp({ ...base, train, quick: true, save: `${folder}/model` });
    const second = await rankFollowUp({ ...base, model: `${folder}/model` });
    assert.deepEqual(first, second);
    assert.equal(first.targets.length, 150);
    assert.equal(formatTargets(first.targets, "csv").trim().split("\n").length, 151);
    assert.deepEqual(JSON.parse(formatTargets(first.targets, "json"))[0], first.targets[0]);
    await assert.rejects(
      rankFollowUp({ ...base }),
      /either a saved model or a table to train one, found neither/,
    );
    await assert.rejects(rankFollowUp({ ...base, strategy: "ideal", train }), /found "ideal"/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
