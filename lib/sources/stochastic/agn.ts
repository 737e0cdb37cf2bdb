/**
 * Active galactic nuclei: a quasar's spectrum whose light walks at random, in a steady galaxy.
 *
 * Variability (MacLeod et al. 2010, ApJ 721, 1014, equation 7 and table 1): in magnitudes a damped random
 * walk with
 *   log SF_inf = -0.51 - 0.479 L + 0.131 (M_i + 23) + 0.18 log(M_BH / 10^9 Msun),
 *   log tau    =  2.4  + 0.17  L + 0.03  (M_i + 23) + 0.21 log(M_BH / 10^9 Msun),  L = log(lambda_rest /
 * 4000 A),
 * tau in days at rest. All bands are driven by the same noise, each with its own amplitude and memory, and
 * each follows the centre of
 * the disc with the light's delay (Fausnaugh et al. 2016, ApJ 821, 56, equation 12): bands are correlated as
 * real ones are, bluer bands vary more, and first.
 */
import { demand, type Random } from "../../core/mod.ts";
import type { SkyKind, SkySetting, SkySource } from "../sky_source.ts";
import { blackBody } from "../spectra/photosphere.ts";
import { quasarFlux } from "../spectra/quasar.ts";
import { bandFacts } from "../periodic/multiband/stage.ts";
import { bandFluxes } from "../steady/mod.ts";
import { intergalacticTransmission } from "../transients/spectral_series.ts";
import { DampedWalks } from "./damped_walks.ts";

/** What sets the variability of a nucleus. */
export interface AgnParameters {
  /** Absolute i magnitude of the nucleus, K-corrected to redshift 0. */
  absoluteMagnitude: number;
  /** Decimal logarithm of the black hole's mass over that of the Sun. */
  logMass: number;
}

/** Structure function at infinity in magnitudes and memory in days at rest. */
export interface AgnVariability {
  structure: number;
  tau: number;
}

/**
 * Returns amplitude and memory of a nucleus at a wavelength at rest in angstrom, by the relations at the top
 * of this file.
 *
 * @example
 * ```ts
 * import { agnVariability } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const { structure, tau } = agnVariability({ absoluteMagnitude: -23, logMass: 9 }, 4000);
 * assert.ok(Math.abs(structure - 0.309) < 0.001 && Math.abs(tau - 251) < 1);
 * ```
 */
export function agnVariability(
  { absoluteMagnitude, logMass }: AgnParameters,
  wavelength: number,
): AgnVariability {
  const colour = Math.log10(wavelength / 4000), faintness = absoluteMagnitude + 23, mass = logMass - 9;
  return {
    structure: Math.pow(10, -0.51 - 0.479 * colour + 0.131 * faintness + 0.18 * mass),
    tau: Math.pow(10, 2.4 + 0.17 * colour + 0.03 * faintness + 0.21 * mass),
  };
}

/** Physical constants in CGS units. */
const PLANCK = 6.62607015e-27, LIGHT = 2.99792458e10, BOLTZMANN = 1.380649e-16, GRAVITY = 6.6743e-8;
const STEFAN = 5.670374419e-5, SUN = 1.98841e33, EDDINGTON = 1.26e38, MEGAPARSEC = 3.0856775814913673e24;

/**
 * Returns the light travel time in days from the centre of a thin disc to where it shines at a wavelength:
 * (1 / c) (X k lambda / h c)^(4/3) (G M / (8 pi sigma) L_Edd / (eta c^2) (3 + kappa) m)^(1/3), with X =
 * 2.49, eta = 0.1, kappa = 1
 * (Fausnaugh et al. 2016, equation 12).
 *
 * @param wavelength at rest, angstrom. @param logMass decimal logarithm of the mass over the Sun's. @param eddington L / L_Edd.
 */
