import assert from "node:assert/strict";
import { Random } from "../../../lib/core/mod.ts";
import {
  FLARE_AREA,
  flareEnergy,
  flareShape,
  flaresPerDay,
  FlareTrain,
  flareWidth,
  M_DWARF,
} from "../../../lib/sources/stochastic/mod.ts";
import { mean, settingOf } from "./setting.ts";

const RATE = { power: 1e28, alpha: 1.9, least: 1e31, greatest: 1e35 };

Deno.test("the flare template peaks at one, is about one width wide at half of it, and its area is the integral", () => {
  let sum = 0, first = NaN, last = NaN;
  const step = 1e-3;
  for (let t = -1.2; t < 80; t += step) {
    const value = flareShape(t);
    sum += value * step;
    if (value >= 0.5 && Number.isNaN(first)) first = t;
    if (value >= 0.5) last = t;
    assert.ok(value >= 0 && value <= 1.01);
  }
  assert.ok(Math.abs(sum / FLARE_AREA - 1) < 2e-3, `${sum} ${FLARE_AREA}`);
  assert.ok(Math.abs(last - first - 1) < 0.1, String(last - first));
});

Deno.test("the decline is two exponentials: fast at first, slow from three widths on", () => {
  const rate = (t: number) => -Math.log(flareShape(t + 0.01) / flareShape(t)) / 0.01;
  assert.ok(rate(0) > 1.1 && Math.abs(rate(8) - 0.2783) < 0.01);
});

Deno.test("flare energies are a power law, their power is the star's, and they come by Poisson's law", () => {
  const train = new FlareTrain(new Random(6), RATE),
    days = 3000,
    counts: number[] = [],
    energies: number[] = [];
  for (let day = 60000; day < 60000 + days; day++) {
    const flares = train.on(day);
    counts.push(flares.length);
    for (const { energy, peak } of flares) {
      energies.push(energy);
      assert.ok(peak >= day && peak < day + 1 && energy >= RATE.least && energy <= RATE.greatest);
    }
  }
  const expected = flaresPerDay(RATE);
  assert.ok(Math.abs(mean(counts) / expected - 1) < 0.05, `${mean(counts)} a day, expected ${expected}`);
  const spread = mean(counts.map((n) => (n - mean(counts)) ** 2));
  assert.ok(Math.abs(spread / expected - 1) < 0.1);
  // Maximum likelihood of the exponent of an (almost untruncated) power law, Hill's estimator.
  const inverse = mean(energies.map((e) => Math.log(e / RATE.least)));
  const truncation = Math.log(1e4) / (10 ** (4 * 0.9) - 1);
  assert.ok(Math.abs(1 / (inverse + truncation) + 1 - RATE.alpha) < 0.05, String(1 / inverse + 1));
  const power = energies.reduce((a, b) => a + b) / (days * 86400);
  assert.ok(Math.abs(power / RATE.power - 1) < 0.25, `power ${power}`);
});

Deno.test("energies by rank run from the least to the greatest, also for a slope of two; stronger flares last longer", () => {
  for (const alpha of [1, 1.5, 2, 2.3]) {
    const rate = { ...RATE, alpha };
    assert.ok(Math.abs(flareEnergy(rate, 0) / RATE.least - 1) < 1e-12);
    assert.ok(Math.abs(flareEnergy(rate, 1) / RATE.greatest - 1) < 1e-9);
    assert.ok(flaresPerDay(rate) > 0 && flaresPerDay(rate) < 1e6);
  }
  assert.ok(Math.abs(flareWidth(1e34) / flareWidth(1e32) - 100 ** 0.39) < 1e-9);
});

Deno.test("a flare is hot: of a big one the u band brightens by far more than the z band, and it fades within hours", () => {
  let seen = 0;
  for (let seed = 0; seed < 40 && seen < 5; seed++) {
    const star = M_DWARF.draw(new Random(seed), settingOf());
    const n = 20000, time = Float64Array.from({ length: n }, (_, k) => 60000 + k / 500);
    const u = star.flux(time, new Uint8Array(n)), top = u.indexOf(Math.max(...u)), quiet = star.quiescent;
    if (u[top] < 3 * quiet[0]) continue;
    seen++;
    const at = Float64Array.of(time[top], time[top], time[top] + 1.5);
    const [inG, inZ, later] = star.flux(at, Uint8Array.of(1, 4, 0));
    const brightening = [u[top] / quiet[0], inG / quiet[1], inZ / quiet[4]].map((ratio) => ratio - 1);
    assert.ok(brightening[0] > brightening[1] && brightening[1] > 5 * brightening[2], brightening.join(" "));
    assert.ok(later - quiet[0] < 0.5 * (u[top] - quiet[0]));
    assert.ok(u.every((flux) => flux >= quiet[0]));
  }
  assert.ok(seen >= 3, `${seen} stars with a flare of over a magnitude in u in forty days`);
});

Deno.test("M dwarfs are red, within the range of magnitudes, the same for a seed, and finite", () => {
  const setting = settingOf({ magnitudes: { bright: 17, faint: 21 } });
  for (let seed = 0; seed < 200; seed++) {
    const star = M_DWARF.draw(new Random(seed), setting), [, g, r, i] = star.quiescent;
    assert.ok(-2.5 * Math.log10(g / r) > 1 && -2.5 * Math.log10(r / i) > 0.3);
    assert.ok(star.parameters.magnitude >= 17 && star.parameters.magnitude <= 21.001);
    assert.ok(Number.isNaN(star.peak));
  }
  const time = Float64Array.of(60500.3, 60001.7, 59000.2), band = Uint8Array.of(0, 2, 5);
  const draw = () => M_DWARF.draw(new Random(9), setting);
  const flux = draw().flux(time, band);
  assert.deepEqual(draw().flux(time.slice().reverse(), band.slice().reverse()).reverse(), flux);
  assert.ok(flux.every(Number.isFinite));
});
