import assert from "node:assert/strict";
import {
  areaInterval,
  cutSequences,
  fitBaselines,
  fitScores,
  measureNovelty,
  membershipEntropy,
  noveltyScores,
  PAPER,
  type ScoreInputs,
} from "ephemera/chapters/novelty";
import { Random } from "ephemera/core";
import { matrix } from "ephemera/numerics";
import { smallSky } from "./sky.ts";

/** Sequences of two classes with energies around 0 and 100, certain of their class. */
function inputs(count: number, seed: number, shift = 0): ScoreInputs {
  const random = new Random(seed), logMemberships = matrix(new Float64Array(2 * count), count, 2);
  const energy = Float64Array.from({ length: count }, (_, i) => {
    logMemberships.data.set(i % 2 ? [-5, Math.log1p(-Math.exp(-5))] : [Math.log1p(-Math.exp(-5)), -5], 2 * i);
    return (i % 2) * 100 + random.normal() + shift;
  });
  return { energy, logMemberships, reconstruction: energy.map(() => random.uniform()) };
}

Deno.test("membershipEntropy is ln K for even memberships and 0 for a certain one", () => {
  const entropy = membershipEntropy(
    matrix([Math.log(0.25), Math.log(0.25), Math.log(0.25), Math.log(0.25), 0, -800, -800, -800], 2, 4),
  );
  assert.ok(Math.abs(entropy[0] - Math.log(4)) < 1e-14);
  assert.equal(entropy[1], 0);
});

Deno.test("noveltyScores finds by class what one energy for all classes hides", () => {
  const reference = fitScores(inputs(2000, 1));
  // An energy of 20 is far out for the class around 0, and nothing special among all.
  const odd = inputs(2, 2, 20),
    scores = noveltyScores(odd, reference),
    usual = noveltyScores(inputs(200, 3), reference);
  const share = usual.energyInClass.filter((s) => s >= scores.energyInClass[0]).length / 200;
  assert.equal(share, 0);
  assert.ok(scores.combined[0] > Math.max(...usual.combined));
  assert.ok(scores.energy[0] < 100);
});

Deno.test("noveltyScores gives known sequences the mean 1 a score that -ln p of a uniform p has, and grows with each score", () => {
  const reference = fitScores(inputs(4000, 4)), scores = noveltyScores(inputs(4000, 5), reference);
  const mean = scores.energyInClass.reduce((sum, x) => sum + x / 4000, 0);
  assert.ok(Math.abs(mean - 1) < 0.1, `mean ${mean}`);
  const near = noveltyScores(inputs(2, 6, 200), reference), far = noveltyScores(inputs(2, 6, 300), reference);
  assert.ok(far.combined[1] > near.combined[1]);
});

Deno.test("noveltyScores leaves what could not be scored without a number", () => {
  const reference = fitScores(inputs(200, 8)), odd = inputs(2, 9);
  odd.energy[0] = NaN;
  const scores = noveltyScores(odd, reference);
  assert.ok(Number.isNaN(scores.combined[0]) && Number.isFinite(scores.combined[1]));
});

Deno.test("measureNovelty has the paper's numbers of a case counted by hand", () => {
  const training = Array.from({ length: 101 }, (_, i) => i),
    known = [10, 50, 81, 96],
    novel = [79, 85, 97, 99];
  const measured = measureNovelty({ training, known, novel });
  assert.deepEqual([measured.at80.precision, measured.at80.recall], [3 / 5, 3 / 4]);
  assert.deepEqual([measured.at95.precision, measured.at95.recall], [2 / 3, 2 / 4]);
  assert.equal(measured.falsePositiveRate, 1 / 4);
  assert.equal(measured.novelShare, 1 / 2);
  assert.equal(measured.area, 13 / 16);
});

Deno.test("areaInterval holds the estimate and is wider when stars have many sequences each", () => {
  const random = new Random(7), known = Array.from({ length: 200 }, (_, i) => (i % 20) + random.normal());
  const novel = Array.from({ length: 100 }, (_, i) => 6 + (i % 10) * 2 + random.normal());
  const each = Array.from({ length: 300 }, (_, i) => i),
    stars = each.map((i) => i < 200 ? i % 20 : 100 + i % 10);
  const free = areaInterval(known, novel, { stars: each, seed: 1 }),
    grouped = areaInterval(known, novel, { stars, seed: 1 });
  assert.ok(free.low < free.estimate && free.estimate < free.high);
  assert.ok(grouped.high - grouped.low > 1.5 * (free.high - free.low));
});

Deno.test("fitBaselines scores another shape above the known ones", () => {
  const cut = (set: ReturnType<typeof smallSky>) => cutSequences(set, { ...PAPER.sequence, epochs: 40 });
  const known = cut(smallSky({ stars: 120, epochs: 40, seed: 1 }));
  const test = cut(smallSky({ stars: 40, epochs: 40, seed: 1, prefix: "test" }));
  const novel = cut(smallSky({ stars: 40, epochs: 40, seed: 1, shapes: ["square"], prefix: "novel" }));
  for (const { name, training, score } of fitBaselines(known, 1)) {
    const { area } = measureNovelty({ training, known: score(test), novel: score(novel) });
    assert.ok(area > 0.8, `${name}: ${area}`);
  }
});
