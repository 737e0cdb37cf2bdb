/** Light curves of radial pulsators as Fourier series, the field's own language for their shapes (Simon & Lee 1981). */
import { demand } from "../../core/mod.ts";

/** Shape of a pulsator's light curve, relative to its first harmonic; entry j is harmonic j + 2. */
export interface FourierShape {
  /** Amplitude ratios R_k1 = A_k / A_1. */
  ratios: readonly number[];
  /** Phase differences phi_k1 = phi_k - k phi_1 in radians, cosine convention, in magnitudes. */
  phases: readonly number[];
}

const GRID = 256;

/**
 * A periodic function of the cycle, m(x) = s sum_k R_k1 cos(2 pi k x + phi_k), scaled to a peak-to-peak amplitude and
 * shifted so that light is at its maximum (magnitude at its minimum) at x = 0. Its mean over a cycle is zero.
 *
 * @example
 * ```ts
 * import { FourierCurve } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const curve = new FourierCurve(0.8, { ratios: [0.45], phases: [4.0] });
 * assert.ok(Math.abs(curve.at(0) - curve.at(1)) < 1e-12);
 * assert.ok(curve.at(0) < curve.at(0.1) && curve.at(0) < curve.at(-0.1));
 * ```
 */
export class FourierCurve {
  readonly #cosines: Float64Array;
  readonly #sines: Float64Array;

  /**
   * @param amplitude peak-to-peak, magnitudes, positive.
   * @param shape harmonics above the first; none gives a cosine.
   */
  constructor(amplitude: number, shape: FourierShape = { ratios: [], phases: [] }) {
    demand(amplitude > 0 && shape.ratios.length === shape.phases.length, () => ({
      expected: "a positive amplitude, and as many phases as ratios",
      found: `amplitude ${amplitude}, ${shape.ratios.length} ratios, ${shape.phases.length} phases`,
      where: "FourierCurve",
    }));
    const n = shape.ratios.length + 1;
    const cosines = new Float64Array(n), sines = new Float64Array(n);
    cosines[0] = 1;
    for (let j = 1; j < n; j++) {
      cosines[j] = shape.ratios[j - 1] * Math.cos(shape.phases[j - 1]);
      sines[j] = -shape.ratios[j - 1] * Math.sin(shape.phases[j - 1]);
    }
    const least = extremum(cosines, sines, 1), greatest = extremum(cosines, sines, -1);
    const scale = amplitude / (greatest.value - least.value);
    this.#cosines = new Float64Array(n);
    this.#sines = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      const shift = 2 * Math.PI * (j + 1) * least.x, c = Math.cos(shift), s = Math.sin(shift);
      this.#cosines[j] = scale * (cosines[j] * c + sines[j] * s);
      this.#sines[j] = scale * (sines[j] * c - cosines[j] * s);
    }
  }

  /** Returns the magnitude at `cycles` after maximum light (any real number), relative to the mean. */
  at(cycles: number): number {
    return series(this.#cosines, this.#sines, cycles);
  }

  /** Returns the amplitudes A_k of the harmonics in magnitudes. */
  get amplitudes(): Float64Array {
    return this.#cosines.map((c, j) => Math.hypot(c, this.#sines[j]));
  }
}

function series(cosines: Float64Array, sines: Float64Array, cycles: number): number {
  const x = 2 * Math.PI * (cycles - Math.floor(cycles)), c1 = Math.cos(x), s1 = Math.sin(x);
  let c = 1, s = 0, sum = 0;
  for (let j = 0; j < cosines.length; j++) {
    const next = c * c1 - s * s1;
    s = s * c1 + c * s1;
    c = next;
    sum += cosines[j] * c + sines[j] * s;
  }
  return sum;
}

/** The least (sign 1) or greatest (sign -1) value over a cycle: a grid, then a parabola through the best three points. */
function extremum(cosines: Float64Array, sines: Float64Array, sign: number): { x: number; value: number } {
  let best = 0, least = Infinity;
  for (let i = 0; i < GRID; i++) {
    const y = sign * series(cosines, sines, i / GRID);
    if (y < least) [least, best] = [y, i];
  }
  let x = best / GRID;
  for (let step = 1 / GRID; step > 1e-9; step /= 8) {
    const a = sign * series(cosines, sines, x - step), b = sign * series(cosines, sines, x);
    const c = sign * series(cosines, sines, x + step), curvature = a - 2 * b + c;
    if (curvature > 0) x += Math.max(-1, Math.min(1, (a - c) / (2 * curvature))) * step;
  }
  return { x, value: series(cosines, sines, x) };
}

/** One point of a locus of shapes along log10 P. */
export interface ShapeKnot {
  /** log10 of the period in days. */
  logP: number;
  /** R_21, R_31, ... */
  ratios: readonly number[];
  /** phi_21, phi_31, ... in radians. */
  phases: readonly number[];
}

/**
 * Returns the shape at log10 P on a locus. Harmonics are interpolated as complex numbers R e^(i phi), so that a phase
 * may turn quickly where its amplitude nearly vanishes, as phi_21 of Cepheids does near ten days.
 */
export function shapeAt(locus: readonly ShapeKnot[], logP: number): FourierShape {
  let i = 1;
  while (i < locus.length - 1 && logP > locus[i].logP) i++;
  const a = locus[i - 1], b = locus[i];
  const w = Math.min(1, Math.max(0, (logP - a.logP) / (b.logP - a.logP)));
  const ratios: number[] = [], phases: number[] = [];
  for (let j = 0; j < a.ratios.length; j++) {
    const re = (1 - w) * a.ratios[j] * Math.cos(a.phases[j]) + w * b.ratios[j] * Math.cos(b.phases[j]);
    const im = (1 - w) * a.ratios[j] * Math.sin(a.phases[j]) + w * b.ratios[j] * Math.sin(b.phases[j]);
    ratios.push(Math.hypot(re, im));
    phases.push(Math.atan2(im, re));
  }
  return { ratios, phases };
}
