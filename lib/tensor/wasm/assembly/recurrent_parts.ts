// What the recurrences share: their plan, the two tiles that do the arithmetic, the gate functions, packing and copying.
//
// Rows of a batch are worked on in panels of six. A few panels go together through all time steps, so that their state,
// gates and inputs stay in the first-level cache while the packed weights come from the second. Units are padded to a
// multiple of eight (H8), features to one of four (F4); padded columns hold zeros and padded rows compute on zeros, so
// that no tile has a rim. The gates that a backward pass needs lie in a layout of their own, [panel][step][row][gate],
// which both passes stream through.
import { ceil8, fma, fnma } from "./vector";

/** What one call works on; `lib/tensor/wasm/kernels/recurrent.ts` fills it in, field by field, 32 bits each. */
@unmanaged
export class Plan {
  batch: i32;
  time: i32;
  features: i32;
  units: i32;
  /** Gate function: 0 logistic, 1 hard. */
  hard: i32;
  /** GRU: the reset gate multiplies the product instead of the state. */
  resetAfter: i32;
  reverse: i32;
  /** Whether `gates` holds what the forward pass kept; otherwise the backward pass computes the gates again. */
  kept: i32;
  x: usize;
  kernel: usize;
  recurrent: usize;
  bias: usize;
  initial: usize;
  initialCell: usize;
  /** [batch][time] float zeros and ones, or 0. */
  mask: usize;
  /** [batch][time][units]; 0 when nobody needs the states. */
  y: usize;
  /** [batch][units]: the last state; 0 when not wanted. */
  last: usize;
  /** [panel][step][6][gates * H8]; 0 when not kept. */
  gates: usize;
  /** LSTM cells, [panel][step][6][H8]; 0 when not kept. */
  cells: usize;
  /** Gradient of all states, or 0. */
  dy: usize;
  /** Gradient of the last state, or 0. */
  dyLast: usize;
  /** 0 when not wanted. */
  dx: usize;
  dKernel: usize;
  dRecurrent: usize;
  dBias: usize;
  dInitial: usize;
  dInitialCell: usize;
}

/** Rows of a panel. */
export const ROWS: i32 = 6;
/** Panels that go through time together: a packed column of weights is loaded once for all of them. */
export const GROUP: i32 = 4;
/**
 * Rows (batch rows times steps) that are gathered, computed on and scattered together; the weights' gradients take them in
 * one product.
 */
export const CHUNK: i32 = 192;

// @ts-ignore: decorator
@inline
export function ceil4(n: i32): i32 {
  return (n + 3) & ~3;
}

// @ts-ignore: decorator
@inline
export function ceil6(n: i32): i32 {
  return (n + 5) / 6 * 6;
}

/** Bytes from one row to the next for rows of n floats: an odd number of cache lines, so that a column of a tall matrix spreads over all sets. */
// @ts-ignore: decorator
@inline
export function rowBytes(n: i32): i32 {
  return (((n * 4 + 63) >> 6) | 1) << 6;
}

// @ts-ignore: decorator
@inline
export function bytes(floats: i32): i32 {
  return (floats * 4 + 63) & ~63;
}

/**
 * C[6][8] = start[8] on every row (or C itself when `accumulate`) + A[6][K] panel[K][8]. `sa`, `sc`: bytes from row to
 * row. K is a multiple of four.
 */
