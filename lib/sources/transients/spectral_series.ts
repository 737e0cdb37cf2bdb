/**
 * From a spectral energy distribution in time to what a survey sees: the engine under every extragalactic
 * transient.
 *
 * A class gives the luminosity per wavelength L_lambda in erg/s/A at rest, as a function of the phase in days
 * at rest (0 is the
 * time that the class calls its peak) and of the wavelength in angstrom at rest. {@link spectralSource} makes
 * a `SkySource` of it:
 *
 * f_lambda(t, lambda) = L_lambda((t - peak) / (1 + z), lambda / (1 + z)) / ((1 + z) 4 pi d_L^2)
 *   * 10^(-0.4 A_host(lambda / (1 + z))) * igm(lambda, z) * 10^(-0.4 A_MilkyWay(lambda)),
 *
 * integrated through the passbands by counting photons (AB, zero point 27.5). Time dilation and K-correction
 * are in the formula;
 * nothing is approximated but the integral over wavelength, a Gauss quadrature of 20 nodes a band whose
 * weight is the throughput
 * (`bandNodes`). Dust and redshift change the weights once per object, so that an observation costs 20
 * evaluations of L_lambda.
 *
 * There are two ways to give the spectrum:
 * - `luminosity: (phase, wavelength) => L_lambda`, the simple way;
 * - `model: SpectralModel`, the fast way, which may prepare what depends on the wavelength alone and then
 *   fills an array at a
 *   phase without allocating. `blackbodyModel` and `anchoredModel` make such models.
 */
import { type DustLaw, extinctionCurve, FLUXCAL_ZERO_POINT, type Passband } from "../../astronomy/mod.ts";
import { demand, type Random } from "../../core/mod.ts";
import type { SkySetting, SkySource } from "../sky_source.ts";
import { type BandNodes, bandNodes, NODE_COUNT } from "./band_nodes.ts";

/**
 * Fills `luminosity` with L_lambda (erg/s/A, not negative) at a phase in days at rest, at the wavelengths it
 * was made for.
 */
export type SpectrumAtPhase = (phase: number, luminosity: Float64Array) => void;

/** A spectral energy distribution in time. */
export interface SpectralModel {
  /**
   * Prepares the evaluation at wavelengths (angstrom, at rest). The array belongs to the caller and does not
   * change. The function
   * returned may keep state between calls (scratch space), so it serves one caller at a time.
   */
  at(wavelength: Float64Array): SpectrumAtPhase;
  /**
   * First and last phase at which there is light, days at rest; the model is not asked outside. Default:
   * always.
   */
  span?: readonly [number, number];
}

/** Dust in the galaxy of the transient. */
export interface HostDust {
  /** Colour excess E(B-V), magnitudes, not negative. */
  ebv: number;
  /** Ratio of total to selective extinction, 2 to 6. Default 3.1. */
  rv?: number;
  /** Default `"fitzpatrick99"`. */
  law?: DustLaw;
}

/** What {@link spectralSource} is made of: exactly one of `luminosity` and `model`. */
export interface SpectralSourceOptions {
  /** MJD of phase 0 for the observer. */
  peak: number;
  /** The drawn parameters, for the record. */
  parameters?: Readonly<Record<string, number>>;
  /** L_lambda(phase in days, wavelength in angstrom), erg/s/A, all at rest. */
  luminosity?: (phase: number, wavelength: number) => number;
  /** The same as a {@link SpectralModel}. */
  model?: SpectralModel;
  /** First and last phase with light when `luminosity` is given. Default: always. */
  span?: readonly [number, number];
  /** Default: none. */
  hostDust?: HostDust;
}

/** Largest redshift at which a source can be put: beyond it the first stars had not formed. */
export const REDSHIFT_LIMIT = 20;

/** Centimetres in a megaparsec. */
const MEGAPARSEC = 3.0856775814913673e24;

/** 4 pi (10 pc)^2 in cm^2: luminosity over flux at the distance of absolute magnitudes. */
export const TEN_PARSEC_SPHERE = 4 * Math.PI * (1e-5 * MEGAPARSEC) ** 2;

/** Flux with zero point 27.5 of AB magnitude 0. */
const ZERO_POINT_FLUX = Math.pow(10, 0.4 * FLUXCAL_ZERO_POINT);

