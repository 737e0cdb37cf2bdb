import type { SvgElement } from "./document.ts";
import { escapeXml } from "./text.ts";

/**
 * Plot's drawing as short SVG text. A notebook keeps every figure it shows, so size matters: coordinates are rounded,
 * attributes that only scripts or style sheets need are dropped, and runs of equal dots or rules become one path.
 */
export interface SerializeOptions {
  /** Decimals of a number below ten; larger ones have one less. Default 2: no shift is above a twentieth of a pixel. */
  decimals?: number;
}

/** Attributes that hold coordinates, alone or in lists and path data. */
const GEOMETRY = new Set([
  ...["x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "dx", "dy", "width", "height", "d"],
  ...["points", "transform", "stroke-width", "offset", "fill-opacity", "stroke-opacity", "opacity"],
]);

/** What carries no ink: classes without a style sheet, labels inside of what is one image to a screen reader. */
const DROPPED = /^(class|style|aria-.*|xmlns(:.*)?|role)$/;

/** Returns the SVG text of the children of `root`, without `root` itself and without style sheets. */
export function serializeChildren(root: SvgElement, options: SerializeOptions = {}): string {
  return shareOutlines(
    [...childNodes(root)].map((node) => serializeNode(node, options.decimals ?? 2)).join(""),
  );
}

/** A shifted path that is drawn three times or more, as Plot's symbols are, is written once and used. */
function shareOutlines(svg: string): string {
  const shifted = /<path([^>]*?) d="([^"]+)" transform="translate\(([^,)]+),([^)]+)\)"\/>/g;
  const counts = new Map<string, number>();
  for (const [, , outline] of svg.matchAll(shifted)) counts.set(outline, (counts.get(outline) ?? 0) + 1);
  const shared = [...counts].filter(([, count]) => count >= 3).map(([outline]) => outline);
  if (shared.length === 0) return svg;
  const definitions = shared.map((outline, i) => `<path id="outline-${i + 1}" d="${outline}"/>`).join("");
  return `<defs>${definitions}</defs>` + svg.replace(shifted, (all, attributes, outline, x, y) => {
    const place = shared.indexOf(outline);
    return place < 0 ? all : `<use href="#outline-${place + 1}" x="${x}" y="${y}"${attributes}/>`;
  });
}

/** Rounds every decimal number in `text` to `decimals` places, one less from ten on, and drops zeros at the end. */
export function roundNumbers(text: string, decimals: number): string {
  return text.replace(/-?\d*\.\d+(?:e[-+]?\d+)?/gi, (number) => {
    const value = Number(number), places = Math.abs(value) < 10 ? decimals : Math.max(0, decimals - 1);
    const rounded = value.toFixed(places).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
    return rounded === "-0" ? "0" : rounded;
  });
}

interface TextNode {
  nodeType: number;
  textContent: string;
}

function childNodes(element: SvgElement): Iterable<SvgElement | TextNode> {
  return (element as unknown as { childNodes: Iterable<SvgElement | TextNode> }).childNodes;
}

const isElement = (node: SvgElement | TextNode): node is SvgElement => (node as TextNode).nodeType === 1;

function serializeNode(node: SvgElement | TextNode, decimals: number): string {
  if (!isElement(node)) return node.nodeType === 3 ? escapeXml(node.textContent) : "";
  if (node.localName === "style") return "";
  const name = node.localName, attributes = writeAttributes(keptAttributes(node, decimals));
  const inner = mergeRuns([...childNodes(node)], decimals);
  return inner === "" ? `<${name}${attributes}/>` : `<${name}${attributes}>${inner}</${name}>`;
}

function keptAttributes(element: SvgElement, decimals: number): Map<string, string> {
  const kept = new Map<string, string>();
  for (const { name, value } of element.attributes) {
    if (DROPPED.test(name)) continue;
    const text = value.replaceAll("var(--plot-background)", "white");
    // Plot shifts marks by half a pixel for crisp lines on screens of one pixel a dot; the shift is kept.
    kept.set(name, GEOMETRY.has(name) ? roundNumbers(text, decimals) : text);
  }
  return kept;
}

const writeAttributes = (attributes: Map<string, string>) =>
  [...attributes].map(([name, value]) => ` ${name}="${escapeXml(value)}"`).join("");

/** A dot or a rule as a piece of path data, with the attributes that the path must carry. */
interface Piece {
  key: string;
  data: string;
}

function mergeRuns(nodes: (SvgElement | TextNode)[], decimals: number): string {
  let written = "", key = "", data = "", single = "", count = 0;
  const flush = () => {
    // One element alone is shorter as it was.
    written += count > 1 ? `<path${key} d="${data}"/>` : single;
    key = data = single = "";
    count = 0;
  };
  for (const node of nodes) {
    const piece = isElement(node) ? asPiece(node, decimals) : undefined;
    if (piece === undefined || piece.key !== key) flush();
    if (piece === undefined) written += serializeNode(node, decimals);
    else {
      key = piece.key;
      data += piece.data;
      if (count++ === 0) single = serializeNode(node, decimals);
    }
  }
  flush();
  return written;
}

