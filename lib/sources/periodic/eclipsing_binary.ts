/**
 * Eclipsing binaries as two similar prolate spheroids, the model of Russell & Merrill (1952).
 *
 * Both stars are stretched along the line of centres by the same factor. Seen from any side, each is an ellipse, and one
 * stretch of the sky along the line of centres makes both of them circles: eclipses of close binaries are then exact
 * eclipses of limb-darkened discs at a rectified distance, and the ellipsoidal variation is the area of the ellipses. A
 * stretch of one gives spheres.
 */
import { demand } from "../../core/mod.ts";
import { hiddenFraction, trueAnomaly } from "./eclipse.ts";

/** Physical parameters of {@link binaryCurve}. Star 1 is behind at the primary eclipse. */
export interface BinaryParameters {
  /** Orbital period in days. */
  period: number;
  /** Time of the middle of a primary eclipse, days. */
  epoch: number;
  /** Inclination in degrees; 90 is edge on. */
  inclination: number;
  /** Radius of star 1 across the line of centres, in semi-major axes. */
  radius1: number;
  /** Radius of star 2 across the line of centres, in semi-major axes. */
  radius2: number;
  /** Surface brightness of star 2 over that of star 1 in V. */
  brightnessRatio: number;
  /** Linear limb-darkening coefficient of both. Default 0.6. */
  limbDarkening?: number;
  /** Axis ratio of both stars, along over across the line of centres. Default 1: spheres. */
  stretch?: number;
  /** Gravity darkening: adds this share to the exponent of the ellipsoidal variation. Default 0.4; no effect on spheres. */
  gravityDarkening?: number;
  /** Light of star 1 that star 2 throws back at full phase, as a fraction of star 1's. Default 0. */
  reflection?: number;
  /** Eccentricity. Default 0. */
  eccentricity?: number;
  /** Longitude of periastron in degrees. Default 90. */
  periastron?: number;
  /** Constant third light, in units of the two stars' light at quadrature. Default 0. */
  thirdLight?: number;
  /** O'Connell effect: half the difference in magnitudes between the two maxima. Default 0. */
  oConnell?: number;
}

/** The light of a binary against time. */
export interface BinaryCurve {
  /** Returns the magnitude at a time in days, relative to the light at quadrature. */
  magnitude(time: number): number;
  /** Returns the magnitude at a phase in cycles after primary eclipse, relative to the light at quadrature. */
  atPhase(phase: number): number;
  /** Phase in cycles of the secondary eclipse. */
  secondaryPhase: number;
  /** Depth of the primary eclipse in magnitudes. */
  primaryDepth: number;
  /** Depth of the secondary eclipse in magnitudes. */
  secondaryDepth: number;
}

const DEGREE = Math.PI / 180, TURN = 2 * Math.PI;

/**
 * Returns the light curve of an eclipsing binary.
 * @throws EphemeraError when the stars overlap or the orbit is no ellipse.
 *
 * @example
 * ```ts
 * import { binaryCurve } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const curve = binaryCurve({ period: 3, epoch: 0, inclination: 90, radius1: 0.1, radius2: 0.05, brightnessRatio: 0,
 *   limbDarkening: 0 });
 * // A dark companion of half the radius hides a quarter of the light.
 * assert.ok(Math.abs(curve.primaryDepth - 2.5 * Math.log10(1 / 0.75)) < 1e-9);
 * ```
 */
