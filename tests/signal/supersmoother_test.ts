import assert from "node:assert/strict";
import fc from "fast-check";
import { supersmoother, supersmootherResidual } from "../../lib/signal/mod.ts";
import { runningLines } from "../../lib/signal/running_line.ts";
import { close } from "./close.ts";

interface Case {
  name: string;
  period: number | null;
  bass: number | null;
  time: number[];
  value: number[];
  error: number[] | null;
  smooth: number[];
  at: number[];
  predicted: number[];
  residual: number;
}

const fixture = JSON.parse(
  Deno.readTextFileSync(new URL("fixtures/supersmoother.json", import.meta.url)),
) as { cases: Case[]; sine: { time: number[]; value: number[]; truth: number[] } };

const curveOf = (c: { time: number[]; value: number[]; error?: number[] | null }) => ({
  time: Float64Array.from(c.time),
  value: Float64Array.from(c.value),
  ...(c.error ? { error: Float64Array.from(c.error) } : {}),
});

Deno.test("supersmoother() agrees with the Python package supersmoother", async (t) => {
  for (const c of fixture.cases) {
    await t.step(c.name, () => {
      const options = { period: c.period ?? undefined, bass: c.bass ?? undefined };
      const smooth = supersmoother(curveOf(c), options);
      close(smooth.value, c.smooth, 1e-9, "values");
      close(smooth.predict(Float64Array.from(c.at)), c.predicted, 1e-9, "predictions");
      close([supersmootherResidual(curveOf(c), options)], [c.residual], 1e-9, "residual");
    });
  }
});

Deno.test("supersmoother() recovers a noisy sine to a mean squared error below 0.001", () => {
  const { time, value, truth } = fixture.sine;
  const smooth = supersmoother(curveOf({ time, value })).value;
  // The public test smooths the noise-free sine; the noisy one is held to the noise of about ten points a
  // window.
  const clean = supersmoother(curveOf({ time, value: truth })).value;
  const squares = (a: Float64Array) => a.reduce((sum, v, i) => sum + (v - truth[i]) ** 2, 0) / a.length;
  assert.ok(squares(clean) < 1e-3);
  assert.ok(squares(smooth) < 4e-3);
});

Deno.test("supersmoother() reproduces a straight line whatever its slope, errors and bass", () => {
  fc.assert(fc.property(
    fc.double({ min: -5, max: 5, noNaN: true }),
    fc.double({ min: 0, max: 10, noNaN: true }),
    fc.array(fc.double({ min: 0.01, max: 3, noNaN: true }), { minLength: 6, maxLength: 60 }),
    (slope, bass, gaps) => {
      let now = 5e4;
      const time = Float64Array.from(gaps, (gap) => now += gap);
      const value = time.map((x) => 2 + slope * (x - 5e4));
      const error = Float64Array.from(gaps, (gap) => 0.1 + gap);
      const smooth = supersmoother({ time, value, error }, { bass });
      const scale = 1e-7 * (1 + Math.abs(slope) * (now - 5e4));
      assert.ok(smooth.value.every((v, i) => Math.abs(v - value[i]) < scale));
    },
  ));
});

Deno.test("a bass of 10 always chooses the widest span", () => {
  const { time, value } = fixture.sine;
  const smooth = supersmoother(curveOf({ time, value }), { bass: 10 });
  assert.ok(smooth.span.every((s) => Math.abs(s - 0.5) < 1e-12));
});

Deno.test("supersmoother() treats the order of the rows, whole periods and the scale as it should", () => {
  const c = fixture.cases[2];
  const curve = curveOf(c);
  const options = { period: c.period! };
  const base = supersmoother(curve, options).value;
  const n = base.length;
  const reversed = supersmoother({
    time: curve.time.toReversed(),
    value: curve.value.toReversed(),
    error: curve.error!.toReversed(),
  }, options).value;
  close(reversed.toReversed(), base, 1e-9, "reversed rows");
  const moved = supersmoother({ ...curve, time: curve.time.map((t, i) => t + (i % 7) * c.period!) }, options);
  close(moved.value, base, 1e-7, "whole periods added");
  const scaled = supersmoother({ ...curve, value: curve.value.map((v) => 3 * v - 7) }, options);
  close(scaled.value, base.map((v) => 3 * v - 7), 1e-9, "scaled values");
  assert.equal(n, c.time.length);
});

Deno.test("runningLines() that leave a point out equal a line fitted without it", () => {
  const x = Float64Array.from({ length: 15 }, (_, i) => i + 0.3 * Math.sin(7 * i));
  const y = x.map((v) => Math.cos(v));
  const w = x.map((_, i) => 1 + (i % 3));
  const { value } = runningLines(x, y, w, 0.4, { leaveOut: true });
  for (let i = 0; i < 15; i++) {
    const rows: number[] = [];
    for (let k = Math.max(0, i - 3); k <= Math.min(14, i + 2); k++) if (k !== i) rows.push(k);
    const sum = (f: (k: number) => number) => rows.reduce((s, k) => s + f(k), 0);
    const W = sum((k) => w[k]), X = sum((k) => w[k] * x[k]), Y = sum((k) => w[k] * y[k]);
    const XX = sum((k) => w[k] * x[k] ** 2), XY = sum((k) => w[k] * x[k] * y[k]);
    const slope = (W * XY - X * Y) / (W * XX - X * X);
    assert.ok(Math.abs(value[i] - (Y + slope * (W * x[i] - X)) / W) < 1e-9);
  }
});

Deno.test("supersmoother() takes repeated times as their mean instead of failing", () => {
  const time = Float64Array.from([1, 1, 1, 1, 2, 2, 2, 2]);
  const value = Float64Array.from([1, 3, 1, 3, 5, 7, 5, 7]);
  const smooth = supersmoother({ time, value }).value;
  assert.ok(smooth.every((v) => Number.isFinite(v) && v >= 1 && v <= 7));
});

Deno.test("supersmoother() refuses what it cannot use, saying why", () => {
  const time = Float64Array.from([0, 1, 2]);
  assert.throws(
    () => supersmoother({ time: time.slice(1), value: time.slice(1) }),
    /at least 3 points, found 2/,
  );
  assert.throws(() => supersmoother({ time, value: time }, { bass: 11 }), /bass between 0 and 10, found 11/);
  assert.throws(() => supersmoother({ time, value: time.map(() => NaN) }), /value NaN at row 0/);
  assert.throws(() => supersmoother({ time, value: time }, { period: 0 }), /positive period, found 0/);
  assert.throws(() => supersmootherResidual({ time, value: time.map(() => 4) }), /3 equal values/);
});
