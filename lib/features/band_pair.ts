import { demand, EphemeraError } from "../core/mod.ts";
import { type Curve, demandCurve } from "../signal/mod.ts";
import { CurveWork } from "./curve_work.ts";
import { etaWeighted } from "./eta.ts";
import type { FeatureNeeds } from "./feature.ts";
import { quartileRange } from "./percentile_range.ts";

/** Two bands of one object: each whole, and both at the times they share. */
export class BandPair {
  /** The first band, whole. */
  readonly first: Curve;
  /** The second band, whole. */
  readonly second: Curve;
  #shared?: { time: Float64Array; first: Curve; second: Curve };

  /**
   * Refuses a band that no formula can use.
   *
   * @param tolerance days within which two observations count as simultaneous. Default 0: equal times.
   */
  constructor(first: Curve, second: Curve, readonly tolerance = 0, where?: string) {
    demandCurve(first, {
      ascending: true,
      where: where === undefined ? "first band" : `${where}, first band`,
    });
    demandCurve(second, {
      ascending: true,
      where: where === undefined ? "second band" : `${where}, second band`,
    });
    this.first = first;
    this.second = second;
  }

  /**
   * Both curves at the shared times: each observation of the first with the nearest unused one of the second
   * in reach.
   */
  get shared(): { time: Float64Array; first: Curve; second: Curve } {
    if (this.#shared === undefined) {
      const { first, second, tolerance } = this;
      const rows: [number, number][] = [];
      let j = 0;
      for (let i = 0; i < first.time.length; i++) {
        const t = first.time[i];
        while (j < second.time.length && second.time[j] < t - tolerance) j++;
        if (j >= second.time.length || second.time[j] > t + tolerance) continue;
        while (
          j + 1 < second.time.length && Math.abs(second.time[j + 1] - t) < Math.abs(second.time[j] - t)
        ) j++;
        rows.push([i, j++]);
      }
      const pick = (curve: Curve, side: 0 | 1): Curve => ({
        time: Float64Array.from(rows, (r) => curve.time[r[side]]),
        value: Float64Array.from(rows, (r) => curve.value[r[side]]),
        ...(curve.error ? { error: Float64Array.from(rows, (r) => curve.error![r[side]]) } : {}),
      });
      const one = pick(first, 0);
      this.#shared = { time: one.time, first: one, second: pick(second, 1) };
    }
    return this.#shared;
  }

  /** The colour at the shared times: first minus second. */
  get color(): Curve {
    const { time, first, second } = this.shared;
    return { time, value: first.value.map((v, i) => v - second.value[i]) };
  }
}

/**
 * A feature of two bands. `minimumPoints` counts shared times, or the points of each band where `shared` is
 * false.
 */
export interface PairFeature {
  /** Name in the registry. */
  name: string;
  /** Name of its one number. */
  outputs: readonly string[];
  /** What it needs; `shared` when it looks at simultaneous observations only. */
  needs: FeatureNeeds & { shared: boolean };
  /** The definition in one line. */
  formula: string;
  /** Where it comes from. */
  reference: string;
  /** The value. */
  compute(pair: BandPair): number;
}

/** Difference of the mean values of the two bands. */
const color: PairFeature = {
  name: "Color",
  outputs: ["Color"],
  needs: { time: false, order: false, errors: false, variability: false, minimumPoints: 1, shared: false },
  formula: "mean m_1 - mean m_2",
  reference: "Kim et al. 2011, ApJ 735, 68",
  compute: ({ first, second }) => new CurveWork(first).mean - new CurveWork(second).mean,
};

/** The weighted von Neumann ratio of the colour curve. */
const etaColor: PairFeature = {
  name: "Eta_color",
  outputs: ["Eta_color"],
  needs: { time: true, order: true, errors: false, variability: true, minimumPoints: 2, shared: true },
  formula: "Eta_e of m_1 - m_2",
  reference: "Kim et al. 2014, A&A 566, A43",
  compute: (pair) => etaWeighted.compute(new CurveWork(pair.color)) as number,
};

