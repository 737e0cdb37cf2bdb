import assert from "node:assert/strict";
import { join } from "node:path";
import { abMagnitude, type Passband, passband, passbandSystem } from "ephemera/astronomy";
import { Random } from "ephemera/core";
import {
  absoluteMagnitude,
  colourLaw,
  drawIax,
  drawSubluminous,
  drawTypeIa,
  iaxModel,
  SN_IA,
  stretchOf,
  subluminousModel,
  TRIPP,
  typeIaModel,
} from "ephemera/sources";
import { deviation, maximum, mean, near, setting } from "./common.ts";

const B = passband("johnson", "B"),
  V = passband("johnson", "V"),
  R = passband("sdss", "r"),
  I = passband("sdss", "i");
const average = typeIaModel({ x1: 0, c: 0, magnitude: -19.36 });

/** B - V on the Vega scale: AB less Vega is -0.09 in B and 0.02 in V. */
const bMinusV = (model: Parameters<typeof absoluteMagnitude>[0], phase: number) =>
  absoluteMagnitude(model, B)(phase) - absoluteMagnitude(model, V)(phase) + 0.11;

Deno.test("an average type Ia supernova peaks at M_B = -19.36, bluish, at phase 0", () => {
  const { phase, value } = maximum(absoluteMagnitude(average, B), -8, 8);
  near(value + 0.09, -19.36, 0.01);
  near(phase, 0, 0.6);
  // Intrinsic B - V at maximum: -0.07 +- 0.05 (Phillips et al. 1999).
  near(bMinusV(average, 0), -0.07, 0.05);
  // The Lira law: B - V of 0.6 to 0.8 near forty days and bluer later (Phillips et al. 1999).
  assert.ok(bMinusV(average, 32) > 0.9 && bMinusV(average, 60) < bMinusV(average, 32));
});

Deno.test("the decline in fifteen days follows x1 as published, and so do rise times", () => {
  for (const x1 of [-2, -1, 0, 1, 2]) {
    const magnitude = absoluteMagnitude(typeIaModel({ x1, c: 0, magnitude: -19.36 }), B);
    const top = maximum(magnitude, -5, 5);
    // Guy et al. (2007), section 6.
    const published = 1.09 - 0.161 * x1 + 0.013 * x1 ** 2 - 0.0013 * x1 ** 3;
    near(magnitude(top.phase + 15) - top.value, published, 0.1, `x1 ${x1}`);
  }
  // First light 17 to 19 days before maximum (Hayden et al. 2010: 17.4; Firth et al. 2015: 18.98), light as
  // the square of time.
  const [first] = average.span!;
  assert.ok(first < -17 && first > -19);
  const early = absoluteMagnitude(average, B);
  near(early(first + 1) - early(first + 2), 5 * Math.log10(2), 0.35);
});

Deno.test("there is a second maximum in i three to four weeks after B, later for slower supernovae, and none in B", () => {
  const bumps = [-1.5, 0, 1.5].map((x1) => {
    const i = absoluteMagnitude(typeIaModel({ x1, c: 0, magnitude: -19.36 }), I);
    const first = maximum(i, -8, 5), second = maximum(i, 18, 40);
    let faintest = -Infinity;
    for (let phase = first.phase; phase < second.phase; phase += 0.5) faintest = Math.max(faintest, i(phase));
    assert.ok(faintest > second.value + 0.1, `the bump stands out at x1 ${x1}`);
    assert.ok(first.phase < 1, "the first maximum in i is not after that in B");
    return second.phase;
  });
  assert.ok(bumps[1] > 22 && bumps[1] < 31, `bump at ${bumps[1]}`);
  assert.ok(bumps[0] < bumps[1] && bumps[1] < bumps[2]);
  const b = absoluteMagnitude(average, B);
  for (let phase = 1; phase < 80; phase++) assert.ok(b(phase + 1) > b(phase), `B at ${phase}`);
});

