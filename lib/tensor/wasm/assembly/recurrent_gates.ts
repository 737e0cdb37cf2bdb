// The functions on the gates, four lanes at a time.
import { fma, fnma } from "./vector";

// Constants of the gate functions, four times each: V8 would build a vector from a constant anew at every use, in three
// instructions, where a load takes one.
const constants: usize = memory.data<f32>([
  87.3, 87.3, 87.3, 87.3,
  -87.3, -87.3, -87.3, -87.3,
  1.44269504088896341, 1.44269504088896341, 1.44269504088896341, 1.44269504088896341,
  12582912, 12582912, 12582912, 12582912,
  0.693359375, 0.693359375, 0.693359375, 0.693359375,
  -2.12194440e-4, -2.12194440e-4, -2.12194440e-4, -2.12194440e-4,
  1.3814221962e-3, 1.3814221962e-3, 1.3814221962e-3, 1.3814221962e-3,
  8.3688987662e-3, 8.3688987662e-3, 8.3688987662e-3, 8.3688987662e-3,
  4.1668405727e-2, 4.1668405727e-2, 4.1668405727e-2, 4.1668405727e-2,
  1.6666519129e-1, 1.6666519129e-1, 1.6666519129e-1, 1.6666519129e-1,
  4.9999993346e-1, 4.9999993346e-1, 4.9999993346e-1, 4.9999993346e-1,
  1, 1, 1, 1,
  -5.7049850167e-3, -5.7049850167e-3, -5.7049850167e-3, -5.7049850167e-3,
  2.0639085498e-2, 2.0639085498e-2, 2.0639085498e-2, 2.0639085498e-2,
  -5.3739714555e-2, -5.3739714555e-2, -5.3739714555e-2, -5.3739714555e-2,
  1.3331442192e-1, 1.3331442192e-1, 1.3331442192e-1, 1.3331442192e-1,
  -3.3333281942e-1, -3.3333281942e-1, -3.3333281942e-1, -3.3333281942e-1,
  0.625, 0.625, 0.625, 0.625,
  -2, -2, -2, -2,
  1e-30, 1e-30, 1e-30, 1e-30,
  -0.0, -0.0, -0.0, -0.0,
], 16);

// Places of the constants.
const TOP = 0, BOTTOM = 1, LOG2E = 2, ROUND = 3, LN2_HIGH = 4, LN2_LOW = 5, EXP = 6, ONE = 11, TANH = 12;
const NEAR = 17, MINUS_TWO = 18, TINY = 19, SIGN = 20;

// @ts-ignore: decorator
@inline
function constant(place: usize): v128 {
  return v128.load(constants + (place << 4));
}

/** The vector of ones, loaded. */
// @ts-ignore: decorator
@inline
export function ones(): v128 {
  return constant(ONE);
}

// exp(x): x = n ln 2 + r, a polynomial in r (least largest relative error on |r| < 0.3475), and n put into the exponent.
// Relative error below 1.5e-7. NaN stays NaN: pmin and pmax answer their first argument then.
// @ts-ignore: decorator
@inline
function exponential(x: v128): v128 {
  const bound = f32x4.pmax(f32x4.pmin(x, constant(TOP)), constant(BOTTOM)), round = constant(ROUND);
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  const shifted = f32x4.add(f32x4.mul(bound, constant(LOG2E)), round), n = f32x4.sub(shifted, round);
  const r = fnma(n, constant(LN2_LOW), fnma(n, constant(LN2_HIGH), bound)), one = constant(ONE);
  let p = fma(constant(EXP), r, constant(EXP + 1));
  p = fma(p, r, constant(EXP + 2));
  p = fma(p, r, constant(EXP + 3));
  p = fma(p, r, constant(EXP + 4));
  p = f32x4.add(fma(p, f32x4.mul(r, r), r), one);
  // The bits of 1 are those of the exponent's zero.
  return f32x4.mul(p, i32x4.add(i32x4.shl(shifted, 23), one));
}

/** The gate function: logistic (absolute error below 1e-7), or clip(0.2 x + 0.5, 0, 1). */
// @ts-ignore: decorator
@inline
export function gate(x: v128, hard: i32): v128 {
  const one = constant(ONE);
  if (hard) return f32x4.pmax(f32x4.pmin(fma(x, f32x4.splat(0.2), f32x4.splat(0.5)), one), f32x4.splat(0));
  return f32x4.div(one, f32x4.add(one, exponential(f32x4.neg(x))));
}

/** The slope of the gate function from its value. */
// @ts-ignore: decorator
@inline
export function gateSlope(g: v128, hard: i32): v128 {
  const one = constant(ONE);
  if (hard) {
    const inside = v128.and(f32x4.gt(g, f32x4.splat(0)), f32x4.lt(g, one));
    return v128.and(inside, f32x4.splat(0.2));
  }
  return f32x4.mul(g, f32x4.sub(one, g));
}

/**
 * tanh, absolute and relative error below 1.5e-7: by exp(-2 |x|), and near 0, where that loses its digits, by an odd
 * polynomial.
 */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const one = constant(ONE), sign = v128.and(x, constant(SIGN)), size = v128.xor(x, sign);
  const e = exponential(f32x4.mul(size, constant(MINUS_TWO)));
  const far = v128.or(f32x4.div(f32x4.sub(one, e), f32x4.add(one, e)), sign);
  const u = f32x4.mul(x, x);
  let p = fma(constant(TANH), u, constant(TANH + 1));
  p = fma(p, u, constant(TANH + 2));
  p = fma(p, u, constant(TANH + 3));
  p = fma(p, u, constant(TANH + 4));
  return v128.bitselect(fma(f32x4.mul(p, u), x, x), far, f32x4.lt(size, constant(NEAR)));
}

/**
 * Numbers below 1e-30 become 0. A gradient that fades over many steps, or a state that decays, would otherwise end among
 * the subnormal numbers, which processors multiply a hundred times slower. NaN stays NaN.
 */
// @ts-ignore: decorator
@inline
export function flush(v: v128): v128 {
  return v128.andnot(v, f32x4.lt(v128.andnot(v, constant(SIGN)), constant(TINY)));
}
