import { createHash } from "node:crypto";
import { plot, type PlotOptions, type Scale } from "@observablehq/plot";
import { demand } from "../core/mod.ts";
import { drawingDocument, type SvgElement } from "./document.ts";
import { type Block, type LegendEntry, rampLegend, swatchLegend } from "./legend.ts";
import { CLASS_COLOURS, CLASS_SYMBOLS } from "./palettes.ts";
import { serializeChildren } from "./serialize.ts";
import { escapeXml, FONT_FAMILY, textWidth, wrapText } from "./text.ts";

/** A finished drawing. Jupyter shows it; `svg` is complete and stands alone in a file. */
export class Figure {
  constructor(
    /** One self-contained SVG element, well-formed XML. */
    readonly svg: string,
    /** Width in pixels. */
    readonly width: number,
    /** Height in pixels. */
    readonly height: number,
    /** What the figure shows, in words, for readers who do not see it. */
    readonly alt: string,
  ) {}

  /** What Jupyter asks for: the drawing, and the words where drawings cannot be shown. */
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    return { "image/svg+xml": this.svg, "text/plain": `[figure] ${this.alt}` };
  }
}

/** The text around a drawing. */
export interface FigureText {
  /** Heading, set in bold. */
  title?: string;
  /** Font size of the heading in pixels. Default 14. */
  titleSize?: number;
  /** One or two lines below the heading: sample, scale, seed. */
  subtitle?: string;
  /** Small print below the drawing. */
  caption?: string;
  /** Text alternative. Default: title, subtitle and the axes' labels. */
  alt?: string;
}

/** Options of {@link figure}: Plot's own, with the text around the drawing and a legend. */
export interface FigureSpec
  extends Omit<PlotOptions, "title" | "subtitle" | "caption" | "figure">, FigureText {
  /** Legend entries. Default: those of the colour scale where the spec says `color: { legend: true }`. */
  legend?: LegendEntry[];
}

/** Default width of a figure: what a notebook's column holds. */
export const DEFAULT_WIDTH = 640;

/**
 * Returns an Observable Plot drawing as one self-contained SVG: title, subtitle, legend, marks and caption on white
 * paper, legible in light and dark pages, with a text alternative.
 *
 * Categorical colours are colour-blind-safe unless the spec names its own; see {@link CLASS_COLOURS}.
 *
 * @example
 * ```ts
 * import { figure, Plot } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const drawn = figure({
 *   title: "A parabola",
 *   marks: [Plot.lineY([0, 1, 4, 9], { x: (_, i) => i })],
 * });
 * assert.ok(drawn.svg.includes("<title>A parabola</title>"));
 * ```
 */
export function figure(spec: FigureSpec): Figure {
  const { title, titleSize, subtitle, caption, alt, legend, ...options } = spec;
  const width = options.width ?? DEFAULT_WIDTH;
  demand(width >= 80, {
    expected: "a figure at least 80 pixels wide",
    found: `${width}`,
    remedy: "set width",
  });
  const drawn = plot({
    ...options,
    document: drawingDocument() as never,
    width,
    // Plot's own thirty pixels let the axis label touch the tick labels at this font size.
    marginBottom: options.marginBottom ?? options.margin ?? 36,
    color: colourOptions(options.color),
    symbol: options.symbol && { range: CLASS_SYMBOLS as never, ...options.symbol, legend: false },
    style: { fontSize: "11px" },
  }) as unknown as SvgElement & { scale(name: string): Scale | undefined };
  const height = Number(drawn.getAttribute("height"));
  const key = legend !== undefined
    ? swatchLegend(legend, width - 16)
    : options.color?.legend
    ? scaleLegend(drawn, options.color.label ?? undefined, width - 16)
    : { svg: "", height: 0 };
  const marks = `<g text-anchor="middle" font-size="11">${serializeChildren(drawn)}</g>`;
  return compose({
    title,
    titleSize,
    subtitle,
    caption,
    alt: alt ?? describe(spec),
    width,
    legend: key,
    drawing: { svg: marks, height },
  });
}

/** What {@link compose} puts on one sheet. */
export interface Sheet extends FigureText {
  /** Text alternative. */
  alt: string;
  /** Width of the sheet in pixels. */
  width: number;
  /** The legend, drawn from its own origin. */
  legend?: Block;
  /** The drawing, from its own origin. */
  drawing: Block;
}

