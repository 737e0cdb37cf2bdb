// Element-wise functions of one tensor. Each export handles n floats from src to dst; `a` and `b` are the function's own
// parameters where it has any.
import { vcos, verf, vexp, vexpm1, vgelu, vlog, vlog1p, vsigmoid, vsin, vtanh } from "./math";

const ABS: i32 = 0;
const NEG: i32 = 1;
const SQUARE: i32 = 2;
const SQRT: i32 = 3;
const RSQRT: i32 = 4;
const RECIPROCAL: i32 = 5;
const EXP: i32 = 6;
const EXPM1: i32 = 7;
const LOG: i32 = 8;
const LOG1P: i32 = 9;
const SIGMOID: i32 = 10;
const TANH: i32 = 11;
const RELU: i32 = 12;
const RELU6: i32 = 13;
const ELU: i32 = 14;
const SELU: i32 = 15;
const LEAKY_RELU: i32 = 16;
const SOFTPLUS: i32 = 17;
const STEP: i32 = 18;
const FLOOR: i32 = 19;
const CEIL: i32 = 20;
const ROUND: i32 = 21;
const SIGN: i32 = 22;
const CLIP: i32 = 23;
const SCALE: i32 = 24;
const SIN: i32 = 25;
const COS: i32 = 26;
const ERF: i32 = 27;
const GELU: i32 = 28;

// @ts-ignore: decorator
@inline
function one(op: i32, v: v128, a: f32, b: f32): v128 {
  const zero = f32x4.splat(0), unit = f32x4.splat(1);
  if (op == ABS) return f32x4.abs(v);
  if (op == NEG) return f32x4.neg(v);
  if (op == SQUARE) return f32x4.mul(v, v);
  if (op == SQRT) return f32x4.sqrt(v);
  if (op == RSQRT) return f32x4.div(unit, f32x4.sqrt(v));
  if (op == RECIPROCAL) return f32x4.div(unit, v);
  if (op == EXP) return vexp(v);
  if (op == EXPM1) return vexpm1(v);
  if (op == LOG) return vlog(v);
  if (op == LOG1P) return vlog1p(v);
  if (op == SIGMOID) return vsigmoid(v);
  if (op == TANH) return vtanh(v);
  if (op == SIN) return vsin(v);
  if (op == COS) return vcos(v);
  if (op == ERF) return verf(v);
  if (op == GELU) return vgelu(v);
  if (op == RELU) return f32x4.pmax(v, zero);
  if (op == RELU6) return f32x4.pmin(f32x4.pmax(v, zero), f32x4.splat(6));
  if (op == ELU) return v128.bitselect(vexpm1(v), v, f32x4.lt(v, zero));
  if (op == SELU) {
    const scale = f32x4.splat(1.0507009873554805);
    const negative = f32x4.mul(f32x4.splat(1.7580993408473768), vexpm1(v));
    return v128.bitselect(negative, f32x4.mul(scale, v), f32x4.lt(v, zero));
  }
  if (op == LEAKY_RELU) return v128.bitselect(f32x4.mul(v, f32x4.splat(a)), v, f32x4.lt(v, zero));
  if (op == SOFTPLUS) return f32x4.add(f32x4.pmax(v, zero), vlog1p(vexp(f32x4.neg(f32x4.abs(v)))));
  if (op == STEP) {
    const step = v128.bitselect(unit, f32x4.splat(a), f32x4.gt(v, zero));
    return v128.bitselect(step, v, f32x4.eq(v, v));
  }
  if (op == FLOOR) return f32x4.floor(v);
  if (op == CEIL) return f32x4.ceil(v);
  if (op == ROUND) return f32x4.nearest(v);
  if (op == SIGN) {
    return f32x4.sub(v128.and(f32x4.gt(v, zero), unit), v128.and(f32x4.lt(v, zero), unit));
  }
  if (op == CLIP) return f32x4.pmin(f32x4.pmax(v, f32x4.splat(a)), f32x4.splat(b));
  return f32x4.mul(v, f32x4.splat(a));
}

