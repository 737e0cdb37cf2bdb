import { demand } from "../../core/mod.ts";
import { compose, type Figure } from "../figure.ts";
import { swatchLegend } from "../legend.ts";
import { classColour, mixColours } from "../palettes.ts";
import { escapeXml, textWidth } from "../text.ts";
import { type NetworkArrow, type NetworkBlock, placeBlocks, type PlacedBlock } from "./network_layout.ts";
import { type ChartOptions, distinct, textOf } from "./options.ts";

/** Options of {@link networkDiagram}. */
export interface NetworkOptions extends ChartOptions {
  /** Which way the arrows lead. Default `"right"`, or `"down"` where that would be wider than `width` (or 860 pixels). */
  direction?: "right" | "down";
}

const FONT = 10.5, LINE = 14, MARGIN = 12, PASSING = 11;

/**
 * Returns a network as boxes and arrows. Ranks follow the arrows, input first; boxes of one rank stand beside each
 * other in the order given, each rank centred.
 *
 * @example
 * ```ts
 * import { networkDiagram } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const drawn = networkDiagram(
 *   [{ id: "in", label: "input", detail: "200 x 3" }, { id: "gru", label: "GRU", detail: "96" }, { id: "out", label: "softmax" }],
 *   [{ from: "in", to: "gru" }, { from: "gru", to: "out" }],
 * );
 * assert.ok(drawn.alt.includes("input to GRU"));
 * ```
 */
export function networkDiagram(
  blocks: readonly NetworkBlock[],
  arrows: readonly NetworkArrow[],
  options: NetworkOptions = {},
): Figure {
  demand(blocks.length > 0, { expected: "at least one block", found: "none", where: "networkDiagram" });
  const measures = { font: FONT, line: LINE, margin: MARGIN };
  let direction = options.direction ?? "right";
  let placed = placeBlocks(blocks, arrows, direction, measures);
  if (options.direction === undefined && extentOf(placed).width > (options.width ?? 860)) {
    direction = "down";
    placed = placeBlocks(blocks, arrows, direction, measures);
  }
  const byId = new Map(placed.map((block) => [block.id, block]));
  const groups = distinct(blocks.flatMap((block) => block.group ?? []));
  const routes = arrows.map((arrow) =>
    route(arrow, byId.get(arrow.from)!, byId.get(arrow.to)!, placed, direction)
  );
  const boxes = placed.map((block) => drawBlock(block, groups)).join("");
  const { width, height } = extentOf(placed);
  // Arrows that go around the boxes may need room outside of them.
  const low = Math.min(0, ...routes.map((one) => one.lowest - MARGIN));
  const high = Math.max(direction === "right" ? height : width, ...routes.map((one) => one.highest + MARGIN));
  const [drawnWidth, drawnHeight] = direction === "right" ? [width, high - low] : [high - low, height];
  const sheetWidth = Math.max(options.width ?? 0, Math.ceil(drawnWidth));
  const dx = Math.round((sheetWidth - drawnWidth) / 2) - (direction === "down" ? low : 0);
  const dy = direction === "right" ? -low : 0;
  const head =
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" ' +
    'orient="auto"><path d="M0,0.5L8,4L0,7.5Z" fill="#444"/></marker></defs>';
  const lines = routes.map((one) => one.svg).join("");
  return compose({
    ...textOf(options),
    alt: options.alt ??
      `${options.title ?? "Network"}: ${
        arrows.map((arrow) => `${byId.get(arrow.from)!.label} to ${byId.get(arrow.to)!.label}`).join(", ")
      }`,
    width: sheetWidth,
    legend: groups.length > 1
      ? swatchLegend(
        groups.map((label, i) => ({ label, colour: paleColour(i), kind: "area" })),
        sheetWidth - 16,
      )
      : undefined,
    drawing: {
      svg: `<g transform="translate(${dx},${
        Math.round(dy)
      })" font-size="${FONT}">${head}${lines}${boxes}</g>`,
      height: Math.ceil(drawnHeight),
    },
  });
}

const paleColour = (group: number) => mixColours(classColour(group), "#ffffff", 0.6);

function extentOf(placed: readonly PlacedBlock[]): { width: number; height: number } {
  return {
    width: Math.max(...placed.map((block) => block.x + block.width)) + MARGIN,
    height: Math.max(...placed.map((block) => block.y + block.height)) + MARGIN,
  };
}

