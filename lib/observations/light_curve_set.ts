/**
 * Light curves as columns: all observations of all objects in flat typed arrays, one offset per object.
 *
 * A survey has millions of observations; an object a point would cost a hundred bytes and a pause of the garbage
 * collector each. Views of one object are windows on the same memory.
 */
import { demand, EphemeraError } from "../core/mod.ts";
import type { Column, Table } from "./table.ts";
import { tableRows } from "./table.ts";

/** What the `value` column holds. */
export type Quantity = "magnitude" | "flux";

/** Bits of the `flags` column. */
export const Flag = { detected: 1, saturated: 2, upperLimit: 4, forced: 8, firstTrigger: 16 } as const;

/** The columns a {@link LightCurveSet} is made of. */
export interface LightCurveColumns {
  /** Identifier of each object, unique. */
  ids: readonly string[];
  /** `ids.length + 1` ascending numbers: object i owns the observations `offsets[i]` to `offsets[i + 1] - 1`. */
  offsets: Uint32Array;
  /** Time of each observation in days, ascending within an object. */
  time: Float64Array;
  /** Magnitude, or flux in the units of the zero point. */
  value: Float64Array;
  /** One-sigma error of `value`, same unit, not negative. Absent when the survey gives none. */
  error?: Float64Array;
  /** Index into `bands` of each observation. Absent means that all are in `bands[0]`. */
  band?: Uint8Array;
  /** Names of the bands. Default `["V"]`. */
  bands?: readonly string[];
  /** Bits of {@link Flag}. */
  flags?: Uint8Array;
  /** Magnitude or flux? Default magnitude. */
  quantity?: Quantity;
  /** AB magnitude of unit flux, for fluxes. */
  zeroPoint?: number;
  /** Name of the time scale, e.g. `"MJD"` (default), `"HJD"`, `"BJD"`. */
  timeScale?: string;
  /** Index into `classNames` of each object, -1 where unknown. */
  labels?: Int32Array;
  /** Names of the classes. */
  classNames?: readonly string[];
  /** One row per object: period, colour, redshift, ... */
  metadata?: Table;
  /** More columns of one number per observation. */
  extra?: Readonly<Record<string, Float64Array>>;
}

/** The observations of one object: windows on the columns of the set, not copies. */
export interface LightCurve {
  /** Identifier of the object. */
  id: string;
  /** Days, ascending. */
  time: Float64Array;
  /** Magnitude or flux, as the set says. */
  value: Float64Array;
  /** One-sigma error, when the set has errors. */
  error?: Float64Array;
  /** Index into the set's `bands`; absent when there is one band. */
  band?: Uint8Array;
  /** Bits of {@link Flag}, when the set has flags. */
  flags?: Uint8Array;
  /** Index into the set's `classNames`, -1 when unknown, absent when the set has no labels. */
  label?: number;
}

/**
 * A checked set of light curves. The columns are kept as given, not copied; treat them as read-only.
 *
 * @example
 * ```ts
 * import { LightCurveSet } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * const set = new LightCurveSet({
 *   ids: ["a", "b"],
 *   offsets: Uint32Array.of(0, 2, 3),
 *   time: Float64Array.of(1, 2, 1),
 *   value: Float64Array.of(15.1, 15.3, 17.2),
 * });
 * assert.deepEqual(set.at(0).value, Float64Array.of(15.1, 15.3));
 * assert.equal(set.subset([1]).ids[0], "b");
 * ```
 */
export class LightCurveSet implements Iterable<LightCurve> {
  /** Identifier of each object. */
  readonly ids: readonly string[];
  /** Object i owns the observations `offsets[i]` to `offsets[i + 1] - 1`. */
  readonly offsets: Uint32Array;
  /** Days, ascending within an object. */
  readonly time: Float64Array;
  /** Magnitude or flux of each observation. */
  readonly value: Float64Array;
  /** One-sigma error of each value, when the survey gives one. */
  readonly error?: Float64Array;
  /** Index into `bands` of each observation; absent when all are in `bands[0]`. */
  readonly band?: Uint8Array;
  /** Names of the bands. */
  readonly bands: readonly string[];
  /** Bits of {@link Flag} of each observation. */
  readonly flags?: Uint8Array;
  /** What `value` holds. */
  readonly quantity: Quantity;
  /** AB magnitude of unit flux. */
  readonly zeroPoint?: number;
  /** Name of the time scale. */
  readonly timeScale: string;
  /** Index into `classNames` of each object, -1 where unknown. */
  readonly labels?: Int32Array;
  /** Names of the classes. */
  readonly classNames: readonly string[];
  /** One row per object. */
  readonly metadata: Table;
  /** More columns of one number per observation. */
  readonly extra: Readonly<Record<string, Float64Array>>;