Deno.test("the colour law is 0 in B, -1 in V, straight at its ends, and reddens by c", () => {
  near(colourLaw(4302.57), 0, 1e-12);
  near(colourLaw(5428.55), -1, 1e-9);
  for (const [edge, beyond] of [[2800, 2500], [7000, 8000]]) {
    const slope = (colourLaw(edge + (edge === 2800 ? 0.1 : -0.1)) - colourLaw(edge)) /
      (edge === 2800 ? 0.1 : -0.1);
    near(colourLaw(beyond), colourLaw(edge) + slope * (beyond - edge), 1e-3);
  }
  const red = typeIaModel({ x1: 0, c: 0.2, magnitude: -19 });
  near(bMinusV(red, 0) - bMinusV(average, 0), 0.2, 0.02);
});

Deno.test("drawn type Ia supernovae have Tripp's magnitudes and the published widths and colours", () => {
  const drawn = Array.from({ length: 4000 }, (_, i) => drawTypeIa(new Random(7).stream(i)));
  const residual = drawn.map(({ x1, c, magnitude }) =>
    magnitude - (TRIPP.magnitude - TRIPP.alpha * x1 + TRIPP.beta * c)
  );
  near(mean(residual), 0, 0.006);
  near(deviation(residual), TRIPP.scatter, 0.006);
  // Mean of two half normals: mode + sqrt(2 / pi) (above - below).
  const shift = (below: number, above: number) => Math.sqrt(2 / Math.PI) * (above - below);
  near(mean(drawn.map((d) => d.c)), -0.054 + shift(0.043, 0.101), 0.006);
  near(mean(drawn.map((d) => d.x1)), 0.973 + shift(1.472, 0.222), 0.06);
  assert.ok(drawn.every((d) => Math.abs(d.x1) <= 3 && d.c >= -0.3 && d.c <= 0.5));
  assert.ok(stretchOf(-3) > 0.6 && stretchOf(3) < 1.4);
});

Deno.test("a type Ia supernova at redshift 0.5 is near 22.3 in r and lasts half as long again", () => {
  const place = setting({ redshift: 0.5 });
  const source = SN_IA.draw(new Random(3), place), { x1, c, magnitude } = source.parameters;
  const time = Float64Array.from({ length: 400 }, (_, i) => source.peak - 60 + i / 2);
  const flux = source.flux(time, new Uint8Array(400).fill(2)),
    brightest = flux.reduce((a, b) => Math.max(a, b));
  // r at redshift 0.5 is near B at rest: m = M + mu - 2.5 log10(1.5) within the colour of the two bands.
  const expected = magnitude - 0.09 + place.universe.distanceModulus(0.5) - 2.5 * Math.log10(1.5);
  near(27.5 - 2.5 * Math.log10(brightest), expected, 0.2, `x1 ${x1}, c ${c}`);
  const above = time.filter((_, i) => flux[i] > brightest / 2);
  const rest = absoluteMagnitude(typeIaModel({ x1, c, magnitude }), B), top = maximum(rest, -8, 8);
  const span = [-20, 40].map((end) => {
    let phase = top.phase;
    while (rest(phase) < top.value + 2.5 * Math.log10(2) && Math.abs(phase) < 40) {
      phase += Math.sign(end) * 0.1;
    }
    return phase;
  });
  near((above[above.length - 1] - above[0]) / (span[1] - span[0]), 1.5, 0.15);
});

/** The Hsiao template: 22 spectra, phase -20 to 85 by 5 days, 1000 to 25000 angstrom by 50. */
async function readTemplate(folder: string): Promise<(phase: number) => (wavelength: number) => number> {
  const bytes = await Deno.readFile(join(folder, "templates", "Hsiao_SED_V3_subsampled.fits"));
  const header = new TextDecoder().decode(bytes.subarray(0, 5760));
  const start = 2880 * Math.ceil((header.indexOf("END     ") + 80) / 2880);
  const view = new DataView(bytes.buffer, start);
  return (phase) => (wavelength) => {
    const j = (wavelength - 1000) / 50, k = Math.floor(j), row = 481 * (phase + 20) / 5;
    const [a, b] = [view.getFloat32(4 * (row + k)), view.getFloat32(4 * (row + k + 1))];
    return a + (j - k) * (b - a);
  };
}

