import assert from "node:assert/strict";
import { logWavelengthGrid } from "ephemera/observations";
import { broaden, photosphereFlux } from "ephemera/sources";
import { blueMinusRed, equivalentWidth, INDICES, titaniumOxide, type Trace } from "./index.ts";

const data = Deno.env.get("EPHEMERA_DATA");

/** Effective temperature of dwarfs (Pecaut & Mamajek 2013). */
const TEMPERATURES: Record<string, number> = {
  B8: 12500,
  A0: 9700,
  A2: 8800,
  "A3_+0.0_Dwarf": 8550,
  "A6_+0.0_Dwarf": 8000,
  "A9_+0.0_Dwarf": 7440,
  "F0_+0.0_Dwarf": 7220,
  "F2_+0.0_Dwarf": 6810,
  "F5_+0.0_Dwarf": 6550,
  "F8_+0.0_Dwarf": 6180,
  "G0_+0.0_Dwarf": 5930,
  "G2_+0.0_Dwarf": 5770,
  "G5_+0.0_Dwarf": 5660,
  "G8_+0.0_Dwarf": 5480,
  "K0_+0.0_Dwarf": 5270,
  "K2_+0.0_Dwarf": 5100,
  "K4_+0.0_Dwarf": 4600,
  "K5_+0.0_Dwarf": 4440,
};
const COOL: Record<string, number> = {
  "K7_+0.0_Dwarf": 4050,
  "M0_+0.0_Dwarf": 3850,
  "M2_+0.0_Dwarf": 3560,
  "M4_+0.0_Dwarf": 3210,
};
const POOR: Record<string, number> = {
  "F5_-1.0_Dwarf": 6550,
  "F5_-2.0_Dwarf": 6550,
  "G2_-1.0_Dwarf": 5770,
  "G2_-2.0_Dwarf": 5770,
};

async function templates(): Promise<Map<string, Trace>> {
  const file = await Deno.open(`${data}/sdss-stellar-templates/templates.csv.gz`);
  const text = await new Response(file.readable.pipeThrough(new DecompressionStream("gzip"))).text();
  const [head, ...rows] = text.trim().split("\n").map((line) => line.split(","));
  const wavelength = Float64Array.from(head.slice(3), Number);
  return new Map(rows.map((row) => [row[0], { wavelength, flux: Float64Array.from(row.slice(3), Number) }]));
}

function simulated(name: string, temperature: number): Trace {
  const wavelength = logWavelengthGrid(3750, 7900, 5e-5);
  const metallicity = Number(/_([+-][\d.]+)_/.exec(name)?.[1] ?? 0);
  const flux = photosphereFlux({ temperature, gravity: 4.3, metallicity }, wavelength);
  return { wavelength, flux: broaden(flux, 5e-5 * Math.LN10, 10, 64) };
}

/** Spearman's rank correlation of values without ties. */
function rankCorrelation(a: number[], b: number[]): number {
  const ranks = (x: number[]) => x.map((v) => x.filter((u) => u < v).length);
  const ra = ranks(a), rb = ranks(b), n = a.length;
  return 1 - 6 * ra.reduce((sum, r, i) => sum + (r - rb[i]) ** 2, 0) / (n * (n * n - 1));
}

Deno.test({
  name: "line strengths and colours from B8 to K5 follow the averaged SDSS stars",
  ignore: data === undefined,
  fn: async () => {
    const real = await templates();
    const pairs = Object.entries(TEMPERATURES).map(([name, t]) =>
      [real.get(name)!, simulated(name, t)] as const
    );
    // Largest difference in angstrom for any type, then the least rank correlation along the sequence. Types of the templates
    // are good to one subclass, which is 200 K and 1.5 angstrom of hydrogen at F0.
    const limits = {
      hDelta: [4.3, 0.95],
      hBeta: [3.1, 0.95],
      hAlpha: [3.4, 0.95],
      calciumK: [2, 0.9],
      magnesium: [2.4, 0.95],
    } as const;
    for (const [name, [tolerance, least]] of Object.entries(limits)) {
      const index = INDICES[name as keyof typeof INDICES];
      const a = pairs.map(([trace]) => equivalentWidth(trace, index)),
        b = pairs.map(([, trace]) => equivalentWidth(trace, index));
      const worst = Math.max(...a.map((x, i) => Math.abs(x - b[i])));
      const mean = a.reduce((sum, x, i) => sum + Math.abs(x - b[i]), 0) / a.length;
      assert.ok(worst < tolerance && mean < 0.4 * tolerance, `${name}: worst ${worst}, mean ${mean}`);
      assert.ok(rankCorrelation(a, b) > least, `${name}: rank correlation ${rankCorrelation(a, b)}`);
    }
    const colours = pairs.map(([a, b]) => [blueMinusRed(a), blueMinusRed(b)]);
    assert.ok(Math.max(...colours.map(([a, b]) => Math.abs(a - b))) < 0.2);
    assert.ok(rankCorrelation(colours.map(([a]) => a), colours.map(([, b]) => b)) > 0.98);
  },
});

Deno.test({
  name: "titanium oxide sets in at M0 as in the averaged SDSS stars",
  ignore: data === undefined,
  fn: async () => {
    const real = await templates();
    for (const [name, t] of Object.entries(COOL)) {
      const a = titaniumOxide(real.get(name)!), b = titaniumOxide(simulated(name, t));
      assert.ok(Math.abs(a - b) < 0.1, `${name}: ${a} in real stars, ${b} here`);
    }
  },
});

Deno.test({
  name: "metal-poor F and G stars lose calcium and magnesium as in the averaged SDSS stars",
  ignore: data === undefined,
  fn: async () => {
    const real = await templates();
    for (const [name, t] of Object.entries(POOR)) {
      for (const index of ["calciumK", "magnesium"] as const) {
        const a = equivalentWidth(real.get(name)!, INDICES[index]),
          b = equivalentWidth(simulated(name, t), INDICES[index]);
        assert.ok(Math.abs(a - b) < 2, `${name}, ${index}: ${a} in real stars, ${b} here`);
      }
    }
  },
});
