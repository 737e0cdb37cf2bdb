import { cumulativeRange } from "./cumulative_sum.ts";
import type { CurveWork } from "./curve_work.ts";
import type { Feature } from "./feature.ts";

/** The values folded on the period found; FATS folds on twice the period. */
const ours = (work: CurveWork) => work.folded(work.periods.period);
const theirs = (work: CurveWork) => work.folded(2 * work.fatsPeriods.period);

/** Range of the cumulative sum of the folded curve. */
export const psiCumulativeSum: Feature = {
  name: "Psi_CS",
  outputs: ["Psi_CS"],
  needs: { time: true, order: true, errors: "optional", variability: true, minimumPoints: 10 },
  formula: "Rcs of the curve folded on its period",
  reference: "Kim et al. 2011, ApJ 735, 68; Kim et al. 2014, A&A 566, A43",
  compute: (work) => cumulativeRange(ours(work), work.mean, work.deviation),
  fats: (work) => cumulativeRange(theirs(work), work.mean, work.deviation),
};

/** Von Neumann ratio of the folded curve: small when the period is right. */
export const psiEta: Feature = {
  name: "Psi_eta",
  outputs: ["Psi_eta"],
  needs: { time: true, order: true, errors: "optional", variability: true, minimumPoints: 10 },
  formula: "sum (m_{i+1} - m_i)^2 / ((N - 1) s^2) in order of phase, s with divisor N",
  reference: "Kim et al. 2014, A&A 566, A43",
  compute: (work) => foldedEta(ours(work), work),
  fats: (work) => foldedEta(theirs(work), work),
};

function foldedEta(value: Float64Array, { moments, n }: CurveWork): number {
  let sum = 0;
  for (let i = 1; i < n; i++) {
    const d = value[i] - value[i - 1];
    sum += d * d;
  }
  return sum / ((n - 1) * moments.variance);
}
