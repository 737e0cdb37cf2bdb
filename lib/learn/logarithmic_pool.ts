/** Several classifiers' opinions made one. */
import { demand } from "../core/mod.ts";
import { minimiseNelderMead } from "../numerics/mod.ts";
import { type ClassProbabilities, encodeLabels, type LabelInput } from "./labels.ts";

/** No opinion counts as more certain than this: a tree that never saw a class is no proof against it. */
const FLOOR = 1e-3;

/**
 * Returns the logarithmic opinion pool p_k ~ prod_m p_mk^w_m of classifiers' probabilities (Genest & Zidek 1986, eq. 3.10).
 * Unlike a mean it lets the weights also sharpen or soften: two classifiers that see the same thing share a weight of 1, and
 * an over-confident one gets a small weight. Probabilities below 0.001 count as 0.001.
 *
 * @param members each classifier's probabilities of the same objects and classes
 * @param weights one exponent a classifier, not negative; see {@link fitLogarithmicPool}
 * @throws EphemeraError when rows, classes or the number of weights differ, or a weight is negative
 *
 * @example
 * ```ts
 * import { logarithmicPool } from "ephemera/learn";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const of = (p: number) => ({ classNames: ["RRAB", "RRC"], probabilities: matrix([p, 1 - p], 1, 2) });
 * const [both] = logarithmicPool([of(0.8), of(0.8)], [1, 1]).probabilities.data;
 * assert.ok(Math.abs(both - 0.64 / 0.68) < 1e-12); // independent opinions strengthen each other
 * ```
 */
export function logarithmicPool(
  members: readonly ClassProbabilities[],
  weights: ArrayLike<number>,
): ClassProbabilities {
  const logs = checkedLogs(members, "logarithmicPool");
  demand(weights.length === members.length && Array.from(weights).every((w) => w >= 0), () => ({
    expected: `${members.length} weights that are not negative`,
    found: Array.from(weights).join(", ") || "none",
    where: "logarithmicPool",
  }));
  const { classNames, probabilities: { rows, columns } } = members[0];
  return { classNames, probabilities: { rows, columns, data: pool(logs, weights, columns) } };
}

/**
 * Returns the weights of {@link logarithmicPool} with the least log loss on objects that no member was trained on.
 * The loss is convex in the weights, so there is one minimum.
 *
 * @param members each classifier's probabilities of those objects
 * @param truth their classes
 * @throws EphemeraError when rows or classes differ
 */
export function fitLogarithmicPool(
  members: readonly ClassProbabilities[],
  truth: LabelInput,
): Float64Array {
  const logs = checkedLogs(members, "fitLogarithmicPool");
  const { classNames, probabilities: { rows, columns } } = members[0];
  const { codes } = encodeLabels(truth, classNames);
  demand(codes.length === rows && rows > 0, {
    expected: `${rows} labels, at least one`,
    found: `${codes.length}`,
    where: "fitLogarithmicPool",
  });
  const loss = (weights: Float64Array) => {
    const data = pool(logs, weights, columns);
    let sum = 0;
    for (let i = 0; i < rows; i++) sum -= Math.log(Math.max(Number.MIN_VALUE, data[i * columns + codes[i]]));
    return sum / rows;
  };
  return minimiseNelderMead(loss, members.map(() => 1 / members.length), {
    lower: members.map(() => 0),
    xTolerance: 1e-5,
    valueTolerance: 1e-9,
    maxIterations: 2000,
  }).x;
}

function checkedLogs(members: readonly ClassProbabilities[], where: string): Float64Array[] {
  demand(members.length > 0, { expected: "at least one classifier", found: "none", where });
  const [{ classNames, probabilities: first }] = members;
  for (const { classNames: names, probabilities } of members) {
    demand(names.join() === classNames.join() && probabilities.rows === first.rows, () => ({
      expected: `${first.rows} rows of the classes ${classNames.join(", ")}`,
      found: `${probabilities.rows} rows of ${names.join(", ")}`,
      where,
    }));
  }
  return members.map(({ probabilities }) => probabilities.data.map((p) => Math.log(Math.max(FLOOR, p))));
}

function pool(logs: readonly Float64Array[], weights: ArrayLike<number>, columns: number): Float64Array {
  const data = new Float64Array(logs[0].length);
  logs.forEach((log, m) => {
    for (let at = 0; at < data.length; at++) data[at] += weights[m] * log[at];
  });
  for (let start = 0; start < data.length; start += columns) {
    const row = data.subarray(start, start + columns);
    let most = -Infinity, sum = 0;
    for (const value of row) most = Math.max(most, value);
    for (let k = 0; k < columns; k++) sum += row[k] = Math.exp(row[k] - most);
    for (let k = 0; k < columns; k++) row[k] /= sum;
  }
  return data;
}
