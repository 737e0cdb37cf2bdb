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
   * Share of the past in the exponential mean that is drawn over the paler raw values, 0 to below 1; 0 draws the raw
   * values alone. Default 0.9 for more than 60 values, otherwise 0.
   */
  smoothing?: number;
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
    const smoothing = options.smoothing ?? (run.values.length > 60 ? 0.9 : 0);
    const places = thinnedPlaces(run.values.length, MOST_POINTS);
    const at = (values: ArrayLike<number>) => places.map((k) => ({ x: run.x?.[k] ?? k + 1, y: values[k] }));
    const raw = smoothing > 0 ? mixColours(hexOf(colour), "#ffffff", 0.65) : colour;
    const strokeDasharray = dash || undefined;
    marks.push(Plot.line(at(run.values), {
      x: "x",
      y: "y",
      stroke: raw,
      strokeWidth: smoothing > 0 ? 1 : 1.8,
      strokeDasharray: smoothing > 0 ? undefined : strokeDasharray,
    }));
    if (smoothing > 0) {
      const mean = exponentialMean(run.values, smoothing);
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

/** Mean with weights that fall by `share` a step, without the bias of the first steps (as Adam's moments). */
function exponentialMean(values: ArrayLike<number>, share: number): number[] {
  let sum = 0, weight = 0;
  return Array.from(values, (value) => {
    if (Number.isFinite(value)) {
      sum = share * sum + (1 - share) * value;
      weight = share * weight + (1 - share);
    }
    return weight > 0 ? sum / weight : NaN;
  });
}

const hexOf = (colour: string) => /^#[0-9a-f]{6}$/i.test(colour) ? colour : "#666666";

function describe(run: LossCurve): string {
  const last = run.values[run.values.length - 1];
  return `${run.label}, ${run.values.length} values, from ${run.values[0]?.toPrecision(3)} to ${
    last?.toPrecision(3)
  }`;
}
