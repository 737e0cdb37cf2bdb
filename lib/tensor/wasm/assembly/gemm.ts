// Matrix product: C = op(A) op(B) (+ C), row-major, single precision.
//
// The classical three-level blocking. op(B) is packed into panels of 8 columns and op(A) into panels of 5 rows, each
// stored k by k, so that the innermost loop reads both with unit stride. A 5 x 8 tile of C lives in ten vector registers
// while k runs.
import { epilogue } from "./epilogue";
import { ceil8, fma } from "./vector";

const MR: i32 = 5;
const NR: i32 = 8;
// A panel of KC x 8 floats of B (8 KiB) stays in the first-level cache, a block of MC x KC of A (120 KiB) in the second.
const KC: i32 = 256;
const MC: i32 = MR * 24;
const NC: i32 = 1024;
const EDGE: usize = 256;

/** Bytes of scratch that `sgemm` and `sgemmPacked` need; the address must be a multiple of 16. */
export function sgemmScratch(): i32 {
  return <i32> EDGE + (MC * KC + NC * KC) * 4;
}

// One 5 x 8 tile: C (+)= panelA[K][5] panelB[K][8]. `rows` and `columns` say how much of the tile exists in C.
//
// V8 checks the bounds of every load, two or three instructions each, so that loads are dearer than shuffles: four steps
// of k read their twenty elements of A as five vectors and spread the lanes by shuffles. With ten accumulators, two
// rows of B, one vector of A and one spread lane this needs fourteen of V8's fifteen vector registers.
function tile(
  K: i32,
  pa: usize,
  pb: usize,
  pc: usize,
  ldc: usize,
  accumulate: i32,
  rows: i32,
  columns: i32,
  edge: usize,
): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0);
  let k = K;
  for (; k >= 4; k -= 4) {
    let v: v128, a: v128, b0: v128, b1: v128;
    b0 = v128.load(pb);
    b1 = v128.load(pb, 16);
    v = v128.load(pa);
    a = v128.shuffle<f32>(v, v, 0, 0, 0, 0);
    c00 = fma(a, b0, c00);
    c01 = fma(a, b1, c01);
    a = v128.shuffle<f32>(v, v, 1, 1, 1, 1);
    c10 = fma(a, b0, c10);
    c11 = fma(a, b1, c11);
    a = v128.shuffle<f32>(v, v, 2, 2, 2, 2);
    c20 = fma(a, b0, c20);
    c21 = fma(a, b1, c21);
    a = v128.shuffle<f32>(v, v, 3, 3, 3, 3);
    c30 = fma(a, b0, c30);
    c31 = fma(a, b1, c31);
    v = v128.load(pa, 16);
    a = v128.shuffle<f32>(v, v, 0, 0, 0, 0);
    c40 = fma(a, b0, c40);
    c41 = fma(a, b1, c41);
    b0 = v128.load(pb, 32);
    b1 = v128.load(pb, 48);
    a = v128.shuffle<f32>(v, v, 1, 1, 1, 1);
    c00 = fma(a, b0, c00);
    c01 = fma(a, b1, c01);
    a = v128.shuffle<f32>(v, v, 2, 2, 2, 2);
    c10 = fma(a, b0, c10);
    c11 = fma(a, b1, c11);
    a = v128.shuffle<f32>(v, v, 3, 3, 3, 3);
    c20 = fma(a, b0, c20);
    c21 = fma(a, b1, c21);
    v = v128.load(pa, 32);
    a = v128.shuffle<f32>(v, v, 0, 0, 0, 0);
    c30 = fma(a, b0, c30);
    c31 = fma(a, b1, c31);
    a = v128.shuffle<f32>(v, v, 1, 1, 1, 1);
    c40 = fma(a, b0, c40);
    c41 = fma(a, b1, c41);
    b0 = v128.load(pb, 64);
    b1 = v128.load(pb, 80);
    a = v128.shuffle<f32>(v, v, 2, 2, 2, 2);
    c00 = fma(a, b0, c00);
    c01 = fma(a, b1, c01);
    a = v128.shuffle<f32>(v, v, 3, 3, 3, 3);
    c10 = fma(a, b0, c10);
    c11 = fma(a, b1, c11);
    v = v128.load(pa, 48);
    a = v128.shuffle<f32>(v, v, 0, 0, 0, 0);
    c20 = fma(a, b0, c20);
    c21 = fma(a, b1, c21);
    a = v128.shuffle<f32>(v, v, 1, 1, 1, 1);
    c30 = fma(a, b0, c30);
    c31 = fma(a, b1, c31);
    a = v128.shuffle<f32>(v, v, 2, 2, 2, 2);
    c40 = fma(a, b0, c40);
    c41 = fma(a, b1, c41);
    b0 = v128.load(pb, 96);
    b1 = v128.load(pb, 112);
    a = v128.shuffle<f32>(v, v, 3, 3, 3, 3);
    c00 = fma(a, b0, c00);
    c01 = fma(a, b1, c01);
    v = v128.load(pa, 64);
    a = v128.shuffle<f32>(v, v, 0, 0, 0, 0);
    c10 = fma(a, b0, c10);
    c11 = fma(a, b1, c11);
    a = v128.shuffle<f32>(v, v, 1, 1, 1, 1);
    c20 = fma(a, b0, c20);
    c21 = fma(a, b1, c21);
    a = v128.shuffle<f32>(v, v, 2, 2, 2, 2);
    c30 = fma(a, b0, c30);
    c31 = fma(a, b1, c31);
    a = v128.shuffle<f32>(v, v, 3, 3, 3, 3);
    c40 = fma(a, b0, c40);
    c41 = fma(a, b1, c41);
    pa += 80;
    pb += 128;
  }
  for (; k > 0; k--) {
    const b0 = v128.load(pb), b1 = v128.load(pb, 16);
    let a = v128.load_splat<f32>(pa);
    c00 = fma(a, b0, c00);
    c01 = fma(a, b1, c01);
    a = v128.load_splat<f32>(pa, 4);
    c10 = fma(a, b0, c10);
    c11 = fma(a, b1, c11);
    a = v128.load_splat<f32>(pa, 8);
    c20 = fma(a, b0, c20);
    c21 = fma(a, b1, c21);
    a = v128.load_splat<f32>(pa, 12);
    c30 = fma(a, b0, c30);
    c31 = fma(a, b1, c31);
    a = v128.load_splat<f32>(pa, 16);
    c40 = fma(a, b0, c40);
    c41 = fma(a, b1, c41);
    pa += 20;
    pb += 32;
  }
  if (rows == MR && columns == NR) {
    const s = ldc << 2;
    let p = pc;
    if (accumulate) {
      v128.store(p, f32x4.add(v128.load(p), c00));
      v128.store(p, f32x4.add(v128.load(p, 16), c01), 16);
      p += s;
      v128.store(p, f32x4.add(v128.load(p), c10));
      v128.store(p, f32x4.add(v128.load(p, 16), c11), 16);
      p += s;
      v128.store(p, f32x4.add(v128.load(p), c20));
      v128.store(p, f32x4.add(v128.load(p, 16), c21), 16);
      p += s;
      v128.store(p, f32x4.add(v128.load(p), c30));
      v128.store(p, f32x4.add(v128.load(p, 16), c31), 16);
      p += s;
      v128.store(p, f32x4.add(v128.load(p), c40));
      v128.store(p, f32x4.add(v128.load(p, 16), c41), 16);
    } else {
      v128.store(p, c00);
      v128.store(p, c01, 16);
      p += s;
      v128.store(p, c10);
      v128.store(p, c11, 16);
      p += s;
      v128.store(p, c20);
      v128.store(p, c21, 16);
      p += s;
      v128.store(p, c30);
      v128.store(p, c31, 16);
      p += s;
      v128.store(p, c40);
      v128.store(p, c41, 16);
    }
    return;
  }
  // A tile on the rim goes through scratch, so that nothing beyond C is written.
  v128.store(edge, c00);
  v128.store(edge, c01, 16);
  v128.store(edge, c10, 32);
  v128.store(edge, c11, 48);
  v128.store(edge, c20, 64);
  v128.store(edge, c21, 80);
  v128.store(edge, c30, 96);
  v128.store(edge, c31, 112);
  v128.store(edge, c40, 128);
  v128.store(edge, c41, 144);
  for (let i = 0; i < rows; i++) {
    let p = pc + ((<usize> i * ldc) << 2), e = edge + (<usize> i << 5), j = 0;
    if (accumulate) {
      for (; j + 4 <= columns; j += 4) {
        v128.store(p, f32x4.add(v128.load(p), v128.load(e)));
        p += 16;
        e += 16;
      }
      for (; j < columns; j++) {
        store<f32>(p, load<f32>(p) + load<f32>(e));
        p += 4;
        e += 4;
      }
    } else {
      for (; j + 4 <= columns; j += 4) {
        v128.store(p, v128.load(e));
        p += 16;
        e += 16;
      }
      for (; j < columns; j++) {
        store<f32>(p, load<f32>(e));
        p += 4;
        e += 4;
      }
    }
  }
}

