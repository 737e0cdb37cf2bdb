/**
 * Sequences of image stamps as columns: for each object the small images that a survey cut out around it, epoch by epoch,
 * all pixels in one flat array. Views of one object or one image are windows on the same memory.
 */
import { demand } from "../core/mod.ts";
import { type Table, tableRows } from "./table.ts";

/** The columns a {@link StampSequenceSet} is made of. An epoch is one visit; it has one image a plane. */
export interface StampSequenceColumns {
  /** Identifier of each object, unique. */
  ids: readonly string[];
  /** `ids.length + 1` ascending numbers: object i owns the epochs `offsets[i]` to `offsets[i + 1] - 1`. */
  offsets: Uint32Array;
  /** Time of each epoch in days, ascending within an object. */
  time: Float64Array;
  /** Index into `bands` of each epoch. Absent means that all are in `bands[0]`. */
  band?: Uint8Array;
  /** Names of the bands. Default `["V"]`. */
  bands?: readonly string[];
  /** Rows of an image. */
  height: number;
  /** Columns of an image. */
  width: number;
  /** Names of the images of an epoch, e.g. science, template, difference. Default `["science"]`. */
  planes?: readonly string[];
  /** Pixels, [epoch][plane][row][column]. NaN where there is none. */
  pixels: Float32Array;
  /** Size of a pixel on the sky, arcsec. */
  pixelScale?: number;
  /** Name of the time scale. Default `"MJD"`. */
  timeScale?: string;
  /** Index into `classNames` of each object, -1 where unknown. */
  labels?: Int32Array;
  /** Names of the classes. */
  classNames?: readonly string[];
  /** One row per object. */
  metadata?: Table;
  /** One row per epoch: seeing, magnitude, real-bogus score, ... */
  epochs?: Table;
}

/** The stamps of one object: windows on the set's columns, not copies. */
export interface StampSequence {
  /** Identifier of the object. */
  id: string;
  /** Days, ascending. */
  time: Float64Array;
  /** Index into the set's `bands`; absent when there is one band. */
  band?: Uint8Array;
  /** [epoch][plane][row][column]. */
  pixels: Float32Array;
  /** Index into the set's `classNames`, -1 when unknown, absent when the set has no labels. */
  label?: number;
}

/**
 * A checked set of stamp sequences. The columns are kept as given, not copied; treat them as read-only.
 *
 * @example
 * ```ts
 * import { StampSequenceSet } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * const set = new StampSequenceSet({ ids: ["a", "b"], offsets: Uint32Array.of(0, 2, 3), time: Float64Array.of(1, 2, 1),
 *   height: 1, width: 2, pixels: Float32Array.of(10, 11, 20, 21, 30, 31) });
 * assert.deepEqual(set.image(1), Float32Array.of(20, 21));
 * assert.deepEqual(set.at(1).pixels, Float32Array.of(30, 31));
 * ```
 */
export class StampSequenceSet implements Iterable<StampSequence> {
  /** Identifier of each object. */
  readonly ids: readonly string[];
  /** Object i owns the epochs `offsets[i]` to `offsets[i + 1] - 1`. */
  readonly offsets: Uint32Array;
  /** Days, ascending within an object. */
  readonly time: Float64Array;
  /** Index into `bands` of each epoch; absent when all are in `bands[0]`. */
  readonly band?: Uint8Array;
  /** Names of the bands. */
  readonly bands: readonly string[];
  /** Rows of an image. */
  readonly height: number;
  /** Columns of an image. */
  readonly width: number;
  /** Names of the images of an epoch. */
  readonly planes: readonly string[];
  /** [epoch][plane][row][column]. */
  readonly pixels: Float32Array;
  /** Arcsec a pixel. */
  readonly pixelScale?: number;
  /** Name of the time scale. */
  readonly timeScale: string;
  /** Index into `classNames` of each object, -1 where unknown. */
  readonly labels?: Int32Array;
  /** Names of the classes. */
  readonly classNames: readonly string[];
  /** One row per object. */
  readonly metadata: Table;
  /** One row per epoch. */
  readonly epochs: Table;

