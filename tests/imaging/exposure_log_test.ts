import assert from "node:assert/strict";
import { HITS_STAMPS, hitsObservingConditions } from "ephemera/datasets";
import {
  ccdOf,
  DECAM,
  exposuresOf,
  fitStar,
  simulatePointSpreadBank,
  simulateStamps,
} from "ephemera/imaging";

const numbers = (...values: number[]) => Float64Array.from(values);
const log = {
  field: ["a", "a", "a", "a", "b"],
  filter: ["g", "g", "r", "g", "g"],
  mjd: numbers(3, 1, 2, 4, 1),
  exp_time: numbers(86, 86, 102, 86, 86),
  seeing: numbers(1.2, 1.5, 1.1, 2.4, 1),
  back_level: numbers(120, 110, 400, 130, 100),
  zp_ps: numbers(NaN, 25.1, 25.4, 25, NaN),
};

Deno.test("a log's exposures of a field come in order of time, gaps and bad seeing left out", () => {
  const times = (options = {}) => exposuresOf(log, "a", options).map(({ time }) => time);
  assert.deepEqual(times(), [1, 2]);
  assert.deepEqual(times({ gaps: "previous" }), [1, 2, 3]);
  assert.deepEqual(times({ largestSeeing: 3, bands: ["g"] }), [1, 4]);
  assert.deepEqual(exposuresOf(log, "b", { gaps: "previous" }), []);
  const [first, second, third] = exposuresOf(log, "a", { gaps: "previous" });
  assert.deepEqual(second, { time: 2, band: "r", exposureTime: 102, zeroPoint: 25.4, seeing: 1.1, sky: 400 });
  assert.deepEqual(exposuresOf(log, "a", { seeingScale: 0.5 }).map(({ seeing }) => seeing), [0.75, 0.55]);
  assert.deepEqual([first.zeroPoint, third.zeroPoint], [25.1, 25.1]);
});

Deno.test("a log without the field or a column is refused", () => {
  const { mjd: _, ...timeless } = log;
  assert.throws(() => exposuresOf(log, "c"), /one of the fields a, b, ..., found "c"/);
  assert.throws(() => exposuresOf(timeless, "a"), /a column "mjd" of numbers, found the columns field/);
  assert.throws(
    () => exposuresOf({ ...log, field: numbers(1, 1, 1, 1, 1) }, "a"),
    /a column "field" of texts/,
  );
  assert.throws(
    () => exposuresOf({ ...log, seeing: ["good"] }, "a"),
    /a column "seeing" of numbers, found texts/,
  );
});

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const data = Deno.env.get("EPHEMERA_DATA");

Deno.test({
  name:
    "stars simulated with the survey's own log are as wide as it says, those of the real stamps 0.88 times; the sky is the log's",
  ignore: data === undefined,
  fn: async () => {
    const conditions = await hitsObservingConditions(), set = await HITS_STAMPS.load();
    const bank = simulatePointSpreadBank(3, { count: 300 });
    const real: number[] = [], made: number[] = [], scaled: number[] = [], levels: number[] = [];
    const rim = (image: Float32Array) => median([...image.filter((_, p) => p < 42 || p >= 399)]);
    const width = (image: Float32Array) => {
      const below = rim(image);
      return 0.27 *
        fitStar({ pixels: image.map((value) => value - below), width: 21, height: 21 }, { background: 0 })
          .fwhm;
    };
    for (let i = 0; i < set.length; i += 3) {
      if (set.className(i) !== "NV") continue;
      const star = set.at(i), field = /^(Blind15A_\d+)_/.exec(star.id)?.[1];
      assert.ok(field !== undefined, star.id);
      const simulate = (seeingScale: number) => {
        const exposures = exposuresOf(conditions, field, { bands: ["g"], seeingScale });
        const magnitudes = exposures.map(() => 18), detector = ccdOf(DECAM, 5);
        return simulateStamps([{ id: star.id, exposures, magnitudes, detector }], { seed: 1, bank });
      };
      const simulated = simulate(1), narrower = simulate(0.89);
      exposuresOf(conditions, field, { bands: ["g"] }).forEach(({ time, sky, seeing }, e) => {
        // Times of the stamps are rounded to 1/256 day.
        const k = star.time.findIndex((mjd) => Math.abs(mjd - time) < 1 / 200);
        if (k < 0) return;
        const image = set.image(set.offsets[i] + k), peak = Math.max(...image) - rim(image);
        if (peak < 1000 || peak > 30_000) return;
        real.push(width(image) / seeing);
        made.push(width(simulated.image(e)) / seeing);
        scaled.push(width(narrower.image(e)) / seeing);
        levels.push(rim(image) / sky);
      });
    }
    assert.ok(real.length > 300, `${real.length} stars`);
    const near = (values: number[], expected: number, tolerance: number) =>
      assert.ok(Math.abs(median(values) - expected) < tolerance, `${median(values)} is not ${expected}`);
    near(levels, 1, 0.02);
    near(made, 0.99, 0.02);
    near(real, 0.88, 0.02);
    near(scaled, median(real), 0.02);
  },
});
