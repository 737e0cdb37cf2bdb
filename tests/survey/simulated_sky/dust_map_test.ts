import assert from "node:assert/strict";
import { Random } from "ephemera/core";
import { drawReddening, dustReddening } from "ephemera/survey";

Deno.test("far from the plane the layer obeys the cosecant law", () => {
  const flat = { pole: 0.03, height: 100, length: 1e12, chimney: 0 };
  for (const b of [10, 30, 60, 90, -45]) {
    const expected = 0.03 / Math.abs(Math.sin(b * Math.PI / 180));
    const found = dustReddening({ l: 77, b }, flat);
    assert.ok(Math.abs(found / expected - 1) < 2e-3, `b ${b}: ${found} against ${expected}`);
  }
});

Deno.test("in the plane the layer is followed to its edge: the exponential integral in closed form", () => {
  // Away from the centre the density falls as exp(-s / length).
  const layer = { pole: 0.02, height: 100, length: 3000, chimney: 0 };
  const expected = 0.02 / 100 * 3000 * (1 - Math.exp(-20000 / 3000));
  const found = dustReddening({ l: 180, b: 0 }, layer);
  assert.ok(Math.abs(found / expected - 1) < 0.01, `${found} against ${expected}`);
});

Deno.test("there is more dust toward the centre than away from it, and the map is even in latitude", () => {
  assert.ok(dustReddening({ l: 0, b: 4 }) > 1.5 * dustReddening({ l: 180, b: 4 }));
  assert.equal(dustReddening({ l: 40, b: 25 }), dustReddening({ l: 40, b: -25 }));
});

Deno.test("reddening has the medians and scatter of PLAsTiCC's places", () => {
  // Medians of E(B-V) of the challenge's wide-field objects in bins of |b|; right ascension and declination of b = 25, l = 250
  // and of the south galactic pole.
  for (const [ra, dec, median, tolerance] of [[143.2, -22.2, 0.0625, 0.3], [12.86, -27.13, 0.014, 0.25]]) {
    const random = new Random(`${ra}`);
    const drawn = Float64Array.from({ length: 4000 }, () => drawReddening(random, { ra, dec })).sort();
    const ratio = drawn[2000] / median;
    assert.ok(Math.abs(Math.log(ratio)) < tolerance, `${drawn[2000]} against ${median}`);
    assert.ok(drawn[0] >= 0.006);
    const scatter = Math.log(drawn[3364] / drawn[636]) / 2; // 84 and 16 percent
    assert.ok(scatter > 0.25 && scatter < 0.7, `scatter ${scatter}`);
  }
});
