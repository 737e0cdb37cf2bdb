/** From light curves to the sequences that the networks read (paper 004, section 2.1). */
import { demand } from "../../core/mod.ts";
import type { LightCurve, LightCurveSet } from "../../observations/mod.ts";
import type { Labels } from "../../learn/mod.ts";
import { type Matrix, takeRows } from "../../numerics/mod.ts";
import type { SequenceOptions } from "./configuration.ts";

/** Sequences of equal length, folded by the period and normalised each by itself. */
export interface SequenceSet {
  /** Number of sequences. */
  count: number;
  /** Observations of each, n. */
  epochs: number;
  /** Phase differences, `[count, epochs]` row-major, times the lag scale. */
  lag: Float32Array;
  /** Magnitudes in order of phase, minus their mean, over their standard deviation. */
  value: Float32Array;
  /** Weight of each observation in the reconstruction loss: standard deviation of the sequence over the error (eq. 1). */
  weight: Float32Array;
  /** Phase of each observation in cycles, for figures. */
  phase: Float32Array;
  /** Mean magnitude of each sequence. */
  mean: Float64Array;
  /** Standard deviation of the magnitudes of each sequence (divisor n). */
  deviation: Float64Array;
  /** log10 of the period in days. */
  logPeriod: Float64Array;
  /** Photometric columns of each sequence's star, `[count, columns]`, NaN where missing; no columns unless asked for. */
  photometry: Matrix;
  /** Which star each sequence is of: a number into `starIds`. */
  star: Int32Array;
  /** Identifiers of all stars of the light-curve set. */
  starIds: readonly string[];
  /** Class of each sequence; absent when the set has no labels. */
  labels?: Labels;
  /** How the sequences were cut; a detector of another configuration refuses them. */
  options: SequenceOptions;
  /** Stars that gave no sequence, with the reason. */
  skipped: { id: string; reason: string }[];
}

/**
 * Cuts each curve in time order into pieces of `epochs` observations, folds each piece by its star's period and
 * normalises it. Stars without enough observations, a usable period or any variation are left out and reported.
 *
 * @param set magnitudes with errors, one band, a metadata column `period` in days, and (for training) labels
 * @param photometry names of metadata columns to carry along
 * @throws EphemeraError when the set lacks errors or periods, or when nothing is left
 */
export function cutSequences(
  set: LightCurveSet,
  options: SequenceOptions,
  photometry: readonly string[] = [],
): SequenceSet {
  const sequences = cutAll(set, options, photometry);
  demand(sequences.count > 0, () => ({
    expected: `at least one piece of ${options.epochs} observations`,
    found: `none in ${set.length} light curves (${
      sequences.skipped.slice(0, 3).map((s) => `${s.id}: ${s.reason}`).join("; ")
    })`,
    where: "cutSequences",
    remedy: "choose shorter sequences (sequence.epochs)",
  }));
  return sequences;
}

/** {@link cutSequences} without the demand that something comes of it. */
export function cutAll(
  set: LightCurveSet,
  options: SequenceOptions,
  photometry: readonly string[] = [],
): SequenceSet {
  demand(set.error !== undefined, {
    expected: "light curves with errors",
    found: "none",
    where: "cutSequences",
    remedy: "give each observation an error; eq. 1 weighs by it",
  });
  demand(set.bands.length === 1, {
    expected: "light curves in one band",
    found: `the bands ${set.bands.join(", ")}`,
    where: "cutSequences",
    remedy: "select one band",
  });
  const periods = set.numbers("period");
  const skipped: SequenceSet["skipped"] = [];
  const pieces: Piece[] = [];
  for (let i = 0; i < set.length; i++) {
    const found = pieces.length, curve = set.at(i), period = periods[i];
    const reason = unusable(curve, period, options.epochs);
    if (reason === undefined) pieces.push(...cutOne(curve, i, period, options));
    if (pieces.length === found) {
      skipped.push({ id: curve.id, reason: reason ?? "no piece with variation, errors and sane magnitudes" });
    }
  }
  return assemble(pieces, set, options, photometry.map((name) => set.numbers(name)), skipped);
}