  /** @throws EphemeraError when the columns do not fit each other. */
  constructor(columns: StampSequenceColumns) {
    this.ids = columns.ids;
    this.offsets = columns.offsets;
    this.time = columns.time;
    this.band = columns.band;
    this.bands = columns.bands ?? ["V"];
    this.height = columns.height;
    this.width = columns.width;
    this.planes = columns.planes ?? ["science"];
    this.pixels = columns.pixels;
    this.pixelScale = columns.pixelScale;
    this.timeScale = columns.timeScale ?? "MJD";
    this.labels = columns.labels;
    this.classNames = columns.classNames ?? [];
    this.metadata = columns.metadata ?? {};
    this.epochs = columns.epochs ?? {};
    check(this);
  }

  /** Number of objects. */
  get length(): number {
    return this.ids.length;
  }

  /** Returns the number of epochs of object `i`. */
  count(i: number): number {
    return this.offsets[i + 1] - this.offsets[i];
  }

  /** Pixels of one epoch, all planes. */
  get epochPixels(): number {
    return this.planes.length * this.height * this.width;
  }

  /** Returns object `i` as windows on the set's columns. */
  at(i: number): StampSequence {
    this.#demandObject(i, "StampSequenceSet.at");
    const start = this.offsets[i], end = this.offsets[i + 1];
    return {
      id: this.ids[i],
      time: this.time.subarray(start, end),
      band: this.band?.subarray(start, end),
      pixels: this.pixels.subarray(start * this.epochPixels, end * this.epochPixels),
      label: this.labels?.[i],
    };
  }

  *[Symbol.iterator](): Iterator<StampSequence> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  /**
   * Returns one image as a window, row by row.
   * @param epoch number of the epoch in the set, that of object i's first being `offsets[i]`.
   * @param plane name of the plane. Default the first.
   */
  image(epoch: number, plane: string = this.planes[0]): Float32Array {
    const p = this.planes.indexOf(plane);
    demand(p >= 0 && Number.isInteger(epoch) && epoch >= 0 && epoch < this.time.length, () => ({
      expected: `an epoch from 0 to ${this.time.length - 1} and one of the planes ${this.planes.join(", ")}`,
      found: `epoch ${epoch}, plane "${plane}"`,
      where: "StampSequenceSet.image",
    }));
    const size = this.height * this.width, start = (epoch * this.planes.length + p) * size;
    return this.pixels.subarray(start, start + size);
  }

  /** Returns the name of the class of object `i`, or undefined when it is unknown. */
  className(i: number): string | undefined {
    const label = this.labels?.[i] ?? -1;
    return label < 0 ? undefined : this.classNames[label];
  }

  /** Returns a new set of the objects with the given numbers, in that order. The pixels are copied. */
  subset(objects: ArrayLike<number>): StampSequenceSet {
    const offsets = new Uint32Array(objects.length + 1), epochs: number[] = [];
    for (let k = 0; k < objects.length; k++) {
      this.#demandObject(objects[k], `StampSequenceSet.subset, place ${k}`);
      for (let e = this.offsets[objects[k]]; e < this.offsets[objects[k] + 1]; e++) epochs.push(e);
      offsets[k + 1] = epochs.length;
    }
    const size = this.epochPixels, pixels = new Float32Array(epochs.length * size);
    epochs.forEach((e, k) => pixels.set(this.pixels.subarray(e * size, (e + 1) * size), k * size));
    return new StampSequenceSet({
      ...this.columns(),
      ids: Array.from(objects, (i) => this.ids[i]),
      offsets,
      time: Float64Array.from(epochs, (e) => this.time[e]),
      band: this.band && Uint8Array.from(epochs, (e) => this.band![e]),
      pixels,
      labels: this.labels && Int32Array.from(objects, (i) => this.labels![i]),
      metadata: tableRows(this.metadata, objects),
      epochs: tableRows(this.epochs, epochs),
    });
  }

