import { demand } from "../../core/mod.ts";
import { Flag, type LightCurve, type LightCurveSet } from "../../observations/mod.ts";
import { compose, type Figure, type FigureText } from "../figure.ts";
import { bandColour } from "../palettes.ts";
import { escapeXml, textWidth } from "../text.ts";

/** Options of {@link skyGallery}. */
export interface SkyGalleryOptions extends FigureText {
  /** Width in pixels. Default 860. */
  width?: number;
  /** Height of a row in pixels. Default 62. */
  height?: number;
  /** Names of the classes, in order. Default: all that have objects. */
  classes?: readonly string[];
  /** Days before the first and after the last detection that are drawn. Default 30. */
  around?: number;
  /** A redshift of each object for the row's label, 0 for none. */
  redshift?: ArrayLike<number>;
}

const LEFT = 128, GAP = 5, TOP = 18, BOTTOM = 15;

/**
 * Returns one object of each class in every band: a row a class, a column a band, difference flux with error bars. The bands of a row
 * share both axes. Of each class the object with the number of detections at the upper quartile is drawn (with flags), or of points.
 *
 * @throws EphemeraError without labels, or when no class has an object.
 *
 * @example
 * ```ts
 * import { skyGallery } from "ephemera/figures/sky";
 * import { simulateSky } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * const set = await simulateSky({ preset: "snpcc", objects: 8, seed: 1, workers: 1 });
 * assert.ok(skyGallery(set, { title: "Supernovae" }).svg.includes("II"));
 * ```
 */
export function skyGallery(set: LightCurveSet, options: SkyGalleryOptions = {}): Figure {
  const { width = 860, height = 62, around = 30, redshift } = options;
  const members = new Map<string, number[]>();
  for (let i = 0; i < set.length; i++) {
    const name = set.className(i);
    if (name !== undefined) members.set(name, [...members.get(name) ?? [], i]);
  }
  const names = (options.classes ?? set.classNames).filter((name) => members.has(name));
  demand(names.length > 0, { expected: "objects with classes", found: "none", where: "skyGallery" });
  const shown = names.map((name) => ({ name, object: upperQuartile(set, members.get(name)!) }));
  const panel = (width - LEFT - GAP * (set.bands.length - 1)) / set.bands.length;
  let svg = set.bands.map((band, b) =>
    text(LEFT + b * (panel + GAP) + panel / 2, 11, band, {
      anchor: "middle",
      weight: "bold",
      colour: "black",
    })
  ).join("");
  shown.forEach(({ name, object }, row) => {
    const z = redshift?.[object] ?? 0, note = z > 0 ? `z = ${z.toFixed(2)}` : "";
    const y = TOP + row * (height + BOTTOM);
    svg += `<g transform="translate(0,${round(y)})">${
      drawRow(name, note, set.at(object), set.bands, { panel, height, around })
    }</g>`;
  });
  return compose({
    ...options,
    alt: options.alt ??
      `${options.title ?? "One object of each class"}, in the bands ${set.bands.join(", ")}: ${
        names.join(", ")
      }`,
    width,
    drawing: { svg: `<g font-size="9.5">${svg}</g>`, height: TOP + names.length * (height + BOTTOM) },
  });
}

/** Returns the object whose number of detections lies at the upper quartile. */
function upperQuartile(set: LightCurveSet, objects: readonly number[]): number {
  const seen = (i: number) => {
    const { flags, time } = set.at(i);
    return flags === undefined ? time.length : flags.filter((flag) => (flag & Flag.detected) !== 0).length;
  };
  const counts = new Map(objects.map((i) => [i, seen(i)]));
  return objects.toSorted((a, b) => counts.get(a)! - counts.get(b)!)[Math.floor(0.75 * objects.length)];
}