// op(A)[m0 .. m0+mc, k0 .. k0+kc] into panels [panel][k][5], the last one filled up with zeros.
function packA(A: usize, ta: i32, lda: i32, m0: i32, mc: i32, k0: i32, kc: i32, dst: usize): void {
  const s = <usize> lda << 2;
  for (let i = 0; i < mc; i += MR) {
    const r = min(MR, mc - i);
    let d = dst;
    if (ta) {
      let p = A + ((<usize> k0 * lda + m0 + i) << 2);
      if (r == MR) {
        for (let k = 0; k < kc; k++) {
          v128.store(d, v128.load(p));
          store<f32>(d, load<f32>(p, 16), 16);
          p += s;
          d += 20;
        }
      } else {
        for (let k = 0; k < kc; k++) {
          for (let x = 0; x < MR; x++) store<f32>(d + (x << 2), x < r ? load<f32>(p + (x << 2)) : 0);
          p += s;
          d += 20;
        }
      }
    } else {
      const p0 = A + ((<usize> (m0 + i) * lda + k0) << 2);
      if (r == MR) {
        const p1 = p0 + s, p2 = p1 + s, p3 = p2 + s, p4 = p3 + s;
        let k: usize = 0;
        const end4 = <usize> (kc & ~3) << 2, end = <usize> kc << 2;
        for (; k < end4; k += 16) {
          const r0 = v128.load(p0 + k),
            r1 = v128.load(p1 + k),
            r2 = v128.load(p2 + k),
            r3 = v128.load(p3 + k);
          const r4 = v128.load(p4 + k);
          const x0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), x1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
          const y0 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7), y1 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
          v128.store(d, v128.shuffle<f32>(x0, x1, 0, 1, 4, 5));
          v128.store_lane<u32>(d, r4, 0, 16);
          v128.store(d, v128.shuffle<f32>(x0, x1, 2, 3, 6, 7), 20);
          v128.store_lane<u32>(d, r4, 1, 36);
          v128.store(d, v128.shuffle<f32>(y0, y1, 0, 1, 4, 5), 40);
          v128.store_lane<u32>(d, r4, 2, 56);
          v128.store(d, v128.shuffle<f32>(y0, y1, 2, 3, 6, 7), 60);
          v128.store_lane<u32>(d, r4, 3, 76);
          d += 80;
        }
        for (; k < end; k += 4) {
          store<f32>(d, load<f32>(p0 + k));
          store<f32>(d, load<f32>(p1 + k), 4);
          store<f32>(d, load<f32>(p2 + k), 8);
          store<f32>(d, load<f32>(p3 + k), 12);
          store<f32>(d, load<f32>(p4 + k), 16);
          d += 20;
        }
      } else {
        for (let k = 0; k < kc; k++) {
          let q = p0 + (<usize> k << 2);
          for (let x = 0; x < MR; x++) {
            store<f32>(d + (x << 2), x < r ? load<f32>(q) : 0);
            q += s;
          }
          d += 20;
        }
      }
    }
    dst += <usize> (kc * MR) << 2;
  }
}

