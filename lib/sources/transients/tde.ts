/** Tidal disruption events: a star's debris falls back on a black hole. */
import type { Random } from "../../core/mod.ts";
import { truncatedNormal } from "../periodic/draws.ts";
import type { SkyKind } from "../sky_source.ts";
import { SOLAR_MASS } from "./nickel_decay.ts";
import { blackbodyModel, STEFAN_BOLTZMANN } from "./photosphere.ts";
import type { PeakedModel } from "./slsn_i.ts";
import { drawPeak, spectralSource } from "./spectral_series.ts";

/** A disruption. */
export interface DisruptionParameters {
  /** Decimal logarithm of the black hole's mass over that of the Sun. */
  logMass: number;
  /** Mass of the star, solar masses. */
  star: number;
  /** Share of the rest energy of what falls back that shines. */
  efficiency: number;
  /** Time in days by which the debris is held up before it shines. */
  viscousTime: number;
  /** Temperature at maximum, kelvin. */
  temperature: number;
  /** Change of the temperature in 100 days, as a share. */
  heating: number;
}

/** Rows of the table in equal steps of log time, and its limits in units of the fallback time. */
const ROWS = 200, FIRST = 1.01, LAST = 200;

/**
 * Returns the fallback time in days of the most bound debris, 41 d M_6^(1/2) m^-1 r^(3/2) with r = m^0.8
 * (Rees 1988; Stone, Sari & Loeb 2013).
 */
export function fallbackTime({ logMass, star }: Pick<DisruptionParameters, "logMass" | "star">): number {
  return 41 * Math.pow(10, (logMass - 6) / 2) * Math.pow(star, 1.2 - 1);
}

/**
 * Returns the model: debris falls back as M / (3 t_f) x^(-5/3) (1 - e^(-4 (x - 1)^2)), x = t / t_f, from t_f
 * on (Rees 1988; Phinney 1989); it shines with an
 * efficiency, held up as in a viscous disc, L = 1 / t_v int e^((s - t) / t_v) L_in ds (Mockler, Guillochon &
 * Ramirez-Ruiz 2019, equation 6), softly limited to the
 * Eddington luminosity; its temperature is nearly constant (van Velzen et al. 2021). Phase 0 is the
 * bolometric maximum.
 */
export function disruptionModel(parameters: DisruptionParameters): PeakedModel {
  const { logMass, star, efficiency, viscousTime, temperature, heating } = parameters;
  const fallback = fallbackTime(parameters), eddington = 1.26e38 * Math.pow(10, logMass);
  const input = efficiency * star * SOLAR_MASS * 8.987551787e20 / (3 * fallback * 86400);
  const shape = (x: number) => Math.pow(x, -5 / 3) * -Math.expm1(-4 * (x - 1) ** 2);
  const step = Math.log(LAST / FIRST) / (ROWS - 1),
    table = new Float64Array(ROWS),
    slow = viscousTime / fallback;
  let held = 0, before = 0, here = 1, best = 0;
  for (let i = 0; i < ROWS; i++) {
    const next = FIRST * Math.exp(i * step), heat = input * shape(next), x = (next - here) / slow;
    // Input linear over the step: exact for any length of it.
    const decay = Math.exp(-x), middle = -Math.expm1(-x) / x;
    held = held * decay + heat * (1 - middle) + before * (middle - decay);
    [here, before] = [next, heat];
    table[i] = Math.log(Math.max(1e30, held * eddington / (held + eddington)));
    if (table[i] > table[best]) best = i;
  }
  const riseTime = (FIRST * Math.exp(best * step) - 1) * fallback;
  const luminosity = (phase: number) => {
    const x = 1 + (phase + riseTime) / fallback;
    const place = Math.min(ROWS - 1.001, Math.max(0, Math.log(x / FIRST) / step)), i = Math.floor(place);
    return Math.exp(table[i] + (place - i) * (table[i + 1] - table[i]));
  };
  const model = blackbodyModel({
    photosphere: (phase, out) => {
      out.temperature = Math.min(6e4, Math.max(1e4, temperature * (1 + heating * phase / 100)));
      out.radius = Math.sqrt(luminosity(phase) / (4 * Math.PI * STEFAN_BOLTZMANN)) / out.temperature ** 2;
    },
    span: [-riseTime + (FIRST - 1) * fallback, (LAST - 1) * fallback - riseTime],
  });
  return { ...model, riseTime, peakLuminosity: luminosity(0) };
}

/**
 * Draws masses of the hole (10^5.7 to 10^7.6, log-uniform; van Velzen 2018) and the star (Kroupa 2001 above
 * 0.1, up to 10), the rest as Mockler et al. (2019) and van Velzen et al. (2021) fit.
 */
function drawDisruption(random: Random): DisruptionParameters {
  // Kroupa: slope -1.3 below half a solar mass, -2.3 above, as many on both sides as the two laws give when joined.
  const light = random.uniform() < 0.76, [low, high, slope] = light ? [0.1, 0.5, -0.3] : [0.5, 10, -1.3];
  const a = Math.pow(low, slope), b = Math.pow(high, slope);
  return {
    logMass: random.uniform(5.7, 7.6),
    star: Math.pow(a + random.uniform() * (b - a), 1 / slope),
    efficiency: Math.pow(10, random.uniform(-2.8, -1)),
    viscousTime: Math.pow(10, random.uniform(-0.5, 1.3)),
    temperature: Math.pow(10, truncatedNormal(random, 4.3, 0.13, 4.08, 4.6)),
    heating: random.uniform(-0.05, 0.25),
  };
}

/** Bolometric luminosities at maximum that have been found, erg/s (van Velzen et al. 2021, figure 8). */
const FAINTEST = 5e42, BRIGHTEST = 3e45;

/**
 * Tidal disruption. Parameters: those of {@link DisruptionParameters}, `fallbackTime`, `riseTime`,
 * `peakLuminosity`, `hostEbv`.
 */
export const TDE: SkyKind = {
  name: "TDE",
  galactic: false,
  reference:
    "Rees 1988, Nature 333, 523; Mockler et al. 2019, ApJ 872, 151; van Velzen et al. 2021, ApJ 908, 4",
  draw(random, setting) {
    let drawn = drawDisruption(random), model = disruptionModel(drawn);
    for (let k = 0; k < 100 && !(model.peakLuminosity > FAINTEST && model.peakLuminosity < BRIGHTEST); k++) {
      drawn = drawDisruption(random);
      model = disruptionModel(drawn);
    }
    const { riseTime, peakLuminosity } = model, ebv = random.exponential(0.05);
    return spectralSource("TDE", setting, {
      peak: drawPeak(random, setting),
      parameters: { ...drawn, fallbackTime: fallbackTime(drawn), riseTime, peakLuminosity, hostEbv: ebv },
      model,
      hostDust: { ebv },
    });
  },
};
