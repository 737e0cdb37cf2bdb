import { demand } from "../core/mod.ts";
import type { CurveWork } from "./curve_work.ts";
import type { Feature } from "./feature.ts";

/** Sums of a straight line through the points, about the means of time and value. */
interface Line {
  slope: number;
  tt: number;
  residual: number;
}

/** Weighted when `errors` are given; the residual is then a chi square. */
function line({ time, value, n }: CurveWork, errors?: Float64Array): Line {
  let total = 0;
  let meanTime = 0;
  let meanValue = 0;
  for (let i = 0; i < n; i++) {
    const weight = errors === undefined ? 1 : 1 / (errors[i] * errors[i]);
    total += weight;
    meanTime += weight * (time[i] - time[0]);
    meanValue += weight * value[i];
  }
  meanTime = time[0] + meanTime / total;
  meanValue /= total;
  let tt = 0;
  let tv = 0;
  let vv = 0;
  for (let i = 0; i < n; i++) {
    const weight = errors === undefined ? 1 : 1 / (errors[i] * errors[i]);
    const t = time[i] - meanTime;
    const v = value[i] - meanValue;
    tt += weight * t * t;
    tv += weight * t * v;
    vv += weight * v * v;
  }
  demand(tt > 0, { expected: "at least two different times", found: `${n} equal times`, where: "trend" });
  return { slope: tv / tt, tt, residual: Math.max(0, vv - tv * tv / tt) };
}

/** Slope of the straight line through the points, unit of the values a day. */
export const linearTrend: Feature = {
  name: "LinearTrend",
  outputs: ["LinearTrend"],
  needs: { time: true, order: true, errors: false, variability: false, minimumPoints: 2 },
  formula: "sum (t - mean t)(m - mean m) / sum (t - mean t)^2",
  reference: "Richards et al. 2011, ApJ 733, 10",
  compute: (work) => line(work).slope,
};

/** The uncertainty of that slope and the scatter about the line, from the residuals. */
export const linearTrendNoise: Feature = {
  name: "LinearTrendNoise",
  outputs: ["LinearTrend_uncertainty", "LinearTrend_noise"],
  needs: { time: true, order: true, errors: false, variability: false, minimumPoints: 3 },
  formula: "s = sqrt(sum residual^2 / (N - 2)) and s / sqrt(sum (t - mean t)^2)",
  reference: "Malanchev et al. 2021, MNRAS 502, 5147",
  compute(work) {
    const { tt, residual } = line(work);
    const noise = Math.sqrt(residual / (work.n - 2));
    return [noise / Math.sqrt(tt), noise];
  },
};

/**
 * Slope of the line weighted by the errors, its uncertainty from the errors alone, and the reduced chi
 * square.
 */
export const linearFit: Feature = {
  name: "LinearFit",
  outputs: ["LinearFit_slope", "LinearFit_uncertainty", "LinearFit_chi2"],
  needs: { time: true, order: true, errors: true, variability: false, minimumPoints: 3 },
  formula: "weighted least squares with weights 1/e^2; chi^2 / (N - 2)",
  reference: "Malanchev et al. 2021, MNRAS 502, 5147",
  compute(work) {
    const { slope, tt, residual } = line(work, work.errors);
    return [slope, 1 / Math.sqrt(tt), residual / (work.n - 2)];
  },
};

/**
 * The steepest change between neighbours. Neighbours at one time have no slope and are left out; FATS divides
 * by zero there, and the published table of the CSS stars has a whole column of infinities for it.
 */
export const maximumSlope: Feature = {
  name: "MaxSlope",
  outputs: ["MaxSlope"],
  needs: { time: true, order: true, errors: false, variability: false, minimumPoints: 2 },
  formula: "max |m_{i+1} - m_i| / (t_{i+1} - t_i)",
  reference: "Richards et al. 2011, ApJ 733, 10",
  compute: (work) => steepest(work, true),
  fats: (work) => steepest(work, false),
};

function steepest({ time, value, n }: CurveWork, skipTies: boolean): number {
  let steepest = 0;
  for (let i = 1; i < n; i++) {
    const step = time[i] - time[i - 1];
    if (skipTies && step === 0) continue;
    const slope = Math.abs(value[i] - value[i - 1]) / step;
    if (slope > steepest) steepest = slope;
  }
  return steepest;
}
