// The two inner loops of the convolutions. Not exported from the module.
import { WIDE } from "./mode";
import { fma } from "./vector";
import { widePatch, widePatchOuter } from "./wide_convolution_tiles";

/**
 * c[4][8] = four pixels times eight output channels over all runs. Pixels as rows of a matrix product whose rows need no packing:
 * four channels of a pixel come in one load, and shuffles spread them. Eight accumulators, four vectors of pixels, two of
 * the filter and one spread lane are all of V8's fifteen registers.
 */
export function patchTile(
  rows: i32,
  across: i32,
  length: i32,
  rowStep: usize,
  acrossStep: usize,
  q0: usize,
  q1: usize,
  q2: usize,
  q3: usize,
  b: usize,
  c: usize,
  ldc: usize,
): void {
  if (WIDE) {
    widePatch(rows, across, length, rowStep, acrossStep, q0, q1, q2, q3, b, c, ldc);
    return;
  }
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  for (let run = 0; run < rows; run++) {
    for (let piece = 0; piece < across; piece++) {
      let a0: v128, a1: v128, a2: v128, a3: v128, b0: v128, b1: v128, s: v128, k = length;
      const at = <usize> run * rowStep + <usize> piece * acrossStep;
      let p0 = q0 + at, p1 = q1 + at, p2 = q2 + at, p3 = q3 + at;
      for (; k >= 8; k -= 8) {
      a0 = v128.load(p0);
      a1 = v128.load(p1);
      a2 = v128.load(p2);
      a3 = v128.load(p3);
      b0 = v128.load(b);
      b1 = v128.load(b, 16);
      s = v128.shuffle<f32>(a0, a0, 0, 0, 0, 0);
      c00 = fma(s, b0, c00);
      c01 = fma(s, b1, c01);
      s = v128.shuffle<f32>(a1, a1, 0, 0, 0, 0);
      c10 = fma(s, b0, c10);
      c11 = fma(s, b1, c11);
      s = v128.shuffle<f32>(a2, a2, 0, 0, 0, 0);
      c20 = fma(s, b0, c20);
      c21 = fma(s, b1, c21);
      s = v128.shuffle<f32>(a3, a3, 0, 0, 0, 0);
      c30 = fma(s, b0, c30);
      c31 = fma(s, b1, c31);
      b0 = v128.load(b, 32);
      b1 = v128.load(b, 48);
      s = v128.shuffle<f32>(a0, a0, 1, 1, 1, 1);
      c00 = fma(s, b0, c00);
      c01 = fma(s, b1, c01);
      s = v128.shuffle<f32>(a1, a1, 1, 1, 1, 1);
      c10 = fma(s, b0, c10);
      c11 = fma(s, b1, c11);
      s = v128.shuffle<f32>(a2, a2, 1, 1, 1, 1);
      c20 = fma(s, b0, c20);
      c21 = fma(s, b1, c21);
      s = v128.shuffle<f32>(a3, a3, 1, 1, 1, 1);
      c30 = fma(s, b0, c30);
      c31 = fma(s, b1, c31);
      b0 = v128.load(b, 64);
      b1 = v128.load(b, 80);
      s = v128.shuffle<f32>(a0, a0, 2, 2, 2, 2);
      c00 = fma(s, b0, c00);
      c01 = fma(s, b1, c01);
      s = v128.shuffle<f32>(a1, a1, 2, 2, 2, 2);
      c10 = fma(s, b0, c10);
      c11 = fma(s, b1, c11);
      s = v128.shuffle<f32>(a2, a2, 2, 2, 2, 2);
      c20 = fma(s, b0, c20);
      c21 = fma(s, b1, c21);
      s = v128.shuffle<f32>(a3, a3, 2, 2, 2, 2);
      c30 = fma(s, b0, c30);
      c31 = fma(s, b1, c31);
      b0 = v128.load(b, 96);
      b1 = v128.load(b, 112);
      s = v128.shuffle<f32>(a0, a0, 3, 3, 3, 3);
      c00 = fma(s, b0, c00);
      c01 = fma(s, b1, c01);
      s = v128.shuffle<f32>(a1, a1, 3, 3, 3, 3);
      c10 = fma(s, b0, c10);
      c11 = fma(s, b1, c11);
      s = v128.shuffle<f32>(a2, a2, 3, 3, 3, 3);
      c20 = fma(s, b0, c20);
      c21 = fma(s, b1, c21);
      s = v128.shuffle<f32>(a3, a3, 3, 3, 3, 3);
      c30 = fma(s, b0, c30);
      c31 = fma(s, b1, c31);
      a0 = v128.load(p0, 16);
      a1 = v128.load(p1, 16);
      a2 = v128.load(p2, 16);
      a3 = v128.load(p3, 16);
      b0 = v128.load(b, 128);
      b1 = v128.load(b, 144);
      s = v128.shuffle<f32>(a0, a0, 0, 0, 0, 0);
      c00 = fma(s, b0, c00);
      c01 = fma(s, b1, c01);
      s = v128.shuffle<f32>(a1, a1, 0, 0, 0, 0);
      c10 = fma(s, b0, c10);
      c11 = fma(s, b1, c11);
      s = v128.shuffle<f32>(a2, a2, 0, 0, 0, 0);
      c20 = fma(s, b0, c20);
      c21 = fma(s, b1, c21);
      s = v128.shuffle<f32>(a3, a3, 0, 0, 0, 0);
      c30 = fma(s, b0, c30);
      c31 = fma(s, b1, c31);
      b0 = v128.load(b, 160);
      b1 = v128.load(b, 176);
      s = v128.shuffle<f32>(a0, a0, 1, 1, 1, 1);
      c00 = fma(s, b0, c00);
      c01 = fma(s, b1, c01);
      s = v128.shuffle<f32>(a1, a1, 1, 1, 1, 1);
      c10 = fma(s, b0, c10);
      c11 = fma(s, b1, c11);
      s = v128.shuffle<f32>(a2, a2, 1, 1, 1, 1);
      c20 = fma(s, b0, c20);
      c21 = fma(s, b1, c21);
      s = v128.shuffle<f32>(a3, a3, 1, 1, 1, 1);
      c30 = fma(s, b0, c30);
      c31 = fma(s, b1, c31);
      b0 = v128.load(b, 192);
      b1 = v128.load(b, 208);
      s = v128.shuffle<f32>(a0, a0, 2, 2, 2, 2);
      c00 = fma(s, b0, c00);
      c01 = fma(s, b1, c01);
      s = v128.shuffle<f32>(a1, a1, 2, 2, 2, 2);
      c10 = fma(s, b0, c10);
      c11 = fma(s, b1, c11);
      s = v128.shuffle<f32>(a2, a2, 2, 2, 2, 2);
      c20 = fma(s, b0, c20);
      c21 = fma(s, b1, c21);
      s = v128.shuffle<f32>(a3, a3, 2, 2, 2, 2);
      c30 = fma(s, b0, c30);
      c31 = fma(s, b1, c31);
      b0 = v128.load(b, 224);
      b1 = v128.load(b, 240);
      s = v128.shuffle<f32>(a0, a0, 3, 3, 3, 3);
      c00 = fma(s, b0, c00);
      c01 = fma(s, b1, c01);
      s = v128.shuffle<f32>(a1, a1, 3, 3, 3, 3);
      c10 = fma(s, b0, c10);
      c11 = fma(s, b1, c11);
      s = v128.shuffle<f32>(a2, a2, 3, 3, 3, 3);
      c20 = fma(s, b0, c20);
      c21 = fma(s, b1, c21);
      s = v128.shuffle<f32>(a3, a3, 3, 3, 3, 3);
      c30 = fma(s, b0, c30);
      c31 = fma(s, b1, c31);
        p0 += 32;
        p1 += 32;
        p2 += 32;
        p3 += 32;
        b += 256;
      }
      if (k >= 4) {
      a0 = v128.load(p0);
      a1 = v128.load(p1);
      a2 = v128.load(p2);
      a3 = v128.load(p3);
      b0 = v128.load(b);
      b1 = v128.load(b, 16);
      s = v128.shuffle<f32>(a0, a0, 0, 0, 0, 0);
      c00 = fma(s, b0, c00);
      c01 = fma(s, b1, c01);
      s = v128.shuffle<f32>(a1, a1, 0, 0, 0, 0);
      c10 = fma(s, b0, c10);
      c11 = fma(s, b1, c11);
      s = v128.shuffle<f32>(a2, a2, 0, 0, 0, 0);
      c20 = fma(s, b0, c20);
      c21 = fma(s, b1, c21);
      s = v128.shuffle<f32>(a3, a3, 0, 0, 0, 0);
      c30 = fma(s, b0, c30);
      c31 = fma(s, b1, c31);
      b0 = v128.load(b, 32);
      b1 = v128.load(b, 48);
      s = v128.shuffle<f32>(a0, a0, 1, 1, 1, 1);
      c00 = fma(s, b0, c00);
      c01 = fma(s, b1, c01);
      s = v128.shuffle<f32>(a1, a1, 1, 1, 1, 1);
      c10 = fma(s, b0, c10);
      c11 = fma(s, b1, c11);
      s = v128.shuffle<f32>(a2, a2, 1, 1, 1, 1);
      c20 = fma(s, b0, c20);
      c21 = fma(s, b1, c21);
      s = v128.shuffle<f32>(a3, a3, 1, 1, 1, 1);
      c30 = fma(s, b0, c30);
      c31 = fma(s, b1, c31);
      b0 = v128.load(b, 64);
      b1 = v128.load(b, 80);
      s = v128.shuffle<f32>(a0, a0, 2, 2, 2, 2);
      c00 = fma(s, b0, c00);
      c01 = fma(s, b1, c01);
      s = v128.shuffle<f32>(a1, a1, 2, 2, 2, 2);
      c10 = fma(s, b0, c10);
      c11 = fma(s, b1, c11);
      s = v128.shuffle<f32>(a2, a2, 2, 2, 2, 2);
      c20 = fma(s, b0, c20);
      c21 = fma(s, b1, c21);
      s = v128.shuffle<f32>(a3, a3, 2, 2, 2, 2);
      c30 = fma(s, b0, c30);
      c31 = fma(s, b1, c31);
      b0 = v128.load(b, 96);
      b1 = v128.load(b, 112);
      s = v128.shuffle<f32>(a0, a0, 3, 3, 3, 3);
      c00 = fma(s, b0, c00);
      c01 = fma(s, b1, c01);
      s = v128.shuffle<f32>(a1, a1, 3, 3, 3, 3);
      c10 = fma(s, b0, c10);
      c11 = fma(s, b1, c11);
      s = v128.shuffle<f32>(a2, a2, 3, 3, 3, 3);
      c20 = fma(s, b0, c20);
      c21 = fma(s, b1, c21);
      s = v128.shuffle<f32>(a3, a3, 3, 3, 3, 3);
      c30 = fma(s, b0, c30);
      c31 = fma(s, b1, c31);
        p0 += 16;
        p1 += 16;
        p2 += 16;
        p3 += 16;
        b += 128;
        k -= 4;
      }
      for (; k > 0; k--) {
        b0 = v128.load(b);
        b1 = v128.load(b, 16);
        s = v128.load_splat<f32>(p0);
        c00 = fma(s, b0, c00);
        c01 = fma(s, b1, c01);
        s = v128.load_splat<f32>(p1);
        c10 = fma(s, b0, c10);
        c11 = fma(s, b1, c11);
        s = v128.load_splat<f32>(p2);
        c20 = fma(s, b0, c20);
        c21 = fma(s, b1, c21);
        s = v128.load_splat<f32>(p3);
        c30 = fma(s, b0, c30);
        c31 = fma(s, b1, c31);
        p0 += 4;
        p1 += 4;
        p2 += 4;
        p3 += 4;
        b += 32;
      }
    }
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += ldc;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += ldc;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += ldc;
  v128.store(c, c30);
  v128.store(c, c31, 16);
}

/**
 * c[4][8] += the outer products of four elements of each patch with eight channels of its gradient, over `rows` rows of
 * `columns` pixels. As in the forward tile, one load brings four elements and shuffles spread them. The chunk is summed on
 * its own before it joins the sums, which keeps the rounding error of long sums small.
 */
export function outerTile(
  rows: i32,
  columns: i32,
  x: usize,
  rowStep: usize,
  step: usize,
  d: usize,
  c: usize,
  ldc: usize,
): void {
  if (WIDE) {
    widePatchOuter(rows, columns, x, rowStep, step, d, c, ldc);
    return;
  }
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  for (let r = 0; r < rows; r++) {
    let p = x, n = columns, a: v128, b0: v128, b1: v128, s: v128;
    for (; n >= 2; n -= 2) {
      a = v128.load(p);
      b0 = v128.load(d);
      b1 = v128.load(d, 16);
      s = v128.shuffle<f32>(a, a, 0, 0, 0, 0);
      c00 = fma(s, b0, c00);
      c01 = fma(s, b1, c01);
      s = v128.shuffle<f32>(a, a, 1, 1, 1, 1);
      c10 = fma(s, b0, c10);
      c11 = fma(s, b1, c11);
      s = v128.shuffle<f32>(a, a, 2, 2, 2, 2);
      c20 = fma(s, b0, c20);
      c21 = fma(s, b1, c21);
      s = v128.shuffle<f32>(a, a, 3, 3, 3, 3);
      c30 = fma(s, b0, c30);
      c31 = fma(s, b1, c31);
      p += step;
      a = v128.load(p);
      b0 = v128.load(d, 32);
      b1 = v128.load(d, 48);
      s = v128.shuffle<f32>(a, a, 0, 0, 0, 0);
      c00 = fma(s, b0, c00);
      c01 = fma(s, b1, c01);
      s = v128.shuffle<f32>(a, a, 1, 1, 1, 1);
      c10 = fma(s, b0, c10);
      c11 = fma(s, b1, c11);
      s = v128.shuffle<f32>(a, a, 2, 2, 2, 2);
      c20 = fma(s, b0, c20);
      c21 = fma(s, b1, c21);
      s = v128.shuffle<f32>(a, a, 3, 3, 3, 3);
      c30 = fma(s, b0, c30);
      c31 = fma(s, b1, c31);
      p += step;
      d += 64;
    }
    if (n) {
      a = v128.load(p);
      b0 = v128.load(d);
      b1 = v128.load(d, 16);
      s = v128.shuffle<f32>(a, a, 0, 0, 0, 0);
      c00 = fma(s, b0, c00);
      c01 = fma(s, b1, c01);
      s = v128.shuffle<f32>(a, a, 1, 1, 1, 1);
      c10 = fma(s, b0, c10);
      c11 = fma(s, b1, c11);
      s = v128.shuffle<f32>(a, a, 2, 2, 2, 2);
      c20 = fma(s, b0, c20);
      c21 = fma(s, b1, c21);
      s = v128.shuffle<f32>(a, a, 3, 3, 3, 3);
      c30 = fma(s, b0, c30);
      c31 = fma(s, b1, c31);
      p += step;
      d += 32;
    }
    x += rowStep;
  }
  v128.store(c, f32x4.add(v128.load(c), c00));
  v128.store(c, f32x4.add(v128.load(c, 16), c01), 16);
  c += ldc;
  v128.store(c, f32x4.add(v128.load(c), c10));
  v128.store(c, f32x4.add(v128.load(c, 16), c11), 16);
  c += ldc;
  v128.store(c, f32x4.add(v128.load(c), c20));
  v128.store(c, f32x4.add(v128.load(c, 16), c21), 16);
  c += ldc;
  v128.store(c, f32x4.add(v128.load(c), c30));
  v128.store(c, f32x4.add(v128.load(c, 16), c31), 16);
}
