import assert from "node:assert/strict";
import fc from "fast-check";
import { matrix } from "../../../lib/numerics/mod.ts";
import { exposureTime, FIBRE_SPECTROGRAPH, signalToNoise } from "../../../lib/chapters/follow_up/exposure.ts";
import { knapsack } from "../../../lib/chapters/follow_up/knapsack.ts";
import { airmassAt, APACHE_POINT, darkHours, visibility } from "../../../lib/chapters/follow_up/night.ts";
import { scheduleNight } from "../../../lib/chapters/follow_up/schedule.ts";
import { selectBatch } from "../../../lib/chapters/follow_up/batch.ts";
import { stoppingPoint } from "../../../lib/chapters/follow_up/stopping.ts";

/** The greatest value over all subsets. */
function bruteForce(values: number[], costs: number[], budget: number): number {
  let best = 0;
  for (let set = 0; set < 2 ** values.length; set++) {
    let value = 0, cost = 0;
    values.forEach((v, i) => {
      if (set >> i & 1) {
        value += v;
        cost += costs[i];
      }
    });
    if (cost <= budget && value > best) best = value;
  }
  return best;
}

Deno.test("the knapsack is the best of all subsets; greedy is at least half of it and below its bound", () => {
  const item = fc.record({ value: fc.integer({ min: -3, max: 30 }), cost: fc.integer({ min: 1, max: 20 }) });
  fc.assert(
    fc.property(fc.array(item, { maxLength: 10 }), fc.integer({ min: 0, max: 60 }), (items, budget) => {
      const values = items.map(({ value }) => value), costs = items.map(({ cost }) => cost);
      const best = bruteForce(values, costs, budget), found = knapsack(values, costs, budget);
      assert.equal(found.value, best);
      assert.ok(found.exact && found.cost <= budget);
      const greedy = knapsack(values, costs, budget, { method: "greedy" });
      assert.ok(greedy.value >= best / 2 && greedy.bound >= best - 1e-9 && greedy.cost <= budget);
    }),
  );
  assert.throws(() => knapsack([1], [0], 1), /positive costs, found 1 for 0 .*item 0/);
});

