/**
 * One-dimensional spectra as columns: the pixels of all spectra in flat typed arrays, on a grid each or on one common
 * grid. Views of one spectrum are windows on the same memory.
 */
import { demand, EphemeraError } from "../core/mod.ts";
import { type Column, type Table, tableRows } from "./table.ts";

/** The columns a {@link SpectrumSet} is made of. */
export interface SpectrumColumns {
  /** Identifier of each spectrum, unique. */
  ids: readonly string[];
  /**
   * `ids.length + 1` ascending numbers: spectrum i owns the pixels `offsets[i]` to `offsets[i + 1] - 1`. Absent when all
   * spectra have the one grid in `wavelength`.
   */
  offsets?: Uint32Array;
  /**
   * Wavelength of the centre of each pixel in angstrom, in vacuum, ascending within a spectrum. Without offsets, the
   * common grid: once, not once a spectrum.
   */
  wavelength: Float64Array;
  /** Flux density of each pixel, per angstrom, in `fluxUnit`. Row by row when the grid is common. */
  flux: Float64Array;
  /** One over the variance of `flux`, 0 where the pixel says nothing. Absent when the source gives none. */
  inverseVariance?: Float64Array;
  /** 1 where the pixel is not to be used, 0 elsewhere. Absent: all are good. */
  mask?: Uint8Array;
  /** Unit of `flux`. Default `"1e-17 erg/s/cm2/angstrom"`, that of SDSS; `""` for scaled fluxes. */
  fluxUnit?: string;
  /** Index into `classNames` of each spectrum, -1 where unknown. */
  labels?: Int32Array;
  /** Names of the classes. */
  classNames?: readonly string[];
  /** One row per spectrum: redshift, plate, magnitude, ... */
  metadata?: Table;
}

/** One spectrum: windows on the columns of the set, not copies. */
export interface Spectrum {
  /** Identifier. */
  id: string;
  /** Vacuum wavelength of the pixels' centres, angstrom, ascending. */
  wavelength: Float64Array;
  /** Flux density in the set's unit. */
  flux: Float64Array;
  /** One over the variance of the flux, when the set has it. */
  inverseVariance?: Float64Array;
  /** 1 where the pixel is not to be used, when the set has a mask. */
  mask?: Uint8Array;
  /** Index into the set's `classNames`, -1 when unknown, absent when the set has no labels. */
  label?: number;
}

/**
 * A checked set of spectra. The columns are kept as given, not copied; treat them as read-only.
 *
 * @example
 * ```ts
 * import { SpectrumSet } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * const set = new SpectrumSet({
 *   ids: ["a", "b"],
 *   wavelength: Float64Array.of(4000, 4001, 4002),
 *   flux: Float64Array.of(1, 2, 3, 4, 5, 6),
 * });
 * assert.deepEqual(set.at(1).flux, Float64Array.of(4, 5, 6));
 * assert.equal(set.subset([1]).ids[0], "b");
 * ```
 */
export class SpectrumSet implements Iterable<Spectrum> {
  /** Identifier of each spectrum. */
  readonly ids: readonly string[];
  /** Spectrum i owns the pixels `offsets[i]` to `offsets[i + 1] - 1` of `flux`; always present, also on a common grid. */
  readonly offsets: Uint32Array;
  /** Vacuum angstrom, one per pixel of every spectrum, or the common grid. */
  readonly wavelength: Float64Array;
  /** Flux density of each pixel. */
  readonly flux: Float64Array;
  /** One over the variance of each flux. */
  readonly inverseVariance?: Float64Array;
  /** 1 where a pixel is not to be used. */
  readonly mask?: Uint8Array;
  /** Do all spectra share the grid in `wavelength`? */
  readonly common: boolean;
  /** Unit of the flux. */
  readonly fluxUnit: string;
  /** Index into `classNames` of each spectrum, -1 where unknown. */
  readonly labels?: Int32Array;
  /** Names of the classes. */
  readonly classNames: readonly string[];
  /** One row per spectrum. */
  readonly metadata: Table;

  /** @throws EphemeraError when the columns do not fit each other, with the spectrum's identifier and pixel. */
  constructor(columns: SpectrumColumns) {
    this.ids = columns.ids;
    this.common = columns.offsets === undefined;
    this.wavelength = columns.wavelength;
    const pixels = columns.wavelength.length;
    this.offsets = columns.offsets ??
      Uint32Array.from({ length: columns.ids.length + 1 }, (_, i) => i * pixels);
    this.flux = columns.flux;
    this.inverseVariance = columns.inverseVariance;
    this.mask = columns.mask;
    this.fluxUnit = columns.fluxUnit ?? "1e-17 erg/s/cm2/angstrom";
    this.labels = columns.labels;
    this.classNames = columns.classNames ?? [];
    this.metadata = columns.metadata ?? {};
    check(this);
  }

  /** Number of spectra. */
  get length(): number {
    return this.ids.length;
  }

