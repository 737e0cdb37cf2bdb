import assert from "node:assert/strict";
import { Random } from "../../../lib/core/mod.ts";
import {
  AGN,
  agnVariability,
  DampedWalks,
  discLag,
  KeyedNoise,
} from "../../../lib/sources/stochastic/mod.ts";
import { mean, median, settingOf, variance } from "./setting.ts";

Deno.test("keyed noise is normal, uncorrelated between neighbours, and repeats by key", () => {
  const noise = new KeyedNoise(new Random(4)), n = 40000;
  const values = Float64Array.from({ length: n }, (_, k) => noise.normal(k % 200, Math.floor(k / 200)));
  assert.ok(Math.abs(mean(values)) < 0.02 && Math.abs(variance(values) - 1) < 0.03);
  assert.ok(Math.abs(mean(values.map((x) => x ** 4)) - 3) < 0.2);
  for (const lag of [1, 200, 201]) {
    const products = values.subarray(lag).map((x, k) => x * values[k]);
    assert.ok(Math.abs(mean(products)) < 0.025, `lag ${lag}: ${mean(products)}`);
  }
  const uniform = Float64Array.from({ length: n }, (_, k) => noise.uniform(-k, 7));
  assert.ok(Math.abs(mean(uniform) - 0.5) < 0.006 && Math.abs(variance(uniform) - 1 / 12) < 0.002);
});

Deno.test("a walk's structure function is SF_inf (1 - exp(-dt / tau))^(1/2): slope one half, then flat", () => {
  const sigma = 0.2, tau = 60, pairs = 6000, infinity = sigma * Math.SQRT2;
  const walks = new DampedWalks(new Random(8), [{ sigma, tau }]);
  const structure = (lag: number) => {
    // Pairs seven memories apart are independent.
    const squares = Float64Array.from({ length: pairs }, (_, k) => {
      const t = 7 * tau * (k - pairs / 2) / 3 + 0.37 * k;
      return (walks.at(0, t + lag) - walks.at(0, t)) ** 2;
    });
    return Math.sqrt(mean(squares));
  };
  for (const lag of [0.01, 0.1, 1, 3, 7, 25, 90, 400]) {
    const expected = infinity * Math.sqrt(-Math.expm1(-lag / tau));
    assert.ok(
      Math.abs(structure(lag) / expected - 1) < 0.05,
      `${lag} d: ${structure(lag)}, expected ${expected}`,
    );
  }
  const slope = Math.log(structure(2) / structure(0.1)) / Math.log(20);
  assert.ok(Math.abs(slope - 0.5) < 0.02, `slope ${slope}`);
});

Deno.test("a walk does not depend on what was asked before, and is continuous", () => {
  const make = () => new DampedWalks(new Random(2), [{ sigma: 1, tau: 50 }, { sigma: 0.5, tau: 70 }], 60000);
  const one = make(), other = make(), times = [60100.2, 59000.7, 60000, 61000.3, 60100.2];
  const ahead = times.map((t) => one.at(0, t)),
    back = times.slice().reverse().map((t) => other.at(0, t)).reverse();
  assert.deepEqual(ahead, back);
  for (const edge of [60000, 60004, 60002, 59996]) {
    assert.ok(Math.abs(one.at(0, edge - 1e-9) - one.at(0, edge + 1e-9)) < 1e-6);
  }
});

Deno.test("walks with the same noise are correlated as the closed form says", () => {
  const walks = new DampedWalks(new Random(5), [{ sigma: 1, tau: 20 }, { sigma: 2, tau: 60 }]), n = 5000;
  const a = new Float64Array(n), b = new Float64Array(n);
  for (let k = 0; k < n; k++) [a[k], b[k]] = [walks.at(0, 50 * k), walks.at(1, 50 * k)];
  const correlation = mean(a.map((x, k) => x * b[k])) / Math.sqrt(variance(a) * variance(b));
  assert.ok(Math.abs(correlation - 2 * Math.sqrt(20 * 60) / 80) < 0.03, String(correlation));
  assert.throws(() => new DampedWalks(new Random(1), [{ sigma: 1, tau: 0 }]), /positive tau/);
});