/** Returns one sheet: heading, legend, drawing and small print below each other, with identifiers of its own. */
export function compose(sheet: Sheet): Figure {
  const { title, titleSize = 14, subtitle, caption, alt, width, legend, drawing } = sheet;
  let y = 0, body = "";
  const lines = (text: string, fontSize: number, attributes: string, bold = false) => {
    for (const line of wrapText(text, width - 16, { fontSize, bold })) {
      y += fontSize * 1.35;
      body += `<text x="8" y="${Math.round(y)}" font-size="${fontSize}"${attributes}>${
        escapeXml(line)
      }</text>`;
    }
  };
  if (title || subtitle) y += 4;
  if (title) lines(title, titleSize, ' font-weight="bold"', true);
  if (subtitle) lines(subtitle, Math.min(11.5, titleSize - 1.5), ' fill="#555"');
  if (title || subtitle) y = Math.round(y + titleSize - 5);
  if (legend && legend.height > 0) {
    body += `<g transform="translate(8,${y})">${legend.svg}</g>`;
    y += legend.height;
  }
  body += `<g transform="translate(0,${y})">${drawing.svg}</g>`;
  y += drawing.height;
  if (caption) {
    y += 2;
    lines(caption, 10.5, ' fill="#555"');
    y += 8;
  }
  const height = Math.ceil(y);
  const words = `<title>${escapeXml(title ?? alt)}</title><desc>${escapeXml(alt)}</desc>`;
  const svg = withOwnIdentifiers(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
      `role="img" font-family="${FONT_FAMILY}" fill="black" color="black" style="background:white;max-width:100%;height:auto">` +
      `${words}<rect width="${width}" height="${height}" fill="white"/>${body}</svg>`,
  );
  return new Figure(svg, width, height, alt);
}

/**
 * Plot numbers its clip paths from one counter, so the same figure would differ from run to run, and two figures of
 * two notebooks would share names. Names are therefore made from the content: same drawing, same names.
 */
function withOwnIdentifiers(svg: string): string {
  const names = new Map<string, number>();
  for (const [, name] of svg.matchAll(/ id="([^"]+)"/g)) {
    if (!names.has(name)) names.set(name, names.size + 1);
  }
  if (names.size === 0) return svg;
  const rename = (prefix: string) =>
    svg.replace(/ id="([^"]+)"/g, (_, name) => ` id="${prefix}${names.get(name)}"`)
      .replace(/url\(#([^)]+)\)/g, (all, name) => names.has(name) ? `url(#${prefix}${names.get(name)})` : all)
      .replace(
        / href="#([^"]+)"/g,
        (all, name) => names.has(name) ? ` href="#${prefix}${names.get(name)}"` : all,
      );
  return rename(`f${createHash("sha256").update(rename("f")).digest("hex").slice(0, 8)}-`);
}

/** Colour-blind-safe unless the spec has its own range or scheme; continuous scales take the even ramp. */
function colourOptions(color: PlotOptions["color"]): PlotOptions["color"] {
  if (color === undefined) return { range: undefined };
  const named = color.range !== undefined || color.scheme !== undefined || color.type === "identity";
  if (named) return { ...color, legend: false };
  const categorical = color.type === "categorical" || color.type === "ordinal" ||
    (Array.isArray(color.domain) && color.domain.length > 0 &&
      color.domain.every((d) => typeof d === "string"));
  return { ...color, ...(categorical ? { range: [...CLASS_COLOURS] } : {}), legend: false };
}

function scaleLegend(
  drawn: { scale(name: string): Scale | undefined },
  label: string | undefined,
  width: number,
): Block {
  const scale = drawn.scale("color");
  if (scale === undefined) return { svg: "", height: 0 };
  if (scale.type !== "ordinal" && scale.type !== ("categorical" as never)) {
    return rampLegend(scale, label, width);
  }
  const domain = [...(scale.domain ?? [])], symbols = drawn.scale("symbol")?.domain;
  const named = symbols !== undefined && [...symbols].every((value, i) => value === domain[i]);
  return swatchLegend(
    domain.map((value, i) => ({
      label: String(value),
      colour: String(scale.apply(value)),
      kind: named ? "dot" : "area",
      symbol: CLASS_SYMBOLS[i % CLASS_SYMBOLS.length],
    })),
    width,
  );
}

/** Words for a figure that brings none: what is written on it. */
function describe(spec: FigureSpec): string {
  const axis = (name: string, options: { label?: string | null } | undefined) =>
    options?.label ? `${name}: ${options.label}` : "";
  return [spec.title, spec.subtitle, axis("x axis", spec.x), axis("y axis", spec.y)].filter(Boolean).join(
    ". ",
  ) ||
    "A figure without a title";
}

/** Returns the left margin in pixels that tick labels as long as `longest` need, with `extra` for an axis label. */
export function marginFor(longest: string, extra = 12): number {
  return Math.ceil(textWidth(longest, { fontSize: 11 })) + extra;
}
