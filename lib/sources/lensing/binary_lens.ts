/**
 * Images of a point behind two point lenses.
 *
 * The lens equation in complex coordinates is zeta = z - m1 / conj(z - z1) - m2 / conj(z - z2), in units of
 * the Einstein
 * radius of the total mass. Putting its own conjugate into it makes it a polynomial of fifth order in z
 * (Witt 1990, A&A
 * 236, 311; Witt & Mao 1995, ApJ 447, L105), of which three or five roots are images.
 */
import { demand } from "../../core/mod.ts";
import { polynomialRoots } from "./polynomial_roots.ts";

/** Two point lenses. */
export interface BinaryLensParameters {
  /** Distance between the two, Einstein radii of the total mass. */
  separation: number;
  /** Mass of the second over that of the first, above 0, at most 1; below 1e-7 rounding may mistake images. */
  massRatio: number;
}

/** Images of one source position. The arrays are used again by the next call. */
export interface LensImages {
  /** 3 or 5. */
  count: number;
  /** Positions along the axis of the lenses. */
  x: Float64Array;
  /** Positions across it. */
  y: Float64Array;
  /** Determinant of the mapping's Jacobian at each image: magnification is 1 / |J|, parity its sign. */
  jacobian: Float64Array;
  /**
   * Bound on the relative change of the magnification per Einstein radius in the source plane, from the
   * Jacobians' gradients.
   */
  sensitivity: number;
  /** How far from the source the two roots that are no images would map, infinite if there are five images. */
  ghost: number;
}

/**
 * Two lenses on the x axis with their centre of mass in the origin, the heavier one on the left.
 *
 * @example
 * ```ts
 * import { BinaryLens } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const lens = new BinaryLens({ separation: 1, massRatio: 1 });
 * assert.equal(lens.images(0, 0).count, 5); // inside the resonant caustic
 * assert.equal(lens.images(3, 0).count, 3);
 * ```
 */
