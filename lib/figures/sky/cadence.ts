import * as Plot from "@observablehq/plot";
import { demand } from "../../core/mod.ts";
import { type Figure, figure, type FigureText } from "../figure.ts";
import { bandColour } from "../palettes.ts";

/** The visits of a survey to one place, as columns. */
export interface CadenceVisits {
  /** MJD. */
  time: ArrayLike<number>;
  /** Index into the bands. */
  band: ArrayLike<number>;
}

/** Options of {@link cadence}. */
export interface CadenceOptions extends FigureText {
  /** Width in pixels. Default 640. */
  width?: number;
  /** Names of the bands. */
  bands: readonly string[];
  /** MJD from which days are counted. Default: the first visit. */
  start?: number;
  /** Days that are drawn. Default: to the last visit. */
  days?: number;
}

/**
 * Returns when a place is visited: a tick for each visit, a line a band with its number of visits.
 *
 * @example
 * ```ts
 * import { cadence } from "ephemera/figures/sky";
 * import assert from "node:assert/strict";
 * const drawn = cadence({ time: [1, 2, 9], band: [0, 1, 1] }, { bands: ["g", "r"], title: "A field" });
 * assert.ok(drawn.alt.includes("g 1, r 2"));
 * ```
 */
export function cadence({ time, band }: CadenceVisits, options: CadenceOptions): Figure {
  const { bands, width = 640 } = options, visits = Array.from(time, (t, i) => ({ t, b: band[i] }));
  demand(visits.length > 0, { expected: "at least one visit", found: "none", where: "cadence" });
  const start = options.start ?? Math.floor(Math.min(...visits.map(({ t }) => t)));
  const days = options.days ?? Math.max(...visits.map(({ t }) => t)) - start;
  const drawn = visits.filter(({ t }) => t >= start && t <= start + days);
  const counts = bands.map((_, b) => drawn.filter((visit) => visit.b === b).length);
  const labels = bands.map((name, b) => `${name}  (${counts[b]})`);
  const { title, titleSize, subtitle, caption } = options;
  return figure({
    title,
    titleSize,
    subtitle,
    caption,
    alt: options.alt ??
      `${options.title ?? "Visits"}, number in each band: ${
        bands.map((name, b) => `${name} ${counts[b]}`).join(", ")
      }`,
    width,
    height: 46 + 17 * bands.length,
    marginLeft: 56,
    marginTop: 4,
    marginRight: 12,
    x: { label: "days", domain: [0, days], labelAnchor: "center" },
    y: { type: "band", domain: labels, label: null, tickSize: 0, padding: 0.25 },
    marks: [
      Plot.gridX({ stroke: "#ddd", strokeOpacity: 1 }),
      Plot.tickX(drawn, {
        x: ({ t }: { t: number }) => Math.round(100 * (t - start)) / 100,
        y: ({ b }: { b: number }) => labels[b],
        stroke: ({ b }: { b: number }) => bandColour(bands[b], b),
        strokeWidth: 1.2,
      }),
    ],
  });
}
