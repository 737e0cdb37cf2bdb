import type { CurveWork } from "./curve_work.ts";
import type { Feature } from "./feature.ts";

/** The autocorrelation of an unequally sampled curve in slots of lag. */
export interface SlottedAutocorrelation {
  /** Width of a slot, days. */
  width: number;
  /** Slot numbers that hold at least one pair (slot 0 always). */
  slots: number[];
  /** Autocorrelation in those slots, 1 in slot 0. */
  correlation: number[];
}

/**
 * The slotted autocorrelation `mean of d_i d_j over pairs with |t_j - t_i| in slot k`, over its value in slot
 * 0, with d the deviations from the mean in units of the standard deviation (divisor N). A slot is as wide as
 * the 5 per cent quantile of the steps; slot k reaches half a width to either side of `k T`. Slot 0 takes
 * every point with itself and the close pairs.
 *
 * Edelson & Krolik 1988, ApJ 333, 646; Huijse et al. 2012, IEEE Trans. Sig. Proc. 60, 5135.
 */
export function slottedAutocorrelation(work: CurveWork, slotCount: number): SlottedAutocorrelation {
  const { time, value, n, mean, deviation } = work;
  const steps = new Float64Array(n - 1);
  for (let i = 1; i < n; i++) steps[i - 1] = time[i] - time[i - 1];
  steps.sort();
  let width = steps[Math.min(n - 2, Math.floor(0.05 * n) + 1)];
  // A curve with many repeated times would have slots of no width at all.
  if (!(width > 0)) width = steps.find((step) => step > 0) ?? 1;
  const normal = new Float64Array(n);
  for (let i = 0; i < n; i++) normal[i] = (value[i] - mean) / deviation;
  const sums = new Float64Array(slotCount);
  const counts = new Float64Array(slotCount);
  let first = 0;
  for (let i = 0; i < n; i++) {
    first += normal[i] * normal[i];
    for (let j = i + 1; j < n; j++) {
      const slot = Math.floor((time[j] - time[i]) / width + 0.5);
      if (slot >= slotCount) break;
      sums[slot] += normal[i] * normal[j];
      counts[slot]++;
    }
  }
  const zero = (first + sums[0]) / (n + counts[0]);
  const slots = [0];
  const correlation = [1];
  for (let k = 1; k < slotCount; k++) {
    if (counts[k] === 0) continue;
    slots.push(k);
    correlation.push(sums[k] / (counts[k] * zero));
  }
  return { width, slots, correlation };
}

/** Slots that FATS starts with. */
const SLOTS = 100;

const firstSlots = (work: CurveWork) => work.keep("slotted", () => slottedAutocorrelation(work, SLOTS));

/**
 * The lag in days where the slotted autocorrelation first falls below 1/e. When no slot of the first hundred
 * does, the number of slots is doubled until one does or the whole baseline is covered (then the baseline is
 * returned). FATS doubles too, but rebuilds its list of slots wrongly.
 */
export const slottedLength: Feature = {
  name: "SlottedA_length",
  outputs: ["SlottedA_length"],
  needs: { time: true, order: true, errors: false, variability: true, minimumPoints: 3 },
  formula: "first k T with ACF_k < 1/e over slots of width T",
  reference: "Huijse et al. 2012, IEEE Trans. Sig. Proc. 60, 5135; Protopapas et al. 2015, ApJS 216, 25",
  compute(work) {
    const baseline = work.time[work.n - 1] - work.time[0];
    let acf = firstSlots(work);
    for (let count = SLOTS;; count *= 2) {
      const place = acf.correlation.findIndex((c) => c < Math.exp(-1));
      if (place >= 0) return acf.slots[place] * acf.width;
      if (count * acf.width > baseline) return baseline;
      acf = slottedAutocorrelation(work, 2 * count);
    }
  },
};

/** Stetson's K of the slotted autocorrelation: how peaked its distribution over the lags is. */
export const stetsonOfAutocorrelation: Feature = {
  name: "StetsonK_AC",
  outputs: ["StetsonK_AC"],
  needs: { time: true, order: true, errors: false, variability: true, minimumPoints: 4 },
  formula:
    "sum |d| / sqrt(M sum d^2), d = sqrt(M / (M - 1)) (a - mean a) / s of the M values a of the slotted ACF",
  reference: "Kim et al. 2011, ApJ 735, 68",
  compute(work) {
    const { correlation } = firstSlots(work);
    const count = correlation.length;
    // With one slot filled there is nothing to compare; K of two or more equal values is that of a flat
    // distribution.
    if (count < 2) return 1;
    let mean = 0;
    for (const c of correlation) mean += c / count;
    let absolute = 0;
    let squares = 0;
    for (const c of correlation) {
      absolute += Math.abs(c - mean);
      squares += (c - mean) ** 2;
    }
    return squares > 0 ? absolute / Math.sqrt(count * squares) : 1;
  },
};
