import type { NamedArrays } from "../interchange/named_arrays.ts";
import { plainArray } from "../interchange/named_arrays.ts";

/** Columns of numbers of equal length, fit for a table or a figure. */
export type HistoryColumns = Record<string, number[]>;

/**
 * The numbers of a training run. `steps` has one entry a step: `loss`, `gradientNorm` (before clipping),
 * `learningRate`, `weight` (of the batch in averages), `seconds` (of training since its start, pauses between a stop
 * and a resumption left out) and each metric; `epochs` has one entry an epoch: `loss` and each metric (weighted means
 * over the steps), `seconds`, and `validation/loss`, `validation/<metric>` where there is validation.
 */
export interface TrainingHistory {
  steps: HistoryColumns;
  epochs: HistoryColumns;
}

/** Appends one row. A column that appears late is filled with NaN before, one that is missing gets NaN. */
export function appendRow(columns: HistoryColumns, row: Readonly<Record<string, number>>): void {
  const length = Math.max(0, ...Object.values(columns).map((column) => column.length));
  for (const name of new Set([...Object.keys(columns), ...Object.keys(row)])) {
    const column = columns[name] ??= new Array<number>(length).fill(NaN);
    column.push(row[name] ?? NaN);
  }
}

/** Returns the mean of the last `count` entries of each column, weighted by the column `weight`. */
export function weightedMeans(
  columns: HistoryColumns,
  count: number,
  names: readonly string[],
): Record<string, number> {
  const means: Record<string, number> = {};
  const weights = columns.weight.slice(-count);
  for (const name of names) {
    let sum = 0, total = 0;
    columns[name].slice(-count).forEach((value, i) => {
      sum += value * weights[i];
      total += weights[i];
    });
    means[name] = sum / total;
  }
  return means;
}

/** Returns a history as float64 arrays (exact, NaN included). */
export function historyToArrays(history: TrainingHistory): NamedArrays {
  const arrays: NamedArrays = new Map();
  for (const part of ["steps", "epochs"] as const) {
    for (const [name, column] of Object.entries(history[part])) {
      arrays.set(`${part}/${name}`, plainArray([column.length], Float64Array.from(column)));
    }
  }
  return arrays;
}

/**
 * Returns the history that {@link historyToArrays} was given.
 *
 * @param order names of the columns in their order, which arrays out of a file do not keep
 */
export function historyFromArrays(
  arrays: NamedArrays,
  order: { steps: readonly string[]; epochs: readonly string[] },
): TrainingHistory {
  const history: TrainingHistory = { steps: {}, epochs: {} };
  for (const part of ["steps", "epochs"] as const) {
    for (const name of order[part]) {
      history[part][name] = Array.from(arrays.get(`${part}/${name}`)!.data as Float64Array);
    }
  }
  return history;
}
