// Largest and mean of windows, and their gradients. What lies outside the image does not take part.
import { Convolution } from "./convolution_parts";

// @ts-ignore: decorator
@inline
function read(address: usize, wide: bool): v128 {
  return wide ? v128.load(address) : v128.load32_zero(address);
}

// @ts-ignore: decorator
@inline
function write(address: usize, v: v128, wide: bool): void {
  if (wide) v128.store(address, v);
  else v128.store_lane<u32>(address, v, 0);
}

// Largest (0) or mean (1) over a window of `rows` x `columns` pixels, of four channels or one; NaN where there is one.
// @ts-ignore: decorator
@inline
function window(mean: bool, wide: bool, x: usize, rows: i32, columns: i32, rowStep: usize, step: usize): v128 {
  let result = f32x4.splat(mean ? 0 : -Infinity);
  for (let r = 0; r < rows; r++) {
    let p = x;
    for (let c = 0; c < columns; c++) {
      result = mean ? f32x4.add(result, read(p, wide)) : f32x4.max(result, read(p, wide));
      p += step;
    }
    x += rowStep;
  }
  return mean ? f32x4.mul(result, f32x4.splat(1 / <f32> (rows * columns))) : result;
}

// @ts-ignore: decorator
@inline
function pool(mean: bool, plan: Convolution, image0: i32, image1: i32): void {
  const C = plan.inChannels, step = <usize> C << 2, rowStep = step * <usize> plan.inWidth;
  for (let image = image0; image < image1; image++) {
    const base = plan.x + <usize> (image * plan.inHeight) * rowStep;
    let out = plan.y + <usize> (image * plan.outHeight * plan.outWidth) * step;
    for (let y = 0; y < plan.outHeight; y++) {
      const top = y * plan.strideHeight - plan.padTop, r0 = max(top, 0);
      const rows = max(0, min(plan.inHeight, top + plan.filterHeight) - r0);
      for (let x = 0; x < plan.outWidth; x++) {
        const left = x * plan.strideWidth - plan.padLeft, c0 = max(left, 0);
        const columns = max(0, min(plan.inWidth, left + plan.filterWidth) - c0);
        let p = base + <usize> r0 * rowStep + <usize> c0 * step, c = C;
        for (; c >= 4; c -= 4) {
          write(out, window(mean, true, p, rows, columns, rowStep, step), true);
          p += 16;
          out += 16;
        }
        for (; c > 0; c--) {
          write(out, window(mean, false, p, rows, columns, rowStep, step), false);
          p += 4;
          out += 4;
        }
      }
    }
  }
}

/** y = the largest of each window, for the images image0 ... image1. */
export function maxPool(plan: Convolution, image0: i32, image1: i32): void {
  pool(false, plan, image0, image1);
}

/** y = the mean of each window, for the images image0 ... image1. */
export function meanPool(plan: Convolution, image0: i32, image1: i32): void {
  pool(true, plan, image0, image1);
}

// Adds the gradient of one window: to the first element that equals the largest, or shared among all.
// @ts-ignore: decorator
@inline
function spread(
  mean: bool,
  wide: bool,
  x: usize,
  largest: usize,
  gradient: usize,
  dx: usize,
  rows: i32,
  columns: i32,
  rowStep: usize,
  step: usize,
): void {
  let dy = read(gradient, wide), open = i32x4.splat(-1);
  const top = mean ? dy : read(largest, wide);
  if (mean) dy = f32x4.mul(dy, f32x4.splat(1 / <f32> (rows * columns)));
  for (let r = 0; r < rows; r++) {
    let at: usize = 0;
    for (let c = 0; c < columns; c++) {
      if (mean) write(dx + at, f32x4.add(read(dx + at, wide), dy), wide);
      else {
        const here = v128.and(f32x4.eq(read(x + at, wide), top), open);
        write(dx + at, f32x4.add(read(dx + at, wide), v128.and(dy, here)), wide);
        open = v128.andnot(open, here);
      }
      at += step;
    }
    x += rowStep;
    dx += rowStep;
  }
}

// @ts-ignore: decorator
@inline
function poolGradient(mean: bool, plan: Convolution, dx: usize, image0: i32, image1: i32): void {
  const C = plan.inChannels, step = <usize> C << 2, rowStep = step * <usize> plan.inWidth;
  const size = <usize> plan.inHeight * rowStep;
  memory.fill(dx + <usize> image0 * size, 0, <usize> (image1 - image0) * size);
  for (let image = image0; image < image1; image++) {
    const shift = <usize> image * size;
    let out = <usize> (image * plan.outHeight * plan.outWidth) * step;
    for (let y = 0; y < plan.outHeight; y++) {
      const top = y * plan.strideHeight - plan.padTop, r0 = max(top, 0);
      const rows = max(0, min(plan.inHeight, top + plan.filterHeight) - r0);
      for (let x = 0; x < plan.outWidth; x++) {
        const left = x * plan.strideWidth - plan.padLeft, c0 = max(left, 0);
        const columns = max(0, min(plan.inWidth, left + plan.filterWidth) - c0);
        let at = shift + <usize> r0 * rowStep + <usize> c0 * step, c = C;
        for (; c >= 4; c -= 4) {
          const g = plan.other + out;
          spread(mean, true, plan.x + at, plan.y + out, g, dx + at, rows, columns, rowStep, step);
          at += 16;
          out += 16;
        }
        for (; c > 0; c--) {
          const g = plan.other + out;
          spread(mean, false, plan.x + at, plan.y + out, g, dx + at, rows, columns, rowStep, step);
          at += 4;
          out += 4;
        }
      }
    }
  }
}

/**
 * dx of `maxPool` for the images image0 ... image1. `plan.x` the input, `plan.y` its result, `plan.other` the gradient of
 * that. Of several equal largest elements the first has the gradient.
 */
export function maxPoolGradient(plan: Convolution, dx: usize, image0: i32, image1: i32): void {
  poolGradient(false, plan, dx, image0, image1);
}

/** dx of `meanPool` for the images image0 ... image1; `plan.other` is the gradient of its result. */
export function meanPoolGradient(plan: Convolution, dx: usize, image0: i32, image1: i32): void {
  poolGradient(true, plan, dx, image0, image1);
}
