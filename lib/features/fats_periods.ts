import { lombScargle, planLombScargle } from "../signal/mod.ts";
import type { CurveWork } from "./curve_work.ts";
import { type FourierComponents, FREQUENCIES, MULTIPLES, type PeriodSearch } from "./period_search.ts";
import { fitSine } from "./sine_fit.ts";

/**
 * The period search of the original FATS: the classical Lomb periodogram (no errors, mean fixed) on the grid
 * `k / (6 T)`, k = 1 ... 300 N, taken at its highest grid point; four sines fitted one by one to the same
 * values at multiples of it; phases from the two-quadrant arctangent, relative to the first; their
 * subtraction; and twice again.
 *
 * FATS extirpolates (Press & Rybicki 1989), so its powers are off by about 1e-6 of the peak; ours are those
 * it approximates.
 */
export function searchPeriodsAsFats(work: CurveWork): PeriodSearch {
  const { n } = work;
  const time = work.time.map((t) => t - work.time[0]);
  const step = 1 / (time[n - 1] * OVERSAMPLING);
  const grid = { start: step, step, count: Math.floor(0.5 * OVERSAMPLING * HIGHEST * n) };
  const options = { floatingMean: false };
  const periodogram = planLombScargle({ time }, grid, options);
  let value = work.value;
  let period = NaN;
  let falseAlarm = NaN;
  const components: FourierComponents[] = [];
  for (let i = 0; i < FREQUENCIES; i++) {
    const power = periodogram(value);
    let highest = 0;
    for (let k = 1; k < power.length; k++) if (power[k] > power[highest]) highest = k;
    const frequency = step * (highest + 1);
    if (i === 0) {
      period = 1 / frequency;
      const [exact] = lombScargle({ time, value }, Float64Array.of(frequency), options);
      falseAlarm = pressFalseAlarm(0.5 * (n - 1) * exact, 2 * grid.count / OVERSAMPLING);
    }
    const amplitudes = new Float64Array(MULTIPLES);
    const angles = new Float64Array(MULTIPLES);
    const left = value.slice();
    for (let j = 0; j < MULTIPLES; j++) {
      const fit = fitSine({ time, value }, (j + 1) * frequency, 1);
      amplitudes[j] = fit.amplitudes[0];
      // A cos(wt + phi) = -A sin(phi) sin(wt) + A cos(phi) cos(wt), and FATS takes arctan(cosine part / sine
      // part).
      angles[j] = Math.atan(-1 / Math.tan(fit.phases[0]));
      for (let k = 0; k < n; k++) left[k] -= value[k] - fit.residual[k];
    }
    components.push({ frequency, amplitudes, relativePhases: angles.map((a) => a - angles[0]) });
    value = left;
  }
  return { period, falseAlarm, components };
}

/** `ofac` and `hifac` of the original. */
const OVERSAMPLING = 6;
const HIGHEST = 100;

/**
 * Press et al., Numerical Recipes section 13.8: probability of a peak in M independent frequencies of unit
 * mean power.
 */
function pressFalseAlarm(power: number, independent: number): number {
  const single = Math.exp(-power);
  const probability = independent * single;
  return probability > 0.01 ? -Math.expm1(independent * Math.log1p(-single)) : probability;
}
