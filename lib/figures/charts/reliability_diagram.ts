import * as Plot from "@observablehq/plot";
import { type Figure, figure } from "../figure.ts";
import { CLASS_SYMBOLS, classColour, mixColours } from "../palettes.ts";
import { type ChartOptions, textOf } from "./options.ts";

/** One bin of predicted probabilities. */
export interface ReliabilityBin {
  /** Mean predicted probability in the bin. */
  predicted: number;
  /** Share of the bin that was right. */
  observed: number;
  /** How many predictions fell into the bin. */
  count: number;
  /** Lower end of an interval for `observed`. */
  lower?: number;
  /** Upper end of an interval for `observed`. */
  upper?: number;
}

/** Bins of one classifier. */
export interface ReliabilityCurve {
  label: string;
  bins: readonly ReliabilityBin[];
  /** Expected calibration error, for the legend. */
  error?: number;
}

/**
 * Returns how often predictions of each confidence were right: calibrated probabilities lie on the diagonal. The bars
 * at the foot show how the predictions of the first curve are spread.
 *
 * @example
 * ```ts
 * import { reliabilityDiagram } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const bins = [{ predicted: 0.55, observed: 0.5, count: 20 }, { predicted: 0.9, observed: 0.85, count: 80 }];
 * assert.ok(reliabilityDiagram([{ label: "forest", bins, error: 0.05 }]).svg.includes("forest, error 0.050"));
 * ```
 */
export function reliabilityDiagram(curves: readonly ReliabilityCurve[], options: ChartOptions = {}): Figure {
  const labels = curves.map((c) =>
    c.error === undefined ? c.label : `${c.label}, error ${c.error.toFixed(3)}`
  );
  const spread = curves[0]?.bins ?? [], most = Math.max(1, ...spread.map((bin) => bin.count));
  return figure({
    ...textOf(options),
    alt: options.alt ?? `${options.title ?? "Reliability"}: ${labels.join("; ")}`,
    width: options.width ?? 420,
    height: options.height ?? 360,
    marginLeft: 44,
    marginRight: 14,
    legend: labels.map((label, i) => ({ label, colour: classColour(i), symbol: CLASS_SYMBOLS[i % 12] })),
    x: { label: "predicted probability", domain: [0, 1] },
    y: { label: "share that was right", domain: [0, 1] },
    marks: [
      Plot.frame({ stroke: "#999" }),
      Plot.ruleX(spread, {
        x: "predicted",
        y1: 0,
        y2: (bin: ReliabilityBin) => 0.18 * bin.count / most,
        stroke: "#d4d4d4",
        strokeWidth: 14,
      }),
      Plot.line([[0, 0], [1, 1]], { stroke: "#777", strokeDasharray: "2 3" }),
      ...curves.flatMap((curve, i) => {
        const bins = curve.bins.filter((bin) => bin.count > 0);
        const bounded = bins.filter((bin) => bin.lower !== undefined && bin.upper !== undefined);
        const pale = mixColours(classColour(i), "#ffffff", 0.4);
        return [
          Plot.ruleX(bounded, {
            x: "predicted",
            y1: "lower",
            y2: "upper",
            stroke: pale,
            strokeWidth: 1.5,
            clip: true,
          }),
          Plot.line(bins, { x: "predicted", y: "observed", stroke: classColour(i), strokeWidth: 1.4 }),
          Plot.dot(bins, {
            x: "predicted",
            y: "observed",
            r: 3.5,
            fill: classColour(i),
            symbol: CLASS_SYMBOLS[i % 12] as Plot.SymbolType,
          }),
        ];
      }),
    ],
  });
}