  /** Returns the number of pixels of spectrum `i`. */
  count(i: number): number {
    return this.offsets[i + 1] - this.offsets[i];
  }

  /** Returns spectrum `i` as windows on the set's columns. */
  at(i: number): Spectrum {
    demand(Number.isInteger(i) && i >= 0 && i < this.length, () => ({
      expected: `a spectrum number from 0 to ${this.length - 1}`,
      found: String(i),
      where: "SpectrumSet.at",
    }));
    const start = this.offsets[i], end = this.offsets[i + 1];
    return {
      id: this.ids[i],
      wavelength: this.common ? this.wavelength : this.wavelength.subarray(start, end),
      flux: this.flux.subarray(start, end),
      inverseVariance: this.inverseVariance?.subarray(start, end),
      mask: this.mask?.subarray(start, end),
      label: this.labels?.[i],
    };
  }

  *[Symbol.iterator](): Iterator<Spectrum> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  /** Returns the name of the class of spectrum `i`, or undefined when it is unknown. */
  className(i: number): string | undefined {
    const label = this.labels?.[i] ?? -1;
    return label < 0 ? undefined : this.classNames[label];
  }

  /** Returns a new set of the spectra with the given numbers, in that order. Pixels are copied, a common grid is shared. */
  subset(spectra: ArrayLike<number>): SpectrumSet {
    const offsets = new Uint32Array(spectra.length + 1);
    for (let k = 0; k < spectra.length; k++) {
      const i = spectra[k];
      demand(Number.isInteger(i) && i >= 0 && i < this.length, () => ({
        expected: `spectrum numbers from 0 to ${this.length - 1}`,
        found: String(i),
        where: `SpectrumSet.subset, place ${k}`,
      }));
      offsets[k + 1] = offsets[k] + this.count(i);
    }
    const gather = <A extends Float64Array | Uint8Array>(from: A): A => {
      const to = new (from.constructor as new (n: number) => A)(offsets[spectra.length]);
      for (let k = 0; k < spectra.length; k++) {
        to.set(from.subarray(this.offsets[spectra[k]], this.offsets[spectra[k] + 1]), offsets[k]);
      }
      return to;
    };
    return new SpectrumSet({
      ...this.columns(),
      ids: Array.from(spectra, (i) => this.ids[i]),
      ...(this.common ? {} : { offsets, wavelength: gather(this.wavelength) }),
      flux: gather(this.flux),
      inverseVariance: this.inverseVariance && gather(this.inverseVariance),
      mask: this.mask && gather(this.mask),
      labels: this.labels && Int32Array.from(spectra, (i) => this.labels![i]),
      metadata: tableRows(this.metadata, spectra),
    });
  }

  /** Returns the spectra for which `keep` is true, as a new set. */
  filter(keep: (spectrum: Spectrum, index: number) => boolean): SpectrumSet {
    const kept: number[] = [];
    for (let i = 0; i < this.length; i++) if (keep(this.at(i), i)) kept.push(i);
    return this.subset(kept);
  }

  /** Returns the columns this set is made of, for making another with some of them replaced. */
  columns(): SpectrumColumns {
    const { ids, offsets, wavelength, flux, inverseVariance, mask, fluxUnit } = this;
    const { labels, classNames, metadata } = this;
    return {
      ids,
      offsets: this.common ? undefined : offsets,
      wavelength,
      flux,
      inverseVariance,
      mask,
      fluxUnit,
      labels,
      classNames,
      metadata,
    };
  }

  /** Returns a metadata column as numbers, one per spectrum. */
  numbers(name: string): Float64Array {
    const column: Column | undefined = this.metadata[name];
    demand(column instanceof Float64Array, () => ({
      expected: `numbers in a metadata column "${name}"`,
      found: column === undefined
        ? `the columns ${Object.keys(this.metadata).join(", ") || "(none)"}`
        : "text",
      where: "SpectrumSet.numbers",
    }));
    return column;
  }
}

/**
 * Returns 1 for every pixel that can be used: not masked and, when there are inverse variances, of positive one.
 * @param spectrum one spectrum, or anything with its columns.
 */
export function usablePixels(spectrum: Pick<Spectrum, "flux" | "inverseVariance" | "mask">): Uint8Array {
  const { flux, inverseVariance, mask } = spectrum;
  return Uint8Array.from(
    { length: flux.length },
    (_, j) => (mask?.[j] ?? 0) === 0 && (inverseVariance === undefined || inverseVariance[j] > 0) ? 1 : 0,
  );
}

/**
 * Returns a set on grids of their own from a list of spectra; the common way in for readers. Columns that one spectrum
 * has and another lacks are refused.
 * @param spectra each with identifier, wavelengths and fluxes.
 * @param rest labels, class names, metadata and unit of the set.
 */
