import type { CurveWork } from "./curve_work.ts";
import type { Feature } from "./feature.ts";

/**
 * Stetson's K: the mean absolute over the root mean square deviation in units of the errors; sqrt(2/pi) =
 * 0.798 for Gaussian noise.
 */
export const stetsonK: Feature = {
  name: "StetsonK",
  outputs: ["StetsonK"],
  needs: { time: false, order: false, errors: true, variability: true, minimumPoints: 2 },
  formula: "sum |d| / sqrt(N sum d^2), d = (m - wm) / e, wm with weights 1/e^2",
  reference: "Stetson 1996, PASP 108, 851",
  compute: ({ value, errors, weighted, n }: CurveWork) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.abs((value[i] - weighted.mean) / errors[i]);
    return sum / Math.sqrt(n * weighted.chiSquare);
  },
};
