/** Stars for the tests of photometry: profiles in closed form and stamps with the noise of a camera. */
import type { Random } from "ephemera/core";
import { erf } from "ephemera/numerics";

export interface Stamp {
  pixels: Float64Array;
  width: number;
  height: number;
}

/** A Gaussian of unit sum integrated over the pixels. */
export function gaussianProfile(side: number, x: number, y: number, sigma: number): Float64Array {
  const along = (middle: number) => {
    const edge = (k: number) => erf((k - 0.5 - middle) / (sigma * Math.SQRT2));
    return Float64Array.from({ length: side }, (_, k) => (edge(k + 1) - edge(k)) / 2);
  };
  const columns = along(x), rows = along(y);
  return Float64Array.from({ length: side * side }, (_, i) => columns[i % side] * rows[Math.floor(i / side)]);
}

/** Counts in ADU of a camera that sees `light` ADU a pixel: photons by Poisson, read noise in electrons. */
export function expose(
  light: ArrayLike<number>,
  gain: number,
  readNoise: number,
  random: Random,
): Float64Array {
  return Float64Array.from(light, (adu) => (random.poisson(adu * gain) + random.normal(0, readNoise)) / gain);
}

/** Mean and standard deviation. */
export function moments(values: ArrayLike<number>): { mean: number; deviation: number } {
  const list = Array.from(values), mean = list.reduce((a, b) => a + b, 0) / list.length;
  return { mean, deviation: Math.sqrt(list.reduce((a, b) => a + (b - mean) ** 2, 0) / (list.length - 1)) };
}

/** The stamp turned by a quarter: what was at (x, y) is at (side - 1 - y, x). */
export function turned({ pixels, width, height }: Stamp): Stamp {
  const result = new Float64Array(pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) result[x * height + height - 1 - y] = pixels[y * width + x];
  }
  return { pixels: result, width: height, height: width };
}

/** Throws unless two numbers agree to a part of the second, or of 1 where that is less. */
export function near(found: number, expected: number, tolerance: number, what = ""): void {
  if (!(Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected)))) {
    throw new Error(`${what}: ${found}, expected ${expected} to ${tolerance}`);
  }
}
