import assert from "node:assert/strict";
import fc from "fast-check";
import { Random } from "../../lib/core/mod.ts";
import {
  adviseFrequencyGrid,
  bootstrapFalseAlarm,
  falseAlarmLevel,
  type FalseAlarmMethod,
  falseAlarmProbability,
  fastLombScargle,
  findPeaks,
  gridFrequencies,
  listAliases,
  lombScargle,
  multibandLombScargle,
  type Normalisation,
  refinePeak,
} from "../../lib/signal/mod.ts";
import { close } from "./close.ts";

const fixture = JSON.parse(Deno.readTextFileSync(new URL("fixtures/lomb_scargle.json", import.meta.url)));
const curve = {
  time: Float64Array.from(fixture.time),
  value: Float64Array.from(fixture.value),
  error: Float64Array.from(fixture.error),
};
const grid = { start: fixture.start, step: fixture.step, count: fixture.count };
const frequencies = gridFrequencies(grid);
const withoutErrors = { time: curve.time, value: curve.value };

function noisySine(n: number, period: number, seed: number, noise = 0.1, span = 100) {
  const random = new Random(seed);
  const time = Float64Array.from({ length: n }, () => random.uniform(0, span)).sort();
  const error = time.map(() => random.uniform(0.5 * noise, 1.5 * noise));
  const value = time.map((t, i) => Math.sin(2 * Math.PI * t / period) + random.normal(0, error[i]));
  return { time, value, error };
}

Deno.test("lombScargle() agrees with astropy to 1e-9, with and without errors, floating mean and harmonics", () => {
  for (const c of fixture.cases) {
    const power = lombScargle(c.errors ? curve : withoutErrors, frequencies, {
      harmonics: c.harmonics,
      floatingMean: c.floating,
    });
    close(power, c.power, 1e-9, `errors ${c.errors}, floating ${c.floating}, harmonics ${c.harmonics}`);
  }
});

Deno.test("lombScargle() agrees with astropy in every normalisation", () => {
  for (const [name, expected] of Object.entries(fixture.normalisations)) {
    const power = lombScargle(curve, frequencies, { normalisation: name as Normalisation });
    close(power, expected as number[], 1e-8, name);
  }
});

Deno.test("fastLombScargle() equals the exact power to its stated error, at any block edge", () => {
  for (const [n, count, harmonics] of [[60, 5000, 1], [400, 9000, 1], [60, 1500, 3], [12, 7, 1]]) {
    const some = noisySine(n, 3.3, n);
    const long = { start: 0.011, step: 0.0021, count };
    const fast = fastLombScargle(some, long, { harmonics });
    close(fast, lombScargle(some, gridFrequencies(long), { harmonics }), 1e-10, `${n} points, ${count}`);
  }
});

