import * as Plot from "@observablehq/plot";
import { demand } from "../../core/mod.ts";
import { type ChartOptions, textOf } from "../charts/options.ts";
import { type Figure, figure, marginFor } from "../figure.ts";
import { classColour } from "../palettes.ts";

/** One target of a night: when it is up, and when it is observed. Times are hours from the start of the night. */
export interface NightTarget {
  label: string;
  /** When it may be observed. */
  from: number;
  to: number;
  /** When it is. */
  start: number;
  end: number;
}

/**
 * Returns a night as bars: when each target is up (pale) and when it is observed (dark), in the order of observation.
 *
 * @throws EphemeraError for a target that is observed while it is not up
 *
 * @example
 * ```ts
 * import { nightChart } from "ephemera/figures/follow_up";
 * import assert from "node:assert/strict";
 * const drawn = nightChart([{ label: "rrc-00012", from: 0, to: 5, start: 1, end: 1.5 }]);
 * assert.ok(drawn.alt.includes("rrc-00012 at 1.0 h"));
 * ```
 */
export function nightChart(targets: readonly NightTarget[], options: ChartOptions = {}): Figure {
  for (const { label, from, to, start, end } of targets) {
    demand(from <= start + 1e-6 && end <= to + 1e-6 && start < end, {
      expected: `an observation between ${from.toFixed(2)} and ${to.toFixed(2)} h`,
      found: `${start.toFixed(2)} to ${end.toFixed(2)} h`,
      where: `target ${label}`,
    });
  }
  const order = targets.toSorted((a, b) => a.start - b.start).map(({ label }) => label);
  const longest = order.reduce((a, b) => b.length > a.length ? b : a, "");
  return figure({
    ...textOf(options),
    alt: options.alt ??
      `${options.title ?? "The night"}: ${
        targets.map(({ label, start }) => `${label} at ${start.toFixed(1)} h`).join(", ")
      }`,
    width: options.width ?? 640,
    height: options.height ?? 60 + 15 * targets.length,
    marginLeft: marginFor(longest),
    legend: [
      { label: "high enough", colour: "#d5dbe6" },
      { label: "observed", colour: classColour(0) },
    ],
    x: { label: "hours of darkness", grid: true },
    y: { label: null, domain: order },
    marks: [
      Plot.barX(targets, { x1: "from", x2: "to", y: "label", fill: "#d5dbe6" }),
      Plot.barX(targets, { x1: "start", x2: "end", y: "label", fill: classColour(0) }),
    ],
  });
}