export function tile(
  K: i32,
  a: usize,
  sa: usize,
  panel: usize,
  start: usize,
  accumulate: i32,
  c: usize,
  sc: usize,
): void {
  const c1 = c + sc, c2 = c1 + sc, c3 = c2 + sc, c4 = c3 + sc, c5 = c4 + sc;
  let c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128;
  let c30: v128, c31: v128, c40: v128, c41: v128, c50: v128, c51: v128;
  if (accumulate) {
    c00 = v128.load(c);
    c01 = v128.load(c, 16);
    c10 = v128.load(c1);
    c11 = v128.load(c1, 16);
    c20 = v128.load(c2);
    c21 = v128.load(c2, 16);
    c30 = v128.load(c3);
    c31 = v128.load(c3, 16);
    c40 = v128.load(c4);
    c41 = v128.load(c4, 16);
    c50 = v128.load(c5);
    c51 = v128.load(c5, 16);
  } else {
    c00 = v128.load(start);
    c01 = v128.load(start, 16);
    c10 = c00;
    c11 = c01;
    c20 = c00;
    c21 = c01;
    c30 = c00;
    c31 = c01;
    c40 = c00;
    c41 = c01;
    c50 = c00;
    c51 = c01;
  }
  // Two pointers and two steps reach all six rows: fewer live registers measured faster than six pointers.
  const sa2 = 2 * sa, end = panel + (<usize>K << 5);
  let p = a, q = a + 3 * sa;
  while (panel < end) {
    let b0 = v128.load(panel), b1 = v128.load(panel, 16), x = v128.load_splat<f32>(p);
    c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); x = v128.load_splat<f32>(p + sa);
    c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); x = v128.load_splat<f32>(p + sa2);
    c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); x = v128.load_splat<f32>(q);
    c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); x = v128.load_splat<f32>(q + sa);
    c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); x = v128.load_splat<f32>(q + sa2);
    c50 = fma(x, b0, c50); c51 = fma(x, b1, c51);
    b0 = v128.load(panel, 32); b1 = v128.load(panel, 48); x = v128.load_splat<f32>(p, 4);
    c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); x = v128.load_splat<f32>(p + sa, 4);
    c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); x = v128.load_splat<f32>(p + sa2, 4);
    c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); x = v128.load_splat<f32>(q, 4);
    c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); x = v128.load_splat<f32>(q + sa, 4);
    c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); x = v128.load_splat<f32>(q + sa2, 4);
    c50 = fma(x, b0, c50); c51 = fma(x, b1, c51);
    b0 = v128.load(panel, 64); b1 = v128.load(panel, 80); x = v128.load_splat<f32>(p, 8);
    c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); x = v128.load_splat<f32>(p + sa, 8);
    c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); x = v128.load_splat<f32>(p + sa2, 8);
    c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); x = v128.load_splat<f32>(q, 8);
    c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); x = v128.load_splat<f32>(q + sa, 8);
    c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); x = v128.load_splat<f32>(q + sa2, 8);
    c50 = fma(x, b0, c50); c51 = fma(x, b1, c51);
    b0 = v128.load(panel, 96); b1 = v128.load(panel, 112); x = v128.load_splat<f32>(p, 12);
    c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); x = v128.load_splat<f32>(p + sa, 12);
    c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); x = v128.load_splat<f32>(p + sa2, 12);
    c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); x = v128.load_splat<f32>(q, 12);
    c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); x = v128.load_splat<f32>(q + sa, 12);
    c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); x = v128.load_splat<f32>(q + sa2, 12);
    c50 = fma(x, b0, c50); c51 = fma(x, b1, c51);
    p += 16; q += 16; panel += 128;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c1, c10);
  v128.store(c1, c11, 16);
  v128.store(c2, c20);
  v128.store(c2, c21, 16);
  v128.store(c3, c30);
  v128.store(c3, c31, 16);
  v128.store(c4, c40);
  v128.store(c4, c41, 16);
  v128.store(c5, c50);
  v128.store(c5, c51, 16);
}

/**
 * `panels` panels of rows of A times `columns` (a multiple of eight) packed columns, each tile started from `start` (a
 * vector of `columns` floats) or accumulated. `stepA`, `stepC`: bytes from panel to panel.
 */
export function tiles(
  panels: i32,
  columns: i32,
  K: i32,
  a: usize,
  sa: usize,
  stepA: usize,
  packed: usize,
  start: usize,
  accumulate: i32,
  c: usize,
  sc: usize,
  stepC: usize,
): void {
  const panelBytes = <usize> K << 5;
  for (let j = 0; j < columns; j += 8) {
    let ai = a, ci = c;
    for (let i = 0; i < panels; i++) {
      tile(K, ai, sa, packed, start, accumulate, ci, sc);
      ai += stepA;
      ci += stepC;
    }
    packed += panelBytes;
    start += 32;
    c += 32;
  }
}

