import type { Scale } from "@observablehq/plot";
import { legend as plotLegend } from "@observablehq/plot";
import { drawingDocument, type SvgElement } from "./document.ts";
import { serializeChildren } from "./serialize.ts";
import { escapeXml, textWidth } from "./text.ts";

/** One line of a legend. */
export interface LegendEntry {
  /** What the reader sees. */
  label: string;
  /** CSS colour of the sample. */
  colour: string;
  /** Kind of sample. Default `"dot"`. */
  kind?: "dot" | "line" | "area";
  /** Plot symbol of a dot, by name. Default `"circle"`. */
  symbol?: string;
  /** Whether a dot is only outlined. Default false. */
  hollow?: boolean;
  /** SVG dash pattern of a line. Default solid. */
  dash?: string;
  /** Width of a line in pixels. Default 2. */
  strokeWidth?: number;
}

/** A piece of a drawing and the height it takes, in pixels. */
export interface Block {
  svg: string;
  height: number;
}

const FONT_SIZE = 11, ROW = 18, SAMPLE = 14, GAP = 16;

/** Returns samples with their labels in rows of at most `width` pixels. */
export function swatchLegend(entries: LegendEntry[], width: number): Block {
  let x = 0, y = 0, svg = "";
  for (const entry of entries) {
    const sample = entry.kind === "line" ? 24 : SAMPLE;
    const advance = sample + 5 + textWidth(entry.label, { fontSize: FONT_SIZE });
    if (x > 0 && x + advance > width) {
      x = 0;
      y += ROW;
    }
    svg += drawSample(entry, x, y + ROW / 2, sample);
    svg += `<text x="${round(x + sample + 5)}" y="${y + ROW / 2 + 4}">${escapeXml(entry.label)}</text>`;
    x += advance + GAP;
  }
  return { svg: `<g font-size="${FONT_SIZE}">${svg}</g>`, height: entries.length === 0 ? 0 : y + ROW + 4 };
}

const round = (value: number) => Math.round(value * 10) / 10;

function drawSample(entry: LegendEntry, x: number, y: number, width: number): string {
  const colour = escapeXml(entry.colour);
  if (entry.kind === "line") {
    const dash = entry.dash ? ` stroke-dasharray="${escapeXml(entry.dash)}"` : "";
    return `<path stroke="${colour}" stroke-width="${entry.strokeWidth ?? 2}"${dash} d="M${
      round(x)
    },${y}h${width}"/>`;
  }
  if (entry.kind === "area") {
    return `<rect x="${round(x)}" y="${y - 5}" width="12" height="10" fill="${colour}"/>`;
  }
  const path = symbolPath(entry.symbol ?? "circle", 55, round(x) + width / 2, y);
  return entry.hollow
    ? `<path fill="none" stroke="${colour}" stroke-width="1.4" d="${path}"/>`
    : `<path fill="${colour}" d="${path}"/>`;
}

/** Unit outlines of Plot's filled symbols with area 1, as corners; a circle has none. */
const OUTLINES: Record<string, [number, number][]> = {
  square: polygon(4, Math.SQRT1_2, Math.PI / 4),
  diamond: [[0, -0.931], [0.537, 0], [0, 0.931], [-0.537, 0]],
  triangle: polygon(3, 0.877, 0),
  star: starCorners(5, 0.944, 0.361),
  cross: crossCorners(),
  wye: wyeCorners(),
};

/** Returns path data of a symbol of `area` square pixels around (x, y). */
export function symbolPath(symbol: string, area: number, x: number, y: number): string {
  const size = Math.sqrt(area), corners = OUTLINES[symbol];
  if (corners === undefined) {
    const r = round(size / Math.sqrt(Math.PI));
    return `M${round(x - r)},${y}a${r},${r},0,1,1,${2 * r},0a${r},${r},0,1,1,${-2 * r},0Z`;
  }
  return "M" + corners.map(([dx, dy]) => `${round(x + dx * size)},${round(y + dy * size)}`).join("L") + "Z";
}

function polygon(corners: number, radius: number, turn: number): [number, number][] {
  return Array.from({ length: corners }, (_, i) => {
    const angle = turn + 2 * Math.PI * i / corners;
    return [radius * Math.sin(angle), -radius * Math.cos(angle)];
  });
}

function starCorners(points: number, outer: number, inner: number): [number, number][] {
  return Array.from({ length: 2 * points }, (_, i) => {
    const angle = Math.PI * i / points, radius = i % 2 === 0 ? outer : inner;
    return [radius * Math.sin(angle), -radius * Math.cos(angle)];
  });
}

/** Five squares of area 1/5. */
function crossCorners(): [number, number][] {
  const a = Math.sqrt(1 / 5) / 2, b = 3 * a;
  return [[-a, -b], [a, -b], [a, -a], [b, -a], [b, a], [a, a], [a, b], [-a, b], [-a, a], [-b, a], [-b, -a], [
    -a,
    -a,
  ]];
}

/** Three arms, one down, of the width that leaves a triangle in the middle. */
function wyeCorners(): [number, number][] {
  const corners: [number, number][] = [], half = 0.2, reach = 0.78;
  for (let arm = 0; arm < 3; arm++) {
    const angle = Math.PI + 2 * Math.PI * arm / 3, along = [Math.sin(angle), -Math.cos(angle)];
    const across = [-along[1], along[0]], inner = half / Math.sqrt(3);
    for (const [u, v] of [[reach, -half], [reach, half], [inner, half]]) {
      corners.push([u * along[0] + v * across[0], u * along[1] + v * across[1]]);
    }
  }
  return corners;
}

/** Returns a colour ramp with ticks for a continuous scale. */
export function rampLegend(scale: Scale, label: string | undefined, width: number): Block {
  const drawn = plotLegend({
    document: drawingDocument() as never,
    color: { ...scale, label },
    width: Math.min(260, width),
  } as never) as unknown as SvgElement;
  return {
    svg: `<g font-size="10">${serializeChildren(drawn)}</g>`,
    height: Number(drawn.getAttribute("height")),
  };
}