/** The distance between the quartiles of the colour. */
const quartileColor: PairFeature = {
  name: "Q31_color",
  outputs: ["Q31_color"],
  needs: { time: true, order: true, errors: false, variability: false, minimumPoints: 1, shared: true },
  formula: "Q(0.75) - Q(0.25) of m_1 - m_2",
  reference: "Kim et al. 2014, A&A 566, A43",
  compute: (pair) => quartileRange.compute(new CurveWork(pair.color)) as number,
};

/** Products of the two bands' deviations in units of their errors, `N / (N - 1)` included. */
function products({ shared: { first, second } }: BandPair): Float64Array {
  const one = new CurveWork(first);
  const two = new CurveWork(second);
  const { n } = one;
  const scale = n / (n - 1);
  return first.value.map((_, i) =>
    scale * (one.value[i] - one.weighted.mean) / one.errors[i] * (two.value[i] - two.weighted.mean) /
    two.errors[i]
  );
}

function jIndex(product: Float64Array): number {
  let sum = 0;
  for (const p of product) sum += Math.sign(p) * Math.sqrt(Math.abs(p));
  return sum / product.length;
}

/** Stetson's J: positive when both bands deviate together, near 0 for noise. */
const stetsonJ: PairFeature = {
  name: "StetsonJ",
  outputs: ["StetsonJ"],
  needs: { time: true, order: true, errors: true, variability: false, minimumPoints: 2, shared: true },
  formula: "mean sign(p) sqrt|p|, p = d_1 d_2, d = sqrt(N / (N - 1)) (m - wm) / e",
  reference: "Stetson 1996, PASP 108, 851",
  compute: (pair) => jIndex(products(pair)),
};

/** Stetson's L: J times the K of the products over its Gaussian value. */
const stetsonL: PairFeature = {
  name: "StetsonL",
  outputs: ["StetsonL"],
  needs: { time: true, order: true, errors: true, variability: false, minimumPoints: 2, shared: true },
  formula: "J K / 0.798, K = sum |p| / sqrt(N sum p^2)",
  reference: "Stetson 1996, PASP 108, 851; Kim et al. 2011, ApJ 735, 68",
  compute(pair) {
    const product = products(pair);
    let absolute = 0;
    let squares = 0;
    for (const p of product) {
      absolute += Math.abs(p);
      squares += p * p;
    }
    if (squares === 0) {
      throw new EphemeraError({
        expected: "bands that deviate together somewhere",
        found: "none",
        where: "StetsonL",
      });
    }
    return jIndex(product) * absolute / Math.sqrt(product.length * squares) / 0.798;
  },
};

/** The two-band features of FATS by name. */
export const pairFeatures: ReadonlyMap<string, PairFeature> = new Map(
  [color, etaColor, quartileColor, stetsonJ, stetsonL].map((feature) => [feature.name, feature]),
);

/**
 * One two-band feature, after its declared needs have been checked.
 *
 * @throws EphemeraError when there are too few shared times or points, errors are missing, or the colour is
 * constant.
 */
export function computePairFeature(feature: PairFeature, pair: BandPair): number {
  const { needs, name } = feature;
  const found = needs.shared
    ? pair.shared.time.length
    : Math.min(pair.first.time.length, pair.second.time.length);
  demand(found >= needs.minimumPoints, () => ({
    expected: `at least ${needs.minimumPoints} ${needs.shared ? "shared times" : "points in each band"}`,
    found: `${found}`,
    where: name,
    remedy: needs.shared ? "allow a tolerance between the bands' times" : "leave the object out",
  }));
  demand(
    needs.errors !== true || (pair.first.error !== undefined && pair.second.error !== undefined),
    () => ({
      expected: "errors in both bands",
      found: "a band without them",
      where: name,
    }),
  );
  if (needs.variability && new CurveWork(pair.color).constant) {
    throw new EphemeraError({
      expected: "a colour that varies",
      found: `${found} equal colours`,
      where: name,
    });
  }
  return feature.compute(pair);
}
