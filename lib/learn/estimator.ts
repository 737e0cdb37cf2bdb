/** What every model of this folder promises, and the checks of input that they share. */
import { demand, EphemeraError } from "../core/mod.ts";
import type { Matrix } from "../numerics/mod.ts";
import { type ClassProbabilities, encodeLabels, type LabelInput, type Labels } from "./labels.ts";

/** A model that learns classes from a table. Methods that use workers answer with a promise; `await` serves for all. */
export interface Classifier {
  /** Class names, in the order of the columns of the probabilities. Throws an EphemeraError before `fit`. */
  readonly classNames: readonly string[];
  /** Learns from a table with one row an object; returns the model itself. */
  fit(x: Matrix, labels: LabelInput): this | Promise<this>;
  /** Returns the probability of every class for each row. */
  predictProbabilities(x: Matrix): ClassProbabilities | Promise<ClassProbabilities>;
  /** Returns the most probable class of each row. */
  predict(x: Matrix): Labels | Promise<Labels>;
  /** Writes the model into a folder. */
  save(directory: string): Promise<void>;
}

/** A model that says how unusual an object is. */
export interface NoveltyScorer {
  /** Learns what is usual from a table with one row an object; returns the model itself. */
  fit(x: Matrix): this | Promise<this>;
  /** Returns one number a row; larger is more unusual. */
  score(x: Matrix): Float64Array | Promise<Float64Array>;
  /** Writes the model into a folder. */
  save(directory: string): Promise<void>;
}

/** A change of columns that is learned from training rows. */
export interface Transform {
  /** Learns from a table with one row an object; returns the transform itself. */
  fit(x: Matrix): this;
  /** Returns the transformed table; the input is not changed. */
  transform(x: Matrix): Matrix;
  /** Returns the table that {@link transform} would turn into `y`, where that exists. */
  inverse(y: Matrix): Matrix;
  /** Writes the transform into a folder. */
  save(directory: string): Promise<void>;
}

/** Options of {@link checkTable}. */
export interface TableCheck {
  /** Number of columns the model was fitted on; not checked when absent. */
  columns?: number;
  /** Least number of rows. Default 1. */
  minimumRows?: number;
  /** Whether NaN may occur. Infinities never may. Default false. */
  allowMissing?: boolean;
}

/** Throws an EphemeraError naming row and column unless `x` is a table that a model can use. */
export function checkTable(x: Matrix, where: string, options: TableCheck = {}): void {
  const { columns, minimumRows = 1, allowMissing = false } = options;
  demand(x.data.length === x.rows * x.columns && x.columns > 0, () => ({
    expected: "a matrix with rows x columns values and at least one column",
    found: `${x.data.length} values for ${x.rows} x ${x.columns}`,
    where,
  }));
  demand(columns === undefined || x.columns === columns, () => ({
    expected: `${columns} columns, as in fit`,
    found: `${x.columns}`,
    where,
  }));
  demand(x.rows >= minimumRows, () => ({
    expected: `at least ${minimumRows} ${minimumRows === 1 ? "row" : "rows"}`,
    found: `${x.rows}`,
    where,
  }));
  for (let i = 0; i < x.data.length; i++) {
    const value = x.data[i];
    if (Number.isFinite(value) || (allowMissing && Number.isNaN(value))) continue;
    throw new EphemeraError({
      expected: allowMissing ? "finite values or NaN" : "finite values",
      found: `${value}`,
      where: `${where}, row ${Math.floor(i / x.columns)}, column ${i % x.columns}`,
      remedy: "replace or remove such values first",
    });
  }
}

/**
 * Returns the encoded labels of a training table, restricted to classes that occur.
 * Throws an EphemeraError when their number is not that of the rows, or when fewer than `minimumClasses` classes occur.
 */
export function checkLabels(x: Matrix, labels: LabelInput, where: string, minimumClasses = 2): Labels {
  let encoded = encodeLabels(labels);
  demand(encoded.codes.length === x.rows, () => ({
    expected: `${x.rows} labels, one a row`,
    found: `${encoded.codes.length}`,
    where,
  }));
  const present = new Set(encoded.codes);
  if (present.size < encoded.classNames.length) {
    const names = encoded.classNames.filter((_, k) => present.has(k));
    encoded = { ...encodeLabels(Array.from(encoded.codes, (k) => encoded.classNames[k]), names) };
  }
  demand(present.size >= minimumClasses, () => ({
    expected: `objects of at least ${minimumClasses} classes`,
    found: encoded.classNames.length === 1 ? `one class, ${encoded.classNames[0]}` : "none",
    where,
  }));
  return encoded;
}

/** Returns `state`, or throws an EphemeraError that says to fit first when there is none. */
export function fitted<State>(state: State | null | undefined, where: string): State {
  if (state === null || state === undefined) {
    throw new EphemeraError({
      expected: "a fitted model",
      found: "one that has seen no data",
      where,
      remedy: "call fit, or load a saved model, first",
    });
  }
  return state;
}
