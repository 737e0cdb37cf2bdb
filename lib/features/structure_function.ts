import { demand } from "../core/mod.ts";
import type { CurveWork } from "./curve_work.ts";
import type { Feature } from "./feature.ts";

/**
 * How the structure functions of orders 1, 2 and 3 scale with one another on a curve resampled at 100 equal
 * steps by straight lines: slopes of `log S_p` against `log S_q` over lags 1 to 99. For Gaussian noise they
 * are 2, 3 and 3/2; intermittent curves fall below.
 */
export const structureFunctions: Feature = {
  name: "StructureFunction",
  outputs: ["StructureFunction_index_21", "StructureFunction_index_31", "StructureFunction_index_32"],
  needs: { time: true, order: true, errors: false, variability: true, minimumPoints: 3 },
  formula: "slopes of log10 S_2 on log10 S_1, S_3 on S_1, S_3 on S_2, S_p(k) = mean |x_{i+k} - x_i|^p",
  reference: "Simonetti et al. 1984, ApJ 284, 126; Nun et al. 2015, arXiv:1506.00010",
  compute(work) {
    const x = resampled(work);
    const logs: [number[], number[], number[]] = [[], [], []];
    for (let lag = 1; lag < POINTS; lag++) {
      let first = 0;
      let second = 0;
      let third = 0;
      for (let i = 0; i + lag < POINTS; i++) {
        const d = Math.abs(x[i + lag] - x[i]);
        first += d;
        second += d * d;
        third += d * d * d;
      }
      // A lag at which nothing differs has no logarithm.
      if (third === 0) continue;
      [first, second, third].forEach((sum, p) => logs[p].push(Math.log10(sum / (POINTS - lag))));
    }
    demand(logs[0].length > 1, {
      expected: "a resampled curve that varies at two lags or more",
      found: `${logs[0].length}`,
      where: "StructureFunction",
    });
    return [slope(logs[0], logs[1]), slope(logs[0], logs[2]), slope(logs[1], logs[2])];
  },
};

const POINTS = 100;

function resampled({ time, value, n }: CurveWork): Float64Array {
  const x = new Float64Array(POINTS);
  const start = time[0];
  const step = (time[n - 1] - start) / (POINTS - 1);
  let row = 1;
  for (let k = 0; k < POINTS; k++) {
    const at = k === POINTS - 1 ? time[n - 1] : start + k * step;
    while (row < n - 1 && time[row] < at) row++;
    const width = time[row] - time[row - 1];
    x[k] = width > 0
      ? value[row - 1] + (value[row] - value[row - 1]) / width * (at - time[row - 1])
      : value[row];
  }
  return x;
}

function slope(x: number[], y: number[]): number {
  const n = x.length;
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < n; i++) {
    meanX += x[i] / n;
    meanY += y[i] / n;
  }
  let xx = 0;
  let xy = 0;
  for (let i = 0; i < n; i++) {
    xx += (x[i] - meanX) ** 2;
    xy += (x[i] - meanX) * (y[i] - meanY);
  }
  return xy / xx;
}
