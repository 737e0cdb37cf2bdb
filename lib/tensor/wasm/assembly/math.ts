// Elementary functions on four lanes, in single precision, within a few units in the last place of the exact value.
// The polynomials are the ones of the Cephes library (S. Moshier, expf, logf, tanhf).
import { fma } from "./vector";

// V8 builds a constant vector anew at each use, four instructions; loading it from a fixed address is one, and the only
// kind of load whose bounds it need not check.
const TABLE: usize = memory.data<f32>([
  89, // 0
  -104, // 1
  1.44269504088896341, // 2
  0.693359375, // 3
  -2.12194440e-4, // 4
  1.9875691500e-4, // 5
  1.3981999507e-3, // 6
  8.3334519073e-3, // 7
  4.1665795894e-2, // 8
  1.6666665459e-1, // 9
  5.0000001201e-1, // 10
  1, // 11
  -2, // 12
  2, // 13
  -5.70498872745e-3, // 14
  2.06390887954e-2, // 15
  -5.37397155531e-2, // 16
  1.33314422036e-1, // 17
  -3.33332819422e-1, // 18
  0.625, // 19
  0.5, // 20
  1.17549435e-38, // 21
  8388608, // 22
  23, // 23
  7.0376836292e-2, // 24
  -1.1514610310e-1, // 25
  1.1676998740e-1, // 26
  -1.2420140846e-1, // 27
  1.4249322787e-1, // 28
  -1.6668057665e-1, // 29
  2.0000714765e-1, // 30
  -2.4999993993e-1, // 31
  3.3333331174e-1, // 32
  -0.5, // 33
  -Infinity, // 34
  Infinity, // 35
  NaN, // 36
  0.63661977236758134, // 37
  1.5703125, // 38
  4.837512969970703125e-4, // 39
  7.54978995489188216e-8, // 40
  -1.9515295891e-4, // 41
  8.3321608736e-3, // 42
  -1.6666654611e-1, // 43
  2.443315711809948e-5, // 44
  -1.388731625493765e-3, // 45
  4.166664568298827e-2, // 46
  0.3275911, // 47
  1.061405429, // 48
  -1.453152027, // 49
  1.421413741, // 50
  -0.284496736, // 51
  0.254829592, // 52
], 16);

// @ts-ignore: decorator
@inline
function constant(index: i32): v128 {
  return v128.load_splat<f32>(TABLE + (<usize>index << 2));
}

/** exp(x); infinite above 88.73, denormal and then 0 below -87.3, NaN for NaN. */
// @ts-ignore: decorator
@inline
export function vexp(v: v128): v128 {
  const x = f32x4.pmax(f32x4.pmin(v, constant(0)), constant(1));
  const n = f32x4.nearest(f32x4.mul(x, constant(2)));
  let r = f32x4.sub(x, f32x4.mul(n, constant(3)));
  r = f32x4.sub(r, f32x4.mul(n, constant(4)));
  let p = constant(5);
  p = fma(p, r, constant(6));
  p = fma(p, r, constant(7));
  p = fma(p, r, constant(8));
  p = fma(p, r, constant(9));
  p = fma(p, r, constant(10));
  p = f32x4.add(fma(p, f32x4.mul(r, r), r), constant(11));
  // 2^n in two factors: n reaches from -150 to 128, one exponent field does not.
  const i = i32x4.trunc_sat_f32x4_s(n), half = i32x4.shr_s(i, 1), rest = i32x4.sub(i, half);
  const first = i32x4.shl(i32x4.add(half, i32x4.splat(127)), 23);
  const second = i32x4.shl(i32x4.add(rest, i32x4.splat(127)), 23);
  return f32x4.mul(f32x4.mul(p, first), second);
}

/** 1 / (1 + exp(-x)). */
// @ts-ignore: decorator
@inline
export function vsigmoid(x: v128): v128 {
  return f32x4.div(constant(11), f32x4.add(constant(11), vexp(f32x4.neg(x))));
}

// tanh(x) for |x| up to 0.625.
// @ts-ignore: decorator
@inline
function smallTanh(x: v128): v128 {
  const square = f32x4.mul(x, x);
  let p = constant(14);
  p = fma(p, square, constant(15));
  p = fma(p, square, constant(16));
  p = fma(p, square, constant(17));
  p = fma(p, square, constant(18));
  return fma(f32x4.mul(p, square), x, x);
}

/** tanh(x): a polynomial below 0.625, where the difference of exponentials would lose digits. */
// @ts-ignore: decorator
@inline
export function vtanh(x: v128): v128 {
  const e = vexp(f32x4.mul(x, constant(12)));
  const large = f32x4.sub(f32x4.div(constant(13), f32x4.add(constant(11), e)), constant(11));
  return v128.bitselect(smallTanh(x), large, f32x4.lt(f32x4.abs(x), constant(19)));
}

/** exp(x) - 1, without loss of digits near 0. */
// @ts-ignore: decorator
@inline
export function vexpm1(x: v128): v128 {
  const large = f32x4.sub(vexp(x), constant(11));
  // For small x: expm1(x) = 2 t / (1 - t) with t = tanh(x / 2).
  const t = smallTanh(f32x4.mul(x, constant(20)));
  const small = f32x4.div(f32x4.add(t, t), f32x4.sub(constant(11), t));
  return v128.bitselect(small, large, f32x4.lt(f32x4.abs(x), constant(20)));
}

