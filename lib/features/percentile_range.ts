import type { Feature } from "./feature.ts";

/** The distance between the quartiles. */
export const quartileRange: Feature = {
  name: "Q31",
  outputs: ["Q31"],
  needs: { time: false, order: false, errors: false, variability: false, minimumPoints: 1 },
  formula: "Q(0.75) - Q(0.25)",
  reference: "Kim et al. 2014, A&A 566, A43",
  compute: (work) => work.quantile(0.75) - work.quantile(0.25),
};

/** The distance between the 10th and the 90th percentile. */
export const decileRange: Feature = {
  name: "InterPercentileRange_10",
  outputs: ["InterPercentileRange_10"],
  needs: { time: false, order: false, errors: false, variability: false, minimumPoints: 1 },
  formula: "Q(0.9) - Q(0.1)",
  reference: "Malanchev et al. 2021, MNRAS 502, 5147",
  compute: (work) => work.quantile(0.9) - work.quantile(0.1),
};
