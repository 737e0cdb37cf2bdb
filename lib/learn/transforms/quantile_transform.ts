import { normalCumulative, normalQuantile, quantiles } from "../../numerics/mod.ts";
import { ColumnTransform, type ColumnTransformOptions } from "./column_transform.ts";

/** Options of {@link QuantileTransform}. */
export interface QuantileOptions extends ColumnTransformOptions {
  /** Number of quantiles kept; at most one a row is useful. Default 1000. */
  quantiles?: number;
  /** Distribution of the result. Default `"uniform"` on [0, 1]. */
  output?: "uniform" | "normal";
}

/** How close to an end of the range a value counts as outside, with normal output; scikit-learn's value. */
const EDGE = 1e-7;
const LOWEST = normalQuantile(EDGE - 2 ** -52);

/**
 * Maps each column to its rank among the training rows, by linear interpolation between quantiles (from above and from below,
 * averaged, so that repeated values land in the middle of their ranks), then optionally to a normal distribution clipped at
 * +-5.2 standard deviations. The inverse returns values of the training range. Parameters of a column: its quantiles.
 *
 * @example
 * ```ts
 * import { QuantileTransform } from "ephemera/learn";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const rank = new QuantileTransform().fit(matrix([1, 10, 100], 3, 1));
 * assert.deepEqual([...rank.transform(matrix([1, 10, 55, 999], 4, 1)).data], [0, 0.5, 0.75, 1]);
 * ```
 */
export class QuantileTransform extends ColumnTransform {
  /** Number of quantiles kept at most. */
  readonly quantiles: number;
  /** Distribution of the result. */
  readonly output: "uniform" | "normal";
  #rows = Infinity;
  /** Kind of the model in files and messages. */
  protected readonly kind = "QuantileTransform";

  /** Takes the options; nothing is learned before `fit`. */
  constructor(options: QuantileOptions = {}) {
    super(options);
    this.quantiles = options.quantiles ?? 1000;
    this.output = options.output ?? "uniform";
  }

  /** Learns the quantiles of every column. */
  override fit(x: Parameters<ColumnTransform["fit"]>[0]): this {
    // Columns share one grid: its size follows the rows of the table, missing ones included.
    this.#rows = x.rows;
    return super.fit(x);
  }

  /** Returns the parameters of one column. */
  protected fitColumn(values: Float64Array): Float64Array {
    const n = Math.max(1, Math.min(this.quantiles, this.#rows));
    return quantiles(values, Float64Array.from({ length: n }, (_, k) => reference(k, n)));
  }

  /** Returns one transformed value. */
  protected forward(value: number, grid: Float64Array): number {
    const n = grid.length;
    const outside = this.output === "normal" ? EDGE : 0;
    let share: number;
    if (outside > 0 ? value - outside < grid[0] : value <= grid[0]) share = 0;
    else if (outside > 0 ? value + outside > grid[n - 1] : value >= grid[n - 1]) share = 1;
    else share = 0.5 * (interpolateRank(grid, value, false) + interpolateRank(grid, value, true));
    if (this.output === "uniform") return share;
    return Math.min(-LOWEST, Math.max(LOWEST, normalQuantile(share)));
  }

  /** Returns the value that the transform turns into this one. */
  protected backward(value: number, grid: Float64Array): number {
    const n = grid.length;
    const share = this.output === "normal" ? normalCumulative(value) : value;
    const edge = this.output === "normal" ? EDGE : 0;
    if (share - edge < 0 || share === 0) return grid[0];
    if (share + edge > 1 || share === 1) return grid[n - 1];
    const position = share * (n - 1), k = Math.min(n - 2, Math.floor(position));
    return grid[k] + (grid[k + 1] - grid[k]) * (position - k);
  }

  /** Options that are saved beside the parameters. */
  protected override settings(): Record<string, unknown> {
    return { quantiles: this.quantiles, output: this.output };
  }

  /** Returns the transform that `save` wrote into `directory`. */
  static load(directory: string): Promise<QuantileTransform> {
    return ColumnTransform.restore(
      directory,
      "QuantileTransform",
      (settings) => new QuantileTransform(settings as QuantileOptions),
    );
  }
}

function reference(k: number, n: number): number {
  return n === 1 ? 0 : k / (n - 1);
}

/** Interpolated rank of `value` in an ascending grid; where it equals several entries, that of the last or of the first one. */
function interpolateRank(grid: Float64Array, value: number, first: boolean): number {
  const n = grid.length;
  let low = 0, high = n; // number of entries at most (or, for the first, below) the value
  while (low < high) {
    const middle = (low + high) >> 1;
    if (first ? grid[middle] < value : grid[middle] <= value) low = middle + 1;
    else high = middle;
  }
  const k = first ? low : low - 1;
  if (grid[k] === value) return reference(k, n);
  const below = first ? k - 1 : k;
  const t = (value - grid[below]) / (grid[below + 1] - grid[below]);
  return reference(below, n) + t * (reference(below + 1, n) - reference(below, n));
}
