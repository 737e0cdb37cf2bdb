/** Supernovae powered by the decay of nickel and cobalt: Arnett's light curve with leaking gamma rays. */
import { demand } from "../../core/mod.ts";

/** Grams in a solar mass. */
export const SOLAR_MASS = 1.98841e33;

/**
 * Heating per gram of nickel and cobalt, erg/s/g, and their mean lives in days (Nadyozhin 1994, ApJS 92,
 * 527).
 */
const NICKEL = 3.9e10, COBALT = 6.78e9, NICKEL_LIFE = 8.8, COBALT_LIFE = 111.3;

/** Integration constant of the density profile (Arnett 1982), and the opacity of gamma rays in cm^2/g. */
const BETA = 13.8, GAMMA_OPACITY = 0.027;

const DAY = 86400, LIGHT = 2.99792458e10;

/**
 * Step and end of the table of the light curve, days; after its end the ejecta are thin and shine what heats
 * them.
 */
const STEP = 0.5, LENGTH = 300;

/** What {@link nickelLightCurve} is made of. */
export interface NickelParameters {
  /** Mass of nickel-56 in solar masses. */
  nickel: number;
  /** Mass of the ejecta in solar masses. */
  ejecta: number;
  /** Velocity of the photosphere at maximum, km/s. */
  velocity: number;
  /** Optical opacity, cm^2/g. Default 0.07 (hydrogen-poor ejecta). */
  opacity?: number;
}

/** A bolometric light curve. */
export interface BolometricCurve {
  /** Days from explosion to maximum. */
  riseTime: number;
  /** Returns the luminosity in erg/s at a time in days since explosion; 0 before it. */
  luminosity(time: number): number;
}

/** Returns the diffusion time tau_m in days: tau_m^2 = 2 kappa M / (13.8 c v) (Arnett 1982). */
export function diffusionTime({ ejecta, velocity, opacity = 0.07 }: NickelParameters): number {
  return Math.sqrt(2 * opacity * ejecta * SOLAR_MASS / (BETA * LIGHT * velocity * 1e5)) / DAY;
}

/**
 * Returns the bolometric light curve of Arnett (1982) with cobalt (Valenti et al. 2008, appendix A):
 * L(t) = 2 / tau_m^2 int_0^t H(s) s e^((s^2 - t^2) / tau_m^2) ds with the heating H(s) = M_Ni ((3.9e10 -
 * 6.78e9) e^(-s / 8.8) +
 * 6.78e9 e^(-s / 111.3)) (1 - e^(-(t_0 / s)^2)), s in days, t_0^2 = 3 kappa_gamma M / (4 pi v^2) (Clocchiatti
 * & Wheeler 1997).
 * Over a step of half a day H is taken as linear in s^2, for which the integral is exact: nothing overflows,
 * and late steps, which
 * are long compared with the diffusion, come out as L = H.
 *
 * @throws EphemeraError unless masses, velocity and opacity are positive and the nickel is at most the
 * ejecta.
 *
 * @example
 * ```ts
 * import { nickelLightCurve } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const { luminosity, riseTime } = nickelLightCurve({ nickel: 0.2, ejecta: 2.6, velocity: 9900 });
 * assert.ok(riseTime > 12 && riseTime < 22 && luminosity(riseTime) > 2e42 && luminosity(riseTime) < 6e42);
 * ```
 */
export function nickelLightCurve(parameters: NickelParameters): BolometricCurve {
  const { nickel, ejecta, velocity, opacity = 0.07 } = parameters;
  demand(nickel > 0 && ejecta >= nickel && velocity > 0 && opacity > 0 && ejecta < 1e4, () => ({
    expected: "positive masses, velocity and opacity, and no more nickel than ejecta",
    found: `nickel ${nickel}, ejecta ${ejecta}, velocity ${velocity}, opacity ${opacity}`,
    where: "nickelLightCurve",
  }));
  const tau = diffusionTime(parameters), speed = velocity * 1e5 * DAY;
  const trapping = 3 * GAMMA_OPACITY * ejecta * SOLAR_MASS / (4 * Math.PI * speed * speed);
  const heating = (time: number) =>
    nickel * SOLAR_MASS *
    ((NICKEL - COBALT) * Math.exp(-time / NICKEL_LIFE) + COBALT * Math.exp(-time / COBALT_LIFE)) *
    -Math.expm1(-trapping / (time * time));
  const n = LENGTH / STEP + 1, table = new Float64Array(n);
  let before = heating(0), best = 0;
  for (let i = 1; i < n; i++) {
    const time = i * STEP, x = (2 * time - STEP) * STEP / (tau * tau), here = heating(time);
    const decay = Math.exp(-x), middle = -Math.expm1(-x) / x;
    table[i] = table[i - 1] * decay + here * (1 - middle) + before * (middle - decay);
    before = here;
    if (table[i] > table[best]) best = i;
  }
  return {
    riseTime: best * STEP,
    luminosity(time) {
      if (!(time > 0)) return 0;
      if (time >= LENGTH) return heating(time);
      const at = time / STEP, i = Math.floor(at);
      return table[i] + (at - i) * (table[i + 1] - table[i]);
    },
  };
}