  /** @throws EphemeraError when the columns do not fit each other, with the object's identifier and row. */
  constructor(columns: LightCurveColumns) {
    this.ids = columns.ids;
    this.offsets = columns.offsets;
    this.time = columns.time;
    this.value = columns.value;
    this.error = columns.error;
    this.band = columns.band;
    this.bands = columns.bands ?? ["V"];
    this.flags = columns.flags;
    this.quantity = columns.quantity ?? "magnitude";
    this.zeroPoint = columns.zeroPoint;
    this.timeScale = columns.timeScale ?? "MJD";
    this.labels = columns.labels;
    this.classNames = columns.classNames ?? [];
    this.metadata = columns.metadata ?? {};
    this.extra = columns.extra ?? {};
    check(this);
  }

  /** Number of objects. */
  get length(): number {
    return this.ids.length;
  }

  /** Number of observations of all objects. */
  get observations(): number {
    return this.time.length;
  }

  /** Returns the number of observations of object `i`. */
  count(i: number): number {
    return this.offsets[i + 1] - this.offsets[i];
  }

  /** Returns object `i` as windows on the set's columns. */
  at(i: number): LightCurve {
    demand(Number.isInteger(i) && i >= 0 && i < this.length, () => ({
      expected: `an object number from 0 to ${this.length - 1}`,
      found: String(i),
      where: "LightCurveSet.at",
    }));
    const start = this.offsets[i], end = this.offsets[i + 1];
    return {
      id: this.ids[i],
      time: this.time.subarray(start, end),
      value: this.value.subarray(start, end),
      error: this.error?.subarray(start, end),
      band: this.band?.subarray(start, end),
      flags: this.flags?.subarray(start, end),
      label: this.labels?.[i],
    };
  }

  *[Symbol.iterator](): Iterator<LightCurve> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  /** Returns the name of the class of object `i`, or undefined when it is unknown. */
  className(i: number): string | undefined {
    const label = this.labels?.[i] ?? -1;
    return label < 0 ? undefined : this.classNames[label];
  }

  /** Returns a new set of the objects with the given numbers, in that order. The observations are copied. */
  subset(objects: ArrayLike<number>): LightCurveSet {
    const offsets = new Uint32Array(objects.length + 1);
    for (let k = 0; k < objects.length; k++) {
      const i = objects[k];
      demand(Number.isInteger(i) && i >= 0 && i < this.length, () => ({
        expected: `object numbers from 0 to ${this.length - 1}`,
        found: String(i),
        where: `LightCurveSet.subset, place ${k}`,
      }));
      offsets[k + 1] = offsets[k] + this.count(i);
    }
    const gather = <A extends Float64Array | Uint8Array>(from: A): A => {
      const to = new (from.constructor as new (n: number) => A)(offsets[objects.length]);
      for (let k = 0; k < objects.length; k++) {
        to.set(from.subarray(this.offsets[objects[k]], this.offsets[objects[k] + 1]), offsets[k]);
      }
      return to;
    };
    return new LightCurveSet({
      ...this.columns(),
      ids: Array.from(objects, (i) => this.ids[i]),
      offsets,
      time: gather(this.time),
      value: gather(this.value),
      error: this.error && gather(this.error),
      band: this.band && gather(this.band),
      flags: this.flags && gather(this.flags),
      labels: this.labels && Int32Array.from(objects, (i) => this.labels![i]),
      metadata: tableRows(this.metadata, objects),
      extra: Object.fromEntries(Object.entries(this.extra).map(([name, column]) => [name, gather(column)])),
    });
  }

  /** Returns the objects for which `keep` is true, as a new set. */
  filter(keep: (curve: LightCurve, index: number) => boolean): LightCurveSet {
    const kept: number[] = [];
    for (let i = 0; i < this.length; i++) if (keep(this.at(i), i)) kept.push(i);
    return this.subset(kept);
  }

  /** Returns the columns this set is made of, for making another with some of them replaced. */
  columns(): LightCurveColumns {
    const { ids, offsets, time, value, error, band, bands, flags, quantity, zeroPoint, timeScale } = this;
    const { labels, classNames, metadata, extra } = this;
    return {
      ids,
      offsets,
      time,
      value,
      error,
      band,
      bands,
      flags,
      quantity,
      zeroPoint,
      timeScale,
      labels,
      classNames,
      metadata,
      extra,
    };
  }

