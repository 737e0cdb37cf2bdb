import assert from "node:assert/strict";
import { fold, phaseDispersion, phases, stringLength } from "../../lib/signal/mod.ts";
import { close } from "./close.ts";

Deno.test("phases() stay in [0, 1), also just below a whole cycle", () => {
  const found = phases(Float64Array.from([-1e-20, 0, 3, 2.999]), 3);
  assert.ok(found.every((p) => p >= 0 && p < 1));
  assert.equal(found[0], 0);
});

Deno.test("fold() sorts by phase and keeps rows together", () => {
  const curve = {
    time: Float64Array.from([0.9, 1.2, 2.5]),
    value: Float64Array.from([1, 2, 3]),
    error: Float64Array.from([4, 5, 6]),
  };
  const folded = fold(curve, 1);
  close(folded.phase, [0.2, 0.5, 0.9], 1e-12, "phase");
  assert.deepEqual([[...folded.value], [...folded.error!], [...folded.order]], [[2, 3, 1], [5, 6, 4], [
    1,
    2,
    0,
  ]]);
});

const time = Float64Array.from({ length: 120 }, (_, i) => i * 1.37 + 0.5 * Math.sin(5 * i));
const saw = { time, value: time.map((t) => (t / 2.6) % 1) };

Deno.test("phaseDispersion() of a sawtooth is 1/bins^2 of its variance at the period and near 1 elsewhere", () => {
  const [right, wrong] = phaseDispersion(saw, Float64Array.from([1 / 2.6, 0.2137]), { bins: 10, covers: 1 });
  // A ramp cut in b equal bins keeps 1 / b^2 of its variance inside them.
  assert.ok(right > 0.006 && right < 0.02, `${right}`);
  assert.ok(wrong > 0.8 && wrong < 1.2, `${wrong}`);
});

Deno.test("stringLength() is the closed polygon: two equal halves give 1 + 2 sqrt(...) by hand", () => {
  const square = { time: Float64Array.from([0, 0.25, 0.5, 0.75]), value: Float64Array.from([0, 0, 1, 1]) };
  const [length] = stringLength(square, Float64Array.of(1));
  assert.ok(Math.abs(length - (0.5 + 2 * Math.hypot(0.25, 0.5))) < 1e-12);
  const trial = Float64Array.from({ length: 400 }, (_, k) => 0.3 + 0.0005 * k);
  const lengths = stringLength(saw, trial);
  const best = trial[lengths.indexOf(Math.min(...lengths))];
  assert.ok(Math.abs(best - 1 / 2.6) < 1e-3);
});

Deno.test("phaseDispersion() and stringLength() refuse a constant curve", () => {
  const flat = { time, value: time.map(() => 1) };
  assert.throws(() => phaseDispersion(flat, Float64Array.of(1)), /120 equal values/);
  assert.throws(() => stringLength(flat, Float64Array.of(1)), /120 equal values/);
});
