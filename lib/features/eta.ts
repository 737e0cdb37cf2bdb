import type { CurveWork } from "./curve_work.ts";
import type { Feature } from "./feature.ts";

/**
 * The von Neumann ratio weighed for unequal steps: pairs close in time count most. 2 would be white noise
 * only for equal steps. Pairs at one and the same time have no rate of change and are left out; FATS divides
 * by their zero step and returns infinity.
 */
export const etaWeighted: Feature = {
  name: "Eta_e",
  outputs: ["Eta_e"],
  needs: { time: true, order: true, errors: false, variability: true, minimumPoints: 2 },
  formula: "mean(w) (t_N - t_1)^2 sum(w dm^2) / (s^2 sum(w) N^2), w = 1/dt^2, s with divisor N",
  reference: "Kim et al. 2014, A&A 566, A43 (with the normalisation of FATS)",
  compute: (work) => eta(work, true),
  fats: (work) => eta(work, false),
};

function eta({ time, value, moments, n }: CurveWork, skipTies: boolean): number {
  const span = time[n - 1] - time[0];
  let rates = 0;
  let pairs = 0;
  for (let i = 1; i < n; i++) {
    const step = time[i] - time[i - 1];
    if (skipTies && step === 0) continue;
    pairs++;
    const change = value[i] - value[i - 1];
    rates += change * change / (step * step);
  }
  // mean(w) / sum(w) is one over the number of pairs, so the weights themselves cancel.
  return pairs === 0 ? 0 : span * span * rates / (pairs * moments.variance * n * n);
}

/** The same with the normalisation of the package light-curve: `(N - 1)^3` and the sample variance. */
export const etaE: Feature = {
  name: "EtaE",
  outputs: ["EtaE"],
  needs: { time: true, order: true, errors: false, variability: true, minimumPoints: 2 },
  formula: "(t_N - t_1)^2 / (N - 1)^3 sum (dm/dt)^2 / s^2, s with divisor N - 1",
  reference: "Malanchev et al. 2021, MNRAS 502, 5147",
  compute({ time, value, sampleDeviation, n }) {
    let rates = 0;
    for (let i = 1; i < n; i++) {
      const step = time[i] - time[i - 1];
      if (step === 0) continue;
      const rate = (value[i] - value[i - 1]) / step;
      rates += rate * rate;
    }
    const span = time[n - 1] - time[0];
    return span * span * rates / ((n - 1) ** 3 * sampleDeviation * sampleDeviation);
  },
};

/**
 * The von Neumann ratio of successive differences to variance: 2 for white noise, small for a smooth curve.
 */
export const etaPlain: Feature = {
  name: "Eta",
  outputs: ["Eta"],
  needs: { time: false, order: true, errors: false, variability: true, minimumPoints: 2 },
  formula: "sum (m_{i+1} - m_i)^2 / ((N - 1) s^2), s with divisor N - 1",
  reference: "von Neumann 1941; Kim et al. 2014, A&A 566, A43",
  compute({ value, sampleDeviation, n }) {
    let sum = 0;
    for (let i = 1; i < n; i++) {
      const d = value[i] - value[i - 1];
      sum += d * d;
    }
    return sum / ((n - 1) * sampleDeviation * sampleDeviation);
  },
};
