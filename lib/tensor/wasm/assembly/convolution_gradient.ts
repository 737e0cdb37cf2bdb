// Gradients of the convolution: of the filter, and of the input where the stride is not 1.
import { Convolution, imageBytes, paddedImage, rowBytes, runLength, runsAcross } from "./convolution_parts";
import { sgemmPacked, sgemmScratch } from "./gemm";
import { outerTile } from "./convolution_tiles";
import { WIDE } from "./mode";
import { ceilPanel, PANEL, ROW_BYTES } from "./vector";

/** Output pixels that are taken at once, so that their patches and gradients stay in the first-level cache. */
const CHUNK: i32 = 64;
/** Floats of unfolded patches that are worked on at once. */
const UNFOLDED: i32 = 65536;

// @ts-ignore: decorator
@inline
function ceil4(n: i32): i32 {
  return (n + 3) & ~3;
}

// @ts-ignore: decorator
@inline
function chunkRows(plan: Convolution): i32 {
  return min(plan.outHeight, max(1, CHUNK / plan.outWidth));
}

/** Bytes of scratch that one call of `filterGradient` needs. */
export function filterGradientScratch(plan: Convolution): i32 {
  return imageBytes(plan) + chunkRows(plan) * plan.outWidth * <i32> ROW_BYTES;
}

/** Bytes of the sums that one call of `filterGradient` leaves. */
export function filterGradientBytes(plan: Convolution): i32 {
  return plan.filterHeight * runsAcross(plan) * ceil4(runLength(plan)) * ceilPanel(plan.outChannels) * 4;
}

// Pixels of dy in one panel of channels, the missing ones zero.
function packGradient(source: usize, pixels: i32, channels: i32, wide: i32, dst: usize): void {
  const step = <usize> channels << 2;
  for (let p = 0; p < pixels; p++) {
    if (wide == PANEL) {
      v128.store(dst, v128.load(source));
      v128.store(dst, v128.load(source, 16), 16);
      if (WIDE) {
        v128.store(dst, v128.load(source, 32), 32);
        v128.store(dst, v128.load(source, 48), 48);
      }
    } else {
      for (let n = 0; n < PANEL; n++) {
        const at = <usize> n << 2;
        store<f32>(dst + at, n < wide ? load<f32>(source + at) : 0);
      }
    }
    source += step;
    dst += ROW_BYTES;
  }
}

/**
 * Sums over the images image0 ... image1 of each patch times its gradient, in `sums` as [run][ceil4(length)][ceilPanel(channels)].
 * `plan.other` is the gradient of y. `ws`: `filterGradientScratch()` bytes.
 */
export function filterGradient(plan: Convolution, image0: i32, image1: i32, sums: usize, ws: usize): void {
  const channels = plan.outChannels, N = ceilPanel(channels), ldc = <usize> N << 2;
  const length = runLength(plan), across = runsAcross(plan), tall = ceil4(length);
  const pitch = rowBytes(plan), rowStep = pitch * <usize> plan.strideHeight;
  const step = <usize> (plan.strideWidth * plan.inChannels) << 2;
  const height = plan.outHeight, width = plan.outWidth, chunk = chunkRows(plan);
  const packed = ws, buffer = ws + <usize> (chunk * width) * ROW_BYTES;
  memory.fill(sums, 0, filterGradientBytes(plan));
  for (let image = image0; image < image1; image++) {
    const base = paddedImage(plan, image, buffer);
    const dy = plan.other + (<usize> (image * height * width) * channels << 2);
    for (let y = 0; y < height; y += chunk) {
      const rows = min(chunk, height - y);
      const first = base + <usize> y * rowStep, gradient = dy + (<usize> (y * width) * channels << 2);
      for (let j = 0; j < channels; j += PANEL) {
        packGradient(gradient + (<usize> j << 2), rows * width, channels, min(PANEL, channels - j), packed);
        let c = sums + (<usize> j << 2);
        for (let fy = 0; fy < plan.filterHeight; fy++) {
          for (let piece = 0; piece < across; piece++) {
            let x = first + <usize> (fy * plan.dilationHeight) * pitch +
              (<usize> (piece * plan.dilationWidth * plan.inChannels) << 2);
            for (let k = 0; k < tall; k += 4) {
              outerTile(rows, width, x, rowStep, step, packed, c, ldc);
              x += 16;
              c += ldc << 2;
            }
          }
        }
      }
    }
  }
}