export function spectrumSetOf(
  spectra: readonly Omit<Spectrum, "label">[],
  rest: Pick<SpectrumColumns, "labels" | "classNames" | "metadata" | "fluxUnit"> = {},
): SpectrumSet {
  const offsets = new Uint32Array(spectra.length + 1);
  spectra.forEach(({ wavelength }, i) => offsets[i + 1] = offsets[i] + wavelength.length);
  const joinable = (name: "inverseVariance" | "mask"): boolean => {
    const having = spectra.filter((each) => each[name] !== undefined).length;
    demand(having === 0 || having === spectra.length, () => ({
      expected: `"${name}" in all spectra or in none`,
      found: `${having} of ${spectra.length}`,
      where: `spectrumSetOf, first without: ${spectra.find((each) => each[name] === undefined)?.id}`,
      remedy: "give the others one, or drop the column",
    }));
    return having > 0;
  };
  const join = <A extends Float64Array | Uint8Array>(
    to: A,
    of: (spectrum: Omit<Spectrum, "label">) => A,
  ): A => {
    spectra.forEach((spectrum, i) => {
      const from = of(spectrum), { id, wavelength } = spectrum;
      demand(from.length === wavelength.length, () => ({
        expected: `${wavelength.length} pixels, one per wavelength`,
        found: String(from.length),
        where: `spectrum ${id}`,
      }));
      to.set(from, offsets[i]);
    });
    return to;
  };
  const total = offsets[spectra.length];
  return new SpectrumSet({
    ids: spectra.map(({ id }) => id),
    offsets,
    wavelength: join(new Float64Array(total), ({ wavelength }) => wavelength),
    flux: join(new Float64Array(total), ({ flux }) => flux),
    inverseVariance: joinable("inverseVariance")
      ? join(new Float64Array(total), ({ inverseVariance }) => inverseVariance!)
      : undefined,
    mask: joinable("mask") ? join(new Uint8Array(total), ({ mask }) => mask!) : undefined,
    ...rest,
  });
}

function check(set: SpectrumSet): void {
  const n = set.ids.length, total = set.flux.length;
  const length = (name: string, found: number | undefined, expected: number, each: string) =>
    demand(found === undefined || found === expected, () => ({
      expected: `${expected} entries in "${name}", one per ${each}`,
      found: String(found),
      where: "SpectrumSet",
    }));
  length("offsets", set.offsets.length, n + 1, "spectrum and one more");
  if (set.common) length("flux", total, n * set.wavelength.length, "spectrum and wavelength");
  else length("wavelength", set.wavelength.length, total, "pixel");
  length("inverseVariance", set.inverseVariance?.length, total, "pixel");
  length("mask", set.mask?.length, total, "pixel");
  length("labels", set.labels?.length, n, "spectrum");
  for (const [name, column] of Object.entries(set.metadata)) length(name, column.length, n, "spectrum");
  demand(set.offsets[0] === 0 && set.offsets[n] === total, () => ({
    expected: `offsets from 0 to ${total}`,
    found: `${set.offsets[0]} to ${set.offsets[n]}`,
    where: "SpectrumSet",
  }));
  const seen = new Set<string>();
  for (const id of set.ids) {
    demand(!seen.has(id), () => ({
      expected: "each spectrum identifier once",
      found: `${id} more than once`,
      where: "SpectrumSet",
      remedy: "average the spectra of one object, or make the identifiers different",
    }));
    seen.add(id);
  }
  if (set.common) checkWavelengths(set.wavelength, 0, set.wavelength.length, "the common grid");
  for (let i = 0; i < n; i++) {
    const start = set.offsets[i], end = set.offsets[i + 1], where = `spectrum ${set.ids[i]}`;
    demand(end >= start, () => ({ expected: "ascending offsets", found: `${start} before ${end}`, where }));
    const label = set.labels?.[i] ?? -1;
    demand(label >= -1 && label < set.classNames.length, () => ({
      expected: `a label from -1 to ${set.classNames.length - 1}`,
      found: String(label),
      where,
    }));
    if (!set.common) checkWavelengths(set.wavelength, start, end, where);
    for (let j = start; j < end; j++) {
      const inverse = set.inverseVariance?.[j] ?? 0;
      if (Number.isFinite(set.flux[j] + inverse) && inverse >= 0) continue;
      throw new EphemeraError({
        expected: "finite fluxes and inverse variances that are not negative",
        found: `flux ${set.flux[j]}, inverse variance ${set.inverseVariance?.[j] ?? "none"}`,
        where: `${where}, pixel ${j - start}`,
        remedy: "set the flux to 0 with inverse variance 0 or mask 1",
      });
    }
  }
}

function checkWavelengths(wavelength: Float64Array, start: number, end: number, where: string): void {
  let before = 0;
  for (let j = start; j < end; j++) {
    demand(wavelength[j] > before && wavelength[j] < Infinity, () => ({
      expected: "positive, ascending wavelengths in angstrom",
      found: j === start ? String(wavelength[j]) : `${wavelength[j]} after ${before}`,
      where: `${where}, pixel ${j - start}`,
      remedy: "sort the pixels by wavelength, each once",
    }));
    before = wavelength[j];
  }
}
