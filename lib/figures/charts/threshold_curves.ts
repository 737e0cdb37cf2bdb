import * as Plot from "@observablehq/plot";
import { demand } from "../../core/mod.ts";
import { type Figure, figure } from "../figure.ts";
import { CLASS_DASHES, classColour } from "../palettes.ts";
import { type ChartOptions, textOf, thinnedPlaces } from "./options.ts";

/** A marked place on a curve: a threshold in use. */
export interface MarkedPoint {
  x: number;
  y: number;
  label: string;
}

/** Precision against recall of one score. */
export interface PrecisionRecall {
  label: string;
  /** Recall at each threshold, 0 to 1. */
  recall: ArrayLike<number>;
  /** Precision at each threshold, 0 to 1. */
  precision: ArrayLike<number>;
  /** Area under the curve, for the legend. */
  area?: number;
}

/** True against false positives of one score. */
export interface ReceiverOperating {
  label: string;
  /** False-positive rate at each threshold, 0 to 1. */
  falsePositiveRate: ArrayLike<number>;
  /** True-positive rate at each threshold, 0 to 1. */
  truePositiveRate: ArrayLike<number>;
  /** Area under the curve, for the legend. */
  area?: number;
}

/** Options of {@link precisionRecallCurve} and {@link rocCurve}. */
export interface ThresholdCurveOptions extends ChartOptions {
  /** Thresholds to mark: x and y in the units of the axes. */
  points?: readonly MarkedPoint[];
}

/** Options of {@link precisionRecallCurve}. */
export interface PrecisionRecallOptions extends ThresholdCurveOptions {
  /** Share of positives: the precision of a score that knows nothing, drawn dashed. */
  prevalence?: number;
}

/**
 * Returns precision against recall of one or several scores.
 *
 * @example
 * ```ts
 * import { precisionRecallCurve } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const drawn = precisionRecallCurve([{ label: "energy", recall: [0, 0.5, 1], precision: [1, 0.8, 0.4], area: 0.78 }]);
 * assert.ok(drawn.svg.includes("energy, area 0.780"));
 * ```
 */
export function precisionRecallCurve(
  curves: readonly PrecisionRecall[],
  options: PrecisionRecallOptions = {},
): Figure {
  const { prevalence } = options;
  return thresholdCurves(
    curves.map((curve) => ({ label: curve.label, x: curve.recall, y: curve.precision, area: curve.area })),
    { name: "Precision against recall", x: "recall", y: "precision" },
    options,
    prevalence === undefined ? [] : [
      Plot.ruleY([prevalence], { stroke: "#777", strokeDasharray: "2 3" }),
      Plot.text([`share of positives ${prevalence.toFixed(2)}`], {
        x: 0.01,
        y: prevalence,
        dy: -7,
        textAnchor: "start",
        fill: "#777",
        fontSize: 10,
      }),
    ],
  );
}

/**
 * Returns the true-positive rate against the false-positive rate of one or several scores, chance dashed.
 *
 * @example
 * ```ts
 * import { rocCurve } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const drawn = rocCurve([{ label: "energy", falsePositiveRate: [0, 0.2, 1], truePositiveRate: [0, 0.9, 1] }]);
 * assert.ok(drawn.svg.includes("false-positive rate"));
 * ```
 */
export function rocCurve(curves: readonly ReceiverOperating[], options: ThresholdCurveOptions = {}): Figure {
  return thresholdCurves(
    curves.map((c) => ({ label: c.label, x: c.falsePositiveRate, y: c.truePositiveRate, area: c.area })),
    { name: "Receiver operating characteristic", x: "false-positive rate", y: "true-positive rate" },
    options,
    [Plot.line([[0, 0], [1, 1]], { stroke: "#777", strokeDasharray: "2 3" })],
  );
}

interface ThresholdCurve {
  label: string;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  area?: number;
}

function thresholdCurves(
  curves: readonly ThresholdCurve[],
  words: { name: string; x: string; y: string },
  options: ThresholdCurveOptions,
  below: Plot.Markish[],
): Figure {
  for (const curve of curves) {
    demand(curve.x.length === curve.y.length, {
      expected: `as many values of ${words.y} as of ${words.x}`,
      found: `${curve.y.length} and ${curve.x.length}`,
      where: curve.label,
    });
  }
  const labels = curves.map((c) => c.area === undefined ? c.label : `${c.label}, area ${c.area.toFixed(3)}`);
  return figure({
    ...textOf(options),
    alt: options.alt ?? `${options.title ?? words.name}: ${labels.join("; ")}`,
    width: options.width ?? 420,
    height: options.height ?? 360,
    marginLeft: 44,
    marginRight: 14,
    legend: labels.map((label, i) => ({
      label,
      colour: classColour(i),
      kind: "line",
      dash: CLASS_DASHES[i % 12],
    })),
    x: { label: words.x, domain: [0, 1] },
    y: { label: words.y, domain: [0, 1] },
    marks: [
      Plot.frame({ stroke: "#999" }),
      ...below,
      ...curves.map((curve, i) =>
        Plot.line(thinnedPlaces(curve.x.length, 500).map((k) => [curve.x[k], curve.y[k]]), {
          stroke: classColour(i),
          strokeWidth: 1.8,
          strokeDasharray: CLASS_DASHES[i % 12] || undefined,
          clip: true,
        })
      ),
      Plot.dot(options.points ?? [], { x: "x", y: "y", r: 4, stroke: "black", fill: "white" }),
      ...(options.points ?? []).map((point) =>
        Plot.text([point], {
          x: "x",
          y: "y",
          text: "label",
          dx: point.x > 0.6 ? -8 : 8,
          textAnchor: point.x > 0.6 ? "end" : "start",
          stroke: "white",
          strokeWidth: 3,
          fill: "black",
        })
      ),
    ],
  });
}
