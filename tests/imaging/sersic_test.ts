import assert from "node:assert/strict";
import fc from "fast-check";
import {
  imageSum,
  sersicB,
  sersicEnclosed,
  sersicImage,
  sersicIntensity,
  sersicTotal,
} from "ephemera/imaging";
import { regularisedGammaLower } from "ephemera/numerics";

const peer = JSON.parse(Deno.readTextFileSync(new URL("./fixtures/profiles.json", import.meta.url)));

function near(found: number, expected: number, relative: number, absolute = 0): void {
  assert.ok(
    Math.abs(found - expected) <= relative * Math.abs(expected) + absolute,
    `${found} is not ${expected} to ${relative} + ${absolute}`,
  );
}

Deno.test("b_n agrees with SciPy's inverse of the incomplete gamma function from n = 0.2 to 10", () => {
  peer.indices.forEach((n: number, i: number) => near(sersicB(n), peer.b[i], 1e-13));
});

Deno.test("b_n halves the light for every index", () => {
  fc.assert(fc.property(fc.double({ min: 0.2, max: 10, noNaN: true }), (n) => {
    near(regularisedGammaLower(2 * n, sersicB(n)), 0.5, 1e-13);
    near(sersicEnclosed({ index: n, effectiveRadius: 2.7 }, 2.7), 0.5, 1e-13);
  }));
});

Deno.test("intensities and total light agree with astropy's Sersic2D and the closed form by SciPy", () => {
  for (const { intensity, total, ...profile } of peer.sersic) {
    const density = sersicIntensity(profile);
    peer.places.forEach(([x, y]: [number, number], k: number) => near(density(x, y), intensity[k], 1e-10));
    near(sersicTotal(profile), total, 1e-12);
  }
});

Deno.test("the central intensity of I_e = 1 is e^(b_n), so that I_e is not the centre's", () => {
  for (const n of [1, 4]) {
    near(sersicIntensity({ index: n, effectiveRadius: 3 })(0, 0), Math.exp(sersicB(n)), 1e-14);
  }
});

Deno.test("pixels hold what a graded quadrature of astropy's profile holds, the cusp's pixel included", () => {
  for (const { pixels, centre, ...profile } of peer.sersic) {
    const image = sersicImage(profile, { width: 21, height: 21, x: 10 + centre[0], y: 10 + centre[1] });
    peer.pixels.forEach(([column, row]: [number, number], k: number) =>
      near(image.pixels[(10 + row) * 21 + 10 + column], pixels[k], 0, 3e-8)
    );
  }
});

Deno.test("a large image holds the enclosed light, and half of it lies inside R_e", () => {
  const size = 121, middle = 60;
  for (const index of [1, 4]) {
    const profile = { index, effectiveRadius: 12 };
    const { pixels } = sersicImage(profile, { width: size, height: size });
    const inside = (radius: number) => {
      let light = 0, count = 0;
      for (let p = 0; p < pixels.length; p++) {
        if (Math.hypot(p % size - middle, Math.floor(p / size) - middle) >= radius) continue;
        light += pixels[p];
        count++;
      }
      // A circle of whole pixels is ragged: it is compared with the smooth one of its area.
      return [light, sersicEnclosed(profile, Math.sqrt(count / Math.PI))];
    };
    for (const radius of [6, 12, 25, 60]) near(inside(radius)[0], inside(radius)[1], 3e-3);
    near(inside(12)[0], 0.5, 0.02);
  }
});

Deno.test("the long axis lies along the position angle, and second moments follow the axis ratio", () => {
  for (const [positionAngle, axisRatio] of [[0, 0.5], [Math.PI / 2, 0.5], [0.6, 0.4]]) {
    const size = 101,
      image = sersicImage({ index: 1, effectiveRadius: 6, axisRatio, positionAngle }, {
        width: size,
        height: size,
      });
    const cos = Math.cos(positionAngle), sin = Math.sin(positionAngle);
    let along = 0, across = 0;
    image.pixels.forEach((value, p) => {
      const dx = p % size - 50, dy = Math.floor(p / size) - 50;
      along += value * (dx * cos + dy * sin) ** 2;
      across += value * (dy * cos - dx * sin) ** 2;
    });
    // <x^2> along the long axis of an exponential disk is 3 h^2, h = R_e / b_1; a pixel adds 1/12.
    near(along / imageSum(image), 3 * (6 / sersicB(1)) ** 2 + 1 / 12, 0.01);
    near(across / imageSum(image), 3 * (6 * axisRatio / sersicB(1)) ** 2 + 1 / 12, 0.01);
  }
});

Deno.test("profiles out of range are refused", () => {
  assert.throws(() => sersicB(0.1), /index from 0.2 to 10, found 0.1/);
  assert.throws(() => sersicB(NaN), /found NaN/);
  assert.throws(
    () => sersicTotal({ index: 1, effectiveRadius: 0 }),
    /positive effective radius, found 0.*leave out/,
  );
  assert.throws(() => sersicIntensity({ index: 1, effectiveRadius: 1, axisRatio: 1.2 }), /axis ratio 1.2/);
  assert.throws(() => sersicEnclosed({ index: 1, effectiveRadius: 1 }, -1), /not negative/);
  assert.throws(() => sersicImage({ index: 1, effectiveRadius: 1 }, { width: 2.5 }), /whole positive sides/);
  assert.throws(() => sersicImage({ index: 1, effectiveRadius: 1 }, { tolerance: 0 }), /positive tolerance/);
});
