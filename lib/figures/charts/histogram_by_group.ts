import * as Plot from "@observablehq/plot";
import { demand } from "../../core/mod.ts";
import { type Figure, figure } from "../figure.ts";
import { CLASS_DASHES, classColour } from "../palettes.ts";
import { textWidth } from "../text.ts";
import { type ChartOptions, textOf } from "./options.ts";

/** One histogram of several. */
export interface HistogramGroup {
  label: string;
  values: ArrayLike<number>;
  /** CSS colour. Default: a class colour. */
  colour?: string;
}

/** A vertical line with its label. */
export interface CutOff {
  value: number;
  label: string;
}

/** Options of {@link histogramByGroup}. */
export interface HistogramOptions extends ChartOptions {
  /** How many bins over the range. Default 50. */
  bins?: number;
  /** From where to where; values outside fall into the outermost bins. Default: all of the values. */
  range?: readonly [number, number];
  /** `"density"` makes each histogram's area 1, `"share"` its sum. Default `"share"`. */
  normalise?: "count" | "share" | "density";
  /** Axis label of the values. */
  valueLabel?: string;
  /** Lines at thresholds. */
  cutOffs?: readonly CutOff[];
}

/**
 * Returns histograms of several groups over each other, with labelled vertical lines at thresholds.
 *
 * @example
 * ```ts
 * import { histogramByGroup } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const drawn = histogramByGroup([
 *   { label: "known", values: [1, 2, 2, 3] },
 *   { label: "novel", values: [3, 4, 5] },
 * ], { bins: 5, cutOffs: [{ value: 3.2, label: "95th percentile" }] });
 * assert.ok(drawn.svg.includes("95th percentile"));
 * ```
 */
export function histogramByGroup(groups: readonly HistogramGroup[], options: HistogramOptions = {}): Figure {
  const { bins = 50, normalise = "share", cutOffs = [], width = 640 } = options;
  demand(groups.length > 0 && bins >= 1, {
    expected: "at least one group and one bin",
    found: "none",
    where: "histogramByGroup",
  });
  const all = groups.map((group) => Array.from(group.values).filter(Number.isFinite));
  const [low, high] = options.range ?? extent(all);
  const step = (high - low) / bins;
  const colour = (i: number) => groups[i].colour ?? classColour(i);
  const outlines = all.map((values) => outline(values, low, step, bins, normalise));
  const top = Math.max(...outlines.flat().map((corner) => corner.y), 0);
  const rows = stagger(cutOffs, low, high, width);
  const rowCount = Math.max(0, ...rows) + (cutOffs.length > 0 ? 1 : 0);
  const label = { count: "objects", share: "share of the group", density: "density" }[normalise];
  return figure({
    ...textOf(options),
    alt: options.alt ??
      `${options.title ?? "Histograms"}: ${
          groups.map((group, i) => `${group.label} (${all[i].length})`).join(", ")
        }` +
        (cutOffs.length > 0
          ? `; lines at ${cutOffs.map((c) => `${c.label} ${Number(c.value.toPrecision(4))}`).join(", ")}`
          : ""),
    width,
    height: (options.height ?? 270) + 14 * rowCount,
    marginLeft: 48,
    marginTop: 20 + 14 * rowCount,
    legend: groups.map((group, i) => ({
      label: `${group.label} (${all[i].length})`,
      colour: colour(i),
      kind: "line",
      dash: CLASS_DASHES[i % CLASS_DASHES.length],
    })),
    x: { label: options.valueLabel ?? "value", domain: [low, high] },
    y: { label, domain: [0, top * 1.02 || 1], grid: false },
    marks: [
      ...outlines.map((corners, i) =>
        Plot.areaY(corners, { x: "x", y2: "y", y1: 0, fill: colour(i), fillOpacity: 0.12 })
      ),
      ...outlines.map((corners, i) =>
        Plot.line(corners, {
          x: "x",
          y: "y",
          stroke: colour(i),
          strokeWidth: 1.6,
          strokeDasharray: CLASS_DASHES[i % CLASS_DASHES.length] || undefined,
        })
      ),
      Plot.ruleY([0], { stroke: "#999" }),
      ...cutOffs.flatMap((cutOff, i) => {
        const right = (cutOff.value - low) / (high - low) > 0.7;
        return [
          Plot.ruleX([cutOff.value], {
            stroke: "#333",
            strokeDasharray: "4 3",
            insetTop: -14 * (rows[i] + 1) + 4,
          }),
          Plot.text([cutOff.label], {
            x: cutOff.value,
            frameAnchor: "top",
            dy: -14 * rows[i] - 10,
            dx: right ? -4 : 4,
            textAnchor: right ? "end" : "start",
            fill: "#333",
          }),
        ];
      }),
    ],
  });
}

function extent(groups: readonly (readonly number[])[]): [number, number] {
  let low = Infinity, high = -Infinity;
  for (const values of groups) {
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  demand(low <= high, { expected: "at least one finite value", found: "none", where: "histogramByGroup" });
  return high > low ? [low, high] : [low - 0.5, high + 0.5];
}

/** The stairs of a histogram as corners, from the axis and back to it. */
function outline(values: readonly number[], low: number, step: number, bins: number, normalise: string) {
  const counts = new Float64Array(bins);
  for (const value of values) counts[Math.min(bins - 1, Math.max(0, Math.floor((value - low) / step)))]++;
  const scale = normalise === "count" ? 1 : normalise === "share" ? values.length : values.length * step;
  const corners = [{ x: low, y: 0 }];
  counts.forEach((count, i) => {
    const y = scale > 0 ? count / scale : 0;
    corners.push({ x: low + i * step, y }, { x: low + (i + 1) * step, y });
  });
  return [...corners, { x: low + bins * step, y: 0 }];
}

/** Which row above the frame each label takes, so that none overlaps another. */
function stagger(cutOffs: readonly CutOff[], low: number, high: number, width: number): number[] {
  const labels: [number, number][][] = [], lines: [number, number][][] = [];
  const overlaps = (spans: [number, number][] | undefined, [from, to]: [number, number]) =>
    spans?.some((span) => span[0] < to && from < span[1]) ?? false;
  const rows = new Array<number>(cutOffs.length);
  // From the right: a label that runs over lines further right is lifted above them.
  const order = cutOffs.map((_, i) => i).sort((a, b) => cutOffs[b].value - cutOffs[a].value);
  for (const i of order) {
    const cutOff = cutOffs[i];
    const at = 48 + (width - 68) * (cutOff.value - low) / (high - low);
    const length = textWidth(cutOff.label, { fontSize: 11 }) + 8;
    const span: [number, number] = (cutOff.value - low) / (high - low) > 0.7
      ? [at - length, at + 2]
      : [at - 2, at + length];
    const line: [number, number] = [at - 2, at + 2];
    const free = (row: number) =>
      !overlaps(labels[row], span) && !overlaps(lines[row], span) &&
      !labels.slice(0, row).some((spans) => overlaps(spans, line));
    let row = 0;
    while (!free(row) && row < cutOffs.length) row++;
    (labels[row] ??= []).push(span);
    for (let below = 0; below <= row; below++) (lines[below] ??= []).push(line);
    rows[i] = row;
  }
  return rows;
}
