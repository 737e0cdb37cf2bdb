// The functions on the gates.
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

// The constants of exp as parameters: a loop loads them once for all of its vectors.
// exp(x): x = n ln 2 + r, a polynomial in r (least largest relative error on |r| < 0.3475), and n put into the exponent.
// Relative error below 1.5e-7. NaN stays NaN: pmin and pmax answer their first argument then.
// @ts-ignore: decorator
@inline
function exponential(
  x: v128, top: v128, bottom: v128, log2e: v128, round: v128, high: v128, low: v128, p0: v128, p1: v128, p2: v128,
  p3: v128, p4: v128, one: v128,
): v128 {
  const bound = f32x4.pmax(f32x4.pmin(x, top), bottom);
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  const shifted = f32x4.add(f32x4.mul(bound, log2e), round), n = f32x4.sub(shifted, round);
  const r = fnma(n, low, fnma(n, high, bound));
  let p = fma(p0, r, p1);
  p = fma(p, r, p2);
  p = fma(p, r, p3);
  p = fma(p, r, p4);
  p = f32x4.add(fma(p, f32x4.mul(r, r), r), one);
  // The bits of 1 are those of the exponent's zero.
  return f32x4.mul(p, i32x4.add(i32x4.shl(shifted, 23), one));
}

/**
 * The gate function in place on `size` bytes (a multiple of 32) at `p`: logistic (absolute error below 1e-7), or
 * clip(0.2 x + 0.5, 0, 1). Two vectors at a time, which the wide module's engine joins.
 */
export function gateRow(p: usize, size: usize, hard: i32): void {
  const one = constant(ONE), end = p + size;
  if (hard) {
    const fifth = f32x4.splat(0.2), half = f32x4.splat(0.5), zero = f32x4.splat(0);
    for (; p < end; p += 32) {
      const x0 = v128.load(p), x1 = v128.load(p, 16);
      v128.store(p, f32x4.pmax(f32x4.pmin(fma(x0, fifth, half), one), zero));
      v128.store(p, f32x4.pmax(f32x4.pmin(fma(x1, fifth, half), one), zero), 16);
    }
    return;
  }
  const top = constant(TOP), bottom = constant(BOTTOM), log2e = constant(LOG2E), round = constant(ROUND);
  const high = constant(LN2_HIGH), low = constant(LN2_LOW), p0 = constant(EXP), p1 = constant(EXP + 1);
  const p2 = constant(EXP + 2), p3 = constant(EXP + 3), p4 = constant(EXP + 4);
  for (; p < end; p += 32) {
    const x0 = f32x4.neg(v128.load(p)), x1 = f32x4.neg(v128.load(p, 16));
    const e0 = exponential(x0, top, bottom, log2e, round, high, low, p0, p1, p2, p3, p4, one);
    const e1 = exponential(x1, top, bottom, log2e, round, high, low, p0, p1, p2, p3, p4, one);
    v128.store(p, f32x4.div(one, f32x4.add(one, e0)));
    v128.store(p, f32x4.div(one, f32x4.add(one, e1)), 16);
  }
}

// tanh where exp(-2 |x|) serves, `e`, with the sign of x; near 0, where that loses its digits, an odd polynomial.
// @ts-ignore: decorator
@inline
function tanhOf(
  x: v128, sign: v128, size: v128, e: v128, one: v128, near: v128, q0: v128, q1: v128, q2: v128, q3: v128, q4: v128,
): v128 {
  const far = v128.or(f32x4.div(f32x4.sub(one, e), f32x4.add(one, e)), sign), u = f32x4.mul(x, x);
  let p = fma(q0, u, q1);
  p = fma(p, u, q2);
  p = fma(p, u, q3);
  p = fma(p, u, q4);
  return v128.bitselect(fma(f32x4.mul(p, u), x, x), far, f32x4.lt(size, near));
}

/**
 * tanh of `size` bytes (a multiple of 32) at `p`, to `to`; absolute and relative error below 1.5e-7. Two vectors at a time,
 * as in {@link gateRow}.
 */
export function tanhRow(to: usize, p: usize, size: usize): void {
  const one = constant(ONE), end = p + size, signs = constant(SIGN), double = constant(MINUS_TWO), near = constant(NEAR);
  const top = constant(TOP), bottom = constant(BOTTOM), log2e = constant(LOG2E), round = constant(ROUND);
  const high = constant(LN2_HIGH), low = constant(LN2_LOW), p0 = constant(EXP), p1 = constant(EXP + 1);
  const p2 = constant(EXP + 2), p3 = constant(EXP + 3), p4 = constant(EXP + 4), q0 = constant(TANH);
  const q1 = constant(TANH + 1), q2 = constant(TANH + 2), q3 = constant(TANH + 3), q4 = constant(TANH + 4);
  for (; p < end; p += 32) {
    const x0 = v128.load(p), x1 = v128.load(p, 16), s0 = v128.and(x0, signs), s1 = v128.and(x1, signs);
    const a0 = v128.xor(x0, s0), a1 = v128.xor(x1, s1);
    const d0 = f32x4.mul(a0, double), d1 = f32x4.mul(a1, double);
    const e0 = exponential(d0, top, bottom, log2e, round, high, low, p0, p1, p2, p3, p4, one);
    const e1 = exponential(d1, top, bottom, log2e, round, high, low, p0, p1, p2, p3, p4, one);
    v128.store(to, tanhOf(x0, s0, a0, e0, one, near, q0, q1, q2, q3, q4));
    v128.store(to, tanhOf(x1, s1, a1, e1, one, near, q0, q1, q2, q3, q4), 16);
    to += 32;
  }
}

/** The slope of the gate function from its value. `one`: {@link ones}. */
// @ts-ignore: decorator
@inline
export function gateSlope(g: v128, one: v128, hard: i32): v128 {
  if (hard) {
    const inside = v128.and(f32x4.gt(g, f32x4.splat(0)), f32x4.lt(g, one));
    return v128.and(inside, f32x4.splat(0.2));
  }
  return f32x4.mul(g, f32x4.sub(one, g));
}

/** The sign bits, for {@link flush}. */
// @ts-ignore: decorator
@inline
export function signs(): v128 {
  return constant(SIGN);
}

/** The smallest size that {@link flush} leaves. */
// @ts-ignore: decorator
@inline
export function tiny(): v128 {
  return constant(TINY);
}

/**
 * Numbers below `least` = 1e-30 become 0. A gradient that fades over many steps, or a state that decays, would otherwise end
 * among the subnormal numbers, which processors multiply a hundred times slower. NaN stays NaN. `sign`: {@link signs}.
 */
// @ts-ignore: decorator
@inline
export function flush(v: v128, sign: v128, least: v128): v128 {
  return v128.andnot(v, f32x4.lt(v128.andnot(v, sign), least));
}
