import { demand } from "../../core/mod.ts";
import { compose, type Figure } from "../figure.ts";
import { swatchLegend } from "../legend.ts";
import { classColour, mixColours } from "../palettes.ts";
import { escapeXml, textWidth } from "../text.ts";
import { type ChartOptions, distinct, textOf } from "./options.ts";

/** One box of a diagram. */
export interface NetworkBlock {
  /** Identifier that arrows refer to. */
  id: string;
  /** First line, in bold. */
  label: string;
  /** Further lines: shapes, sizes, activations. */
  detail?: string | readonly string[];
  /** Boxes of one group share a colour and a line in the legend. */
  group?: string;
  /** Column, from 0 at the left. Default: one after the last block that points here. */
  column?: number;
}

/** An arrow between two boxes. */
export interface NetworkArrow {
  from: string;
  to: string;
  /** What flows along it. */
  label?: string;
  /** Dashed, as for a loss or a skipped connection. Default false. */
  dashed?: boolean;
}

interface PlacedBlock extends NetworkBlock {
  column: number;
  row: number;
  lines: string[];
  width: number;
  height: number;
  x: number;
  y: number;
}

const FONT = 10.5, LINE = 14, GAP_X = 40, GAP_Y = 22, MARGIN = 12;

/**
 * Returns a network as boxes and arrows, input left and output right. Columns follow the arrows; boxes of one column
 * stand below each other in the order given, each column centred.
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
  options: ChartOptions = {},
): Figure {
  const placed = place(blocks, arrows);
  const byId = new Map(placed.map((block) => [block.id, block]));
  const groups = distinct(blocks.flatMap((block) => block.group ?? []));
  const width = Math.max(...placed.map((block) => block.x + block.width)) + MARGIN;
  const height = Math.max(...placed.map((block) => block.y + block.height)) + MARGIN;
  const lines = arrows.map((arrow) => drawArrow(arrow, byId.get(arrow.from)!, byId.get(arrow.to)!, placed))
    .join("");
  const boxes = placed.map((block) => drawBlock(block, groups)).join("");
  const head =
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" ' +
    'orient="auto"><path d="M0,0.5L8,4L0,7.5Z" fill="#444"/></marker></defs>';
  const sheetWidth = Math.max(options.width ?? 0, Math.ceil(width));
  const offset = Math.round((sheetWidth - width) / 2);
  return compose({
    ...textOf(options),
    alt: options.alt ??
      `${options.title ?? "Network"}: ${
        arrows.map((arrow) => `${byId.get(arrow.from)!.label} to ${byId.get(arrow.to)!.label}`).join(", ")
      }`,
    width: sheetWidth,
    legend: groups.length > 1
      ? swatchLegend(
        groups.map((label, i) => ({
          label,
          colour: mixColours(classColour(i), "#ffffff", 0.6),
          kind: "area",
        })),
        sheetWidth - 16,
      )
      : undefined,
    drawing: {
      svg: `<g transform="translate(${offset},0)" font-size="${FONT}">${head}${lines}${boxes}</g>`,
      height,
    },
  });
}

function place(blocks: readonly NetworkBlock[], arrows: readonly NetworkArrow[]): PlacedBlock[] {
  const known = new Map(blocks.map((block) => [block.id, block]));
  demand(known.size === blocks.length, {
    expected: "an identifier of its own for each block",
    found: "one twice",
    where: "networkDiagram",
  });
  for (const arrow of arrows) {
    for (const end of [arrow.from, arrow.to]) {
      demand(known.has(end), {
        expected: `one of the blocks ${[...known.keys()].join(", ")}`,
        found: `"${end}"`,
        where: `networkDiagram, arrow from ${arrow.from} to ${arrow.to}`,
      });
    }
  }
  const columns = new Map<string, number>();
  const columnOf = (id: string, path: readonly string[]): number => {
    const fixed = known.get(id)!.column ?? columns.get(id);
    if (fixed !== undefined) return fixed;
    demand(!path.includes(id), {
      expected: "arrows that lead from left to right",
      found: `a ring: ${[...path, id].join(", ")}`,
      where: "networkDiagram",
      remedy: "give one block of the ring its column",
    });
    const before = arrows.filter((arrow) => arrow.to === id).map((arrow) =>
      columnOf(arrow.from, [...path, id])
    );
    const column = before.length === 0 ? 0 : Math.max(...before) + 1;
    columns.set(id, column);
    return column;
  };
  const placed = blocks.map((block): PlacedBlock => {
    const detail = block.detail === undefined
      ? []
      : typeof block.detail === "string"
      ? [block.detail]
      : block.detail;
    const bold = textWidth(block.label, { fontSize: FONT, bold: true });
    const width = Math.max(bold, ...detail.map((line) => textWidth(line, { fontSize: FONT }))) + 16;
    const column = columnOf(block.id, []);
    return {
      ...block,
      column,
      row: 0,
      lines: [...detail],
      width: Math.ceil(width),
      height: 12 + LINE * (1 + detail.length),
      x: 0,
      y: 0,
    };
  });
  const numbers = [...new Set(placed.map((block) => block.column))].sort((a, b) => a - b);
  const heights = numbers.map((column) => {
    const members = placed.filter((block) => block.column === column);
    return members.reduce((sum, block) => sum + block.height + GAP_Y, -GAP_Y);
  });
  const tallest = Math.max(...heights);
  let x = MARGIN;
  numbers.forEach((column, i) => {
    const members = placed.filter((block) => block.column === column);
    const widest = Math.max(...members.map((block) => block.width));
    let y = MARGIN + (tallest - heights[i]) / 2;
    members.forEach((block, row) => {
      Object.assign(block, { row, x, y: Math.round(y), width: widest });
      y += block.height + GAP_Y;
    });
    // Labels of arrows that leave this column need their room.
    const labels = arrows.filter((arrow) => members.some((block) => block.id === arrow.from))
      .map((arrow) => textWidth(arrow.label ?? "", { fontSize: FONT - 1 }));
    x += widest + Math.max(GAP_X, ...labels.map((label) => label + 22));
  });
  return placed;
}

function drawBlock(block: PlacedBlock, groups: readonly string[]): string {
  const colour = block.group === undefined
    ? "#f2f2f2"
    : mixColours(classColour(groups.indexOf(block.group)), "#ffffff", 0.6);
  const middle = block.x + block.width / 2;
  const text = [block.label, ...block.lines].map((line, i) =>
    `<text x="${middle}" y="${block.y + 17 + i * LINE}"${i === 0 ? ' font-weight="bold"' : ""}>${
      escapeXml(line)
    }</text>`
  );
  return `<g text-anchor="middle"><rect x="${block.x}" y="${block.y}" width="${block.width}" height="${block.height}" ` +
    `rx="4" fill="${colour}" stroke="#444"/>${text.join("")}</g>`;
}

/** Neighbouring columns are joined by a curve; what skips a column goes around above or below the boxes between. */
function drawArrow(
  arrow: NetworkArrow,
  from: PlacedBlock,
  to: PlacedBlock,
  all: readonly PlacedBlock[],
): string {
  const x1 = from.x + from.width, y1 = from.y + from.height / 2, x2 = to.x - 1, y2 = to.y + to.height / 2;
  const between = all.filter((block) => block.column > from.column && block.column < to.column);
  const blocked = between.filter((block) => {
    const top = Math.min(y1, y2) - 4, bottom = Math.max(y1, y2) + 4;
    return block.y < bottom && block.y + block.height > top;
  });
  const middle = (x1 + x2) / 2;
  let path: string, labelX = middle, labelY = (y1 + y2) / 2 - 5;
  if (from.column === to.column) {
    const x = from.x + from.width / 2, down = to.y > from.y;
    path = `M${x},${down ? from.y + from.height : from.y}V${down ? to.y - 1 : to.y + to.height + 1}`;
    labelX = x + 6 + textWidth(arrow.label ?? "", { fontSize: FONT - 1 }) / 2;
    labelY = (from.y + to.y + to.height) / 2;
  } else if (blocked.length === 0) {
    path = y1 === y2 ? `M${x1},${y1}H${x2}` : `M${x1},${y1}C${middle},${y1} ${middle},${y2} ${x2},${y2}`;
  } else {
    const above = Math.min(...blocked.map((block) => block.y)) - GAP_Y / 2;
    const below = Math.max(...blocked.map((block) => block.y + block.height)) + GAP_Y / 2;
    const mean = (y1 + y2) / 2, y = mean - above < below - mean ? above : below;
    const enter = Math.min(...blocked.map((block) => block.x)),
      leave = Math.max(...blocked.map((b) => b.x + b.width));
    path = `M${x1},${y1}C${(x1 + enter) / 2},${y1} ${(x1 + enter) / 2},${y} ${enter},${y}H${leave}` +
      `C${(leave + x2) / 2},${y} ${(leave + x2) / 2},${y2} ${x2},${y2}`;
    labelX = (enter + leave) / 2;
    labelY = y - 4;
  }
  const dash = arrow.dashed ? ' stroke-dasharray="4 3"' : "";
  const label = arrow.label === undefined ? "" : `<text x="${labelX}" y="${labelY}" text-anchor="middle" ` +
    `font-size="${FONT - 1}" fill="#444" stroke="white" stroke-width="3" paint-order="stroke">${
      escapeXml(arrow.label)
    }</text>`;
  return `<path d="${path}" fill="none" stroke="#444"${dash} marker-end="url(#head)"/>${label}`;
}