export function binaryCurve(parameters: BinaryParameters): BinaryCurve {
  const { period, epoch, inclination, radius1, radius2, brightnessRatio } = parameters;
  const { limbDarkening: u = 0.6, stretch = 1, gravityDarkening = 0.4, reflection = 0 } = parameters;
  const { eccentricity = 0, periastron = 90, thirdLight = 0, oConnell = 0 } = parameters;
  demand(period > 0 && radius1 > 0 && radius2 > 0 && brightnessRatio >= 0 && stretch >= 1, () => ({
    expected: "positive period and radii, a brightness ratio of at least 0 and a stretch of at least 1",
    found: `period ${period}, radii ${radius1} and ${radius2}, ratio ${brightnessRatio}, stretch ${stretch}`,
    where: "binaryCurve",
  }));
  demand(eccentricity >= 0 && eccentricity < 1 && radius1 + radius2 < 1 - eccentricity, () => ({
    expected: "an eccentricity below 1 and stars that do not overlap at periastron",
    found: `eccentricity ${eccentricity}, radii ${radius1} and ${radius2}`,
    where: "binaryCurve",
  }));
  const sini = Math.sin(inclination * DEGREE), omega = periastron * DEGREE;
  const light1 = radius1 * radius1, light2 = brightnessRatio * radius2 * radius2;
  const exponent = 1 + gravityDarkening, thrown = reflection * light1;
  const quadrature = (light1 + light2) * Math.pow(stretch, exponent) + thrown / 2;
  const full = quadrature * (1 + thirdLight);
  // Mean anomaly of the primary eclipse, where the true anomaly is 90 degrees minus omega.
  const meanAtEclipse = eccentricity === 0 ? 0 : meanAnomaly(Math.PI / 2 - omega, eccentricity);

  const atPhase = (phase: number): number => {
    const anomaly = trueAnomaly(meanAtEclipse + TURN * phase, eccentricity);
    // Angle along the orbit from the primary eclipse.
    const theta = eccentricity === 0 ? anomaly : anomaly + omega - Math.PI / 2;
    const apart = eccentricity === 0
      ? 1
      : (1 - eccentricity * eccentricity) / (1 + eccentricity * Math.cos(anomaly));
    const along = sini * Math.cos(theta), across = Math.max(0, 1 - along * along);
    const shape = Math.sqrt(stretch * stretch * across + along * along);
    const distance = apart * Math.sqrt(across) / shape;
    const size = Math.pow(shape, exponent);
    let one = light1 * size, two = light2 * size + thrown * (1 - along) / 2;
    if (distance < radius1 + radius2) {
      if (along > 0) one *= 1 - hiddenFraction(distance, radius1, radius2, u);
      else two *= 1 - hiddenFraction(distance, radius2, radius1, u);
    }
    return -2.5 * Math.log10((one + two + quadrature * thirdLight) / full) + oConnell * Math.sin(theta);
  };
  const secondaryPhase = eccentricity === 0
    ? 0.5
    : cycles(meanAnomaly(3 * Math.PI / 2 - omega, eccentricity) - meanAtEclipse);
  return {
    atPhase,
    secondaryPhase,
    primaryDepth: atPhase(0),
    secondaryDepth: atPhase(secondaryPhase),
    magnitude: (time) => atPhase(cycles(TURN * (time - epoch) / period)),
  };
}

/** Brings an angle in radians to cycles in [0, 1). */
function cycles(angle: number): number {
  const turns = angle / TURN;
  return turns - Math.floor(turns);
}

/** Returns the mean anomaly of a true anomaly, both in radians. */
function meanAnomaly(anomaly: number, eccentricity: number): number {
  const e = 2 * Math.atan2(
    Math.sqrt(1 - eccentricity) * Math.sin(anomaly / 2),
    Math.sqrt(1 + eccentricity) * Math.cos(anomaly / 2),
  );
  return e - eccentricity * Math.sin(e);
}

/**
 * Returns the volume radius of a Roche lobe in semi-major axes for the mass ratio q = M_this / M_other (Eggleton 1983):
 * 0.49 q^(2/3) / (0.6 q^(2/3) + ln(1 + q^(1/3))).
 */
export function rocheLobe(massRatio: number): number {
  const third = Math.cbrt(massRatio), square = third * third;
  return 0.49 * square / (0.6 * square + Math.log(1 + third));
}
