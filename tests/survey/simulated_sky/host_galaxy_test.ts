import assert from "node:assert/strict";
import { FlatUniverse } from "ephemera/astronomy";
import { Random } from "ephemera/core";
import { drawHost, drawHostMagnitude, drawNeighbour, SCHECHTER, spectroscopicShare } from "ephemera/survey";

const universe = new FlatUniverse();

Deno.test("luminosities of hosts are Schechter's weighted with light: mean and share above L* in closed form", () => {
  const random = new Random(1), count = 40000;
  const light = Float64Array.from(
    { length: count },
    () => Math.pow(10, -0.4 * (drawHostMagnitude(random) - SCHECHTER.magnitude)),
  );
  const shape = SCHECHTER.slope + 2, mean = light.reduce((a, b) => a + b) / count;
  assert.ok(Math.abs(mean - shape) < 4 * Math.sqrt(shape / count), `mean ${mean}`);
  // Share above L*: the upper incomplete gamma function, by Simpson's rule on x^(shape-1) exp(-x) from 1 to 40.
  let upper = 0;
  const steps = 4000, h = 39 / steps;
  for (let k = 0; k <= steps; k++) {
    const x = 1 + k * h, w = k === 0 || k === steps ? 1 : k % 2 ? 4 : 2;
    upper += w * h / 3 * x ** (shape - 1) * Math.exp(-x);
  }
  const gamma = upper + (() => {
    let sum = 0; // lower part by the series
    let term = 1 / shape;
    for (let n = 1; n < 60; n++) {
      sum += term;
      term /= shape + n;
    }
    return sum * Math.exp(-1);
  })();
  const above = light.filter((l) => l > 1).length / count;
  assert.ok(Math.abs(above - upper / gamma) < 0.01, `${above} against ${upper / gamma}`);
});

Deno.test("half of the events of round galaxies would lie within the half-light radius; hosts shrink with distance", () => {
  const median = (z: number) => {
    const random = new Random(2);
    return Float64Array.from({ length: 4000 }, () => drawHost(random, z, universe).separation).sort()[2000];
  };
  const near = median(0.1), far = median(0.5);
  const angle = universe.angularDiameterDistance(0.5) / universe.angularDiameterDistance(0.1);
  assert.ok(Math.abs(near / far / angle - 1) < 1e-6);
  // The public ELAsTiCC sample has 0.37 arcseconds in the median, at redshifts around 0.43.
  assert.ok(median(0.43) > 0.25 && median(0.43) < 0.6, `${median(0.43)} arcsec`);
});

Deno.test("apparent magnitudes of hosts follow the distance modulus", () => {
  const mean = (z: number) => {
    const random = new Random(5);
    let sum = 0;
    for (let k = 0; k < 3000; k++) sum += drawHost(random, z, universe).magnitude[2] / 3000;
    return sum;
  };
  const step = mean(0.3) - mean(0.1), modulus = universe.distanceModulus(0.3) - universe.distanceModulus(0.1);
  // The K-correction adds the difference in redshift; measurement errors stay below a tenth.
  assert.ok(Math.abs(step - modulus - 0.2) < 0.1, `${step} against ${modulus}`);
});

Deno.test("errors of faint hosts are larger, magnitudes are finite, neighbours stand apart", () => {
  const random = new Random(3);
  for (let k = 0; k < 500; k++) {
    const z = random.uniform(0.01, 2.5);
    for (const galaxy of [drawHost(random, z, universe), drawNeighbour(random, z, universe)]) {
      assert.ok(
        galaxy.magnitude.every(Number.isFinite) && galaxy.magnitudeError.every((e) => e >= 0.05 && e <= 9),
      );
      assert.ok(galaxy.ellipticity >= 0 && galaxy.ellipticity <= 1 && galaxy.squareRadius > 0);
    }
    assert.ok(drawNeighbour(random, z, universe).separation >= 1.5);
  }
});

Deno.test("the share with a spectrum falls from its most to nothing, half at the midpoint", () => {
  const coverage = { most: 0.8, midpoint: 20, width: 0.5 };
  assert.equal(spectroscopicShare(20, coverage), 0.4);
  assert.ok(spectroscopicShare(15, coverage) > 0.79 && spectroscopicShare(25, coverage) < 1e-3);
});