// C[6][8] += sum over K rows of a[6]^T b[8]; `sa`, `sb`, `sc`: bytes from row to row.
function outerTile(K: i32, a: usize, sa: usize, b: usize, sb: usize, c: usize, sc: usize): void {
  const c1 = c + sc, c2 = c1 + sc, c3 = c2 + sc, c4 = c3 + sc, c5 = c4 + sc;
  let c00 = v128.load(c), c01 = v128.load(c, 16), c10 = v128.load(c1), c11 = v128.load(c1, 16);
  let c20 = v128.load(c2), c21 = v128.load(c2, 16), c30 = v128.load(c3), c31 = v128.load(c3, 16);
  let c40 = v128.load(c4), c41 = v128.load(c4, 16), c50 = v128.load(c5), c51 = v128.load(c5, 16);
  const end = b + <usize>K * sb;
  while (b < end) {
    let b0 = v128.load(b), b1 = v128.load(b, 16), x = v128.load_splat<f32>(a);
    c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); x = v128.load_splat<f32>(a, 4);
    c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); x = v128.load_splat<f32>(a, 8);
    c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); x = v128.load_splat<f32>(a, 12);
    c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); x = v128.load_splat<f32>(a, 16);
    c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); x = v128.load_splat<f32>(a, 20);
    c50 = fma(x, b0, c50); c51 = fma(x, b1, c51);
    a += sa; b += sb;
    b0 = v128.load(b); b1 = v128.load(b, 16); x = v128.load_splat<f32>(a);
    c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); x = v128.load_splat<f32>(a, 4);
    c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); x = v128.load_splat<f32>(a, 8);
    c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); x = v128.load_splat<f32>(a, 12);
    c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); x = v128.load_splat<f32>(a, 16);
    c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); x = v128.load_splat<f32>(a, 20);
    c50 = fma(x, b0, c50); c51 = fma(x, b1, c51);
    a += sa; b += sb;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c1, c10);
  v128.store(c1, c11, 16);
  v128.store(c2, c20);
  v128.store(c2, c21, 16);
  v128.store(c3, c30);
  v128.store(c3, c31, 16);
  v128.store(c4, c40);
  v128.store(c4, c41, 16);
  v128.store(c5, c50);
  v128.store(c5, c51, 16);
}

/** C[ceil6(M)][N] += A[K][M]^T B[K][N], N a multiple of eight, K even. Rows of C beyond M receive rubbish. */
export function outer(
  M: i32,
  N: i32,
  K: i32,
  a: usize,
  sa: usize,
  b: usize,
  sb: usize,
  c: usize,
  sc: usize,
): void {
  for (let j = 0; j < N; j += 8) {
    let ai = a, ci = c;
    for (let i = 0; i < M; i += ROWS) {
      outerTile(K, ai, sa, b, sb, ci, sc);
      ai += ROWS * 4;
      ci += <usize> ROWS * sc;
    }
    b += 32;
    c += 32;
  }
}

/** sum[N] += the K rows of B, N a multiple of eight. */
export function addColumns(N: i32, K: i32, b: usize, sb: usize, sum: usize): void {
  for (let j = 0; j < N; j += 8) {
    let s0 = v128.load(sum), s1 = v128.load(sum, 16), p = b;
    for (let k = 0; k < K; k++) {
      s0 = f32x4.add(s0, v128.load(p));
      s1 = f32x4.add(s1, v128.load(p, 16));
      p += sb;
    }
    v128.store(sum, s0);
    v128.store(sum, s1, 16);
    sum += 32;
    b += 32;
  }
}

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

/**
 * Packs rows x columns numbers into panels [column / 8][K][8], from column `column0` and row `k0` on. `sr`, `sc`: bytes
 * from row to row and from column to column of the source, so that a transposed matrix packs as well.
 */
export function pack(
  dst: usize,
  K: i32,
  k0: i32,
  column0: i32,
  src: usize,
  rows: i32,
  columns: i32,
  sr: usize,
  sc: usize,
): void {
  for (let j = 0; j < columns; j++) {
    const column = column0 + j;
    let d = dst + ((<usize> (column >> 3) * K + k0) << 5) + (<usize> (column & 7) << 2),
      s = src + <usize> j * sc;
    for (let k = 0; k < rows; k++) {
      store<f32>(d, load<f32>(s));
      d += 32;
      s += sr;
    }
  }
}

export function copyRow(dst: usize, src: usize, n: i32): void {
  let i = n;
  for (; i >= 4; i -= 4) {
    v128.store(dst, v128.load(src));
    dst += 16;
    src += 16;
  }
  for (; i > 0; i--) {
    store<f32>(dst, load<f32>(src));
    dst += 4;
    src += 4;
  }
}

export function addRow(dst: usize, src: usize, n: i32): void {
  let i = n;
  for (; i >= 4; i -= 4) {
    v128.store(dst, f32x4.add(v128.load(dst), v128.load(src)));
    dst += 16;
    src += 16;
  }
  for (; i > 0; i--) {
    store<f32>(dst, load<f32>(dst) + load<f32>(src));
    dst += 4;
    src += 4;
  }
}

