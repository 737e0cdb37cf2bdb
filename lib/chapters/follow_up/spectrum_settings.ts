/** The settings of the spectrum encoder, each with the paper's value as its default. */
import { demand } from "../../core/mod.ts";
import type { SpectrumScaleOptions } from "../../observations/mod.ts";

/** How spectra are prepared, encoded and learnt. */
export interface SpectrumEncoderSettings {
  /** Size d of the latent space. */
  latent: number;
  /** Layer sizes are int(pixels (1 - w) + d w) for these w, from 0 to 1. */
  layers: readonly number[];
  /** Neighbouring pixels merged into one, so many; the paper merges none. */
  binning: number;
  /** How each spectrum is scaled; what falls outside [0, 1] the sigmoid of the output cannot reach. */
  scale: SpectrumScaleOptions;
  /** Weight beta of the divergence in epoch e (from 0) is `annealing e`, at most `mostWeight`. */
  annealing: number;
  /** Largest beta. In the paper's 100 epochs it ends at 0.99. */
  mostWeight: number;
  /** Passes over the training spectra. */
  epochs: number;
  /** Spectra of a step. */
  batchSize: number;
  /** Adam's rate. */
  learningRate: number;
}

/** The paper's: 3794 pixels, five layers, 100 epochs, for a GPU. */
export const PAPER_SPECTRUM_ENCODER: SpectrumEncoderSettings = {
  latent: 7,
  layers: [0, 0.25, 0.5, 0.75, 1],
  binning: 1,
  scale: { method: "min-max" },
  annealing: 0.01,
  mostWeight: 1,
  epochs: 100,
  batchSize: 32,
  learningRate: 1e-3,
};

/**
 * The named reduction for notebooks and CI: six pixels merged into one, one hidden layer, 30 epochs with the divergence
 * brought up as far as the paper's 100 bring it. Its numbers are quick numbers, not the paper's.
 */
export const QUICK_SPECTRUM_ENCODER: SpectrumEncoderSettings = {
  ...PAPER_SPECTRUM_ENCODER,
  layers: [0, 0.75, 1],
  binning: 6,
  annealing: 0.033,
  epochs: 30,
};

/**
 * Returns `base` with the given settings in place of its own.
 * @throws EphemeraError when a setting has no meaning.
 */
export function spectrumEncoderSettings(
  base: SpectrumEncoderSettings,
  settings: Partial<SpectrumEncoderSettings> = {},
): SpectrumEncoderSettings {
  for (const name of Object.keys(settings)) {
    demand(name in base, {
      expected: `one of the settings ${Object.keys(base).join(", ")}`,
      found: name,
      where: "spectrum encoder",
    });
  }
  const merged = { ...base, ...settings };
  for (const name of ["latent", "binning", "epochs", "batchSize"] as const) {
    demand(Number.isInteger(merged[name]) && merged[name] >= 1, {
      expected: "a whole number of at least 1",
      found: String(merged[name]),
      where: `spectrum encoder, ${name}`,
    });
  }
  for (const name of ["annealing", "mostWeight", "learningRate"] as const) {
    demand(merged[name] >= 0 && Number.isFinite(merged[name]), {
      expected: "a finite number that is not negative",
      found: String(merged[name]),
      where: `spectrum encoder, ${name}`,
    });
  }
  return merged;
}

/** Returns beta, the weight of the divergence in an epoch counted from 0. */
export function annealedWeight(settings: SpectrumEncoderSettings, epoch: number): number {
  return Math.min(settings.mostWeight, settings.annealing * epoch);
}
