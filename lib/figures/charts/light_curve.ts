import * as Plot from "@observablehq/plot";
import { demand } from "../../core/mod.ts";
import { type Figure, figure, marginFor } from "../figure.ts";
import type { LegendEntry } from "../legend.ts";
import { bandColour, bandSymbol, classColour } from "../palettes.ts";
import { type ChartOptions, distinct, textOf, thinnedPlaces } from "./options.ts";

/** The observations of one object, as columns of equal length. */
export interface LightCurveColumns {
  /** Times in days. */
  time: ArrayLike<number>;
  /** Magnitudes or fluxes. */
  value: ArrayLike<number>;
  /** One standard deviation of each value; none are drawn without it. */
  error?: ArrayLike<number>;
  /** Band of each observation. Default: all one band without a name. */
  band?: ArrayLike<string>;
}

/** A line over a light curve: a model, a reconstruction. */
export interface LightCurveLine {
  /** What the line is. */
  label: string;
  /** Times in days. */
  time: ArrayLike<number>;
  /** Magnitudes or fluxes. */
  value: ArrayLike<number>;
  /** CSS colour. Default: dark, or the band's. */
  colour?: string;
  /** SVG dash pattern. Default solid. */
  dash?: string;
  /** Band whose colour the line takes. */
  band?: string;
  /** Draw open circles in place of a line, as for a reconstruction at the observed times. Default false. */
  dots?: boolean;
}

/** Options of {@link lightCurve}. */
export interface LightCurveOptions extends ChartOptions {
  /** Period in days; with it the curve is folded and drawn over two cycles. */
  period?: number;
  /** Time of phase 0, in days. Default 0. */
  epoch?: number;
  /** Magnitudes grow downwards. Default `"magnitude"`. */
  quantity?: "magnitude" | "flux";
  /** Axis label of the time. Default `"time (days)"`. */
  timeLabel?: string;
  /** Axis label of the value. Default: the quantity. */
  valueLabel?: string;
  /** Order of bands in the legend. */
  bandOrder?: readonly string[];
  /** Models and reconstructions. */
  lines?: readonly LightCurveLine[];
  /** Radius of a dot in pixels. Default 2. */
  radius?: number;
  /** Whether axes carry labels. Default true. */
  labels?: boolean;
  /** At most so many observations are drawn, evenly thinned; the small print says so. Default 2000. */
  most?: number;
  /** Whether a legend of bands and lines stands above. Default true. */
  legend?: boolean;
  /** Roughly how many ticks each axis has. Default: by size. */
  ticks?: number;
}

/**
 * Returns a light curve: one symbol and colour a band, error bars, magnitudes brighter upwards, folded over two cycles
 * when a period is given.
 *
 * @example
 * ```ts
 * import { lightCurve } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const time = [0, 1.1, 2.3, 3.2], value = [15.2, 14.8, 15.1, 15.3], error = [0.02, 0.02, 0.03, 0.02];
 * const drawn = lightCurve({ time, value, error }, { title: "A star", period: 0.57 });
 * assert.ok(drawn.alt.includes("4 observations"));
 * ```
 */
