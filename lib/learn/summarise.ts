import { mean, sampleStandardDeviation } from "simple-statistics";

/** One result, by column name. */
export type ResultRecord = Record<string, unknown>;

/** Options of {@link summarise}. */
export interface SummariseOptions {
  /** Columns whose values make a group, in the order of the result's columns. */
  by: readonly string[];
  /** Columns of numbers to summarise. */
  values: readonly string[];
  /** Decimals of the texts. Default 3. */
  digits?: number;
}

/**
 * Returns one record a group, in the order of first appearance, with "mean ± standard deviation" of each column of
 * numbers over the group's records (seeds, usually) and their count `n`; a group of one shows its value alone.
 *
 * @example
 * ```ts
 * import { summarise } from "ephemera/learn";
 * import assert from "node:assert/strict";
 * const runs = [{ model: "a", F1: 0.8 }, { model: "a", F1: 0.9 }, { model: "b", F1: 0.5 }];
 * assert.deepEqual(summarise(runs, { by: ["model"], values: ["F1"], digits: 2 }), [
 *   { model: "a", F1: "0.85 ± 0.07", n: 2 },
 *   { model: "b", F1: "0.50", n: 1 },
 * ]);
 * ```
 */
export function summarise(records: readonly ResultRecord[], options: SummariseOptions): ResultRecord[] {
  const { by, values, digits = 3 } = options, groups = new Map<string, ResultRecord[]>();
  for (const record of records) {
    const key = JSON.stringify(by.map((name) => record[name]));
    groups.set(key, [...groups.get(key) ?? [], record]);
  }
  return [...groups.values()].map((group) => {
    const row: ResultRecord = Object.fromEntries(by.map((name) => [name, group[0][name]]));
    for (const name of values) {
      const numbers = group.map((record) => record[name]).filter((x): x is number => typeof x === "number");
      if (numbers.length === 0) continue;
      const centre = mean(numbers).toFixed(digits);
      row[name] = numbers.length === 1
        ? centre
        : `${centre} ± ${sampleStandardDeviation(numbers).toFixed(digits)}`;
    }
    return { ...row, n: group.length };
  });
}
