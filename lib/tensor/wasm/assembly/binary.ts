// Element-wise functions of two tensors with broadcasting.
//
// The caller has merged neighbouring axes that broadcast alike, so that the operands look like rows: `inner` elements that
// are either contiguous or one repeated value in each operand, and outer axes described by a table.
import { vgeluSlope } from "./math";

const ADD: i32 = 0;
const SUB: i32 = 1;
const MULTIPLY: i32 = 2;
const DIVIDE: i32 = 3;
const MAXIMUM: i32 = 4;
const MINIMUM: i32 = 5;
const SQUARED_DIFFERENCE: i32 = 6;
const ELU_GRAD: i32 = 7;
const PRELU: i32 = 8;
const RELU_GRADIENT: i32 = 9;
const GELU_GRADIENT: i32 = 10;
const EQUAL: i32 = 11;
const NOT_EQUAL: i32 = 12;
const LESS: i32 = 13;
const LESS_EQUAL: i32 = 14;
const GREATER: i32 = 15;
const GREATER_EQUAL: i32 = 16;

// @ts-ignore: decorator
@inline
function two(op: i32, x: v128, y: v128): v128 {
  if (op == ADD) return f32x4.add(x, y);
  if (op == SUB) return f32x4.sub(x, y);
  if (op == MULTIPLY) return f32x4.mul(x, y);
  if (op == DIVIDE) return f32x4.div(x, y);
  if (op == MAXIMUM) return f32x4.max(x, y);
  if (op == MINIMUM) return f32x4.min(x, y);
  if (op == SQUARED_DIFFERENCE) {
    const d = f32x4.sub(x, y);
    return f32x4.mul(d, d);
  }
  // dy and y: dy where y >= 0, else dy (y + 1)
  if (op == ELU_GRAD) {
    return v128.bitselect(x, f32x4.mul(x, f32x4.add(y, f32x4.splat(1))), f32x4.ge(y, f32x4.splat(0)));
  }
  // dy and x: dy where x > 0, else 0, and what is not a number stays so
  if (op == RELU_GRADIENT) {
    return v128.bitselect(v128.and(x, f32x4.gt(y, f32x4.splat(0))), y, f32x4.eq(y, y));
  }
  if (op == GELU_GRADIENT) return f32x4.mul(x, vgeluSlope(y));
  if (op == PRELU) return v128.bitselect(f32x4.mul(x, y), x, f32x4.lt(x, f32x4.splat(0)));
  if (op == EQUAL) return f32x4.eq(x, y);
  if (op == NOT_EQUAL) return f32x4.ne(x, y);
  if (op == LESS) return f32x4.lt(x, y);
  if (op == LESS_EQUAL) return f32x4.le(x, y);
  if (op == GREATER) return f32x4.gt(x, y);
  return f32x4.ge(x, y);
}

