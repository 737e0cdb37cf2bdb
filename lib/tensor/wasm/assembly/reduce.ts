// Sums, maxima and minima over one axis of [outer, length, inner], softmax, running sums.
import { laneSum } from "./vector";
import { vexp } from "./math";

/** Rows that are summed in single precision before they go to the next level: keeps the rounding error small. */
const BLOCK: i32 = 256;

// @ts-ignore: decorator
@inline
function sumOf(src: usize, n: i32): f32 {
  // Four vectors at a time, blocks of 1024 elements, the blocks in double precision.
  let total: f64 = 0, i = n;
  while (i >= 16) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let block = min(i, 1024) & ~15;
    i -= block;
    for (; block > 0; block -= 16) {
      s0 = f32x4.add(s0, v128.load(src));
      s1 = f32x4.add(s1, v128.load(src, 16));
      s2 = f32x4.add(s2, v128.load(src, 32));
      s3 = f32x4.add(s3, v128.load(src, 48));
      src += 64;
    }
    total += <f64> laneSum(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  }
  for (; i > 0; i--) {
    total += <f64> load<f32>(src);
    src += 4;
  }
  return <f32> total;
}

/** dst[r] = factor * sum of src[r, 0 ... length], for the rows from ... to. */
export function sumInner(src: usize, dst: usize, from: i32, to: i32, length: i32, factor: f32): void {
  for (let r = from; r < to; r++) {
    store<f32>(dst + (<usize> r << 2), factor * sumOf(src + (<usize> r * length << 2), length));
  }
}

/**
 * dst[o, j] = factor * sum over k of src[o, k, j], for the outer indices from ... to and the columns j0 ... j1 of `inner`.
 */
export function sumMiddle(
  src: usize,
  dst: usize,
  from: i32,
  to: i32,
  length: i32,
  inner: i32,
  j0: i32,
  j1: i32,
  factor: f32,
): void {
  const step = <usize> inner << 2, scale = f32x4.splat(factor);
  for (let o = from; o < to; o++) {
    const base = src + (<usize> o * length * inner << 2), out = dst + (<usize> o * inner << 2);
    let j = j0;
    for (; j + 16 <= j1; j += 16) {
      let p = base + (<usize> j << 2), k = length;
      let t0 = f32x4.splat(0), t1 = t0, t2 = t0, t3 = t0, e0 = t0, e1 = t0, e2 = t0, e3 = t0;
      while (k > 0) {
        let block = min(k, BLOCK), s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
        k -= block;
        for (; block > 0; block--) {
          s0 = f32x4.add(s0, v128.load(p));
          s1 = f32x4.add(s1, v128.load(p, 16));
          s2 = f32x4.add(s2, v128.load(p, 32));
          s3 = f32x4.add(s3, v128.load(p, 48));
          p += step;
        }
        // The blocks are added with Kahan's correction.
        s0 = f32x4.sub(s0, e0);
        s1 = f32x4.sub(s1, e1);
        s2 = f32x4.sub(s2, e2);
        s3 = f32x4.sub(s3, e3);
        const u0 = f32x4.add(t0, s0), u1 = f32x4.add(t1, s1), u2 = f32x4.add(t2, s2), u3 = f32x4.add(t3, s3);
        e0 = f32x4.sub(f32x4.sub(u0, t0), s0);
        e1 = f32x4.sub(f32x4.sub(u1, t1), s1);
        e2 = f32x4.sub(f32x4.sub(u2, t2), s2);
        e3 = f32x4.sub(f32x4.sub(u3, t3), s3);
        t0 = u0;
        t1 = u1;
        t2 = u2;
        t3 = u3;
      }
      const q = out + (<usize> j << 2);
      v128.store(q, f32x4.mul(t0, scale));
      v128.store(q, f32x4.mul(t1, scale), 16);
      v128.store(q, f32x4.mul(t2, scale), 32);
      v128.store(q, f32x4.mul(t3, scale), 48);
    }
    for (; j + 4 <= j1; j += 4) {
      let p = base + (<usize> j << 2), k = length, t = f32x4.splat(0), e = t;
      while (k > 0) {
        let block = min(k, BLOCK), s = f32x4.splat(0);
        k -= block;
        for (; block > 0; block--) {
          s = f32x4.add(s, v128.load(p));
          p += step;
        }
        s = f32x4.sub(s, e);
        const u = f32x4.add(t, s);
        e = f32x4.sub(f32x4.sub(u, t), s);
        t = u;
      }
      v128.store(out + (<usize> j << 2), f32x4.mul(t, scale));
    }
    for (; j < j1; j++) {
      let p = base + (<usize> j << 2), t: f64 = 0;
      for (let k = length; k > 0; k--) {
        t += <f64> load<f32>(p);
        p += step;
      }
      store<f32>(out + (<usize> j << 2), factor * <f32> t);
    }
  }
}

