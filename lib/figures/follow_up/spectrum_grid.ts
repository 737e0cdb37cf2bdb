import * as Plot from "@observablehq/plot";
import { demand } from "../../core/mod.ts";
import { type ChartOptions, textOf, thinnedPlaces } from "../charts/options.ts";
import { type Figure, figure } from "../figure.ts";
import { panels } from "../panels.ts";

/** One spectrum of a {@link spectrumGrid}. */
export interface SpectrumCell {
  label: string;
  /** Said beside the label. */
  note?: string;
  /** Flux at each wavelength. */
  flux: ArrayLike<number>;
  /** What a model makes of it, at the same or at `modelWavelength`. */
  model?: ArrayLike<number>;
}

/** Options of {@link spectrumGrid}. */
export interface SpectrumGridOptions extends ChartOptions {
  /** Default 3. */
  columns?: number;
  /** Wavelengths of the models where they are coarser than the spectra. */
  modelWavelength?: ArrayLike<number>;
  fluxLabel?: string;
}

/** Points of a spectrum that are drawn: more than a panel has pixels. */
const DRAWN = 450;

/**
 * Returns spectra in small panels, each with its reconstruction as a darker line.
 *
 * @param wavelength angstrom, ascending, common to all
 * @throws EphemeraError when a spectrum has another length
 *
 * @example
 * ```ts
 * import { spectrumGrid } from "ephemera/figures/follow_up";
 * import assert from "node:assert/strict";
 * const drawn = spectrumGrid([4000, 5000, 6000], [{ label: "RRc", flux: [1, 2, 1], model: [1, 1.8, 1.1] }]);
 * assert.ok(drawn.alt.includes("RRc"));
 * ```
 */
export function spectrumGrid(
  wavelength: ArrayLike<number>,
  cells: readonly SpectrumCell[],
  options: SpectrumGridOptions = {},
): Figure {
  const { columns = 3, modelWavelength = wavelength, fluxLabel = "flux" } = options;
  const width = (options.width ?? 780) / columns - 8, height = options.height ?? 150;
  const line = (x: ArrayLike<number>, y: ArrayLike<number>, label: string) => {
    demand(x.length === y.length && x.length > 0, {
      expected: `${x.length} fluxes`,
      found: `${y.length}`,
      where: `spectrum "${label}"`,
    });
    return thinnedPlaces(x.length, DRAWN).map((k) => [x[k], y[k]]);
  };
  const drawn = cells.map(({ label, note, flux, model }) =>
    figure({
      title: note === undefined ? label : `${label}, ${note}`,
      titleSize: 11,
      alt: label,
      width,
      height,
      marginLeft: 38,
      marginRight: 16,
      x: { label: "wavelength (Å)", ticks: 4 },
      y: { label: fluxLabel, ticks: 3 },
      marks: [
        Plot.line(line(wavelength, flux, label), { stroke: "#9aa4b5", strokeWidth: 0.8 }),
        ...(model === undefined ? [] : [
          Plot.line(line(modelWavelength, model, label), { stroke: "#0b3c6f", strokeWidth: 1.4 }),
        ]),
      ],
    })
  );
  return panels(drawn, {
    ...textOf(options),
    columns,
    alt: options.alt ?? `${options.title ?? "Spectra"}: ${cells.map(({ label }) => label).join(", ")}`,
  });
}
