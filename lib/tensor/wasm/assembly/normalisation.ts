// Layer and batch normalisation with their gradients, on rows of `width` floats.
import { fma, laneSum } from "./vector";

/** Rows that are summed in single precision before they join a sum in double precision. */
const BLOCK: i32 = 256;

// @ts-ignore: decorator
@inline
function read(address: usize, wide: bool): v128 {
  return wide ? v128.load(address) : v128.load32_zero(address);
}

// @ts-ignore: decorator
@inline
function write(address: usize, v: v128, wide: bool): void {
  if (wide) v128.store(address, v);
  else v128.store_lane<u32>(address, v, 0);
}

// Adds four single-precision sums (or the first alone) to their totals in double precision.
// @ts-ignore: decorator
@inline
function collect(total: usize, sum: v128, wide: bool): void {
  if (!wide) {
    store<f64>(total, load<f64>(total) + <f64> f32x4.extract_lane(sum, 0));
    return;
  }
  v128.store(total, f64x2.add(v128.load(total), f64x2.promote_low_f32x4(sum)));
  const high = v128.shuffle<f32>(sum, sum, 2, 3, 2, 3);
  v128.store(total, f64x2.add(v128.load(total, 16), f64x2.promote_low_f32x4(high)), 16);
}

/**
 * y = gain (x - mean) / sqrt(variance + epsilon) + offset with the mean and variance of each row, for the rows from ... to.
 * `statistics`: [rows][2], mean and the factor 1 / sqrt(...).
 */
export function layerNormForward(
  x: usize,
  gain: usize,
  offset: usize,
  y: usize,
  statistics: usize,
  from: i32,
  to: i32,
  width: i32,
  epsilon: f32,
): void {
  const end4 = <usize> (width & ~3) << 2, end = <usize> width << 2;
  for (let r = from; r < to; r++) {
    const source = x + <usize> r * end, dst = y + <usize> r * end;
    let sum = f32x4.splat(0), i: usize = 0;
    for (; i < end4; i += 16) sum = f32x4.add(sum, v128.load(source + i));
    for (; i < end; i += 4) sum = f32x4.add(sum, v128.load32_zero(source + i));
    const mean = laneSum(sum) / <f32> width, m = f32x4.splat(mean);
    let squares = f32x4.splat(0), tail: f32 = 0;
    for (i = 0; i < end4; i += 16) {
      const c = f32x4.sub(v128.load(source + i), m);
      squares = fma(c, c, squares);
    }
    for (; i < end; i += 4) {
      const c = load<f32>(source + i) - mean;
      tail += c * c;
    }
    const factor: f32 = 1 / sqrt<f32>((laneSum(squares) + tail) / <f32> width + epsilon), f = f32x4.splat(factor);
    store<f32>(statistics + (<usize> r << 3), mean);
    store<f32>(statistics + (<usize> r << 3), factor, 4);
    for (i = 0; i < end4; i += 16) {
      const c = f32x4.mul(f32x4.sub(v128.load(source + i), m), f);
      v128.store(dst + i, fma(c, v128.load(gain + i), v128.load(offset + i)));
    }
    for (; i < end; i += 4) {
      store<f32>(dst + i, (load<f32>(source + i) - mean) * factor * load<f32>(gain + i) + load<f32>(offset + i));
    }
  }
}

// One row's dx, without the common factor's terms until the two means are known.
function layerRow(
  x: usize,
  gain: usize,
  dy: usize,
  dx: usize,
  width: i32,
  mean: f32,
  factor: f32,
): void {
  const end4 = <usize> (width & ~3) << 2, end = <usize> width << 2, m = f32x4.splat(mean), f = f32x4.splat(factor);
  let s1 = f32x4.splat(0), s2 = f32x4.splat(0), i: usize = 0;
  for (; i < end4; i += 16) {
    const g = f32x4.mul(v128.load(gain + i), v128.load(dy + i));
    s1 = f32x4.add(s1, g);
    s2 = fma(g, f32x4.mul(f32x4.sub(v128.load(x + i), m), f), s2);
  }
  let t1: f32 = 0, t2: f32 = 0;
  for (; i < end; i += 4) {
    const g = load<f32>(gain + i) * load<f32>(dy + i);
    t1 += g;
    t2 += g * (load<f32>(x + i) - mean) * factor;
  }
  const a = (laneSum(s1) + t1) / <f32> width, b = (laneSum(s2) + t2) / <f32> width;
  const va = f32x4.splat(a), vb = f32x4.splat(b);
  for (i = 0; i < end4; i += 16) {
    const g = f32x4.mul(v128.load(gain + i), v128.load(dy + i));
    const c = f32x4.mul(f32x4.sub(v128.load(x + i), m), f);
    v128.store(dx + i, f32x4.mul(f, f32x4.sub(f32x4.sub(g, va), f32x4.mul(c, vb))));
  }
  for (; i < end; i += 4) {
    const g = load<f32>(gain + i) * load<f32>(dy + i), c = (load<f32>(x + i) - mean) * factor;
    store<f32>(dx + i, factor * (g - a - c * b));
  }
}