export function discLag(wavelength: number, logMass: number, eddington: number): number {
  const mass = Math.pow(10, logMass);
  const heat = GRAVITY * mass * SUN / (8 * Math.PI * STEFAN) * (EDDINGTON * mass / (0.1 * LIGHT ** 2)) * 4 *
    eddington;
  const size = Math.pow(2.49 * BOLTZMANN * wavelength * 1e-8 / (PLANCK * LIGHT), 4 / 3) * Math.cbrt(heat);
  return size / LIGHT / 86400;
}

/**
 * Draws M_i(z = 2) from the luminosity function of Ross et al. (2013, ApJ 773, 14, table 8): a double power
 * law with slopes -1.16 and -3.37 and
 * pure luminosity evolution up to z = 2.2, -1.29 and -3.51 with luminosity and density evolution above (held
 * beyond z = 4),
 * from four magnitudes below the break to four above.
 */
function drawLuminosity(random: Random, redshift: number): number {
  const early = redshift > 2.2, z = Math.min(redshift, 4);
  const knee = early ? -26.57 - 0.809 * (z - 2.2) : -22.85 - 2.5 * (1.241 * z - 0.249 * z * z);
  const [faint, bright] = early ? [-1.29, -3.51] : [-1.16, -3.37], steps = 64, span = 4;
  const cumulative = new Float64Array(steps + 1);
  for (let k = 0; k < steps; k++) {
    const x = 0.4 * (2 * span * (k + 0.5) / steps - span);
    cumulative[k + 1] = cumulative[k] + 1 / (Math.pow(10, (faint + 1) * x) + Math.pow(10, (bright + 1) * x));
  }
  const goal = random.uniform() * cumulative[steps];
  let k = 1;
  while (k < steps && cumulative[k] < goal) k++;
  const inside = (goal - cumulative[k - 1]) / (cumulative[k] - cumulative[k - 1]);
  return knee - span + 2 * span * (k - 1 + inside) / steps;
}

/**
 * Light of a galaxy over that of the nucleus at 5100 angstrom for the logarithm of the nucleus' lambda
 * L_lambda (Shen et al. 2011, equation 1).
 */
function hostShare(logLuminosity: number): number {
  const x = Math.max(-0.7, logLuminosity - 44);
  return x > 1.053 ? 0 : Math.max(0, 0.8052 + x * (-1.5502 + x * (0.9121 - 0.1577 * x)));
}

/**
 * A galaxy's spectrum, 1 at 5100 angstrom: stars of 5300 K with the break at 4000 angstrom of an early
 * spiral (Balogh et al. 1999).
 */
function galaxyShape(wavelength: number): number {
  const step = 1 / (1 + Math.exp(-(wavelength - 3950) / 60));
  return (0.6 + 0.4 * step) * blackBody(wavelength, 5300) / blackBody(5100, 5300);
}

/**
 * An active nucleus. M_i from the luminosity function of its redshift (Ross et al. 2013), M_BH normal in its
 * logarithm with mean
 * 2.0 - 0.27 M_i and scatter 0.58 + 0.011 M_i (Shen et al. 2008 as in MacLeod et al. 2010), exponent of the
 * continuum scattered by 0.3
 * (Richards et al. 2003), lags one to three times those of a thin disc (Jiang et al. 2017; Fausnaugh et al.
 * 2016). `quiescent` is the
 * light with the walk at zero, galaxy included.
 *
 * @example
 * ```ts
 * import { FlatUniverse, passbandSystem } from "ephemera/astronomy";
 * import { Random } from "ephemera/core";
 * import { AGN } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const nucleus = AGN.draw(new Random(1), { passbands: passbandSystem("lsst").passbands, mwebv: 0.02,
 * redshift: 1.2,
 *   window: { start: 60000, end: 61000 }, universe: new FlatUniverse(), magnitudes: { bright: 16, faint: 24
 * } });
 * assert.ok(Number.isNaN(nucleus.peak) && nucleus.flux(Float64Array.of(60010), Uint8Array.of(1))[0] > 0);
 * ```
 */
