import type { ComplexArray } from "../numerics/mod.ts";
import { blockFft } from "./block_fft.ts";

/**
 * Sums of exponentials at irregular times for a long regular grid of frequencies (non-uniform FFT, type 1).
 *
 * `F_k = sum_j c_j exp(-2 pi i (start + k step) t_j)` is evaluated in blocks of frequencies. The coefficients
 * of a block are turned to its middle, spread on a fine periodic grid with a Kaiser-Bessel kernel of 16 cells
 * at twofold oversampling, transformed by a short FFT that stays in the cache, and divided by the kernel's
 * transform. The truncation error of this kernel is below 1e-13 of `sum |c_j|` (Potts, Steidl & Tasche 2001,
 * theorem 3); rounding of `f t` adds about `1e-16 * f t`, as it does in a direct sum.
 */

const HALF_WIDTH = 8;
const WIDTH = 2 * HALF_WIDTH;
/** Shape of the kernel at twofold oversampling: pi (2 - 1/2). */
const SHAPE = 1.5 * Math.PI;

/** A plan: where each time lies on the fine grid of a block and how its weight is spread there. */
export interface ExponentialSums {
  /** Frequencies a block holds. */
  blockSize: number;
  /**
   * Writes `F_k` for the `blockSize` frequencies from `first` on (cycles per day) of the real coefficients
   * `c`. The first `blockSize` entries of `out` are the result.
   */
  block(coefficients: Float64Array, first: number, out: ComplexArray): void;
}

/**
 * Makes a plan for times (days, best centred on zero), a step (cycles per day) and about `count` frequencies.
 */
export function planExponentialSums(time: Float64Array, step: number, count: number): ExponentialSums {
  const n = time.length;
  // Few points: short blocks, since transforms cost more than spreading; many points: the other way round.
  const wanted = n < 300 ? 1024 : 4096;
  let blockSize = 16;
  while (blockSize < count && blockSize < wanted) blockSize *= 2;
  const size = 2 * blockSize;
  const mask = size - 1;
  const { order, transform } = blockFft(size);
  const firstCell = new Int32Array(n);
  const spread = new Float64Array(n * WIDTH);
  for (let j = 0; j < n; j++) {
    const cycles = time[j] * step;
    const position = (cycles - Math.floor(cycles)) * size;
    const cell = Math.floor(position) - HALF_WIDTH + 1;
    firstCell[j] = cell & mask;
    for (let c = 0; c < WIDTH; c++) spread[j * WIDTH + c] = kernel(position - (cell + c));
  }
  const correction = kernelTransform(blockSize);
  const half = blockSize / 2;
  const work = { re: new Float64Array(size), im: new Float64Array(size) };
  // The turn of each point to the middle of the block depends on the block alone, so columns in turn share
  // it.
  const turnCosine = new Float64Array(n);
  const turnSine = new Float64Array(n);
  let turnedTo = NaN;
  const turn = (middle: number): void => {
    for (let j = 0; j < n; j++) {
      const cycles = middle * time[j];
      const angle = -2 * Math.PI * (cycles - Math.round(cycles));
      turnCosine[j] = Math.cos(angle);
      turnSine[j] = Math.sin(angle);
    }
    turnedTo = middle;
  };
  const block = (coefficients: Float64Array, first: number, out: ComplexArray): void => {
    const { re, im } = work;
    re.fill(0);
    im.fill(0);
    const middle = first + half * step;
    if (middle !== turnedTo) turn(middle);
    for (let j = 0; j < n; j++) {
      const cosine = coefficients[j] * turnCosine[j];
      const sine = coefficients[j] * turnSine[j];
      const start = firstCell[j];
      const from = j * WIDTH;
      for (let c = 0; c < WIDTH; c++) {
        const cell = order[(start + c) & mask];
        re[cell] += cosine * spread[from + c];
        im[cell] += sine * spread[from + c];
      }
    }
    transform(re, im);
    for (let m = 0; m < blockSize; m++) {
      const at = (m - half) & mask;
      out.re[m] = re[at] * correction[m];
      out.im[m] = im[at] * correction[m];
    }
  };
  return { blockSize, block };
}

function kernel(x: number): number {
  const square = HALF_WIDTH * HALF_WIDTH - x * x;
  if (square <= 0) return square === 0 ? SHAPE / Math.PI : 0;
  const root = Math.sqrt(square);
  return Math.sinh(SHAPE * root) / (Math.PI * root);
}

const transforms = new Map<number, Float64Array>();

/** One over the kernel's transform at the frequencies of a block, in cells of a grid twice as long. */
function kernelTransform(blockSize: number): Float64Array {
  let table = transforms.get(blockSize);
  if (table === undefined) {
    table = new Float64Array(blockSize);
    for (let m = 0; m < blockSize; m++) {
      const omega = 2 * Math.PI * (m - blockSize / 2) / (2 * blockSize);
      table[m] = 1 / besselI0(HALF_WIDTH * Math.sqrt(SHAPE * SHAPE - omega * omega));
    }
    transforms.set(blockSize, table);
  }
  return table;
}

/**
 * The modified Bessel function I0 by its power series: all terms are positive, so it is exact to rounding.
 */
function besselI0(x: number): number {
  const quarter = x * x / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}
