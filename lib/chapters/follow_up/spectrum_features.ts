/** Latent means as features of objects that did not train them, and the choice of the size of the latent space. */
import { demand, type ProgressReporter } from "../../core/mod.ts";
import { folds, type LabelInput } from "../../learn/mod.ts";
import { cholesky, type Matrix, solveCholesky, takeRows, zeros } from "../../numerics/mod.ts";
import type { SpectrumSet } from "../../observations/mod.ts";
import { explainedVariance, SpectrumEncoder } from "./spectrum_encoder.ts";
import { type SpectrumEncoderSettings, spectrumEncoderSettings } from "./spectrum_settings.ts";

/** A map from one latent space to another: x -> matrix' x + offset. */
export interface LatentMap {
  /** Latent x latent. */
  matrix: Matrix;
  /** One number a latent dimension. */
  offset: Float64Array;
  /** R2 of the map on the rows that it was fitted to. */
  r2: number;
}

/**
 * Returns the affine map that carries the rows of `from` to those of `to` with least squares. A ridge of 1e-6 of the mean
 * variance keeps it defined where a latent dimension has collapsed to a point.
 *
 * @example
 * ```ts
 * import { applyLatentMap, latentMap } from "ephemera/chapters/follow_up";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const from = matrix([0, 0, 1, 0, 0, 1, 1, 1], 4, 2), to = matrix([5, 5, 5, 4, 7, 5, 7, 4], 4, 2);
 * const map = latentMap(from, to); // a quarter turn, a stretch and a shift
 * assert.ok(map.r2 > 0.999999);
 * assert.ok(Math.abs(applyLatentMap(map, matrix([2, 0], 1, 2)).data[1] - 3) < 1e-4);
 * ```
 */
export function latentMap(from: Matrix, to: Matrix): LatentMap {
  const n = from.rows, d = from.columns, e = to.columns;
  demand(to.rows === n && n > d, () => ({
    expected: `as many rows on both sides, more than ${d}`,
    found: `${n} and ${to.rows}`,
    where: "latentMap",
    remedy: "use more spectra",
  }));
  const means = (m: Matrix) => {
    const sums = new Float64Array(m.columns);
    for (let i = 0; i < m.data.length; i++) sums[i % m.columns] += m.data[i] / m.rows;
    return sums;
  };
  const a = means(from), b = means(to), normal = zeros(d, d), cross = zeros(d, e);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) {
      const x = from.data[i * d + j] - a[j];
      for (let k = 0; k < d; k++) normal.data[j * d + k] += x * (from.data[i * d + k] - a[k]);
      for (let k = 0; k < e; k++) cross.data[j * e + k] += x * (to.data[i * e + k] - b[k]);
    }
  }
  let trace = 0;
  for (let j = 0; j < d; j++) trace += normal.data[j * d + j];
  for (let j = 0; j < d; j++) normal.data[j * d + j] += 1e-6 * trace / d + 1e-12;
  const factor = cholesky(normal), map = zeros(d, e);
  for (let k = 0; k < e; k++) {
    const column = solveCholesky(factor, Float64Array.from({ length: d }, (_, j) => cross.data[j * e + k]));
    for (let j = 0; j < d; j++) map.data[j * e + k] = column[j];
  }
  const offset = Float64Array.from(b, (level, k) => {
    for (let j = 0; j < d; j++) level -= map.data[j * e + k] * a[j];
    return level;
  });
  const r2 = explainedVariance(to, applyLatentMap({ matrix: map, offset, r2: NaN }, from));
  return { matrix: map, offset, r2 };
}

/** Returns the rows carried by a map. */
export function applyLatentMap(map: LatentMap, latents: Matrix): Matrix {
  const { rows, columns } = latents, e = map.offset.length, result = zeros(rows, e);
  demand(columns === map.matrix.rows, () => ({
    expected: `${map.matrix.rows} columns`,
    found: String(columns),
    where: "applyLatentMap",
  }));
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < e; k++) {
      let sum = map.offset[k];
      for (let j = 0; j < columns; j++) sum += latents.data[i * columns + j] * map.matrix.data[j * e + k];
      result.data[i * e + k] = sum;
    }
  }
  return result;
}

/** Options of {@link heldOutLatents}. */
export interface HeldOutLatentsOptions {
  /** Seed of folds and trainings. */
  seed: number | string;
  /** How many encoders. Default 5. */
  folds?: number;
  /** Classes, which folds then hold in proportion. */
  labels?: LabelInput;
  /** Told of the encoders trained. */
  progress?: ProgressReporter;
  /** Stops the work. */
  signal?: AbortSignal;
}

