/** Quasar-like spectra: a power law with broad and narrow emission lines of published strength. */
import { demand } from "../../core/mod.ts";
import { LINES } from "./line_list.ts";

/** Parameters of {@link quasarFlux}. */
export interface QuasarParameters {
  /** Redshift. */
  redshift: number;
  /** Added to the exponents of the power law in wavelength, -1.54 below 4661 angstrom and -0.42 above. Default 0. */
  slope?: number;
  /** Factor on the equivalent widths of broad lines. Default 1. */
  broad?: number;
  /** Factor on those of narrow lines. Default 1. */
  narrow?: number;
  /** Factor on the widths of broad lines in velocity. Default 1. */
  velocity?: number;
}

/**
 * Returns the flux density per angstrom of a quasar at observed vacuum wavelengths in angstrom, 1 at 4661 angstrom (rest) without
 * lines: the broken power law and Gaussians of rest equivalent widths of the SDSS composite (Vanden Berk et al. 2001).
 *
 * @example
 * ```ts
 * import { quasarFlux } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const [line, beside] = quasarFlux({ redshift: 1 }, Float64Array.of(2 * 2798.75, 2 * 2500));
 * assert.ok(line > beside);
 * ```
 */
export function quasarFlux(parameters: QuasarParameters, wavelength: Float64Array): Float64Array {
  const { redshift, slope = 0, broad = 1, narrow = 1, velocity = 1 } = parameters;
  demand(redshift >= 0 && redshift < 10 && broad >= 0 && narrow >= 0 && velocity > 0, () => ({
    expected: "a redshift from 0 to 10, factors that are not negative and a positive factor on velocities",
    found: `redshift ${redshift}, broad ${broad}, narrow ${narrow}, velocity ${velocity}`,
    where: "quasarFlux",
  }));
  const { powerLaw, lines } = LINES.quasar;
  const continuum = (rest: number) =>
    Math.pow(rest / powerLaw.break, (rest < powerLaw.break ? powerLaw.blue : powerLaw.red) + slope);
  return wavelength.map((observed) => {
    const rest = observed / (1 + redshift);
    let flux = continuum(rest);
    for (const line of lines) {
      const sigma = line.sigma * (line.broad ? velocity : 1), x = (rest - line.vacuum) / sigma;
      if (Math.abs(x) > 6) continue;
      const width = line.width * (line.broad ? broad : narrow);
      flux += continuum(line.vacuum) * width / (sigma * Math.sqrt(2 * Math.PI)) * Math.exp(-0.5 * x * x);
    }
    return flux;
  });
}
