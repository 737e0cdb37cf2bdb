/** Objects with what is known of each, what a follow-up has revealed of some, and their classes where known. */
import { demand, EphemeraError } from "../../core/mod.ts";
import { encodeLabels, type LabelInput, type Labels, takeLabels } from "../../learn/mod.ts";
import { type Matrix, takeRows, zeros } from "../../numerics/mod.ts";
import type { Table } from "../../observations/mod.ts";
import type { FollowUpKind } from "./follow_up_kind.ts";

/** Objects before and after a follow-up. Rows of all fields are the objects, in one order. */
export interface FollowUpSet {
  /** Identifiers, each once. */
  ids: readonly string[];
  /** Names of the features that are known of every object, x_t: for the paper, of its light curve. */
  knownNames: readonly string[];
  /** x_t, objects x features, finite. */
  known: Matrix;
  /** Names of the features that the follow-up reveals, x_s: for the paper, of the spectrum. */
  revealedNames: readonly string[];
  /** x_s, objects x features; rows of NaN for objects that were not followed up. */
  revealed: Matrix;
  /** Class of each object; absent when none is known. */
  labels?: Labels;
}

/** Options of {@link followUpSet}. */
export interface FollowUpSetOptions {
  /** Features that are known of every object. */
  known: readonly string[];
  /** Which features the follow-up reveals. Columns that the table lacks count as not revealed for any object. */
  kind: FollowUpKind;
  /** Column of the identifiers. Default `"id"`. */
  id?: string;
  /** Class of each object, or the name of the column that has it. */
  labels?: LabelInput | string;
  /** Names that the classes may have, in the order of the columns of probabilities. Default: those that occur. */
  classNames?: readonly string[];
}

/**
 * Returns the objects of a table.
 *
 * @throws EphemeraError for an empty table, a missing column, an identifier that occurs twice, a feature that is not finite
 * (with the object's identifier), a follow-up that revealed only some of its features, or an unknown class
 *
 * @example
 * ```ts
 * import { followUpKind, followUpSet } from "ephemera/chapters/follow_up";
 * import assert from "node:assert/strict";
 * const table = { id: ["a", "b"], period: Float64Array.of(0.3, 0.6), colour: Float64Array.of(0.1, NaN) };
 * const kind = followUpKind("one more colour", ["colour"]);
 * const set = followUpSet(table, { known: ["period"], kind, labels: ["RRc", "RRab"] });
 * assert.deepEqual([...set.known.data], [0.3, 0.6]);
 * assert.deepEqual([...set.labels!.classNames], ["RRab", "RRc"]);
 * ```
 */
export function followUpSet(table: Table, options: FollowUpSetOptions): FollowUpSet {
  const { known, kind, id = "id", labels, classNames } = options, where = "followUpSet";
  const column = (name: string) => {
    demand(Object.hasOwn(table, name), () => ({
      expected: `a column "${name}"`,
      found: `the columns ${Object.keys(table).join(", ") || "(none)"}`,
      where,
    }));
    return table[name];
  };
  const ids = Array.from<string | number, string>(column(id), String);
  demand(ids.length > 0, { expected: "at least one object", found: "an empty table", where });
  const seen = new Set<string>();
  for (const name of ids) {
    demand(!seen.has(name), () => ({ expected: "each identifier once", found: `"${name}" twice`, where }));
    seen.add(name);
  }
  demand(known.length > 0, { expected: "at least one known feature", found: "none", where });
  const both = known.find((name) => kind.reveals.includes(name));
  demand(both === undefined, () => ({
    expected: "features that are either known or revealed",
    found: `"${both}" as both`,
    where,
  }));
  const numbers = (name: string): Float64Array => {
    const values = column(name);
    if (values instanceof Float64Array) return values;
    const row = values.findIndex((text) => Number.isNaN(Number(text)));
    if (row < 0) return Float64Array.from(values, (text) => text === "" ? NaN : Number(text));
    throw new EphemeraError({
      expected: `numbers in column "${name}"`,
      found: JSON.stringify(values[row]),
      where: `${where}, object ${ids[row]}`,
    });
  };
  const set: FollowUpSet = {
    ids,
    knownNames: [...known],
    known: fromColumns(known.map(numbers), ids.length),
    revealedNames: [...kind.reveals],
    revealed: fromColumns(
      kind.reveals.map((name) =>
        Object.hasOwn(table, name) ? numbers(name) : new Float64Array(ids.length).fill(NaN)
      ),
      ids.length,
    ),
  };
  if (labels !== undefined) {
    const given = typeof labels === "string"
      ? Array.from<string | number, string>(column(labels), String)
      : labels;
    set.labels = encodeLabels(given, classNames);
  }
  checkFollowUpSet(set, where);
  return set;
}