// op(B)[k0 .. k0+kc, n0 .. n0+nc] into panels [panel][k][8], the last one filled up with zeros.
function packB(B: usize, tb: i32, ldb: i32, n0: i32, nc: i32, k0: i32, kc: i32, dst: usize): void {
  const s = <usize> ldb << 2;
  for (let j = 0; j < nc; j += NR) {
    const r = min(NR, nc - j);
    let d = dst;
    if (!tb) {
      let p = B + ((<usize> k0 * ldb + n0 + j) << 2);
      if (r == NR) {
        for (let k = 0; k < kc; k++) {
          v128.store(d, v128.load(p));
          v128.store(d, v128.load(p, 16), 16);
          p += s;
          d += 32;
        }
      } else {
        for (let k = 0; k < kc; k++) {
          for (let x = 0; x < NR; x++) store<f32>(d + (x << 2), x < r ? load<f32>(p + (x << 2)) : 0);
          p += s;
          d += 32;
        }
      }
    } else {
      const p0 = B + ((<usize> (n0 + j) * ldb + k0) << 2);
      if (r == NR) {
        for (let half: usize = 0; half < 32; half += 16) {
          const q0 = p0 + half / 4 * s, q1 = q0 + s, q2 = q1 + s, q3 = q2 + s;
          const end4 = <usize> (kc & ~3) << 2, end = <usize> kc << 2;
          let k: usize = 0;
          d = dst + half;
          for (; k < end4; k += 16) {
            const r0 = v128.load(q0 + k),
              r1 = v128.load(q1 + k),
              r2 = v128.load(q2 + k),
              r3 = v128.load(q3 + k);
            const x0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), x1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
            const y0 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7), y1 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
            v128.store(d, v128.shuffle<f32>(x0, x1, 0, 1, 4, 5));
            v128.store(d, v128.shuffle<f32>(x0, x1, 2, 3, 6, 7), 32);
            v128.store(d, v128.shuffle<f32>(y0, y1, 0, 1, 4, 5), 64);
            v128.store(d, v128.shuffle<f32>(y0, y1, 2, 3, 6, 7), 96);
            d += 128;
          }
          for (; k < end; k += 4) {
            store<f32>(d, load<f32>(q0 + k));
            store<f32>(d, load<f32>(q1 + k), 4);
            store<f32>(d, load<f32>(q2 + k), 8);
            store<f32>(d, load<f32>(q3 + k), 12);
            d += 32;
          }
        }
      } else {
        for (let k = 0; k < kc; k++) {
          let q = p0 + (<usize> k << 2);
          for (let x = 0; x < NR; x++) {
            store<f32>(d + (x << 2), x < r ? load<f32>(q) : 0);
            q += s;
          }
          d += 32;
        }
      }
    }
    dst += <usize> (kc * NR) << 2;
  }
}

