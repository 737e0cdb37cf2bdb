// The register tiles of the wide module, sixteen columns each. V8 joins two neighbouring 128-bit vectors into one of 256
// bits when it runs with --experimental-wasm-revectorize, provided that nothing that may trap stands between their loads or
// their stores: --no-wasm-bounds-checks. Each accumulator pair is then one register, and a spread element one instruction
// from memory, so that no shuffles are needed. In every tile the loads of a row come before its stores for that reason.
//
// Each tile adds in the order of its counterpart of eight columns: both modules give the same bits.
import { fma } from "./vector";

/** As `tile` of gemm_tile.ts: C (+)= panelA[K][5] B[K][16]. A part of the tile goes through the 320 bytes at `edge`. */
export function wideTile(
  K: i32,
  pa: usize,
  pb: usize,
  stepB: usize,
  c: usize,
  ldc: usize,
  accumulate: i32,
  rows: i32,
  columns: i32,
  edge: usize,
): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c02 = f32x4.splat(0), c03 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0), c12 = f32x4.splat(0), c13 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c22 = f32x4.splat(0), c23 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0), c32 = f32x4.splat(0), c33 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0), c42 = f32x4.splat(0), c43 = f32x4.splat(0);
  let b0: v128, b1: v128, b2: v128, b3: v128, x: v128, k = K;
  // A packed panel is read at fixed distances: one address serves four steps of k.
  if (stepB == 64) {
    for (; k >= 4; k -= 4) {
      b0 = v128.load(pb);
      b1 = v128.load(pb, 16);
      b2 = v128.load(pb, 32);
      b3 = v128.load(pb, 48);
      x = v128.load_splat<f32>(pa);
      c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
      x = v128.load_splat<f32>(pa, 4);
      c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
      x = v128.load_splat<f32>(pa, 8);
      c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
      x = v128.load_splat<f32>(pa, 12);
      c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
      x = v128.load_splat<f32>(pa, 16);
      c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); c42 = fma(x, b2, c42); c43 = fma(x, b3, c43);
      b0 = v128.load(pb, 64);
      b1 = v128.load(pb, 80);
      b2 = v128.load(pb, 96);
      b3 = v128.load(pb, 112);
      x = v128.load_splat<f32>(pa, 20);
      c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
      x = v128.load_splat<f32>(pa, 24);
      c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
      x = v128.load_splat<f32>(pa, 28);
      c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
      x = v128.load_splat<f32>(pa, 32);
      c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
      x = v128.load_splat<f32>(pa, 36);
      c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); c42 = fma(x, b2, c42); c43 = fma(x, b3, c43);
      b0 = v128.load(pb, 128);
      b1 = v128.load(pb, 144);
      b2 = v128.load(pb, 160);
      b3 = v128.load(pb, 176);
      x = v128.load_splat<f32>(pa, 40);
      c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
      x = v128.load_splat<f32>(pa, 44);
      c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
      x = v128.load_splat<f32>(pa, 48);
      c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
      x = v128.load_splat<f32>(pa, 52);
      c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
      x = v128.load_splat<f32>(pa, 56);
      c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); c42 = fma(x, b2, c42); c43 = fma(x, b3, c43);
      b0 = v128.load(pb, 192);
      b1 = v128.load(pb, 208);
      b2 = v128.load(pb, 224);
      b3 = v128.load(pb, 240);
      x = v128.load_splat<f32>(pa, 60);
      c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
      x = v128.load_splat<f32>(pa, 64);
      c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
      x = v128.load_splat<f32>(pa, 68);
      c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
      x = v128.load_splat<f32>(pa, 72);
      c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
      x = v128.load_splat<f32>(pa, 76);
      c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); c42 = fma(x, b2, c42); c43 = fma(x, b3, c43);
      pa += 80;
      pb += 256;
    }
  }
  for (; k > 0; k--) {
    b0 = v128.load(pb);
    b1 = v128.load(pb, 16);
    b2 = v128.load(pb, 32);
    b3 = v128.load(pb, 48);
    pb += stepB;
    x = v128.load_splat<f32>(pa);
    c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
    x = v128.load_splat<f32>(pa, 4);
    c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
    x = v128.load_splat<f32>(pa, 8);
    c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
    x = v128.load_splat<f32>(pa, 12);
    c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
    x = v128.load_splat<f32>(pa, 16);
    c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); c42 = fma(x, b2, c42); c43 = fma(x, b3, c43);
    pa += 20;
  }
  const step = ldc << 2;
  if (rows == 5 && columns == 16) {
    if (accumulate) {
      b0 = v128.load(c); b1 = v128.load(c, 16); b2 = v128.load(c, 32); b3 = v128.load(c, 48);
      v128.store(c, f32x4.add(b0, c00)); v128.store(c, f32x4.add(b1, c01), 16); v128.store(c, f32x4.add(b2, c02), 32); v128.store(c, f32x4.add(b3, c03), 48);
      c += step;
      b0 = v128.load(c); b1 = v128.load(c, 16); b2 = v128.load(c, 32); b3 = v128.load(c, 48);
      v128.store(c, f32x4.add(b0, c10)); v128.store(c, f32x4.add(b1, c11), 16); v128.store(c, f32x4.add(b2, c12), 32); v128.store(c, f32x4.add(b3, c13), 48);
      c += step;
      b0 = v128.load(c); b1 = v128.load(c, 16); b2 = v128.load(c, 32); b3 = v128.load(c, 48);
      v128.store(c, f32x4.add(b0, c20)); v128.store(c, f32x4.add(b1, c21), 16); v128.store(c, f32x4.add(b2, c22), 32); v128.store(c, f32x4.add(b3, c23), 48);
      c += step;
      b0 = v128.load(c); b1 = v128.load(c, 16); b2 = v128.load(c, 32); b3 = v128.load(c, 48);
      v128.store(c, f32x4.add(b0, c30)); v128.store(c, f32x4.add(b1, c31), 16); v128.store(c, f32x4.add(b2, c32), 32); v128.store(c, f32x4.add(b3, c33), 48);
      c += step;
      b0 = v128.load(c); b1 = v128.load(c, 16); b2 = v128.load(c, 32); b3 = v128.load(c, 48);
      v128.store(c, f32x4.add(b0, c40)); v128.store(c, f32x4.add(b1, c41), 16); v128.store(c, f32x4.add(b2, c42), 32); v128.store(c, f32x4.add(b3, c43), 48);
    } else {
      v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
      c += step;
      v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
      c += step;
      v128.store(c, c20); v128.store(c, c21, 16); v128.store(c, c22, 32); v128.store(c, c23, 48);
      c += step;
      v128.store(c, c30); v128.store(c, c31, 16); v128.store(c, c32, 32); v128.store(c, c33, 48);
      c += step;
      v128.store(c, c40); v128.store(c, c41, 16); v128.store(c, c42, 32); v128.store(c, c43, 48);
    }
    return;
  }
  let e = edge;
  v128.store(e, c00); v128.store(e, c01, 16); v128.store(e, c02, 32); v128.store(e, c03, 48);
  e += 64;
  v128.store(e, c10); v128.store(e, c11, 16); v128.store(e, c12, 32); v128.store(e, c13, 48);
  e += 64;
  v128.store(e, c20); v128.store(e, c21, 16); v128.store(e, c22, 32); v128.store(e, c23, 48);
  e += 64;
  v128.store(e, c30); v128.store(e, c31, 16); v128.store(e, c32, 32); v128.store(e, c33, 48);
  e += 64;
  v128.store(e, c40); v128.store(e, c41, 16); v128.store(e, c42, 32); v128.store(e, c43, 48);
  for (let i: usize = 0; i < <usize> rows; i++) {
    const p = c + i * step, from = edge + (i << 6);
    for (let j: usize = 0; j < <usize> columns << 2; j += 4) {
      const value = load<f32>(from + j);
      store<f32>(p + j, accumulate ? load<f32>(p + j) + value : value);
    }
  }
}

