import { demand } from "../core/mod.ts";
import { Flag, LightCurveSet } from "./light_curve_set.ts";
import type { Column, Table } from "./table.ts";

/**
 * Returns one set of all objects of several, in order. Bands and classes are matched by name. A metadata or extra column
 * that a set lacks is missing there (NaN or empty); observations of a set without flags count as detected.
 *
 * @throws EphemeraError when the sets differ in quantity, zero point, time scale or in having errors, or share an object.
 *
 * @example
 * ```ts
 * import { concatenate, LightCurveSet } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * const one = (id: string, band: string) =>
 *   new LightCurveSet({ ids: [id], offsets: Uint32Array.of(0, 1), time: Float64Array.of(1), value: Float64Array.of(15),
 *     band: Uint8Array.of(0), bands: [band] });
 * const both = concatenate([one("a", "g"), one("b", "r")]);
 * assert.deepEqual(both.bands, ["g", "r"]);
 * assert.deepEqual(both.band, Uint8Array.of(0, 1));
 * ```
 */
export function concatenate(sets: readonly LightCurveSet[]): LightCurveSet {
  demand(sets.length > 0, { expected: "at least one set", found: "none", where: "concatenate" });
  const [first] = sets;
  const same = (name: string, of: (set: LightCurveSet) => unknown) => {
    for (const [k, set] of sets.entries()) {
      demand(of(set) === of(first), () => ({
        expected: `sets of the same ${name}`,
        found: `${of(first)} and ${of(set)}`,
        where: `concatenate, set ${k + 1}`,
        remedy: "bring them to one unit before joining them",
      }));
    }
  };
  same("quantity", (set) => set.quantity);
  same("zero point", (set) => set.zeroPoint);
  same("time scale", (set) => set.timeScale);
  same("kind of errors", (set) => set.error === undefined ? "none" : "one per observation");
  const bands = [...new Set(sets.flatMap((set) => set.bands))];
  const classNames = [...new Set(sets.flatMap((set) => set.classNames))];
  const total = sets.reduce((sum, set) => sum + set.observations, 0);
  const offsets = Uint32Array.from([
    0,
    ...sets.flatMap((set, k) => {
      const before = sets.slice(0, k).reduce((sum, other) => sum + other.observations, 0);
      return Array.from(set.offsets.subarray(1), (offset) => offset + before);
    }),
  ]);
  const join = (of: (set: LightCurveSet) => Float64Array | undefined) => {
    const all = new Float64Array(total).fill(NaN);
    let at = 0;
    for (const set of sets) {
      const column = of(set);
      if (column) all.set(column, at);
      at += set.observations;
    }
    return all;
  };
  const joinBytes = (of: (set: LightCurveSet) => Uint8Array) => {
    const all = new Uint8Array(total);
    let at = 0;
    for (const set of sets) {
      all.set(of(set), at);
      at += set.observations;
    }
    return all;
  };
  const needsBand = bands.length > 1 || sets.some((set) => set.band);
  const extra = [...new Set(sets.flatMap((set) => Object.keys(set.extra)))];
  return new LightCurveSet({
    ids: sets.flatMap((set) => set.ids),
    offsets,
    time: join((set) => set.time),
    value: join((set) => set.value),
    error: first.error && join((set) => set.error),
    band: needsBand
      ? joinBytes((set) => {
        const numbers = set.bands.map((name) => bands.indexOf(name));
        return set.band?.map((b) => numbers[b]) ?? new Uint8Array(set.observations).fill(numbers[0]);
      })
      : undefined,
    bands,
    flags: sets.some((set) => set.flags)
      ? joinBytes((set) => set.flags ?? new Uint8Array(set.observations).fill(Flag.detected))
      : undefined,
    quantity: first.quantity,
    zeroPoint: first.zeroPoint,
    timeScale: first.timeScale,
    labels: sets.some((set) => set.labels)
      ? Int32Array.from(sets.flatMap((set) => {
        const numbers = set.classNames.map((name) => classNames.indexOf(name));
        return Array.from({ length: set.length }, (_, i) => numbers[set.labels?.[i] ?? -1] ?? -1);
      }))
      : undefined,
    classNames,
    metadata: concatenateTables(sets.map((set) => ({ table: set.metadata, rows: set.length }))),
    extra: Object.fromEntries(extra.map((name) => [name, join((set) => set.extra[name])])),
  });
}

/** Joins tables row-wise; a column that is text anywhere is text everywhere. */
function concatenateTables(parts: readonly { table: Table; rows: number }[]): Table {
  const names = [...new Set(parts.flatMap(({ table }) => Object.keys(table)))];
  return Object.fromEntries(names.map((name): [string, Column] => {
    const numeric = parts.every(({ table }) =>
      table[name] === undefined || table[name] instanceof Float64Array
    );
    if (!numeric) {
      return [
        name,
        parts.flatMap(({ table, rows }) =>
          Array.from({ length: rows }, (_, i) => String(table[name]?.[i] ?? ""))
        ),
      ];
    }
    return [
      name,
      Float64Array.from(
        parts.flatMap(({ table, rows }) =>
          Array.from({ length: rows }, (_, i) => (table[name] as Float64Array | undefined)?.[i] ?? NaN)
        ),
      ),
    ];
  }));
}
