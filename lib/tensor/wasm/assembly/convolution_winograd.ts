// Convolution with 3 x 3 filters at stride 1 by Winograd's minimal filtering F(3 x 3, 3 x 3) (Lavin & Gray 2016,
// arXiv:1509.09308): nine results of a tile take 25 products a pair of channels instead of 81. Evaluated at the points 0, 1,
// -1, 2 and infinity:
//
//     B' = [2 -1 -2 1 0; 0 -2 -1 1 0; 0 2 -3 1 0; 0 -1 0 1 0; 0 2 -1 -2 1]      V = B' d B
//     G  = [1/2 0 0; -1/2 -1/2 -1/2; -1/6 1/6 -1/6; 1/6 1/3 2/3; 0 0 1]         U = G g G'
//     A' = [1 1 1 1 0; 0 1 -1 2 0; 0 1 1 4 1]                                   y = A' (U V) A
//
// The gradient of the filter is the transpose of that: dU = V (A dy A'), dg = G' dU G. Channels come in fours, output
// channels in panels.
import { Convolution, imageBytes, paddedImage, rowBytes } from "./convolution_parts";
import { outerTile, patchTile } from "./convolution_tiles";
import { epilogue } from "./epilogue";
import { WIDE } from "./mode";
import { fma, fnma, PANEL, ROW_BYTES, ROW_SHIFT } from "./vector";
import { wideRows } from "./wide_tiles";

/** Rows of the products that a few small images are put together for. */
const ROWS: i32 = 48;
const BUFFER: usize = 25 * 16;
const EDGE: usize = 384;

// Images that are transformed at once, of which each has `tiles` tiles.
// @ts-ignore: decorator
@inline
function group(tiles: i32, images: i32): i32 {
  return max(1, min(images, ROWS / tiles));
}

// The plan's output size is the one rounded up to whole tiles.
// @ts-ignore: decorator
@inline
function tilesOf(plan: Convolution): i32 {
  return plan.outHeight / 3 * (plan.outWidth / 3);
}

/** Bytes of scratch that one call of `winogradForward` or `winogradGradient` needs for `images` images. */
export function winogradScratch(plan: Convolution, images: i32): i32 {
  const tiles = tilesOf(plan), rows = tiles * group(tiles, images);
  return <i32> (BUFFER + EDGE) + imageBytes(plan) + 25 * rows * (plan.inChannels + plan.outChannels) * 4;
}

// @ts-ignore: decorator
@inline
function transformFilter(w0: f32, w1: f32, w2: f32, dst: usize, step: usize): void {
  const half: f32 = 0.5 * (w0 + w2), sixth: f32 = (w0 + w2) / 6;
  store<f32>(dst, 0.5 * w0);
  store<f32>(dst + step, -half - 0.5 * w1);
  store<f32>(dst + 2 * step, w1 / 6 - sixth);
  store<f32>(dst + 3 * step, w0 / 6 + w1 / 3 + w2 * (2 / <f32> 3));
  store<f32>(dst + 4 * step, w2);
}

/**
 * U of a filter [3][3][channels][columns], or with `turned` of [3][3][columns][channels] turned round, as 25 matrices of
 * channels x columns in panels [column / PANEL][channel][PANEL]. `ws`: 100 bytes.
 */
export function winogradFilter(filter: usize, channels: i32, columns: i32, turned: i32, dst: usize, ws: usize): void {
  const tap = <usize> (channels * columns) << 2, matrix = tap;
  for (let n = 0; n < columns; n++) {
    for (let c = 0; c < channels; c++) {
      const p = filter + (<usize> (turned ? n * channels + c : c * columns + n) << 2);
      for (let x: usize = 0; x < 3; x++) {
        const row: usize = 3 * tap, at = turned ? p + (8 - x) * tap : p + x * tap, step = turned ? 0 - row : row;
        transformFilter(load<f32>(at), load<f32>(at + step), load<f32>(at + 2 * step), ws + (x << 2), 12);
      }
      const place = dst + (<usize> (n / PANEL * channels + c) << ROW_SHIFT) + (<usize> (n % PANEL) << 2);
      for (let y: usize = 0; y < 5; y++) {
        const row = ws + 12 * y;
        transformFilter(load<f32>(row), load<f32>(row, 4), load<f32>(row, 8), place + 5 * y * matrix, matrix);
      }
    }
  }
}

