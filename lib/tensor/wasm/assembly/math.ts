// Elementary functions on four lanes, in single precision, within a few units in the last place of the exact value.
// The polynomials are the ones of the Cephes library (S. Moshier, expf, logf, tanhf).
import { fma } from "./vector";

/** exp(x); infinite above 88.73, denormal and then 0 below -87.3, NaN for NaN. */
// @ts-ignore: decorator

export function vexp(v: v128): v128 {
  const x = f32x4.max(f32x4.min(v, f32x4.splat(89)), f32x4.splat(-104));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = fma(p, r, f32x4.splat(1.3981999507e-3));
  p = fma(p, r, f32x4.splat(8.3334519073e-3));
  p = fma(p, r, f32x4.splat(4.1665795894e-2));
  p = fma(p, r, f32x4.splat(1.6666665459e-1));
  p = fma(p, r, f32x4.splat(5.0000001201e-1));
  p = f32x4.add(fma(p, f32x4.mul(r, r), r), f32x4.splat(1));
  // 2^n in two factors: n reaches from -150 to 128, one exponent field does not.
  const i = i32x4.trunc_sat_f32x4_s(n), half = i32x4.shr_s(i, 1), rest = i32x4.sub(i, half);
  const first = i32x4.shl(i32x4.add(half, i32x4.splat(127)), 23);
  const second = i32x4.shl(i32x4.add(rest, i32x4.splat(127)), 23);
  return f32x4.mul(f32x4.mul(p, first), second);
}

/** 1 / (1 + exp(-x)). */
// @ts-ignore: decorator

export function vsigmoid(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), vexp(f32x4.neg(x))));
}

/** tanh(x): a polynomial below 0.625, where the difference of exponentials would lose digits. */
// @ts-ignore: decorator

export function vtanh(x: v128): v128 {
  const e = vexp(f32x4.mul(x, f32x4.splat(-2)));
  const large = f32x4.sub(f32x4.div(f32x4.splat(2), f32x4.add(f32x4.splat(1), e)), f32x4.splat(1));
  const square = f32x4.mul(x, x);
  let p = f32x4.splat(-5.70498872745e-3);
  p = fma(p, square, f32x4.splat(2.06390887954e-2));
  p = fma(p, square, f32x4.splat(-5.37397155531e-2));
  p = fma(p, square, f32x4.splat(1.33314422036e-1));
  p = fma(p, square, f32x4.splat(-3.33332819422e-1));
  const small = fma(f32x4.mul(p, square), x, x);
  return v128.bitselect(small, large, f32x4.lt(f32x4.abs(x), f32x4.splat(0.625)));
}

/** exp(x) - 1, without loss of digits near 0. */
// @ts-ignore: decorator

export function vexpm1(x: v128): v128 {
  const large = f32x4.sub(vexp(x), f32x4.splat(1));
  // For small x: expm1(x) = 2 t / (1 - t) with t = tanh(x / 2).
  const t = vtanh(f32x4.mul(x, f32x4.splat(0.5)));
  const small = f32x4.div(f32x4.add(t, t), f32x4.sub(f32x4.splat(1), t));
  return v128.bitselect(small, large, f32x4.lt(f32x4.abs(x), f32x4.splat(0.5)));
}

/** Natural logarithm; -infinity at 0, NaN below. */
// @ts-ignore: decorator

export function vlog(v: v128): v128 {
  // Denormal numbers are scaled up first.
  const tiny = f32x4.lt(v, f32x4.splat(1.17549435e-38));
  const x = v128.bitselect(f32x4.mul(v, f32x4.splat(8388608)), v, tiny);
  const bits = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  // x = m 2^e with sqrt(1/2) <= m < sqrt(2)
  const e = i32x4.shr_s(bits, 23);
  const m = i32x4.sub(x, i32x4.shl(e, 23));
  const f = f32x4.sub(m, f32x4.splat(1)), z = f32x4.mul(f, f);
  const exponent = f32x4.sub(f32x4.convert_i32x4_s(e), v128.and(tiny, f32x4.splat(23)));
  let p = f32x4.splat(7.0376836292e-2);
  p = fma(p, f, f32x4.splat(-1.1514610310e-1));
  p = fma(p, f, f32x4.splat(1.1676998740e-1));
  p = fma(p, f, f32x4.splat(-1.2420140846e-1));
  p = fma(p, f, f32x4.splat(1.4249322787e-1));
  p = fma(p, f, f32x4.splat(-1.6668057665e-1));
  p = fma(p, f, f32x4.splat(2.0000714765e-1));
  p = fma(p, f, f32x4.splat(-2.4999993993e-1));
  p = fma(p, f, f32x4.splat(3.3333331174e-1));
  let y = f32x4.mul(f32x4.mul(f, z), p);
  y = fma(exponent, f32x4.splat(-2.12194440e-4), y);
  y = fma(z, f32x4.splat(-0.5), y);
  let result = fma(exponent, f32x4.splat(0.693359375), f32x4.add(f, y));
  result = v128.bitselect(f32x4.splat(-Infinity), result, f32x4.eq(v, f32x4.splat(0)));
  result = v128.bitselect(v, result, f32x4.eq(v, f32x4.splat(Infinity)));
  return v128.bitselect(f32x4.splat(NaN), result, v128.or(f32x4.lt(v, f32x4.splat(0)), f32x4.ne(v, v)));
}
