// Attention of many heads, forward and backward, without the matrix of all weights: a block of queries at a time meets
// all keys, and the backward pass computes the block's weights again (Dao et al. 2022, arXiv:2205.14135). Keys that the
// mask hides are left out before anything is multiplied.
import { prepackB, prepackBytes, sgemm, sgemmPacked, sgemmScratch } from "./gemm";
import { fma, laneSum } from "./vector";

/** What one call works on; `lib/tensor/wasm/kernels/attention.ts` fills it in, field by field, 32 bits each. */
@unmanaged
class Attention {
  queries: i32;
  keys: i32;
  heads: i32;
  /** Floats of one head of a query or key, and of a value. */
  width: i32;
  valueWidth: i32;
  /** Factor on the product of query and key; positive. */
  scale: f32;
  /** [batch][queries][heads * width]. */
  query: usize;
  key: usize;
  value: usize;
  /** [batch][keys] float zeros and ones, or 0 for none. */
  mask: usize;
  out: usize;
  /** [batch][heads][queries][2]: largest product of the row, and one over the sum of its exponentials. */
  statistics: usize;
  dOut: usize;
  dQuery: usize;
  dKey: usize;
  dValue: usize;
}

/** Floats of products that a block of queries has; the block is the largest multiple of five up to 120 rows. */
const BLOCK: i32 = 131072;

// @ts-ignore: decorator
@inline
function blockRows(plan: Attention): i32 {
  return min(plan.queries, max(5, min(120, BLOCK / max(1, plan.keys) / 5 * 5)));
}

// @ts-ignore: decorator
@inline
function rounded(floats: i32): usize {
  return <usize> ((floats * 4 + 63) & ~63);
}

/** Bytes of scratch that one call of `attentionForward` or (`backward`) `attentionBackward` needs. */
export function attentionScratch(plan: Attention, backward: i32): i32 {
  const widths = plan.width + plan.valueWidth, products = rounded(blockRows(plan) * plan.keys);
  let bytes = <usize> sgemmScratch() + products + rounded(plan.keys) + rounded(plan.keys * widths) +
    <usize> prepackBytes(plan.keys, widths) + <usize> prepackBytes(widths, plan.keys) + 256;
  if (backward) bytes += products + rounded(plan.keys * widths);
  return <i32> bytes;
}

// 2^f on [-1/2, 1/2], the polynomial of the Cephes library (S. Moshier, exp2f).
const TABLE: usize = memory.data<f32>([
  -86, // 0
  12582912, // 1
  1.535336188319500e-4, // 2
  1.339887440266574e-3, // 3
  9.618437357674640e-3, // 4
  5.550332471162809e-2, // 5
  2.402264791363012e-1, // 6
  6.931472028550421e-1, // 7
  1, // 8
], 16);

const LOG2E: f32 = 1.44269504088896341;

// @ts-ignore: decorator
@inline
function constant(index: usize): v128 {
  return v128.load_splat<f32>(TABLE + (index << 2));
}

// 2^t for t not above 0, and 0 below -86, where it no longer counts beside 1 and would lead to subnormal numbers. NaN
// stays NaN.
// @ts-ignore: decorator
@inline
function power(t: v128): v128 {
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  const magic = constant(1), shifted = f32x4.add(t, magic), f = f32x4.sub(t, f32x4.sub(shifted, magic));
  let p = constant(2);
  p = fma(p, f, constant(3));
  p = fma(p, f, constant(4));
  p = fma(p, f, constant(5));
  p = fma(p, f, constant(6));
  p = fma(p, f, constant(7));
  p = fma(p, f, constant(8));
  return v128.andnot(i32x4.add(p, i32x4.shl(shifted, 23)), f32x4.lt(t, constant(0)));
}

// Largest of n numbers. What is not a number is passed over here and shows in the exponentials; the maximum that would
// carry it takes seven instructions one after the other.
function largestOf(p: usize, n: i32): f32 {
  let b0 = v128.load_splat<f32>(p), b1 = b0, b2 = b0, b3 = b0, k = n;
  for (; k >= 16; k -= 16) {
    b0 = f32x4.pmax(b0, v128.load(p));
    b1 = f32x4.pmax(b1, v128.load(p, 16));
    b2 = f32x4.pmax(b2, v128.load(p, 32));
    b3 = f32x4.pmax(b3, v128.load(p, 48));
    p += 64;
  }
  for (; k > 0; k--) {
    b0 = f32x4.pmax(b0, v128.load_splat<f32>(p));
    p += 4;
  }
  b0 = f32x4.pmax(f32x4.pmax(b0, b1), f32x4.pmax(b2, b3));
  b0 = f32x4.pmax(b0, v128.shuffle<f32>(b0, b0, 2, 3, 0, 1));
  b0 = f32x4.pmax(b0, v128.shuffle<f32>(b0, b0, 1, 0, 3, 2));
  return f32x4.extract_lane(b0, 0);
}

