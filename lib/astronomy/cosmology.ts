/** Distances and times in a flat universe of matter and a cosmological constant. */
import { demand } from "../core/mod.ts";

/** Speed of light, km/s. */
const LIGHT = 299792.458;

/** Gyr in one (km/s/Mpc)^-1: the megaparsec in km over the Julian year in seconds. */
const HUBBLE_GYR = 3.0856775814913673e19 / (365.25 * 86400 * 1e9);

/** Parameters of a {@link FlatUniverse}. */
export interface UniverseParameters {
  /** Hubble constant, km/s/Mpc. Default 70. */
  hubble?: number;
  /** Matter density today over critical, 0 to 1. Default 0.3. */
  matter?: number;
}

/** Abscissae and weights of 16-point Gauss-Legendre quadrature on [-1, 1], half of them. */
const NODES = [
  [0.09501250983763744, 0.1894506104550685],
  [0.2816035507792589, 0.1826034150449236],
  [0.4580167776572274, 0.1691565193950025],
  [0.6178762444026438, 0.1495959888165767],
  [0.755404408355003, 0.1246289712555339],
  [0.8656312023878318, 0.0951585116824928],
  [0.9445750230732326, 0.0622535239386479],
  [0.9894009349916499, 0.0271524594117541],
] as const;

/**
 * A flat LCDM universe without radiation. Redshifts must not be negative.
 *
 * The integral of dz / E(z) is taken over s = (1 + z)^(-1/2), where it becomes 2 ds / sqrt(Om + (1 - Om) s^6): smooth up to
 * any redshift, so that a fixed quadrature of 16 points is good to better than 1e-9.
 *
 * @example
 * ```ts
 * import { FlatUniverse } from "ephemera/astronomy";
 * import assert from "node:assert/strict";
 * const universe = new FlatUniverse({ hubble: 70, matter: 0.3 });
 * assert.equal(universe.distanceModulus(0.1).toFixed(3), "38.315");
 * ```
 */
export class FlatUniverse {
  /** Hubble constant, km/s/Mpc. */
  readonly hubble: number;
  /** Matter density today over critical. */
  readonly matter: number;

  /** @throws EphemeraError unless the Hubble constant is positive and the matter density between 0 and 1. */
  constructor(parameters: UniverseParameters = {}) {
    const { hubble = 70, matter = 0.3 } = parameters;
    demand(hubble > 0 && Number.isFinite(hubble) && matter > 0 && matter <= 1, () => ({
      expected: "a positive Hubble constant and a matter density above 0, at most 1",
      found: `hubble ${hubble}, matter ${matter}`,
      where: "FlatUniverse",
    }));
    this.hubble = hubble;
    this.matter = matter;
  }

  /** Returns E(z) = H(z) / H_0. */
  expansion(redshift: number): number {
    demandRedshift(redshift);
    return Math.sqrt(this.matter * (1 + redshift) ** 3 + 1 - this.matter);
  }

  /** Returns the comoving distance in Mpc. */
  comovingDistance(redshift: number): number {
    demandRedshift(redshift);
    const low = 1 / Math.sqrt(1 + redshift), centre = (1 + low) / 2, half = (1 - low) / 2;
    let sum = 0;
    for (const [x, weight] of NODES) {
      for (const s of [centre - half * x, centre + half * x]) {
        sum += weight / Math.sqrt(this.matter + (1 - this.matter) * s ** 6);
      }
    }
    return LIGHT / this.hubble * 2 * half * sum;
  }

  /** Returns the luminosity distance in Mpc. */
  luminosityDistance(redshift: number): number {
    return (1 + redshift) * this.comovingDistance(redshift);
  }

  /** Returns the angular-diameter distance in Mpc. */
  angularDiameterDistance(redshift: number): number {
    return this.comovingDistance(redshift) / (1 + redshift);
  }

  /** Returns the distance modulus in magnitudes; minus infinity at redshift 0. */
  distanceModulus(redshift: number): number {
    return 5 * Math.log10(this.luminosityDistance(redshift)) + 25;
  }

  /** Returns the comoving volume inside a redshift, over the whole sky, in Gpc^3. */
  comovingVolume(redshift: number): number {
    return 4 / 3 * Math.PI * (this.comovingDistance(redshift) / 1000) ** 3;
  }

  /** Returns the age of the universe at a redshift in Gyr, in closed form. */
  age(redshift: number): number {
    demandRedshift(redshift);
    const time = HUBBLE_GYR / this.hubble, dark = 1 - this.matter;
    if (dark === 0) return 2 / 3 * time * Math.pow(1 + redshift, -1.5);
    const x = Math.sqrt(dark / this.matter) * Math.pow(1 + redshift, -1.5);
    return 2 / 3 * time * Math.asinh(x) / Math.sqrt(dark);
  }

  /** Returns the redshift at a distance modulus in magnitudes, by bisection on log(1 + z) to 1e-12. */
  redshiftAt(distanceModulus: number): number {
    let low = 0, high = Math.log(1 + 1e4);
    demand(distanceModulus <= this.distanceModulus(Math.expm1(high)), () => ({
      expected: "the distance modulus of a redshift below ten thousand",
      found: String(distanceModulus),
      where: "FlatUniverse.redshiftAt",
    }));
    while (high - low > 1e-12) {
      const middle = (low + high) / 2;
      if (this.distanceModulus(Math.expm1(middle)) < distanceModulus) low = middle;
      else high = middle;
    }
    return Math.expm1((low + high) / 2);
  }
}

function demandRedshift(redshift: number): void {
  demand(redshift >= 0 && Number.isFinite(redshift), () => ({
    expected: "a redshift that is not negative",
    found: String(redshift),
    where: "FlatUniverse",
    remedy: "leave out objects without a redshift, or give a missing one as NaN to code that accepts it",
  }));
}
