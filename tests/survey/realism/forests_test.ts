import assert from "node:assert/strict";
import { Random } from "ephemera/core";
import { matrix } from "ephemera/numerics";
import { learnFrom, type SupernovaTable, supernovaTable, tellApart } from "ephemera/survey/realism";
import { simulateSky } from "ephemera/survey";

/** Two columns of noise, the first shifted by `shift` for all and by `signal` more for type Ia; the second missing now and then. */
function sample(seed: number, count: number, shift: number, signal = 0): SupernovaTable {
  const random = new Random(seed), data = new Float64Array(2 * count), types: string[] = [];
  for (let i = 0; i < count; i++) {
    const ia = i % 3 === 0;
    types.push(ia ? "Ia" : "core collapse");
    data[2 * i] = random.normal(shift + (ia ? signal : 0), 1);
    data[2 * i + 1] = random.uniform() < 0.1 ? NaN : random.normal();
  }
  return { names: ["shifted", "noise"], rows: matrix(data, count, 2), types };
}

const options = { seed: 1, trees: 60, workers: 1 };

Deno.test("samples of one distribution are not told apart, shifted ones are, and the shifted column betrays them", async () => {
  const same = await tellApart(sample(1, 300, 0), sample(2, 250, 0), options);
  assert.equal(same.objects, 250);
  assert.ok(same.area.low < 0.5 && same.area.high > 0.5, JSON.stringify(same.area));
  const far = await tellApart(sample(1, 300, 0), sample(2, 250, 2), options);
  // The area of two unit Gaussians 2 apart is Phi(2 / sqrt 2) = 0.921 at best.
  assert.ok(far.area.low > 0.8 && far.area.high < 0.97, JSON.stringify(far.area));
  assert.ok(far.accuracy > 0.75 && far.accuracy < 0.9);
  assert.equal(far.betrayed[0].name, "shifted");
  assert.ok(far.betrayed[0].distance! > 0.5 && far.betrayed[1].distance! < 0.2);
});

Deno.test("a simulation with the right classes teaches as much as the real thing, one with the wrong ones does not", async () => {
  const own = sample(3, 300, 0, 2), test = sample(4, 400, 0, 2);
  const good = await learnFrom({ simulation: sample(5, 300, 0, 2), own, test }, options);
  assert.ok(good.simulation.low > 0.75 && good.own.low > 0.75);
  assert.ok(good.gap.low < 0 && good.gap.high > 0 && Math.abs(good.gap.estimate) < 0.05);
  const bad = await learnFrom({ simulation: sample(5, 300, 0, -2), own, test }, options);
  assert.ok(bad.simulation.high < 0.5 && bad.gap.low > 0.3, JSON.stringify(bad.gap));
  assert.equal(bad.scores.length, 400);
});

Deno.test("a table of supernovae knows nothing but the light curve, and the type", async () => {
  const set = await simulateSky({ preset: "snpcc", objects: 6, seed: 3, workers: 1 });
  const { names, rows, types } = await supernovaTable(set, { workers: 1 });
  assert.equal(rows.rows, 6);
  assert.equal(rows.columns, names.length);
  assert.ok(names.every((name) => /_[griz]$/.test(name)), names.join());
  assert.deepEqual(types, set.ids.map((_, i) => set.className(i) === "Ia" ? "Ia" : "core collapse"));
});