/** Returns the sequences with the given numbers, in that order. */
export function takeSequences(set: SequenceSet, indices: ArrayLike<number>): SequenceSet {
  const rows = (from: Float32Array) => {
    const to = new Float32Array(indices.length * set.epochs);
    for (let k = 0; k < indices.length; k++) {
      to.set(from.subarray(indices[k] * set.epochs, (indices[k] + 1) * set.epochs), k * set.epochs);
    }
    return to;
  };
  const numbers = (from: Float64Array) => Float64Array.from(indices, (i) => from[i]);
  return {
    ...set,
    count: indices.length,
    lag: rows(set.lag),
    value: rows(set.value),
    weight: rows(set.weight),
    phase: rows(set.phase),
    mean: numbers(set.mean),
    deviation: numbers(set.deviation),
    logPeriod: numbers(set.logPeriod),
    photometry: set.photometry.columns === 0
      ? { data: new Float64Array(0), rows: indices.length, columns: 0 }
      : takeRows(set.photometry, indices),
    star: Int32Array.from(indices, (i) => set.star[i]),
    labels: set.labels && {
      codes: Int32Array.from(indices, (i) => set.labels!.codes[i]),
      classNames: set.labels.classNames,
    },
  };
}

interface Piece {
  star: number;
  mean: number;
  deviation: number;
  logPeriod: number;
  lag: Float64Array;
  value: Float64Array;
  weight: Float64Array;
  phase: Float64Array;
}

function unusable(curve: LightCurve, period: number, epochs: number): string | undefined {
  if (!(period > 0 && Number.isFinite(period))) return `no usable period (${period})`;
  if (curve.time.length < epochs) return `${curve.time.length} observations, ${epochs} needed`;
  return undefined;
}

function* cutOne(
  curve: LightCurve,
  star: number,
  period: number,
  options: SequenceOptions,
): Generator<Piece> {
  const n = options.epochs, { time, value } = curve, error = curve.error!;
  for (let start = 0; start + n <= time.length; start += n) {
    let mean = 0, square = 0, sane = true;
    for (let j = start; j < start + n; j++) {
      mean += value[j] / n;
      sane &&= value[j] <= options.faintest && error[j] > 0;
    }
    for (let j = start; j < start + n; j++) square += (value[j] - mean) ** 2 / n;
    const deviation = Math.sqrt(square);
    // A zero error would weigh infinitely, and a curve without variation has no shape to learn.
    if (!sane || !(deviation > 1e-9)) continue;
    const cycles = Float64Array.from({ length: n }, (_, k) => {
      const turns = (time[start + k] - time[0]) / period;
      return turns - Math.floor(turns);
    });
    const order = Array.from({ length: n }, (_, k) => k).sort((a, b) => cycles[a] - cycles[b]);
    const phase = Float64Array.from(order, (k) => cycles[k]);
    const unit = (options.phase === "days" ? period : 1) * options.lagScale;
    const lag = new Float64Array(n);
    for (let k = 1; k < n; k++) {
      lag[options.lag === "previous" ? k : k - 1] = (phase[k] - phase[k - 1]) * unit;
    }
    yield {
      star,
      mean,
      deviation,
      logPeriod: Math.log10(period),
      lag,
      phase,
      value: Float64Array.from(order, (k) => (value[start + k] - mean) / deviation),
      weight: Float64Array.from(order, (k) => deviation / error[start + k]),
    };
  }
}

function assemble(
  pieces: Piece[],
  set: LightCurveSet,
  options: SequenceOptions,
  photometry: Float64Array[],
  skipped: SequenceSet["skipped"],
): SequenceSet {
  const { epochs } = options;
  const rows = (column: "lag" | "value" | "weight" | "phase") => {
    const all = new Float32Array(pieces.length * epochs);
    pieces.forEach((piece, i) => all.set(piece[column], i * epochs));
    return all;
  };
  const labelled = set.labels !== undefined && pieces.every((piece) => set.labels![piece.star] >= 0);
  return {
    count: pieces.length,
    epochs,
    lag: rows("lag"),
    value: rows("value"),
    weight: rows("weight"),
    phase: rows("phase"),
    mean: Float64Array.from(pieces, (piece) => piece.mean),
    deviation: Float64Array.from(pieces, (piece) => piece.deviation),
    logPeriod: Float64Array.from(pieces, (piece) => piece.logPeriod),
    photometry: {
      data: Float64Array.from(pieces.flatMap((piece) => photometry.map((column) => column[piece.star]))),
      rows: pieces.length,
      columns: photometry.length,
    },
    star: Int32Array.from(pieces, (piece) => piece.star),
    starIds: set.ids,
    labels: labelled
      ? { codes: Int32Array.from(pieces, (piece) => set.labels![piece.star]), classNames: set.classNames }
      : undefined,
    options,
    skipped,
  };
}
