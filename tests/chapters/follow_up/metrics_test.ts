import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeLabels } from "../../../lib/learn/mod.ts";
import { matrix } from "../../../lib/numerics/mod.ts";
import {
  type FollowUpScores,
  metricBands,
  outcomes,
  PAPER_STRATEGIES,
  randomMetrics,
  rankObjects,
  selectionMetrics,
  sizeForAccuracy,
  STRATEGIES,
  type Strategy,
} from "../../../lib/chapters/follow_up/mod.ts";

/** Scores with given entropies, gains and changes; all else zero. */
function scoresOf(ids: string[], entropyTime: number[], gain: number[], changes: number[]): FollowUpScores {
  const n = ids.length, none = new Float64Array(n), nobody = new Int32Array(n);
  return {
    ids,
    classNames: ["A", "B"],
    entropyTime: Float64Array.from(entropyTime),
    meanEntropy: none,
    gain: Float64Array.from(gain),
    labelTime: nobody,
    labelImagined: nobody,
    changes: Uint8Array.from(changes),
    changeProbability: none,
    mutualInformation: none,
    decisionGain: none,
    sampleEntropy: none,
    spectrumEntropy: none,
    spectrumEntropyError: none,
    time: matrix(new Float64Array(2 * n), n, 2),
    imagined: matrix(new Float64Array(2 * n), n, 2),
  };
}

Deno.test("strategies order as defined: Delta first, then the number, then the name", () => {
  const scores = scoresOf(["d", "c", "b", "a"], [0.1, 0.9, 0.5, 0.5], [0.3, -0.2, 0.3, 0.1], [0, 0, 1, 1]);
  const order = (strategy: Strategy, ideal?: Float64Array) =>
    [...rankObjects(strategy, scores, { ideal, seed: 1 })].map((i) => scores.ids[i]).join("");
  assert.equal(order("entropy"), "cabd");
  assert.equal(order("gain"), "bdac");
  assert.equal(order("gain + change"), "badc");
  assert.equal(order("entropy + change"), "abcd");
  assert.equal(order("ideal", Float64Array.of(1, 2, 3, 4)), "abcd");
  assert.equal(order("spectrum uncertainty"), "abcd");
  assert.equal([...order("random")].sort().join(""), "abcd");
  assert.throws(() => order("ideal"), /true spectrum/);
  assert.throws(() => order("beauty" as Strategy), /found "beauty"/);
  assert.deepEqual(STRATEGIES.slice(0, 6), PAPER_STRATEGIES);
});

Deno.test("a ranking does not depend on the order of the table", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 12 }),
      fc.nat(),
      (values, shift) => {
        const n = values.length, ids = values.map((_, i) => `s${i}`), turn = shift % n;
        const turned = <T>(list: T[]) => [...list.slice(turn), ...list.slice(0, turn)];
        const gains = values.map((v) => v / 2), changes = values.map((v) => v % 2);
        const a = scoresOf(ids, values, gains, changes);
        const b = scoresOf(turned(ids), turned(values), turned(gains), turned(changes));
        for (const strategy of ["random", "entropy", "gain + change"] as const) {
          const names = (s: FollowUpScores) =>
            [...rankObjects(strategy, s, { seed: 3 })].map((i) => s.ids[i]);
          assert.deepEqual(names(a), names(b));
        }
      },
    ),
  );
});

// Objects: corrected, spoiled, stays right and unchanged, stays wrong but gains.
const labels = encodeLabels(["A", "A", "B", "B"]);
const time = matrix([0.4, 0.6, 0.6, 0.4, 0.2, 0.8, 0.9, 0.1], 4, 2);
const both = matrix([0.9, 0.1, 0.3, 0.7, 0.2, 0.8, 0.7, 0.3], 4, 2);

