/**
 * Makes `data/sources/type_ia.json`: a coarse surface of log L_lambda of a normal type Ia supernova over
 * phase and wavelength, a least-squares
 * fit of the public Hsiao template (Hsiao et al. 2007), and says how far the fit is from it.
 *
 * `deno run --allow-read --allow-write --allow-env scripts/fit_type_ia.ts`, with EPHEMERA_DATA set to a
 * folder that holds
 * `templates/Hsiao_SED_V3_subsampled.fits` (public repository `sncosmo/sncosmo`, BSD-3-Clause).
 */
import { join } from "node:path";
import { demand } from "ephemera/core";
import { cubicSpline, leastSquares, matrix } from "ephemera/numerics";
import { logRise } from "../lib/sources/transients/log_surface.ts";

/** Knots in angstrom: every 150 to 200 where the broad lines of the optical are, sparse elsewhere. */
const WAVELENGTH = [
  1500,
  1900,
  2300,
  2600,
  2900,
  3100,
  3300,
  3500,
  3650,
  3800,
  3950,
  4100,
  4250,
  4400,
  4550,
  4700,
  4850,
  5000,
  5150,
  5300,
  5450,
  5600,
  5800,
  6000,
  6150,
  6300,
  6500,
  6800,
  7100,
  7400,
  7700,
  8000,
  8200,
  8450,
  8700,
  9000,
  9500,
  10000,
  10500,
  11000,
  11500,
];
/** Knots in days from the B maximum. */
const PHASE = [-15, -10, -5, 0, 5, 10, 15, 20, 25, 30, 35, 45, 60, 80];

const data = Deno.env.get("EPHEMERA_DATA");
demand(data, {
  expected: "EPHEMERA_DATA",
  found: "nothing",
  remedy: "set it to the folder that holds templates/",
});
const bytes = await Deno.readFile(join(data, "templates", "Hsiao_SED_V3_subsampled.fits"));

/**
 * The template's own grid, from its header: phase -20 to 85 in steps of 5 days, 1000 to 25000 angstrom in
 * steps of 50.
 */
const PHASES = 22, WAVELENGTHS = 481;
const header = new TextDecoder().decode(bytes.subarray(0, 2880));
demand(/NAXIS1 *= *481/.test(header) && /NAXIS2 *= *22/.test(header) && /BITPIX *= *-32/.test(header), {
  expected: "22 spectra of 481 32-bit floats",
  found: "another header",
  where: "Hsiao_SED_V3_subsampled.fits",
});
const view = new DataView(
  bytes.buffer,
  bytes.byteOffset + 2880 * Math.ceil((header.indexOf("END     ") + 80) / 2880),
);
const template = (i: number, j: number) => view.getFloat32(4 * (i * WAVELENGTHS + j));

const rows = Array.from({ length: PHASES }, (_, i) => i).filter((i) =>
  -20 + 5 * i >= -15 && -20 + 5 * i <= 80
);
const columns = Array.from({ length: WAVELENGTHS }, (_, j) => j).filter((j) =>
  1000 + 50 * j >= 1500 && 1000 + 50 * j <= 11500
);
const phases = rows.map((i) => -20 + 5 * i), wavelengths = columns.map((j) => 1000 + 50 * j);
/** Log flux less the quadratic rise, phase by wavelength. */
const target = rows.map((i) => columns.map((j) => Math.log(template(i, j)) - logRise(-20 + 5 * i)));

/**
 * Returns the value at each point of the natural spline that is 1 at one knot and 0 at the others: one row a
 * point, one column a knot.
 */
function cardinalSplines(knots: readonly number[], points: readonly number[]): number[][] {
  const splines = knots.map((_, k) => cubicSpline(knots, knots.map((_, j) => j === k ? 1 : 0)));
  return points.map((point) => splines.map((spline) => spline(point)));
}

/** Returns the knot values whose spline is nearest to values on a finer grid. */
function project(knots: readonly number[], grid: readonly number[], values: readonly number[]): Float64Array {
  const design = cardinalSplines(knots, grid);
  return leastSquares(matrix(design.flat(), grid.length, knots.length), values).x;
}

const alongWavelength = target.map((values) => project(WAVELENGTH, wavelengths, values));
const surface = WAVELENGTH.map((_, k) => project(PHASE, phases, alongWavelength.map((values) => values[k])));
const reference = surface[WAVELENGTH.indexOf(4400)][PHASE.indexOf(0)];
const rounded = surface.map((values) =>
  Array.from(values, (value) => Number((value - reference).toFixed(3)))
);

const splinesW = cardinalSplines(WAVELENGTH, wavelengths);
const splinesP = cardinalSplines(PHASE, phases);
let squares = 0, most = 0, count = 0;
phases.forEach((_, i) =>
  wavelengths.forEach((at, j) => {
    if (at < 3000 || at > 10000) return;
    let value = reference;
    for (let k = 0; k < WAVELENGTH.length; k++) {
      for (let m = 0; m < PHASE.length; m++) value += splinesW[j][k] * splinesP[i][m] * rounded[k][m];
    }
    const error = value - target[i][j];
    squares += error * error;
    most = Math.max(most, Math.abs(error));
    count++;
  })
);
const errors = { rmsLog: Number(Math.sqrt(squares / count).toFixed(3)), largestLog: Number(most.toFixed(3)) };
console.log(errors);
await Deno.writeTextFile(
  new URL("../data/sources/type_ia.json", import.meta.url),
  JSON.stringify({
    source: "least-squares fit, on the knots below, of the spectral template of normal type Ia " +
      "supernovae of Hsiao et al. (2007, ApJ 663, 1187), " +
      "as in the public repository sncosmo/sncosmo (BSD-3-Clause); natural logarithm of " +
      "L_lambda over that at 4400 angstrom and phase 0, " +
      "less 2 ln of the time since first light over the rise time; errors between 3000 and 10000 angstrom",
    errors,
    wavelength: WAVELENGTH,
    phase: PHASE,
    logLuminosity: rounded,
  }) + "\n",
);
