import assert from "node:assert/strict";
import { Random } from "../../lib/core/mod.ts";
import { curveFeatures, extractFeatures } from "../../lib/features/mod.ts";
import { LightCurveSet } from "../../lib/observations/mod.ts";

/** Objects of two bands; the third is constant in g, the fourth has two points. */
function twoBands(objects: number, points = 60): LightCurveSet {
  const random = new Random(2);
  const lengths = Array.from({ length: objects }, (_, i) => i === 3 ? 2 : points);
  const offsets = new Uint32Array(objects + 1);
  lengths.forEach((n, i) => offsets[i + 1] = offsets[i] + n);
  const total = offsets[objects];
  const time = new Float64Array(total), value = new Float64Array(total), error = new Float64Array(total);
  const band = new Uint8Array(total);
  for (let i = 0; i < objects; i++) {
    const nights = Float64Array.from({ length: lengths[i] / 2 }, () => random.uniform(0, 90)).sort();
    for (let k = 0; k < lengths[i]; k++) {
      const row = offsets[i] + k;
      time[row] = nights[k >> 1];
      band[row] = k % 2;
      error[row] = random.uniform(0.02, 0.05);
      value[row] = i === 2 && band[row] === 0
        ? 15
        : 15 + 0.3 * Math.sin(time[row] * (i + 1)) + random.normal(0, 0.05);
    }
  }
  return new LightCurveSet({
    ids: lengths.map((_, i) => `star ${i}`),
    offsets,
    time,
    value,
    error,
    band,
    bands: ["g", "r"],
  });
}

const oneBand = (set: LightCurveSet, i: number, band: number) => {
  const curve = set.at(i);
  const keep = (_: number, k: number) => curve.band![k] === band;
  return { time: curve.time.filter(keep), value: curve.value.filter(keep), error: curve.error!.filter(keep) };
};

Deno.test("extractFeatures() gives each object the numbers it has alone, in order, and says what it lacks", async () => {
  const set = twoBands(7);
  const table = await extractFeatures(set, {
    features: ["quick", "Eta_e", "StetsonJ", "flux_colors"],
    workers: 1,
  });
  assert.equal(table.data.length, 7 * table.names.length);
  const alone = curveFeatures(oneBand(set, 5, 1), ["quick", "Eta_e"]);
  for (const [name, value] of Object.entries(alone)) assert.equal(table.column(`${name}_r`)[5], value, name);
  assert.ok(table.names.includes("StetsonJ_g_r") && table.names.includes("color_g_r"));
  const reasons = new Map(table.failures.map((f) => [`${f.id} ${f.feature} ${f.band}`, f.message]));
  assert.match(reasons.get("star 2 AndersonDarling g")!, /a curve that varies, found 30 equal values/);
  assert.match(reasons.get("star 3 AndersonDarling r")!, /at least 4 points, found 1/);
  assert.ok(Number.isNaN(table.column("AndersonDarling_r")[3]));
  assert.equal(table.column("Mean_g")[2], 15);
  assert.ok([0, 1, 4, 5, 6].every((i) => !table.failures.some((f) => f.id === `star ${i}`)));
});

Deno.test("extractFeatures() gives the same table for one worker and for two, and reports progress in objects", async () => {
  const set = twoBands(900);
  const heard: number[] = [];
  const progress = { update: (done: number) => void heard.push(done), finish: () => {} };
  const features = ["quick", "SlottedA_length"];
  const one = await extractFeatures(set, { features, workers: 1, progress });
  const two = await extractFeatures(set, { features, workers: 2 });
  assert.deepEqual(two.data, one.data);
  assert.deepEqual(two.failures, one.failures);
  assert.equal(heard[heard.length - 1], 900);
  assert.ok(heard.length > 1 && heard.every((n, i) => i === 0 || n > heard[i - 1]));
});

Deno.test("extractFeatures() throws the first failure when asked, and refuses unknown features and bands", async () => {
  const set = twoBands(7);
  await assert.rejects(
    extractFeatures(set, { features: ["Skew"], workers: 1, onError: "throw" }),
    /the feature Skew in g, found .*30 equal values.*\(object star 2\)/,
  );
  await assert.rejects(extractFeatures(set, { features: ["skew"], workers: 1 }), /"skew"/);
  await assert.rejects(
    extractFeatures(set, { features: ["Skew"], bands: ["V"], workers: 1 }),
    /one of the bands g, r, found "V"/,
  );
  const one = new LightCurveSet({
    ids: ["a"],
    offsets: Uint32Array.of(0, 2),
    time: Float64Array.of(0, 1),
    value: Float64Array.of(1, 2),
  });
  await assert.rejects(
    extractFeatures(one, { features: ["Color"], workers: 1 }),
    /two bands for Color, found the band V alone/,
  );
});

Deno.test("bands given other names and numbers give the same features under the other names", async () => {
  const set = twoBands(4);
  const renamed = new LightCurveSet({
    ...set.columns(),
    bands: ["R", "G"],
    band: set.band!.map((b) => 1 - b),
  });
  const options = { features: ["Mean", "Std", "Eta_e"], workers: 1 };
  const before = await extractFeatures(set, options);
  const after = await extractFeatures(renamed, options);
  for (const name of ["Mean", "Std", "Eta_e"]) {
    assert.deepEqual(after.column(`${name}_G`), before.column(`${name}_g`));
    assert.deepEqual(after.column(`${name}_R`), before.column(`${name}_r`));
  }
});
