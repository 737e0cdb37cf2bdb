import assert from "node:assert/strict";
import fc from "fast-check";
import { binaryCurve, hiddenFraction, rocheLobe, trueAnomaly } from "ephemera/sources";

/** Area of the lens of two discs, over the area of the first: the classical closed form. */
function lens(d: number, r: number, R: number): number {
  if (d >= r + R) return 0;
  if (d <= Math.abs(R - r)) return Math.min(1, (R / r) ** 2);
  const a = Math.acos((d * d + r * r - R * R) / (2 * d * r)),
    b = Math.acos((d * d + R * R - r * r) / (2 * d * R));
  const k = Math.sqrt((-d + r + R) * (d + r - R) * (d - r + R) * (d + r + R)) / 2;
  return (r * r * a + R * R * b - k) / (Math.PI * r * r);
}

Deno.test("hiddenFraction of an evenly bright disc is the area of the lens", () => {
  fc.assert(fc.property(
    fc.double({ min: 0, max: 3, noNaN: true }),
    fc.double({ min: 0.05, max: 2, noNaN: true }),
    (d, R) => assert.ok(Math.abs(hiddenFraction(d, 1, R, 0) - lens(d, 1, R)) < 1e-4),
  ));
});

Deno.test("hiddenFraction of a limb-darkened disc agrees with a sum over pixels", () => {
  const n = 1500;
  for (const [d, R, u] of [[0.4, 0.5, 0.6], [0.9, 1.2, 0.8], [1.0, 0.1, 1], [0.2, 0.9, 0.4]]) {
    let hidden = 0, total = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const x = (2 * i + 1) / n - 1, y = (2 * j + 1) / n - 1, rr = x * x + y * y;
        if (rr > 1) continue;
        const light = 1 - u * (1 - Math.sqrt(1 - rr));
        total += light;
        if ((x - d) ** 2 + y * y < R * R) hidden += light;
      }
    }
    assert.ok(Math.abs(hiddenFraction(d, 1, R, u) - hidden / total) < 3e-4, `d ${d}, R ${R}, u ${u}`);
  }
});

Deno.test("hiddenFraction never grows with distance and stays between 0 and 1", () => {
  for (const R of [0.3, 1, 1.7]) {
    let last = 1;
    for (let d = 0; d < 3; d += 0.01) {
      const now = hiddenFraction(d, 1, R, 0.6);
      if (d >= Math.abs(R - 1)) assert.ok(now <= last + 2e-4, `R ${R}, d ${d}`);
      assert.ok(now >= 0 && now <= 1);
      last = now;
    }
  }
});

Deno.test("trueAnomaly solves Kepler's equation", () => {
  fc.assert(fc.property(
    fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
    fc.double({ min: 0, max: 0.95, noNaN: true }),
    (m, e) => {
      const nu = trueAnomaly(m, e);
      const ea = 2 * Math.atan2(Math.sqrt(1 - e) * Math.sin(nu / 2), Math.sqrt(1 + e) * Math.cos(nu / 2));
      const difference = Math.abs(ea - e * Math.sin(ea) - m);
      assert.ok(Math.min(difference, Math.abs(difference - 2 * Math.PI)) < 1e-9);
    },
  ));
});

Deno.test("an eclipse of spheres lasts as long as geometry says and is as deep as the hidden area", () => {
  const radius1 = 0.15, radius2 = 0.1, inclination = 86, period = 4;
  const curve = binaryCurve({
    period,
    epoch: 10,
    inclination,
    radius1,
    radius2,
    brightnessRatio: 0.5,
    limbDarkening: 0,
  });
  // First contact: distance^2 = cos^2 i + sin^2 i sin^2 theta = (r1 + r2)^2.
  const i = inclination * Math.PI / 180;
  const contact = Math.asin(Math.sqrt((radius1 + radius2) ** 2 - Math.cos(i) ** 2) / Math.sin(i)) /
    (2 * Math.PI);
  assert.ok(curve.atPhase(contact * 1.001) === 0 || Math.abs(curve.atPhase(contact * 1.001)) < 1e-12);
  assert.ok(curve.atPhase(contact * 0.98) > 0);
  const light1 = radius1 ** 2, light2 = 0.5 * radius2 ** 2, d = Math.cos(i);
  const primary = 1 - light1 * lens(d, radius1, radius2) / (light1 + light2);
  const secondary = 1 - light2 * lens(d, radius2, radius1) / (light1 + light2);
  assert.ok(Math.abs(curve.primaryDepth + 2.5 * Math.log10(primary)) < 1e-4);
  assert.ok(Math.abs(curve.secondaryDepth + 2.5 * Math.log10(secondary)) < 1e-4);
  assert.ok(Math.abs(curve.magnitude(10) - curve.primaryDepth) < 1e-12);
  assert.ok(Math.abs(curve.magnitude(10 + period / 2) - curve.secondaryDepth) < 1e-9);
});

