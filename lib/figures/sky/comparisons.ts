import * as Plot from "@observablehq/plot";
import { median } from "../../numerics/mod.ts";
import { histogramByGroup } from "../charts/mod.ts";
import { type Figure, figure, type FigureText } from "../figure.ts";
import { CLASS_DASHES, classColour } from "../palettes.ts";
import { panels } from "../panels.ts";

/** Colours of real and simulated, the first two of the palette. */
const REAL = classColour(0), SIMULATED = classColour(1);

const LEGEND = [
  { label: "challenge", colour: REAL, kind: "line" as const },
  { label: "simulated", colour: SIMULATED, kind: "line" as const, dash: CLASS_DASHES[1] },
];

/** One quantity in two samples. */
export interface ComparedValues {
  /** Name with its unit. */
  label: string;
  /** Values of the challenge; what is not finite is left out. */
  real: ArrayLike<number>;
  /** Values of the simulation. */
  simulated: ArrayLike<number>;
  /** From where to where; values outside fall into the outermost bins. Default: 0.5 to 99.5 per cent of all values. */
  range?: readonly [number, number];
}

/** Options of the comparisons. */
export interface ComparisonOptions extends FigureText {
  /** Panels beside each other. Default 3. */
  columns?: number;
  /** Width in pixels. Default 780. */
  width?: number;
}

/**
 * Returns histograms of a challenge and its simulation over each other, one panel a quantity.
 *
 * @example
 * ```ts
 * import { histogramComparison } from "ephemera/figures/sky";
 * import assert from "node:assert/strict";
 * const drawn = histogramComparison([{ label: "redshift", real: [0.1, 0.2], simulated: [0.15, 0.3] }]);
 * assert.ok(drawn.alt.includes("redshift"));
 * ```
 */
export function histogramComparison(
  quantities: readonly ComparedValues[],
  options: ComparisonOptions = {},
): Figure {
  const { columns = 3, width = 780 } = options, cell = cellWidth(width, columns);
  const drawn = quantities.map(({ label, real, simulated, range }) =>
    histogramByGroup(
      [{ label: "challenge", values: real }, { label: "simulated", values: simulated }],
      {
        alt: `${label}: ${medianOf("challenge", real)}, ${medianOf("simulated", simulated)}`,
        width: cell,
        height: 140,
        bins: 24,
        valueLabel: label,
        range: range ?? bulk(real, simulated),
      },
    )
  );
  return panels(drawn, { ...options, columns, gap: 8 });
}

/** Says a sample in words. */
function medianOf(name: string, values: ArrayLike<number>): string {
  const finite = Array.from(values).filter(Number.isFinite);
  return `${name} (${finite.length}${finite.length === 0 ? "" : `, median ${short(median(finite))}`})`;
}

/** Quantiles of one quantity in two samples. */
export interface ComparedQuantiles {
  /** Name with its unit. */
  label: string;
  /** 5th, 25th, 50th, 75th and 95th percentile of the challenge. */
  real: readonly number[];
  /** The same of each simulation: one a seed. */
  simulated: readonly (readonly number[])[];
}

/**
 * Returns quantiles of a challenge and its simulations beside each other, one panel a quantity: thin line 5 to 95 per cent, thick line 25 to 75, dot
 * at the median.
 *
 * @example
 * ```ts
 * import { quantileComparison } from "ephemera/figures/sky";
 * import assert from "node:assert/strict";
 * const drawn = quantileComparison([{ label: "redshift", real: [1, 2, 3, 4, 5], simulated: [[1, 2, 3, 4, 6]] }]);
 * assert.ok(drawn.alt.includes("challenge 3 (1 to 5), simulated 3 (1 to 6)"));
 * ```
 */
export function quantileComparison(
  quantities: readonly ComparedQuantiles[],
  options: ComparisonOptions = {},
): Figure {
  const { columns = 3, width = 780 } = options, cell = cellWidth(width, columns);
  const drawn = quantities.map(({ label, real, simulated }) => {
    const rows = [
      { name: "challenge", colour: REAL, q: real },
      ...simulated.map((q, k) => ({ name: `sky ${k + 1}`, colour: SIMULATED, q })),
    ];
    const low = Math.min(...rows.map(({ q }) => q[0])), high = Math.max(...rows.map(({ q }) => q[4]));
    const air = 0.04 * (high - low || 1);
    const bar = (from: number, to: number, strokeWidth: number) =>
      Plot.ruleY(rows, {
        y: "name",
        x1: (row: typeof rows[0]) => row.q[from],
        x2: (row: typeof rows[0]) => row.q[to],
        stroke: "colour",
        strokeWidth,
      });
    return figure({
      alt: `${label}: challenge ${brief(real)}, simulated ${simulated.map(brief).join("; ")}`,
      width: cell,
      height: 50 + 13 * rows.length,
      marginLeft: 72,
      marginRight: 18,
      marginTop: 4,
      x: { label, domain: [low - air, high + air], labelAnchor: "center", ticks: 4, tickFormat: "~f" },
      y: { type: "point", domain: rows.map(({ name }) => name), label: null, tickSize: 0, padding: 0.6 },
      marks: [
        Plot.gridX({ stroke: "#ddd", strokeOpacity: 1, ticks: 4 }),
        bar(0, 4, 1.2),
        bar(1, 3, 5),
        Plot.dot(rows, {
          x: (row) => row.q[2],
          y: "name",
          r: 3,
          fill: "white",
          stroke: "black",
        }),
      ],
    });
  });
  return panels(drawn, { ...options, columns, gap: 8 });
}