/** Natural logarithm; -infinity at 0, NaN below. */
// @ts-ignore: decorator
@inline
export function vlog(v: v128): v128 {
  // Denormal numbers are scaled up first.
  const tiny = f32x4.lt(v, constant(21));
  const x = v128.bitselect(f32x4.mul(v, constant(22)), v, tiny);
  const bits = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  // x = m 2^e with sqrt(1/2) <= m < sqrt(2)
  const e = i32x4.shr_s(bits, 23);
  const m = i32x4.sub(x, i32x4.shl(e, 23));
  const f = f32x4.sub(m, constant(11)), z = f32x4.mul(f, f);
  const exponent = f32x4.sub(f32x4.convert_i32x4_s(e), v128.and(tiny, constant(23)));
  let p = constant(24);
  p = fma(p, f, constant(25));
  p = fma(p, f, constant(26));
  p = fma(p, f, constant(27));
  p = fma(p, f, constant(28));
  p = fma(p, f, constant(29));
  p = fma(p, f, constant(30));
  p = fma(p, f, constant(31));
  p = fma(p, f, constant(32));
  let y = f32x4.mul(f32x4.mul(f, z), p);
  y = fma(exponent, constant(4), y);
  y = fma(z, constant(33), y);
  let result = fma(exponent, constant(3), f32x4.add(f, y));
  result = v128.bitselect(constant(34), result, f32x4.eq(v, f32x4.splat(0)));
  result = v128.bitselect(v, result, f32x4.eq(v, constant(35)));
  return v128.bitselect(constant(36), result, v128.or(f32x4.lt(v, f32x4.splat(0)), f32x4.ne(v, v)));
}

/** log(1 + x), without loss of digits near 0. */
// @ts-ignore: decorator
@inline
export function vlog1p(x: v128): v128 {
  // The rounding error of w = 1 + x is undone by the factor x / (w - 1) (Higham, Accuracy and Stability, problem 1.5).
  const unit = constant(11), w = f32x4.add(unit, x), d = f32x4.sub(w, unit);
  const corrected = f32x4.mul(vlog(w), f32x4.div(x, d));
  const infinite = f32x4.eq(w, constant(35));
  return v128.bitselect(v128.bitselect(w, corrected, infinite), x, f32x4.ne(d, f32x4.splat(0)));
}

// sin (turn 0) or cos (turn 1) of x for |x| up to 8192: x less the nearest multiple of pi / 2, subtracted in three parts so
// that no digit is lost, then the polynomial of the quadrant.
// @ts-ignore: decorator
@inline
function circular(x: v128, turn: i32): v128 {
  const n = f32x4.nearest(f32x4.mul(x, constant(37)));
  let r = f32x4.sub(x, f32x4.mul(n, constant(38)));
  r = f32x4.sub(r, f32x4.mul(n, constant(39)));
  r = f32x4.sub(r, f32x4.mul(n, constant(40)));
  const z = f32x4.mul(r, r);
  let s = constant(41);
  s = fma(s, z, constant(42));
  s = fma(s, z, constant(43));
  s = fma(f32x4.mul(s, z), r, r);
  let c = constant(44);
  c = fma(c, z, constant(45));
  c = fma(c, z, constant(46));
  c = fma(f32x4.mul(c, z), z, fma(z, constant(33), constant(11)));
  const quadrant = i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(turn));
  const odd = i32x4.eq(v128.and(quadrant, i32x4.splat(1)), i32x4.splat(1));
  const sign = i32x4.shl(v128.and(quadrant, i32x4.splat(2)), 30);
  return v128.xor(v128.bitselect(c, s, odd), sign);
}

/** sin(x) for |x| up to 8192. */
// @ts-ignore: decorator
@inline
export function vsin(x: v128): v128 {
  return circular(x, 0);
}

/** cos(x) for |x| up to 8192. */
// @ts-ignore: decorator
@inline
export function vcos(x: v128): v128 {
  return circular(x, 1);
}

/** The error function, to 3e-7 (Abramowitz and Stegun 7.1.26). */
// @ts-ignore: decorator
@inline
export function verf(x: v128): v128 {
  const v = f32x4.abs(x);
  return erfFrom(x, v, vexp(f32x4.neg(f32x4.mul(v, v))));
}

// erf(x) from v = |x| and e = exp(-x^2).
// @ts-ignore: decorator
@inline
function erfFrom(x: v128, v: v128, e: v128): v128 {
  const unit = constant(11), t = f32x4.div(unit, fma(v, constant(47), unit));
  let p = constant(48);
  p = fma(p, t, constant(49));
  p = fma(p, t, constant(50));
  p = fma(p, t, constant(51));
  p = fma(p, t, constant(52));
  const y = f32x4.sub(unit, f32x4.mul(f32x4.mul(p, t), e));
  return v128.or(v128.and(x, i32x4.splat(<i32>0x80000000)), v128.andnot(y, i32x4.splat(<i32>0x80000000)));
}

/** x Phi(x) with the normal distribution function Phi. */
// @ts-ignore: decorator
@inline
export function vgelu(x: v128): v128 {
  const half = f32x4.mul(x, f32x4.splat(0.5));
  return fma(half, verf(f32x4.mul(x, f32x4.splat(0.70710678118654752))), half);
}

/** Its slope Phi(x) + x phi(x). */
// @ts-ignore: decorator
@inline
export function vgeluSlope(x: v128): v128 {
  const z = f32x4.mul(x, f32x4.splat(0.70710678118654752)), v = f32x4.abs(z), half = f32x4.splat(0.5);
  const e = vexp(f32x4.neg(f32x4.mul(v, v)));
  return fma(f32x4.mul(x, f32x4.splat(0.39894228040143268)), e, fma(half, erfFrom(z, v, e), half));
}
