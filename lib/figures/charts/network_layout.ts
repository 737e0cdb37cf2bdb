import { demand } from "../../core/mod.ts";
import { textWidth } from "../text.ts";

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
  /** Rank, from 0 at the input. Default: one after the last block that points here. */
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

/** A block with its place in pixels. */
export interface PlacedBlock extends NetworkBlock {
  column: number;
  lines: readonly string[];
  width: number;
  height: number;
  x: number;
  y: number;
}

/** Sizes that the layout keeps to, in pixels. */
export interface NetworkMeasures {
  font: number;
  line: number;
  margin: number;
}

/** Returns the blocks with their ranks, sizes and places; ranks are centred on each other. */
export function placeBlocks(
  blocks: readonly NetworkBlock[],
  arrows: readonly NetworkArrow[],
  direction: "right" | "down",
  measures: NetworkMeasures,
): PlacedBlock[] {
  const ranks = ranksOf(blocks, arrows);
  const placed = blocks.map((block) => measure(block, ranks.get(block.id)!, measures));
  const right = direction === "right", gapAcross = right ? 22 : 28;
  const across = (block: PlacedBlock) => right ? block.height : block.width;
  const along = (block: PlacedBlock) => right ? block.width : block.height;
  const members = [...new Set(placed.map((block) => block.column))].sort((a, b) => a - b)
    .map((rank) => placed.filter((block) => block.column === rank));
  const sizes = members.map((rank) =>
    rank.reduce((sum, block) => sum + across(block) + gapAcross, -gapAcross)
  );
  const largest = Math.max(...sizes);
  let position = measures.margin;
  members.forEach((rank, i) => {
    const deepest = Math.max(...rank.map(along));
    let offset = measures.margin + (largest - sizes[i]) / 2;
    for (const block of rank) {
      const shift = position + (right ? 0 : (deepest - along(block)) / 2);
      if (right) block.width = deepest;
      [block.x, block.y] = right ? [shift, Math.round(offset)] : [Math.round(offset), Math.round(shift)];
      offset += across(block) + gapAcross;
    }
    // Labels of arrows that leave this rank need their room.
    const labels = arrows.filter((arrow) => rank.some((block) => block.id === arrow.from))
      .map((arrow) => right ? textWidth(arrow.label ?? "", { fontSize: measures.font - 1 }) + 22 : 0);
    position += deepest + Math.max(right ? 40 : 30, ...labels);
  });
  return placed;
}

function measure(block: NetworkBlock, column: number, { font, line }: NetworkMeasures): PlacedBlock {
  const { detail = [] } = block, lines = typeof detail === "string" ? [detail] : detail;
  const widths = lines.map((text) => textWidth(text, { fontSize: font }));
  const width = Math.ceil(Math.max(textWidth(block.label, { fontSize: font, bold: true }), ...widths) + 16);
  return { ...block, column, lines, width, height: 12 + line * (1 + lines.length), x: 0, y: 0 };
}

function ranksOf(blocks: readonly NetworkBlock[], arrows: readonly NetworkArrow[]): Map<string, number> {
  const known = new Map(blocks.map((block) => [block.id, block]));
  demand(known.size === blocks.length, {
    expected: "an identifier of its own for each block",
    found: `${blocks.length} blocks with ${known.size} identifiers`,
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
  const ranks = new Map<string, number>();
  const rankOf = (id: string, path: readonly string[]): number => {
    const fixed = known.get(id)!.column ?? ranks.get(id);
    if (fixed !== undefined) return fixed;
    demand(!path.includes(id), {
      expected: "arrows that lead from input to output",
      found: `a ring: ${[...path, id].join(", ")}`,
      where: "networkDiagram",
      remedy: "give one block of the ring its column",
    });
    const before = arrows.filter((arrow) => arrow.to === id).map((arrow) =>
      rankOf(arrow.from, [...path, id])
    );
    const rank = before.length === 0 ? 0 : Math.max(...before) + 1;
    ranks.set(id, rank);
    return rank;
  };
  return new Map(blocks.map((block) => [block.id, rankOf(block.id, [])]));
}