export const AGN: SkyKind = {
  name: "AGN",
  galactic: false,
  reference:
    "MacLeod et al. 2010, ApJ 721, 1014; Ross et al. 2013, ApJ 773, 14; Vanden Berk et al. 2001, AJ 122, 549",
  draw: drawAgn,
};

function drawAgn(random: Random, setting: SkySetting): SkySource {
  const { redshift, passbands, universe, mwebv, window } = setting;
  demand(redshift > 0 && redshift < 7, () => ({
    expected: "a redshift above 0 and below 7",
    found: String(redshift),
    where: "AGN",
  }));
  const atTwo = drawLuminosity(random, redshift), absoluteMagnitude = atTwo + 0.596;
  const logMass = Math.min(
    10.5,
    Math.max(6, random.normal(2 - 0.27 * absoluteMagnitude, 0.58 + 0.011 * absoluteMagnitude)),
  );
  const slope = random.normal(0, 0.3), lagFactor = Math.pow(3, random.uniform());
  // Bolometric luminosity of M_i(z = 2): Shen et al. (2009).
  const eddington = Math.min(3, Math.pow(10, (90 - atTwo) / 2.5 - Math.log10(EDDINGTON) - logMass));
  // L_nu at 2500 angstrom over 4 pi (10 pc)^2: Richards et al. (2006), equation 4.
  const density = Math.pow(10, -0.4 * (atTwo + 48.6 + 2.5 * Math.log10(3)));
  const ultraviolet = density * 4 * Math.PI * (1e-5 * MEGAPARSEC) ** 2 * LIGHT * 1e8 / 2500 ** 2;
  const quasar = { redshift: 0, slope }, scale = ultraviolet / Math.pow(2500 / 4661, -1.54 + slope);
  const optical = scale * Math.pow(5100 / 4661, -0.42 + slope);
  const galaxy = optical * hostShare(Math.log10(5100 * optical)) * Math.pow(10, random.normal(0, 0.2));
  const distance = universe.luminosityDistance(redshift) * MEGAPARSEC;
  const dilution = 1 / (4 * Math.PI * distance * distance * (1 + redshift)), single = new Float64Array(1);
  const nucleus = bandFluxes(passbands, (wavelength) => {
    single[0] = wavelength / (1 + redshift);
    return dilution * scale * quasarFlux(quasar, single)[0] * intergalacticTransmission(wavelength, redshift);
  }, mwebv);
  const host = bandFluxes(passbands, (wavelength) => {
    const through = intergalacticTransmission(wavelength, redshift);
    return through === 0 ? 0 : dilution * galaxy * galaxyShape(wavelength / (1 + redshift)) * through;
  }, mwebv);
  const rest = bandFacts(passbands).wavelength.map((wavelength) => wavelength / (1 + redshift));
  const lags = rest.map((wavelength) => lagFactor * discLag(wavelength, logMass, eddington) * (1 + redshift));
  const walks = new DampedWalks(
    random,
    Array.from(rest, (wavelength) => {
      const { structure, tau } = agnVariability({ absoluteMagnitude, logMass }, wavelength);
      return { sigma: structure / Math.SQRT2, tau: tau * (1 + redshift) };
    }),
    window.start,
  );
  const reference = agnVariability({ absoluteMagnitude, logMass }, 4000);
  return {
    kind: "AGN",
    redshift,
    peak: NaN,
    parameters: {
      absoluteMagnitude,
      logMass,
      eddington,
      slope,
      lagFactor,
      structure: reference.structure,
      tau: reference.tau,
    },
    quiescent: nucleus.map((flux, b) => flux + host[b]),
    flux: (time, band) =>
      Float64Array.from(time, (t, i) => {
        const b = band[i];
        return host[b] + nucleus[b] * Math.exp(-0.4 * Math.LN10 * walks.at(b, t - lags[b]));
      }),
  };
}
