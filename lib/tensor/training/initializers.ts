import { demand, type Random } from "../../core/mod.ts";
import { elementCount } from "../interchange/named_arrays.ts";

/** A shape together with the rule for its first values. */
export interface Initializer {
  readonly shape: readonly number[];
  /** Returns the values in row-major order, drawn from `random` alone. */
  draw(random: Random): Float32Array;
}

/** Options of {@link glorotUniform} and {@link heNormal}: fans where the shape does not tell them. */
export interface FanOptions {
  /** Inputs that reach one output. Default: all extents but the last, multiplied. */
  fanIn?: number;
  /** Outputs that one input reaches. Default: the last extent times those before the last two (a receptive field). */
  fanOut?: number;
}

/** All zeros. */
export function zeros(shape: readonly number[]): Initializer {
  return constant(shape, 0);
}

/** All equal to `value`. */
export function constant(shape: readonly number[], value: number): Initializer {
  return { shape, draw: () => new Float32Array(elementCount(shape)).fill(value) };
}

/** Normal with mean 0 and the given standard deviation. */
export function normal(shape: readonly number[], standardDeviation: number): Initializer {
  return fill(shape, (random) => random.normal(0, standardDeviation));
}

/** Uniform in [-limit, limit). */
export function uniform(shape: readonly number[], limit: number): Initializer {
  return fill(shape, (random) => random.uniform(-limit, limit));
}

/**
 * Glorot & Bengio (2010), eq. 16: uniform in +-sqrt(6 / (fanIn + fanOut)), which keeps the variance of signals and of
 * gradients through a linear layer. The kernel of several gates side by side counts as one layer, as in Keras.
 */
export function glorotUniform(shape: readonly number[], options: FanOptions = {}): Initializer {
  const { fanIn, fanOut } = fans(shape, options);
  return uniform(shape, Math.sqrt(6 / (fanIn + fanOut)));
}

/** He et al. (2015), eq. 10: normal with standard deviation sqrt(2 / fanIn), for layers followed by ReLU. */
export function heNormal(shape: readonly number[], options: FanOptions = {}): Initializer {
  return normal(shape, Math.sqrt(2 / fans(shape, options).fanIn));
}

/**
 * A matrix with orthonormal rows or columns, whichever are fewer, uniform over all such (Saxe et al. 2014). A higher
 * rank is treated as a matrix of all extents but the last times the last.
 *
 * @param shape at least two extents
 * @param gain factor on every value
 */
export function orthogonal(shape: readonly number[], gain = 1): Initializer {
  demand(shape.length >= 2, () => ({
    expected: "at least two extents",
    found: `[${shape.join(", ")}]`,
    where: "orthogonal",
  }));
  return {
    shape,
    draw(random) {
      const columns = shape[shape.length - 1], rows = elementCount(shape) / Math.max(1, columns);
      const long = Math.max(rows, columns), short = Math.min(rows, columns);
      const vectors = orthonormalVectors(short, long, random);
      const values = new Float32Array(rows * columns);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          values[i * columns + j] = gain * (rows <= columns ? vectors[i][j] : vectors[j][i]);
        }
      }
      return values;
    },
  };
}

/**
 * Gram-Schmidt on normal vectors. Projecting twice brings orthogonality down to rounding even when two draws nearly
 * agree; normal draws make the result uniform, since their directions prefer no axis.
 */
function orthonormalVectors(count: number, length: number, random: Random): Float64Array[] {
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (let pass = 0; pass < 2; pass++) {
      for (const earlier of vectors) {
        let overlap = 0;
        for (let i = 0; i < length; i++) overlap += earlier[i] * vector[i];
        for (let i = 0; i < length; i++) vector[i] -= overlap * earlier[i];
      }
    }
    const norm = Math.hypot(...vector);
    if (norm < 1e-8) continue; // a draw within the span of the earlier ones: draw again
    vectors.push(vector.map((x) => x / norm));
  }
  return vectors;
}

function fill(shape: readonly number[], draw: (random: Random) => number): Initializer {
  return {
    shape,
    draw(random) {
      const values = new Float32Array(elementCount(shape));
      for (let i = 0; i < values.length; i++) values[i] = draw(random);
      return values;
    },
  };
}

function fans(shape: readonly number[], options: FanOptions): { fanIn: number; fanOut: number } {
  const last = shape[shape.length - 1] ?? 1, before = shape[shape.length - 2] ?? 1;
  const field = elementCount(shape.slice(0, -2));
  const fanIn = options.fanIn ?? before * field, fanOut = options.fanOut ?? last * field;
  demand(fanIn > 0 && fanOut > 0, () => ({
    expected: "positive fans",
    found: `fanIn ${fanIn}, fanOut ${fanOut} for the shape [${shape.join(", ")}]`,
    where: "initializer",
  }));
  return { fanIn, fanOut };
}