// The machine's own maximum, one instruction; it drops a NaN in its second operand.
// @ts-ignore: decorator
@inline
function extreme(largest: bool, a: v128, b: v128): v128 {
  return largest ? f32x4.pmax(a, b) : f32x4.pmin(a, b);
}

// @ts-ignore: decorator
@inline
function extremeOf(largest: bool, src: usize, n: i32): f32 {
  let best = v128.load_splat<f32>(src), bad = f32x4.ne(best, best), i = n;
  for (; i >= 4; i -= 4) {
    const v = v128.load(src);
    best = extreme(largest, best, v);
    bad = v128.or(bad, f32x4.ne(v, v));
    src += 16;
  }
  for (; i > 0; i--) {
    const v = v128.load_splat<f32>(src);
    best = extreme(largest, best, v);
    bad = v128.or(bad, f32x4.ne(v, v));
    src += 4;
  }
  if (v128.any_true(bad)) return NaN;
  best = extreme(largest, best, v128.shuffle<f32>(best, best, 2, 3, 0, 1));
  best = extreme(largest, best, v128.shuffle<f32>(best, best, 1, 0, 3, 2));
  return f32x4.extract_lane(best, 0);
}

// @ts-ignore: decorator
@inline
function extremeRows(largest: bool, src: usize, dst: usize, from: i32, to: i32, length: i32): void {
  for (let r = from; r < to; r++) {
    store<f32>(dst + (<usize> r << 2), extremeOf(largest, src + (<usize> r * length << 2), length));
  }
}

// As extreme, but a NaN stays.
// @ts-ignore: decorator
@inline
function lasting(largest: bool, best: v128, v: v128): v128 {
  const next = extreme(largest, v, best);
  return v128.bitselect(best, next, f32x4.ne(best, best));
}

// @ts-ignore: decorator
@inline
function extremeColumns(
  largest: bool,
  src: usize,
  dst: usize,
  from: i32,
  to: i32,
  length: i32,
  inner: i32,
  j0: i32,
  j1: i32,
): void {
  const step = <usize> inner << 2;
  for (let o = from; o < to; o++) {
    const base = src + (<usize> o * length * inner << 2), out = dst + (<usize> o * inner << 2);
    let j = j0;
    for (; j + 4 <= j1; j += 4) {
      let p = base + (<usize> j << 2), best = v128.load(p);
      for (let k = length; k > 0; k--) {
        best = lasting(largest, best, v128.load(p));
        p += step;
      }
      v128.store(out + (<usize> j << 2), best);
    }
    for (; j < j1; j++) {
      let p = base + (<usize> j << 2), best = v128.load32_zero(p);
      for (let k = length; k > 0; k--) {
        best = lasting(largest, best, v128.load32_zero(p));
        p += step;
      }
      store<f32>(out + (<usize> j << 2), f32x4.extract_lane(best, 0));
    }
  }
}

