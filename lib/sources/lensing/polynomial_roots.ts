/** All roots of a complex polynomial at once; not public. */

/** A complex polynomial and the room for its roots; entry k of a coefficient belongs to the power k. */
export interface ComplexPolynomial {
  re: Float64Array;
  im: Float64Array;
}

/**
 * Improves `rootRe + i rootIm` in place until they are the roots of the polynomial, by the simultaneous
 * iteration of
 * Ehrlich (1967) and Aberth (1973): Newton's step for each root, with the other roots divided out. It
 * converges cubically
 * from any distinct start, and to the half of the digits at double roots. Returns the number of rounds.
 */
export function polynomialRoots(
  polynomial: ComplexPolynomial,
  rootRe: Float64Array,
  rootIm: Float64Array,
): number {
  const { re, im } = polynomial, degree = re.length - 1;
  let round = 0;
  for (; round < 80; round++) {
    let largest = 0;
    for (let k = 0; k < degree; k++) {
      const x = rootRe[k], y = rootIm[k];
      let pr = re[degree], pi = im[degree], dr = 0, di = 0;
      for (let j = degree - 1; j >= 0; j--) {
        const nextDr = dr * x - di * y + pr;
        di = dr * y + di * x + pi;
        dr = nextDr;
        const nextPr = pr * x - pi * y + re[j];
        pi = pr * y + pi * x + im[j];
        pr = nextPr;
      }
      const size = dr * dr + di * di;
      if (size === 0 || (pr === 0 && pi === 0)) continue;
      const wr = (pr * dr + pi * di) / size, wi = (pi * dr - pr * di) / size;
      let sr = 0, si = 0;
      for (let j = 0; j < degree; j++) {
        if (j === k) continue;
        const ax = x - rootRe[j], ay = y - rootIm[j], square = ax * ax + ay * ay;
        if (square === 0) continue;
        sr += ax / square;
        si -= ay / square;
      }
      const br = 1 - (wr * sr - wi * si), bi = -(wr * si + wi * sr), below = br * br + bi * bi;
      if (below === 0) continue;
      const stepRe = (wr * br + wi * bi) / below, stepIm = (wi * br - wr * bi) / below;
      rootRe[k] = x - stepRe;
      rootIm[k] = y - stepIm;
      const change = (Math.abs(stepRe) + Math.abs(stepIm)) / (1 + Math.abs(x) + Math.abs(y));
      if (change > largest) largest = change;
    }
    if (largest < 1e-14) break;
  }
  return round;
}
