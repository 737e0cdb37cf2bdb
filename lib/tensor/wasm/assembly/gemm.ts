// Matrix product: C = op(A) op(B) (+ C), row-major, single precision.
//
// The classical three-level blocking. op(B) is packed into panels of NR columns and op(A) into panels of 5 rows, each
// stored k by k, so that the innermost loop reads both with unit stride. A 5 x NR tile of C lives in ten vector registers
// while k runs.
import { epilogue } from "./epilogue";
import { MR, NR, packA, packB, tile } from "./gemm_tile";
import { ceilPanel, fma } from "./vector";

// A panel of KC x 8 floats of B (16 KiB) and one of A (10 KiB) stay in the first-level cache, a block of MC x KC of A
// (240 KiB) and one of KC x NC of B (1 MiB) in the second. Every block of k reads and writes C once more, so few large
// ones are better.
const KC: i32 = 512;
const MC: i32 = MR * 24;
const NC: i32 = 512;
const EDGE: usize = 320;

// Length of the blocks that an extent is divided into, a multiple of `unit`: equal parts of at most `most`, so that no short
// one is left over.
// @ts-ignore: decorator
@inline
function evenly(extent: i32, most: i32, unit: i32): i32 {
  const blocks = max(1, (extent + most - 1) / most), part = (extent + blocks - 1) / blocks;
  return (part + unit - 1) / unit * unit;
}

function depth(K: i32): i32 {
  return evenly(K, KC, 4);
}

/** Bytes of scratch that the products need; the address must be a multiple of 16. */
export function sgemmScratch(): i32 {
  return <i32>EDGE + (MC * KC + NC * KC) * 4;
}

function clear(M: i32, N: i32, C: usize, ldc: i32): void {
  for (let i = 0; i < M; i++) memory.fill(C + ((<usize>i * ldc) << 2), 0, <usize>N << 2);
}

// All tiles of one block of C: packed A of mc rows times nc columns of B. Panels of B are `stepPanel` bytes apart, its rows
// `stepRow`.
function block(
  mc: i32, nc: i32, kc: i32, pa: usize, pb: usize, stepPanel: usize, stepRow: usize, C: usize, ldc: i32, accumulate: i32,
  edge: usize,
): void {
  const stepA = <usize>(kc * MR) << 2;
  for (let j = 0; j < nc; j += NR) {
    const columns = min(NR, nc - j);
    let a = pa, c = C + (<usize>j << 2);
    for (let i = 0; i < mc; i += MR) {
      tile(kc, a, pb, stepRow, c, ldc, accumulate, min(MR, mc - i), columns, edge);
      a += stepA;
      c += <usize>(MR * ldc) << 2;
    }
    pb += stepPanel;
  }
}

// C = activation(op(A) op(B) (+ C) + bias) for all the entries below. `packed`: op(B) as `prepackB` leaves it, or 0.
function product(
  ta: i32, tb: i32, M: i32, N: i32, K: i32, A: usize, lda: i32, B: usize, ldb: i32, packed: usize, C: usize, ldc: i32,
  accumulate: i32, ws: usize, bias: usize, biasStep: i32, activation: i32, alpha: f32,
): void {
  if (K == 0 && !accumulate) clear(M, N, C, ldc);
  const finish = bias || activation, step = depth(K), height = evenly(M, MC, MR);
  const pa = ws + EDGE, own = pa + (<usize>(MC * KC) << 2);
  // With one or two panels of A, packing B would cost as much as the product: its rows are read where they are. The last
  // panel is packed even so when it is not full, for the tile reads all of its columns.
  const inPlace = !packed && !tb && M <= 2 * MR, whole = inPlace ? N & ~(NR - 1) : 0;
  for (let n0 = 0; n0 < N; n0 += NC) {
    const nc = min(NC, N - n0);
    for (let k0 = 0; k0 < K; k0 += step) {
      const kc = min(step, K - k0), more = accumulate | i32(k0 > 0);
      const direct = max(0, min(nc, whole - n0)), rest = nc - direct;
      let pb = packed;
      if (packed) packed += <usize>(ceilPanel(nc) * kc) << 2;
      else {
        pb = own;
        if (rest) packB(B, tb, ldb, n0 + direct, rest, k0, kc, pb);
      }
      for (let m0 = 0; m0 < M; m0 += height) {
        const mc = min(height, M - m0), c = C + ((<usize>m0 * ldc + n0) << 2);
        packA(A, ta, lda, m0, mc, k0, kc, pa);
        if (direct) {
          block(mc, direct, kc, pa, B + ((<usize>k0 * ldb + n0) << 2), NR << 2, <usize>ldb << 2, c, ldc, more, ws);
        }
        if (rest) {
          block(mc, rest, kc, pa, pb, <usize>(kc * NR) << 2, NR << 2, c + (<usize>direct << 2), ldc, more, ws);
        }
        if (finish && k0 + kc == K) {
          epilogue(c, ldc, mc, nc, bias ? bias + <usize>(n0 * biasStep) : 0, biasStep, activation, alpha);
        }
      }
    }
  }
  if (K == 0 && finish) epilogue(C, ldc, M, N, bias, biasStep, activation, alpha);
}

