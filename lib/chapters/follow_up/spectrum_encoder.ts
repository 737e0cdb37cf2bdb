/** The variational autoencoder of spectra as a model: fit, latent means as features, reconstruction, save and load. */
import { demand, EphemeraError, type ProgressReporter } from "../../core/mod.ts";
import { type Matrix, matrix } from "../../numerics/mod.ts";
import { fillUnusable, scaleSpectra, SpectrumSet, toCommonGrid } from "../../observations/mod.ts";
import {
  adam,
  arrayBatches,
  assignParameters,
  type CheckpointOptions,
  disposeParameters,
  type ParameterSet,
  plainArray,
  readParameters,
  readSafetensors,
  type StepContext,
  tf,
  train,
  type TrainingHistory,
  writeSafetensors,
} from "../../tensor/mod.ts";
import {
  createSpectrumNetwork,
  decodeSpectra,
  encodeSpectra,
  layerSizes,
  spectrumLoss,
} from "./spectrum_network.ts";
import {
  annealedWeight,
  PAPER_SPECTRUM_ENCODER,
  type SpectrumEncoderSettings,
  spectrumEncoderSettings,
} from "./spectrum_settings.ts";

/** Options of {@link SpectrumEncoder.fit}. */
export interface FitSpectraOptions {
  /** Seed of initial values, order, and latent draws. */
  seed: number | string;
  /** Seed of the initial values alone, where it differs. */
  initialSeed?: number | string;
  /** Spectra on which the loss is evaluated after each epoch. */
  validation?: SpectrumSet;
  /** Where the run is saved, and resumed from. */
  checkpoint?: CheckpointOptions;
  /** Told about each step. */
  progress?: ProgressReporter;
  /** Stops the training. */
  signal?: AbortSignal;
}

const FORMAT = "ephemera-spectrum-encoder-1";
const FACTS = "encoder.json", WEIGHTS = "weights.safetensors";

/** Spectra encoded at a time. */
const PIECE = 256;

/** Returns the names of the features of a latent space: `mu_1`, ... */
export function latentNames(latent: number): string[] {
  return Array.from({ length: latent }, (_, k) => `mu_${k + 1}`);
}

/**
 * A variational autoencoder of spectra. Spectra on the grid of the training set are filled where they cannot be used, merged
 * `binning` pixels at a time, scaled one by one, and encoded; the means of the latent normals are the features.
 *
 * @example
 * ```ts
 * import { QUICK_SPECTRUM_ENCODER, SpectrumEncoder, spectrumEncoderSettings } from "ephemera/chapters/follow_up";
 * import { SpectrumSet } from "ephemera/observations";
 * import { tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * await tf.setBackend("cpu");
 * const wavelength = Float64Array.from({ length: 24 }, (_, j) => 4000 + j);
 * const flux = Float64Array.from({ length: 24 * 8 }, (_, k) => 1 + Math.sin(k % 24 * (1 + Math.floor(k / 24) / 8)));
 * const set = new SpectrumSet({ ids: [..."abcdefgh"], wavelength, flux });
 * const settings = spectrumEncoderSettings(QUICK_SPECTRUM_ENCODER, { latent: 2, binning: 1, epochs: 2 });
 * const encoder = await new SpectrumEncoder(settings).fit(set, { seed: 1 });
 * assert.equal((await encoder.transform(set)).columns, 2);
 * encoder.dispose();
 * ```
 */
export class SpectrumEncoder {
  /** The settings. */
  readonly settings: SpectrumEncoderSettings;
  #parameters?: ParameterSet;
  #grid?: Float64Array;
  #history?: TrainingHistory;

  /** @param settings default the paper's. */
  constructor(settings: SpectrumEncoderSettings = PAPER_SPECTRUM_ENCODER) {
    this.settings = spectrumEncoderSettings(settings);
  }