// All tiles of one block of C: packed A of mc rows times packed B of nc columns.
function block(
  mc: i32,
  nc: i32,
  kc: i32,
  pa: usize,
  pb: usize,
  C: usize,
  ldc: i32,
  accumulate: i32,
  edge: usize,
): void {
  const stepA = <usize> (kc * MR) << 2, stepB = <usize> (kc * NR) << 2;
  for (let j = 0; j < nc; j += NR) {
    const columns = min(NR, nc - j);
    let a = pa, c = C + (<usize> j << 2);
    for (let i = 0; i < mc; i += MR) {
      tile(kc, a, pb, c, ldc, accumulate, min(MR, mc - i), columns, edge);
      a += stepA;
      c += <usize> (MR * ldc) << 2;
    }
    pb += stepB;
  }
}

/**
 * C[M,N] = op(A)[M,K] op(B)[K,N], added to C when `accumulate` is not 0. `ta`, `tb`: the matrix is stored transposed.
 * `lda`, `ldb`, `ldc`: floats from one stored row to the next. `ws`: `sgemmScratch()` bytes.
 */
export function sgemm(
  ta: i32,
  tb: i32,
  M: i32,
  N: i32,
  K: i32,
  A: usize,
  lda: i32,
  B: usize,
  ldb: i32,
  C: usize,
  ldc: i32,
  accumulate: i32,
  ws: usize,
): void {
  if (K == 0 && !accumulate) clear(M, N, C, ldc);
  const pa = ws + EDGE, pb = pa + (<usize> (MC * KC) << 2);
  for (let n0 = 0; n0 < N; n0 += NC) {
    const nc = min(NC, N - n0);
    for (let k0 = 0; k0 < K; k0 += KC) {
      const kc = min(KC, K - k0);
      packB(B, tb, ldb, n0, nc, k0, kc, pb);
      for (let m0 = 0; m0 < M; m0 += MC) {
        const mc = min(MC, M - m0);
        packA(A, ta, lda, m0, mc, k0, kc, pa);
        block(mc, nc, kc, pa, pb, C + ((<usize> m0 * ldc + n0) << 2), ldc, accumulate | i32(k0 > 0), ws);
      }
    }
  }
}