// B' of five vectors `sp` bytes apart.
// @ts-ignore: decorator
@inline
function transformInput(p: usize, sp: usize, dst: usize, sd: usize): void {
  const d0 = v128.load(p), d1 = v128.load(p + sp), d2 = v128.load(p + 2 * sp), d3 = v128.load(p + 3 * sp);
  const d4 = v128.load(p + 4 * sp), two = f32x4.splat(2), far = f32x4.sub(d3, d1), near = f32x4.sub(d3, d2);
  v128.store(dst, fma(two, f32x4.sub(d0, d2), far));
  v128.store(dst + sd, fnma(two, d1, near));
  v128.store(dst + 2 * sd, fma(two, f32x4.sub(d1, d2), near));
  v128.store(dst + 3 * sd, far);
  v128.store(dst + 4 * sd, fnma(two, far, f32x4.sub(d4, d2)));
}

// V of one image's tiles, as 25 matrices [tile][channel] that are `matrix` bytes apart.
function transformImage(plan: Convolution, base: usize, dst: usize, matrix: usize, buffer: usize): void {
  const C = plan.inChannels, pitch = rowBytes(plan), pixel = <usize> C << 2;
  for (let y = 0; y < plan.outHeight; y += 3) {
    for (let x = 0; x < plan.outWidth; x += 3) {
      const corner = base + <usize> y * pitch + <usize> x * pixel;
      for (let c: usize = 0; c < pixel; c += 16) {
        for (let k: usize = 0; k < 5; k++) transformInput(corner + c + k * pixel, pitch, buffer + (k << 4), 80);
        for (let k: usize = 0; k < 5; k++) transformInput(buffer + 80 * k, 16, dst + c + 5 * k * matrix, matrix);
      }
      dst += pixel;
    }
  }
}

// A' of five vectors.
// @ts-ignore: decorator
@inline
function transformOutput(p: usize, sp: usize, dst: usize, sd: usize, count: i32): void {
  const m0 = v128.load(p), m1 = v128.load(p + sp), m2 = v128.load(p + 2 * sp), m3 = v128.load(p + 3 * sp);
  const sum = f32x4.add(m1, m2);
  v128.store(dst, f32x4.add(f32x4.add(m0, m3), sum));
  if (count > 1) v128.store(dst + sd, fma(f32x4.splat(2), m3, f32x4.sub(m1, m2)));
  if (count > 2) v128.store(dst + 2 * sd, f32x4.add(fma(f32x4.splat(4), m3, sum), v128.load(p + 4 * sp)));
}

// The part of one image's results that exists, from 25 matrices [tile][column].
function transformBack(
  plan: Convolution,
  height: i32,
  width: i32,
  products: usize,
  matrix: usize,
  out: usize,
  buffer: usize,
): void {
  const pixel = <usize> plan.outChannels << 2, pitch = pixel * <usize> width;
  for (let y = 0; y < plan.outHeight; y += 3) {
    const rows = min(3, height - y);
    for (let x = 0; x < plan.outWidth; x += 3) {
      const columns = min(3, width - x), corner = out + <usize> y * pitch + <usize> x * pixel;
      for (let c: usize = 0; c < pixel; c += 16) {
        for (let k: usize = 0; k < 5; k++) {
          transformOutput(products + c + k * matrix, 5 * matrix, buffer + (k << 4), 80, 3);
        }
        for (let k = 0; k < rows; k++) {
          transformOutput(buffer + 80 * <usize> k, 16, corner + c + <usize> k * pitch, pixel, columns);
        }
      }
      products += pixel;
    }
  }
}