// p[n] = factor * exp(scale (p - largest)); returns the sum.
function exponentials(p: usize, n: i32, largest: f32, scale: f32, factor: f32): f32 {
  const top = f32x4.splat(largest), s = f32x4.splat(scale * LOG2E), f = f32x4.splat(factor);
  let sum = f32x4.splat(0), tail: f32 = 0, k = n;
  for (; k >= 4; k -= 4) {
    const e = f32x4.mul(f, power(f32x4.mul(f32x4.sub(v128.load(p), top), s)));
    v128.store(p, e);
    sum = f32x4.add(sum, e);
    p += 16;
  }
  for (; k > 0; k--) {
    const v = f32x4.mul(f, power(f32x4.mul(f32x4.sub(v128.load_splat<f32>(p), top), s)));
    const e = f32x4.extract_lane(v, 0);
    store<f32>(p, e);
    tail += e;
    p += 4;
  }
  return laneSum(sum) + tail;
}

function scaleRow(p: usize, n: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  for (; n >= 4; n -= 4) {
    v128.store(p, f32x4.mul(v128.load(p), f));
    p += 16;
  }
  for (; n > 0; n--) {
    store<f32>(p, load<f32>(p) * factor);
    p += 4;
  }
}

function dot(a: usize, b: usize, n: i32): f32 {
  let sum = f32x4.splat(0), tail: f32 = 0;
  for (; n >= 4; n -= 4) {
    sum = fma(v128.load(a), v128.load(b), sum);
    a += 16;
    b += 16;
  }
  for (; n > 0; n--) {
    tail += load<f32>(a) * load<f32>(b);
    a += 4;
    b += 4;
  }
  return laneSum(sum) + tail;
}

// d[n] = scale * p (d - delta): from the gradient of the weights to that of the products.
function productGradient(d: usize, p: usize, n: i32, delta: f32, scale: f32): void {
  const c = f32x4.splat(delta), s = f32x4.splat(scale);
  for (; n >= 4; n -= 4) {
    v128.store(d, f32x4.mul(f32x4.mul(v128.load(p), s), f32x4.sub(v128.load(d), c)));
    d += 16;
    p += 16;
  }
  for (; n > 0; n--) {
    store<f32>(d, load<f32>(p) * scale * (load<f32>(d) - delta));
    d += 4;
    p += 4;
  }
}

function clearRows(p: usize, rows: i32, step: usize, n: i32): void {
  for (let i = 0; i < rows; i++) {
    memory.fill(p, 0, <usize> n << 2);
    p += step;
  }
}

// Places of the keys that the mask shows, as 32-bit integers; returns their number.
function seenKeys(plan: Attention, batch: i32, list: usize): i32 {
  const mask = plan.mask + (<usize> (batch * plan.keys) << 2);
  let n = 0;
  for (let k = 0; k < plan.keys; k++) {
    if (load<f32>(mask + (<usize> k << 2)) == 0) continue;
    store<i32>(list + (<usize> n << 2), k);
    n++;
  }
  return n;
}

function gather(source: usize, step: usize, list: usize, n: i32, width: i32, dst: usize): void {
  const size = <usize> width << 2;
  for (let k = 0; k < n; k++) {
    memory.copy(dst, source + <usize> load<i32>(list + (<usize> k << 2)) * step, size);
    dst += size;
  }
}

function scatter(source: usize, dst: usize, step: usize, list: usize, n: i32, width: i32): void {
  const size = <usize> width << 2;
  for (let k = 0; k < n; k++) {
    memory.copy(dst + <usize> load<i32>(list + (<usize> k << 2)) * step, source, size);
    source += size;
  }
}

/** The result and the statistics for the pairs (batch, head) numbered from ... to. */
export function attentionForward(plan: Attention, from: i32, to: i32, ws: usize): void {
  const T = plan.keys, d = plan.width, e = plan.valueWidth, D = d * plan.heads, E = e * plan.heads;
  const block = blockRows(plan), stepK = <usize> D << 2, stepV = <usize> E << 2;
  const list = ws + <usize> sgemmScratch(), keys = list + rounded(T), values = keys + rounded(T * d);
  const packedK = values + rounded(T * e), packedV = packedK + (<usize> prepackBytes(T, d) + 63 & ~63);
  const S = packedV + (<usize> prepackBytes(e, T) + 63 & ~63);
  for (let unit = from; unit < to; unit++) {
    const batch = unit / plan.heads, head = unit - batch * plan.heads;
    let key = plan.key + (<usize> (batch * T * D + head * d) << 2), ldk = D;
    let value = plan.value + (<usize> (batch * T * E + head * e) << 2), ldv = E, n = T;
    if (plan.mask) {
      n = seenKeys(plan, batch, list);
      gather(key, stepK, list, n, d, keys);
      gather(value, stepV, list, n, e, values);
      key = keys;
      ldk = d;
      value = values;
      ldv = e;
    }
    let out = plan.out + (<usize> (batch * plan.queries * E + head * e) << 2);
    let query = plan.query + (<usize> (batch * plan.queries * D + head * d) << 2);
    let statistics = plan.statistics + (<usize> unit * plan.queries << 3);
    if (n == 0) {
      clearRows(out, plan.queries, stepV, e);
      memory.fill(statistics, 0, <usize> plan.queries << 3);
      continue;
    }
    prepackB(key, 1, ldk, n, d, packedK);
    prepackB(value, 0, ldv, e, n, packedV);
    for (let q = 0; q < plan.queries; q += block) {
      const rows = min(block, plan.queries - q);
      sgemmPacked(0, rows, n, d, query, D, packedK, S, n, 0, ws);
      let p = S;
      for (let i = 0; i < rows; i++) {
        const largest = largestOf(p, n), sum = exponentials(p, n, largest, plan.scale, 1);
        store<f32>(statistics + (<usize> i << 3), largest);
        store<f32>(statistics + (<usize> i << 3), 1 / sum, 4);
        p += <usize> n << 2;
      }
      sgemmPacked(0, rows, e, n, S, n, packedV, out, E, 0, ws);
      for (let i = 0; i < rows; i++) {
        scaleRow(out, e, load<f32>(statistics, 4));
        out += stepV;
        statistics += 8;
      }
      query += <usize> rows * stepK;
    }
  }
}