const brief = (q: readonly number[]) => `${short(q[2])} (${short(q[0])} to ${short(q[4])})`;
const short = (value: number) => String(Number(value.toPrecision(3)));

/** How errors grow with magnitude in one sample. */
export interface ErrorCurve {
  /** Band. */
  band: string;
  /** Is it of the simulation? */
  simulated: boolean;
  /** Points in order of magnitude: middle of the interval, and 16th, 50th, 84th percentile of the errors. */
  points: readonly { magnitude: number; low: number; middle: number; high: number }[];
}

/**
 * Returns errors against magnitude of a challenge and its simulation: the median as a line, 16 to 84 per cent as an area, one panel a
 * band.
 *
 * @example
 * ```ts
 * import { errorComparison } from "ephemera/figures/sky";
 * import assert from "node:assert/strict";
 * const points = [{ magnitude: 20, low: 0.01, middle: 0.02, high: 0.03 }, { magnitude: 21, low: 0.02, middle: 0.03, high: 0.04 }];
 * const drawn = errorComparison([{ band: "r", simulated: false, points }, { band: "r", simulated: true, points }]);
 * assert.ok(drawn.alt.includes("r"));
 * ```
 */
export function errorComparison(curves: readonly ErrorCurve[], options: ComparisonOptions = {}): Figure {
  const { columns = 3, width = 780 } = options, cell = cellWidth(width, columns);
  const all = curves.flatMap(({ points }) => points), magnitudes = all.map(({ magnitude }) => magnitude);
  const domain = [Math.min(...magnitudes), Math.max(...magnitudes)];
  const range = [Math.min(...all.map(({ low }) => low)), Math.max(...all.map(({ high }) => high))];
  const bands = [...new Set(curves.map(({ band }) => band))];
  const drawn = bands.map((band) => {
    const own = curves.filter((curve) => curve.band === band);
    return figure({
      title: band,
      titleSize: 11.5,
      alt: `${band}: ${
        own.map(({ simulated, points }) =>
          `${simulated ? "simulated" : "challenge"}, ${points.length} intervals of magnitude`
        ).join(", ")
      }`,
      width: cell,
      height: 150,
      marginLeft: 44,
      marginRight: 8,
      marginTop: 6,
      x: { label: "magnitude", domain, labelAnchor: "center", ticks: 5 },
      y: { label: null, type: "log", domain: range, ticks: 3, tickFormat: "~g" },
      marks: [
        Plot.frame({ stroke: "#bbb" }),
        ...own.map(({ simulated, points }) =>
          Plot.areaY(points, {
            x: "magnitude",
            y1: "low",
            y2: "high",
            fill: simulated ? SIMULATED : REAL,
            fillOpacity: 0.18,
          })
        ),
        ...own.map(({ simulated, points }) =>
          Plot.line(points, {
            x: "magnitude",
            y: "middle",
            stroke: simulated ? SIMULATED : REAL,
            strokeWidth: 1.8,
            strokeDasharray: simulated ? CLASS_DASHES[1] : undefined,
          })
        ),
      ],
    });
  });
  return panels(drawn, { ...options, columns, gap: 8, legend: LEGEND });
}

const cellWidth = (width: number, columns: number) => Math.floor((width - 8 * (columns - 1)) / columns);

/** Returns where the values lie, without half a per cent at each end. */
function bulk(...samples: ArrayLike<number>[]): [number, number] {
  const values = samples.flatMap((sample) => Array.from(sample)).filter(Number.isFinite).sort((a, b) =>
    a - b
  );
  const at = (share: number) => values[Math.round(share * (values.length - 1))];
  const low = at(0.005), high = at(0.995);
  return high > low ? [low, high] : [low - 0.5, low + 0.5];
}