  /** Losses of the last training: `loss`, `reconstruction`, `divergence`, and the same under `validation/`. */
  get history(): TrainingHistory {
    demand(this.#history !== undefined, {
      expected: "an encoder that was fitted in this process",
      found: "none",
      where: "SpectrumEncoder",
    });
    return this.#history;
  }

  /**
   * Learns from spectra on one grid. Returns itself.
   * @throws EphemeraError for spectra on grids of their own, or fewer pixels than latent numbers.
   */
  async fit(set: SpectrumSet, options: FitSpectraOptions): Promise<this> {
    const { settings } = this,
      { seed, initialSeed = seed, validation, checkpoint, progress, signal } = options;
    demand(set.common && set.length > 0, {
      expected: "at least one spectrum, all on one grid",
      found: set.length === 0 ? "none" : "a grid for each",
      where: "SpectrumEncoder.fit",
      remedy: "bring them to one with toCommonGrid",
    });
    this.dispose();
    const grid = binned(set.wavelength, settings.binning), pixels = grid.length;
    demand(pixels > settings.latent, () => ({
      expected: `more than ${settings.latent} pixels`,
      found: String(pixels),
      where: "SpectrumEncoder.fit",
      remedy: "merge fewer pixels",
    }));
    this.#grid = set.wavelength.slice();
    const parameters = createSpectrumNetwork(
      layerSizes(pixels, settings.latent, settings.layers),
      initialSeed,
    );
    this.#parameters = parameters;
    const batches = (from: SpectrumSet) =>
      arrayBatches({ spectra: plainArray([from.length, pixels], this.#prepare(from)) });
    const loss = (batch: { spectra: tf.Tensor }, context: StepContext) => {
      const noise = latentNoise(context, settings.latent), weight = annealedWeight(settings, context.epoch);
      const { loss, ...metrics } = spectrumLoss(parameters, batch.spectra as tf.Tensor2D, noise, weight);
      return { loss, metrics };
    };
    try {
      const { history, stoppedBy } = await train({
        ...{ parameters, loss, batches: batches(set), seed, checkpoint, progress, signal },
        ...{ epochs: settings.epochs, batchSize: settings.batchSize },
        validation: validation && batches(validation),
        optimizer: adam({ learningRate: settings.learningRate }),
        identity: { settings: JSON.stringify(settings), initialSeed: String(initialSeed) },
      });
      if (stoppedBy === "signal") signal?.throwIfAborted();
      this.#history = history;
    } catch (error) {
      this.dispose();
      throw error;
    }
    return this;
  }

  /** Returns the latent means, spectra x latent. */
  async transform(set: SpectrumSet): Promise<Matrix> {
    return await this.#map(set, this.settings.latent, (x, parameters) => encodeSpectra(parameters, x).mean);
  }

  /** Returns the logarithms of the latent variances, spectra x latent. */
  async logVariances(set: SpectrumSet): Promise<Matrix> {
    return await this.#map(
      set,
      this.settings.latent,
      (x, parameters) => encodeSpectra(parameters, x).logVariance,
    );
  }

  /** Returns the spectra decoded from their latent means, in [0, 1], spectra x merged pixels. */
  async reconstruct(set: SpectrumSet): Promise<Matrix> {
    const pixels = binned(this.#fitted().grid, this.settings.binning).length;
    return await this.#map(
      set,
      pixels,
      (x, parameters) => decodeSpectra(parameters, encodeSpectra(parameters, x).mean),
    );
  }

  /** Returns spectra in [0, 1] decoded from latent numbers, rows x merged pixels. */
  async decode(latents: Matrix): Promise<Matrix> {
    const { parameters, grid } = this.#fitted(), pixels = binned(grid, this.settings.binning).length;
    demand(latents.columns === this.settings.latent, () => ({
      expected: `${this.settings.latent} latent numbers a row`,
      found: String(latents.columns),
      where: "SpectrumEncoder.decode",
    }));
    const decoded = tf.tidy(() =>
      decodeSpectra(parameters, tf.tensor2d(Float32Array.from(latents.data), [latents.rows, latents.columns]))
    );
    const data = Float64Array.from(await decoded.data());
    decoded.dispose();
    return matrix(data, latents.rows, pixels);
  }

  /** Wavelengths in angstrom of the pixels that the network sees: those of the spectra it was fitted to, merged. */
  get wavelength(): Float64Array {
    return binned(this.#fitted().grid, this.settings.binning);
  }

  /** Returns what the network is shown of spectra: filled, merged and scaled fluxes, spectra x merged pixels. */
  prepare(set: SpectrumSet): Matrix {
    return matrix(this.#prepare(set), set.length, binned(this.#fitted().grid, this.settings.binning).length);
  }

  /**
   * Returns R2 of the reconstructions: 1 - sum (x - x')^2 / sum (x - mean)^2, summed over spectra and pixels, with the mean
   * spectrum of `set`. 1 is perfect, 0 no better than the mean.
   */
  async score(set: SpectrumSet): Promise<number> {
    demand(set.length > 1, {
      expected: "at least two spectra",
      found: `${set.length}`,
      where: "SpectrumEncoder.score",
    });
    return explainedVariance(this.prepare(set), await this.reconstruct(set));
  }

  /** Writes the fitted encoder into a folder, made when missing. */
  async save(directory: string): Promise<void> {
    const { parameters, grid } = this.#fitted();
    await Deno.mkdir(directory, { recursive: true });
    const arrays = await readParameters(parameters);
    arrays.set("grid", plainArray([grid.length], grid));
    await writeSafetensors(`${directory}/${WEIGHTS}`, arrays, { metadata: { format: FORMAT } });
    await Deno.writeTextFile(
      `${directory}/${FACTS}`,
      JSON.stringify({ format: FORMAT, settings: this.settings }),
    );
  }

  /** Reads what {@link SpectrumEncoder.save} wrote. */
  static async load(directory: string): Promise<SpectrumEncoder> {
    const path = `${directory}/${FACTS}`;
    let facts: { format?: string; settings?: SpectrumEncoderSettings };
    try {
      facts = JSON.parse(await Deno.readTextFile(path));
    } catch (cause) {
      throw new EphemeraError({
        expected: "the file of a saved spectrum encoder",
        found: cause instanceof Error ? cause.message : String(cause),
        where: path,
        remedy: "give the folder that SpectrumEncoder.save wrote",
        cause,
      });
    }
    demand(facts?.format === FORMAT && facts.settings !== undefined, () => ({
      expected: `the format ${FORMAT} with settings`,
      found: String(facts?.format),
      where: path,
      remedy: "save the encoder again with this version",
    }));
    const encoder = new SpectrumEncoder(spectrumEncoderSettings(PAPER_SPECTRUM_ENCODER, facts.settings));
    const { arrays } = await readSafetensors(`${directory}/${WEIGHTS}`), grid = arrays.get("grid");
    demand(grid?.dtype === "float64", {
      expected: 'the float64 array "grid"',
      found: grid === undefined ? "none" : grid.dtype,
      where: `${directory}/${WEIGHTS}`,
      remedy: "keep the two files of one encoder together",
    });
    arrays.delete("grid");
    const { latent, layers, binning } = encoder.settings;
    const pixels = binned(grid.data as Float64Array, binning).length;
    const parameters = createSpectrumNetwork(layerSizes(pixels, latent, layers), 0);
    try {
      assignParameters(parameters, arrays);
    } catch (error) {
      disposeParameters(parameters);
      throw error;
    }
    encoder.#parameters = parameters;
    encoder.#grid = grid.data as Float64Array;
    return encoder;
  }

  /** Frees the network. */
  dispose(): void {
    if (this.#parameters) disposeParameters(this.#parameters);
    this.#parameters = undefined;
  }

  #fitted(): { parameters: ParameterSet; grid: Float64Array } {
    demand(this.#parameters !== undefined && this.#grid !== undefined, {
      expected: "a fitted encoder",
      found: "one without a network",
      where: "SpectrumEncoder",
      remedy: "call fit or load first",
    });
    return { parameters: this.#parameters, grid: this.#grid };
  }

  #prepare(set: SpectrumSet): Float64Array {
    const { binning, scale } = this.settings, grid = this.#grid!;
    demand(
      set.common && set.wavelength.length === grid.length &&
        set.wavelength.every((w, j) => Math.abs(w - grid[j]) < 0.01),
      () => ({
        expected: `spectra on the encoder's grid: ${grid.length} pixels from ${grid[0].toFixed(2)} angstrom`,
        found: set.common
          ? `${set.wavelength.length} pixels from ${set.wavelength[0]?.toFixed(2)} angstrom`
          : "a grid for each spectrum",
        where: "SpectrumEncoder",
        remedy: "bring them to it with toCommonGrid",
      }),
    );
    const whole = fillUnusable(set);
    // A hole is filled, then merged as if it had been seen: the mask has done its work.
    const merged = binning === 1 ? whole : toCommonGrid(
      withoutQuality(whole),
      { grid: binned(grid, binning), uncovered: "mask" },
    );
    return scaleSpectra(withoutQuality(merged), scale).flux;
  }

  async #map(
    set: SpectrumSet,
    columns: number,
    network: (x: tf.Tensor2D, parameters: ParameterSet) => tf.Tensor2D,
  ): Promise<Matrix> {
    const { parameters } = this.#fitted(),
      prepared = this.#prepare(set),
      pixels = prepared.length / Math.max(1, set.length);
    const result = new Float64Array(set.length * columns);
    for (let start = 0; start < set.length; start += PIECE) {
      const rows = Math.min(PIECE, set.length - start);
      const piece = Float32Array.from(prepared.subarray(start * pixels, (start + rows) * pixels));
      const output = tf.tidy(() => network(tf.tensor2d(piece, [rows, pixels]), parameters));
      result.set(await output.data(), start * columns);
      output.dispose();
    }
    return matrix(result, set.length, columns);
  }
}

function withoutQuality(set: SpectrumSet): SpectrumSet {
  return new SpectrumSet({ ...set.columns(), mask: undefined, inverseVariance: undefined });
}

/** Returns the means of `binning` neighbouring wavelengths; a remainder at the red end is left out. */
function binned(wavelength: Float64Array, binning: number): Float64Array {
  if (binning === 1) return wavelength;
  return Float64Array.from({ length: Math.floor(wavelength.length / binning) }, (_, k) => {
    let sum = 0;
    for (let j = 0; j < binning; j++) sum += wavelength[k * binning + j];
    return sum / binning;
  });
}

/** Standard normal draws that depend on seed, step and example alone, however the batch is taken. */
function latentNoise(context: StepContext, latent: number): tf.Tensor2D {
  const { indices } = context,
    noise = new Float32Array(indices.length * latent),
    random = context.random("latent");
  indices.forEach((example, i) => {
    const own = random.stream(example);
    for (let k = 0; k < latent; k++) noise[i * latent + k] = own.normal();
  });
  return tf.tensor2d(noise, [indices.length, latent]);
}

/** Returns 1 - sum (x - y)^2 / sum (x - mean of the column)^2. */
export function explainedVariance(x: Matrix, y: Matrix): number {
  demand(x.rows === y.rows && x.columns === y.columns, {
    expected: `${x.rows} x ${x.columns} values`,
    found: `${y.rows} x ${y.columns}`,
    where: "explainedVariance",
  });
  const means = new Float64Array(x.columns);
  for (let i = 0; i < x.data.length; i++) means[i % x.columns] += x.data[i] / x.rows;
  let left = 0, all = 0;
  for (let i = 0; i < x.data.length; i++) {
    left += (x.data[i] - y.data[i]) ** 2;
    all += (x.data[i] - means[i % x.columns]) ** 2;
  }
  return 1 - left / all;
}
