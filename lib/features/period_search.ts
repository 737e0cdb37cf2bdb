import { EphemeraError } from "../core/mod.ts";
import {
  adviseFrequencyGrid,
  type Curve,
  falseAlarmProbability,
  findPeaks,
  planLombScargle,
  refinePeak,
} from "../signal/mod.ts";
import type { CurveWork, FeatureSettings } from "./curve_work.ts";
import { fitSine, wrapped } from "./sine_fit.ts";

/** Fourier components of a curve at one frequency and its multiples. */
export interface FourierComponents {
  /** Cycles per day. */
  frequency: number;
  /** Amplitudes of the first four multiples. */
  amplitudes: Float64Array;
  /** Phases of the four multiples relative to the first, radians. */
  relativePhases: Float64Array;
}

/** What a period search found. */
export interface PeriodSearch {
  /** Days. */
  period: number;
  /** Probability that noise alone gives so high a peak. */
  falseAlarm: number;
  /** Components at three frequencies, each found in what the former ones left. */
  components: FourierComponents[];
}

/** Frequencies sought one after another. */
export const FREQUENCIES = 3;
/** Multiples of each frequency that are fitted together, the frequency itself being the first. */
export const MULTIPLES = 4;

/**
 * The default period search. Three times: the highest peak of the generalised Lomb-Scargle periodogram
 * (errors as weights, floating mean; fast transform, peak refined on the exact power), a joint weighted fit
 * of four multiples there, and their subtraction. Phases are relative in the sense that survives a shift in
 * time, `phi_j - j phi_1` wrapped to (-pi, pi], from the four-quadrant arctangent of each component `A cos(2
 * pi j f t + phi)`.
 */
export function searchPeriods(work: CurveWork, settings: FeatureSettings): PeriodSearch {
  const { maximumFrequency = 10, oversampling = 5 } = settings;
  const grid = adviseFrequencyGrid(work.time, { maximum: maximumFrequency, oversampling });
  const start = work.time[0] + 0.5 * (work.time[work.n - 1] - work.time[0]);
  const time = work.time.map((t) => t - start);
  let curve: Curve = { time, value: work.value, error: work.error };
  const periodogram = planLombScargle(curve, grid);
  let period = NaN;
  let falseAlarm = NaN;
  const components: FourierComponents[] = [];
  for (let i = 0; i < FREQUENCIES; i++) {
    const [peak] = findPeaks(periodogram(curve.value), grid);
    if (peak === undefined) {
      throw new EphemeraError({
        expected: "a peak in the periodogram",
        found: "none",
        where: "searchPeriods",
      });
    }
    const { frequency, power } = refinePeak(curve, peak.frequency, grid.step);
    if (i === 0) {
      period = 1 / frequency;
      falseAlarm = falseAlarmProbability(curve, Math.min(1, Math.max(0, power)), maximumFrequency);
    }
    const fit = fitSine(curve, frequency, MULTIPLES);
    const first = fit.phases[0];
    components.push({
      frequency,
      amplitudes: fit.amplitudes,
      relativePhases: fit.phases.map((phase, j) => j === 0 ? 0 : wrapped(phase - (j + 1) * first)),
    });
    curve = { ...curve, value: fit.residual };
  }
  return { period, falseAlarm, components };
}
