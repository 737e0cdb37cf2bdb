// What the convolutions share: their plan, the padded copy of an image, the packed filter.
//
// Nothing is unfolded into columns. The patch of an output pixel consists of runs: with a dilation of 1 along x, the
// filter's whole row times the channels lies in one piece of the (padded) image, otherwise each tap's channels do. A
// tile of pixels walks over the runs with one pointer a pixel.
import { ceilPanel, PANEL, ROW_BYTES } from "./vector";
import { WIDE } from "./mode";

/** What one call works on; `lib/tensor/wasm/kernels/convolution.ts` fills it in, field by field, 32 bits each. */
@unmanaged
export class Convolution {
  inHeight: i32;
  inWidth: i32;
  inChannels: i32;
  outHeight: i32;
  outWidth: i32;
  outChannels: i32;
  filterHeight: i32;
  filterWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  /** Rows of zeros above the image; negative to leave rows of it out. */
  padTop: i32;
  padLeft: i32;
  /** [image][inHeight][inWidth][inChannels]. */
  x: usize;
  /** The packed filter (forward) or the gradient of y (filter gradient). */
  other: usize;
  /** [image][outHeight][outWidth][outChannels]. */
  y: usize;
  /** One value an output channel, or 0. */
  bias: usize;
  activation: i32;
  alpha: f32;
}

/** Height of the padded image: as far as the last patch reaches. */
// @ts-ignore: decorator
@inline
export function paddedHeight(plan: Convolution): i32 {
  return (plan.outHeight - 1) * plan.strideHeight + (plan.filterHeight - 1) * plan.dilationHeight + 1;
}

/** Width of the padded image. */
// @ts-ignore: decorator
@inline
export function paddedWidth(plan: Convolution): i32 {
  return (plan.outWidth - 1) * plan.strideWidth + (plan.filterWidth - 1) * plan.dilationWidth + 1;
}

/** Whether patches can be read from the image itself. */
// @ts-ignore: decorator
@inline
export function readsDirectly(plan: Convolution): bool {
  return plan.padTop == 0 && plan.padLeft == 0 && paddedHeight(plan) <= plan.inHeight &&
    paddedWidth(plan) <= plan.inWidth;
}

/** Bytes from one row of the image that patches are read from to the next. */
// @ts-ignore: decorator
@inline
export function rowBytes(plan: Convolution): usize {
  return <usize> ((readsDirectly(plan) ? plan.inWidth : paddedWidth(plan)) * plan.inChannels) << 2;
}

/** Bytes of the padded copy, with room for a vector that starts at its last element. */
export function imageBytes(plan: Convolution): i32 {
  if (readsDirectly(plan)) return 0;
  return (paddedHeight(plan) * paddedWidth(plan) * plan.inChannels * 4 + 127) & ~63;
}

/** Channels (or columns times channels) that lie in one piece. */
// @ts-ignore: decorator
@inline
export function runLength(plan: Convolution): i32 {
  return plan.dilationWidth == 1 ? plan.filterWidth * plan.inChannels : plan.inChannels;
}

/** Number of runs in one row of the filter. */
// @ts-ignore: decorator
@inline
export function runsAcross(plan: Convolution): i32 {
  return plan.dilationWidth == 1 ? 1 : plan.filterWidth;
}

/** Address from which the patches of an image are read: the image, or its padded copy, made in `buffer`. */
export function paddedImage(plan: Convolution, image: i32, buffer: usize): usize {
  const channels = plan.inChannels, width = plan.inWidth;
  const source = plan.x + (<usize> image * plan.inHeight * width * channels << 2);
  if (readsDirectly(plan)) return source;
  const rows = paddedHeight(plan), columns = paddedWidth(plan), rowSize = <usize> (columns * channels) << 2;
  const first = min(max(plan.padLeft, 0), columns), skipped = max(-plan.padLeft, 0);
  const count = max(min(columns - first, width - skipped), 0);
  const left = <usize> (first * channels) << 2, middle = <usize> (count * channels) << 2;
  let d = buffer;
  for (let r = 0; r < rows; r++) {
    const from = r - plan.padTop;
    if (from < 0 || from >= plan.inHeight) memory.fill(d, 0, rowSize);
    else {
      if (left) memory.fill(d, 0, left);
      memory.copy(d + left, source + ((<usize> from * width + skipped) * channels << 2), middle);
      if (left + middle < rowSize) memory.fill(d + left + middle, 0, rowSize - left - middle);
    }
    d += rowSize;
  }
  return buffer;
}

/** Bytes of a packed filter of `rows` = taps * channels rows. */
export function packedFilterBytes(rows: i32, columns: i32): i32 {
  return ceilPanel(columns) * rows * 4;
}

/**
 * Packs a filter [tap][channel][column] into panels [column / PANEL][tap * channel][PANEL], the last one filled up with zeros.
 * `channelStep`, `columnStep`: floats from one to the next in the source, so that the two may change places. `reverse`:
 * the taps from the last to the first, for the gradient of the input.
 */
export function packFilter(
  source: usize,
  taps: i32,
  channels: i32,
  columns: i32,
  channelStep: i32,
  columnStep: i32,
  reverse: i32,
  dst: usize,
): void {
  const size = <usize> (channels * columns) << 2, sk = <usize> channelStep << 2, sn = <usize> columnStep << 2;
  for (let j = 0; j < columns; j += PANEL) {
    const there = min(PANEL, columns - j);
    for (let t = 0; t < taps; t++) {
      let p = source + <usize> (reverse ? taps - 1 - t : t) * size + <usize> j * sn;
      for (let k = 0; k < channels; k++) {
        if (there == PANEL && columnStep == 1) {
          v128.store(dst, v128.load(p));
          v128.store(dst, v128.load(p, 16), 16);
          if (WIDE) {
            v128.store(dst, v128.load(p, 32), 32);
            v128.store(dst, v128.load(p, 48), 48);
          }
        } else {
          let q = p;
          for (let n: usize = 0; n < <usize> PANEL; n++) {
            store<f32>(dst + (n << 2), <i32> n < there ? load<f32>(q) : 0);
            q += sn;
          }
        }
        p += sk;
        dst += ROW_BYTES;
      }
    }
  }
}
