// Convolution forward, also with the filter turned round: the gradient of the input at stride 1.
import {
  Convolution,
  imageBytes,
  paddedImage,
  rowBytes,
  runLength,
  runsAcross,
} from "./convolution_parts";
import { epilogue } from "./epilogue";
import { fma } from "./vector";

export { packedFilterBytes, packFilter } from "./convolution_parts";

const EDGE: i32 = 128;

/** Bytes of scratch that one call of `convolutionForward` needs. */
export function convolutionScratch(plan: Convolution): i32 {
  return EDGE + imageBytes(plan) + (plan.outHeight * plan.outWidth + 3) * 4;
}

// Four pixels times eight output channels over all runs. Pixels as rows of a matrix product whose rows need no packing:
// four channels of a pixel come in one load, and shuffles spread them. Eight accumulators, four vectors of pixels, two of
// the filter and one spread lane are all of V8's fifteen registers.
function tile(
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
 * y = activation(x * filter + bias) for the images image0 ... image1 and, in each, the output pixels pixel0 ... pixel1.
 * `plan.other` is the filter as `packFilter` left it; `ws`: `convolutionScratch()` bytes.
 */
export function convolutionForward(
  plan: Convolution,
  image0: i32,
  image1: i32,
  pixel0: i32,
  pixel1: i32,
  ws: usize,
): void {
  const columns = plan.outChannels, pixels = plan.outHeight * plan.outWidth, count = pixel1 - pixel0;
  const rowStep = rowBytes(plan) * <usize> plan.dilationHeight;
  const acrossStep = <usize> (plan.dilationWidth * plan.inChannels) << 2;
  const length = runLength(plan), across = runsAcross(plan), rows = plan.filterHeight;
  const panel = <usize> (rows * across * length) << 5, ldc = <usize> columns << 2;
  const edge = ws, table = ws + EDGE, buffer = table + (((<usize> pixels + 3) << 2) + 63 & ~63);
  // Where each pixel's patch begins; the last one is repeated to fill a tile.
  const step = <usize> (plan.strideWidth * plan.inChannels) << 2;
  let t = table;
  for (let p = pixel0; p < pixel1; p++) {
    const row = p / plan.outWidth, column = p - row * plan.outWidth;
    store<usize>(t, <usize> (row * plan.strideHeight) * rowBytes(plan) + <usize> column * step);
    t += 4;
  }
  for (let p = 0; p < 3; p++) {
    store<usize>(t, load<usize>(t - 4));
    t += 4;
  }
  for (let image = image0; image < image1; image++) {
    const base = paddedImage(plan, image, buffer);
    const out = plan.y + (<usize> (image * pixels + pixel0) * columns << 2);
    let b = plan.other;
    for (let j = 0; j < columns; j += 8) {
      const wide = min(8, columns - j);
      let c = out + (<usize> j << 2), at = table;
      for (let p = 0; p < count; p += 4) {
        const p0 = base + load<usize>(at), p1 = base + load<usize>(at, 4);
        const p2 = base + load<usize>(at, 8), p3 = base + load<usize>(at, 12);
        const tall = min(4, count - p);
        if (tall == 4 && wide == 8) {
          tile(rows, across, length, rowStep, acrossStep, p0, p1, p2, p3, b, c, ldc);
        } else {
          tile(rows, across, length, rowStep, acrossStep, p0, p1, p2, p3, b, edge, 32);
          for (let i = 0; i < tall; i++) {
            memory.copy(c + <usize> i * ldc, edge + (<usize> i << 5), <usize> wide << 2);
          }
        }
        at += 16;
        c += ldc << 2;
      }
      b += panel;
    }
    if (plan.bias || plan.activation) {
      epilogue(out, columns, count, columns, plan.bias, 4, plan.activation, plan.alpha);
    }
  }
}