Deno.test("variability follows MacLeod et al. (2010): bluer, fainter and heavier varies more, redder and heavier remembers longer", () => {
  const at = (absoluteMagnitude: number, logMass: number, wavelength: number) =>
    agnVariability({ absoluteMagnitude, logMass }, wavelength);
  assert.ok(Math.abs(at(-23, 9, 4000).structure - 10 ** -0.51) < 1e-12);
  assert.ok(Math.abs(at(-23, 9, 4000).tau - 10 ** 2.4) < 1e-9);
  assert.ok(at(-25, 9, 2000).structure > at(-25, 9, 4000).structure);
  assert.ok(at(-24, 9, 4000).structure > at(-26, 9, 4000).structure);
  assert.ok(at(-25, 9.5, 4000).tau > at(-25, 8.5, 4000).tau);
});

Deno.test("a disc of 10^9 solar masses at a tenth of Eddington lags by days in the optical, as wavelength to the 4/3", () => {
  const lag = discLag(5000, 9, 0.1);
  assert.ok(lag > 1 && lag < 15, String(lag));
  assert.ok(Math.abs(discLag(10000, 9, 0.1) / lag - 2 ** (4 / 3)) < 1e-9);
  assert.ok(Math.abs(discLag(5000, 8, 0.1) / lag - 10 ** (-2 / 3)) < 1e-9);
});

Deno.test("nuclei have quasars' colours and magnitudes, vary by tenths of a magnitude, most in the blue, all bands together", () => {
  const colours: number[] = [], spread: number[][] = [[], []], correlations: number[] = [];
  for (let seed = 0; seed < 60; seed++) {
    const nucleus = AGN.draw(new Random(seed), settingOf({ redshift: 1.5, mwebv: 0 }));
    const [, g, r] = nucleus.quiescent;
    colours.push(-2.5 * Math.log10(g / r));
    assert.ok(27.5 - 2.5 * Math.log10(r) > 17 && 27.5 - 2.5 * Math.log10(r) < 26);
    const time = Float64Array.from({ length: 200 }, (_, k) => 60000 + 18.3 * k);
    const series = (band: number) =>
      nucleus.flux(time, new Uint8Array(200).fill(band)).map((flux) => -2.5 * Math.log10(flux));
    const blue = series(1), red = series(3), a = mean(blue), b = mean(red);
    spread[0].push(Math.sqrt(variance(blue)));
    spread[1].push(Math.sqrt(variance(red)));
    correlations.push(mean(blue.map((x, k) => (x - a) * (red[k] - b))) / (spread[0][seed] * spread[1][seed]));
  }
  // SDSS quasars at z = 1.5: g - r of 0.1 to 0.3 (Richards et al. 2001).
  assert.ok(median(colours) > 0 && median(colours) < 0.4, `g - r ${median(colours)}`);
  assert.ok(median(spread[0]) > 0.08 && median(spread[0]) < 0.4, `g scatter ${median(spread[0])}`);
  assert.ok(median(spread[0]) > 1.1 * median(spread[1]));
  assert.ok(median(correlations) > 0.95, `correlation ${median(correlations)}`);
});

Deno.test("a nucleus's magnitude without galaxy has the structure function of its parameters", () => {
  const squares: number[] = [];
  for (let seed = 0; seed < 400; seed++) {
    const nucleus = AGN.draw(new Random(seed), settingOf({ redshift: 1.9, mwebv: 0 }));
    const rest = 4807 / 2.9, { absoluteMagnitude, logMass } = nucleus.parameters;
    const { structure, tau } = agnVariability({ absoluteMagnitude, logMass }, rest);
    const [a, b] = nucleus.flux(Float64Array.of(60100, 60500), Uint8Array.of(1, 1));
    const expected = structure ** 2 * -Math.expm1(-400 / (2.9 * tau));
    squares.push((2.5 * Math.log10(a / b)) ** 2 / expected);
  }
  // Most of these are so bright that their galaxies do not count.
  assert.ok(Math.abs(mean(squares) - 1) < 0.2, String(mean(squares)));
});

Deno.test("nuclei: determinism, finite fluxes at any redshift, any order of times, and refusals", () => {
  const time = Float64Array.of(60500, 60001, 61800, 59000), band = Uint8Array.of(0, 2, 5, 4);
  for (const redshift of [0.02, 0.5, 2.2, 3.5, 6]) {
    const draw = () => AGN.draw(new Random(3), settingOf({ redshift }));
    const flux = draw().flux(time, band);
    assert.deepEqual(draw().flux(time.slice().reverse(), band.slice().reverse()).reverse(), flux);
    assert.ok(flux.every((value) => value >= 0 && value < Infinity));
  }
  assert.throws(() => AGN.draw(new Random(1), settingOf({ redshift: 0 })), /redshift above 0/);
});