/** The gradient of the filter from the sums of `parts` calls, `stride` bytes apart, added in their order. */
export function filterGradientReduce(plan: Convolution, sums: usize, stride: i32, parts: i32, dst: usize): void {
  const channels = plan.outChannels, line = <usize> ceilPanel(channels) << 2;
  const length = runLength(plan), rest = <usize> (ceil4(length) - length) * line;
  const runs = plan.filterHeight * runsAcross(plan);
  let p = sums;
  for (let run = 0; run < runs; run++) {
    for (let k = 0; k < length; k++) {
      for (let n = 0; n < channels; n++) {
        const at = p + (<usize> n << 2);
        let sum = load<f32>(at);
        for (let part = 1; part < parts; part++) sum += load<f32>(at + <usize> part * stride);
        store<f32>(dst, sum);
        dst += 4;
      }
      p += line;
    }
    p += rest;
  }
}

// @ts-ignore: decorator
@inline
function unfoldedRows(plan: Convolution): i32 {
  const patch = plan.filterHeight * plan.filterWidth * plan.inChannels;
  return min(plan.outHeight, max(1, UNFOLDED / (patch * plan.outWidth)));
}

/** Bytes of scratch that one call of `inputGradient` needs. */
export function inputGradientScratch(plan: Convolution): i32 {
  const patch = plan.filterHeight * plan.filterWidth * plan.inChannels;
  return (unfoldedRows(plan) * plan.outWidth * patch * 4 + 63 & ~63) + sgemmScratch();
}

function addTo(dst: usize, source: usize, n: i32): void {
  for (; n >= 4; n -= 4) {
    v128.store(dst, f32x4.add(v128.load(dst), v128.load(source)));
    dst += 16;
    source += 16;
  }
  for (; n > 0; n--) {
    store<f32>(dst, load<f32>(dst) + load<f32>(source));
    dst += 4;
    source += 4;
  }
}

/**
 * The gradient of the input at any stride, into `plan.x`, for the images image0 ... image1: the gradients of all patches
 * as a matrix product, a few rows of pixels at a time, each added where its patch came from. `plan.other` is the gradient
 * of y, `packed` the filter's transpose as `prepackB` left it. `ws`: `inputGradientScratch()` bytes.
 */
export function inputGradient(plan: Convolution, image0: i32, image1: i32, packed: usize, ws: usize): void {
  const C = plan.inChannels, K = plan.outChannels, width = plan.outWidth;
  const patch = plan.filterHeight * plan.filterWidth * C, chunk = unfoldedRows(plan);
  const size = <usize> (plan.inHeight * plan.inWidth * C) << 2;
  const patches = ws + sgemmScratch();
  for (let image = image0; image < image1; image++) {
    const dx = plan.x + <usize> image * size;
    memory.fill(dx, 0, size);
    for (let y0 = 0; y0 < plan.outHeight; y0 += chunk) {
      const rows = min(chunk, plan.outHeight - y0);
      const dy = plan.other + (<usize> (image * plan.outHeight + y0) * width * K << 2);
      sgemmPacked(0, rows * width, patch, K, dy, K, packed, patches, patch, 0, ws);
      let p = patches;
      for (let y = y0; y < y0 + rows; y++) {
        for (let x = 0; x < width; x++) {
          for (let fy = 0; fy < plan.filterHeight; fy++) {
            const row = y * plan.strideHeight - plan.padTop + fy * plan.dilationHeight;
            if (row < 0 || row >= plan.inHeight) {
              p += <usize> (plan.filterWidth * C) << 2;
              continue;
            }
            for (let fx = 0; fx < plan.filterWidth; fx++) {
              const column = x * plan.strideWidth - plan.padLeft + fx * plan.dilationWidth;
              if (column >= 0 && column < plan.inWidth) {
                addTo(dx + (<usize> (row * plan.inWidth + column) * C << 2), p, C);
              }
              p += <usize> C << 2;
            }
          }
        }
      }
    }
  }
}