// C[rows][columns] = A[rows][depth] times packed B.
function product(rows: i32, columns: i32, depth: i32, a: usize, b: usize, c: usize, edge: usize): void {
  const sa = <usize> depth << 2, sc = <usize> columns << 2, panel = <usize> depth << ROW_SHIFT;
  for (let j = 0; j < columns; j += PANEL) {
    let p = a, q = c + (<usize> j << 2), i = 0;
    if (WIDE) {
      for (; i + 6 <= rows; i += 6) {
        wideRows(depth, p, sa, b, 0, 0, q, sc);
        p += 6 * sa;
        q += 6 * sc;
      }
    }
    for (; i + 4 <= rows; i += 4) {
      patchTile(1, 1, depth, 0, 0, p, p + sa, p + 2 * sa, p + 3 * sa, b, q, sc);
      p += sa << 2;
      q += sc << 2;
    }
    if (i < rows) {
      const p1 = i + 1 < rows ? p + sa : p, p2 = i + 2 < rows ? p1 + sa : p;
      patchTile(1, 1, depth, 0, 0, p, p1, p2, p2, b, edge, ROW_BYTES);
      for (let k: usize = 0; i < rows; i++) {
        v128.store(q, v128.load(edge + k));
        v128.store(q, v128.load(edge + k, 16), 16);
        if (WIDE) {
          v128.store(q, v128.load(edge + k, 32), 32);
          v128.store(q, v128.load(edge + k, 48), 48);
        }
        k += ROW_BYTES;
        q += sc;
      }
    }
    b += panel;
  }
}

/**
 * As `convolutionForward` for a 3 x 3 filter at stride and dilation 1. `plan` has the output rounded up to multiples of
 * three, `height` x `width` is the real one; `plan.other` is the filter as `winogradFilter` left it. `ws`:
 * `winogradScratch()` bytes.
 */
export function winogradForward(
  plan: Convolution,
  height: i32,
  width: i32,
  image0: i32,
  image1: i32,
  ws: usize,
): void {
  const C = plan.inChannels, N = plan.outChannels, tiles = tilesOf(plan), most = group(tiles, image1 - image0);
  const edge = ws + BUFFER, image = edge + EDGE, V = image + <usize> imageBytes(plan);
  const M = V + (<usize> (25 * tiles * most * C) << 2), size = <usize> (height * width * N) << 2;
  const tap = <usize> (C * N) << 2;
  for (let first = image0; first < image1; first += most) {
    const count = min(most, image1 - first), rows = count * tiles;
    const stepV = <usize> (rows * C) << 2, stepM = <usize> (rows * N) << 2;
    for (let k = 0; k < count; k++) {
      const base = paddedImage(plan, first + k, image);
      transformImage(plan, base, V + (<usize> (k * tiles * C) << 2), stepV, ws);
    }
    for (let e: usize = 0; e < 25; e++) {
      product(rows, N, C, V + e * stepV, plan.other + e * tap, M + e * stepM, edge);
    }
    for (let k = 0; k < count; k++) {
      const out = plan.y + <usize> (first + k) * size;
      transformBack(plan, height, width, M + (<usize> (k * tiles * N) << 2), stepM, out, ws);
      if (plan.bias || plan.activation) {
        epilogue(out, N, height * width, N, plan.bias, 4, plan.activation, plan.alpha);
      }
    }
  }
}

// A of three vectors.
// @ts-ignore: decorator
@inline
function spreadGradient(y0: v128, y1: v128, y2: v128, dst: usize, sd: usize): void {
  const ends = f32x4.add(y0, y2);
  v128.store(dst, y0);
  v128.store(dst + sd, f32x4.add(ends, y1));
  v128.store(dst + 2 * sd, f32x4.sub(ends, y1));
  v128.store(dst + 3 * sd, fma(f32x4.splat(4), y2, fma(f32x4.splat(2), y1, y0)));
  v128.store(dst + 4 * sd, y2);
}

// A dy A' of one image's tiles, as 25 matrices of panels [column / PANEL][row][PANEL] with `rows` rows.
function transformGradient(
  plan: Convolution,
  height: i32,
  width: i32,
  dy: usize,
  rows: i32,
  row0: i32,
  dst: usize,
  matrix: usize,
  buffer: usize,
): void {
  const pixel = <usize> plan.outChannels << 2, pitch = pixel * <usize> width, zero = f32x4.splat(0);
  let row = row0;
  for (let y = 0; y < plan.outHeight; y += 3) {
    for (let x = 0; x < plan.outWidth; x += 3) {
      const corner = dy + <usize> y * pitch + <usize> x * pixel, down = height - y, right = width - x;
      for (let c: usize = 0; c < pixel; c += 16) {
        for (let k = 0; k < 3; k++) {
          const p = corner + c + <usize> k * pixel, there = k < right;
          spreadGradient(
            there ? v128.load(p) : zero,
            there && down > 1 ? v128.load(p + pitch) : zero,
            there && down > 2 ? v128.load(p + 2 * pitch) : zero,
            buffer + (<usize> k << 4),
            48,
          );
        }
        const place = dst + ((c >> ROW_SHIFT) * <usize> rows + <usize> row << ROW_SHIFT) + (c & (ROW_BYTES - 1));
        for (let k: usize = 0; k < 5; k++) {
          const p = buffer + 48 * k;
          spreadGradient(v128.load(p), v128.load(p, 16), v128.load(p, 32), place + 5 * k * matrix, matrix);
        }
      }
      row++;
    }
  }
}

