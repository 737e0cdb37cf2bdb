import type { Feature } from "./feature.ts";

/**
 * The number of points after which the curve has forgotten itself. Lags count points, not days; for unequal
 * steps see the slotted autocorrelation. Since the biased autocorrelation sums to -1/2 over all lags, every
 * curve that varies has such a lag.
 */
export const autocorrelationLength: Feature = {
  name: "Autocor_length",
  outputs: ["Autocor_length"],
  needs: { time: false, order: true, errors: false, variability: true, minimumPoints: 2 },
  formula: "first lag k with sum (m_i - mean)(m_{i+k} - mean) / sum (m_i - mean)^2 < 1/e",
  reference: "Kim et al. 2011, ApJ 735, 68",
  compute({ value, mean, moments, n }) {
    const centred = value.map((v) => v - mean);
    const limit = Math.exp(-1) * moments.variance * n;
    for (let lag = 1; lag < n; lag++) {
      let sum = 0;
      for (let i = 0; i + lag < n; i++) sum += centred[i] * centred[i + lag];
      if (sum < limit) return lag;
    }
    return n;
  },
};
