import assert from "node:assert/strict";
import { FlatUniverse } from "ephemera/astronomy";
import { Random } from "ephemera/core";
import {
  RedshiftDistribution,
  starFormation,
  thermonuclear,
  VOLUMETRIC_RATES,
  volumetricRate,
} from "ephemera/survey";

const universe = new FlatUniverse({ hubble: 70, matter: 0.3 });

Deno.test("a constant rate without time dilation fills the comoving volume", () => {
  const whole = new RedshiftDistribution({ universe, minimum: 0.1, maximum: 1.2, evolution: (z) => 1 + z });
  const shell = (universe.comovingVolume(1.2) - universe.comovingVolume(0.1)) * 1e9;
  assert.ok(Math.abs(whole.volume / shell - 1) < 1e-9, `${whole.volume} against ${shell}`);
});

Deno.test("in a universe of matter alone the redshifts follow the closed form", () => {
  // Einstein-de Sitter: D_C = 2 c / H (1 - (1 + z)^-1/2), so the share below z is a cube of that, clocks running alike.
  const flat = new FlatUniverse({ hubble: 70, matter: 1 });
  const drawn = new RedshiftDistribution({ universe: flat, minimum: 0, maximum: 2, evolution: (z) => 1 + z });
  const random = new Random(1), count = 20000;
  const share = (z: number) => ((1 - (1 + z) ** -0.5) / (1 - 3 ** -0.5)) ** 3;
  const found = Float64Array.from({ length: count }, () => drawn.draw(random)).sort();
  let worst = 0;
  found.forEach((z, i) => worst = Math.max(worst, Math.abs((i + 0.5) / count - share(z))));
  // Kolmogorov's distance at the level of one in ten thousand.
  assert.ok(worst < 2.2 / Math.sqrt(count), `distance ${worst}`);
});

Deno.test("near by, redshifts of any smooth rate go with their cube", () => {
  const near = new RedshiftDistribution({ universe, minimum: 0, maximum: 0.01, evolution: thermonuclear });
  const random = new Random(2), count = 20000;
  const below = Array.from({ length: count }, () => near.draw(random)).filter((z) => z < 0.005).length /
    count;
  assert.ok(Math.abs(below - 1 / 8) < 4 * Math.sqrt(0.11 / count), `${below}`);
});

Deno.test("far events are counted by slower clocks", () => {
  const events = new RedshiftDistribution({ universe, minimum: 0.999, maximum: 1.001, evolution: () => 1 });
  const shell = (universe.comovingVolume(1.001) - universe.comovingVolume(0.999)) * 1e9;
  assert.ok(Math.abs(events.volume / shell - 0.5) < 1e-4);
});

Deno.test("the star-formation rate rises by Madau and Dickinson's factor to its peak below redshift 2", () => {
  assert.equal(starFormation(0), 1);
  // psi(z) = 0.015 (1+z)^2.7 / (1 + ((1+z)/2.9)^5.6), evaluated by hand at 1: 0.0875.
  const psi = (z: number) => 0.015 * (1 + z) ** 2.7 / (1 + ((1 + z) / 2.9) ** 5.6);
  assert.ok(Math.abs(starFormation(1) - psi(1) / psi(0)) < 1e-12);
  const peak = Array.from({ length: 400 }, (_, k) => k / 100).reduce((a, b) =>
    starFormation(a) > starFormation(b) ? a : b
  );
  assert.ok(Math.abs(peak - 1.86) < 0.05, `peak at ${peak}`);
});

Deno.test("type Ia rates join at redshift 1 and fall beyond", () => {
  assert.ok(Math.abs(thermonuclear(1 - 1e-9) - thermonuclear(1)) < 1e-6);
  assert.ok(thermonuclear(1.5) < thermonuclear(1));
});

Deno.test("the type Ia supernovae of a year below redshift 1 are those of a sum over shells", () => {
  const { today, evolution } = volumetricRate("SNIa");
  const events = today * new RedshiftDistribution({ universe, minimum: 0, maximum: 1, evolution }).volume;
  let sum = 0;
  for (let z = 0; z < 1; z += 0.05) {
    const shell = (universe.comovingVolume(z + 0.05) - universe.comovingVolume(z)) * 1e9;
    sum += 2.5e-5 * (1 + z + 0.025) ** 0.5 * shell;
  }
  assert.ok(Math.abs(events / sum - 1) < 0.01, `${events} against ${sum}`);
  assert.ok(events > 2e6 && events < 8e6);
});

Deno.test("every rate is positive, says where it comes from, and unknown ones are refused", () => {
  for (const [name, { today, evolution, reference }] of VOLUMETRIC_RATES) {
    assert.ok(
      today >= 0 && evolution(0.5) > 0 && Number.isFinite(evolution(3)) && reference.length > 10,
      name,
    );
  }
  assert.throws(() => volumetricRate("quark nova"), /SNIa.*found.*quark nova/s);
});

Deno.test("impossible redshift limits are refused with a sentence", () => {
  for (const [minimum, maximum] of [[-1, 1], [1, 0.5], [0, Infinity], [0, 100]]) {
    assert.throws(
      () => new RedshiftDistribution({ universe, minimum, maximum, evolution: () => 1 }),
      /redshift of at least 0/,
    );
  }
  assert.throws(
    () => new RedshiftDistribution({ universe, minimum: 0, maximum: 1, evolution: () => 0 }),
    /positive/,
  );
});