/**
 * Returns a transient as a survey sees it; the formula stands at the top of this file.
 *
 * @param kind name of its `SkyKind`.
 * @param setting passbands, redshift (above 0), cosmology and Milky Way dust.
 * @throws EphemeraError for a redshift that is not above 0 and at most {@link REDSHIFT_LIMIT}, for dust or a
 * peak that are not
 * finite; `flux` throws for a band the setting has not and for a model that returns a negative or not a
 * finite luminosity.
 *
 * @example
 * ```ts
 * import { FlatUniverse, passbandSystem } from "ephemera/astronomy";
 * import { spectralSource } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const setting = {
 *   passbands: passbandSystem("lsst").passbands,
 *   window: { start: 60000, end: 60100 },
 *   redshift: 0.1,
 *   universe: new FlatUniverse(),
 *   mwebv: 0.02,
 *   magnitudes: { bright: 16, faint: 24 },
 * };
 * const luminosity = (phase: number, wavelength: number) => 1e39 * Math.exp(-((phase / 20) ** 2)) * (5000 /
 * wavelength) ** 2;
 * const source = spectralSource("flash", setting, { peak: 60050, luminosity });
 * const [before, at] = source.flux(Float64Array.of(60028, 60050), Uint8Array.of(2, 2));
 * assert.ok(Math.abs(before / at - Math.exp(-1)) < 1e-12); // 22 days for us are 20 for the source
 * ```
 */
export function spectralSource(kind: string, setting: SkySetting, options: SpectralSourceOptions): SkySource {
  const { redshift, passbands, universe, mwebv } = setting, { peak, parameters = {}, hostDust } = options;
  demand(redshift > 0 && redshift <= REDSHIFT_LIMIT, () => ({
    expected: `a redshift above 0, at most ${REDSHIFT_LIMIT}`,
    found: String(redshift),
    where: `source ${kind}`,
    remedy: "draw the redshift of an extragalactic object from a rate and a cosmology",
  }));
  demand(mwebv >= 0 && Number.isFinite(mwebv), () => ({
    expected: "a Milky Way E(B-V) that is not negative",
    found: String(mwebv),
    where: `source ${kind}`,
  }));
  demand(Number.isFinite(peak), () => ({
    expected: "a peak as a finite MJD",
    found: String(peak),
    where: `source ${kind}`,
  }));
  demand(hostDust === undefined || (hostDust.ebv >= 0 && Number.isFinite(hostDust.ebv)), () => ({
    expected: "a host E(B-V) that is not negative",
    found: String(hostDust!.ebv),
    where: `source ${kind}`,
  }));
  const model = modelOf(kind, options), [first, last] = model.span ?? [-Infinity, Infinity];
  const distance = universe.luminosityDistance(redshift) * MEGAPARSEC;
  const scale = ZERO_POINT_FLUX / (4 * Math.PI * distance * distance * (1 + redshift));
  const dust = hostDust && hostDust.ebv > 0 ? hostDustCurve(hostDust) : undefined;
  const bands: (BandSeries | undefined)[] = Array.from({ length: passbands.length });
  const buffer = new Float64Array(NODE_COUNT);

  /** Made at the first observation in the band: an object is often seen in few of them. */
  const series = (index: number): BandSeries => {
    demand(index < passbands.length, () => ({
      expected: `a band index below ${passbands.length}`,
      found: String(index),
      where: `source ${kind}`,
    }));
    return bands[index] = bandSeries(model, bandNodes(passbands[index]), redshift, mwebv, scale, dust);
  };

  return {
    kind,
    redshift,
    peak,
    parameters,
    quiescent: new Float64Array(passbands.length),
    flux(time, band) {
      demand(time.length === band.length, () => ({
        expected: "as many bands as times",
        found: `${band.length} and ${time.length}`,
        where: `source ${kind}`,
      }));
      const flux = new Float64Array(time.length);
      for (let i = 0; i < time.length; i++) {
        const phase = (time[i] - peak) / (1 + redshift);
        if (!(phase >= first && phase <= last)) continue;
        const { evaluate, weight } = bands[band[i]] ?? series(band[i]);
        evaluate(phase, buffer);
        let sum = 0;
        for (let k = 0; k < NODE_COUNT; k++) sum += weight[k] * buffer[k];
        demand(sum >= 0 && sum < Infinity, () => ({
          expected: "a luminosity that is finite and not negative",
          found: String(sum),
          where: `source ${kind}, phase ${phase} days`,
        }));
        flux[i] = sum;
      }
      return flux;
    },
  };
}

/** One band of one object: the model at the nodes, and weights that hold dust and distance. */
interface BandSeries {
  evaluate: SpectrumAtPhase;
  weight: Float64Array;
}

