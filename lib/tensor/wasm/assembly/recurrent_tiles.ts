// The two tiles that do the recurrences' arithmetic: rows times packed weights, and the weights' gradients.
import { MR, packA, tile } from "./gemm_tile";
import { WIDE } from "./mode";
import { ROWS } from "./recurrent_parts";
import { fma, PANEL, ROW_BYTES, ROW_SHIFT } from "./vector";
import { wideRows } from "./wide_tiles";

const EDGE: i32 = 320;

/**
 * C[6][8] = start[8] on every row (or C itself when `accumulate`) + A[6][K] panel[K][8]. `sa`, `sc`: bytes from row to
 * row. K is a multiple of four.
 */
function rowsTile(
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
 * `panels` panels of rows of A times `columns` (a multiple of PANEL) packed columns, each tile started from `start` (a
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
  const panelBytes = <usize> K << ROW_SHIFT;
  for (let j = 0; j < columns; j += PANEL) {
    let ai = a, ci = c;
    for (let i = 0; i < panels; i++) {
      if (WIDE) wideRows(K, ai, sa, packed, start, accumulate, ci, sc);
      else rowsTile(K, ai, sa, packed, start, accumulate, ci, sc);
      ai += stepA;
      ci += stepC;
    }
    packed += panelBytes;
    start += ROW_BYTES;
    c += ROW_BYTES;
  }
}

/** Bytes of scratch for {@link outer} with `M` rows of the result and at most `K` rows of A. */
export function outerScratch(M: i32, K: i32): i32 {
  return EDGE + (M + MR - 1) / MR * MR * K * 4;
}

/** C[M][N] += A[K][M]^T B[K][N], N a multiple of PANEL. `ws`: {@link outerScratch} bytes. */
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
  ws: usize,
): void {
  const packed = ws + EDGE, panel = <usize> (MR * K) << 2, ldc = sc >> 2;
  packA(a, 1, <i32> (sa >> 2), 0, M, 0, K, packed);
  for (let j = 0; j < N; j += PANEL) {
    let ai = packed, ci = c;
    for (let i = 0; i < M; i += MR) {
      tile(K, ai, b, sb, ci, <i32> ldc, 1, min(MR, M - i), PANEL, ws);
      ai += panel;
      ci += <usize> MR * sc;
    }
    b += ROW_BYTES;
    c += ROW_BYTES;
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
