import type { CurveWork } from "./curve_work.ts";

/** What a feature needs of a curve. Each claim is held by a test that breaks it. */
export interface FeatureNeeds {
  /** The times themselves enter, not just the order they give. */
  time: boolean;
  /** Which value comes after which enters. */
  order: boolean;
  /**
   * `true`: the errors enter and without them the feature is refused; `"optional"`: they are weights when
   * present.
   */
  errors: boolean | "optional";
  /** A constant curve is refused, because the value would be a division by zero. */
  variability: boolean;
  /** The least number of points. */
  minimumPoints: number;
}

/** One feature, or a close family that is computed at once, of a curve in one band. */
export interface Feature {
  /** Name in the registry. */
  name: string;
  /** Names of the numbers, in the order `compute` returns them. */
  outputs: readonly string[];
  /** What it needs of a curve. */
  needs: FeatureNeeds;
  /** The definition in one line. */
  formula: string;
  /** Where it comes from. */
  reference: string;
  /** The default definition. */
  compute(work: CurveWork): number | ArrayLike<number>;
  /** What the original FATS returns, where that is not the default. */
  fats?(work: CurveWork): number | ArrayLike<number>;
  /** Points that the original FATS needs, where that is not `needs.minimumPoints`. */
  fatsMinimumPoints?: number;
}
