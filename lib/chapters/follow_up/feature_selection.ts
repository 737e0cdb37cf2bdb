/** Which features x_t and x_s are made of: nested prefixes by importance, scored by held-out accuracy (section 5.3). */
import { demand, parallelMap, type ProgressReporter } from "../../core/mod.ts";
import { checkLabels, checkTable, folds, type LabelInput, RandomForestClassifier } from "../../learn/mod.ts";
import type { Matrix } from "../../numerics/mod.ts";
import { type FeatureSelectionOptions, PAPER } from "./configuration.ts";
import type { PrefixTask } from "./prefix_accuracy.ts";

/** Features in the order of their importance, and how well each prefix of that order classifies. */
export interface FeatureCurve {
  /** All features, most important first. */
  names: readonly string[];
  /** Importance of each, with sum 1; NaN where an order was given. */
  importances: Float64Array;
  /** Numbers of features that were scored, ascending. */
  steps: readonly number[];
  /** Held-out accuracy with the first `steps[k]` features: the mean over folds, as the paper's. */
  accuracies: Float64Array;
}

/** Options of {@link featureCurve}. */
export interface FeatureCurveOptions extends Partial<Omit<FeatureSelectionOptions, "share">> {
  seed: number | string;
  /** Order to take instead of that of a forest's importances, for instance a published one. */
  order?: readonly string[];
  /** Numbers of features to score. Default: 1, 2, ..., all. */
  steps?: readonly number[];
  /** Workers; default one a core. The result is the same for any number. */
  workers?: number;
  /** Told after each forest. */
  progress?: ProgressReporter;
}

/**
 * Resolves to the accuracy of every prefix of the features, most important first (Gini importance of one forest on all).
 * Forests of the same step see the same folds.
 *
 * @param x one row an object, finite.
 * @param names names of the columns.
 * @throws EphemeraError on a table that a forest cannot use, an unknown name, or a step out of range
 */
export async function featureCurve(
  x: Matrix,
  names: readonly string[],
  labels: LabelInput,
  options: FeatureCurveOptions,
): Promise<FeatureCurve> {
  const where = "featureCurve";
  const { trees, folds: count, shuffle, seed, workers, progress } = { ...PAPER.selection, ...options };
  checkTable(x, where, { columns: names.length });
  const encoded = checkLabels(x, labels, where);
  let order = options.order, importances: Float64Array;
  if (order === undefined) {
    const forest = await new RandomForestClassifier({ seed: `${seed}/ranking`, trees, workers }).fit(
      x,
      encoded,
    );
    const ranked = names.map((name, j) => ({ name, weight: forest.importances[j] }))
      .sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1));
    order = ranked.map(({ name }) => name);
    importances = Float64Array.from(ranked, ({ weight }) => weight);
  } else {
    importances = new Float64Array(order.length).fill(NaN);
  }
  const columns = order.map((name) => {
    const column = names.indexOf(name);
    demand(column >= 0, { expected: `one of the features ${names.join(", ")}`, found: `"${name}"`, where });
    return column;
  });
  const steps = options.steps ?? columns.map((_, k) => k + 1);
  for (const step of steps) {
    demand(Number.isInteger(step) && step >= 1 && step <= columns.length, {
      expected: `numbers of features from 1 to ${columns.length}`,
      found: `${step}`,
      where,
    });
  }
  const splits = folds(x.rows, count, { labels: encoded, ...(shuffle ? { seed: `${seed}/folds` } : {}) });
  const tasks: PrefixTask[] = steps.flatMap((step) =>
    splits.map((_, fold) => ({ columns: columns.slice(0, step), fold }))
  );
  const found = await parallelMap<PrefixTask, number>(
    import.meta.resolve("./prefix_accuracy.ts"),
    "prefixAccuracy",
    tasks,
    { workers, progress, shared: { x, labels: encoded, splits, trees, seed: `${seed}` } },
  );
  const accuracies = Float64Array.from(steps, (_, s) => {
    let sum = 0;
    for (let f = 0; f < count; f++) sum += found[s * count + f];
    return sum / count;
  });
  return { names: order, importances, steps, accuracies };
}

/** What {@link chooseFeatures} found. */
export interface ChosenFeatures {
  names: readonly string[];
  /** Held-out accuracy with them. */
  accuracy: number;
  /** How far the accuracy is on the way from the worst to the best prefix, from 0 to 1. */
  shareOfRange: number;
}

/**
 * Returns the smallest scored prefix whose accuracy is above `share` of the way from the worst to the best (the 90 % rule
 * of section 5.3). When all prefixes do equally well, the first.
 *
 * @example
 * ```ts
 * import { chooseFeatures } from "ephemera/chapters/follow_up";
 * import assert from "node:assert/strict";
 * const curve = {
 *   names: ["period", "amplitude", "colour"],
 *   importances: Float64Array.of(0.6, 0.3, 0.1),
 *   steps: [1, 2, 3],
 *   accuracies: Float64Array.of(0.7, 0.89, 0.9),
 * };
 * assert.deepEqual(chooseFeatures(curve).names, ["period", "amplitude"]); // 95 % of the way
 * ```
 */
export function chooseFeatures(curve: FeatureCurve, share: number = PAPER.selection.share): ChosenFeatures {
  const { names, steps, accuracies } = curve;
  demand(accuracies.length > 0 && accuracies.length === steps.length, {
    expected: "an accuracy for each step, at least one",
    found: `${accuracies.length} for ${steps.length}`,
    where: "chooseFeatures",
  });
  const worst = Math.min(...accuracies), range = Math.max(...accuracies) - worst;
  const shareAt = (k: number) => range === 0 ? 1 : (accuracies[k] - worst) / range;
  const k = steps.findIndex((_, k) => shareAt(k) > share);
  return { names: names.slice(0, steps[k]), accuracy: accuracies[k], shareOfRange: shareAt(k) };
}
