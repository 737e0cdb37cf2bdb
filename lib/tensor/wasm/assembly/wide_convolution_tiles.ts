// The inner loops of the convolutions in the wide module; see wide_tiles.ts.
import { fma } from "./vector";

/** As `patchTile` of convolution_tiles.ts: c[4][16], four pixels times sixteen output channels over all runs. */
export function widePatch(
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
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c02 = f32x4.splat(0), c03 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0), c12 = f32x4.splat(0), c13 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c22 = f32x4.splat(0), c23 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0), c32 = f32x4.splat(0), c33 = f32x4.splat(0);
  let b0: v128, b1: v128, b2: v128, b3: v128, x: v128;
  for (let run = 0; run < rows; run++) {
    for (let piece = 0; piece < across; piece++) {
      const at = <usize> run * rowStep + <usize> piece * acrossStep;
      let p0 = q0 + at, p1 = q1 + at, p2 = q2 + at, p3 = q3 + at, k = length;
      for (; k >= 4; k -= 4) {
        b0 = v128.load(b);
        b1 = v128.load(b, 16);
        b2 = v128.load(b, 32);
        b3 = v128.load(b, 48);
        x = v128.load_splat<f32>(p0);
        c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
        x = v128.load_splat<f32>(p1);
        c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
        x = v128.load_splat<f32>(p2);
        c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
        x = v128.load_splat<f32>(p3);
        c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
        b0 = v128.load(b, 64);
        b1 = v128.load(b, 80);
        b2 = v128.load(b, 96);
        b3 = v128.load(b, 112);
        x = v128.load_splat<f32>(p0, 4);
        c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
        x = v128.load_splat<f32>(p1, 4);
        c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
        x = v128.load_splat<f32>(p2, 4);
        c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
        x = v128.load_splat<f32>(p3, 4);
        c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
        b0 = v128.load(b, 128);
        b1 = v128.load(b, 144);
        b2 = v128.load(b, 160);
        b3 = v128.load(b, 176);
        x = v128.load_splat<f32>(p0, 8);
        c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
        x = v128.load_splat<f32>(p1, 8);
        c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
        x = v128.load_splat<f32>(p2, 8);
        c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
        x = v128.load_splat<f32>(p3, 8);
        c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
        b0 = v128.load(b, 192);
        b1 = v128.load(b, 208);
        b2 = v128.load(b, 224);
        b3 = v128.load(b, 240);
        x = v128.load_splat<f32>(p0, 12);
        c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
        x = v128.load_splat<f32>(p1, 12);
        c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
        x = v128.load_splat<f32>(p2, 12);
        c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
        x = v128.load_splat<f32>(p3, 12);
        c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
        p0 += 16;
        p1 += 16;
        p2 += 16;
        p3 += 16;
        b += 256;
      }
      for (; k > 0; k--) {
        b0 = v128.load(b);
        b1 = v128.load(b, 16);
        b2 = v128.load(b, 32);
        b3 = v128.load(b, 48);
        x = v128.load_splat<f32>(p0);
        c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
        x = v128.load_splat<f32>(p1);
        c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
        x = v128.load_splat<f32>(p2);
        c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
        x = v128.load_splat<f32>(p3);
        c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
        p0 += 4;
        p1 += 4;
        p2 += 4;
        p3 += 4;
        b += 64;
      }
    }
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  c += ldc;
  v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
  c += ldc;
  v128.store(c, c20); v128.store(c, c21, 16); v128.store(c, c22, 32); v128.store(c, c23, 48);
  c += ldc;
  v128.store(c, c30); v128.store(c, c31, 16); v128.store(c, c32, 32); v128.store(c, c33, 48);
}

/** As `outerTile` of convolution_tiles.ts: c[4][16] += four elements of each patch times sixteen channels of its gradient. */
export function widePatchOuter(
  rows: i32,
  columns: i32,
  x0: usize,
  rowStep: usize,
  step: usize,
  d: usize,
  c: usize,
  ldc: usize,
): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c02 = f32x4.splat(0), c03 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0), c12 = f32x4.splat(0), c13 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c22 = f32x4.splat(0), c23 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0), c32 = f32x4.splat(0), c33 = f32x4.splat(0);
  let b0: v128, b1: v128, b2: v128, b3: v128, x: v128;
  for (let r = 0; r < rows; r++) {
    let p = x0;
    for (let n = columns; n > 0; n--) {
      b0 = v128.load(d);
      b1 = v128.load(d, 16);
      b2 = v128.load(d, 32);
      b3 = v128.load(d, 48);
      x = v128.load_splat<f32>(p);
      c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
      x = v128.load_splat<f32>(p, 4);
      c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
      x = v128.load_splat<f32>(p, 8);
      c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
      x = v128.load_splat<f32>(p, 12);
      c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
      p += step;
      d += 64;
    }
    x0 += rowStep;
  }
  b0 = v128.load(c); b1 = v128.load(c, 16); b2 = v128.load(c, 32); b3 = v128.load(c, 48);
  v128.store(c, f32x4.add(b0, c00)); v128.store(c, f32x4.add(b1, c01), 16); v128.store(c, f32x4.add(b2, c02), 32); v128.store(c, f32x4.add(b3, c03), 48);
  c += ldc;
  b0 = v128.load(c); b1 = v128.load(c, 16); b2 = v128.load(c, 32); b3 = v128.load(c, 48);
  v128.store(c, f32x4.add(b0, c10)); v128.store(c, f32x4.add(b1, c11), 16); v128.store(c, f32x4.add(b2, c12), 32); v128.store(c, f32x4.add(b3, c13), 48);
  c += ldc;
  b0 = v128.load(c); b1 = v128.load(c, 16); b2 = v128.load(c, 32); b3 = v128.load(c, 48);
  v128.store(c, f32x4.add(b0, c20)); v128.store(c, f32x4.add(b1, c21), 16); v128.store(c, f32x4.add(b2, c22), 32); v128.store(c, f32x4.add(b3, c23), 48);
  c += ldc;
  b0 = v128.load(c); b1 = v128.load(c, 16); b2 = v128.load(c, 32); b3 = v128.load(c, 48);
  v128.store(c, f32x4.add(b0, c30)); v128.store(c, f32x4.add(b1, c31), 16); v128.store(c, f32x4.add(b2, c32), 32); v128.store(c, f32x4.add(b3, c33), 48);
}
