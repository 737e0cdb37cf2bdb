import * as Plot from "@observablehq/plot";
import { demand } from "../../core/mod.ts";
import { type Figure, figure } from "../figure.ts";
import { CLASS_SYMBOLS, classColour } from "../palettes.ts";
import { type ChartOptions, distinct, textOf, thinnedPlaces } from "./options.ts";

/** Points as columns of equal length. */
export interface ScatterColumns {
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** Class of each point. */
  label: ArrayLike<string>;
}

/** Options of {@link scatterByClass}. */
export interface ScatterOptions extends ChartOptions {
  /** Label of the horizontal axis. */
  xLabel?: string;
  /** Label of the vertical axis. */
  yLabel?: string;
  /** Logarithmic horizontal axis. Default false. */
  logX?: boolean;
  /** Logarithmic vertical axis. Default false. */
  logY?: boolean;
  /** Vertical axis downwards, for magnitudes. Default false. */
  reverseY?: boolean;
  /** Order of the classes, which also fixes their colours. */
  classOrder?: readonly string[];
  /** Classes drawn on top in black: what is new, what is asked about. */
  emphasise?: readonly string[];
  /** At most so many points a class, evenly thinned; the small print says so. Default 600. */
  mostPerClass?: number;
  /** Radius of a dot in pixels. Default 2. */
  radius?: number;
}

/**
 * Returns points coloured and shaped by class: an embedding, a colour-magnitude diagram.
 *
 * @example
 * ```ts
 * import { scatterByClass } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const drawn = scatterByClass({ x: [0, 1, 2], y: [1, 0, 2], label: ["RRAB", "EW", "EW"] }, { xLabel: "first" });
 * assert.ok(drawn.svg.includes("EW (2)"));
 * ```
 */
export function scatterByClass(points: ScatterColumns, options: ScatterOptions = {}): Figure {
  const { x, y, label } = points;
  const { mostPerClass = 600, radius = 2, emphasise = [], logX = false, logY = false } = options;
  demand(x.length === y.length && x.length === label.length, {
    expected: "columns of one length",
    found: `${x.length} x, ${y.length} y, ${label.length} labels`,
    where: "scatterByClass",
  });
  const classes = distinct(Array.from(label), options.classOrder);
  // A class keeps the colour of its place in the given order, also where a class before it is absent.
  const place = (name: string) => {
    const given = options.classOrder?.indexOf(name) ?? -1;
    return given >= 0 ? given : classes.indexOf(name);
  };
  const usable = (value: number, log: boolean) => Number.isFinite(value) && (!log || value > 0);
  const members = new Map(classes.map((name) => [name, [] as number[]]));
  for (let i = 0; i < x.length; i++) {
    if (usable(x[i], logX) && usable(y[i], logY)) members.get(label[i])!.push(i);
  }
  const look = (name: string) => ({
    colour: emphasise.includes(name) ? "#000000" : classColour(place(name)),
    symbol: CLASS_SYMBOLS[place(name) % CLASS_SYMBOLS.length],
  });
  const thinned = [...members.values()].some((rows) => rows.length > mostPerClass);
  const order = [
    ...classes.filter((name) => !emphasise.includes(name)),
    ...emphasise.filter((n) => members.has(n)),
  ];
  const note = thinned ? `At most ${mostPerClass} points a class are drawn.` : undefined;
  return figure({
    ...textOf(options),
    caption: [options.caption, note].filter(Boolean).join(" ") || undefined,
    alt: options.alt ??
      `${options.title ?? "Scatter plot"} of ${options.yLabel ?? "y"} against ${options.xLabel ?? "x"}: ` +
        classes.map((name) => `${name} (${members.get(name)!.length})`).join(", "),
    width: options.width,
    height: options.height ?? 420,
    marginLeft: 48,
    inset: 5,
    legend: classes.map((name) => ({ label: `${name} (${members.get(name)!.length})`, ...look(name) })),
    x: {
      label: options.xLabel,
      type: logX ? "log" : "linear",
      ...(logX ? { tickFormat: "~g", ticks: 6 } : {}),
    },
    y: {
      label: options.yLabel,
      type: logY ? "log" : "linear",
      reverse: options.reverseY,
      ...(logY ? { tickFormat: "~g", ticks: 5 } : {}),
    },
    marks: [
      Plot.frame({ stroke: "#999" }),
      ...order.map((name) => {
        const rows = members.get(name)!;
        return Plot.dot(thinnedPlaces(rows.length, mostPerClass).map((k) => [x[rows[k]], y[rows[k]]]), {
          r: radius,
          fill: look(name).colour,
          symbol: look(name).symbol as Plot.SymbolType,
        });
      }),
    ],
  });
}

/** Period, amplitude and class of many stars, as columns of equal length. */
export interface PeriodAmplitudeColumns {
  /** Periods in days. */
  period: ArrayLike<number>;
  /** Amplitudes, peak to peak, in magnitudes. */
  amplitude: ArrayLike<number>;
  /** Class of each star. */
  label: ArrayLike<string>;
}

/**
 * Returns the period-amplitude (Bailey) diagram, periods on a logarithmic axis.
 *
 * @example
 * ```ts
 * import { periodAmplitude } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const drawn = periodAmplitude({ period: [0.55, 0.3], amplitude: [1.1, 0.4], label: ["RRAB", "RRC"] });
 * assert.ok(drawn.svg.includes("period (days)"));
 * ```
 */
export function periodAmplitude(stars: PeriodAmplitudeColumns, options: ScatterOptions = {}): Figure {
  return scatterByClass({ x: stars.period, y: stars.amplitude, label: stars.label }, {
    xLabel: "period (days)",
    yLabel: "amplitude (mag)",
    logX: true,
    title: "Period and amplitude",
    ...options,
  });
}