// @ts-ignore: decorator
@inline
function each(op: i32, src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  let i = n;
  for (; i >= 4; i -= 4) {
    v128.store(dst, one(op, v128.load(src), a, b));
    src += 16;
    dst += 16;
  }
  for (; i > 0; i--) {
    store<f32>(dst, f32x4.extract_lane(one(op, v128.load32_zero(src), a, b), 0));
    src += 4;
    dst += 4;
  }
}

export function unaryAbs(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(ABS, src, dst, n, a, b);
}
export function unaryNeg(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(NEG, src, dst, n, a, b);
}
export function unarySquare(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(SQUARE, src, dst, n, a, b);
}
export function unarySqrt(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(SQRT, src, dst, n, a, b);
}
export function unaryRsqrt(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(RSQRT, src, dst, n, a, b);
}
export function unaryReciprocal(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(RECIPROCAL, src, dst, n, a, b);
}
export function unaryExp(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(EXP, src, dst, n, a, b);
}
export function unaryExpm1(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(EXPM1, src, dst, n, a, b);
}
export function unaryLog(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(LOG, src, dst, n, a, b);
}
export function unaryLog1p(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(LOG1P, src, dst, n, a, b);
}
export function unarySigmoid(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(SIGMOID, src, dst, n, a, b);
}
export function unaryTanh(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(TANH, src, dst, n, a, b);
}
export function unaryRelu(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(RELU, src, dst, n, a, b);
}
export function unaryRelu6(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(RELU6, src, dst, n, a, b);
}
export function unaryElu(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(ELU, src, dst, n, a, b);
}
export function unarySelu(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(SELU, src, dst, n, a, b);
}
export function unaryLeakyRelu(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(LEAKY_RELU, src, dst, n, a, b);
}
export function unarySoftplus(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(SOFTPLUS, src, dst, n, a, b);
}
export function unaryStep(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(STEP, src, dst, n, a, b);
}
export function unaryFloor(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(FLOOR, src, dst, n, a, b);
}
export function unaryCeil(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(CEIL, src, dst, n, a, b);
}
export function unaryRound(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(ROUND, src, dst, n, a, b);
}
export function unarySign(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(SIGN, src, dst, n, a, b);
}
export function unaryClip(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(CLIP, src, dst, n, a, b);
}
export function unaryScale(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(SCALE, src, dst, n, a, b);
}

export function unarySin(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(SIN, src, dst, n, a, b);
}

export function unaryCos(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(COS, src, dst, n, a, b);
}

export function unaryErf(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(ERF, src, dst, n, a, b);
}

export function unaryGelu(src: usize, dst: usize, n: i32, a: f32, b: f32): void {
  each(GELU, src, dst, n, a, b);
}

/** 1 when every one of n floats has an absolute value of at most `limit`, else 0 (NaN counts as too large). */
export function allWithin(src: usize, n: i32, limit: f32): i32 {
  const most = f32x4.splat(limit);
  let i = n, inside = f32x4.eq(most, most);
  for (; i >= 4; i -= 4) {
    inside = v128.and(inside, f32x4.le(f32x4.abs(v128.load(src)), most));
    src += 16;
  }
  for (; i > 0; i--) {
    inside = v128.and(inside, f32x4.le(f32x4.abs(v128.load_splat<f32>(src)), most));
    src += 4;
  }
  return i32(i32x4.all_true(inside));
}

/** dst[n] = src[n] towards zero as a 32-bit integer, for values that fit. */
export function truncateToIntegers(src: usize, dst: usize, n: i32): void {
  let i = n;
  for (; i >= 4; i -= 4) {
    v128.store(dst, i32x4.trunc_sat_f32x4_s(v128.load(src)));
    src += 16;
    dst += 16;
  }
  for (; i > 0; i--) {
    store<i32>(dst, i32x4.extract_lane(i32x4.trunc_sat_f32x4_s(v128.load32_zero(src)), 0));
    src += 4;
    dst += 4;
  }
}