/**
 * dx of `layerNormForward` for the rows from ... to, and in `sums` ([2][width] in double precision) the sums over them of dy
 * times the normalised x, and of dy: the gradients of gain and offset.
 */
export function layerNormBackward(
  x: usize,
  gain: usize,
  dy: usize,
  statistics: usize,
  dx: usize,
  sums: usize,
  from: i32,
  to: i32,
  width: i32,
): void {
  const row = <usize> width << 2;
  memory.fill(sums, 0, <usize> width << 4);
  for (let r0 = from; r0 < to; r0 += BLOCK) {
    const r1 = min(to, r0 + BLOCK);
    for (let r = r0; r < r1; r++) {
      const at = <usize> r * row, s = statistics + (<usize> r << 3);
      layerRow(x + at, gain, dy + at, dx + at, width, load<f32>(s), load<f32>(s, 4));
    }
    let j = 0;
    for (; j + 4 <= width; j += 4) layerColumns(x, dy, statistics, sums, r0, r1, width, j, true);
    for (; j < width; j++) layerColumns(x, dy, statistics, sums, r0, r1, width, j, false);
  }
}

// @ts-ignore: decorator
@inline
function layerColumns(
  x: usize,
  dy: usize,
  statistics: usize,
  sums: usize,
  r0: i32,
  r1: i32,
  width: i32,
  j: i32,
  wide: bool,
): void {
  const row = <usize> width << 2;
  let p = x + <usize> r0 * row + (<usize> j << 2), q = dy + <usize> r0 * row + (<usize> j << 2);
  let s = statistics + (<usize> r0 << 3), s1 = f32x4.splat(0), s2 = f32x4.splat(0);
  for (let r = r0; r < r1; r++) {
    const g = read(q, wide);
    const c = f32x4.mul(f32x4.sub(read(p, wide), v128.load_splat<f32>(s)), v128.load_splat<f32>(s, 4));
    s1 = fma(g, c, s1);
    s2 = f32x4.add(s2, g);
    p += row;
    q += row;
    s += 8;
  }
  collect(sums + (<usize> j << 3), s1, wide);
  collect(sums + (<usize> (width + j) << 3), s2, wide);
}

// @ts-ignore: decorator
@inline
function momentColumns(
  kind: i32,
  x: usize,
  dy: usize,
  mean: usize,
  factor: usize,
  sums: usize,
  from: i32,
  to: i32,
  width: i32,
  j: i32,
  wide: bool,
): void {
  const row = <usize> width << 2, at = <usize> j << 2;
  const m = kind == 0 ? f32x4.splat(0) : read(mean + at, wide), f = kind == 2 ? read(factor + at, wide) : m;
  for (let r0 = from; r0 < to; r0 += BLOCK) {
    const r1 = min(to, r0 + BLOCK);
    let p = x + <usize> r0 * row + at, q = dy + <usize> r0 * row + at, s1 = f32x4.splat(0), s2 = f32x4.splat(0);
    for (let r = r0; r < r1; r++) {
      if (kind == 0) s1 = f32x4.add(s1, read(p, wide));
      else {
        const c = f32x4.sub(read(p, wide), m);
        if (kind == 1) s1 = fma(c, c, s1);
        else {
          const g = read(q, wide);
          s1 = fma(g, f32x4.mul(c, f), s1);
          s2 = f32x4.add(s2, g);
          q += row;
        }
      }
      p += row;
    }
    collect(sums + (<usize> j << 3), s1, wide);
    if (kind == 2) collect(sums + (<usize> (width + j) << 3), s2, wide);
  }
}

// @ts-ignore: decorator
@inline
function moments(
  kind: i32,
  x: usize,
  dy: usize,
  mean: usize,
  factor: usize,
  sums: usize,
  from: i32,
  to: i32,
  width: i32,
): void {
  memory.fill(sums, 0, <usize> width << (kind == 2 ? 4 : 3));
  let j = 0;
  for (; j + 4 <= width; j += 4) momentColumns(kind, x, dy, mean, factor, sums, from, to, width, j, true);
  for (; j < width; j++) momentColumns(kind, x, dy, mean, factor, sums, from, to, width, j, false);
}