function clear(M: i32, N: i32, C: usize, ldc: i32): void {
  for (let i = 0; i < M; i++) memory.fill(C + ((<usize> i * ldc) << 2), 0, <usize> N << 2);
}

/** Bytes that `prepackB` writes for op(B)[K,N]. */
export function prepackBytes(N: i32, K: i32): i32 {
  return ceil8(N) * K * 4;
}

/** Packs the whole of op(B)[K,N] once, for many products with it through `sgemmPacked`. */
export function prepackB(B: usize, tb: i32, ldb: i32, N: i32, K: i32, dst: usize): void {
  for (let n0 = 0; n0 < N; n0 += NC) {
    const nc = min(NC, N - n0);
    for (let k0 = 0; k0 < K; k0 += KC) {
      const kc = min(KC, K - k0);
      packB(B, tb, ldb, n0, nc, k0, kc, dst);
      dst += <usize> (ceil8(nc) * kc) << 2;
    }
  }
}

/** As `sgemm`, with op(B) packed by `prepackB`. */
export function sgemmPacked(
  ta: i32,
  M: i32,
  N: i32,
  K: i32,
  A: usize,
  lda: i32,
  packedB: usize,
  C: usize,
  ldc: i32,
  accumulate: i32,
  ws: usize,
): void {
  if (K == 0 && !accumulate) clear(M, N, C, ldc);
  const pa = ws + EDGE;
  for (let n0 = 0; n0 < N; n0 += NC) {
    const nc = min(NC, N - n0);
    for (let k0 = 0; k0 < K; k0 += KC) {
      const kc = min(KC, K - k0);
      for (let m0 = 0; m0 < M; m0 += MC) {
        const mc = min(MC, M - m0);
        packA(A, ta, lda, m0, mc, k0, kc, pa);
        block(mc, nc, kc, pa, packedB, C + ((<usize> m0 * ldc + n0) << 2), ldc, accumulate | i32(k0 > 0), ws);
      }
      packedB += <usize> (ceil8(nc) * kc) << 2;
    }
  }
}

/**
 * C = activation(op(A) op(B) + bias): `sgemm` with `epilogue` block by block, while the block is in the cache. With
 * `bias` 0 and `activation` 0 it is the plain product.
 */
export function sgemmFused(
  ta: i32,
  tb: i32,
  M: i32,
  N: i32,
  K: i32,
  A: usize,
  lda: i32,
  B: usize,
  ldb: i32,
  C: usize,
  ldc: i32,
  ws: usize,
  bias: usize,
  biasStep: i32,
  activation: i32,
  alpha: f32,
): void {
  if (K == 0) clear(M, N, C, ldc);
  const pa = ws + EDGE, pb = pa + (<usize> (MC * KC) << 2);
  for (let n0 = 0; n0 < N; n0 += NC) {
    const nc = min(NC, N - n0);
    for (let k0 = 0; k0 < K; k0 += KC) {
      const kc = min(KC, K - k0);
      packB(B, tb, ldb, n0, nc, k0, kc, pb);
      for (let m0 = 0; m0 < M; m0 += MC) {
        const mc = min(MC, M - m0), c = C + ((<usize> m0 * ldc + n0) << 2);
        packA(A, ta, lda, m0, mc, k0, kc, pa);
        block(mc, nc, kc, pa, pb, c, ldc, i32(k0 > 0), ws);
        if (k0 + kc == K) {
          epilogue(c, ldc, mc, nc, bias ? bias + <usize> (n0 * biasStep) : 0, biasStep, activation, alpha);
        }
      }
    }
  }
  if (K == 0) epilogue(C, ldc, M, N, bias, biasStep, activation, alpha);
}