function drawRow(
  name: string,
  note: string,
  curve: LightCurve,
  bands: readonly string[],
  { panel, height, around }: { panel: number; height: number; around: number },
): string {
  const { time, value, error, band } = curve;
  const rows = windowOf(curve, around);
  const low = Math.min(0, ...rows.map((i) => value[i])), high = Math.max(0, ...rows.map((i) => value[i]));
  const from = rows.length > 0 ? time[rows[0]] : 0, to = rows.length > 0 ? time[rows[rows.length - 1]] : 1;
  const air = 0.06 * (high - low || 1);
  const x = (t: number) => 3 + (panel - 6) * (to > from ? (t - from) / (to - from) : 0.5);
  const y = (f: number) => Math.min(height, Math.max(0, height * (high + air - f) / (high - low + 2 * air)));
  const days = Math.round(to - from);
  let svg = text(2, 12, name, { weight: "bold", colour: "black" }) +
    text(2, 25, [note, `${days} d`].filter(Boolean).join(", ")) +
    text(LEFT - 5, y(high) + 3, compact(high), { anchor: "end" });
  if (y(low) - y(high) > 20) svg += text(LEFT - 5, y(low) + 3, compact(low), { anchor: "end" });
  bands.forEach((label, b) => {
    const own = rows.filter((i) => (band?.[i] ?? 0) === b);
    const bars = own.map((i) => {
      const e = error?.[i] ?? 0;
      return `M${round(x(time[i]))},${round(y(value[i] - e))}V${round(y(value[i] + e))}`;
    }).join("");
    const dots = own.map((i) => `M${round(x(time[i]))},${round(y(value[i]))}h0`).join("");
    const colour = bandColour(label, b);
    svg += `<g transform="translate(${round(LEFT + b * (panel + GAP))},0)">` +
      `<rect width="${round(panel)}" height="${height}" fill="none" stroke="#bbb"/>` +
      `<path d="M0,${round(y(0))}h${round(panel)}" stroke="#bbb" stroke-dasharray="3 3"/>` +
      `<path d="${bars}" stroke="#9a9a9a" stroke-width="0.8"/>` +
      `<path d="${dots}" stroke="${colour}" stroke-width="3.4" stroke-linecap="round"/>` +
      "</g>";
  });
  return svg;
}

/** Rows from `around` days before the first detection to as many after the last; all without flags. */
function windowOf({ time, value, error, flags }: LightCurve, around: number): number[] {
  const all = Array.from(time.keys());
  if (flags === undefined || error === undefined) return all;
  // A detection of three errors may be noise, years from the event.
  const seen = all.filter((i) => (flags[i] & Flag.detected) !== 0 && Math.abs(value[i]) >= 5 * error[i]);
  if (seen.length === 0) return all;
  const from = time[seen[0]] - around, to = time[seen[seen.length - 1]] + around;
  return all.filter((i) => time[i] >= from && time[i] <= to);
}

const round = (value: number) => Math.round(value * 10) / 10;

/** A flux in at most five characters. */
function compact(value: number): string {
  const size = Math.abs(value);
  const shown = size >= 1e5
    ? `${(value / 1e3).toFixed(0)}k`
    : size >= 1e3
    ? `${(value / 1e3).toFixed(1)}k`
    : value.toFixed(0);
  return shown.replace(/^-(?=0$)/, "").replace("-", "−");
}

function text(
  x: number,
  y: number,
  content: string,
  options: { anchor?: string; weight?: string; colour?: string } = {},
): string {
  const { anchor, weight, colour = "#555" } = options;
  const most = LEFT - 36, size = textWidth(content, { fontSize: 9.5, bold: weight === "bold" });
  const squeeze = anchor === undefined && size > most
    ? ` textLength="${most}" lengthAdjust="spacingAndGlyphs"`
    : "";
  return `<text x="${round(x)}" y="${round(y)}" fill="${colour}"` +
    (anchor ? ` text-anchor="${anchor}"` : "") + (weight ? ` font-weight="${weight}"` : "") +
    `${squeeze}>${escapeXml(content)}</text>`;
}
