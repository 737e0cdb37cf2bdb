import * as Plot from "@observablehq/plot";
import { demand } from "../../core/mod.ts";
import { type Figure, figure } from "../figure.ts";
import { classColour } from "../palettes.ts";
import { textWidth, wrapText } from "../text.ts";
import { type ChartOptions, distinct, textOf } from "./options.ts";

/** One measured quantity: results over seeds, or a value with its interval. */
export interface MeasuredGroup {
  /** What was measured; groups of one label share a line. */
  label: string;
  /** Which of several methods it belongs to; each has its colour. */
  series?: string;
  /** One result a seed; centre and interval are made of them where they are not given. */
  values?: ArrayLike<number>;
  /** The dot. Default: the mean of `values`. */
  centre?: number;
  /** Lower end of the bar. Default: the lowest of `values`. */
  lower?: number;
  /** Upper end of the bar. Default: the highest of `values`. */
  upper?: number;
  /** A published value to stand beside it, as an open diamond. */
  reference?: number;
}

/** Options of {@link barsWithIntervals}. */
export interface IntervalOptions extends ChartOptions {
  /** Axis label of the quantity. */
  valueLabel?: string;
  /** From where to where. Default: what is drawn, with some air. */
  domain?: readonly [number, number];
  /** What the open diamonds are. Default `"paper"`. */
  referenceLabel?: string;
}

/**
 * Returns results by group, one line each: a dot with its interval, small dots for single seeds, an open diamond for
 * the published value.
 *
 * @example
 * ```ts
 * import { barsWithIntervals } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const drawn = barsWithIntervals([{ label: "F1, 95th", values: [0.71, 0.74, 0.69], reference: 0.75 }]);
 * assert.ok(drawn.alt.includes("F1, 95th 0.713 (0.69 to 0.74), paper 0.75"));
 * ```
 */
export function barsWithIntervals(groups: readonly MeasuredGroup[], options: IntervalOptions = {}): Figure {
  const { referenceLabel = "paper", width = 640 } = options;
  demand(groups.length > 0, { expected: "at least one group", found: "none", where: "barsWithIntervals" });
  const series = distinct(groups.map((group) => group.series ?? ""));
  const labels = distinct(groups.map((group) => group.label));
  const lane = (group: MeasuredGroup) =>
    (series.indexOf(group.series ?? "") - (series.length - 1) / 2) * laneHeight;
  const laneHeight = 12, rowHeight = Math.max(24, 12 + series.length * laneHeight);
  const rows = groups.map((group) => ({
    ...group,
    ...summary(group),
    colour: classColour(series.indexOf(group.series ?? "")),
  }));
  const wrapped = new Map(labels.map((label) => [label, wrapText(label, 220, { fontSize: 11 })]));
  const longest = Math.max(...[...wrapped.values()].flat().map((line) => textWidth(line, { fontSize: 11 })));
  const drawn = rows.flatMap((
    r,
  ) => [r.lower, r.upper, r.centre, r.reference ?? r.centre, ...Array.from(r.values ?? [])]);
  const low = Math.min(...drawn), high = Math.max(...drawn), air = 0.06 * (high - low || 1);
  const hasReference = groups.some((group) => group.reference !== undefined);
  const marks: Plot.Markish[] = [Plot.gridX({ stroke: "#ddd", strokeOpacity: 1 })];
  for (const row of rows) {
    const dy = lane(row);
    marks.push(
      Plot.ruleY(
        [row],
        { y: "label", x1: "lower", x2: "upper", stroke: row.colour, strokeWidth: 2, dy },
      ),
      Plot.dot(Array.from(row.values ?? []), {
        x: (v: number) => v,
        y: () => row.label,
        r: 1.8,
        fill: "#777",
        dy,
      }),
      Plot.dot([row], { x: "centre", y: "label", r: 4, fill: row.colour, dy }),
    );
    if (row.reference !== undefined) {
      marks.push(Plot.dot([row], {
        x: "reference",
        y: "label",
        r: 5,
        symbol: "diamond",
        stroke: "black",
        strokeWidth: 1.4,
        fill: "none",
        dy,
      }));
    }
  }
  return figure({
    ...textOf(options),
    alt: options.alt ??
      `${options.title ?? "Results"}: ${rows.map((row) => describe(row, referenceLabel)).join("; ")}`,
    width,
    height: options.height ?? 44 + labels.length * rowHeight,
    marginLeft: Math.ceil(longest) + 16,
    marginRight: 16,
    marginTop: 6,
    marginBottom: 38,
    legend: [
      ...(series.length > 1 ? series.map((label, i) => ({ label, colour: classColour(i) })) : []),
      ...(hasReference ? [{ label: referenceLabel, colour: "black", symbol: "diamond", hollow: true }] : []),
    ],
    x: {
      label: options.valueLabel ?? "value",
      domain: options.domain ?? [low - air, high + air],
      labelAnchor: "center",
    },
    y: {
      type: "point",
      domain: labels,
      label: null,
      padding: 0.5,
      tickSize: 0,
      tickFormat: (label: string) => wrapped.get(label)!.join("\n"),
    },
    marks,
  });
}

function summary(group: MeasuredGroup) {
  const values = Array.from(group.values ?? []).filter(Number.isFinite);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const centre = group.centre ?? mean;
  demand(Number.isFinite(centre), {
    expected: "values, or a centre",
    found: "neither",
    where: `barsWithIntervals, "${group.label}"`,
  });
  return {
    centre,
    lower: group.lower ?? (values.length > 0 ? Math.min(...values) : centre),
    upper: group.upper ?? (values.length > 0 ? Math.max(...values) : centre),
  };
}

const short = (value: number) => String(Number(value.toPrecision(3)));

function describe(
  row: MeasuredGroup & { centre: number; lower: number; upper: number },
  reference: string,
): string {
  const name = row.series ? `${row.label}, ${row.series}` : row.label;
  return `${name} ${short(row.centre)} (${short(row.lower)} to ${short(row.upper)})` +
    (row.reference === undefined ? "" : `, ${reference} ${short(row.reference)}`);
}
