import { demand } from "../../core/mod.ts";

/**
 * A covariance function of the difference of two points, with all parameters positive and handled by their
 * logarithms.
 */
export interface Kernel {
  /** Names of the parameters, in order. */
  readonly names: readonly string[];
  /** Number of coordinates of a point it is made for. */
  readonly dimensions: number;
  /**
   * The covariance of two points.
   *
   * @param difference coordinates of one minus the other.
   * @param parameters natural (not logarithmic) values.
   * @param gradient receives the derivative with respect to the logarithm of each parameter.
   */
  covariance(difference: Float64Array, parameters: Float64Array, gradient?: Float64Array): number;
}

/**
 * Smoothness of a Matern kernel: rough and continuous (a damped random walk), once or twice differentiable.
 */
export type MaternOrder = "1/2" | "3/2" | "5/2";

/** The correlation at scaled distance r, and minus r times its derivative. */
const shapes: Record<MaternOrder | "gaussian", (r: number) => [value: number, fall: number]> = {
  "1/2": (r) => {
    const e = Math.exp(-r);
    return [e, r * e];
  },
  "3/2": (r) => {
    const x = Math.sqrt(3) * r;
    const e = Math.exp(-x);
    return [(1 + x) * e, x * x * e];
  },
  "5/2": (r) => {
    const x = Math.sqrt(5) * r;
    const e = Math.exp(-x);
    return [(1 + x + x * x / 3) * e, x * x * (1 + x) / 3 * e];
  },
  gaussian: (r) => {
    const e = Math.exp(-0.5 * r * r);
    return [e, r * r * e];
  },
};

function scaled(shape: MaternOrder | "gaussian", lengths: readonly string[]): Kernel {
  const correlation = shapes[shape];
  return {
    names: ["variance", ...lengths],
    dimensions: lengths.length,
    covariance(difference, parameters, gradient) {
      const variance = parameters[0];
      let square = 0;
      for (let d = 0; d < lengths.length; d++) square += (difference[d] / parameters[d + 1]) ** 2;
      const [value, fall] = correlation(Math.sqrt(square));
      if (gradient !== undefined) {
        gradient[0] = variance * value;
        // r dk/dr is shared among the lengths in proportion to each one's part of r^2.
        for (let d = 0; d < lengths.length; d++) {
          gradient[d + 1] = square === 0
            ? 0
            : variance * fall * (difference[d] / parameters[d + 1]) ** 2 / square;
        }
      }
      return variance * value;
    },
  };
}

/**
 * A Matern kernel: `variance * c(r)` with r the distance in units of the lengths. One length for points in
 * time; two for points in time and wavelength, where one r holds both (the surface of Boone 2019, AJ 158,
 * 257, is `matern("3/2", ["time", "wavelength"])`).
 *
 * Rasmussen & Williams 2006, eq. 4.14 and following.
 *
 * @param lengths names of the length parameters, one a coordinate.
 */
export function matern(order: MaternOrder, lengths: readonly string[] = ["length"]): Kernel {
  return scaled(order, lengths);
}

/**
 * The squared exponential kernel `variance * exp(-r^2 / 2)`: infinitely smooth, for curves without corners.
 */
export function squaredExponential(lengths: readonly string[] = ["length"]): Kernel {
  return scaled("gaussian", lengths);
}

/**
 * The periodic kernel `variance * exp(-2 sin^2(pi d / period) / length^2)` (MacKay 1998); `length` is in
 * units of phase.
 */
export function periodic(): Kernel {
  return {
    names: ["variance", "length", "period"],
    dimensions: 1,
    covariance(difference, [variance, length, period], gradient) {
      const angle = Math.PI * difference[0] / period;
      const sine = Math.sin(angle) / length;
      const value = variance * Math.exp(-2 * sine * sine);
      if (gradient !== undefined) {
        gradient[0] = value;
        gradient[1] = value * 4 * sine * sine;
        gradient[2] = value * 4 * sine * Math.cos(angle) / length * angle;
      }
      return value;
    },
  };
}

/**
 * The product of two kernels on the same points; the variance of the second is fixed at 1 and is no
 * parameter. `product(periodic(), squaredExponential())` is the quasi-periodic kernel. Parameters of the
 * second carry `_2` where a name occurs twice.
 */
export function product(first: Kernel, second: Kernel): Kernel {
  demand(first.dimensions === second.dimensions, {
    expected: "kernels on points of one kind",
    found: `${first.dimensions} and ${second.dimensions} coordinates`,
    where: "product",
  });
  demand(second.names[0] === "variance", {
    expected: "a second kernel whose first parameter is its variance",
    found: second.names[0],
    where: "product",
  });
  const count = first.names.length;
  const names = [
    ...first.names,
    ...second.names.slice(1).map((name) => first.names.includes(name) ? `${name}_2` : name),
  ];
  return {
    names,
    dimensions: first.dimensions,
    covariance(difference, parameters, gradient) {
      const rest = Float64Array.of(1, ...parameters.subarray(count));
      const one = gradient === undefined ? undefined : new Float64Array(count);
      const two = gradient === undefined ? undefined : new Float64Array(rest.length);
      const a = first.covariance(difference, parameters.subarray(0, count), one);
      const b = second.covariance(difference, rest, two);
      if (gradient !== undefined) {
        for (let p = 0; p < count; p++) gradient[p] = one![p] * b;
        for (let p = 1; p < rest.length; p++) gradient[count + p - 1] = a * two![p];
      }
      return a * b;
    },
  };
}