function clearRow(dst: usize, n: i32): void {
  let i = n;
  for (; i >= 4; i -= 4) {
    v128.store(dst, f32x4.splat(0));
    dst += 16;
  }
  for (; i > 0; i--) {
    store<f32>(dst, 0);
    dst += 4;
  }
}

/** Batch rows of a group that exist. */
// @ts-ignore: decorator
@inline
export function rowsThere(plan: Plan, row0: i32, rows: i32): i32 {
  return min(rows, plan.batch - row0);
}

/** The time that step s looks at. */
// @ts-ignore: decorator
@inline
export function timeOf(plan: Plan, s: i32): i32 {
  return plan.reverse ? plan.time - 1 - s : s;
}

/**
 * Copies the inputs of `count` steps from step `s` on (`ds`: 1 upwards, -1 downwards) for `rows` batch rows to `dst`, one
 * slot of `slot` bytes a step; zeros where the mask is 0. `masked` (one i32 a row, `all` rows a slot) says which those are.
 * All steps of a row are copied together: they are neighbours in memory.
 */
export function gatherInputs(
  plan: Plan, row0: i32, rows: i32, all: i32, s: i32, ds: i32, count: i32, dst: usize, slot: usize, sd: usize,
  masked: usize,
): void {
  const F = plan.features, T = plan.time;
  for (let i = 0; i < rows; i++) {
    const src = plan.x + (<usize>((row0 + i) * T) * F << 2), seen = plan.mask + (<usize>((row0 + i) * T) << 2);
    let to = dst + <usize>i * sd;
    for (let k = 0; k < count; k++) {
      const t = timeOf(plan, s + ds * k);
      let hidden = 0;
      if (plan.mask) {
        hidden = i32(load<f32>(seen + (<usize>t << 2)) == 0);
        store<i32>(masked + (<usize>(k * all + i) << 2), hidden);
      }
      if (hidden) clearRow(to, F); else copyRow(to, src + (<usize>(t * F) << 2), F);
      to += slot;
    }
  }
}

/** Copies `count` steps of [batch][time][n], as {@link gatherInputs}, to a buffer of slots. */
export function gatherSteps(
  plan: Plan, row0: i32, rows: i32, s: i32, ds: i32, count: i32, array: usize, n: i32, dst: usize, slot: usize,
  sd: usize,
): void {
  for (let i = 0; i < rows; i++) {
    const src = array + (<usize>((row0 + i) * plan.time) * n << 2);
    let to = dst + <usize>i * sd;
    for (let k = 0; k < count; k++) {
      copyRow(to, src + (<usize>(timeOf(plan, s + ds * k) * n) << 2), n);
      to += slot;
    }
  }
}

/** The inverse of {@link gatherSteps}. */
export function scatterSteps(
  plan: Plan, row0: i32, rows: i32, s: i32, ds: i32, count: i32, array: usize, n: i32, src: usize, slot: usize,
  ss: usize,
): void {
  for (let i = 0; i < rows; i++) {
    const dst = array + (<usize>((row0 + i) * plan.time) * n << 2);
    let from = src + <usize>i * ss;
    for (let k = 0; k < count; k++) {
      copyRow(dst + (<usize>(timeOf(plan, s + ds * k) * n) << 2), from, n);
      from += slot;
    }
  }
}

/** Copies rows of `n` floats between arrays with row steps of `sd` and `ss` bytes; a source of 0 gives zeros. */
export function copyRows(rows: i32, n: i32, dst: usize, sd: usize, src: usize, ss: usize): void {
  for (let i = 0; i < rows; i++) {
    if (src) {
      copyRow(dst, src, n);
      src += ss;
    } else clearRow(dst, n);
    dst += sd;
  }
}

export function addRows(rows: i32, n: i32, dst: usize, sd: usize, src: usize, ss: usize): void {
  for (let i = 0; i < rows; i++) {
    addRow(dst, src, n);
    dst += sd;
    src += ss;
  }
}

/** Panels that go together so that `panels` of them make groups of nearly one size, GROUP at most. */
export function groupSize(panels: i32): i32 {
  const groups = max(1, (panels + GROUP - 1) / GROUP);
  return max(1, (panels + groups - 1) / groups);
}
