// The innermost parts of the matrix product: the tile of C that lives in registers, and the packing of its operands.
import { WIDE } from "./mode";
import { fma, PANEL, ROW_BYTES } from "./vector";
import { wideTile } from "./wide_tiles";

/** Rows of a tile and of a packed panel of A. */
export const MR: i32 = 5;
/** Columns of a tile and of a packed panel of B. */
export const NR: i32 = PANEL;

/** {@link NR}, to which the recurrences pad their units too. */
export function panelColumns(): i32 {
  return NR;
}

/**
 * One tile of 5 x NR, here of 5 x 8: C (+)= panelA[K][5] B[K][8]. `stepB`: bytes from one row of B to the next, 32 for a
 * packed panel. `rows` and `columns` say how much of the tile exists in C; a part goes through the 160 bytes at `edge`.
 */
//
// V8 checks the bounds of every load, two or three instructions each, so that loads are dearer than shuffles: four steps
// of k read their twenty elements of A as five vectors and spread the lanes by shuffles. With ten accumulators, two
// rows of B, one vector of A and one spread lane this needs fourteen of V8's fifteen vector registers.
export function tile(
  K: i32,
  pa: usize,
  pb: usize,
  stepB: usize,
  pc: usize,
  ldc: usize,
  accumulate: i32,
  rows: i32,
  columns: i32,
  edge: usize,
): void {
  if (WIDE) {
    wideTile(K, pa, pb, stepB, pc, ldc, accumulate, rows, columns, edge);
    return;
  }
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0);
  let k = K;
  for (; k >= 4; k -= 4) {
    let v: v128, a: v128, b0: v128, b1: v128;
    b0 = v128.load(pb);
    b1 = v128.load(pb, 16);
    pb += stepB;
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
    b0 = v128.load(pb);
    b1 = v128.load(pb, 16);
    pb += stepB;
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
    b0 = v128.load(pb);
    b1 = v128.load(pb, 16);
    pb += stepB;
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
    b0 = v128.load(pb);
    b1 = v128.load(pb, 16);
    pb += stepB;
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
    pb += stepB;
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

/** op(A)[m0 .. m0+mc, k0 .. k0+kc] into panels [panel][k][5], the last one filled up with zeros. */
export function packA(A: usize, ta: i32, lda: i32, m0: i32, mc: i32, k0: i32, kc: i32, dst: usize): void {
  const s = <usize> lda << 2, panel = <usize> (kc * MR) << 2;
  let i = 0;
  // Four panels at a time where a row of the stored matrix crosses them: whole cache lines are used at once.
  if (ta) {
    for (; i + 4 * MR <= mc; i += 4 * MR) {
      let p = A + ((<usize> k0 * lda + m0 + i) << 2), d0 = dst;
      for (let k = 0; k < kc; k++) {
        const d1 = d0 + panel, d2 = d1 + panel, d3 = d2 + panel;
        v128.store(d0, v128.load(p));
        store<f32>(d0, load<f32>(p, 16), 16);
        v128.store(d1, v128.load(p, 20));
        store<f32>(d1, load<f32>(p, 36), 16);
        v128.store(d2, v128.load(p, 40));
        store<f32>(d2, load<f32>(p, 56), 16);
        v128.store(d3, v128.load(p, 60));
        store<f32>(d3, load<f32>(p, 76), 16);
        p += s;
        d0 += 20;
      }
      dst += 4 * panel;
    }
  }
  for (; i < mc; i += MR) {
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
    dst += panel;
  }
}

/** op(B)[k0 .. k0+kc, n0 .. n0+nc] into panels [panel][k][NR], the last one filled up with zeros. */
export function packB(B: usize, tb: i32, ldb: i32, n0: i32, nc: i32, k0: i32, kc: i32, dst: usize): void {
  const s = <usize> ldb << 2, panel = <usize> (kc * NR) << 2;
  let j = 0;
  // As in packA: four panels at a time. A row of a wide panel is a cache line of its own.
  if (!WIDE && !tb) {
    for (; j + 4 * NR <= nc; j += 4 * NR) {
      let p = B + ((<usize> k0 * ldb + n0 + j) << 2), d0 = dst;
      for (let k = 0; k < kc; k++) {
        const d1 = d0 + panel, d2 = d1 + panel, d3 = d2 + panel;
        v128.store(d0, v128.load(p));
        v128.store(d0, v128.load(p, 16), 16);
        v128.store(d1, v128.load(p, 32));
        v128.store(d1, v128.load(p, 48), 16);
        v128.store(d2, v128.load(p, 64));
        v128.store(d2, v128.load(p, 80), 16);
        v128.store(d3, v128.load(p, 96));
        v128.store(d3, v128.load(p, 112), 16);
        p += s;
        d0 += 32;
      }
      dst += 4 * panel;
    }
  }
  for (; j < nc; j += NR) {
    const r = min(NR, nc - j);
    let d = dst;
    if (!tb) {
      let p = B + ((<usize> k0 * ldb + n0 + j) << 2);
      if (r == NR) {
        for (let k = 0; k < kc; k++) {
          v128.store(d, v128.load(p));
          v128.store(d, v128.load(p, 16), 16);
          if (WIDE) {
            v128.store(d, v128.load(p, 32), 32);
            v128.store(d, v128.load(p, 48), 48);
          }
          p += s;
          d += ROW_BYTES;
        }
      } else {
        for (let k = 0; k < kc; k++) {
          for (let x = 0; x < NR; x++) store<f32>(d + (x << 2), x < r ? load<f32>(p + (x << 2)) : 0);
          p += s;
          d += ROW_BYTES;
        }
      }
    } else {
      const p0 = B + ((<usize> (n0 + j) * ldb + k0) << 2);
      if (r == NR) {
        for (let half: usize = 0; half < ROW_BYTES; half += 16) {
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
            v128.store(d, v128.shuffle<f32>(x0, x1, 2, 3, 6, 7), ROW_BYTES);
            v128.store(d, v128.shuffle<f32>(y0, y1, 0, 1, 4, 5), 2 * ROW_BYTES);
            v128.store(d, v128.shuffle<f32>(y0, y1, 2, 3, 6, 7), 3 * ROW_BYTES);
            d += 4 * ROW_BYTES;
          }
          for (; k < end; k += 4) {
            store<f32>(d, load<f32>(q0 + k));
            store<f32>(d, load<f32>(q1 + k), 4);
            store<f32>(d, load<f32>(q2 + k), 8);
            store<f32>(d, load<f32>(q3 + k), 12);
            d += ROW_BYTES;
          }
        }
      } else {
        for (let k = 0; k < kc; k++) {
          let q = p0 + (<usize> k << 2);
          for (let x = 0; x < NR; x++) {
            store<f32>(d + (x << 2), x < r ? load<f32>(q) : 0);
            q += s;
          }
          d += ROW_BYTES;
        }
      }
    }
    dst += panel;
  }
}
