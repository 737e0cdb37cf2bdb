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
import { patchTile } from "./convolution_tiles";
import { PANEL, ROW_BYTES, ROW_SHIFT } from "./vector";

export { packedFilterBytes, packFilter } from "./convolution_parts";

const EDGE: i32 = 256;

/** Bytes of scratch that one call of `convolutionForward` needs. */
export function convolutionScratch(plan: Convolution): i32 {
  return EDGE + imageBytes(plan) + (plan.outHeight * plan.outWidth + 3) * 4;
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
  const panel = <usize> (rows * across * length) << ROW_SHIFT, ldc = <usize> columns << 2;
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
    for (let j = 0; j < columns; j += PANEL) {
      const wide = min(PANEL, columns - j);
      let c = out + (<usize> j << 2), at = table;
      for (let p = 0; p < count; p += 4) {
        const p0 = base + load<usize>(at), p1 = base + load<usize>(at, 4);
        const p2 = base + load<usize>(at, 8), p3 = base + load<usize>(at, 12);
        const tall = min(4, count - p);
        if (tall == 4 && wide == PANEL) {
          patchTile(rows, across, length, rowStep, acrossStep, p0, p1, p2, p3, b, c, ldc);
        } else {
          patchTile(rows, across, length, rowStep, acrossStep, p0, p1, p2, p3, b, edge, ROW_BYTES);
          for (let i = 0; i < tall; i++) {
            memory.copy(c + <usize> i * ldc, edge + (<usize> i << ROW_SHIFT), <usize> wide << 2);
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
