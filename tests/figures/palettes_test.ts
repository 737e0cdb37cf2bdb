import assert from "node:assert/strict";
import {
  bandColour,
  bandSymbol,
  CLASS_COLOURS,
  CLASS_DASHES,
  CLASS_SYMBOLS,
  mixColours,
  readableInk,
  relativeLuminance,
} from "ephemera/figures";

type Triple = [number, number, number];

const linear = (colour: string): Triple =>
  [1, 3, 5].map((i) => {
    const value = parseInt(colour.slice(i, i + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as Triple;

const times = (matrix: Triple[], v: Triple): Triple =>
  matrix.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]) as Triple;

/** Full deficiency, from Machado, Oliveira & Fernandes (2009), table 1, for linear sRGB. */
const DEFICIENCIES: Record<string, Triple[]> = {
  none: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [
    -0.003882,
    -0.048116,
    1.051998,
  ]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [
    -0.01182,
    0.04294,
    0.968881,
  ]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [
    0.004733,
    0.691367,
    0.3039,
  ]],
};

/** CIE L*a*b* of linear sRGB, white D65. */
function lab(rgb: Triple): Triple {
  const clipped = rgb.map((v) => Math.min(1, Math.max(0, v))) as Triple;
  const xyz = times(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]],
    clipped,
  );
  const [x, y, z] = [xyz[0] / 0.95047, xyz[1], xyz[2] / 1.08883].map((t) =>
    t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 * t + 16) / 116
  );
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function distance(a: string, b: string, deficiency: string): number {
  const [p, q] = [a, b].map((colour) => lab(times(DEFICIENCIES[deficiency], linear(colour))));
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

for (const deficiency of Object.keys(DEFICIENCIES)) {
  Deno.test(`the first six class colours are told apart (${deficiency})`, () => {
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j < i; j++) {
        const apart = distance(CLASS_COLOURS[i], CLASS_COLOURS[j], deficiency);
        assert.ok(apart > 10, `${CLASS_COLOURS[i]} and ${CLASS_COLOURS[j]}: ${apart.toFixed(1)}`);
      }
    }
  });

  Deno.test(`classes of one symbol, and of one dash, differ in colour (${deficiency})`, () => {
    for (const channel of [CLASS_SYMBOLS, CLASS_DASHES]) {
      for (let i = 0; i < 12; i++) {
        for (let j = 0; j < i; j++) {
          if (channel[i] !== channel[j]) continue;
          const apart = distance(CLASS_COLOURS[i], CLASS_COLOURS[j], deficiency);
          assert.ok(apart > 40, `${i} and ${j}, ${channel[i]}: ${apart.toFixed(1)}`);
        }
      }
    }
  });
}

Deno.test("the three lists have one entry a class and no colour twice", () => {
  assert.equal(CLASS_COLOURS.length, 12);
  assert.equal(CLASS_SYMBOLS.length, 12);
  assert.equal(CLASS_DASHES.length, 12);
  assert.equal(new Set(CLASS_COLOURS).size, 12);
});

Deno.test("ink on a cell always has a contrast ratio of 4.5", () => {
  for (let share = 0; share <= 1; share += 0.01) {
    const paper = mixColours("#ffffff", "#08306b", share);
    const light = relativeLuminance(paper), ink = readableInk(paper) === "black" ? 0 : 1;
    const ratio = (Math.max(light, ink) + 0.05) / (Math.min(light, ink) + 0.05);
    assert.ok(ratio >= 4.5, `${paper}: ${ratio.toFixed(2)}`);
  }
});

Deno.test("a band looks the same whatever survey its name carries", () => {
  assert.equal(bandColour("lsst g"), bandColour("g"));
  assert.equal(bandColour("ztf_r"), bandColour("r"));
  assert.equal(bandSymbol("sdss-i"), bandSymbol("i"));
  assert.notEqual(bandColour("g"), bandColour("r"));
  assert.equal(bandColour("clear", 2), CLASS_COLOURS[2]);
});
