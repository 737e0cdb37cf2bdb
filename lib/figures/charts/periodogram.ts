import * as Plot from "@observablehq/plot";
import { demand } from "../../core/mod.ts";
import { type Figure, figure } from "../figure.ts";
import { classColour } from "../palettes.ts";
import { type ChartOptions, textOf } from "./options.ts";

/** Options of {@link periodogram}. */
export interface PeriodogramOptions extends ChartOptions {
  /** Frequencies (cycles a day) to mark: the true one, aliases. */
  marks?: readonly { frequency: number; label: string }[];
  /** Horizontal lines: false-alarm levels. */
  levels?: readonly { power: number; label: string }[];
  /** Draw against the period, on a logarithmic axis. Default false. */
  againstPeriod?: boolean;
  /** Axis label of the power. Default `"power"`. */
  powerLabel?: string;
}

/** Steps along the axis; in each the highest and the lowest power survive, so no peak is lost. */
const STEPS = 500;

/**
 * Returns a periodogram with its marked frequencies. Long ones are thinned so that every peak keeps its height.
 *
 * @param frequency ascending frequencies in cycles a day
 * @param power power at each frequency
 *
 * @example
 * ```ts
 * import { periodogram } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const drawn = periodogram([0.5, 1, 1.5, 2], [0.1, 0.2, 0.9, 0.1], { marks: [{ frequency: 1.5, label: "true" }] });
 * assert.ok(drawn.svg.includes(">true<"));
 * ```
 */
export function periodogram(
  frequency: ArrayLike<number>,
  power: ArrayLike<number>,
  options: PeriodogramOptions = {},
): Figure {
  const { marks = [], levels = [], againstPeriod = false } = options;
  demand(frequency.length === power.length && frequency.length > 1, {
    expected: "as many powers as frequencies, two at least",
    found: `${power.length} and ${frequency.length}`,
    where: "periodogram",
  });
  const place = (f: number) => againstPeriod ? 1 / f : f;
  const points = envelope(frequency, power, againstPeriod).map(([f, p]) => ({ x: place(f), y: p }));
  const top = points.reduce((most, point) => Math.max(most, point.y), 0);
  const best = points.reduce((a, b) => b.y > a.y ? b : a);
  const unit = againstPeriod ? "days" : "cycles a day";
  return figure({
    ...textOf(options),
    alt: options.alt ??
      `${options.title ?? "Periodogram"}: highest power ${Number(top.toPrecision(3))} at ${
          Number(best.x.toPrecision(5))
        } ${unit}` +
        marks.map((mark) => `; ${mark.label} at ${Number(place(mark.frequency).toPrecision(5))}`).join(""),
    width: options.width,
    height: options.height ?? 240,
    marginLeft: 46,
    marginTop: marks.length > 0 ? 36 : 20,
    x: {
      label: againstPeriod ? "period (days)" : "frequency (cycles a day)",
      type: againstPeriod ? "log" : "linear",
      ...(againstPeriod ? { tickFormat: "~g", ticks: 6 } : {}),
    },
    y: {
      label: options.powerLabel ?? "power",
      domain: [Math.min(0, ...points.map((p) => p.y)), 1.03 * top || 1],
    },
    marks: [
      Plot.frame({ stroke: "#999" }),
      ...levels.flatMap((level) => [
        Plot.ruleY([level.power], { stroke: "#777", strokeDasharray: "2 3" }),
        Plot.text([level.label], {
          y: level.power,
          frameAnchor: "right",
          dx: -4,
          dy: -7,
          textAnchor: "end",
          fill: "#777",
          fontSize: 10,
        }),
      ]),
      ...marks.flatMap((mark, i) => [
        Plot.ruleX([place(mark.frequency)], { stroke: classColour(3), strokeDasharray: "4 3" }),
        Plot.text([mark.label], {
          x: place(mark.frequency),
          frameAnchor: "top",
          dy: -10 - 11 * (i % 2),
          fill: classColour(3),
          fontSize: 10,
        }),
      ]),
      Plot.line(points, { x: "x", y: "y", stroke: classColour(0), strokeWidth: 1 }),
    ],
  });
}

function envelope(frequency: ArrayLike<number>, power: ArrayLike<number>, log: boolean): [number, number][] {
  const count = frequency.length;
  if (count <= 2 * STEPS) return Array.from({ length: count }, (_, i) => [frequency[i], power[i]]);
  const scale = (f: number) => log ? Math.log(f) : f;
  const low = scale(frequency[0]), high = scale(frequency[count - 1]);
  const points: [number, number][] = [];
  for (let start = 0; start < count;) {
    const step = Math.floor(STEPS * (scale(frequency[start]) - low) / (high - low));
    let end = start, lowest = start, highest = start;
    for (; end < count && Math.floor(STEPS * (scale(frequency[end]) - low) / (high - low)) === step; end++) {
      if (power[end] < power[lowest]) lowest = end;
      if (power[end] > power[highest]) highest = end;
    }
    for (const i of new Set([Math.min(lowest, highest), Math.max(lowest, highest)])) {
      points.push([frequency[i], power[i]]);
    }
    start = end;
  }
  return points;
}