/** What {@link heldOutLatents} returns. */
export interface HeldOutLatents {
  /** Features, spectra x latent, in the latent space of the first encoder. */
  latents: Matrix;
  /** Fold of each spectrum: the encoder that never saw it. */
  fold: Int32Array;
  /** R2 of the map from each encoder's latent space to the first's, on the spectra that both learnt from. */
  agreement: Float64Array;
  /** R2 of the reconstruction of each fold's held-out spectra. */
  reconstruction: Float64Array;
}

/**
 * Returns latent means of each spectrum from an encoder that was not trained on it.
 *
 * Encoders of different folds have different latent spaces. All start from the same initial values, and each is carried to
 * the first encoder's space by an affine map fitted to the spectra that both learnt from, never to those it is
 * applied to. The first encoder has seen the spectra of the other folds, so what is left of a spectrum in its own features is
 * its part in where those few axes lie; train one encoder on other stars (a survey's archive, another seed of the simulator)
 * to have nothing left. The paper trains on all spectra, those it then judges included.
 */
export async function heldOutLatents(
  set: SpectrumSet,
  settings: SpectrumEncoderSettings,
  options: HeldOutLatentsOptions,
): Promise<HeldOutLatents> {
  const { seed, folds: count = 5, labels, progress, signal } = options, d = settings.latent;
  const splits = folds(set.length, count, { seed, labels });
  const latents = zeros(set.length, d), fold = new Int32Array(set.length);
  const agreement = new Float64Array(count), reconstruction = new Float64Array(count);
  let first: { all: Matrix; test: Set<number> } | undefined;
  for (const [f, { train, test }] of splits.entries()) {
    const encoder = new SpectrumEncoder(settings);
    try {
      await encoder.fit(set.subset(train), {
        seed: `${seed}/fold ${f}`,
        initialSeed: `${seed}/initial`,
        signal,
      });
      const all = await encoder.transform(set);
      let own = takeRows(all, test);
      if (first === undefined) {
        first = { all, test: new Set(test) };
        agreement[f] = 1;
      } else {
        const { all: target, test: hidden } = first, both = Array.from(train).filter((i) => !hidden.has(i));
        const map = latentMap(takeRows(all, both), takeRows(target, both));
        agreement[f] = map.r2;
        own = applyLatentMap(map, own);
      }
      reconstruction[f] = await encoder.score(set.subset(test));
      test.forEach((i, k) => {
        fold[i] = f;
        latents.data.set(own.data.subarray(k * d, (k + 1) * d), i * d);
      });
    } finally {
      encoder.dispose();
    }
    progress?.update(f + 1, count, "encoders");
  }
  progress?.finish();
  return { latents, fold, agreement, reconstruction };
}

/** One row of {@link compareLatentSizes}. */
export interface LatentSizeRow {
  /** Size of the latent space. */
  latent: number;
  /** R2 of held-out spectra. */
  r2: number;
  /** Mean sum of squared errors of the last epoch's validation. */
  reconstruction: number;
  /** Mean divergence of the last epoch's validation, nats. */
  divergence: number;
}

/**
 * Trains one encoder for each size of the latent space and judges it on held-out spectra. (The paper's text has the size with the
 * "least" R2 chosen; the largest is meant, see {@link bestLatentSize}.)
 *
 * @param sizes default 1 to 15.
 */
export async function compareLatentSizes(
  training: SpectrumSet,
  heldOut: SpectrumSet,
  settings: SpectrumEncoderSettings,
  options: {
    seed: number | string;
    sizes?: readonly number[];
    progress?: ProgressReporter;
    signal?: AbortSignal;
  },
): Promise<LatentSizeRow[]> {
  const { seed, sizes = Array.from({ length: 15 }, (_, k) => k + 1), progress, signal } = options;
  const rows: LatentSizeRow[] = [];
  for (const latent of sizes) {
    const encoder = new SpectrumEncoder(spectrumEncoderSettings(settings, { latent }));
    try {
      await encoder.fit(training, { seed, validation: heldOut, signal });
      const { epochs } = encoder.history, last = (name: string) => epochs[`validation/${name}`].at(-1)!;
      rows.push({
        latent,
        r2: await encoder.score(heldOut),
        reconstruction: last("reconstruction"),
        divergence: last("divergence"),
      });
    } finally {
      encoder.dispose();
    }
    progress?.update(rows.length, sizes.length, "latent sizes");
  }
  progress?.finish();
  return rows;
}

/** Returns the smallest size whose R2 is within `tolerance` of the largest. Default 0: the largest itself. */
export function bestLatentSize(rows: readonly LatentSizeRow[], tolerance = 0): number {
  demand(rows.length > 0, { expected: "at least one size", found: "none", where: "bestLatentSize" });
  const most = Math.max(...rows.map(({ r2 }) => r2));
  return Math.min(...rows.filter(({ r2 }) => r2 >= most - tolerance).map(({ latent }) => latent));
}
