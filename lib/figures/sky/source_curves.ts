import { FLUXCAL_ZERO_POINT, magnitudeOf } from "../../astronomy/mod.ts";
import type { SkySource } from "../../sources/mod.ts";
import { type ChartOptions, lightCurve, type LightCurveLine } from "../charts/mod.ts";
import type { Figure } from "../figure.ts";
import { bandColour } from "../palettes.ts";

/** Options of {@link sourceCurves}. */
export interface SourceCurvesOptions extends ChartOptions {
  /** Names of the bands, in the order of the source's passbands. */
  bands: readonly string[];
  /** Days before and after the source's maximum. Default 40 and 120. */
  days?: readonly [before: number, after: number];
  /** Fainter than this is not drawn, magnitudes. Default 27. */
  faintest?: number;
}

/** Dash patterns by band, so that lines differ without colour. */
const DASHES = ["2 3", "8 3", "", "5 3 1 3", "10 3", "1 2"];

/**
 * Returns what a transient is without noise: its magnitude in each band against days from maximum, as an observer counts them.
 *
 * @example
 * ```ts
 * import { sourceCurves } from "ephemera/figures/sky";
 * import assert from "node:assert/strict";
 * const lamp = {
 *   kind: "lamp", redshift: 0, peak: 60000, parameters: {}, quiescent: new Float64Array(1),
 *   flux: (time: Float64Array) => new Float64Array(time.length).fill(1000),
 * };
 * assert.ok(sourceCurves(lamp, { bands: ["r"] }).alt.includes("brightest r 20.0"));
 * ```
 */
export function sourceCurves(source: SkySource, options: SourceCurvesOptions): Figure {
  const { bands, days: [before, after] = [40, 120], faintest = 27, ...chart } = options;
  const days = Float64Array.from({ length: before + after + 1 }, (_, i) => i - before);
  const time = days.map((day) => source.peak + day);
  const lines = bands.map((label, b): LightCurveLine => {
    const flux = source.flux(time, new Uint8Array(time.length).fill(b));
    const magnitude = flux.map((f) => magnitudeOf(f, FLUXCAL_ZERO_POINT));
    const seen = Array.from(days.keys()).filter((i) => magnitude[i] < faintest);
    return {
      label,
      time: seen.map((i) => days[i]),
      value: seen.map((i) => magnitude[i]),
      colour: bandColour(label, b),
      dash: DASHES[b % DASHES.length],
    };
  });
  const shown = lines.filter((line) => line.time.length > 0);
  const brightest = (line: LightCurveLine) => Math.min(...Array.from(line.value)).toFixed(1);
  return lightCurve({ time: [], value: [] }, {
    ...chart,
    alt: chart.alt ??
      `${chart.title ?? source.kind}, magnitude against days from maximum; brightest ${
        shown.map((line) => `${line.label} ${brightest(line)}`).join(", ")
      }`,
    lines: shown,
    timeLabel: "days from maximum",
    valueLabel: "magnitude",
  });
}
