import { type ObjectCurve, type ObjectFeature, rowsByBand } from "./object_feature.ts";
import { errorsOf } from "./supernova/detection_features.ts";
import { demand } from "../core/mod.ts";

/**
 * The 156 aggregates of paper 002 (GRU ensemble on PLAsTiCC), with the conventions of pandas: standard
 * deviation with divisor n - 1 (NaN for n < 2), skewness G1 (NaN for n < 3, 0 for equal values), and NaN for
 * a band or a block without rows.
 *
 * With `q = (flux / error)^2` and `f = flux q`: 20 statistics in each of six bands, four metadata, 33 over
 * all rows, seven durations of the detections, nine of the detected rows; seventeen that the authors found
 * useless are left out. The caller divides fluxes and errors by the scale of the paper and fills NaN; both
 * belong to the preprocessing.
 */
export const plasticcAggregates: ObjectFeature = {
  name: "plasticc_aggregates",
  outputs: () => ALL.filter((name) => !USELESS.has(name)),
  formula: "per-band, global and detected-row statistics of flux, error, detection, q = (F/e)^2 and F q",
  reference: "Chaini & Kumar 2020, arXiv:2006.12333, with their preprocessing code",
  compute(object) {
    demand(object.bands.length === BANDS, {
      expected: `${BANDS} bands (u g r i z y)`,
      found: `${object.bands.length}`,
      where: "plasticc_aggregates",
    });
    demand(object.detected !== undefined, {
      expected: "a flag of detection for each observation",
      found: "none",
      where: "plasticc_aggregates",
    });
    const all = aggregate(object, object.detected);
    return all.filter((_, i) => !USELESS.has(ALL[i]));
  },
};

const BANDS = 6;

type Statistic = "min" | "max" | "mean" | "median" | "std" | "sum" | "skew";
type Quantity = "flux" | "flux_err" | "detected" | "q" | "f";

const PER_BAND: [Quantity, Statistic[]][] = [
  ["flux", ["min", "max", "mean", "median", "std", "sum", "skew"]],
  ["flux_err", ["min", "max", "mean", "skew"]],
  ["detected", ["mean", "std", "sum"]],
  ["q", ["mean", "sum", "skew"]],
  ["f", ["mean", "sum", "skew"]],
];
const METADATA = ["hostgal_photoz", "hostgal_photoz_err", "distmod", "mwebv"];
const GLOBAL: [Quantity, Statistic[]][] = [
  ["flux", ["min", "max", "mean", "median", "std", "sum", "skew"]],
  ["flux_err", ["min", "max", "mean", "median", "std", "sum", "skew"]],
  ["detected", ["mean", "skew", "median", "sum"]],
  ["q", ["min", "max", "mean", "sum", "skew"]],
  ["f", ["min", "max", "mean", "sum", "skew"]],
];
const DETECTED: Quantity[] = ["flux", "q", "f"];
const bandNumbers = Array.from({ length: BANDS }, (_, b) => b);

const ALL: readonly string[] = [
  ...PER_BAND.flatMap(([quantity, statistics]) =>
    statistics.flatMap((statistic) => bandNumbers.map((b) => `${quantity}_${statistic}_${b}`))
  ),
  ...METADATA,
  "count",
  ...GLOBAL.flatMap(([quantity, statistics]) => statistics.map((statistic) => `${quantity}_${statistic}`)),
  "flux_range",
  "flux_range_over_mean",
  "flux_weighted_mean",
  "flux_range_over_weighted_mean",
  "mjd_duration",
  ...bandNumbers.map((b) => `mjd_pb${b}`),
  ...DETECTED.flatMap((quantity) => [`${quantity}_det_mean`, `${quantity}_det_skew`]),
  ...DETECTED.map((quantity) => `${quantity}_det_range`),
];

/** Left out by the authors for their low importance. */
const USELESS: ReadonlySet<string> = new Set([
  "flux_max_2",
  "flux_median_0",
  "flux_median_4",
  "flux_err_skew_1",
  "flux_err_skew_3",
  "detected_mean_4",
  "detected_std_3",
  "detected_std_4",
  "detected_sum_4",
  "q_mean_4",
  "q_sum_3",
  "q_sum_4",
  "flux_median",
  "flux_err_skew",
  "q_sum",
  "mjd_pb5",
  "q_det_skew",
]);

function aggregate(object: ObjectCurve, detected: Uint8Array): number[] {
  const { time, value } = object;
  const error = errorsOf(object, "plasticc_aggregates");
  const q = value.map((flux, i) => (flux / error[i]) ** 2);
  const columns: Record<Quantity, ArrayLike<number>> = {
    flux: value,
    flux_err: error,
    detected,
    q,
    f: value.map((flux, i) => flux * q[i]),
  };
  const of = (quantity: Quantity, rows: number[]) => rows.map((i) => columns[quantity][i]);
  const bands = rowsByBand(object);
  const rows = Array.from({ length: value.length }, (_, i) => i);
  const found = rows.filter((i) => detected[i] > 0);
  const result: number[] = [];
  for (const [quantity, names] of PER_BAND) {
    for (const name of names) for (const band of bands) result.push(statistics[name](of(quantity, band)));
  }
  for (const name of METADATA) result.push(object.metadata?.[name] ?? NaN);
  result.push(value.length);
  for (const [quantity, names] of GLOBAL) {
    for (const name of names) result.push(statistics[name](of(quantity, rows)));
  }
  const width = range(of("flux", rows));
  const weightedMean = statistics.sum(of("f", rows)) / statistics.sum(of("q", rows));
  result.push(width, width / statistics.mean(of("flux", rows)), weightedMean, width / weightedMean);
  const duration = (some: number[]) => range(some.map((i) => time[i]));
  result.push(duration(found));
  for (const band of bands) result.push(duration(band.filter((i) => detected[i] > 0)));
  for (const quantity of DETECTED) {
    const values = of(quantity, found);
    result.push(statistics.mean(values), statistics.skew(values));
  }
  for (const quantity of DETECTED) result.push(range(of(quantity, found)));
  return result;
}

const range = (x: number[]) => statistics.max(x) - statistics.min(x);

const statistics: Record<Statistic, (x: number[]) => number> = {
  min: (x) => x.length === 0 ? NaN : x.reduce((a, b) => Math.min(a, b)),
  max: (x) => x.length === 0 ? NaN : x.reduce((a, b) => Math.max(a, b)),
  sum: (x) => x.length === 0 ? NaN : x.reduce((a, b) => a + b, 0),
  mean: (x) => x.reduce((a, b) => a + b, 0) / x.length,
  median(x) {
    const sorted = Float64Array.from(x).sort();
    const half = sorted.length >> 1;
    return x.length === 0 ? NaN : x.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  },
  std(x) {
    const mean = statistics.mean(x);
    return x.length < 2 ? NaN : Math.sqrt(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (x.length - 1));
  },
  skew(x) {
    const n = x.length;
    if (n < 3) return NaN;
    if (x.every((v) => v === x[0])) return 0;
    const mean = statistics.mean(x);
    let second = 0;
    let third = 0;
    for (const v of x) {
      second += (v - mean) ** 2;
      third += (v - mean) ** 3;
    }
    return n * Math.sqrt(n - 1) / (n - 2) * third / second ** 1.5;
  },
};
