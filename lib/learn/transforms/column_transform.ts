import { demand } from "../../core/mod.ts";
import { columnOf, type Matrix, matrix, zeros } from "../../numerics/mod.ts";
import { checkTable, fitted, type Transform } from "../estimator.ts";
import { loadModel, saveModel } from "../persistence.ts";

/** Options that all transforms of single columns share. */
export interface ColumnTransformOptions {
  /**
   * What a NaN does. `"refuse"` (default): an error with its row and column. `"keep"`: it is left out of the fit and stays
   * NaN in the result.
   */
  missing?: "refuse" | "keep";
}

/** A transform that treats each column alone and learns a fixed number of parameters from it. */
export abstract class ColumnTransform implements Transform {
  /** What a NaN does. */
  readonly missing: "refuse" | "keep";
  #parameters: Matrix | null = null;

  /** Takes the options; nothing is learned before `fit`. */
  constructor(options: ColumnTransformOptions = {}) {
    this.missing = options.missing ?? "refuse";
  }

  /** Name of the kind of transform in files and messages. */
  protected abstract readonly kind: string;
  /** Returns the parameters of one column from its values (no NaN among them, at least one). */
  protected abstract fitColumn(values: Float64Array, column: number): ArrayLike<number>;
  /** Returns one transformed value. */
  protected abstract forward(value: number, parameters: Float64Array): number;
  /** Returns the value that {@link forward} turns into `value`. */
  protected abstract backward(value: number, parameters: Float64Array): number;
  /** Options to be saved beside the parameters. */
  protected settings(): Record<string, unknown> {
    return {};
  }

  /** Learns the parameters of every column. Give training rows only, or test objects leak into training. */
  fit(x: Matrix): this {
    checkTable(x, `${this.kind}.fit`, { allowMissing: this.missing === "keep" });
    const rows = Array.from({ length: x.columns }, (_, j) => {
      const values = columnOf(x, j).filter((value) => !Number.isNaN(value));
      demand(values.length > 0, {
        expected: "at least one value that is not missing",
        found: "none",
        where: `${this.kind}.fit, column ${j}`,
        remedy: "remove the column",
      });
      return this.fitColumn(values, j);
    });
    const width = rows[0].length;
    this.#parameters = zeros(x.columns, width);
    rows.forEach((row, j) => this.#parameters!.data.set(row, j * width));
    return this;
  }

  /** One row of parameters a column, as the class describes them. Throws an EphemeraError before `fit`. */
  get parameters(): Matrix {
    return fitted(this.#parameters, this.kind);
  }

  transform(x: Matrix): Matrix {
    return this.#each(x, (value, parameters) => this.forward(value, parameters));
  }

  inverse(y: Matrix): Matrix {
    return this.#each(y, (value, parameters) => this.backward(value, parameters));
  }

  async save(directory: string): Promise<void> {
    const { data, rows } = this.parameters;
    const settings = { missing: this.missing, columns: rows, ...this.settings() };
    await saveModel(directory, { kind: this.kind, settings, arrays: { parameters: data } });
  }

  /** Fills a fresh transform from a folder; `make` builds it from the saved settings. */
  protected static async restore<T extends ColumnTransform>(
    directory: string,
    kind: string,
    make: (settings: Record<string, unknown>) => T,
  ): Promise<T> {
    const { settings, arrays } = await loadModel(directory, kind);
    const transform = make(settings);
    const columns = settings.columns as number;
    const parameters = Float64Array.from(arrays.parameters);
    (transform as ColumnTransform).#parameters = matrix(parameters, columns, parameters.length / columns);
    return transform;
  }

  #each(x: Matrix, change: (value: number, parameters: Float64Array) => number): Matrix {
    const { data: p, rows: columns, columns: width } = this.parameters;
    checkTable(x, this.kind, { columns, minimumRows: 0, allowMissing: this.missing === "keep" });
    const result = zeros(x.rows, columns);
    for (let j = 0; j < columns; j++) {
      const parameters = p.subarray(j * width, (j + 1) * width);
      for (let i = j; i < x.data.length; i += columns) {
        result.data[i] = Number.isNaN(x.data[i]) ? NaN : change(x.data[i], parameters);
      }
    }
    return result;
  }
}