function drawBlock(block: PlacedBlock, groups: readonly string[]): string {
  const colour = block.group === undefined ? "#f2f2f2" : paleColour(groups.indexOf(block.group));
  const middle = block.x + block.width / 2;
  const text = [block.label, ...block.lines].map((line, i) =>
    `<text x="${middle}" y="${block.y + 17 + i * LINE}"${i === 0 ? ' font-weight="bold"' : ""}>${
      escapeXml(line)
    }</text>`
  );
  return `<g text-anchor="middle"><rect x="${block.x}" y="${block.y}" width="${block.width}" height="${block.height}" ` +
    `rx="4" fill="${colour}" stroke="#444"/>${text.join("")}</g>`;
}

/** A box seen along the arrows: from where to where it reaches along them, and across. */
interface Span {
  rank: number;
  start: number;
  end: number;
  low: number;
  high: number;
}

interface Route {
  svg: string;
  /** How far the arrow reaches across the flow. */
  lowest: number;
  highest: number;
}

/** Neighbouring ranks are joined by a curve; what skips a rank goes around the boxes between on the nearer side. */
function route(
  arrow: NetworkArrow,
  from: PlacedBlock,
  to: PlacedBlock,
  all: readonly PlacedBlock[],
  direction: "right" | "down",
): Route {
  const span = (block: PlacedBlock): Span =>
    direction === "right"
      ? {
        rank: block.column,
        start: block.x,
        end: block.x + block.width,
        low: block.y,
        high: block.y + block.height,
      }
      : {
        rank: block.column,
        start: block.y,
        end: block.y + block.height,
        low: block.x,
        high: block.x + block.width,
      };
  const point = (along: number, across: number) => {
    const [x, y] = direction === "right" ? [along, across] : [across, along];
    return `${round(x)},${round(y)}`;
  };
  const curve = (a: number, ca: number, b: number, cb: number) =>
    `C${point((a + b) / 2, ca)} ${point((a + b) / 2, cb)} ${point(b, cb)}`;
  const source = span(from), target = span(to);
  const a = source.end,
    ca = (source.low + source.high) / 2,
    b = target.start - 1,
    cb = (target.low + target.high) / 2;
  const between = all.map(span).filter((one) => one.rank > source.rank && one.rank < target.rank);
  const blocked = between.filter((one) => one.low < Math.max(ca, cb) + 4 && one.high > Math.min(ca, cb) - 4);
  let path: string,
    label: [number, number] = [(a + b) / 2, (ca + cb) / 2],
    lowest = Math.min(ca, cb),
    highest = Math.max(ca, cb);
  if (source.rank === target.rank) {
    const along = (source.start + source.end) / 2, forward = target.low > source.low;
    path = `M${point(along, forward ? source.high : source.low)}L${
      point(along, forward ? target.low - 1 : target.high + 1)
    }`;
    label = [along, (source.low + target.high) / 2];
  } else if (blocked.length === 0) {
    path = ca === cb ? `M${point(a, ca)}L${point(b, cb)}` : `M${point(a, ca)}${curve(a, ca, b, cb)}`;
  } else {
    const above = Math.min(...between.map((one) => one.low)) - PASSING;
    const below = Math.max(...between.map((one) => one.high)) + PASSING;
    const mean = (ca + cb) / 2, across = mean - above <= below - mean ? above : below;
    const enter = Math.min(...between.map((one) => one.start)),
      leave = Math.max(...between.map((one) => one.end));
    path = `M${point(a, ca)}${curve(a, ca, enter, across)}L${point(leave, across)}${
      curve(leave, across, b, cb)
    }`;
    label = [(enter + leave) / 2, across];
    lowest = Math.min(lowest, across);
    highest = Math.max(highest, across);
  }
  const dash = arrow.dashed ? ' stroke-dasharray="4 3"' : "";
  return {
    svg: `<path d="${path}" fill="none" stroke="#444"${dash} marker-end="url(#head)"/>` +
      drawLabel(arrow, label, cb < ca ? -1 : 1, direction),
    lowest,
    highest,
  };
}

function drawLabel(
  arrow: NetworkArrow,
  [along, across]: [number, number],
  side: number,
  direction: "right" | "down",
): string {
  if (arrow.label === undefined) return "";
  const beside = 6 + textWidth(arrow.label, { fontSize: FONT - 1 }) / 2;
  const [x, y] = direction === "right" ? [along, across - 5] : [across + side * beside, along + 4];
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="middle" font-size="${FONT - 1}" fill="#444" ` +
    `stroke="white" stroke-width="3" paint-order="stroke">${escapeXml(arrow.label)}</text>`;
}

const round = (value: number) => Math.round(value * 10) / 10;