/** sums[width] (double precision) = each column's sum over the rows from ... to. */
export function columnSums(x: usize, sums: usize, from: i32, to: i32, width: i32): void {
  moments(0, x, 0, 0, 0, sums, from, to, width);
}

/** sums[width] = each column's sum of (x - mean)^2 over the rows from ... to. */
export function columnSquares(x: usize, mean: usize, sums: usize, from: i32, to: i32, width: i32): void {
  moments(1, x, 0, mean, 0, sums, from, to, width);
}

/** sums[2][width] = each column's sums of dy (x - mean) factor and of dy over the rows from ... to. */
export function columnGradients(
  x: usize,
  dy: usize,
  mean: usize,
  factor: usize,
  sums: usize,
  from: i32,
  to: i32,
  width: i32,
): void {
  moments(2, x, dy, mean, factor, sums, from, to, width);
}

/** dst[n] = factor * the sums of `parts` calls, `n` doubles apart, added in their order. */
export function gatherSums(sums: usize, parts: i32, n: i32, factor: f64, dst: usize): void {
  for (let k = 0; k < n; k++) {
    let total: f64 = 0;
    for (let part = 0; part < parts; part++) total += load<f64>(sums + (<usize> (part * n + k) << 3));
    store<f32>(dst + (<usize> k << 2), <f32> (total * factor));
  }
}

/** dst[n] = 1 / sqrt(variance + epsilon). */
export function inverseRoots(variance: usize, n: i32, epsilon: f32, dst: usize): void {
  for (let k = 0; k < n; k++) {
    const at = <usize> k << 2;
    store<f32>(dst + at, 1 / sqrt<f32>(load<f32>(variance + at) + epsilon));
  }
}

/** y = (x - mean) factor gain + offset, column by column, for the rows from ... to. */
export function normaliseColumns(
  x: usize,
  mean: usize,
  factor: usize,
  gain: usize,
  offset: usize,
  y: usize,
  from: i32,
  to: i32,
  width: i32,
): void {
  const end4 = <usize> (width & ~3) << 2, end = <usize> width << 2;
  for (let r = from; r < to; r++) {
    const p = x + <usize> r * end, q = y + <usize> r * end;
    let i: usize = 0;
    for (; i < end4; i += 16) {
      const c = f32x4.mul(f32x4.sub(v128.load(p + i), v128.load(mean + i)), v128.load(factor + i));
      v128.store(q + i, fma(c, v128.load(gain + i), v128.load(offset + i)));
    }
    for (; i < end; i += 4) {
      const c = (load<f32>(p + i) - load<f32>(mean + i)) * load<f32>(factor + i);
      store<f32>(q + i, c * load<f32>(gain + i) + load<f32>(offset + i));
    }
  }
}

/**
 * dx of the normalisation by a batch's own statistics, for the rows from ... to: gain factor (dy - b / rows - (x - mean)
 * factor a / rows), where `a` and `b` are the gradients of gain and offset.
 */
export function batchNormBackward(
  x: usize,
  dy: usize,
  mean: usize,
  factor: usize,
  gain: usize,
  a: usize,
  b: usize,
  dx: usize,
  from: i32,
  to: i32,
  width: i32,
  rows: i32,
): void {
  let j = 0;
  const share: f32 = 1 / <f32> rows;
  for (; j + 4 <= width; j += 4) batchColumns(x, dy, mean, factor, gain, a, b, dx, from, to, width, share, j, true);
  for (; j < width; j++) batchColumns(x, dy, mean, factor, gain, a, b, dx, from, to, width, share, j, false);
}

// @ts-ignore: decorator
@inline
function batchColumns(
  x: usize,
  dy: usize,
  mean: usize,
  factor: usize,
  gain: usize,
  a: usize,
  b: usize,
  dx: usize,
  from: i32,
  to: i32,
  width: i32,
  share: f32,
  j: i32,
  wide: bool,
): void {
  const row = <usize> width << 2, at = <usize> j << 2, first = <usize> from * row + at, part = f32x4.splat(share);
  const m = read(mean + at, wide), f = read(factor + at, wide), outer = f32x4.mul(read(gain + at, wide), f);
  const slope = f32x4.mul(f32x4.mul(read(a + at, wide), part), f), level = f32x4.mul(read(b + at, wide), part);
  let p = x + first, q = dy + first, d = dx + first;
  for (let r = from; r < to; r++) {
    const c = f32x4.mul(f32x4.sub(read(p, wide), m), slope);
    write(d, f32x4.mul(outer, f32x4.sub(f32x4.sub(read(q, wide), level), c)), wide);
    p += row;
    q += row;
    d += row;
  }
}