export function lightCurve(curve: LightCurveColumns, options: LightCurveOptions = {}): Figure {
  const { period, epoch = 0, quantity = "magnitude", lines = [], radius = 2, labels = true, width, ticks } =
    options;
  const count = curve.time.length;
  for (
    const [name, column] of [["value", curve.value], ["error", curve.error], ["band", curve.band]] as const
  ) {
    demand(column === undefined || column.length === count, {
      expected: `${count} entries, as many as times`,
      found: `${column?.length}`,
      where: `lightCurve, ${name}`,
    });
  }
  demand(period === undefined || period > 0, {
    expected: "a positive period in days",
    found: String(period),
    where: "lightCurve",
    remedy: "leave it out to draw against time",
  });
  const points: { x: number; y: number; low: number; high: number; band: string }[] = [];
  const drawn = thinnedPlaces(count, options.most ?? 2000);
  for (const i of drawn) {
    const y = curve.value[i], error = curve.error?.[i] ?? 0, band = curve.band?.[i] ?? "";
    if (!Number.isFinite(y)) continue;
    for (const x of abscissae(curve.time[i], period, epoch)) {
      points.push({ x, y, low: y - error, high: y + error, band });
    }
  }
  const bands = distinct(points.map((point) => point.band), options.bandOrder);
  const many = bands.length > 1;
  const colour = (band: string) => band === "" ? "#222222" : bandColour(band, bands.indexOf(band));
  const marks: Plot.Markish[] = [Plot.frame({ stroke: "#999" })];
  for (const band of bands) {
    const own = points.filter((point) => point.band === band);
    if (curve.error) {
      marks.push(Plot.ruleX(own, { x: "x", y1: "low", y2: "high", stroke: "#b5b5b5", clip: true }));
    }
  }
  for (const band of bands) {
    const own = points.filter((point) => point.band === band);
    const symbol = (many ? bandSymbol(band, bands.indexOf(band)) : "circle") as Plot.SymbolType;
    marks.push(Plot.dot(own, { x: "x", y: "y", r: radius, fill: colour(band), symbol, clip: true }));
  }
  lines.forEach((line, i) => marks.push(lineMark(line, lineColour(line, i), period, epoch, radius)));
  const legend: LegendEntry[] = [
    ...(many
      ? bands.map((band, i) => ({ label: band, colour: colour(band), symbol: bandSymbol(band, i) }))
      : []),
    ...lines.map((line, i): LegendEntry => ({
      label: line.label,
      colour: lineColour(line, i),
      kind: line.dots ? "dot" : "line",
      dash: line.dash,
    })),
  ];
  const extent = points.flatMap((point) => [point.low, point.high]).concat(
    lines.flatMap((l) => finite(l.value)),
  );
  const label = options.valueLabel ?? quantity;
  return figure({
    ...textOf(options),
    caption:
      [options.caption, drawn.length < count ? `${drawn.length} of ${count} observations are drawn.` : ""]
        .filter(Boolean).join(" ") || undefined,
    alt: options.alt ?? describe(count, bands, options, label),
    width,
    height: options.height ?? 280,
    marginLeft: labels ? marginFor("00.00", 14) : marginFor("00.0", 12),
    marginRight: 10,
    marginTop: labels ? 20 : 4,
    marginBottom: labels ? 34 : 20,
    legend: options.legend === false ? [] : legend,
    x: {
      label: labels ? (period === undefined ? options.timeLabel ?? "time (days)" : "phase") : null,
      // A Julian date has no thousands to be told apart, and no room for separators.
      ...(period === undefined ? { tickFormat: "~f", inset: 4 } : { domain: [0, 2] }),
      ...(ticks === undefined ? {} : { ticks }),
    },
    y: {
      label: labels ? label : null,
      reverse: quantity === "magnitude",
      domain: padded(extent),
      ...(ticks === undefined ? {} : { ticks }),
    },
    marks,
  });
}

/** A folded observation is drawn in both cycles. */
function abscissae(time: number, period: number | undefined, epoch: number): number[] {
  if (period === undefined) return [time];
  const cycles = (time - epoch) / period, phase = cycles - Math.floor(cycles);
  return [phase, phase + 1];
}

function lineMark(
  line: LightCurveLine,
  colour: string,
  period: number | undefined,
  epoch: number,
  radius: number,
): Plot.Markish {
  const points: { x: number; y: number }[] = [];
  for (let i = 0; i < line.time.length; i++) {
    for (const x of abscissae(line.time[i], period, epoch)) points.push({ x, y: line.value[i] });
  }
  if (line.dots) return Plot.dot(points, { x: "x", y: "y", r: radius, fill: colour, clip: true });
  points.sort((a, b) => a.x - b.x);
  return Plot.line(points, {
    x: "x",
    y: "y",
    stroke: colour,
    strokeWidth: 1.6,
    strokeDasharray: line.dash,
    clip: true,
  });
}

const lineColour = (line: LightCurveLine, place: number) =>
  line.colour ?? (line.band === undefined ? classColour(place + 3) : bandColour(line.band, place));

const finite = (values: ArrayLike<number>) => Array.from(values).filter(Number.isFinite);

/** Four per cent of air above and below; a constant light curve gets a tenth of a magnitude. */
function padded(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const air = high > low ? 0.04 * (high - low) : 0.1;
  return [low - air, high + air];
}

function describe(count: number, bands: string[], options: LightCurveOptions, label: string): string {
  return [
    options.title ?? "Light curve",
    `${count} observations${bands.length > 1 ? ` in the bands ${bands.join(", ")}` : ""} of ${label}`,
    options.period === undefined
      ? "against time"
      : `folded with a period of ${Number(options.period.toPrecision(6))} days`,
    ...(options.lines?.length ? [`with ${options.lines.map((line) => line.label).join(", ")}`] : []),
  ].join(", ");
}
