/** Object tables and classes brought to a set of light curves. */
import { demand } from "../core/mod.ts";
import { LightCurveSet } from "./light_curve_set.ts";
import { type Table, tableRows } from "./table.ts";

/** Options of {@link withObjects}. */
export interface WithObjectsOptions {
  /** Column of the identifiers, which must be text. Default `"id"`. */
  key?: string;
  /** Column of the class names, which become labels. Default: no labels. */
  label?: string;
  /** Names of the classes in the order wanted. Default: sorted, those that occur. */
  classNames?: readonly string[];
}

/**
 * Returns the set with the rows of a table of objects as its metadata, matched by identifier. Rows of objects that the
 * set lacks are left out; an empty class name is an unknown class.
 * @throws EphemeraError for an object without a row, an identifier with two, or a class that is not in `classNames`.
 */
export function withObjects(
  set: LightCurveSet,
  table: Table,
  options: WithObjectsOptions = {},
): LightCurveSet {
  const { key = "id", label } = options, keys = table[key];
  demand(keys !== undefined && !(keys instanceof Float64Array), () => ({
    expected: `a text column "${key}"`,
    found: keys === undefined ? `the columns ${Object.keys(table).join(", ")}` : "numbers",
    where: "withObjects",
    remedy: "read the identifiers as text",
  }));
  const rows = new Map<string, number>();
  keys.forEach((id, row) => {
    demand(
      !rows.has(id),
      () => ({ expected: "one row per object", found: `two of ${id}`, where: "withObjects" }),
    );
    rows.set(id, row);
  });
  const order = set.ids.map((id) => {
    const row = rows.get(id);
    demand(row !== undefined, () => ({
      expected: `a row for object ${id}`,
      found: "none",
      where: "withObjects",
      remedy: "complete the table, or take the object out",
    }));
    return row;
  });
  const metadata = Object.fromEntries(
    Object.entries(tableRows(table, order)).filter(([name]) => name !== key),
  );
  if (label === undefined) return new LightCurveSet({ ...set.columns(), metadata });
  const column = metadata[label];
  demand(column !== undefined && !(column instanceof Float64Array), () => ({
    expected: `a text column "${label}" of class names`,
    found: column === undefined ? "none" : "numbers",
    where: "withObjects",
  }));
  const classNames = options.classNames ?? [...new Set(column)].filter((name) => name !== "").sort();
  return new LightCurveSet({
    ...set.columns(),
    metadata,
    classNames,
    labels: labelsOf(column, classNames, set.ids),
  });
}

function labelsOf(
  names: readonly string[],
  classNames: readonly string[],
  ids: readonly string[],
): Int32Array {
  return Int32Array.from(names, (name, i) => {
    const label = classNames.indexOf(name);
    demand(label >= 0 || name === "", () => ({
      expected: `one of the classes ${classNames.join(", ")}`,
      found: `"${name}"`,
      where: `object ${ids[i]}`,
    }));
    return label;
  });
}

/**
 * Returns the set with its classes renamed and merged: `mapping` gives the new name of each old one, and null leaves its
 * objects out. The metadata column `subclass` keeps the old names, unless the set has one already.
 * @param classNames the new names in the order wanted. Default: sorted.
 * @throws EphemeraError when a class of the set is not in the mapping.
 *
 * @example
 * ```ts
 * import { LightCurveSet, mergeClasses } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * const set = new LightCurveSet({ ids: ["a", "b"], offsets: Uint32Array.of(0, 1, 2), time: Float64Array.of(1, 1),
 *   value: Float64Array.of(15, 16), labels: Int32Array.of(0, 1), classNames: ["EA", "Misc"] });
 * const merged = mergeClasses(set, { EA: "ECL", Misc: null });
 * assert.equal(merged.className(0), "ECL");
 * assert.equal(merged.length, 1);
 * ```
 */
export function mergeClasses(
  set: LightCurveSet,
  mapping: Readonly<Record<string, string | null>>,
  classNames?: readonly string[],
): LightCurveSet {
  for (const name of set.classNames) {
    demand(Object.hasOwn(mapping, name), () => ({
      expected: `class "${name}" in the mapping`,
      found: `only ${Object.keys(mapping).join(", ")}`,
      where: "mergeClasses",
      remedy: "map it to a class, or to null to leave its objects out",
    }));
  }
  const names = classNames ??
    [...new Set(set.classNames.map((name) => mapping[name]).filter((name) => name !== null))].sort();
  const kept = set.filter((_, i) => mapping[set.className(i) ?? ""] !== null);
  const old = Array.from({ length: kept.length }, (_, i) => kept.className(i) ?? "");
  return new LightCurveSet({
    ...kept.columns(),
    classNames: names,
    labels: labelsOf(old.map((name) => name === "" ? "" : mapping[name]!), names, kept.ids),
    metadata: "subclass" in kept.metadata ? kept.metadata : { ...kept.metadata, subclass: old },
  });
}
