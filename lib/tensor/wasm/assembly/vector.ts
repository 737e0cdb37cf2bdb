// Small vector helpers that every kernel file uses. All of them are inlined.
import { FUSED } from "./mode";

/** a * b + c, lane by lane; rounded once in the fast module, twice in the deterministic one. */
// @ts-ignore: decorator
@inline
export function fma(a: v128, b: v128, c: v128): v128 {
  if (FUSED) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c - a * b, lane by lane. */
// @ts-ignore: decorator
@inline
export function fnma(a: v128, b: v128, c: v128): v128 {
  if (FUSED) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

/** Sum of the four lanes, always in the same order. */
// @ts-ignore: decorator
@inline
export function laneSum(v: v128): f32 {
  return (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 2)) +
    (f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 3));
}

/** Next multiple of 8 that is not below n: the width of a packed column panel. */
// @ts-ignore: decorator
@inline
export function ceil8(n: i32): i32 {
  return (n + 7) & ~7;
}
