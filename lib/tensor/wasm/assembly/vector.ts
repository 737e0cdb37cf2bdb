// Small vector helpers that every kernel file uses. All of them are inlined.
import { FUSED, WIDE } from "./mode";

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

/** Columns of a register tile, and so of a panel of packed columns. */
export const PANEL: i32 = WIDE ? 16 : 8;
/** Logarithm to base 2 of the bytes of a panel's row. */
export const ROW_SHIFT: i32 = WIDE ? 6 : 5;
/** Bytes of a panel's row. */
export const ROW_BYTES: usize = 1 << ROW_SHIFT;

/** Next multiple of {@link PANEL} that is not below n: the width of the packed columns. */
// @ts-ignore: decorator
@inline
export function ceilPanel(n: i32): i32 {
  return (n + PANEL - 1) & ~(PANEL - 1);
}