function bandSeries(
  model: SpectralModel,
  nodes: BandNodes,
  redshift: number,
  mwebv: number,
  scale: number,
  dust: ((wavelength: number) => number) | undefined,
): BandSeries {
  const rest = nodes.wavelength.map((wavelength) => wavelength / (1 + redshift));
  const weight = nodes.weight.map((share, k) => {
    const extinction = 3.1 * mwebv * nodes.extinction[k] + (dust ? dust(rest[k]) : 0);
    return share * scale * Math.pow(10, -0.4 * extinction) *
      intergalacticTransmission(nodes.wavelength[k], redshift);
  });
  return { evaluate: model.at(rest), weight };
}

function modelOf(kind: string, { luminosity, model, span }: SpectralSourceOptions): SpectralModel {
  demand((luminosity === undefined) !== (model === undefined), {
    expected: "either a luminosity or a model",
    found: luminosity ? "both" : "none",
    where: `source ${kind}`,
  });
  return model ?? functionModel(luminosity!, span);
}

/** Returns the {@link SpectralModel} of a function L_lambda(phase, wavelength). */
export function functionModel(
  luminosity: (phase: number, wavelength: number) => number,
  span?: readonly [number, number],
): SpectralModel {
  return {
    span,
    at: (wavelength) => (phase, out) => {
      for (let k = 0; k < wavelength.length; k++) out[k] = luminosity(phase, wavelength[k]);
    },
  };
}

/** Extinction curves made so far, by law and R_V. */
const laws = new Map<string, (wavelength: number) => number>();

/** A(lambda) in magnitudes at wavelengths at rest; below the range of the law it stays as at its end. */
function hostDustCurve({ ebv, rv = 3.1, law = "fitzpatrick99" }: HostDust): (wavelength: number) => number {
  const key = `${law} ${rv}`, curve = laws.get(key) ?? extinctionCurve(law, rv);
  // Most objects share one R_V; a few hundred laws are kept at most, where it is drawn for each.
  if (laws.size < 300) laws.set(key, curve);
  const least = law === "fitzpatrick99" ? 1150 : 1000;
  return (wavelength) => rv * ebv * curve(Math.max(least, wavelength));
}

/**
 * Lyman alpha to delta, angstrom, and the coefficients of their mean optical depths (Madau 1995, ApJ 441, 18,
 * equation 15 and table).
 */
const LYMAN = [[1215.67, 0.0036], [1025.72, 0.0017], [972.54, 0.0012], [949.74, 0.00093]] as const;

/**
 * Returns the mean share of light that the hydrogen between the galaxies lets through, at an observed
 * wavelength in angstrom: Madau's
 * (1995) mean Lyman-series forest, and nothing short of the Lyman limit of the source.
 */
export function intergalacticTransmission(wavelength: number, redshift: number): number {
  const limit = 911.75 * (1 + redshift);
  if (wavelength < limit) return 0;
  if (wavelength > LYMAN[0][0] * (1 + redshift)) return 1;
  let depth = 0;
  for (const [line, coefficient] of LYMAN) {
    if (wavelength < line * (1 + redshift)) depth += coefficient * Math.pow(wavelength / line, 3.46);
  }
  return Math.exp(-depth);
}

/** Returns when a transient's phase 0 is: uniform in the window of the setting, MJD. */
export function drawPeak(random: Random, setting: SkySetting): number {
  return random.uniform(setting.window.start, setting.window.end);
}

/**
 * Returns a function that gives the absolute AB magnitude of a model through a passband at rest at a phase,
 * without dust; Infinity
 * where there is no light.
 *
 * @example
 * ```ts
 * import { passband } from "ephemera/astronomy";
 * import { absoluteMagnitude, functionModel } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const magnitude = absoluteMagnitude(functionModel((phase) => phase < 0 ? 0 : 1e39), passband("lsst", "r"));
 * assert.equal(magnitude(-1), Infinity);
 * assert.ok(magnitude(1) > -19 && magnitude(1) < -18);
 * ```
 */
export function absoluteMagnitude(model: SpectralModel, passband: Passband): (phase: number) => number {
  const { wavelength, weight } = bandNodes(passband), evaluate = model.at(wavelength);
  const buffer = new Float64Array(wavelength.length), [first, last] = model.span ?? [-Infinity, Infinity];
  return (phase) => {
    if (!(phase >= first && phase <= last)) return Infinity;
    evaluate(phase, buffer);
    let sum = 0;
    for (let k = 0; k < buffer.length; k++) sum += weight[k] * buffer[k];
    return -2.5 * Math.log10(sum / TEN_PARSEC_SPHERE);
  };
}