  /** Returns the objects for which `keep` is true, as a new set. */
  filter(keep: (sequence: StampSequence, index: number) => boolean): StampSequenceSet {
    const kept: number[] = [];
    for (let i = 0; i < this.length; i++) if (keep(this.at(i), i)) kept.push(i);
    return this.subset(kept);
  }

  /** Returns the columns this set is made of, for making another with some of them replaced. */
  columns(): StampSequenceColumns {
    const { ids, offsets, time, band, bands, height, width, planes, pixels } = this;
    const { pixelScale, timeScale, labels, classNames, metadata, epochs } = this;
    return {
      ids,
      offsets,
      time,
      band,
      bands,
      height,
      width,
      planes,
      pixels,
      pixelScale,
      timeScale,
      labels,
      classNames,
      metadata,
      epochs,
    };
  }

  #demandObject(i: number, where: string): void {
    demand(Number.isInteger(i) && i >= 0 && i < this.length, () => ({
      expected: `object numbers from 0 to ${this.length - 1}`,
      found: String(i),
      where,
    }));
  }
}

function check(set: StampSequenceSet): void {
  const n = set.length, epochs = set.time.length, where = "StampSequenceSet";
  const natural = (value: number, name: string) =>
    demand(Number.isInteger(value) && value > 0, {
      expected: `a positive whole ${name}`,
      found: String(value),
      where,
    });
  natural(set.height, "height");
  natural(set.width, "width");
  natural(set.planes.length, "number of planes");
  const length = (name: string, found: number | undefined, expected: number, each: string) =>
    demand(found === undefined || found === expected, () => ({
      expected: `${expected} entries in "${name}", ${each}`,
      found: String(found),
      where,
    }));
  length("offsets", set.offsets.length, n + 1, "one per object and one more");
  length("band", set.band?.length, epochs, "one per epoch");
  length("pixels", set.pixels.length, epochs * set.epochPixels, `${set.epochPixels} per epoch`);
  length("labels", set.labels?.length, n, "one per object");
  for (const [name, column] of Object.entries(set.metadata)) length(name, column.length, n, "one per object");
  for (const [name, column] of Object.entries(set.epochs)) {
    length(name, column.length, epochs, "one per epoch");
  }
  demand(new Set(set.ids).size === n, () => ({
    expected: "each object identifier once",
    found: `${set.ids.find((id, i) => set.ids.indexOf(id) !== i)} more than once`,
    where,
  }));
  demand(set.offsets[0] === 0 && set.offsets[n] === epochs, () => ({
    expected: `offsets from 0 to ${epochs}`,
    found: `${set.offsets[0]} to ${set.offsets[n]}`,
    where,
  }));
  for (let i = 0; i < n; i++) {
    const refuse = (expected: string, found: string | number) =>
      demand(false, { expected, found: String(found), where: `object ${set.ids[i]}` });
    const label = set.labels?.[i] ?? -1;
    if (set.offsets[i + 1] < set.offsets[i]) refuse("ascending offsets", set.offsets[i + 1]);
    if (label < -1 || label >= set.classNames.length) {
      refuse(`a label from -1 to ${set.classNames.length - 1}`, label);
    }
    for (let e = set.offsets[i]; e < set.offsets[i + 1]; e++) {
      if (!Number.isFinite(set.time[e])) refuse("finite times", set.time[e]);
      if (e > set.offsets[i] && set.time[e] < set.time[e - 1]) {
        refuse("ascending times", `${set.time[e]} after ${set.time[e - 1]}`);
      }
      if ((set.band?.[e] ?? 0) >= set.bands.length) {
        refuse(`a band from 0 to ${set.bands.length - 1}`, set.band![e]);
      }
    }
  }
}
