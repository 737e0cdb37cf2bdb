// What the recurrences share: their plan, packing and copying (tiles and gate functions have files of their own).
//
// Rows of a batch are worked on in panels of six. A few panels go together through all time steps, so that their state,
// gates and inputs stay in the first-level cache while the packed weights come from the second. Units are padded to a
// multiple of a tile's columns (HP), features to one of four (F4); padded columns hold zeros and padded rows compute on zeros, so
// that no tile has a rim. The gates that a backward pass needs lie in a layout of their own, [panel][step][row][gate],
// which both passes stream through.

import { PANEL, ROW_BYTES, ROW_SHIFT } from "./vector";

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
  /** [panel][step][6][gates * HP]; 0 when not kept. */
  gates: usize;
  /** LSTM cells, [panel][step][6][HP]; 0 when not kept. */
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
 * Packs rows x columns numbers into panels [column / PANEL][K][PANEL], from column `column0` and row `k0` on. `sr`, `sc`: bytes
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
    let d = dst + ((<usize> (column / PANEL) * K + k0) << ROW_SHIFT) + (<usize> (column % PANEL) << 2),
      s = src + <usize> j * sc;
    for (let k = 0; k < rows; k++) {
      store<f32>(d, load<f32>(s));
      d += ROW_BYTES;
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