export class BinaryLens {
  /** Share of the total mass in the first lens. */
  readonly mass1: number;
  /** Share of the total mass in the second lens. */
  readonly mass2: number;
  /** Position of the first lens on the x axis. */
  readonly x1: number;
  /** Position of the second lens on the x axis. */
  readonly x2: number;
  readonly #polynomial = { re: new Float64Array(6), im: new Float64Array(6) };
  readonly #re = new Float64Array(5);
  readonly #im = new Float64Array(5);
  readonly #miss = new Float64Array(5);
  readonly #first = new Float64Array(3);
  readonly #second = new Float64Array(3);
  readonly #both = new Float64Array(3);
  readonly #images: LensImages = {
    count: 0,
    x: new Float64Array(5),
    y: new Float64Array(5),
    jacobian: new Float64Array(5),
    sensitivity: 0,
    ghost: Infinity,
  };

  /** @throws EphemeraError unless the separation is positive and the mass ratio above 0 and at most 1. */
  constructor(parameters: BinaryLensParameters) {
    const { separation, massRatio } = parameters;
    demand(separation > 0 && massRatio > 0 && massRatio <= 1 && Number.isFinite(separation), () => ({
      expected: "a positive separation and a mass ratio above 0, at most 1",
      found: `separation ${separation}, mass ratio ${massRatio}`,
      where: "BinaryLens",
    }));
    this.mass1 = 1 / (1 + massRatio);
    this.mass2 = massRatio / (1 + massRatio);
    this.x1 = -this.mass2 * separation;
    this.x2 = this.mass1 * separation;
  }

  /** Returns where a ray through (x, y) in the lens plane meets the source plane. */
  source(x: number, y: number): [number, number] {
    const a = x - this.x1, b = x - this.x2, r1 = a * a + y * y, r2 = b * b + y * y;
    return [
      x - this.mass1 * a / r1 - this.mass2 * b / r2,
      y - this.mass1 * y / r1 - this.mass2 * y / r2,
    ];
  }

  /** Returns the images of a point source at (x, y) in the source plane, in Einstein radii. */
  images(x: number, y: number): LensImages {
    this.#fill(x, y);
    this.#start(x, y);
    const re = this.#re, im = this.#im, miss = this.#miss;
    polynomialRoots(this.#polynomial, re, im);
    const { x1, x2, mass1, mass2 } = this;
    for (let k = 0; k < 5; k++) {
      const a = re[k] - x1, b = re[k] - x2, h = im[k];
      const share1 = mass1 / (a * a + h * h), share2 = mass2 / (b * b + h * h);
      const dx = re[k] - share1 * a - share2 * b - x, dy = h * (1 - share1 - share2) - y;
      miss[k] = Math.sqrt(dx * dx + dy * dy);
    }
    // The two roots that miss the source most come last; they are images too if they do not miss it at all.
    for (let last = 4; last >= 3; last--) {
      let worst = 0;
      for (let k = 1; k <= last; k++) if (!(miss[k] <= miss[worst])) worst = k;
      swap(re, worst, last);
      swap(im, worst, last);
      swap(miss, worst, last);
    }
    return this.#describe(miss[4] < 1e-5 * (1 + Math.abs(x) + Math.abs(y)) ? 5 : 3);
  }

  /** Returns the magnification of a point source at (x, y) in the source plane. */
  magnification(x: number, y: number): number {
    const { count, jacobian } = this.images(x, y);
    let sum = 0;
    for (let k = 0; k < count; k++) sum += 1 / Math.abs(jacobian[k]);
    return sum;
  }

  /** Jacobians of the roots, and what decides whether a source may be taken for a point. */
  #describe(count: number): LensImages {
    const images = this.#images, re = this.#re, im = this.#im;
    images.count = count;
    images.ghost = count === 5 ? Infinity : Math.min(this.#miss[3], this.#miss[4]);
    let total = 0, change = 0;
    for (let k = 0; k < count; k++) {
      const y = im[k], a = re[k] - this.x1, b = re[k] - this.x2, a2 = a * a + y * y, b2 = b * b + y * y;
      // 1 / (z - z_k), then m / (z - z_k)^2 and m / (z - z_k)^3, summed over both lenses.
      const ar = a / a2, ai = -y / a2, br = b / b2, bi = -y / b2;
      const aar = ar * ar - ai * ai, aai = 2 * ar * ai, bbr = br * br - bi * bi, bbi = 2 * br * bi;
      const fr = this.mass1 * aar + this.mass2 * bbr, fi = this.mass1 * aai + this.mass2 * bbi;
      const gr = this.mass1 * (aar * ar - aai * ai) + this.mass2 * (bbr * br - bbi * bi);
      const gi = this.mass1 * (aar * ai + aai * ar) + this.mass2 * (bbr * bi + bbi * br);
      const shear2 = fr * fr + fi * fi, shear = Math.sqrt(shear2), jacobian = 1 - shear2;
      images.x[k] = re[k];
      images.y[k] = y;
      images.jacobian[k] = jacobian;
      // A step in the source plane moves the image by at most (1 + |f|) / |J| steps, and J changes by 2 |f f'| a step.
      const gradient = 4 * shear * Math.sqrt(gr * gr + gi * gi) * (1 + shear) / (jacobian * jacobian);
      total += 1 / Math.abs(jacobian);
      change += gradient / Math.abs(jacobian);
    }
    images.sensitivity = change / total;
    return images;
  }

  /**
   * (z - zeta) P1 P2 - D (m1 P2 + m2 P1), D = (z - z1)(z - z2), P_k = (conj(zeta) - z_k) D + m1 (z - z2) +
   * m2 (z - z1).
   */
  #fill(x: number, y: number): void {
    const { x1, x2, mass1, mass2 } = this, { re, im } = this.#polynomial;
    const d0 = x1 * x2, d1 = -(x1 + x2), n0 = -(mass1 * x2 + mass2 * x1);
    const p = x - x1, q = x - x2;
    // Real and imaginary parts of P1 and P2 by power; conj(zeta) = x - i y, the masses sum to one.
    const ar = this.#first, br = this.#second, both = this.#both;
    ar[0] = p * d0 + n0;
    ar[1] = p * d1 + 1;
    ar[2] = p;
    br[0] = q * d0 + n0;
    br[1] = q * d1 + 1;
    br[2] = q;
    both[0] = -y * d0;
    both[1] = -y * d1;
    both[2] = -y;
    re.fill(0);
    im.fill(0);
    for (let j = 0; j < 3; j++) {
      for (let k = 0; k < 3; k++) {
        const productRe = ar[j] * br[k] - both[j] * both[k], productIm = ar[j] * both[k] + both[j] * br[k];
        re[j + k + 1] += productRe;
        im[j + k + 1] += productIm;
        re[j + k] -= x * productRe - y * productIm;
        im[j + k] -= x * productIm + y * productRe;
      }
      const sumRe = mass1 * br[j] + mass2 * ar[j];
      re[j] -= d0 * sumRe;
      im[j] -= d0 * both[j];
      re[j + 1] -= d1 * sumRe;
      im[j + 1] -= d1 * both[j];
      re[j + 2] -= sumRe;
      im[j + 2] -= both[j];
    }
    // With the source straight behind a lens the order drops: the root that has gone is put far away, where it is no image.
    if (Math.hypot(re[5], im[5]) < 1e-12) re[5] = 1e-12;
  }

  /** Starts near where images are: those of a single lens of the whole mass, and points about both lenses. */
  #start(x: number, y: number): void {
    const re = this.#re, im = this.#im, u2 = Math.max(1e-6, x * x + y * y);
    const root = Math.sqrt(1 + 4 / u2), far = Math.sqrt(u2);
    const ux = x * x + y * y < 1e-6 ? 1e-3 : x, uy = x * x + y * y < 1e-6 ? 0 : y;
    re[0] = ux * (1 + root) / 2;
    im[0] = uy * (1 + root) / 2 + 0.01;
    re[1] = ux * (1 - root) / 2;
    im[1] = uy * (1 - root) / 2 - 0.02;
    const reach = 0.4 / (1 + far);
    re[2] = this.x2 + reach;
    im[2] = 0.3 * reach;
    re[3] = this.x2 - 0.9 * reach;
    im[3] = -0.5 * reach;
    re[4] = this.x1 + 0.2 * reach;
    im[4] = 0.8 * reach;
  }
}

function swap(array: Float64Array, i: number, j: number): void {
  const kept = array[i];
  array[i] = array[j];
  array[j] = kept;
}
