import assert from "node:assert/strict";
import { Random } from "../../../lib/core/mod.ts";
import { DWARF_NOVA, type OutburstParameters, OutburstTrain } from "../../../lib/sources/stochastic/mod.ts";
import { median, settingOf } from "./setting.ts";

const PARAMETERS: OutburstParameters = {
  recurrence: 30,
  amplitude: 3.5,
  rise: 0.2,
  decline: 0.8,
  plateau: 1,
  supercycle: 5,
  superExcess: 0.8,
  superPlateau: 14,
};

Deno.test("outbursts recur after the mean time, and every fifth is a superoutburst", () => {
  const train = new OutburstTrain(new Random(1), PARAMETERS, 60000);
  const first = train.start(0);
  assert.ok(first >= 60000 && first < 60030);
  assert.ok(Math.abs((train.start(800) - train.start(-800)) / 1600 / 30 - 1) < 0.05);
  for (let k = -20; k < 20; k++) assert.ok(train.start(k) < train.start(k + 1));
  assert.deepEqual([-5, -1, 0, 1, 5, 7].map((k) => train.isSuper(k)), [
    true,
    false,
    true,
    false,
    true,
    false,
  ]);
});

Deno.test("a superoutburst is brighter by its excess, lasts two weeks, fades by 0.11 mag/day, then as fast as a normal one", () => {
  const train = new OutburstTrain(new Random(1), PARAMETERS, 60000), start = train.start(0);
  const top = start + 0.2 * 4.3;
  assert.ok(Math.abs(train.brightening(top + 1e-6) - 4.3) < 1e-3);
  assert.ok(Math.abs(train.brightening(top + 2) - train.brightening(top + 12) - 1.1) < 1e-6);
  const end = top + 14;
  assert.ok(Math.abs(train.brightening(end + 0.8) - (train.brightening(end + 1e-9) - 1)) < 1e-6);
  assert.ok(Math.abs(train.brightening(start + 0.2) - 1) < 1e-6);
});

Deno.test("a normal outburst has its amplitude, rises faster than it fades, and is over before the next", () => {
  const train = new OutburstTrain(new Random(1), PARAMETERS, 60000), start = train.start(1);
  const values = Array.from({ length: 1500 }, (_, k) => train.brightening(start + k / 100));
  const top = Math.max(...values);
  assert.ok(Math.abs(top - 3.5) < 1, String(top));
  const reached = values.findIndex((value) => value >= top - 1e-9);
  const left = values.findLastIndex((value) => value >= top - 1e-9);
  const gone = values.findIndex((value, k) => k > left && value === 0);
  assert.ok(reached / 100 < 1.1 && (gone - left) / 100 > 1.9, `${reached} ${left} ${gone}`);
});

Deno.test("dwarf novae brighten by two to six magnitudes, bluer in outburst, and spend most of their time in quiescence", () => {
  const amplitudes: number[] = [], shares: number[] = [], bluer: number[] = [];
  const n = 4000, time = Float64Array.from({ length: n }, (_, k) => 60000 + k / 4);
  for (let seed = 0; seed < 40; seed++) {
    const star = DWARF_NOVA.draw(new Random(seed), settingOf());
    const g = star.flux(time, new Uint8Array(n).fill(1)), i = star.flux(time, new Uint8Array(n).fill(3));
    const top = g.indexOf(Math.max(...g));
    amplitudes.push(2.5 * Math.log10(g[top] / star.quiescent[1]));
    shares.push(g.filter((flux) => flux < 1.1 * star.quiescent[1]).length / n);
    bluer.push(2.5 * Math.log10(g[top] / i[top]) - 2.5 * Math.log10(star.quiescent[1] / star.quiescent[3]));
    // g - i of an optically thick disc at maximum.
    const colour = -2.5 * Math.log10(g[top] / i[top]);
    assert.ok(colour > -0.7 && colour < 0.3, `g - i at maximum ${colour}`);
    const magnitude = 27.5 - 2.5 * Math.log10(star.quiescent[2]);
    assert.ok(
      Math.abs(magnitude - star.parameters.magnitude) < 0.1,
      `${magnitude} ${star.parameters.magnitude}`,
    );
  }
  assert.ok(amplitudes.every((a) => a > 1.5 && a < 8.5), amplitudes.join(" "));
  assert.ok(median(amplitudes) > 3 && median(amplitudes) < 5.5, String(median(amplitudes)));
  assert.ok(median(shares) > 0.5 && median(bluer) > 0.1);
});

Deno.test("dwarf novae: the same seed gives the same star in any order of times, all finite, before the window too", () => {
  const time = Float64Array.of(60500.3, 60001.7, 59000.2, 62000), band = Uint8Array.of(0, 2, 5, 3);
  for (let seed = 0; seed < 30; seed++) {
    const draw = () => DWARF_NOVA.draw(new Random(seed), settingOf());
    const flux = draw().flux(time, band);
    assert.deepEqual(draw().flux(time.slice().reverse(), band.slice().reverse()).reverse(), flux);
    assert.ok(flux.every((value) => value > 0 && value < Infinity));
  }
});
