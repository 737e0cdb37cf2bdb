/** The spectrum of a simulated variable star at a moment: its surfaces by class, temperature, metallicity and phase. */
import { extinctionCurve, MILKY_WAY_RV } from "../../astronomy/mod.ts";
import { demand, type Random } from "../../core/mod.ts";
import { LIGHT_SPEED } from "../../observations/mod.ts";
import { interpolate, truncatedNormal } from "../periodic/draws.ts";
import { binaryTemperatures } from "../periodic/multiband/binary.ts";
import { temperatureOfColour } from "../periodic/multiband/stellar_colours.ts";
import type { VariableStar } from "../periodic/star.ts";
import { broaden } from "./broadening.ts";
import { photosphereFlux, type StellarSurface } from "./photosphere.ts";
import { resolutionSigma, SDSS, type Spectrograph } from "./spectrograph.ts";

/** Classes of stars whose spectra are modelled. `"RSCVN"` is a spotted star above the main sequence. */
export const SPECTRAL_KINDS = ["EA", "EW", "RRAB", "RRC", "RRD", "RSCVN"] as const;

/** One of {@link SPECTRAL_KINDS}. */
export type SpectralKind = typeof SPECTRAL_KINDS[number];

/** One surface of a star or binary, as it is seen at a moment. */
export interface StarComponent {
  /** What shines. */
  photosphere: StellarSurface;
  /** Share of the light in V. */
  share: number;
  /** v sin i, km/s. */
  rotation: number;
  /** Radial velocity, km/s. */
  velocity: number;
}

/** Velocity in km/s of one solar radius a day along a circle: 2 pi R / day. */
const SOLAR_RADIUS_A_DAY = 50.59;

/** Mass in solar masses of a dwarf of a temperature, six points of the main sequence (Pecaut & Mamajek 2013). */
const MASSES = [[3500, 0.42], [4500, 0.72], [5770, 1], [6550, 1.33], [7500, 1.7], [9700, 2.3], [
  15700,
  4.7,
]] as const;

/**
 * Returns the surfaces that shine at a time in days (MJD).
 *
 * - RR Lyrae: temperature from colour at mean light, and 0.085 in its logarithm for a magnitude in V (6100 to 7500 K through
 *   the cycle of an RRab star); metallicity of the light-curve model; hydrogen lines weak on the steep rise, where a
 *   shock fills them; velocity with the light curve, 40 km/s a magnitude.
 * - EA and EW: two surfaces with temperatures from colour and contrast, weights from radii and eclipse, synchronous
 *   rotation, orbital velocities from Kepler's third law; masses from temperatures, or from the ratio of radii in contact
 *   (`q = (r2/r1)^2.17`). Third light is left out.
 * - RS CVn: one giant or subgiant with emission in Ca II H and K and in H alpha, stronger the faster it rotates.
 *
 * @param random draws what the light curve does not say: velocity of the system, metallicity of disc stars, activity.
 * The same state gives the same star at any time.
 */
export function starComponents(
  star: VariableStar,
  kind: SpectralKind,
  random: Random,
  time: number,
): StarComponent[] {
  switch (kind) {
    case "RRAB":
    case "RRC":
    case "RRD":
      return [pulsator(star, kind, random, time)];
    case "EA":
    case "EW":
      return binary(star, kind, random, time);
    case "RSCVN":
      return [activeGiant(star, random)];
    default:
      return demand(false, {
        expected: `one of ${SPECTRAL_KINDS.join(", ")}`,
        found: String(kind),
        where: "starComponents",
      }) as never;
  }
}

function pulsator(star: VariableStar, kind: SpectralKind, random: Random, time: number): StarComponent {
  const system = random.normal(0, 110), change = star.magnitude(time);
  const { metallicity } = star.parameters;
  const mean = temperatureOfColour(star.colour);
  const temperature = Math.min(9000, Math.max(5600, mean * Math.pow(10, -0.085 * change)));
  // Magnitudes a cycle, positive while the star brightens.
  const span = 0.02 * star.period;
  const rise = (star.magnitude(time - span) - star.magnitude(time + span)) / 0.04;
  const hydrogen = kind === "RRAB" ? 1 - 0.5 * Math.min(1, Math.max(0, rise - 1) / 5) : 1;
  return {
    photosphere: { temperature, gravity: 2.8, metallicity, hydrogen },
    share: 1,
    rotation: 8,
    velocity: system + 40 * change,
  };
}

