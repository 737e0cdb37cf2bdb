import assert from "node:assert/strict";
import fc from "fast-check";
import { FlatUniverse, passbandSystem } from "../../../lib/astronomy/mod.ts";
import { Random } from "../../../lib/core/mod.ts";
import {
  BINARY_LENS,
  BinaryLens,
  discMagnification,
  passageMagnification,
  SINGLE_LENS,
} from "../../../lib/sources/lensing/mod.ts";
import { pointLensMagnification } from "../../../lib/sources/unclassified/mod.ts";
import type { SkySetting } from "../../../lib/sources/sky_source.ts";

const SETTING: SkySetting = {
  passbands: passbandSystem("lsst").passbands,
  window: { start: 60000, end: 61000 },
  redshift: 0,
  universe: new FlatUniverse(),
  mwebv: 0.2,
  magnitudes: { bright: 16, faint: 22 },
};

/** Shoots rays from a grid of the image plane back to the source plane and counts those that meet the disc. */
function inverseRays(separation: number, q: number, x: number, y: number, radius: number, step: number) {
  const m1 = 1 / (1 + q), m2 = q / (1 + q), x1 = -m2 * separation, x2 = m1 * separation, reach = 3;
  let hits = 0;
  for (let b = -reach + step / 2; b < reach; b += step) {
    for (let a = -reach + step / 2; a < reach; a += step) {
      const d1 = (a - x1) ** 2 + b * b, d2 = (a - x2) ** 2 + b * b;
      const sx = a - m1 * (a - x1) / d1 - m2 * (a - x2) / d2, sy = b - m1 * b / d1 - m2 * b / d2;
      if ((sx - x) ** 2 + (sy - y) ** 2 < radius * radius) hits++;
    }
  }
  return hits * step * step / (Math.PI * radius * radius);
}

Deno.test("a point lens magnifies by 1.34 at one Einstein radius, by 1 / u close to it, and by 1 + 2 / u^4 far away", () => {
  assert.ok(Math.abs(pointLensMagnification(1) - 3 / Math.sqrt(5)) < 1e-14);
  assert.ok(Math.abs(pointLensMagnification(1e-4) * 1e-4 - 1) < 1e-7);
  assert.ok(Math.abs((pointLensMagnification(20) - 1) * 20 ** 4 / 2 - 1) < 0.02);
});

Deno.test("a passage is symmetric about its peak, where the impact parameter sets the magnification", () => {
  const at = passageMagnification({ peak: 60500, timescale: 20, impact: 0.3 });
  assert.equal(at(60500), pointLensMagnification(0.3));
  assert.ok(Math.abs(at(60500 - 13) - at(60500 + 13)) < 1e-12);
  assert.ok(Math.abs(at(60520) - pointLensMagnification(Math.hypot(1, 0.3))) < 1e-12);
  assert.throws(() => passageMagnification({ peak: 0, timescale: 0, impact: 0.1 }), /positive timescale/);
});

Deno.test("all images of two lenses solve the lens equation, three or five, with one more of negative parity", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.double({ min: -4, max: 0, noNaN: true }),
      fc.double({ min: -2.5, max: 2.5, noNaN: true }),
      fc.double({ min: -2.5, max: 2.5, noNaN: true }),
      (logSeparation, logRatio, x, y) => {
        const lens = new BinaryLens({ separation: 10 ** (logSeparation / 2), massRatio: 10 ** logRatio });
        const { count, x: a, y: b, jacobian } = lens.images(x, y);
        let parity = 0;
        for (let k = 0; k < count; k++) {
          const [sx, sy] = lens.source(a[k], b[k]);
          assert.ok(Math.hypot(sx - x, sy - y) < 1e-4, `image ${k} maps to ${sx}, ${sy}`);
          parity += Math.sign(jacobian[k]);
        }
        assert.ok(count === 3 || count === 5);
        assert.equal(parity, -1);
      },
    ),
    { numRuns: 400, seed: 5 },
  );
});

Deno.test("a companion without mass leaves the closed form of the single lens", () => {
  const lens = new BinaryLens({ separation: 1.4, massRatio: 1e-6 });
  for (const [x, y] of [[0.3, 0.1], [-0.7, 0.4], [0.05, -0.02], [1.5, 1.1]]) {
    assert.ok(Math.abs(lens.magnification(x, y) / pointLensMagnification(Math.hypot(x, y)) - 1) < 1e-4);
  }
  // A disc right behind a single lens: sqrt(1 + 4 / rho^2) (Witt & Mao 1994).
  const disc = discMagnification(lens, 1e-9, 0, 0.2, { tolerance: 1e-4 });
  assert.ok(Math.abs(disc / Math.sqrt(1 + 4 / 0.04) - 1) < 2e-3);
});

