import { demand } from "../core/mod.ts";
import { type LightCurve, LightCurveSet } from "./light_curve_set.ts";
import { tableRows } from "./table.ts";

/** The new columns of one object. All have the same length. */
export interface CurveColumns {
  time: Float64Array;
  value: Float64Array;
  error?: Float64Array;
  band?: Uint8Array;
  flags?: Uint8Array;
}

/**
 * Returns the set with the observations of each object replaced by what `change` makes of them; an object for which it
 * returns null is left out. Metadata and labels stay; extra columns are dropped, for their rows may be gone.
 *
 * @example
 * ```ts
 * import { LightCurveSet, mapCurves } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * const set = new LightCurveSet({ ids: ["a"], offsets: Uint32Array.of(0, 2), time: Float64Array.of(1, 2),
 *   value: Float64Array.of(15, 17) });
 * const mean = (x: Float64Array) => x.reduce((a, b) => a + b, 0) / x.length;
 * const centred = mapCurves(set, ({ time, value }) => ({ time, value: value.map((m) => m - mean(value)) }));
 * assert.deepEqual(centred.value, Float64Array.of(-1, 1));
 * ```
 */
export function mapCurves(
  set: LightCurveSet,
  change: (curve: LightCurve, index: number) => CurveColumns | null,
): LightCurveSet {
  return flatMap(set, (curve, index) => {
    const columns = change(curve, index);
    return columns === null ? [] : [columns];
  }, (id) => id);
}

/**
 * Returns a set with zero or more objects for each object of `set`: chunks, augmented copies. Their identifiers are the
 * parent's with `#0`, `#1`, ... and the metadata column `parent` names the parent, the group that a split must keep together.
 */
export function flatMapCurves(
  set: LightCurveSet,
  change: (curve: LightCurve, index: number) => readonly CurveColumns[],
): LightCurveSet {
  const parents: string[] = [];
  const result = flatMap(set, (curve, index) => {
    const pieces = change(curve, index);
    for (let k = 0; k < pieces.length; k++) parents.push(curve.id);
    return pieces;
  }, (id, k) => `${id}#${k}`);
  return new LightCurveSet({ ...result.columns(), metadata: { ...result.metadata, parent: parents } });
}

function flatMap(
  set: LightCurveSet,
  change: (curve: LightCurve, index: number) => readonly CurveColumns[],
  name: (id: string, piece: number) => string,
): LightCurveSet {
  const pieces: CurveColumns[] = [], objects: number[] = [], ids: string[] = [];
  for (let i = 0; i < set.length; i++) {
    change(set.at(i), i).forEach((columns, k) => {
      for (const key of ["value", "error", "band", "flags"] as const) {
        demand(columns[key] === undefined || columns[key].length === columns.time.length, () => ({
          expected: `${columns.time.length} entries in "${key}", as many as times`,
          found: String(columns[key]?.length),
          where: `the curve made of object ${set.ids[i]}`,
        }));
      }
      pieces.push(columns);
      objects.push(i);
      ids.push(name(set.ids[i], k));
    });
  }
  const offsets = new Uint32Array(pieces.length + 1);
  pieces.forEach(({ time }, k) => offsets[k + 1] = offsets[k] + time.length);
  const gather = <A extends Float64Array | Uint8Array>(key: keyof CurveColumns, to: A): A | undefined => {
    const having = pieces.filter((piece) => piece[key] !== undefined).length;
    if (having === 0) return undefined;
    demand(having === pieces.length, () => ({
      expected: `"${key}" for all objects or for none`,
      found: `${having} of ${pieces.length}`,
      where: "mapCurves",
    }));
    pieces.forEach((piece, k) => to.set(piece[key] as A, offsets[k]));
    return to;
  };
  const total = offsets[pieces.length];
  return new LightCurveSet({
    ...set.columns(),
    ids,
    offsets,
    time: gather("time", new Float64Array(total)) ?? new Float64Array(0),
    value: gather("value", new Float64Array(total)) ?? new Float64Array(0),
    error: gather("error", new Float64Array(total)),
    band: gather("band", new Uint8Array(total)),
    flags: gather("flags", new Uint8Array(total)),
    labels: set.labels && Int32Array.from(objects, (i) => set.labels![i]),
    metadata: tableRows(set.metadata, objects),
    extra: {},
  });
}
