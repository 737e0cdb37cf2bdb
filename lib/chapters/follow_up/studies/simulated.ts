/** Study: what the strategies are worth on simulated skies of six classes, over ten seeds, and what a budgeted night brings. */
import { airmass } from "../../../astronomy/mod.ts";
import { useBackend } from "../../../tensor/mod.ts";
import { configure, QUICK } from "../configuration.ts";
import { type Experiment, type ExperimentSettings, QUICK_EXPERIMENT, runExperiment } from "../experiment.ts";
import { observingTime } from "../exposure.ts";
import { knapsack } from "../knapsack.ts";
import { type BandedMetric, metricBands, selectionMetrics, sizeForAccuracy } from "../metrics.ts";
import { APACHE_POINT } from "../night.ts";
import { outOfFoldAccuracies } from "../out_of_fold.ts";
import { spectrumEncoderSettings } from "../spectrum_settings.ts";
import { rankObjects, STRATEGIES, type Strategy, strategyValues } from "../strategies.ts";

/** A row of the study's results; which columns it has depends on `result`. */
export type FollowUpRow = Record<string, number | string | boolean | null>;

/** Shares of the stars that get a spectrum in the tables, as in section 8.3. */
const SHARES = [0.05, 0.1, 0.2];

/** Hours of open shutter and overhead that the budgeted selections have. */
const NIGHTS = [2, 8, 24];

/** Signal-to-noise ratio of a resolution element that a spectrum must reach. */
const SIGNAL_TO_NOISE = 20;

/** As many stars as the paper's. */
const FULL: ExperimentSettings = { ...QUICK_EXPERIMENT, total: 2554 };

/** Small enough for a test that computes it again. */
const SMALL: ExperimentSettings = {
  ...QUICK_EXPERIMENT,
  total: 200,
  configuration: configure(QUICK, {
    selection: { trees: 20 },
    forest: { trees: 20, folds: 2 },
    mixture: { components: 3, restarts: 1, maxIterations: 50 },
    scoring: { samples: 50 },
  }),
  encoder: spectrumEncoderSettings(QUICK_EXPERIMENT.encoder, { binning: 24, epochs: 3, latent: 3 }),
  encoderFolds: 3,
};

interface Entry {
  key: string;
  seed: number;
  configuration: { size: string; settings: ExperimentSettings; signalToNoise: number; hours: number[] };
}

function entry(key: string, seed: number, size: string, settings: ExperimentSettings): Entry {
  return { key, seed, configuration: { size, settings, signalToNoise: SIGNAL_TO_NOISE, hours: NIGHTS } };
}

/** The study, for `scripts/study.ts`. */
export const study = {
  name: "follow_up_simulated",
  description:
    "What the follow-up strategies are worth on simulated skies of six classes, and budgeted nights",
  scale: "quick",
  data: ["built-in simulator, recipe follow_up"],
  entries: [
    entry("small-1", 1, "small", SMALL),
    ...Array.from({ length: 10 }, (_, k) => entry(`sky-${k + 1}`, k + 1, "full", FULL)),
  ],
  async runEntry(
    { seed, configuration: { size, settings, signalToNoise, hours } }: Entry,
    { log }: { log: (message: string) => void },
  ): Promise<{ rows: FollowUpRow[]; backend: string }> {
    const { name, threads } = await useBackend("wasm", { quiet: true });
    const experiment = await runExperiment({ seed, settings, stage: log });
    const rows = [
      ...accuracyRows(experiment),
      ...strategyRows(experiment, seed),
      ...budgetRows(experiment, seed, signalToNoise, hours),
    ];
    return {
      rows: rows.map((row) => ({ seed, size, ...row })),
      backend: `${name}, ${threads} threads`,
    };
  },
};

function accuracyRows({ fit, latents, found, scores }: Experiment): FollowUpRow[] {
  const { time, both } = outOfFoldAccuracies(fit), n = fit.set.ids.length;
  const changed = scores.changes.reduce((sum, delta) => sum + delta, 0);
  const corrected = found.rightTime.filter((right, i) => right < found.rightBoth[i]).length;
  return [{
    result: "accuracy",
    stars: n,
    time,
    both,
    changed,
    corrected,
    spoiled: found.rightTime.filter((right, i) => right > found.rightBoth[i]).length,
    reconstruction: latents.reconstruction.reduce((a, b) => a + b) / latents.reconstruction.length,
  }];
}

