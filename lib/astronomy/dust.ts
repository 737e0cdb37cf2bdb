/** How interstellar dust dims light at each wavelength: A(lambda) / A(V). */
import { demand } from "../core/mod.ts";

/** Name of a {@link extinctionCurve}. */
export type DustLaw = "odonnell94" | "fitzpatrick99";

/** Ratio of total to selective extinction of the diffuse Milky Way. */
export const MILKY_WAY_RV = 3.1;

/**
 * Returns A(lambda) / A(V) as a function of wavelength in angstroms, for the ratio R_V = A(V) / E(B - V).
 *
 * `odonnell94`: Cardelli, Clayton & Mathis (1989) with the optical coefficients of O'Donnell (1994), 0.1 to 3.3 micrometres.
 * `fitzpatrick99`: Fitzpatrick (1999), a cubic spline through anchors in the optical and infrared and the shape of
 * Fitzpatrick & Massa (1990) in the ultraviolet, 0.115 to 3.3 micrometres.
 *
 * @throws EphemeraError for an R_V outside 2 to 6; the function returned throws for a wavelength outside the law's range.
 *
 * @example
 * ```ts
 * import { extinctionCurve } from "ephemera/astronomy";
 * import assert from "node:assert/strict";
 * const law = extinctionCurve("odonnell94", 3.1);
 * assert.ok(Math.abs(law(5500) - 1) < 0.01);
 * assert.ok(law(4400) > 1.25 && law(22000) < 0.15);
 * ```
 */
export function extinctionCurve(law: DustLaw, rv = MILKY_WAY_RV): (wavelength: number) => number {
  demand(rv >= 2 && rv <= 6, () => ({
    expected: "an R_V from 2 to 6",
    found: String(rv),
    where: `extinctionCurve ${law}`,
  }));
  const [curve, least] = law === "odonnell94" ? [odonnell(rv), 1000] : [fitzpatrick(rv), 1150];
  return (wavelength) => {
    demand(wavelength >= least && wavelength <= 33333.4, () => ({
      expected: `a wavelength from ${least} to 33333 angstroms`,
      found: String(wavelength),
      where: `dust law ${law}`,
    }));
    return curve(1e4 / wavelength);
  };
}

function polynomial(coefficients: readonly number[], y: number): number {
  let sum = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) sum = sum * y + coefficients[k];
  return sum;
}

const ODONNELL_A = [1, 0.104, -0.609, 0.701, 1.137, -1.718, -0.827, 1.647, -0.505];
const ODONNELL_B = [0, 1.952, 2.908, -3.989, -7.985, 11.102, 5.491, -10.805, 3.347];

/** a(x) + b(x) / R_V with x in inverse micrometres, equations 2 to 5 of Cardelli et al. with O'Donnell's optical part. */
function odonnell(rv: number): (x: number) => number {
  return (x) => {
    if (x < 1.1) return (0.574 - 0.527 / rv) * Math.pow(x, 1.61);
    if (x < 3.3) return polynomial(ODONNELL_A, x - 1.82) + polynomial(ODONNELL_B, x - 1.82) / rv;
    if (x < 8) {
      const bump = x > 5.9 ? x - 5.9 : 0;
      const a = 1.752 - 0.316 * x - 0.104 / ((x - 4.67) ** 2 + 0.341) - 0.04473 * bump ** 2 -
        0.009779 * bump ** 3;
      const b = -3.09 + 1.825 * x + 1.206 / ((x - 4.62) ** 2 + 0.263) + 0.213 * bump ** 2 +
        0.1207 * bump ** 3;
      return a + b / rv;
    }
    const y = x - 8;
    return polynomial([-1.073, -0.628, 0.137, -0.07], y) + polynomial([13.67, 4.257, -0.42, 0.374], y) / rv;
  };
}

/** E(lambda - V) / E(B - V) + R_V over R_V; anchors of table 3 and ultraviolet parameters of section 3 of the article. */
function fitzpatrick(rv: number): (x: number) => number {
  const c2 = -0.824 + 4.717 / rv, c1 = 2.03 - 3.007 * c2, c3 = 3.23, c4 = 0.41, centre = 4.596, width = 0.99;
  const ultraviolet = (x: number) => {
    const square = x * x, drude = square / ((square - centre ** 2) ** 2 + square * width ** 2);
    const far = x > 5.9 ? 0.5392 * (x - 5.9) ** 2 + 0.05644 * (x - 5.9) ** 3 : 0;
    return c1 + c2 * x + c3 * drude + c4 * far + rv;
  };
  const x = [
    0,
    1e4 / 26500,
    1e4 / 12200,
    1e4 / 6000,
    1e4 / 5470,
    1e4 / 4670,
    1e4 / 4110,
    1e4 / 2700,
    1e4 / 2600,
  ];
  const y = [
    0,
    0.265 * rv / 3.1,
    0.829 * rv / 3.1,
    -0.426 + 1.0044 * rv,
    -0.05 + 1.0016 * rv,
    0.701 + 1.0016 * rv,
    1.208 + 1.0032 * rv - 0.00033 * rv * rv,
    ultraviolet(1e4 / 2700),
    ultraviolet(1e4 / 2600),
  ];
  const spline = naturalSpline(x, y);
  return (at) => (at < 1e4 / 2700 ? spline(at) : ultraviolet(at)) / rv;
}

/** Returns the natural cubic spline through points with ascending x. */
function naturalSpline(x: readonly number[], y: readonly number[]): (at: number) => number {
  const n = x.length, second = new Float64Array(n), work = new Float64Array(n);
  for (let i = 1; i < n - 1; i++) {
    const share = (x[i] - x[i - 1]) / (x[i + 1] - x[i - 1]), pivot = share * second[i - 1] + 2;
    second[i] = (share - 1) / pivot;
    const bend = (y[i + 1] - y[i]) / (x[i + 1] - x[i]) - (y[i] - y[i - 1]) / (x[i] - x[i - 1]);
    work[i] = (6 * bend / (x[i + 1] - x[i - 1]) - share * work[i - 1]) / pivot;
  }
  for (let i = n - 2; i >= 0; i--) second[i] = second[i] * second[i + 1] + work[i];
  return (at) => {
    let i = 1;
    while (i < n - 1 && at > x[i]) i++;
    const h = x[i] - x[i - 1], a = (x[i] - at) / h, b = (at - x[i - 1]) / h;
    return a * y[i - 1] + b * y[i] + ((a ** 3 - a) * second[i - 1] + (b ** 3 - b) * second[i]) * h * h / 6;
  };
}
