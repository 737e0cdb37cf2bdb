/**
 * Normal type Ia supernovae: one spectral surface, stretched in time, reddened by a colour law, with Tripp's
 * peak magnitude.
 */
import typeIa from "../../../data/sources/type_ia.json" with { type: "json" };
import { passband } from "../../astronomy/mod.ts";
import type { Random } from "../../core/mod.ts";
import type { SkyKind } from "../sky_source.ts";
import { FIRST_LIGHT, SplineSurface } from "./log_surface.ts";
import { absoluteMagnitude, drawPeak, type SpectralModel, spectralSource } from "./spectral_series.ts";

/** What makes one type Ia supernova differ from another. */
export interface TypeIaParameters {
  /** Light-curve width x1 of SALT2; 0 is an average supernova, positive ones are slower. */
  x1: number;
  /** Colour c of SALT2: B - V at maximum less that of an average supernova, magnitudes. */
  c: number;
  /** Peak absolute magnitude M_B on the Vega scale. */
  magnitude: number;
}

/**
 * M_B of a supernova of x1 = 0 and c = 0 for H0 = 70 km/s/Mpc, and the slopes of Tripp (1998) (Betoule et al.
 * 2014; Scolnic et al. 2018).
 */
export const TRIPP = { magnitude: -19.36, alpha: 0.14, beta: 3.1, scatter: 0.1 } as const;

/** AB magnitude of Vega in B (Blanton & Roweis 2007, table 1). */
const VEGA_B = -0.09;

/**
 * Asymmetric normal distributions: mode, deviation below and above, and limits (Scolnic & Kessler 2016, table
 * 1, "G10, high z").
 */
const X1 = [0.973, 1.472, 0.222, -3, 3] as const;
const C = [-0.054, 0.043, 0.101, -0.3, 0.5] as const;

/**
 * Coefficients of the colour law of SALT2 as trained by Betoule et al. (2014), from 2800 to 7000 angstrom.
 */
const COLOUR_LAW = [-0.504294, 0.787691, -0.461715, 0.0815619] as const;
const LAW_RANGE = [2800, 7000] as const;
const LAW_B = 4302.57, LAW_V = 5428.55;

/** Returns the light-curve stretch of a SALT2 x1 (Guy et al. 2007, section 6). */
export function stretchOf(x1: number): number {
  return 0.98 + x1 * (0.091 + x1 * (0.003 - 0.00075 * x1));
}

/**
 * Returns the colour law CL of SALT2 (Guy et al. 2007, equation 2) at a wavelength in angstrom at rest: a
 * colour c dims by c CL magnitudes,
 * CL(B) = 0 and CL(V) = -1; straight beyond 2800 and 7000 angstrom.
 */
export function colourLaw(wavelength: number): number {
  const [low, high] = LAW_RANGE, inside = Math.min(Math.max(wavelength, low), high);
  const x = (inside - LAW_B) / (LAW_V - LAW_B), first = 1 - COLOUR_LAW.reduce((a, b) => a + b, 0);
  let value = first * x, slope = first, power = x;
  for (let i = 0; i < COLOUR_LAW.length; i++) {
    slope += (i + 2) * COLOUR_LAW[i] * power;
    power *= x;
    value += COLOUR_LAW[i] * power;
  }
  return -(value + slope * (wavelength - inside) / (LAW_V - LAW_B));
}

const SURFACE = new SplineSurface(typeIa);

/** AB magnitude in B at phase 0 of the surface as it is. */
let surfacePeak: number | undefined;

/**
 * Returns the spectral energy distribution of a type Ia supernova: L(p, lambda) = L_0 S(p / s, lambda)
 * 10^(-0.4 c CL(lambda)), with the
 * stretch s of {@link stretchOf}, the colour law of {@link colourLaw} and S a coarse bicubic fit
 * (`data/sources/type_ia.json`) of the
 * template of Hsiao et al. (2007) with a quadratic rise. Phase 0 is the B maximum.
 *
 * @example
 * ```ts
 * import { passband } from "ephemera/astronomy";
 * import { absoluteMagnitude, typeIaModel } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const b = absoluteMagnitude(typeIaModel({ x1: 0, c: 0, magnitude: -19.36 }), passband("johnson", "B"));
 * assert.ok(Math.abs(b(15) - b(0) - 1.09) < 0.1); // the decline in fifteen days
 * ```
 */
export function typeIaModel({ x1, c, magnitude }: TypeIaParameters): SpectralModel {
  surfacePeak ??= absoluteMagnitude({ at: (wavelength) => SURFACE.at(wavelength) }, passband("johnson", "B"))(
    0,
  );
  const stretch = stretchOf(x1), scale = 0.4 * Math.LN10 * (surfacePeak - magnitude - VEGA_B);
  return {
    span: [FIRST_LIGHT * stretch, Infinity],
    at(wavelength) {
      const evaluate = SURFACE.at(
        wavelength,
        wavelength.map((x) => scale - 0.4 * Math.LN10 * c * colourLaw(x)),
      );
      return (phase, out) => evaluate(phase / stretch, out);
    },
  };
}

/**
 * Returns a draw from two half normal distributions joined at their mode, drawn again when outside the
 * limits.
 */
function asymmetric(random: Random, [mode, below, above, low, high]: typeof X1 | typeof C): number {
  for (;;) {
    const lower = random.uniform() * (below + above) < below, size = Math.abs(random.normal());
    const value = mode + (lower ? -below : above) * size;
    if (value >= low && value <= high) return value;
  }
}

/**
 * Draws the parameters of a type Ia supernova: width and colour (Scolnic & Kessler 2016), magnitude by {@link
 * TRIPP}.
 */
export function drawTypeIa(random: Random): TypeIaParameters {
  const x1 = asymmetric(random, X1), c = asymmetric(random, C);
  const magnitude = TRIPP.magnitude - TRIPP.alpha * x1 + TRIPP.beta * c + random.normal(0, TRIPP.scatter);
  return { x1, c, magnitude };
}

/**
 * Normal type Ia supernovae. Parameters: `x1`, `c`, `stretch`, `magnitude` (M_B, Vega); dust of the host is
 * part of c.
 */
export const SN_IA: SkyKind = {
  name: "SNIa",
  galactic: false,
  reference:
    "Hsiao et al. 2007, ApJ 663, 1187; Guy et al. 2007, A&A 466, 11; Betoule et al. 2014, A&A 568, A22; " +
    "Scolnic & Kessler 2016, ApJ 822, L35; Tripp 1998, A&A 331, 815",
  draw(random, setting) {
    const drawn = drawTypeIa(random);
    return spectralSource("SNIa", setting, {
      peak: drawPeak(random, setting),
      parameters: { ...drawn, stretch: stretchOf(drawn.x1) },
      model: typeIaModel(drawn),
    });
  },
};