function binary(star: VariableStar, kind: "EA" | "EW", random: Random, time: number): StarComponent[] {
  const system = random.normal(0, 45), metallicity = truncatedNormal(random, -0.35, 0.3, -1.5, 0.4);
  const { period, epoch, inclination, radius1, radius2, brightnessRatio, eccentricity = 0 } = star.parameters;
  const { one, two } = binaryTemperatures(star.colour, brightnessRatio);
  const mass = (temperature: number) => interpolate(MASSES, temperature);
  // A cool star as large as its hot companion has lost its envelope to it (Algol).
  const algol = kind === "EA" && radius2 > 0.85 * radius1 && brightnessRatio < 0.3;
  const mass1 = mass(one);
  const mass2 = kind === "EW"
    ? mass1 * Math.min(1, Math.pow(radius2 / radius1, 2.17))
    : algol
    ? 0.25 * mass1
    : mass(two);
  const axis = 4.208 * Math.cbrt((mass1 + mass2) * period * period),
    sini = Math.sin(inclination * Math.PI / 180);
  const orbital = SOLAR_RADIUS_A_DAY * axis * sini / period;
  const phase = (time - epoch) / period - Math.floor((time - epoch) / period), turn = 2 * Math.PI * phase;
  const light1 = radius1 * radius1, light2 = brightnessRatio * radius2 * radius2, total = light1 + light2;
  const lost = Math.max(0, 1 - Math.pow(10, -0.4 * star.magnitude(time))) * total;
  const behind = phase < 0.25 || phase > 0.75;
  const seen1 = Math.max(0.02 * total, light1 - (behind ? lost : 0));
  const seen2 = Math.max(0.02 * total, light2 - (behind ? 0 : lost));
  const speed = orbital / Math.sqrt(1 - eccentricity * eccentricity) * Math.sin(turn) / (mass1 + mass2);
  const surface = (temperature: number, m: number, radius: number) => ({
    temperature: Math.min(30000, Math.max(3000, temperature)),
    gravity: Math.min(5, Math.max(2.5, 4.438 + Math.log10(m / Math.pow(radius * axis, 2)))),
    metallicity,
  });
  return [
    {
      photosphere: surface(one, mass1, radius1),
      share: seen1 / (seen1 + seen2),
      rotation: orbital * radius1,
      velocity: system - speed * mass2,
    },
    {
      photosphere: surface(two, mass2, radius2),
      share: seen2 / (seen1 + seen2),
      rotation: orbital * radius2,
      velocity: system + speed * mass1,
    },
  ];
}

function activeGiant(star: VariableStar, random: Random): StarComponent {
  const system = random.normal(0, 40), metallicity = truncatedNormal(random, -0.3, 0.25, -1.2, 0.3);
  // Subgiants near M_G = 4 have log g 3.8, clump giants near 0.5 have 2.6.
  const gravity = Math.min(4, Math.max(2.2, 2.6 + 0.34 * (star.absoluteMagnitude - 0.5)));
  const radius = Math.sqrt(1.3 * 27400 / Math.pow(10, gravity));
  const sini = Math.sin(star.parameters.inclination * Math.PI / 180);
  const activity = Math.pow(10 / star.period, 0.3);
  return {
    photosphere: {
      temperature: Math.max(3800, temperatureOfColour(star.colour)),
      gravity,
      metallicity,
      chromosphere: {
        hAlpha: 0.8 * activity * Math.exp(random.normal(0, 0.5)),
        calciumK: 1.5 * activity * Math.exp(random.normal(0, 0.4)),
      },
    },
    share: 1,
    rotation: Math.min(150, SOLAR_RADIUS_A_DAY * radius / star.period * sini),
    velocity: system,
  };
}

/** Options of {@link composeSpectrum}. */
export interface ComposeOptions {
  /** Apparent V magnitude of all components together, dust included. */
  magnitude: number;
  /** Colour excess E(B-V) of the dust in front, magnitudes. Default 0. */
  reddening?: number;
  /** Default {@link SDSS}. */
  spectrograph?: Spectrograph;
}

