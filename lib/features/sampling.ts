import type { Feature } from "./feature.ts";

/**
 * Days from the first to the last point. It says how an object was observed, not what it is: beware of
 * leaking the survey.
 */
export const duration: Feature = {
  name: "Duration",
  outputs: ["Duration"],
  needs: { time: true, order: false, errors: false, variability: false, minimumPoints: 1 },
  formula: "t_N - t_1",
  reference: "Malanchev et al. 2021, MNRAS 502, 5147",
  compute: ({ time, n }) => time[n - 1] - time[0],
};

/** The number of points. */
export const observationCount: Feature = {
  name: "ObservationCount",
  outputs: ["ObservationCount"],
  needs: { time: false, order: false, errors: false, variability: false, minimumPoints: 1 },
  formula: "N",
  reference: "Malanchev et al. 2021, MNRAS 502, 5147",
  compute: ({ n }) => n,
};