/** The gradients of query, key and value for the pairs (batch, head) numbered from ... to. */
export function attentionBackward(plan: Attention, from: i32, to: i32, ws: usize): void {
  const T = plan.keys, d = plan.width, e = plan.valueWidth, D = d * plan.heads, E = e * plan.heads;
  const block = blockRows(plan), stepK = <usize> D << 2, stepV = <usize> E << 2;
  const list = ws + <usize> sgemmScratch(), keys = list + rounded(T), values = keys + rounded(T * d);
  const columnsK = values + rounded(T * e), columnsV = columnsK + (<usize> prepackBytes(T, d) + 63 & ~63);
  const rowsK = columnsV + (<usize> prepackBytes(T, e) + 63 & ~63);
  const S = rowsK + (<usize> prepackBytes(d, T) + 63 & ~63), G = S + rounded(block * T);
  const sumsK = G + rounded(block * T), sumsV = sumsK + rounded(T * d);
  for (let unit = from; unit < to; unit++) {
    const batch = unit / plan.heads, head = unit - batch * plan.heads;
    const placeK = <usize> (batch * T * D + head * d) << 2, placeV = <usize> (batch * T * E + head * e) << 2;
    const placeQ = <usize> (batch * plan.queries * D + head * d) << 2;
    const placeO = <usize> (batch * plan.queries * E + head * e) << 2;
    let key = plan.key + placeK, ldk = D, value = plan.value + placeV, ldv = E, n = T;
    let dKey = plan.dKey + placeK, dValue = plan.dValue + placeV;
    if (plan.mask) {
      n = seenKeys(plan, batch, list);
      gather(key, stepK, list, n, d, keys);
      gather(value, stepV, list, n, e, values);
      clearRows(dKey, T, stepK, d);
      clearRows(dValue, T, stepV, e);
      key = keys;
      ldk = d;
      value = values;
      ldv = e;
      dKey = sumsK;
      dValue = sumsV;
    }
    let query = plan.query + placeQ, dQuery = plan.dQuery + placeQ;
    if (n == 0) {
      clearRows(dQuery, plan.queries, stepK, d);
      continue;
    }
    let out = plan.out + placeO, dOut = plan.dOut + placeO;
    let statistics = plan.statistics + (<usize> unit * plan.queries << 3);
    prepackB(key, 1, ldk, n, d, columnsK);
    prepackB(value, 1, ldv, n, e, columnsV);
    prepackB(key, 0, ldk, d, n, rowsK);
    for (let q = 0; q < plan.queries; q += block) {
      const rows = min(block, plan.queries - q), later = i32(q > 0);
      sgemmPacked(0, rows, n, d, query, D, columnsK, S, n, 0, ws);
      let p = S;
      for (let i = 0; i < rows; i++) {
        const at = statistics + (<usize> i << 3);
        exponentials(p, n, load<f32>(at), plan.scale, load<f32>(at, 4));
        p += <usize> n << 2;
      }
      sgemm(1, 0, n, e, rows, S, n, dOut, E, dValue, ldv, later, ws);
      sgemmPacked(0, rows, n, e, dOut, E, columnsV, G, n, 0, ws);
      let g = G;
      p = S;
      for (let i = 0; i < rows; i++) {
        productGradient(g, p, n, dot(out, dOut, e), plan.scale);
        g += <usize> n << 2;
        p += <usize> n << 2;
        out += stepV;
        dOut += stepV;
        statistics += 8;
      }
      sgemmPacked(0, rows, d, n, G, n, rowsK, dQuery, D, 0, ws);
      sgemm(1, 0, n, d, rows, G, n, query, D, dKey, ldk, later, ws);
      query += <usize> rows * stepK;
      dQuery += <usize> rows * stepK;
    }
    if (plan.mask) {
      scatter(sumsK, plan.dKey + placeK, stepK, list, n, d);
      scatter(sumsV, plan.dValue + placeV, stepV, list, n, e);
    }
  }
}