const data = Deno.env.get("EPHEMERA_DATA");

Deno.test(
  { name: "colours and light curves in LSST bands are those of the Hsiao template", ignore: !data },
  async () => {
    const template = await readTemplate(data!), lsst = passbandSystem("lsst").passbands;
    const model = typeIaModel({ x1: 0.22, c: 0, magnitude: -19.36 }); // stretch 1
    near(stretchOf(0.22), 1, 0.001);
    const reference = abMagnitude(B, template(0));
    const errors: number[] = [];
    const compare = (band: Passband, phase: number, tolerance: number) => {
      const ours = absoluteMagnitude(model, band)(phase) - absoluteMagnitude(model, B)(0);
      const theirs = abMagnitude(band, template(phase)) - reference;
      near(ours, theirs, tolerance, `${band.name} at ${phase} days`);
      errors.push(ours - theirs);
    };
    for (const phase of [-15, -10, -5, 0, 5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 70]) {
      for (const band of lsst) {
        compare(
          band,
          phase,
          band.name === "u" || phase > 45 || phase < -10 ? 0.15 : 0.08,
        );
      }
    }
    // The mean error over all bands and phases is below three hundredths of a magnitude.
    assert.ok(mean(errors.map(Math.abs)) < 0.03, `mean error ${mean(errors.map(Math.abs))}`);
  },
);

Deno.test("supernovae like SN 1991bg are faint, fast, red, and have no second maximum", () => {
  const model = subluminousModel({ magnitude: -17.6, decline15: 1.42, rise: 14.5, temperature: 7600 });
  const b = absoluteMagnitude(model, B), i = absoluteMagnitude(model, I), top = maximum(b, -8, 5);
  // Taubenberger (2017): M_B of -16.7 to -17.7, declines of 1.8 to 2.1, B - V of 0.5 to 0.8 at maximum.
  near(top.value + 0.09, -17.1, 0.4);
  near(b(top.phase + 15) - top.value, 1.9, 0.15);
  near(bMinusV(model, 0), 0.65, 0.2);
  const { phase } = maximum(i, -10, 20);
  for (let at = phase; at < 60; at++) assert.ok(i(at + 1) > i(at), `i at ${at}`);
  assert.ok(phase > 0, "the maximum in i follows that in V");
  const drawn = Array.from({ length: 1000 }, (_, k) => drawSubluminous(new Random(2).stream(k)));
  near(mean(drawn.map((d) => d.magnitude)), -17.6, 0.05);
});

Deno.test("type Iax supernovae span -13.5 to -18.9, the faint ones faster", () => {
  const drawn = Array.from({ length: 1000 }, (_, k) => drawIax(new Random(4).stream(k)));
  assert.ok(drawn.every((d) => d.magnitude >= -18.9 && d.magnitude <= -13.5 && d.rise >= 9 && d.rise <= 28));
  const half = (bright: boolean) => drawn.filter((d) => (d.magnitude < -17) === bright);
  assert.ok(mean(half(true).map((d) => d.decline15)) < mean(half(false).map((d) => d.decline15)) - 0.1);
  assert.ok(mean(half(true).map((d) => d.rise)) > mean(half(false).map((d) => d.rise)) + 2);
  const model = iaxModel({ magnitude: -18, decline15: 0.87, rise: 20, temperature: 9000 });
  const v = absoluteMagnitude(model, V), b = absoluteMagnitude(model, B), r = absoluteMagnitude(model, R);
  near(v(0), -18, 1e-6);
  near(v(15) - v(0), 0.87, 1e-6);
  // SN 2002cx and 2005hk: 1.3 to 1.6 in B, slower in redder bands (Foley et al. 2013).
  const top = maximum(b, -10, 5), decline = b(top.phase + 15) - top.value;
  assert.ok(decline > 1.1 && decline < 1.7, `B declines by ${decline}`);
  const red = maximum(r, -5, 10);
  assert.ok(red.phase > top.phase + 2);
});