Deno.test("magnifications of a disc behind two lenses agree with inverse rays, on caustics and off", () => {
  const cases: [number, number, number, number, number][] = [
    [1, 0.5, 0.3, 0.1, 0.05], // across a fold
    [1, 0.5, 0.35, 0, 0.06], // on a cusp
    [1, 0.5, 0, 0, 0.1], // inside the resonant caustic
    [0.6, 1, 0.1, 0.05, 0.08], // close binary
    [2, 0.3, 0.9, 0.1, 0.1], // wide binary
    [1.2, 0.01, 0.37, 0, 0.05], // planetary caustic
    [1.1, 0.1, -0.6, 0.7, 0.1], // nothing near
  ];
  for (const [separation, massRatio, x, y, radius] of cases) {
    const rays = inverseRays(separation, massRatio, x, y, radius, 0.0025);
    const disc = discMagnification(new BinaryLens({ separation, massRatio }), x, y, radius);
    assert.ok(
      Math.abs(disc / rays - 1) < 0.01,
      `s ${separation}, q ${massRatio} at ${x}, ${y}: ${disc} and ${rays}`,
    );
  }
});

Deno.test("far away the main image and a faint one at each mass add up, and bad lenses are refused", () => {
  const lens = new BinaryLens({ separation: 0.7, massRatio: 0.4 }), u = Math.hypot(20, 5);
  const expected = (1 + lens.mass1 ** 2 + lens.mass2 ** 2) / u ** 4;
  assert.ok(Math.abs((lens.magnification(20, 5) - 1) / expected - 1) < 0.02);
  assert.throws(() => new BinaryLens({ separation: -1, massRatio: 0.4 }), /positive separation/);
  assert.throws(() => new BinaryLens({ separation: 1, massRatio: 0 }), /mass ratio/);
  assert.throws(() => discMagnification(lens, 0, 0, 0), /positive radius/);
});

Deno.test("a source right behind a lens or on the axis has finite images", () => {
  const lens = new BinaryLens({ separation: 1, massRatio: 0.5 });
  for (const [x, y] of [[lens.x1, 0], [lens.x2, 0], [0, 0], [0.4, 0]]) {
    assert.ok(Number.isFinite(discMagnification(lens, x, y, 0.01)));
  }
});

for (const kind of [SINGLE_LENS, BINARY_LENS]) {
  Deno.test(`${kind.name}: the same seed gives the same event, never fainter than its baseline, each time by itself`, () => {
    const time = Float64Array.from({ length: 60 }, (_, i) => 59990 + 17.3 * i);
    const band = Uint8Array.from(time, (_, i) => i % 6);
    for (let seed = 0; seed < 40; seed++) {
      const event = kind.draw(new Random(seed), SETTING), flux = event.flux(time, band);
      assert.deepEqual(kind.draw(new Random(seed), SETTING).flux(time, band), flux);
      assert.deepEqual(event.flux(time.slice().reverse(), band.slice().reverse()).reverse(), flux);
      flux.forEach((value, i) =>
        assert.ok(value >= event.quiescent[band[i]] * (1 - 1e-9) && value < Infinity)
      );
      assert.ok(event.peak >= 60000 && event.peak < 61000);
    }
  });
}

Deno.test("an unblended single event has the same colour at all times; blending dilutes the magnification", () => {
  for (let seed = 0; seed < 20; seed++) {
    const event = SINGLE_LENS.draw(new Random(seed), SETTING), { impact, sourceShare } = event.parameters;
    const [top] = event.flux(Float64Array.of(event.peak), Uint8Array.of(2));
    const expected = 1 + sourceShare * (pointLensMagnification(impact) - 1);
    assert.ok(
      Math.abs(top / event.quiescent[2] / expected - 1) < 0.02,
      `${top / event.quiescent[2]} ${expected}`,
    );
  }
});

Deno.test("timescales of single events have the published median and spread", () => {
  const logs = Array.from(
    { length: 2000 },
    (_, k) => Math.log10(SINGLE_LENS.draw(new Random(k), SETTING).parameters.timescale),
  );
  const mean = logs.reduce((a, b) => a + b) / logs.length;
  const sigma = Math.sqrt(logs.reduce((a, b) => a + (b - mean) ** 2, 0) / logs.length);
  assert.ok(Math.abs(mean - Math.log10(22)) < 0.03 && Math.abs(sigma - 0.36) < 0.03);
});