  /** Returns a metadata column as numbers, one per object. */
  numbers(name: string): Float64Array {
    const column: Column | undefined = this.metadata[name];
    demand(column !== undefined, () => ({
      expected: `a metadata column "${name}"`,
      found: `the columns ${Object.keys(this.metadata).join(", ") || "(none)"}`,
      where: "LightCurveSet.numbers",
    }));
    demand(column instanceof Float64Array, () => ({
      expected: `numbers in the metadata column "${name}"`,
      found: "text",
      where: "LightCurveSet.numbers",
    }));
    return column;
  }
}

function check(set: LightCurveSet): void {
  const n = set.ids.length, total = set.time.length;
  const length = (name: string, found: number | undefined, expected: number, each: string) =>
    demand(found === undefined || found === expected, () => ({
      expected: `${expected} entries in "${name}", one per ${each}`,
      found: String(found),
      where: "LightCurveSet",
    }));
  length("offsets", set.offsets.length, n + 1, "object and one more");
  length("value", set.value.length, total, "observation");
  length("error", set.error?.length, total, "observation");
  length("band", set.band?.length, total, "observation");
  length("flags", set.flags?.length, total, "observation");
  length("labels", set.labels?.length, n, "object");
  for (const [name, column] of Object.entries(set.extra)) length(name, column.length, total, "observation");
  for (const [name, column] of Object.entries(set.metadata)) length(name, column.length, n, "object");
  demand(set.offsets[0] === 0 && set.offsets[n] === total, () => ({
    expected: `offsets from 0 to ${total}`,
    found: `${set.offsets[0]} to ${set.offsets[n]}`,
    where: "LightCurveSet",
  }));
  demand(new Set(set.ids).size === n, () => ({
    expected: "each object identifier once",
    found: `${set.ids.find((id, i) => set.ids.indexOf(id) !== i)} more than once`,
    where: "LightCurveSet",
    remedy: "merge the observations of one object, or make the identifiers different",
  }));
  for (let i = 0; i < n; i++) {
    demand(set.offsets[i + 1] >= set.offsets[i], () => ({
      expected: "ascending offsets",
      found: `${set.offsets[i]} before ${set.offsets[i + 1]}`,
      where: `object ${set.ids[i]}`,
    }));
    const label = set.labels?.[i] ?? -1;
    demand(label >= -1 && label < set.classNames.length, () => ({
      expected: `a label from -1 to ${set.classNames.length - 1}`,
      found: String(label),
      where: `object ${set.ids[i]}`,
    }));
    let before = -Infinity;
    for (let j = set.offsets[i]; j < set.offsets[i + 1]; j++) {
      const time = set.time[j], error = set.error === undefined ? 0 : set.error[j];
      // One sum finds any NaN or infinity; what is wrong is looked up only when something is.
      if (
        !(time >= before && error >= 0) || !Number.isFinite(time + set.value[j] + error) || bandless(set, j)
      ) {
        checkRow(set, i, j);
      }
      before = time;
    }
  }
}

function bandless(set: LightCurveSet, j: number): boolean {
  return set.band !== undefined && set.band[j] >= set.bands.length;
}

function checkRow(set: LightCurveSet, i: number, j: number): void {
  const refuse = (expected: string, found: string, remedy: string) => {
    throw new EphemeraError({
      expected,
      found,
      where: `object ${set.ids[i]}, observation ${j - set.offsets[i]}`,
      remedy,
    });
  };
  const time = set.time[j], error = set.error?.[j] ?? 0, band = set.band?.[j] ?? 0;
  if (!Number.isFinite(time)) refuse("a finite time", String(time), "drop the row");
  if (j > set.offsets[i] && time < set.time[j - 1]) {
    refuse("ascending times", `${time} after ${set.time[j - 1]}`, "sort the rows of each object by time");
  }
  if (!Number.isFinite(set.value[j])) refuse("a finite value", String(set.value[j]), "drop the row");
  if (!(error >= 0) || error === Infinity) {
    refuse("an error that is not negative", String(error), "drop the row");
  }
  if (band >= set.bands.length) {
    refuse(
      `a band from 0 to ${set.bands.length - 1} (${set.bands.join(", ")})`,
      String(band),
      "name all bands",
    );
  }
}