/**
 * C[6][16] = start[16] on every row (or C itself when `accumulate`) + A[6][K] panel[K][16]; `start` may be 0 for zeros.
 * `sa`, `ldc`: bytes from row to row. K is a multiple of four.
 */
export function wideRows(K: i32, a: usize, sa: usize, panel: usize, start: usize, accumulate: i32, c: usize, ldc: usize): void {
  let c00: v128, c01: v128, c02: v128, c03: v128;
  let c10: v128, c11: v128, c12: v128, c13: v128;
  let c20: v128, c21: v128, c22: v128, c23: v128;
  let c30: v128, c31: v128, c32: v128, c33: v128;
  let c40: v128, c41: v128, c42: v128, c43: v128;
  let c50: v128, c51: v128, c52: v128, c53: v128;
  let b0: v128, b1: v128, b2: v128, b3: v128, x: v128;
  if (accumulate) {
    let p = c;
    c00 = v128.load(p); c01 = v128.load(p, 16); c02 = v128.load(p, 32); c03 = v128.load(p, 48);
    p += ldc;
    c10 = v128.load(p); c11 = v128.load(p, 16); c12 = v128.load(p, 32); c13 = v128.load(p, 48);
    p += ldc;
    c20 = v128.load(p); c21 = v128.load(p, 16); c22 = v128.load(p, 32); c23 = v128.load(p, 48);
    p += ldc;
    c30 = v128.load(p); c31 = v128.load(p, 16); c32 = v128.load(p, 32); c33 = v128.load(p, 48);
    p += ldc;
    c40 = v128.load(p); c41 = v128.load(p, 16); c42 = v128.load(p, 32); c43 = v128.load(p, 48);
    p += ldc;
    c50 = v128.load(p); c51 = v128.load(p, 16); c52 = v128.load(p, 32); c53 = v128.load(p, 48);
  } else if (start) {
    c00 = v128.load(start); c01 = v128.load(start, 16); c02 = v128.load(start, 32); c03 = v128.load(start, 48);
    c10 = c00; c11 = c01; c12 = c02; c13 = c03;
    c20 = c00; c21 = c01; c22 = c02; c23 = c03;
    c30 = c00; c31 = c01; c32 = c02; c33 = c03;
    c40 = c00; c41 = c01; c42 = c02; c43 = c03;
    c50 = c00; c51 = c01; c52 = c02; c53 = c03;
  } else {
    c00 = f32x4.splat(0); c01 = f32x4.splat(0); c02 = f32x4.splat(0); c03 = f32x4.splat(0);
    c10 = c00; c11 = c01; c12 = c02; c13 = c03;
    c20 = c00; c21 = c01; c22 = c02; c23 = c03;
    c30 = c00; c31 = c01; c32 = c02; c33 = c03;
    c40 = c00; c41 = c01; c42 = c02; c43 = c03;
    c50 = c00; c51 = c01; c52 = c02; c53 = c03;
  }
  const sa2 = 2 * sa, end = panel + (<usize> K << 6);
  let p = a, q = a + 3 * sa;
  while (panel < end) {
    b0 = v128.load(panel);
    b1 = v128.load(panel, 16);
    b2 = v128.load(panel, 32);
    b3 = v128.load(panel, 48);
    x = v128.load_splat<f32>(p);
    c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
    x = v128.load_splat<f32>(p + sa);
    c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
    x = v128.load_splat<f32>(p + sa2);
    c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
    x = v128.load_splat<f32>(q);
    c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
    x = v128.load_splat<f32>(q + sa);
    c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); c42 = fma(x, b2, c42); c43 = fma(x, b3, c43);
    x = v128.load_splat<f32>(q + sa2);
    c50 = fma(x, b0, c50); c51 = fma(x, b1, c51); c52 = fma(x, b2, c52); c53 = fma(x, b3, c53);
    b0 = v128.load(panel, 64);
    b1 = v128.load(panel, 80);
    b2 = v128.load(panel, 96);
    b3 = v128.load(panel, 112);
    x = v128.load_splat<f32>(p, 4);
    c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
    x = v128.load_splat<f32>(p + sa, 4);
    c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
    x = v128.load_splat<f32>(p + sa2, 4);
    c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
    x = v128.load_splat<f32>(q, 4);
    c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
    x = v128.load_splat<f32>(q + sa, 4);
    c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); c42 = fma(x, b2, c42); c43 = fma(x, b3, c43);
    x = v128.load_splat<f32>(q + sa2, 4);
    c50 = fma(x, b0, c50); c51 = fma(x, b1, c51); c52 = fma(x, b2, c52); c53 = fma(x, b3, c53);
    b0 = v128.load(panel, 128);
    b1 = v128.load(panel, 144);
    b2 = v128.load(panel, 160);
    b3 = v128.load(panel, 176);
    x = v128.load_splat<f32>(p, 8);
    c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
    x = v128.load_splat<f32>(p + sa, 8);
    c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
    x = v128.load_splat<f32>(p + sa2, 8);
    c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
    x = v128.load_splat<f32>(q, 8);
    c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
    x = v128.load_splat<f32>(q + sa, 8);
    c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); c42 = fma(x, b2, c42); c43 = fma(x, b3, c43);
    x = v128.load_splat<f32>(q + sa2, 8);
    c50 = fma(x, b0, c50); c51 = fma(x, b1, c51); c52 = fma(x, b2, c52); c53 = fma(x, b3, c53);
    b0 = v128.load(panel, 192);
    b1 = v128.load(panel, 208);
    b2 = v128.load(panel, 224);
    b3 = v128.load(panel, 240);
    x = v128.load_splat<f32>(p, 12);
    c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
    x = v128.load_splat<f32>(p + sa, 12);
    c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
    x = v128.load_splat<f32>(p + sa2, 12);
    c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
    x = v128.load_splat<f32>(q, 12);
    c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
    x = v128.load_splat<f32>(q + sa, 12);
    c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); c42 = fma(x, b2, c42); c43 = fma(x, b3, c43);
    x = v128.load_splat<f32>(q + sa2, 12);
    c50 = fma(x, b0, c50); c51 = fma(x, b1, c51); c52 = fma(x, b2, c52); c53 = fma(x, b3, c53);
    p += 16;
    q += 16;
    panel += 256;
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  c += ldc;
  v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
  c += ldc;
  v128.store(c, c20); v128.store(c, c21, 16); v128.store(c, c22, 32); v128.store(c, c23, 48);
  c += ldc;
  v128.store(c, c30); v128.store(c, c31, 16); v128.store(c, c32, 32); v128.store(c, c33, 48);
  c += ldc;
  v128.store(c, c40); v128.store(c, c41, 16); v128.store(c, c42, 32); v128.store(c, c43, 48);
  c += ldc;
  v128.store(c, c50); v128.store(c, c51, 16); v128.store(c, c52, 32); v128.store(c, c53, 48);
}