/**
 * Products of the batches n0 ... n1: C[n] = op(A[a]) op(B[b]) with bias and activation, where the pair (a, b) of batch n is
 * at `pairs` as two 32-bit integers; they count matrices.
 */
export function bgemm(
  n0: i32,
  n1: i32,
  ta: i32,
  tb: i32,
  M: i32,
  N: i32,
  K: i32,
  A: usize,
  B: usize,
  pairs: usize,
  C: usize,
  ws: usize,
  bias: usize,
  biasStep: i32,
  activation: i32,
  alpha: f32,
): void {
  const lda = ta ? M : K, ldb = tb ? K : N;
  const sizeA = <usize> M * K << 2, sizeB = <usize> K * N << 2, sizeC = <usize> M * N << 2;
  for (let n = n0; n < n1; n++) {
    const a = <usize> load<i32>(pairs + (<usize> n << 3)), b = <usize> load<i32>(pairs + (<usize> n << 3), 4);
    sgemmFused(
      ta,
      tb,
      M,
      N,
      K,
      A + a * sizeA,
      lda,
      B + b * sizeB,
      ldb,
      C + <usize> n * sizeC,
      N,
      ws,
      bias,
      biasStep,
      activation,
      alpha,
    );
  }
}

/**
 * Multiply-adds in registers alone, 24 * turns of them with four lanes each: the rate that a matrix product can
 * approach. The factors come as arguments because V8 builds a constant vector anew at each use.
 */
export function peakRate(turns: i32, x: f32, y: f32): f32 {
  const a = f32x4.splat(x), b = f32x4.splat(y);
  let c0 = f32x4.splat(0), c1 = f32x4.splat(1), c2 = f32x4.splat(2), c3 = f32x4.splat(3), c4 = f32x4.splat(4);
  let c5 = f32x4.splat(5), c6 = f32x4.splat(6), c7 = f32x4.splat(7), c8 = f32x4.splat(8), c9 = f32x4.splat(9);
  let c10 = f32x4.splat(10), c11 = f32x4.splat(11);
  for (let i = 0; i < turns; i++) {
    c0 = fma(a, b, c0);
    c1 = fma(a, b, c1);
    c2 = fma(a, b, c2);
    c3 = fma(a, b, c3);
    c4 = fma(a, b, c4);
    c5 = fma(a, b, c5);
    c6 = fma(a, b, c6);
    c7 = fma(a, b, c7);
    c8 = fma(a, b, c8);
    c9 = fma(a, b, c9);
    c10 = fma(a, b, c10);
    c11 = fma(a, b, c11);
    c0 = fma(a, b, c0);
    c1 = fma(a, b, c1);
    c2 = fma(a, b, c2);
    c3 = fma(a, b, c3);
    c4 = fma(a, b, c4);
    c5 = fma(a, b, c5);
    c6 = fma(a, b, c6);
    c7 = fma(a, b, c7);
    c8 = fma(a, b, c8);
    c9 = fma(a, b, c9);
    c10 = fma(a, b, c10);
    c11 = fma(a, b, c11);
  }
  c0 = f32x4.add(
    f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3)),
    f32x4.add(f32x4.add(c4, c5), f32x4.add(c6, c7)),
  );
  c8 = f32x4.add(f32x4.add(c8, c9), f32x4.add(c10, c11));
  return f32x4.extract_lane(f32x4.add(c0, c8), 0);
}