// @ts-ignore: decorator
@inline
function put(op: i32, dst: usize, v: v128): usize {
  if (op < EQUAL) {
    v128.store(dst, v);
    return dst + 16;
  }
  // A comparison gives bytes: the low byte of each lane's mask, as 0 or 1.
  const bytes = v128.shuffle<i8>(v, v, 0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  v128.store_lane<u32>(dst, v128.and(bytes, i8x16.splat(1)), 0);
  return dst + 4;
}

// @ts-ignore: decorator
@inline
function putOne(op: i32, dst: usize, v: v128): usize {
  if (op < EQUAL) {
    store<f32>(dst, f32x4.extract_lane(v, 0));
    return dst + 4;
  }
  store<u8>(dst, <u8> (i32x4.extract_lane(v, 0) & 1));
  return dst + 1;
}

// @ts-ignore: decorator
@inline
function row(op: i32, a: usize, b: usize, dst: usize, n: i32, stepA: i32, stepB: i32): usize {
  let i = n;
  if (stepA && stepB) {
    for (; i >= 4; i -= 4) {
      dst = put(op, dst, two(op, v128.load(a), v128.load(b)));
      a += 16;
      b += 16;
    }
  } else if (stepA) {
    const y = v128.load_splat<f32>(b);
    for (; i >= 4; i -= 4) {
      dst = put(op, dst, two(op, v128.load(a), y));
      a += 16;
    }
  } else if (stepB) {
    const x = v128.load_splat<f32>(a);
    for (; i >= 4; i -= 4) {
      dst = put(op, dst, two(op, x, v128.load(b)));
      b += 16;
    }
  }
  for (; i > 0; i--) {
    dst = putOne(op, dst, two(op, v128.load32_zero(a), v128.load32_zero(b)));
    a += <usize> (stepA << 2);
    b += <usize> (stepB << 2);
  }
  return dst;
}

// The rows `from` ... `to` (counted over all outer axes). `axes`: for each of `rank` outer axes, outermost first, three
// 32-bit integers: its size and the bytes by which it moves a and b. `dst` is the address of row `from`'s output.
// @ts-ignore: decorator
@inline
function rows(
  op: i32,
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  for (let r = from; r < to; r++) {
    let rest = r, x = a, y = b;
    for (let d = rank - 1; d >= 0; d--) {
      const axis = axes + <usize> (d * 12), n = load<i32>(axis), q = rest / n, index = rest - q * n;
      x += <usize> (index * load<i32>(axis, 4));
      y += <usize> (index * load<i32>(axis, 8));
      rest = q;
    }
    dst = row(op, x, y, dst, inner, stepA, stepB);
  }
}

export function binaryAdd(
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  rows(ADD, a, b, dst, inner, stepA, stepB, from, to, axes, rank);
}
export function binarySub(
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  rows(SUB, a, b, dst, inner, stepA, stepB, from, to, axes, rank);
}
export function binaryMultiply(
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  rows(MULTIPLY, a, b, dst, inner, stepA, stepB, from, to, axes, rank);
}
export function binaryDivide(
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  rows(DIVIDE, a, b, dst, inner, stepA, stepB, from, to, axes, rank);
}
export function binaryMaximum(
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  rows(MAXIMUM, a, b, dst, inner, stepA, stepB, from, to, axes, rank);
}
export function binaryMinimum(
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  rows(MINIMUM, a, b, dst, inner, stepA, stepB, from, to, axes, rank);
}
export function binarySquaredDifference(
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  rows(SQUARED_DIFFERENCE, a, b, dst, inner, stepA, stepB, from, to, axes, rank);
}
export function binaryEluGrad(
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  rows(ELU_GRAD, a, b, dst, inner, stepA, stepB, from, to, axes, rank);
}
export function binaryPrelu(
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  rows(PRELU, a, b, dst, inner, stepA, stepB, from, to, axes, rank);
}
export function binaryReluGradient(
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  rows(RELU_GRADIENT, a, b, dst, inner, stepA, stepB, from, to, axes, rank);
}
export function binaryGeluGradient(
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  rows(GELU_GRADIENT, a, b, dst, inner, stepA, stepB, from, to, axes, rank);
}
export function binaryEqual(
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  rows(EQUAL, a, b, dst, inner, stepA, stepB, from, to, axes, rank);
}
export function binaryNotEqual(
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  rows(NOT_EQUAL, a, b, dst, inner, stepA, stepB, from, to, axes, rank);
}
export function binaryLess(
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  rows(LESS, a, b, dst, inner, stepA, stepB, from, to, axes, rank);
}
export function binaryLessEqual(
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  rows(LESS_EQUAL, a, b, dst, inner, stepA, stepB, from, to, axes, rank);
}
export function binaryGreater(
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  rows(GREATER, a, b, dst, inner, stepA, stepB, from, to, axes, rank);
}
export function binaryGreaterEqual(
  a: usize,
  b: usize,
  dst: usize,
  inner: i32,
  stepA: i32,
  stepB: i32,
  from: i32,
  to: i32,
  axes: usize,
  rank: i32,
): void {
  rows(GREATER_EQUAL, a, b, dst, inner, stepA, stepB, from, to, axes, rank);
}