/** Samples a pixel of the spectrograph is made of. */
const FINE = 2;

/** Pixels beyond the detector at each end, for lines, shifts and blurs that reach over its edge. */
const MARGIN = 120;

/**
 * Returns the noiseless spectrum of some components as a spectrograph resolves it: 1e-17 erg/s/cm^2/angstrom at each of its
 * pixels. Each component is broadened by its rotation, shifted by its velocity, and brought to its share of the light in V
 * (a Gaussian of 380 angstrom around 5450); V = 0 is 3.63e-9 erg/s/cm^2/angstrom.
 *
 * @example
 * ```ts
 * import { composeSpectrum } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const photosphere = { temperature: 6000, gravity: 4.3, metallicity: -0.3 };
 * const flux = composeSpectrum([{ photosphere, share: 1, rotation: 10, velocity: 30 }], { magnitude: 17 });
 * assert.equal(flux.length, 3794);
 * ```
 */
export function composeSpectrum(components: readonly StarComponent[], options: ComposeOptions): Float64Array {
  const { magnitude, reddening = 0, spectrograph = SDSS } = options;
  demand(components.length > 0 && Number.isFinite(magnitude) && reddening >= 0, () => ({
    expected: "at least one component, a finite magnitude and a reddening that is not negative",
    found: `${components.length} components, ${magnitude} mag, ${reddening}`,
    where: "composeSpectrum",
  }));
  const { grid, sigma, weights, dust, step } = fineGrid(spectrograph);
  const sum = new Float64Array(grid.length);
  for (const { photosphere, share, rotation, velocity } of components) {
    if (share <= 0) continue;
    const stretch = 1 + velocity / LIGHT_SPEED;
    const rest = grid.map((w) => w / stretch);
    const flux = broaden(photosphereFlux(photosphere, rest), step, rotation, 0);
    let visible = 0;
    for (let j = 0; j < flux.length; j++) visible += weights[j] * flux[j];
    for (let j = 0; j < flux.length; j++) sum[j] += share / visible * flux[j];
  }
  const blurred = broaden(sum, step, 0, sigma);
  if (reddening > 0) {
    for (let j = 0; j < sum.length; j++) blurred[j] *= Math.pow(10, -0.4 * reddening * dust[j]);
  }
  let visible = 0;
  for (let j = 0; j < blurred.length; j++) visible += weights[j] * blurred[j];
  const scale = 3.63e8 * Math.pow(10, -0.4 * magnitude) / visible / FINE;
  const result = new Float64Array(spectrograph.pixels);
  for (let j = 0; j < result.length; j++) {
    for (let k = 0; k < FINE; k++) result[j] += scale * blurred[(j + MARGIN) * FINE + k];
  }
  return result;
}

interface FineGrid {
  grid: Float64Array;
  /** Resolution, km/s. */
  sigma: Float64Array;
  /** Of the V band, summing to one. */
  weights: Float64Array;
  /** A(lambda) for unit E(B-V). */
  dust: Float64Array;
  /** Of ln wavelength. */
  step: number;
}

const grids = new WeakMap<Spectrograph, FineGrid>();

function fineGrid(spectrograph: Spectrograph): FineGrid {
  const known = grids.get(spectrograph);
  if (known !== undefined) return known;
  const { start, pixels, step } = spectrograph, n = (pixels + 2 * MARGIN) * FINE;
  // Samples lie in the middle of the halves of a pixel.
  const first = Math.log10(start) - (MARGIN + 0.5 - 0.5 / FINE) * step;
  const grid = Float64Array.from({ length: n }, (_, j) => Math.pow(10, first + j * step / FINE));
  const law = extinctionCurve("odonnell94", MILKY_WAY_RV);
  const band = grid.map((w) => w * Math.exp(-0.5 * Math.pow((w - 5450) / 380, 2)));
  const whole = band.reduce((a, b) => a + b, 0);
  const made: FineGrid = {
    grid,
    sigma: grid.map((w) => resolutionSigma(spectrograph, w)),
    weights: band.map((b) => b / whole),
    dust: grid.map((w) => MILKY_WAY_RV * law(w)),
    step: step * Math.LN10 / FINE,
  };
  grids.set(spectrograph, made);
  return made;
}
