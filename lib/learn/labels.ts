import { demand, EphemeraError } from "../core/mod.ts";
import type { Matrix } from "../numerics/mod.ts";

/** A class for each object: `classNames[codes[i]]` is the class of object i. */
export interface Labels {
  /** Class number of each object, from 0 to `classNames.length - 1`. */
  codes: Int32Array;
  /** The names that the numbers stand for, in a fixed order. */
  classNames: readonly string[];
}

/** Labels as a caller may hand them in: encoded, or one class name an object. */
export type LabelInput = Labels | readonly string[];

/** Probabilities with the names of the classes that their columns stand for. */
export interface ClassProbabilities {
  /** Name of each column. */
  classNames: readonly string[];
  /** One row an object, one column a class; rows sum to 1. */
  probabilities: Matrix;
}

/**
 * Returns encoded labels. Without `classNames` the classes are those present, in alphabetical order (code points).
 * Throws an EphemeraError on a name that `classNames` lacks, a repeated class name, or a code out of range.
 *
 * @example
 * ```ts
 * import { encodeLabels, labelNames } from "ephemera/learn";
 * import assert from "node:assert/strict";
 * const labels = encodeLabels(["RRab", "EW", "RRab"]);
 * assert.deepEqual(labels.classNames, ["EW", "RRab"]);
 * assert.deepEqual([...labels.codes], [1, 0, 1]);
 * assert.deepEqual(labelNames(labels), ["RRab", "EW", "RRab"]);
 * ```
 */
export function encodeLabels(labels: LabelInput, classNames?: readonly string[]): Labels {
  if (isEncoded(labels)) {
    checkCodes(labels);
    if (classNames === undefined || sameNames(classNames, labels.classNames)) return labels;
    return encodeLabels(labelNames(labels), classNames);
  }
  const names = classNames ?? [...new Set(labels)].sort();
  const codeOf = new Map(names.map((name, code) => [name, code]));
  demand(codeOf.size === names.length, {
    expected: "class names that differ",
    found: names.join(", "),
    where: "labels",
  });
  const codes = Int32Array.from(labels, (name, i) => {
    const code = codeOf.get(name);
    if (code === undefined) {
      throw new EphemeraError({
        expected: `one of the classes ${names.join(", ")}`,
        found: JSON.stringify(name),
        where: `label ${i}`,
      });
    }
    return code;
  });
  return { codes, classNames: names };
}

/** Returns the class name of each object. */
export function labelNames(labels: LabelInput): string[] {
  return isEncoded(labels) ? Array.from(labels.codes, (code) => labels.classNames[code]) : [...labels];
}

/** Returns the labels of the objects named by `indices`, with the same classes. */
export function takeLabels(labels: Labels, indices: ArrayLike<number>): Labels {
  return { codes: Int32Array.from(indices, (i) => labels.codes[i]), classNames: labels.classNames };
}

/** Returns how many objects each class has, in the order of `classNames`. */
export function classCounts(labels: Labels): Float64Array {
  const counts = new Float64Array(labels.classNames.length);
  for (const code of labels.codes) counts[code]++;
  return counts;
}

/** Returns the most probable class of each row; of equals, the first. */
export function mostProbable({ classNames, probabilities }: ClassProbabilities): Labels {
  const { data, rows, columns } = probabilities;
  const codes = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    let best = 0;
    for (let k = 1; k < columns; k++) if (data[i * columns + k] > data[i * columns + best]) best = k;
    codes[i] = best;
  }
  return { codes, classNames };
}

/** Whether labels are encoded already. */
export function isEncoded(labels: LabelInput): labels is Labels {
  return "codes" in labels;
}

function checkCodes({ codes, classNames }: Labels) {
  for (let i = 0; i < codes.length; i++) {
    demand(codes[i] >= 0 && codes[i] < classNames.length, () => ({
      expected: `class numbers from 0 to ${classNames.length - 1}`,
      found: `${codes[i]}`,
      where: `label ${i}`,
    }));
  }
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}
