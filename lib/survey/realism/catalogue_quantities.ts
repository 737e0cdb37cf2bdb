/** Numbers of catalogues under one name, for holding a simulated one against a real one. */
import { galactic } from "../../astronomy/mod.ts";
import type { LightCurveSet, Table } from "../../observations/mod.ts";
import type { Quantities } from "./curve_quantities.ts";

/** A missing number in the challenges' tables. */
const MISSING = -9;

/**
 * Returns redshifts of the supernova challenge and of its simulation: `redshift` (true), `photometric redshift`, its stated `photometric redshift error`,
 * and `photometric redshift pull`, the true error over the stated one.
 */
export function supernovaRedshifts(set: LightCurveSet): Quantities {
  const truth = set.metadata.sim_redshift ?? set.metadata.true_z, n = set.length;
  const photo = set.numbers("hostgal_photoz"), error = set.numbers("hostgal_photoz_err");
  const z = Float64Array.from({ length: n }, (_, i) => Number(truth[i]));
  return redshiftColumns(z, photo, error, z.map(() => 1));
}

/**
 * Returns the numbers of a PLAsTiCC catalogue, real or simulated, one an object and NaN where there is none: `redshift` (true), `photometric redshift`,
 * its stated error and its pull, all of objects outside of the Milky Way, `E(B-V)`, `galactic latitude` (absolute) of objects outside of the
 * deep fields, and `deep` and `spectroscopic redshift` (0 or 1: is there one).
 */
export function plasticcCatalogue(table: Table): Quantities {
  const number = (...names: string[]) => {
    const column = names.map((name) => table[name]).find((found) => found !== undefined)!;
    return Float64Array.from({ length: column.length }, (_, i) => Number(column[i]));
  };
  const z = number("true_z"), specz = number("hostgal_specz"), deep = number("ddf_bool", "ddf");
  // The challenge's objects of the Milky Way have redshift 0 in the catalogue, whatever the truth says.
  const outside = number("hostgal_photoz").map((photo) => Number(photo > 0));
  return {
    ...redshiftColumns(z, number("hostgal_photoz"), number("hostgal_photoz_err"), outside),
    "E(B-V)": number("mwebv"),
    "galactic latitude": latitudes(number("ra"), number("decl"), table).map((b, i) => deep[i] ? NaN : b),
    deep,
    "spectroscopic redshift": specz.map((value, i) =>
      outside[i] ? Number(Number.isFinite(value) && value !== MISSING) : NaN
    ),
  };
}

function redshiftColumns(
  z: Float64Array,
  photo: Float64Array,
  error: Float64Array,
  outside: Float64Array,
): Quantities {
  const known = (column: Float64Array) =>
    column.map((value, i) => outside[i] && value !== MISSING ? value : NaN);
  return {
    redshift: known(z),
    "photometric redshift": known(photo),
    "photometric redshift error": known(error),
    "photometric redshift pull": known(photo.map((value, i) => (value - z[i]) / error[i])),
  };
}

function latitudes(ra: Float64Array, dec: Float64Array, table: Table): Float64Array {
  const given = table.gal_b;
  return given instanceof Float64Array
    ? given.map(Math.abs)
    : ra.map((value, i) => Math.abs(galactic({ ra: value, dec: dec[i] }).b));
}
