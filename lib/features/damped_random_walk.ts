import { minimiseNelderMead } from "../numerics/mod.ts";
import type { CurveWork } from "./curve_work.ts";
import type { Feature } from "./feature.ts";

/**
 * A damped random walk (continuous autoregressive process of order one) fitted by maximum likelihood, by a
 * Kalman recursion in one pass: stationary variance `tau sigma^2 / 2`, correlation `exp(-dt / tau)`.
 *
 * Ours scores every point from the stationary state, profiles the mean out by generalised least squares, and
 * searches `ln sigma, ln tau` from the best of a coarse grid, tau between a tenth of the median step and ten
 * baselines. The likelihood of a curve without memory is flat towards small tau, so tau then ends near its
 * lower limit; that is the answer, not a failure.
 *
 * FATS instead fixes the mean, does not score the first point, and starts one local search at (10, 0.5). The
 * published numbers are reproduced by an unconstrained Nelder-Mead search; they are a local optimum, and
 * their sigma may be negative, since only sigma^2 matters.
 */
export const dampedRandomWalk: Feature = {
  name: "CAR",
  outputs: ["CAR_sigma", "CAR_tau", "CAR_mean"],
  needs: { time: true, order: true, errors: true, variability: true, minimumPoints: 4 },
  formula:
    "argmax over sigma, tau of the likelihood of dX = -X/tau dt + sigma sqrt(dt) e + b dt; mean = X-mean / tau",
  reference: "Brockwell & Davis 2002; Kelly et al. 2009, ApJ 698, 895; Pichara et al. 2012, MNRAS 427, 1284",
  compute(work) {
    const { time, n } = work;
    const steps = new Float64Array(n - 1);
    for (let i = 1; i < n; i++) steps[i - 1] = time[i] - time[i - 1];
    steps.sort();
    const baseline = time[n - 1] - time[0];
    const shortest = Math.log(Math.max(0.1 * steps[(n - 1) >> 1], 1e-6 * baseline));
    const longest = Math.log(10 * baseline);
    const cost = (x: ArrayLike<number>) => {
      const tau = Math.exp(Math.min(Math.max(x[1], shortest), longest));
      return walkLikelihood(work, Math.exp(x[0]), tau).cost + penalty(x[1], shortest, longest);
    };
    let best = [0, 0];
    let least = Infinity;
    for (let i = 0; i < 6; i++) {
      const logTau = shortest + (i + 0.5) / 6 * (longest - shortest);
      for (const share of [0.03, 0.3, 1, 3]) {
        // sigma that gives the stationary variance this share of the observed one
        const start = [0.5 * Math.log(2 * share * work.moments.variance) - 0.5 * logTau, logTau];
        const found = cost(start);
        if (found < least) {
          least = found;
          best = start;
        }
      }
    }
    const { x } = minimiseNelderMead(cost, best, { xTolerance: 1e-5, valueTolerance: 1e-7 });
    const sigma = Math.exp(x[0]);
    const tau = Math.exp(Math.min(Math.max(x[1], shortest), longest));
    return [sigma, tau, walkLikelihood(work, sigma, tau).mean / tau];
  },
  fats(work) {
    const { x } = minimiseNelderMead((p) => fatsWalkCost(work, p[0], p[1]), [10, 0.5]);
    return [x[0], x[1], work.mean / x[1]];
  },
};

function penalty(x: number, low: number, high: number): number {
  return x < low ? (low - x) ** 2 : x > high ? (x - high) ** 2 : 0;
}

/**
 * Minus twice the log likelihood (without its constant) and the best mean, of a stationary walk with all
 * points scored.
 */
export function walkLikelihood(
  { time, value, errors, n }: Pick<CurveWork, "time" | "value" | "errors" | "n">,
  sigma: number,
  tau: number,
): { cost: number; mean: number } {
  const stationary = 0.5 * tau * sigma * sigma;
  // The innovations are linear in the mean: the filter runs on the values and on ones, and the mean is a
  // regression.
  let state = 0;
  let one = 0;
  let variance = stationary;
  let logs = 0;
  let vv = 0;
  let v1 = 0;
  let ones = 0;
  const origin = value[0];
  for (let i = 0; i < n; i++) {
    if (i > 0) {
      const decay = Math.exp(-(time[i] - time[i - 1]) / tau);
      state *= decay;
      one *= decay;
      variance = stationary * (1 - decay * decay) + variance * decay * decay;
    }
    const total = variance + errors[i] * errors[i];
    const r = value[i] - origin - state;
    const u = 1 - one;
    logs += Math.log(total);
    vv += r * r / total;
    v1 += r * u / total;
    ones += u * u / total;
    const gain = variance / total;
    state += gain * r;
    one += gain * u;
    variance *= 1 - gain;
  }
  return { cost: logs + vv - v1 * v1 / ones, mean: origin + v1 / ones };
}

/** Minus the log likelihood as FATS sums it. */
function fatsWalkCost({ time, value, errors, mean, n }: CurveWork, sigma: number, tau: number): number {
  const stationary = tau * sigma * sigma / 2;
  let variance = stationary;
  let state = 0;
  let total = 0;
  for (let i = 1; i < n; i++) {
    const before = errors[i - 1] * errors[i - 1];
    const decay = Math.exp(-(time[i] - time[i - 1]) / tau);
    const gain = variance / (variance + before);
    const next = decay * state + decay * gain * (value[i - 1] - mean - state);
    variance = stationary * (1 - decay * decay) + decay * decay * variance * (1 - gain);
    state = next;
    const spread = variance + errors[i] * errors[i];
    const r = state - (value[i] - mean);
    total += Math.log(Math.exp(-0.5 * r * r / spread) / Math.sqrt(2 * Math.PI * spread) + 1e-300);
  }
  return -total;
}