Deno.test("a schedule keeps every window, and the greedy one lies below the exact one and its bound", () => {
  const target = fc.record({
    value: fc.integer({ min: 1, max: 20 }),
    cost: fc.integer({ min: 1, max: 20 }),
    from: fc.integer({ min: 0, max: 60 }),
    span: fc.integer({ min: 1, max: 50 }),
  });
  fc.assert(
    fc.property(fc.array(target, { maxLength: 7 }), (list) => {
      const targets = list.map((t, i) => ({ ...t, id: `${i}`, to: t.from + t.span }));
      const exact = scheduleNight(targets, { length: 80, method: "exact" });
      const greedy = scheduleNight(targets, { length: 80, method: "greedy" });
      assert.ok(greedy.value <= exact.value && exact.value <= greedy.bound + 1e-9);
      for (const { targets: times, value } of [exact, greedy]) {
        let free = 0, sum = 0;
        for (const { id, start, end } of times) {
          const { from, to, cost, value } = targets[Number(id)];
          assert.ok(start >= Math.max(free, from) && end <= Math.min(80, to) && end - start === cost);
          free = end;
          sum += value;
        }
        assert.equal(sum, value);
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("a schedule places targets of greater priority first, and never lets them make way", () => {
  const at = { cost: 10, from: 0, to: 10 };
  const targets = [{ id: "a", value: 9, ...at }, { id: "b", value: 1, ...at, priority: 1 }];
  const ids = (list: Parameters<typeof scheduleNight>[0]) =>
    scheduleNight(list, { length: 20, method: "greedy" }).targets.map(({ id }) => id);
  assert.deepEqual(ids(targets), ["b"]);
  assert.deepEqual(ids(targets.map((t) => ({ ...t, priority: 0 }))), ["a"]);
  // Where there is room, those of less priority fill the rest, before or after.
  assert.deepEqual(ids([{ ...targets[1], from: 5, to: 15 }, { ...targets[0], cost: 5 }]), ["a", "b"]);
  assert.throws(
    () => scheduleNight(targets, { length: 20, method: "exact" }),
    /the greedy method for targets with priorities/,
  );
});

Deno.test("exposure times give the ratio asked for, and scale as light and sky say", () => {
  for (const magnitude of [12, 17, 20.5]) {
    const seconds = exposureTime({ magnitude, airmass: 1.3, signalToNoise: 15 });
    assert.ok(Math.abs(signalToNoise({ magnitude, airmass: 1.3, seconds }) - 15) < 1e-6, `${magnitude}`);
  }
  const time = (magnitude: number, instrument = FIBRE_SPECTROGRAPH) =>
    exposureTime({ magnitude, airmass: 1, signalToNoise: 50, instrument });
  const silent = { ...FIBRE_SPECTROGRAPH, readNoise: 0, darkCurrent: 0 };
  // Photons of the object alone: in proportion. Limited by the sky: to the square.
  assert.ok(Math.abs(time(10, silent) / time(7.5, silent) - 10) < 0.01);
  assert.ok(Math.abs(time(27.5, silent) / time(25, silent) - 100) < 5);
  assert.throws(() => exposureTime({ magnitude: NaN, airmass: 1, signalToNoise: 5 }), /a finite magnitude/);
});

Deno.test("a winter night is longer than a summer night, and stars are up when they are", () => {
  const winter = darkHours(60300.3, APACHE_POINT)!, summer = darkHours(60480.3, APACHE_POINT)!;
  const hours = ({ from, to }: { from: number; to: number }) => 24 * (to - from);
  assert.ok(hours(winter) > 10.5 && hours(winter) < 12 && hours(summer) > 5.5 && hours(summer) < 7.5);
  const pole = visibility({ ra: 0, dec: 89.9 }, winter, APACHE_POINT, 2);
  assert.deepEqual(pole.window, winter);
  // A star that culminates in the dark: least in the middle, greatest where it passes the limit.
  const star = visibility({ ra: 100, dec: 20 }, winter, APACHE_POINT, 2);
  assert.ok(Math.abs(star.greatestAirmass - 2) < 0.01 && star.airmass < 1.05);
  for (let k = 0; k <= 20; k++) {
    const time = star.window!.from + k / 20 * (star.window!.to - star.window!.from);
    const mass = airmassAt({ ra: 100, dec: 20 }, time, APACHE_POINT);
    assert.ok(mass <= star.greatestAirmass + 1e-9 && mass >= star.airmass - 1e-3);
  }
  assert.equal(airmassAt({ ra: 0, dec: -80 }, winter.from, APACHE_POINT), Infinity);
  assert.ok(Math.abs(pole.airmass - 1 / Math.sin(32.85 * Math.PI / 180)) < 0.02);
  assert.equal(visibility({ ra: 0, dec: -80 }, winter, APACHE_POINT).window, null);
  assert.equal(darkHours(60480.3, { longitude: 0, latitude: 80 }), null);
});

Deno.test("a batch does not choose the same twice, and is at least 63 % of the best", () => {
  const points = matrix([0, 0, 0.01, 0, 5, 5, 9, 0], 4, 2);
  const batch = selectBatch([1, 0.99, 0.5, -1], points, { size: 2, width: 1 });
  assert.equal(batch.chosen.length, 2);
  assert.ok(batch.chosen.includes(2) && !batch.chosen.includes(3));
  assert.ok(batch.added[0] >= batch.added[1]);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 })), {
        minLength: 3,
        maxLength: 7,
      }),
      (list) => {
        const gains = list.map(([g]) => g),
          x = matrix(list.map(([, p]) => p), list.length, 1);
        const value = (set: number[]) =>
          gains.reduce(
            (sum, g, i) =>
              sum + g * Math.max(...set.map((j) => Math.exp(-((x.data[i] - x.data[j]) ** 2) / 8))),
            0,
          );
        let best = 0;
        for (let i = 0; i < list.length; i++) {
          for (let j = 0; j < i; j++) best = Math.max(best, value([i, j]));
        }
        const found = selectBatch(gains, x, { size: 2, width: 2 });
        assert.ok(Math.abs(found.value - value([...found.chosen])) < 1e-9 * best);
        assert.ok(found.value >= (1 - 1 / Math.E) * best - 1e-9);
      },
    ),
  );
  assert.throws(() => selectBatch([1], matrix([0], 1, 1), {}), /a size, or costs with a budget/);
});

Deno.test("the stopping rule goes on while spectra help, and what it said stays said", () => {
  const helps = Array.from({ length: 300 }, (_, i) => 0.2 + (i % 2 ? 0.2 : -0.2));
  assert.equal(stoppingPoint(helps), null);
  const ends = helps.map((x, i) => i < 150 ? x : x - 0.2), stop = stoppingPoint(ends)!;
  assert.ok(stop > 150 && stop < 250, `${stop}`);
  assert.equal(stoppingPoint(ends.slice(0, stop)), stop);
  assert.equal(stoppingPoint(ends.slice(0, stop - 1)), null);
  assert.throws(() => stoppingPoint(ends, { window: 5 }), /a window of 10 or more/);
});
