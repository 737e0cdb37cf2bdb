import type { Figure } from "../figure.ts";
import type { LegendEntry } from "../legend.ts";
import { bandColour, bandSymbol, classColour } from "../palettes.ts";
import { panels } from "../panels.ts";
import { lightCurve, type LightCurveColumns, type LightCurveLine } from "./light_curve.ts";
import { type ChartOptions, distinct, textOf } from "./options.ts";

/** One small light curve of a grid. */
export interface LightCurveCell extends LightCurveColumns {
  /** Heading of the cell: class, period, score. */
  label: string;
  /** Small second line: identifier, score. */
  note?: string;
  /** Period in days; with it the curve is folded. */
  period?: number;
  /** Time of phase 0, in days. */
  epoch?: number;
  /** Models and reconstructions; those of one label share a colour in the whole grid. */
  lines?: readonly LightCurveLine[];
}

/** Options of {@link lightCurveGrid}. */
export interface LightCurveGridOptions extends ChartOptions {
  /** Cells beside each other. Default 4. */
  columns?: number;
  /** Magnitudes grow downwards. Default `"magnitude"`. */
  quantity?: "magnitude" | "flux";
  /** Radius of a dot in pixels. Default 1.4. */
  radius?: number;
}

/**
 * Returns small light curves in a grid, one a cell, each with its own axes; `height` is that of a cell.
 *
 * @example
 * ```ts
 * import { lightCurveGrid } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const cell = { label: "RRAB", time: [0, 1, 2], value: [15, 15.4, 15.1], period: 0.6 };
 * assert.equal(lightCurveGrid([cell, cell], { columns: 2 }).width, 640);
 * ```
 */
export function lightCurveGrid(
  cells: readonly LightCurveCell[],
  options: LightCurveGridOptions = {},
): Figure {
  const { columns = 4, width = 640, height = 110, quantity, radius = 1.4 } = options;
  const gap = 6, cellWidth = Math.floor((width - gap * (columns - 1)) / columns);
  const lines = cells.flatMap((cell) => cell.lines ?? []);
  const names = distinct(lines.map((line) => line.label));
  const colourOf = (line: LightCurveLine) => line.colour ?? classColour(names.indexOf(line.label) + 3);
  const bands = distinct(cells.flatMap((cell) => cell.band === undefined ? [] : Array.from(cell.band)));
  const drawn = cells.map((cell) =>
    lightCurve(cell, {
      title: cell.label,
      titleSize: 11.5,
      subtitle: cell.note,
      width: cellWidth,
      height,
      period: cell.period,
      epoch: cell.epoch,
      quantity,
      radius,
      labels: false,
      ticks: 4,
      lines: cell.lines?.map((line) => ({ ...line, colour: colourOf(line) })),
      bandOrder: bands,
      legend: false,
    })
  );
  const legend: LegendEntry[] = [
    ...(bands.length > 1
      ? bands.map((band, i) => ({ label: band, colour: bandColour(band, i), symbol: bandSymbol(band, i) }))
      : []),
    ...names.map((name): LegendEntry => {
      const line = lines.find((one) => one.label === name)!;
      return { label: name, colour: colourOf(line), kind: line.dots ? "dot" : "line", dash: line.dash };
    }),
  ];
  return panels(drawn, {
    ...textOf(options),
    alt: options.alt ?? `${options.title ?? "Light curves"}: ${cells.map((cell) => cell.label).join(", ")}`,
    columns,
    gap,
    legend,
  });
}
