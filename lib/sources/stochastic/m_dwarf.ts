/** Active M dwarfs: a cool star with hot flares. */
import { STEFAN_BOLTZMANN } from "../transients/photosphere.ts";
import type { Random } from "../../core/mod.ts";
import { discDensity, drawDistanceModulus } from "../periodic/multiband/galactic_structure.ts";
import type { SkyKind, SkySetting, SkySource } from "../sky_source.ts";
import { blackBody } from "../spectra/photosphere.ts";
import { bandFluxes, R_EXTINCTION, starFluxes } from "../steady/mod.ts";
import { energyOfPeak, type Flare, FLARE_AREA, flaresAbove, flareShape, FlareTrain } from "./flare.ts";

/**
 * Types M0 to M8: effective temperature in kelvin and log L / Lsun (Pecaut & Mamajek 2013), M_r (Bochanski et al. 2010, of the r - z of
 * the type), and the share of the type among active M dwarfs in SDSS, which grow common from M3 on (West et al. 2008).
 */
const TYPES: readonly (readonly [number, number, number, number])[] = [
  [3850, -1.16, 7.8, 0.02],
  [3660, -1.39, 8.5, 0.04],
  [3560, -1.57, 9.2, 0.08],
  [3430, -1.8, 10.3, 0.15],
  [3210, -2.2, 11.2, 0.22],
  [3060, -2.52, 12.3, 0.22],
  [2810, -2.98, 13.4, 0.16],
  [2680, -3.2, 14.7, 0.08],
  [2570, -3.3, 15.8, 0.03],
];

const SOLAR_LUMINOSITY = 3.828e33, PARSEC = 3.0856775814913673e18;

/** Scale height of the dust in parsecs over the sine of the mean latitude, 125 / 0.5 (Marshall et al. 2006). */
const DUST_DEPTH = 250;

/**
 * A flaring M dwarf. Power in flares: log(L_flare / L_bol) normal around -3.8 with 0.4 dex, the saturated level of active M dwarfs (Yang
 * et al. 2017, ApJ 849, 36); energies a power law with alpha uniform in 1.7 to 2.1 (Hawley et al. 2014; Gunther et al. 2020) from the
 * star's light of 0.3 seconds to 10^5 seconds of it; a black body of 9500 +- 800 K (Kowalski et al. 2013, ApJS 207, 15).
 * `peak` is NaN: flares come all the time. `quiescent` is the star without flares.
 */
export const M_DWARF: SkyKind = {
  name: "M-dwarf",
  galactic: true,
  reference:
    "Davenport et al. 2014, ApJ 797, 122; Yang et al. 2017, ApJ 849, 36; Kowalski et al. 2013, ApJS 207, 15",
  draw: drawMDwarf,
};

/** Flux of a flare, at its peak, below which no survey would notice that it is left out: magnitude 30. */
const UNSEEN = 0.1;

function drawMDwarf(random: Random, setting: SkySetting): SkySource {
  const type = random.choice(TYPES.map((_, k) => k), { weights: TYPES.map((row) => row[3]) });
  const [temperature, logLuminosity, mean] = TYPES[type], absoluteMagnitude = mean + random.normal(0, 0.4);
  const { modulus, reddening } = place(random, setting, absoluteMagnitude);
  const magnitude = absoluteMagnitude + modulus + R_EXTINCTION * reddening;
  const luminosity = SOLAR_LUMINOSITY * Math.pow(10, logLuminosity);
  const flareShare = Math.pow(10, Math.min(-3, random.normal(-3.8, 0.4))), alpha = random.uniform(1.7, 2.1);
  const flareTemperature = Math.max(7000, random.normal(9500, 800));
  const quiescent = starFluxes(setting, temperature, magnitude, reddening);
  const distance = Math.pow(10, modulus / 5 + 1) * PARSEC;
  const scale = 1 / (4 * Math.PI * distance * distance * STEFAN_BOLTZMANN * flareTemperature ** 4);
  /** Flux of one erg/s of flare in each band. */
  const hot = bandFluxes(setting.passbands, (x) => scale * blackBody(x, flareTemperature), reddening);
  const all = {
    power: flareShare * luminosity,
    alpha,
    least: 0.3 * luminosity,
    greatest: 1e5 * luminosity,
  };
  const train = new FlareTrain(random, flaresAbove(all, energyOfPeak(UNSEEN / Math.max(...hot))));
  return {
    kind: "M-dwarf",
    redshift: 0,
    peak: NaN,
    parameters: {
      type,
      temperature,
      magnitude,
      distance: distance / PARSEC,
      flareShare,
      alpha,
      flareTemperature,
    },
    quiescent,
    flux: (time, band) => {
      const days = new Map<number, readonly Flare[]>();
      const on = (day: number) => {
        let known = days.get(day);
        if (known === undefined) days.set(day, known = train.on(day));
        return known;
      };
      return Float64Array.from(time, (t, i) => {
        const today = Math.floor(t);
        let power = 0;
        // A flare is over within a day, and one of tomorrow may already rise within half a day before it.
        const last = t - today > 0.5 ? today + 1 : today;
        for (let day = today - 1; day <= last; day++) {
          for (const { peak, width, energy } of on(day)) {
            const phase = (t - peak) / width;
            if (phase > -1 && phase < 60) power += energy / (FLARE_AREA * width * 86400) * flareShape(phase);
          }
        }
        return quiescent[band[i]] + power * hot[band[i]];
      });
    },
  };
}

/** Distance modulus in the disc and E(B-V) in front, with an r magnitude inside the setting's range. */
function place(random: Random, setting: SkySetting, absoluteMagnitude: number) {
  const { bright, faint } = setting.magnitudes;
  let modulus = 0, reddening = 0;
  for (let tries = 0; tries < 50; tries++) {
    modulus = drawDistanceModulus(random, bright - absoluteMagnitude, faint - absoluteMagnitude, discDensity);
    reddening = setting.mwebv * -Math.expm1(-Math.pow(10, modulus / 5 + 1) / DUST_DEPTH);
    if (absoluteMagnitude + modulus + R_EXTINCTION * reddening <= faint) break;
  }
  return { modulus, reddening };
}