Deno.test("the power does not change with time shift, magnitude shift and scale, order or common error scale", () => {
  const base = noisySine(80, 2.7, 3);
  const few = { start: 0.05, step: 0.013, count: 60 };
  const expected = fastLombScargle(base, few);
  fc.assert(
    fc.property(
      fc.double({ min: -1e4, max: 1e4, noNaN: true }),
      fc.double({ min: -30, max: 30, noNaN: true }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      (timeShift, offset, scale) => {
        const changed = {
          time: base.time.map((t) => t + timeShift).reverse(),
          value: base.value.map((v) => scale * v + offset).reverse(),
          error: base.error.map((e) => 7 * e).reverse(),
        };
        close(fastLombScargle(changed, few), expected, 1e-7, "power");
      },
    ),
    { numRuns: 30 },
  );
  const doubled = (column: Float64Array) => Float64Array.from({ length: 160 }, (_, i) => column[i >> 1]);
  const twice = { time: doubled(base.time), value: doubled(base.value), error: doubled(base.error) };
  close(fastLombScargle(twice, few), expected, 1e-10, "duplicated points");
});

Deno.test("falseAlarmProbability() and falseAlarmLevel() agree with astropy", () => {
  for (const [method, expected] of Object.entries(fixture.alarm)) {
    (expected as number[]).forEach((value, i) => {
      const found = falseAlarmProbability(
        curve,
        fixture.levels[i],
        fixture.highest,
        method as FalseAlarmMethod,
      );
      // astropy forms 1 - (1 - p), which cannot resolve probabilities below 1e-16.
      assert.ok(Math.abs(found - value) <= 1e-9 * value + 2e-15, `${method} ${found} ${value}`);
    });
  }
  [0.1, 0.01, 1e-4].forEach((p, i) =>
    close([falseAlarmLevel(curve, p, fixture.highest)], [fixture.level[i]], 1e-6, "level")
  );
});

Deno.test("the analytic and the bootstrap false-alarm probability agree for Gaussian noise", () => {
  const random = new Random(8);
  const time = Float64Array.from({ length: 50 }, () => random.uniform(0, 40)).sort();
  const noise = { time, value: time.map(() => random.normal()) };
  const some = { start: 0.01, step: 0.005, count: 400 };
  const { maxima } = bootstrapFalseAlarm(noise, 0.3, some, { resamples: 300, random: new Random(1) });
  const middle = maxima[150];
  const analytic = falseAlarmProbability(noise, middle, 2.01);
  assert.ok(analytic > 0.35 && analytic < 0.75, `${analytic}`);
  const again = bootstrapFalseAlarm(noise, 0.3, some, { resamples: 300, random: new Random(1) });
  assert.deepEqual(again.maxima, maxima);
});

Deno.test("adviseFrequencyGrid() gives astropy's default grid", () => {
  const { start, step, count } = adviseFrequencyGrid(curve.time);
  close([start, step], fixture.grid.slice(0, 2), 1e-9, "grid");
  // The last step falls exactly between two whole numbers, where rounding is a matter of the last bit.
  assert.ok(Math.abs(count - fixture.grid[2]) <= 1);
});

Deno.test("findPeaks() and refinePeak() recover a period far below the grid step", () => {
  const data = noisySine(200, 3.21, 4, 0.001);
  const advised = adviseFrequencyGrid(data.time, { maximum: 3 });
  const [peak] = findPeaks(fastLombScargle(data, advised), advised);
  const refined = refinePeak(data, peak.frequency, advised.step);
  assert.ok(Math.abs(refined.period - 3.21) < 1e-4, `${refined.period}`);
  assert.ok(refined.power >= peak.power);
});

Deno.test("listAliases() names the daily alias of a signal seen once a night", () => {
  const aliases = listAliases(0.3);
  const daily = aliases.filter((a) => a.relation.endsWith("1 per day") || a.relation.endsWith("1 per day|"));
  close(daily.map((a) => a.frequency), [0.7, 1.3], 1e-12, "daily");
  assert.ok(aliases.every((a, i) => i === 0 || a.frequency >= aliases[i - 1].frequency));
});

Deno.test("multibandLombScargle() agrees with astropy, and forgets the names and order of bands", () => {
  const bands = [0, 1, 2].map((b) => {
    const rows = (column: Float64Array) => column.filter((_, i) => fixture.band[i] === b);
    return { time: rows(curve.time), value: rows(curve.value), error: rows(curve.error) };
  });
  const power = multibandLombScargle(bands, grid);
  close(power, fixture.multi, 1e-9, "power");
  close(multibandLombScargle(bands.toReversed(), grid), power, 1e-12, "renamed bands");
  assert.throws(() => multibandLombScargle([], grid), /a band with at least 4 points/);
});

Deno.test("lombScargle() refuses a constant curve, too few points and a wrong grid", () => {
  const time = Float64Array.from([0, 1, 2, 3]);
  assert.throws(() => lombScargle({ time, value: time.map(() => 5) }, frequencies), /4 equal values/);
  assert.throws(
    () => lombScargle({ time: time.slice(1), value: time.slice(1) }, frequencies),
    /at least 4 points/,
  );
  assert.throws(() => fastLombScargle({ time, value: time }, { start: 0, step: 0, count: 3 }), /step > 0/);
});