Deno.test("metrics of a case that can be reckoned by hand", () => {
  const found = outcomes(labels, time, both);
  const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-12, `${a}, ${b}`);
  [0.5, -0.3, 0, 0.2].forEach((gain, i) => near(found.probabilityGain[i], gain));
  const [one, three, all] = selectionMetrics(found, [0, 2, 1, 3], [1, 3, 4]);
  near(one.probabilityGain, 0.5);
  assert.deepEqual([one.corrected, one.spoiled, one.accuracyGain, one.overallAccuracy], [1, 0, 1, 0.75]);
  near(three.probabilityGain, 0.2 / 3);
  assert.deepEqual([three.corrected, three.spoiled, three.accuracyGain, three.overallAccuracy], [
    1,
    1,
    0,
    0.5,
  ]);
  near(three.increasedShare, 1 / 3);
  near(selectionMetrics(found, [0, 2, 1, 3], [3], { orEqual: true })[0].increasedShare, 2 / 3);
  near(all.probabilityGain, 0.1);
  const [half] = randomMetrics(found, [2]);
  near(half.probabilityGain, 0.1);
  assert.deepEqual([half.corrected, half.correctedShare, half.overallAccuracy], [0.5, 0.25, 0.5]);
  assert.equal(sizeForAccuracy(found, [2, 0, 1, 3], 0.75), 2);
  assert.equal(sizeForAccuracy(found, [2, 0, 1, 3], 0.9), null);
});

Deno.test("the expectation of random selection is the mean over all orders", () => {
  const found = outcomes(labels, time, both), orders: number[][] = [];
  const walk = (order: number[]) => {
    if (order.length === 4) orders.push(order);
    else [0, 1, 2, 3].filter((i) => !order.includes(i)).forEach((i) => walk([...order, i]));
  };
  walk([]);
  for (const size of [1, 2, 3]) {
    const [expected] = randomMetrics(found, [size]);
    for (
      const name of [
        "probabilityGain",
        "accuracyGain",
        "corrected",
        "increasedShare",
        "overallAccuracy",
      ] as const
    ) {
      const mean = orders.reduce((sum, order) => sum + selectionMetrics(found, order, [size])[0][name], 0) /
        24;
      assert.ok(Math.abs(mean - expected[name]) < 1e-12, name);
    }
  }
});

Deno.test("bands enclose the estimate, shrink with more objects, and know the spread of a mean", () => {
  const many = (n: number) => ({
    probabilityGain: Float64Array.from({ length: n }, (_, i) => (i % 10) / 10),
    rightTime: Uint8Array.from({ length: n }, (_, i) => i % 4 === 0 ? 0 : 1),
    rightBoth: new Uint8Array(n).fill(1),
  });
  const width = (n: number) => {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    const bands = metricBands(many(n), { all: order, random: null }, [n], { seed: 1, resamples: 400 });
    const { estimate, low, high } = bands.all[0].probabilityGain;
    assert.ok(Math.abs(estimate - 0.45) < 1e-12 && low < estimate && estimate < high);
    assert.deepEqual(bands.all[0].correctedOverRandom, { estimate: 1, low: 1, high: 1 });
    // The whole set at random is the whole set.
    assert.deepEqual(bands.random[0].correctedShare, bands.all[0].correctedShare);
    return high - low;
  };
  // Uniform on 0, 0.1 ... 0.9: standard deviation 0.2872.
  assert.ok(Math.abs(width(400) / (2 * 1.96 * 0.2872 / 20) - 1) < 0.15);
  assert.ok(width(100) > 1.6 * width(400));
});

Deno.test("sizes beyond the set, missing spectra and wrong shapes are refused", () => {
  const found = outcomes(labels, time, both);
  assert.throws(() => selectionMetrics(found, [0, 1, 2, 3], [5]), /sizes from 1 to 4, found 5/);
  assert.throws(() => selectionMetrics(found, [0, 1], [1]), /an order of 4 objects, found 2/);
  assert.throws(
    () => outcomes(labels, time, matrix([NaN, NaN, 0, 1, 0, 1, 0, 1], 4, 2)),
    /a missing one .*object 0/,
  );
  assert.throws(() => outcomes(labels, time, matrix([0, 1], 1, 2)), /4 x 2 probabilities/);
});