/** Throws an EphemeraError that names the object unless the set is whole; see {@link followUpSet}. */
export function checkFollowUpSet(set: FollowUpSet, where: string): void {
  const { ids, known, knownNames, revealed, revealedNames, labels } = set, n = ids.length;
  demand(
    n > 0 && known.rows === n && revealed.rows === n && (labels === undefined || labels.codes.length === n) &&
      known.columns === knownNames.length && revealed.columns === revealedNames.length,
    {
      expected: "at least one object, and as many rows and names as objects and columns",
      found:
        `${n} objects, ${known.rows} x ${known.columns} known, ${revealed.rows} x ${revealed.columns} revealed`,
      where,
    },
  );
  checkKnown(ids, knownNames, known, where);
  const S = revealed.columns;
  for (let i = 0; i < n; i++) {
    let missing = 0;
    for (let j = 0; j < S; j++) {
      const value = revealed.data[i * S + j];
      if (Number.isNaN(value)) missing++;
      demand(Number.isFinite(value) || Number.isNaN(value), () => ({
        expected: `a finite ${revealedNames[j]}`,
        found: `${value}`,
        where: `${where}, object ${ids[i]}`,
      }));
    }
    demand(missing === 0 || missing === S, () => ({
      expected: `all of ${revealedNames.join(", ")}, or none`,
      found: `${S - missing} of them`,
      where: `${where}, object ${ids[i]}`,
      remedy: "leave all of them empty to treat the object as not followed up",
    }));
  }
}

/** Throws an EphemeraError that names object and feature unless all known features are finite. */
export function checkKnown(
  ids: readonly string[],
  names: readonly string[],
  known: Matrix,
  where: string,
): void {
  const T = known.columns;
  for (let at = 0; at < known.data.length; at++) {
    demand(Number.isFinite(known.data[at]), () => ({
      expected: `a finite ${names[at % T]}`,
      found: Number.isNaN(known.data[at]) ? "a missing value" : `${known.data[at]}`,
      where: `${where}, object ${ids[Math.floor(at / T)]}`,
      remedy: "complete the object or take it out",
    }));
  }
}

/** Returns for each object whether its follow-up features are there. */
export function followedUp({ revealed }: FollowUpSet): boolean[] {
  return Array.from({ length: revealed.rows }, (_, i) => !Number.isNaN(revealed.data[i * revealed.columns]));
}

/** Returns the objects with the given numbers, in that order. */
export function takeObjects(set: FollowUpSet, rows: ArrayLike<number>): FollowUpSet {
  return {
    ...set,
    ids: Array.from(rows, (i) => set.ids[i]),
    known: takeRows(set.known, rows),
    revealed: takeRows(set.revealed, rows),
    ...(set.labels === undefined ? {} : { labels: takeLabels(set.labels, rows) }),
  };
}

/** Returns the labels of a set, or throws an EphemeraError when it has none. */
export function labelsOf(set: FollowUpSet, where: string): Labels {
  demand(set.labels !== undefined, { expected: "objects with a class", found: "none", where });
  return set.labels;
}

/** Returns x_t and x_s side by side, x_t first. */
export function besideEachOther(a: Matrix, b: Matrix): Matrix {
  const result = zeros(a.rows, a.columns + b.columns);
  for (let i = 0; i < a.rows; i++) {
    result.data.set(a.data.subarray(i * a.columns, (i + 1) * a.columns), i * result.columns);
    result.data.set(b.data.subarray(i * b.columns, (i + 1) * b.columns), i * result.columns + a.columns);
  }
  return result;
}

function fromColumns(columns: readonly Float64Array[], rows: number): Matrix {
  const result = zeros(rows, columns.length);
  columns.forEach((column, j) => column.forEach((value, i) => result.data[i * columns.length + j] = value));
  return result;
}
