import * as Plot from "@observablehq/plot";
import { type Figure, figure } from "../figure.ts";
import { CLASS_DASHES, classColour, mixColours } from "../palettes.ts";
import { type ChartOptions, textOf, thinnedPlaces } from "./options.ts";

/** One run's loss. */
export interface LossCurve {
  label: string;
  /** Loss of each epoch or step. */
  values: ArrayLike<number>;
  /** Where each value stands: epochs, seconds. Default 1, 2, 3, … */
  x?: ArrayLike<number>;
  /** CSS colour. Default: a class colour. */
  colour?: string;
  /** SVG dash pattern. Default: by place. */
  dash?: string;
}

/** Options of {@link lossCurves}. */
export interface LossCurvesOptions extends ChartOptions {
  /** Logarithmic horizontal axis. Default false. */
  logX?: boolean;
  /** Logarithmic loss axis, where all losses are positive. Default true. */
  logY?: boolean;
  /**
   * How many neighbours the running mean takes that is drawn over the paler raw values; 1 draws the raw values alone.
   * It is centred, so that it does not lag. Default: a twenty-fifth of a run of more than 60 values, otherwise 1.
   */
  window?: number;
  /** Label of the horizontal axis. Default `"epoch"`. */
  xLabel?: string;
  /** Label of the loss. Default `"loss"`. */
  lossLabel?: string;
}

/** As many points as a line of this width shows. */
const MOST_POINTS = 400;

/**
 * Returns losses of several runs against epochs or time, raw values pale below their running mean.
 *
 * @example
 * ```ts
 * import { lossCurves } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const drawn = lossCurves([{ label: "joint", values: [1, 0.5, 0.3] }, { label: "sequential", values: [1.2, 0.9, 0.8] }]);
 * assert.ok(drawn.svg.includes("sequential"));
 * ```
 */
export function lossCurves(runs: readonly LossCurve[], options: LossCurvesOptions = {}): Figure {
  const { logX = false, xLabel = "epoch", lossLabel = "loss" } = options;
  const positive = runs.every((run) => Array.from(run.values).every((value) => !(value <= 0)));
  const logY = (options.logY ?? true) && positive;
  const marks: Plot.Markish[] = [Plot.frame({ stroke: "#999" })];
  const smooth: Plot.Markish[] = [];
  runs.forEach((run, i) => {
    const colour = run.colour ?? classColour(i), dash = run.dash ?? CLASS_DASHES[i % CLASS_DASHES.length];
    const window = options.window ?? (run.values.length > 60 ? Math.round(run.values.length / 25) : 1);
    const places = thinnedPlaces(run.values.length, MOST_POINTS);
    const at = (values: ArrayLike<number>) => places.map((k) => ({ x: run.x?.[k] ?? k + 1, y: values[k] }));
    const raw = window > 1 ? mixColours(hexOf(colour), "#ffffff", 0.65) : colour;
    const strokeDasharray = dash || undefined;
    marks.push(Plot.line(at(run.values), {
      x: "x",
      y: "y",
      stroke: raw,
      strokeWidth: window > 1 ? 1 : 1.8,
      strokeDasharray: window > 1 ? undefined : strokeDasharray,
    }));
    if (window > 1) {
      const mean = runningMean(run.values, window);
      smooth.push(Plot.line(at(mean), { x: "x", y: "y", stroke: colour, strokeWidth: 1.8, strokeDasharray }));
    }
  });
  return figure({
    ...textOf(options),
    alt: options.alt ?? `${options.title ?? "Loss"}: ${runs.map(describe).join("; ")}`,
    width: options.width,
    height: options.height ?? 280,
    marginLeft: 52,
    legend: runs.map((run, i) => ({
      label: run.label,
      colour: run.colour ?? classColour(i),
      kind: "line",
      dash: run.dash ?? CLASS_DASHES[i % CLASS_DASHES.length],
    })),
    x: { label: xLabel, type: logX ? "log" : "linear", ...(logX ? { tickFormat: "~g", ticks: 6 } : {}) },
    y: { label: lossLabel, type: logY ? "log" : "linear", ...(logY ? { tickFormat: "~g", ticks: 5 } : {}) },
    marks: [...marks, ...smooth],
  });
}

/** Mean over the finite values of a centred window, which shrinks at the ends. */
function runningMean(values: ArrayLike<number>, window: number): number[] {
  const reach = Math.floor(window / 2);
  return Array.from(values, (_, i) => {
    const half = Math.min(reach, i, values.length - 1 - i);
    let sum = 0, count = 0;
    for (let k = i - half; k <= i + half; k++) {
      if (Number.isFinite(values[k])) {
        sum += values[k];
        count++;
      }
    }
    return count > 0 ? sum / count : NaN;
  });
}

const hexOf = (colour: string) => /^#[0-9a-f]{6}$/i.test(colour) ? colour : "#666666";

function describe(run: LossCurve): string {
  const last = run.values[run.values.length - 1];
  return `${run.label}, ${run.values.length} values, from ${run.values[0]?.toPrecision(3)} to ${
    last?.toPrecision(3)
  }`;
}
