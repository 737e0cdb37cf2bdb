import { demand } from "../core/mod.ts";
import { compose, type Figure, type FigureText } from "./figure.ts";
import { type LegendEntry, swatchLegend } from "./legend.ts";

/** Options of {@link panels}. */
export interface PanelOptions extends FigureText {
  /** How many stand beside each other. Default: all. */
  columns?: number;
  /** Pixels between them. Default 12. */
  gap?: number;
  /** A legend that holds for all of them, above them. */
  legend?: LegendEntry[];
}

/**
 * Returns several figures as one sheet, row by row; each keeps its own size.
 *
 * @example
 * ```ts
 * import { figure, panels, Plot } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const one = figure({ width: 200, height: 120, title: "one", marks: [Plot.dot([[0, 1], [1, 2]])] });
 * const both = panels([one, one], { title: "both", gap: 10 });
 * assert.equal(both.width, 410);
 * ```
 */
export function panels(figures: readonly Figure[], options: PanelOptions = {}): Figure {
  demand(figures.length > 0, { expected: "at least one figure", found: "none", where: "panels" });
  const { columns = figures.length, gap = 12, legend, title, subtitle, caption } = options;
  let y = 0, width = 0, svg = "";
  for (let start = 0; start < figures.length; start += columns) {
    const row = figures.slice(start, start + columns);
    let x = 0;
    for (const one of row) {
      svg += `<g transform="translate(${x},${y})">${inside(one.svg)}</g>`;
      x += one.width + gap;
    }
    width = Math.max(width, x - gap);
    y += Math.max(...row.map((one) => one.height)) + gap;
  }
  return compose({
    title,
    subtitle,
    caption,
    alt: options.alt ?? [title, ...figures.map((one) => one.alt)].filter(Boolean).join(". "),
    width,
    legend: legend && swatchLegend(legend, width - 16),
    drawing: { svg, height: y - gap },
  });
}

/** The marks of a figure: its outer element, words and paper are the sheet's. */
function inside(svg: string): string {
  return svg.replace(/^<svg[^>]*>/, "").replace(/<\/svg>$/, "").replace(/^<title>[\s\S]*?<\/desc>/, "")
    .replace(/^<rect [^>]*\/>/, "");
}
