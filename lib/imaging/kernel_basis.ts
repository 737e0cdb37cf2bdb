/** The functions that kernels and skies of difference images are sums of. */
import { demand } from "../core/mod.ts";
import { checkPositive } from "./pixel_image.ts";

/** The functions a kernel is a sum of: exp(-(u^2 + v^2) / (2 sigma^2)) u^p v^q with p + q up to the Gaussian's degree. */
export interface KernelBasis {
  /** Widths of the Gaussians, pixels. Default 0.7, 1.5 and 3. */
  sigmas?: readonly number[];
  /** Highest degree of the polynomial of each. Default 4, 2 and 0: 22 functions. */
  degrees?: readonly number[];
  /** Pixels to each side of the middle. Default 7. */
  radius?: number;
}

/** The functions of a kernel, each with 1 for its largest absolute value. */
export function basisKernels(
  sigmas: readonly number[],
  degrees: readonly number[],
  radius: number,
  where: string,
): Float64Array[] {
  demand(sigmas.length > 0 && sigmas.length === degrees.length, {
    expected: "as many degrees as widths of Gaussians, at least one",
    found: `${sigmas.length} widths, ${degrees.length} degrees`,
    where,
  });
  const side = 2 * radius + 1;
  return sigmas.flatMap((sigma, g) => {
    checkPositive(sigma, "width of a Gaussian", where);
    demand(Number.isInteger(degrees[g]) && degrees[g] >= 0, {
      expected: "whole degrees, 0 or more",
      found: String(degrees[g]),
      where,
    });
    return powers(degrees[g]).map(([p, q]) => {
      const shape = Float64Array.from({ length: side * side }, (_, i) => {
        const u = i % side - radius, v = Math.floor(i / side) - radius;
        return Math.exp(-(u * u + v * v) / (2 * sigma * sigma)) * u ** p * v ** q;
      });
      const largest = shape.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      return shape.map((value) => value / largest);
    });
  });
}

/** Pairs of exponents with a sum up to `degree`. */
function powers(degree: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let p = 0; p <= degree; p++) for (let q = 0; p + q <= degree; q++) pairs.push([p, q]);
  return pairs;
}

/** Polynomials in x and y, both from -1 to 1 over the image. */
export function backgroundTerms(width: number, height: number, degree: number): Float64Array[] {
  const scaled = (i: number, n: number) => n > 1 ? 2 * i / (n - 1) - 1 : 0;
  return powers(degree).map(([p, q]) =>
    Float64Array.from(
      { length: width * height },
      (_, i) => scaled(i % width, width) ** p * scaled(Math.floor(i / width), height) ** q,
    )
  );
}