/** Metrics of each strategy, with bootstrap intervals over stars; and how many spectra bring half of the gain in accuracy. */
function strategyRows({ orders, found, fit }: Experiment, seed: number): FollowUpRow[] {
  const n = fit.set.ids.length, sizes = SHARES.map((share) => Math.round(share * n));
  const all: Record<string, Uint32Array | null> = { random: null, ...orders };
  const bands = metricBands(found, all, sizes, { seed, resamples: 300 });
  const { time, both } = outOfFoldAccuracies(fit), half = (time + both) / 2;
  const kept: BandedMetric[] = [
    "correctedShare",
    "probabilityGain",
    "accuracyGain",
    "correctedOverRandom",
    "probabilityGainOverRandom",
  ];
  const rows: FollowUpRow[] = STRATEGIES.flatMap((strategy) =>
    bands[strategy].map((band, k) => ({
      result: "strategy",
      strategy,
      share: SHARES[k],
      spectra: band.size,
      ...Object.fromEntries(kept.flatMap((name) => {
        const { estimate, low, high } = band[name];
        return [[name, estimate], [`${name}Low`, low], [`${name}High`, high]];
      })),
    }))
  );
  const steps = Array.from({ length: 20 }, (_, k) => Math.round((k + 1) * n / 20));
  for (const [strategy, order] of Object.entries(orders)) {
    rows.push({
      result: "half of the gain in accuracy",
      strategy,
      spectra: both > time ? sizeForAccuracy(found, order, half) : null,
    });
    for (const m of selectionMetrics(found, order, steps)) {
      rows.push({ result: "curve", strategy, share: m.size / n, accuracy: m.overallAccuracy });
    }
  }
  return rows;
}

/**
 * A list worked off from the top until the time is gone, against the best use of the same time: the value is what each score
 * promises, the realised gain what the true spectra bring. Stars culminate tonight at Apache Point; those that stay below
 * airmass 2 take no part.
 */
function budgetRows(
  { sky, scores, found }: Experiment,
  seed: number,
  signalToNoise: number,
  hours: readonly number[],
): FollowUpRow[] {
  const magnitude = sky.lightCurves.numbers("meanMagnitude"), dec = sky.lightCurves.numbers("dec");
  const costs = Float64Array.from(magnitude, (m, i) => {
    const x = Math.max(1, airmass(Math.max(1, 90 - Math.abs(dec[i] - APACHE_POINT.latitude))));
    return x <= 2 ? observingTime({ magnitude: m, airmass: x, signalToNoise }) : Infinity;
  });
  const realised = (chosen: Iterable<number>) => {
    let gain = 0, corrected = 0, spectra = 0, seconds = 0;
    for (const i of chosen) {
      gain += found.probabilityGain[i];
      corrected += found.rightBoth[i] - found.rightTime[i];
      seconds += costs[i];
      spectra++;
    }
    return { gain, netCorrected: corrected, spectra, usedHours: seconds / 3600 };
  };
  const listed = (order: ArrayLike<number>, budget: number) => {
    const chosen: number[] = [];
    let left = budget;
    for (let k = 0; k < order.length; k++) {
      const i = order[k];
      if (costs[i] > left) {
        if (costs[i] === Infinity) continue;
        break;
      }
      chosen.push(i);
      left -= costs[i];
    }
    return chosen;
  };
  const rows: FollowUpRow[] = [];
  for (const night of hours) {
    const budget = night * 3600;
    const row = (strategy: string, rule: string, chosen: Iterable<number>) =>
      rows.push({ result: "budget", hours: night, strategy, rule, ...realised(chosen) });
    row("random", "list", listed(rankObjects("random", scores, { seed }), budget));
    for (const strategy of ["entropy", "gain", "decision gain"] as const satisfies Strategy[]) {
      row(strategy, "list", listed(rankObjects(strategy, scores), budget));
      row(strategy, "knapsack", knapsack(strategyValues(strategy, scores), costs, budget).chosen);
    }
    row("gain + change", "list", listed(rankObjects("gain + change", scores), budget));
  }
  return rows;
}