/**
 * C[M,N] = op(A)[M,K] op(B)[K,N], added to C when `accumulate` is not 0. `ta`, `tb`: the matrix is stored transposed.
 * `lda`, `ldb`, `ldc`: floats from one stored row to the next. `ws`: `sgemmScratch()` bytes.
 */
export function sgemm(
  ta: i32, tb: i32, M: i32, N: i32, K: i32, A: usize, lda: i32, B: usize, ldb: i32, C: usize, ldc: i32,
  accumulate: i32, ws: usize,
): void {
  product(ta, tb, M, N, K, A, lda, B, ldb, 0, C, ldc, accumulate, ws, 0, 0, 0, 0);
}

/** Bytes that `prepackB` writes for op(B)[K,N]. */
export function prepackBytes(N: i32, K: i32): i32 {
  return ceilPanel(N) * K * 4;
}

/** Packs the whole of op(B)[K,N] once, for many products with it through `sgemmPacked`. */
export function prepackB(B: usize, tb: i32, ldb: i32, N: i32, K: i32, dst: usize): void {
  const step = depth(K);
  for (let n0 = 0; n0 < N; n0 += NC) {
    const nc = min(NC, N - n0);
    for (let k0 = 0; k0 < K; k0 += step) {
      const kc = min(step, K - k0);
      packB(B, tb, ldb, n0, nc, k0, kc, dst);
      dst += <usize>(ceilPanel(nc) * kc) << 2;
    }
  }
}

/** As `sgemm`, with op(B) packed by `prepackB`. */
export function sgemmPacked(
  ta: i32, M: i32, N: i32, K: i32, A: usize, lda: i32, packedB: usize, C: usize, ldc: i32, accumulate: i32, ws: usize,
): void {
  product(ta, 0, M, N, K, A, lda, 0, 0, packedB, C, ldc, accumulate, ws, 0, 0, 0, 0);
}

/**
 * C = activation(op(A) op(B) + bias): `sgemm` with `epilogue` block by block, while the block is in the cache. With
 * `bias` 0 and `activation` 0 it is the plain product.
 */
export function sgemmFused(
  ta: i32, tb: i32, M: i32, N: i32, K: i32, A: usize, lda: i32, B: usize, ldb: i32, C: usize, ldc: i32, ws: usize,
  bias: usize, biasStep: i32, activation: i32, alpha: f32,
): void {
  product(ta, tb, M, N, K, A, lda, B, ldb, 0, C, ldc, 0, ws, bias, biasStep, activation, alpha);
}

/**
 * Products of the batches n0 ... n1: C[n] = op(A[a]) op(B[b]) with bias and activation, where the pair (a, b) of batch n is
 * at `pairs` as two 32-bit integers; they count matrices.
 */
export function bgemm(
  n0: i32, n1: i32, ta: i32, tb: i32, M: i32, N: i32, K: i32, A: usize, B: usize, pairs: usize, C: usize, ws: usize,
  bias: usize, biasStep: i32, activation: i32, alpha: f32,
): void {
  const lda = ta ? M : K, ldb = tb ? K : N;
  const sizeA = <usize>M * K << 2, sizeB = <usize>K * N << 2, sizeC = <usize>M * N << 2;
  for (let n = n0; n < n1; n++) {
    const a = <usize>load<i32>(pairs + (<usize>n << 3)), b = <usize>load<i32>(pairs + (<usize>n << 3), 4);
    product(
      ta, tb, M, N, K, A + a * sizeA, lda, B + b * sizeB, ldb, 0, C + <usize>n * sizeC, N, 0, ws, bias, biasStep,
      activation, alpha,
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
