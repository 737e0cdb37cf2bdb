/**
 * A spectral energy distribution in time as a smooth surface of its logarithm over a few phases and
 * wavelengths.
 */
import { demand } from "../../core/mod.ts";

/** Knots of a surface and its values there. */
export interface LogSurface {
  /** Wavelengths of the knots, angstrom, ascending. */
  readonly wavelength: readonly number[];
  /** Phases of the knots, days, ascending; the first is after first light. */
  readonly phase: readonly number[];
  /** Natural logarithm of L_lambda less {@link logRise}, one row a wavelength. */
  readonly logLuminosity: ReadonlyArray<readonly number[]>;
}

/**
 * Days between first light of a normal type Ia supernova and its B maximum (Firth et al. 2015: 18.98 +- 0.54,
 * B-band fits 17.4 to 18.5).
 */
export const FIRST_LIGHT = -18.5;

/** Decline in log L per day after the last knot: 1.4 magnitudes in 100 days (Leibundgut 2000). */
const TAIL = 1.4 / 100 * Math.LN10 / 2.5;

/** Power of wavelength with which the light falls off outside the knots, on either side. */
const OUTSIDE = 4;

/**
 * Returns the logarithm of the early rise at a phase after {@link FIRST_LIGHT}: the square of the time since
 * then over the rise time.
 */
export function logRise(phase: number): number {
  return 2 * Math.log((phase - FIRST_LIGHT) / -FIRST_LIGHT);
}

/**
 * Returns the second derivatives at the knots of the natural cubic spline through points with ascending x
 * (Thomas' algorithm).
 */
export function naturalCurvature(x: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  const n = x.length, curvature = new Float64Array(n), work = new Float64Array(n);
  for (let i = 1; i < n - 1; i++) {
    const left = x[i] - x[i - 1], right = x[i + 1] - x[i], share = left / (left + right);
    const pivot = share * curvature[i - 1] + 2, bend = (y[i + 1] - y[i]) / right - (y[i] - y[i - 1]) / left;
    curvature[i] = (share - 1) / pivot;
    work[i] = (6 * bend / (left + right) - share * work[i - 1]) / pivot;
  }
  curvature[n - 1] = 0;
  for (let i = n - 2; i >= 1; i--) curvature[i] = curvature[i] * curvature[i + 1] + work[i];
  curvature[0] = 0;
  return curvature;
}

/**
 * A bicubic natural spline of log L_lambda. What depends on the wavelength is prepared by {@link
 * SplineSurface.at}, so that a phase costs a
 * cubic and an exponential a wavelength. Before the first knot and after the last the logarithm goes on along
 * a straight line, less
 * {@link logRise}, and falls after the last by 1.4 magnitudes in 100 days; outside the wavelengths L falls
 * with their fourth power.
 */
export class SplineSurface {
  readonly #surface: LogSurface;
  /** Rows of values, of their second derivatives over wavelength, and of both over phase. */
  readonly #rows: { values: Float64Array; bends: Float64Array }[][];

  /** @throws EphemeraError unless there is a value for every pair of knots. */
  constructor(surface: LogSurface) {
    const { wavelength, phase, logLuminosity } = surface;
    demand(
      logLuminosity.length === wavelength.length && logLuminosity.every((row) => row.length === phase.length),
      {
        expected: "one row a wavelength and one value a phase",
        found: "another shape",
        where: "SplineSurface",
      },
    );
    const bends = wavelength.map(() => new Float64Array(phase.length));
    phase.forEach((_, m) => {
      const along = naturalCurvature(wavelength, logLuminosity.map((row) => row[m]));
      along.forEach((value, k) => bends[k][m] = value);
    });
    const withBends = (values: ArrayLike<number>) => ({
      values: Float64Array.from(values),
      bends: naturalCurvature(phase, values),
    });
    this.#surface = surface;
    this.#rows = wavelength.map((_, k) => [withBends(logLuminosity[k]), withBends(bends[k])]);
  }

  /**
   * Returns a function that writes L_lambda at a phase (days) into an array, for wavelengths in angstrom and
   * added log factors,
   * one a wavelength. Before first light it writes zeros.
   */
  at(wavelength: Float64Array, added?: Float64Array): (phase: number, out: Float64Array) => void {
    const { phase: knots } = this.#surface, m = knots.length, n = wavelength.length;
    const values = new Float64Array(n * m), bends = new Float64Array(n * m);
    for (let k = 0; k < n; k++) this.#mix(wavelength[k], added?.[k] ?? 0, values, bends, k * m);
    return (phase, out) => {
      if (!(phase > FIRST_LIGHT)) {
        out.fill(0);
        return;
      }
      const rise = logRise(phase), inside = Math.min(Math.max(phase, knots[0]), knots[m - 1]);
      let i = 1;
      while (i < m - 1 && inside > knots[i]) i++;
      const h = knots[i] - knots[i - 1], a = (knots[i] - inside) / h, b = 1 - a;
      const ca = (a * a * a - a) * h * h / 6, cb = (b * b * b - b) * h * h / 6, before = phase - knots[0];
      const base = rise -
        (phase > knots[m - 1] ? TAIL * (phase - knots[m - 1]) + rise - logRise(knots[m - 1]) : 0);
      for (let k = 0; k < n; k++) {
        const at = k * m + i;
        let log = base + a * values[at - 1] + b * values[at] + ca * bends[at - 1] + cb * bends[at];
        if (before < 0) {
          // Natural spline: the slope at the first knot.
          log += before * ((values[at] - values[at - 1]) / h - h * bends[at] / 6);
        }
        out[k] = Math.exp(log);
      }
    };
  }

  /** Writes the phase spline at one wavelength: a mixture of the rows of the two knots around it. */
  #mix(wavelength: number, added: number, values: Float64Array, bends: Float64Array, offset: number): void {
    const { wavelength: knots, phase } = this.#surface, last = knots.length - 1;
    const inside = Math.min(Math.max(wavelength, knots[0]), knots[last]);
    const outside = -OUTSIDE * Math.abs(Math.log(wavelength / inside));
    let i = 1;
    while (i < last && inside > knots[i]) i++;
    const h = knots[i] - knots[i - 1], a = (knots[i] - inside) / h, b = 1 - a;
    const shares = [a, b, (a * a * a - a) * h * h / 6, (b * b * b - b) * h * h / 6];
    const rows = [this.#rows[i - 1][0], this.#rows[i][0], this.#rows[i - 1][1], this.#rows[i][1]];
    for (let j = 0; j < phase.length; j++) {
      let value = added + outside, bend = 0;
      for (let r = 0; r < 4; r++) {
        value += shares[r] * rows[r].values[j];
        bend += shares[r] * rows[r].bends[j];
      }
      values[offset + j] = value;
      bends[offset + j] = bend;
    }
  }
}