/** A circle as Plot's symbol "circle" draws it: two half arcs around the origin. */
const CIRCLE_PATH = /^M([\d.]+),0A\1,\1,0,1,1,-\1,0A\1,\1,0,1,1,\1,0Z?$/;

/**
 * Opaque filled dots become `M x,y h0` of a round pen, straight rules `M L`. What is half transparent stays apart,
 * for one path does not darken where it crosses itself.
 */
function asPiece(element: SvgElement, decimals: number): Piece | undefined {
  if (element.children.length > 0 || element.textContent !== "") return undefined;
  const kept = keptAttributes(element, decimals);
  const take = (name: string) => {
    const value = kept.get(name) ?? "0";
    kept.delete(name);
    return value;
  };
  if ([...kept.keys()].some((name) => name.endsWith("opacity")) || hasInherited(element, /opacity$/)) {
    return undefined;
  }
  if (hasInherited(element, /^marker/) || [...kept.keys()].some((name) => name.startsWith("marker"))) {
    return undefined;
  }
  const tick = asTick(kept);
  if (tick !== undefined) {
    take("d");
    take("transform");
    return { key: writeAttributes(kept), data: roundNumbers(tick, decimals) };
  }
  if (element.localName === "line") {
    if (kept.has("transform")) return undefined;
    const [x1, y1, x2, y2] = ["x1", "y1", "x2", "y2"].map(take);
    const end = x1 === x2 ? `V${y2}` : y1 === y2 ? `H${x2}` : `L${x2},${y2}`;
    return { key: writeAttributes(kept), data: `M${x1},${y1}${end}` };
  }
  const dot = asDot(element, kept, take);
  if (dot === undefined || kept.has("stroke") || inherited(element, "stroke") !== undefined) return undefined;
  const fill = kept.get("fill") ?? inherited(element, "fill");
  if (fill === undefined || fill === "none") return undefined;
  kept.delete("fill");
  kept.set("stroke", fill);
  kept.set("stroke-width", roundNumbers(String(2 * dot.radius), decimals));
  kept.set("stroke-linecap", "round");
  return { key: writeAttributes(kept), data: `M${dot.x},${dot.y}h0` };
}

const TRANSLATE = /^translate\((-?[\d.]+),(-?[\d.]+)\)$/;

/** Plot's axis ticks: one straight stroke around the origin, shifted to its place. */
function asTick(kept: Map<string, string>): string | undefined {
  const stroke = /^M(-?[\d.]+),(-?[\d.]+)L(-?[\d.]+),(-?[\d.]+)$/.exec(kept.get("d") ?? "");
  const place = TRANSLATE.exec(kept.get("transform") ?? "");
  if (stroke === null || place === null) return undefined;
  const [, x1, y1, x2, y2] = stroke.map(Number), [, x, y] = place.map(Number);
  // Decimals are cut after the sum: 0.1 + 0.2 would print seventeen of them.
  const [ax, ay, bx, by] = [x + x1, y + y1, x + x2, y + y2].map((v) => String(Number(v.toFixed(6))));
  return `M${ax},${ay}` + (ax === bx ? `V${by}` : ay === by ? `H${bx}` : `L${bx},${by}`);
}

function asDot(element: SvgElement, kept: Map<string, string>, take: (name: string) => string) {
  if (element.localName === "circle" && !kept.has("transform")) {
    const [x, y, r] = ["cx", "cy", "r"].map(take);
    return { x, y, radius: Number(r) };
  }
  if (element.localName !== "path") return undefined;
  const arcs = CIRCLE_PATH.exec(kept.get("d") ?? "");
  const place = TRANSLATE.exec(kept.get("transform") ?? "");
  if (arcs === null || place === null) return undefined;
  take("d");
  take("transform");
  return { x: place[1], y: place[2], radius: Number(arcs[1]) };
}

/** The value of a presentation attribute on the nearest group around `element`, below the drawing's root. */
function inherited(element: SvgElement, name: string): string | undefined {
  for (let node = element.parentNode; node !== null && node.localName === "g"; node = node.parentNode) {
    const value = node.getAttribute(name);
    if (value !== null) return value;
  }
}

function hasInherited(element: SvgElement, pattern: RegExp): boolean {
  for (let node = element.parentNode; node !== null && node.localName === "g"; node = node.parentNode) {
    for (const { name } of node.attributes) if (pattern.test(name)) return true;
  }
  return false;
}
