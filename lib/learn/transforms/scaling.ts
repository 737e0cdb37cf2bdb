import { demand } from "../../core/mod.ts";
import { ColumnTransform, type ColumnTransformOptions } from "./column_transform.ts";

/**
 * Subtracts the mean and divides by the standard deviation (ddof 0) of each column; a constant column is only centred.
 * Parameters of a column: mean, divisor.
 *
 * @example
 * ```ts
 * import { StandardTransform } from "ephemera/learn";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const scale = new StandardTransform().fit(matrix([1, 3], 2, 1));
 * assert.deepEqual([...scale.transform(matrix([2, 4], 2, 1)).data], [0, 2]);
 * ```
 */
export class StandardTransform extends ColumnTransform {
  /** Kind of the model in files and messages. */
  protected readonly kind = "StandardTransform";

  /** Returns the parameters of one column. */
  protected fitColumn(values: Float64Array): number[] {
    const { mean, deviation } = moments(values);
    return [mean, deviation];
  }

  /** Returns one transformed value. */
  protected forward(value: number, [mean, divisor]: Float64Array): number {
    return (value - mean) / divisor;
  }

  /** Returns the value that the transform turns into this one. */
  protected backward(value: number, [mean, divisor]: Float64Array): number {
    return value * divisor + mean;
  }

  /** Returns the transform that `save` wrote into `directory`. */
  static load(directory: string): Promise<StandardTransform> {
    return ColumnTransform.restore(
      directory,
      "StandardTransform",
      (settings) => new StandardTransform(settings as ColumnTransformOptions),
    );
  }
}

/** Options of {@link MinMaxTransform}. */
export interface MinMaxOptions extends ColumnTransformOptions {
  /** What the training range is mapped to. Default [0, 1]. */
  range?: readonly [number, number];
}

/**
 * Maps the range of each column onto a given one; new values outside are not clipped. A constant column maps to the lower end.
 * Parameters of a column: minimum, divisor.
 */
export class MinMaxTransform extends ColumnTransform {
  /** What the training range is mapped to. */
  readonly range: readonly [number, number];
  /** Kind of the model in files and messages. */
  protected readonly kind = "MinMaxTransform";

  /** Takes the options; nothing is learned before `fit`. */
  constructor(options: MinMaxOptions = {}) {
    super(options);
    this.range = options.range ?? [0, 1];
    demand(this.range[0] < this.range[1], {
      expected: "an ascending range",
      found: this.range.join(" to "),
      where: "MinMaxTransform",
    });
  }

  /** Returns the parameters of one column. */
  protected fitColumn(values: Float64Array): number[] {
    let low = Infinity, high = -Infinity;
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return [low, high === low ? 1 : high - low];
  }

  /** Returns one transformed value. */
  protected forward(value: number, [low, divisor]: Float64Array): number {
    return this.range[0] + (value - low) / divisor * (this.range[1] - this.range[0]);
  }

  /** Returns the value that the transform turns into this one. */
  protected backward(value: number, [low, divisor]: Float64Array): number {
    return (value - this.range[0]) / (this.range[1] - this.range[0]) * divisor + low;
  }

  /** Options that are saved beside the parameters. */
  protected override settings(): Record<string, unknown> {
    return { range: this.range };
  }

  /** Returns the transform that `save` wrote into `directory`. */
  static load(directory: string): Promise<MinMaxTransform> {
    return ColumnTransform.restore(
      directory,
      "MinMaxTransform",
      (settings) => new MinMaxTransform(settings as MinMaxOptions),
    );
  }
}

/** Returns the mean and the standard deviation (ddof 0), the latter 1 for values that differ by rounding alone. */
export function moments(values: Float64Array): { mean: number; deviation: number } {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let square = 0, rest = 0;
  for (const value of values) {
    square += (value - mean) ** 2;
    rest += value - mean;
  }
  // The second term takes the rounding error of the mean out again.
  const variance = (square - rest * rest / values.length) / values.length;
  const n = values.length;
  const constant = variance <= n * 2 ** -52 * Math.abs(variance) + (n * mean * 2 ** -52) ** 2;
  return { mean, deviation: constant ? 1 : Math.sqrt(variance) };
}
