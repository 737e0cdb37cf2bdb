import assert from "node:assert/strict";
import fc from "fast-check";
import { catalinaStars, chooseForest, noveltyProblem, selectPeriodic } from "ephemera/chapters/novelty";
import { EphemeraError, Random } from "ephemera/core";
import { accuracy, confusionMatrix } from "ephemera/learn";
import { matrix } from "ephemera/numerics";
import { LightCurveSet, mergeClasses } from "ephemera/observations";
import { smallSky } from "./sky.ts";

const sky = smallSky({ stars: 90, epochs: 5, seed: 1, shapes: ["saw", "sine", "square"] });

Deno.test("noveltyProblem divides stars into four parts that share none, each class in its proportion", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const problem = noveltyProblem(sky, { novel: ["square"], seed });
      const parts = [problem.train, problem.calibration, problem.test, problem.novel];
      const ids = parts.flatMap((part) => [...part.ids]);
      assert.equal(new Set(ids).size, 90);
      assert.equal(problem.novel.length, 30);
      assert.equal(problem.test.length, 12);
      for (const part of parts.slice(0, 3)) {
        assert.deepEqual(part.classNames, ["saw", "sine"]);
        const saws = part.labels!.filter((label) => label === 0).length;
        assert.ok(Math.abs(saws - part.length / 2) <= 1);
      }
      assert.deepEqual(
        [...problem.test.labels!].map((label) => problem.test.classNames[label]),
        [...problem.test.ids].map((id) => sky.className(sky.ids.indexOf(id))),
      );
    }),
    { numRuns: 30 },
  );
});

Deno.test("noveltyProblem leaves classes out altogether and refuses classes that are not there", () => {
  const merged = mergeClasses(sky, { saw: "a", sine: "b", square: "c" });
  const labels = Int32Array.from(merged.labels!, (label, i) => i < 6 ? 3 : label);
  const four = new LightCurveSet({ ...merged.columns(), labels, classNames: ["a", "b", "c", "d"] });
  const { train, calibration, test, novel } = noveltyProblem(four, {
    novel: ["c"],
    leaveOut: ["d"],
    seed: 1,
  });
  const ids = [train, calibration, test, novel].flatMap((part) => [...part.ids]);
  assert.equal(ids.length, 84);
  assert.ok(four.ids.slice(0, 6).every((id) => !ids.includes(id)));
  assert.throws(() => noveltyProblem(sky, { novel: ["Mira"], seed: 1 }), EphemeraError);
  assert.throws(
    () => noveltyProblem(sky, { novel: ["square"], leaveOut: ["sine"], seed: 1 }),
    /two known classes, found saw/,
  );
});

const data = Deno.env.get("EPHEMERA_DATA");

Deno.test({
  name: "catalinaStars has the nine groups with the counts of its catalogue (needs EPHEMERA_DATA)",
  ignore: !data,
  async fn() {
    const stars = await catalinaStars(), counts: Record<string, number> = {};
    for (let i = 0; i < stars.length; i++) {
      counts[stars.className(i)!] = (counts[stars.className(i)!] ?? 0) + 1;
    }
    const expected = {
      Blazhko: 120,
      CEPH: 221,
      DSCT: 103,
      ECL: 770,
      LPV: 385,
      Misc: 209,
      ROT: 385,
      RRAB: 385,
      RRCD: 736,
    };
    assert.deepEqual(counts, expected);
  },
});

Deno.test("chooseForest takes the settings that cross-validate best, by group", async () => {
  const random = new Random(1), rows = 120, data = new Float64Array(rows * 3), codes = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    codes[i] = i % 2;
    data.set([codes[i] + random.normal(0, 0.3), random.normal(), random.normal()], 3 * i);
  }
  const x = matrix(data, rows, 3), labels = { codes, classNames: ["a", "b"] };
  const base = { trees: 20, criterion: "gini", minSamplesLeaf: 1 } as const;
  const grid = [{ ...base, maxFeatures: 1 / 3, minSamplesLeaf: 60 }, { ...base, maxFeatures: 1 }];
  const chosen = await chooseForest(x, labels, {
    seed: 1,
    groups: Array.from(codes.keys(), (i) => i >> 1),
    grid,
  });
  assert.deepEqual(chosen.settings, grid[1]);
  assert.ok(chosen.accuracy > 0.85);
  assert.ok(accuracy(confusionMatrix(labels, chosen.forest.predict(x))) > 0.95);
});

Deno.test("selectPeriodic keeps curves that their period folds and drops those that it does not", () => {
  const curves = smallSky({ stars: 20, epochs: 200, seed: 2 });
  assert.equal(selectPeriodic(curves).kept.length, 20);
  // The golden ratio is a fraction of no other number here, so these periods fold nothing.
  const wrong = curves.numbers("period").map((period, i) => i < 8 ? period * 1.618 : i === 8 ? NaN : period);
  const spoiled = new LightCurveSet({ ...curves.columns(), metadata: { ...curves.metadata, period: wrong } });
  const { kept, dropped } = selectPeriodic(spoiled);
  assert.deepEqual(kept.ids, curves.ids.slice(9));
  assert.deepEqual(dropped.map(({ id }) => id), curves.ids.slice(0, 9));
  assert.ok(dropped.slice(0, 8).every(({ residual }) => residual > 0.7) && Number.isNaN(dropped[8].residual));
  assert.equal(selectPeriodic(spoiled, { exempt: ["saw", "sine"] }).kept.length, 20);
});