Deno.test("two equal stars in a total mutual eclipse lose half their light twice a cycle", () => {
  const curve = binaryCurve({
    period: 1,
    epoch: 0,
    inclination: 90,
    radius1: 0.3,
    radius2: 0.3,
    brightnessRatio: 1,
  });
  assert.ok(Math.abs(curve.primaryDepth - 2.5 * Math.log10(2)) < 1e-6);
  assert.ok(Math.abs(curve.secondaryDepth - 2.5 * Math.log10(2)) < 1e-6);
});

Deno.test("a stretched pair that does not eclipse varies by the area of its ellipses, twice a cycle", () => {
  const curve = binaryCurve({
    period: 1,
    epoch: 0,
    inclination: 60,
    radius1: 0.2,
    radius2: 0.15,
    brightnessRatio: 1,
    stretch: 1.2,
    gravityDarkening: 0,
  });
  // At conjunction the line of sight makes an angle with cosine sin i to the long axis.
  const along = Math.sin(Math.PI / 3), shape = Math.sqrt(1.44 * (1 - along ** 2) + along ** 2);
  assert.ok(Math.abs(curve.atPhase(0) - 2.5 * Math.log10(1.2 / shape)) < 1e-12);
  assert.ok(Math.abs(curve.atPhase(0) - curve.atPhase(0.5)) < 1e-12);
  assert.ok(Math.abs(curve.atPhase(0.25)) < 1e-12);
});

Deno.test("the secondary eclipse of an eccentric orbit comes early or late by 2 e cos(omega) / pi cycles", () => {
  const eccentricity = 0.05;
  for (const periastron of [0, 60, 180]) {
    const curve = binaryCurve({
      period: 5,
      epoch: 0,
      inclination: 90,
      radius1: 0.1,
      radius2: 0.1,
      brightnessRatio: 1,
      eccentricity,
      periastron,
    });
    const shift = 2 * eccentricity * Math.cos(periastron * Math.PI / 180) / Math.PI;
    assert.ok(Math.abs(curve.secondaryPhase - 0.5 - shift) < 1e-3);
    let best = 0.3;
    for (let x = 0.3; x < 0.7; x += 1e-4) if (curve.atPhase(x) > curve.atPhase(best)) best = x;
    assert.ok(Math.abs(best - curve.secondaryPhase) < 1e-3);
  }
});

Deno.test("rocheLobe agrees with Eggleton's tabulated values", () => {
  // Equal masses: 0.379 a (Eggleton 1983, Table 1); the two lobes of q and 1/q never add to a whole separation.
  assert.ok(Math.abs(rocheLobe(1) - 0.379) < 5e-4);
  for (const q of [0.01, 0.1, 0.5, 1]) assert.ok(rocheLobe(q) + rocheLobe(1 / q) < 0.83);
});

Deno.test("binaryCurve refuses stars that overlap and an orbit that is open", () => {
  const base = { period: 1, epoch: 0, inclination: 90, radius1: 0.3, radius2: 0.3, brightnessRatio: 1 };
  assert.throws(() => binaryCurve({ ...base, radius1: 0.8 }), /do not overlap/);
  assert.throws(() => binaryCurve({ ...base, eccentricity: 1 }), /eccentricity below 1/);
  assert.throws(() => binaryCurve({ ...base, period: -1 }), /positive period/);
});
