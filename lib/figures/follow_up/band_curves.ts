import * as Plot from "@observablehq/plot";
import { demand } from "../../core/mod.ts";
import { type ChartOptions, textOf } from "../charts/options.ts";
import { type Figure, figure } from "../figure.ts";
import { CLASS_DASHES, classColour } from "../palettes.ts";

/** A curve with an interval around each of its points. */
export interface BandCurve {
  label: string;
  /** Ascending. */
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** Lower and upper ends of the intervals; a curve without them is drawn alone. */
  low?: ArrayLike<number>;
  high?: ArrayLike<number>;
}

/** Options of {@link bandCurves}. */
export interface BandCurveOptions extends ChartOptions {
  xLabel?: string;
  yLabel?: string;
  /** A value to draw a thin line at, e.g. what chance gives. */
  reference?: number;
}

/**
 * Returns curves with shaded intervals, e.g. what a strategy gains against the number of spectra.
 *
 * @throws EphemeraError when a curve's columns differ in length
 *
 * @example
 * ```ts
 * import { bandCurves } from "ephemera/figures/follow_up";
 * import assert from "node:assert/strict";
 * const drawn = bandCurves([{ label: "entropy", x: [1, 2], y: [3, 4], low: [2, 3], high: [4, 5] }], { xLabel: "spectra" });
 * assert.ok(drawn.alt.includes("entropy from 3 to 4"));
 * ```
 */
export function bandCurves(curves: readonly BandCurve[], options: BandCurveOptions = {}): Figure {
  const { xLabel = "x", yLabel = "y", reference } = options;
  for (const { label, x, y, low = y, high = y } of curves) {
    demand(x.length > 0 && [y, low, high].every((column) => column.length === x.length), {
      expected: "as many values as places, and at least one",
      found: `${x.length} places, ${y.length} values, ${low.length} and ${high.length} ends`,
      where: `curve "${label}"`,
    });
  }
  const rows = curves.map(({ x, y, low, high }) =>
    Array.from(x, (place, k) => ({ x: place, y: y[k], low: low?.[k] ?? y[k], high: high?.[k] ?? y[k] }))
  );
  const ends = curves.map(({ label, y }) =>
    `${label} from ${Number(y[0].toPrecision(3))} to ${Number(y[y.length - 1].toPrecision(3))}`
  );
  return figure({
    ...textOf(options),
    alt: options.alt ?? `${options.title ?? yLabel}, against ${xLabel}: ${ends.join("; ")}`,
    width: options.width ?? 520,
    height: options.height ?? 320,
    marginLeft: 56,
    marginRight: 16,
    legend: curves.map(({ label }, i) => ({
      label,
      colour: classColour(i),
      kind: "line",
      dash: CLASS_DASHES[i % CLASS_DASHES.length],
    })),
    x: { label: xLabel },
    y: { label: yLabel, grid: true },
    marks: [
      ...(reference === undefined
        ? []
        : [Plot.ruleY([reference], { stroke: "#777", strokeDasharray: "2 3" })]),
      ...rows.flatMap((row, i) =>
        curves[i].low === undefined ? [] : [Plot.areaY(row, {
          x: "x",
          y1: "low",
          y2: "high",
          fill: classColour(i),
          fillOpacity: 0.15,
        })]
      ),
      ...rows.map((row, i) =>
        Plot.line(row, {
          x: "x",
          y: "y",
          stroke: classColour(i),
          strokeWidth: 1.8,
          strokeDasharray: CLASS_DASHES[i % CLASS_DASHES.length] || undefined,
        })
      ),
      ...rows.map((row, i) =>
        row.length < 12 ? Plot.dot(row, { x: "x", y: "y", r: 2.5, fill: classColour(i) }) : null
      ),
    ],
  });
}