/** dst[r] = largest of src[r, 0 ... length], for the rows from ... to; NaN where there is one. */
export function maxInner(src: usize, dst: usize, from: i32, to: i32, length: i32, _factor: f32): void {
  extremeRows(true, src, dst, from, to, length);
}

/** As `maxInner`, the smallest. */
export function minInner(src: usize, dst: usize, from: i32, to: i32, length: i32, _factor: f32): void {
  extremeRows(false, src, dst, from, to, length);
}

/** dst[o, j] = largest over k of src[o, k, j]; the arguments are those of `sumMiddle`. */
export function maxMiddle(
  src: usize,
  dst: usize,
  from: i32,
  to: i32,
  length: i32,
  inner: i32,
  j0: i32,
  j1: i32,
  _factor: f32,
): void {
  extremeColumns(true, src, dst, from, to, length, inner, j0, j1);
}

/** As `maxMiddle`, the smallest. */
export function minMiddle(
  src: usize,
  dst: usize,
  from: i32,
  to: i32,
  length: i32,
  inner: i32,
  j0: i32,
  j1: i32,
  _factor: f32,
): void {
  extremeColumns(false, src, dst, from, to, length, inner, j0, j1);
}

/** Index of the first largest (or smallest) element of each row, as 32-bit integers, for the rows from ... to. */
export function argExtreme(src: usize, dst: usize, from: i32, to: i32, length: i32, largest: i32): void {
  for (let r = from; r < to; r++) {
    let p = src + (<usize> r * length << 2), best = load<f32>(p), at = 0;
    for (let k = 1; k < length; k++) {
      p += 4;
      const v = load<f32>(p);
      if (largest ? v > best : v < best) {
        best = v;
        at = k;
      }
    }
    store<i32>(dst + (<usize> r << 2), at);
  }
}

/** dst[r] = softmax(src[r]) for the rows from ... to, with the largest element subtracted first. */
export function softmaxRows(src: usize, dst: usize, from: i32, to: i32, length: i32): void {
  for (let r = from; r < to; r++) {
    const s = src + (<usize> r * length << 2), d = dst + (<usize> r * length << 2);
    const largest = f32x4.splat(extremeOf(true, s, length));
    let sum = f32x4.splat(0), tail: f32 = 0, i: usize = 0;
    const end4 = <usize> (length & ~3) << 2, end = <usize> length << 2;
    for (; i < end4; i += 16) {
      const e = vexp(f32x4.sub(v128.load(s + i), largest));
      sum = f32x4.add(sum, e);
      v128.store(d + i, e);
    }
    for (; i < end; i += 4) {
      const e = f32x4.extract_lane(vexp(f32x4.sub(v128.load32_zero(s + i), largest)), 0);
      tail += e;
      store<f32>(d + i, e);
    }
    const total = laneSum(sum) + tail, factor = f32x4.splat(1 / total);
    for (i = 0; i < end4; i += 16) v128.store(d + i, f32x4.mul(v128.load(d + i), factor));
    for (; i < end; i += 4) store<f32>(d + i, load<f32>(d + i) * (1 / total));
  }
}

/**
 * Running sums along the middle axis of [outer, length, inner] for the outer indices from ... to. `exclusive`: element k
 * holds the sum of those before it. `reverse`: from the end.
 */
export function cumulativeSum(
  src: usize,
  dst: usize,
  from: i32,
  to: i32,
  length: i32,
  inner: i32,
  exclusive: i32,
  reverse: i32,
): void {
  const step = <usize> inner << 2;
  for (let o = from; o < to; o++) {
    for (let j = 0; j < inner; j++) {
      const first = (<usize> o * length * inner + j) << 2;
      let at = reverse ? first + <usize> (length - 1) * step : first, total: f64 = 0;
      for (let k = 0; k < length; k++) {
        const v = load<f32>(src + at);
        if (exclusive) store<f32>(dst + at, <f32> total);
        total += <f64> v;
        if (!exclusive) store<f32>(dst + at, <f32> total);
        at = reverse ? at - step : at + step;
      }
    }
  }
}