/**
 * dU of the images image0 ... image1 as 25 matrices [channel][column] in `sums`. `plan` as for `winogradForward`, with the
 * gradient of y in `plan.other`. `ws`: `winogradScratch()` bytes.
 */
export function winogradGradient(
  plan: Convolution,
  height: i32,
  width: i32,
  image0: i32,
  image1: i32,
  sums: usize,
  ws: usize,
): void {
  const C = plan.inChannels, N = plan.outChannels, tiles = tilesOf(plan), most = group(tiles, image1 - image0);
  const image = ws + BUFFER + EDGE, V = image + <usize> imageBytes(plan);
  const Z = V + (<usize> (25 * tiles * most * C) << 2), size = <usize> (height * width * N) << 2;
  const tap = <usize> (C * N) << 2, line = <usize> N << 2, step = <usize> C << 2;
  memory.fill(sums, 0, 25 * tap);
  for (let first = image0; first < image1; first += most) {
    const count = min(most, image1 - first), rows = count * tiles;
    const stepV = <usize> (rows * C) << 2, stepZ = <usize> (rows * N) << 2;
    for (let k = 0; k < count; k++) {
      const base = paddedImage(plan, first + k, image), dy = plan.other + <usize> (first + k) * size;
      transformImage(plan, base, V + (<usize> (k * tiles * C) << 2), stepV, ws);
      transformGradient(plan, height, width, dy, rows, k * tiles, Z, stepZ, ws);
    }
    for (let e: usize = 0; e < 25; e++) {
      let z = Z + e * stepZ;
      for (let j = 0; j < N; j += PANEL) {
        let v = V + e * stepV, c = sums + e * tap + (<usize> j << 2);
        for (let k = 0; k < C; k += 4) {
          outerTile(1, rows, v, 0, step, z, c, line);
          v += 16;
          c += line << 2;
        }
        z += <usize> rows << ROW_SHIFT;
      }
    }
  }
}

// G' of five numbers.
// @ts-ignore: decorator
@inline
function gatherFilter(p: usize, sp: usize, dst: usize, sd: usize): void {
  const u0 = load<f32>(p), u1 = load<f32>(p + sp), u2 = load<f32>(p + 2 * sp), u3 = load<f32>(p + 3 * sp);
  const rest: f32 = -0.5 * u1 - u2 / 6;
  store<f32>(dst, 0.5 * u0 + rest + u3 / 6);
  store<f32>(dst + sd, u2 / 6 - 0.5 * u1 + u3 / 3);
  store<f32>(dst + 2 * sd, rest + u3 * (2 / <f32> 3) + load<f32>(p + 4 * sp));
}

/** The gradient of the filter from the sums of `parts` calls, `stride` bytes apart, added in their order. */
export function winogradReduce(sums: usize, stride: i32, parts: i32, size: i32, dst: usize, ws: usize): void {
  const tap = <usize> size << 2;
  for (let n: usize = 0; n < tap; n += 4) {
    for (let e: usize = 0; e < 25; e++) {
      const at = sums + e * tap + n;
      let sum = load<f32>(at);
      for (let part = 1; part < parts; part++) sum += load<f32>(at + <usize> part * stride);
      store<f32>(ws + (e << 2), sum);
    }
    for (let x: usize = 0; x < 5; x++) gatherFilter(ws + (x << 2), 20, ws + 128 + (x << 2), 20);
    for (let y: usize = 0; y < 3; y++) gatherFilter(ws + 128 + 20 * y, 4, dst + n + 3 * y * tap, tap);
  }
}
