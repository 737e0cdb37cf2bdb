import { demand } from "../core/mod.ts";
import { quantileOfSorted } from "../numerics/mod.ts";
import { type Curve, demandCurve, fold } from "../signal/mod.ts";
import { type PeriodSearch, searchPeriods } from "./period_search.ts";
import { searchPeriodsAsFats } from "./fats_periods.ts";
import { sortedCopy } from "./sorted_copy.ts";

/** Options that several features share. */
export interface FeatureSettings {
  /** `"FATS"` gives the numbers of the original package where our definition differs from it. */
  compatibility?: "FATS";
  /**
   * What the values are; percentage features of magnitudes are taken on the fluxes they stand for. Default
   * magnitude.
   */
  quantity?: "magnitude" | "flux";
  /** Highest frequency of the period search, cycles per day. Default 10. */
  maximumFrequency?: number;
  /** Grid points across a peak's width in the period search. Default 5. */
  oversampling?: number;
}

/** Sums of powers of the deviations from the mean. */
export interface Moments {
  /** The mean of the values. */
  mean: number;
  /** Mean square deviation (divisor N). */
  variance: number;
  /** Mean cubed deviation. */
  third: number;
  /** Mean fourth power of the deviation. */
  fourth: number;
}

/**
 * One curve and everything that more than one feature asks of it, each computed at the first request and
 * kept: the sorted values, moments, median deviations, weighted mean, successive differences, the period
 * search and the fold.
 */
export class CurveWork {
  /** Days, ascending. */
  readonly time: Float64Array;
  /** Magnitudes or fluxes. */
  readonly value: Float64Array;
  /** One-sigma errors. */
  readonly error?: Float64Array;
  /** Options of the features. */
  readonly settings: FeatureSettings;
  /** Number of points. */
  readonly n: number;
  #sorted?: Float64Array;
  #sortedFlux?: Float64Array;
  #moments?: Moments;
  #deviations?: Float64Array;
  #weighted?: { mean: number; chiSquare: number; totalWeight: number };
  #periods?: PeriodSearch;
  #fatsPeriods?: PeriodSearch;
  #folds = new Map<number, Float64Array>();
  #kept = new Map<string, unknown>();

  /**
   * Refuses a curve that no formula can use.
   *
   * @param curve times ascending.
   * @param where what to call the curve in an error.
   */
  constructor(curve: Curve, settings: FeatureSettings = {}, where?: string) {
    demandCurve(curve, { ascending: true, where });
    this.time = curve.time;
    this.value = curve.value;
    this.error = curve.error;
    this.settings = settings;
    this.n = curve.time.length;
  }

  /** Whether the original FATS definitions are asked for. */
  get asFats(): boolean {
    return this.settings.compatibility === "FATS";
  }

  /** The values, ascending. */
  get sorted(): Float64Array {
    return this.#sorted ??= sortedCopy(this.value);
  }

  /** The fluxes, ascending: the values themselves, or `10^(-0.4 (m - median))` where they are magnitudes. */
  get sortedFlux(): Float64Array {
    if (this.settings.quantity === "flux") return this.sorted;
    if (this.#sortedFlux === undefined) {
      const { sorted, median, n } = this;
      const flux = this.#sortedFlux = new Float64Array(n);
      for (let i = 0; i < n; i++) flux[n - 1 - i] = 10 ** (-0.4 * (sorted[i] - median));
    }
    return this.#sortedFlux;
  }

  /** The q-quantile of the values by linear interpolation, 0 <= q <= 1. */
  quantile(q: number): number {
    return quantileOfSorted(this.sorted, q);
  }

  /** The median of the values. */
  get median(): number {
    const { sorted, n } = this;
    const half = n >> 1;
    return n % 2 === 1 ? sorted[half] : 0.5 * (sorted[half - 1] + sorted[half]);
  }

  /** Mean and central moments. */
  get moments(): Moments {
    if (this.#moments === undefined) {
      const { value, n } = this;
      let sum = 0;
      for (let i = 0; i < n; i++) sum += value[i];
      const mean = sum / n;
      let second = 0;
      let third = 0;
      let fourth = 0;
      for (let i = 0; i < n; i++) {
        const d = value[i] - mean;
        const square = d * d;
        second += square;
        third += square * d;
        fourth += square * square;
      }
      this.#moments = { mean, variance: second / n, third: third / n, fourth: fourth / n };
    }
    return this.#moments;
  }

  /** The mean of the values. */
  get mean(): number {
    return this.moments.mean;
  }

  /** Standard deviation with divisor N. */
  get deviation(): number {
    return Math.sqrt(this.moments.variance);
  }

  /** Standard deviation with divisor N - 1. */
  get sampleDeviation(): number {
    return Math.sqrt(this.moments.variance * this.n / (this.n - 1));
  }

  /** `|value - median|`, ascending. */
  get medianDeviations(): Float64Array {
    if (this.#deviations === undefined) {
      const { sorted, median, n } = this;
      // Both sides of the sorted values ascend outwards from the median, so a merge does the work of a sort.
      const merged = new Float64Array(n);
      let right = 0;
      while (right < n && sorted[right] < median) right++;
      let left = right - 1;
      for (let k = 0; k < n; k++) {
        const above = right < n ? sorted[right] - median : Infinity;
        const below = left >= 0 ? median - sorted[left] : Infinity;
        if (below <= above) {
          merged[k] = below;
          left--;
        } else {
          merged[k] = above;
          right++;
        }
      }
      this.#deviations = merged;
    }
    return this.#deviations;
  }

  /** Mean, chi square about it and total weight, with weights `1 / error^2`. */
  get weighted(): { mean: number; chiSquare: number; totalWeight: number } {
    if (this.#weighted === undefined) {
      const { value, n } = this;
      const error = this.errors;
      let totalWeight = 0;
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const weight = 1 / (error[i] * error[i]);
        totalWeight += weight;
        sum += weight * value[i];
      }
      const mean = sum / totalWeight;
      let chiSquare = 0;
      for (let i = 0; i < n; i++) {
        const d = (value[i] - mean) / error[i];
        chiSquare += d * d;
      }
      this.#weighted = { mean, chiSquare, totalWeight };
    }
    return this.#weighted;
  }

  /** The errors, for a feature that has declared that it needs them. */
  get errors(): Float64Array {
    demand(this.error !== undefined, { expected: "errors", found: "a curve without them", where: "feature" });
    return this.error;
  }

  /** Whether all values are equal. */
  get constant(): boolean {
    const { value, n } = this;
    for (let i = 1; i < n; i++) if (value[i] !== value[0]) return false;
    return true;
  }

  /** The three prewhitened periods and their Fourier components. */
  get periods(): PeriodSearch {
    return this.#periods ??= searchPeriods(this, this.settings);
  }

  /** The same by the procedure of the original FATS. */
  get fatsPeriods(): PeriodSearch {
    return this.#fatsPeriods ??= searchPeriodsAsFats(this);
  }

  /** The values in order of phase on the given period. */
  folded(period: number): Float64Array {
    let values = this.#folds.get(period);
    if (values === undefined) {
      values = fold({ time: this.time, value: this.value }, period).value;
      this.#folds.set(period, values);
    }
    return values;
  }

  /** A result kept under a name: for work that the features of one file share. */
  keep<T>(name: string, compute: () => T): T {
    if (!this.#kept.has(name)) this.#kept.set(name, compute());
    return this.#kept.get(name) as T;
  }
}
