/** Dwarf novae: discs around white dwarfs that flare up again and again. */
import { AB_REFERENCE, LIGHT_ANGSTROM } from "../../astronomy/mod.ts";
import type { Random } from "../../core/mod.ts";
import type { SkyKind, SkySetting, SkySource } from "../sky_source.ts";
import { blackBody } from "../spectra/photosphere.ts";
import { bandFluxes, drawStarMagnitude, R_EXTINCTION, starFluxes } from "../steady/mod.ts";
import { KeyedNoise } from "./keyed_noise.ts";

/** Shape of the outbursts of one dwarf nova. */
export interface OutburstParameters {
  /** Mean time between normal outbursts, days. */
  recurrence: number;
  /** Brightening at the top of a normal outburst, magnitudes. */
  amplitude: number;
  /** Rise, days a magnitude. */
  rise: number;
  /** Decline, days a magnitude. */
  decline: number;
  /** Time at the top of a normal outburst, days. */
  plateau: number;
  /** Every which outburst is a superoutburst; 0 for none. */
  supercycle: number;
  /** Magnitudes by which a superoutburst is brighter. */
  superExcess: number;
  /** Time on the slow decline of a superoutburst, days. */
  superPlateau: number;
}

/**
 * Decline on the plateau of a superoutburst, magnitudes a day: 0.11 (Warner 1995; Kato et al. 2009 find 0.09
 * to 0.13).
 */
const SUPER_DECLINE = 0.11;

/** Scatter of the natural logarithm of the time between outbursts. */
const IRREGULARITY = 0.3;

/** All outbursts of a dwarf nova, before and after an origin. */
export class OutburstTrain {
  readonly #noise: KeyedNoise;
  readonly #parameters: OutburstParameters;
  readonly #after: number[];
  readonly #before: number[];

  /**
   * @param origin MJD near which outbursts are asked for; the first after it starts within one recurrence
   * time.
   */
  constructor(random: Random, parameters: OutburstParameters, origin: number) {
    this.#noise = new KeyedNoise(random);
    this.#parameters = parameters;
    const first = origin + parameters.recurrence * this.#noise.uniform(0, 1);
    this.#after = [first];
    this.#before = [first];
  }

  /** Returns when outburst k starts, MJD; 0 is the first after the origin, negative ones come before. */
  start(k: number): number {
    const list = k >= 0 ? this.#after : this.#before, direction = k >= 0 ? 1 : -1;
    for (let j = list.length; j <= Math.abs(k); j++) {
      const gap = this.#parameters.recurrence *
        Math.exp(IRREGULARITY * this.#noise.normal(direction * j, 0) - IRREGULARITY ** 2 / 2);
      list.push(list[j - 1] + direction * gap);
    }
    return list[Math.abs(k)];
  }

  /** Is outburst k a superoutburst? */
  isSuper(k: number): boolean {
    const { supercycle } = this.#parameters;
    return supercycle > 0 && ((k % supercycle) + supercycle) % supercycle === 0;
  }

  /** Returns the brightening in magnitudes at a time (MJD), at least 0. */
  brightening(time: number): number {
    let k = 0;
    while (this.start(k) <= time) k++;
    if (k === 0) { while (this.start(k) > time) k--; }
    else k--;
    // A superoutburst may outlast the start of the next one.
    return Math.max(this.#of(k, time), this.#of(k - 1, time), this.#of(k - 2, time));
  }

  #of(k: number, time: number): number {
    const { amplitude, rise, decline, plateau, superExcess, superPlateau } = this.#parameters;
    const great = this.isSuper(k), since = time - this.start(k);
    const height = great ? amplitude + superExcess : amplitude + 0.3 * this.#noise.normal(k, 2);
    const length = great ? superPlateau : plateau, slope = great ? SUPER_DECLINE : 0;
    const top = since - rise * height;
    if (top < 0) return since / rise;
    if (top < length) return height - slope * top;
    return Math.max(0, height - slope * length - (top - length) / decline);
  }
}

/** Least and greatest temperature of the disc in kelvin, and the steps of the table between. */
const COOLEST = 5500, HOTTEST = 20000, STEPS = 12;

/**
 * Returns log flux in each band of a disc of unit flux density at 6221 angstrom, at {@link STEPS} + 1
 * temperatures.
 */
function discTable(setting: SkySetting): Float64Array[] {
  const unit = AB_REFERENCE * LIGHT_ANGSTROM / 6221 ** 2;
  return Array.from({ length: STEPS + 1 }, (_, k) => {
    const temperature = COOLEST * Math.pow(HOTTEST / COOLEST, k / STEPS),
      scale = unit / blackBody(6221, temperature);
    return bandFluxes(setting.passbands, (x) => scale * blackBody(x, temperature), setting.mwebv).map(
      Math.log,
    );
  });
}

/**
 * A dwarf nova. Orbits: 55 percent below the period gap (normal, 1.5 +- 0.2 h; SU Ursae Majoris stars, with
 * superoutbursts), the others
 * log-uniform in 3 to 8 h (Ritter & Kolb 2003). Recurrence log-normal around 40 days with 0.3 dex, amplitude
 * 0.7 + 1.9 log T_n with 0.6 of scatter
 * (Kukarkin & Parenago; Warner 1995, equation 3.1; Otulakowska-Hypka et al. 2016 find little of the relation
 * left, hence the scatter), decline 0.53 P^0.84 days a magnitude (Bailey
 * 1975; Warner 1995, equation 3.5), rise 0.2 to 0.6 of that, superoutbursts 0.8 +- 0.3 magnitudes brighter
 * for 14 +- 3 days every third to ninth time
 * (Otulakowska-Hypka et al. 2016). Quiescent light: white dwarf, cool disc and a red dwarf; the disc in
 * outburst is a black body of
 * 11000 to 16000 K at the top, which cools by 14 percent a magnitude as it fades.
 */
export const DWARF_NOVA: SkyKind = {
  name: "DwarfNova",
  galactic: true,
  reference:
    "Warner 1995, Cataclysmic Variable Stars; Otulakowska-Hypka et al. 2016, MNRAS 460, 2526; Ritter & Kolb 2003, A&A 404, 301",
  draw: drawDwarfNova,
};

function drawDwarfNova(random: Random, setting: SkySetting): SkySource {
  const short = random.uniform() < 0.55;
  const orbit = short
    ? Math.min(2.2, Math.max(1.27, random.normal(1.5, 0.2)))
    : 3 * Math.pow(8 / 3, random.uniform());
  const recurrence = Math.min(300, Math.max(8, Math.pow(10, random.normal(Math.log10(40), 0.3))));
  const amplitude = Math.min(6, Math.max(1.8, random.normal(0.7 + 1.9 * Math.log10(recurrence), 0.6)));
  const decline = 0.53 * Math.pow(orbit, 0.84), rise = decline * random.uniform(0.2, 0.6);
  const parameters: OutburstParameters = {
    recurrence,
    amplitude,
    rise,
    decline,
    plateau: short || random.uniform() < 0.5 ? random.uniform(0.5, 2) : random.uniform(4, 9),
    supercycle: short ? random.integer(3, 10) : 0,
    superExcess: Math.max(0.2, random.normal(0.8, 0.3)),
    superPlateau: Math.max(7, random.normal(14, 3)),
  };
  const magnitude = drawStarMagnitude(random, setting.magnitudes), { mwebv } = setting;
  const hotTemperature = random.uniform(11000, 16000), white = random.uniform(11000, 19000);
  const donor = 2800 + 280 * (orbit - 1.3),
    donorShare = short ? random.uniform(0.03, 0.2) : random.uniform(0.2, 0.6);
  const train = new OutburstTrain(random, parameters, setting.window.start);
  const table = discTable(setting);
  /** Intrinsic flux density at 6221 angstrom of the quiescent light in units of AB magnitude zero. */
  const level = Math.pow(10, -0.4 * (magnitude - R_EXTINCTION * mwebv));
  const disc = (temperature: number, band: number) => {
    const place = STEPS * Math.log(Math.min(HOTTEST, Math.max(COOLEST, temperature)) / COOLEST) /
      Math.log(HOTTEST / COOLEST);
    const k = Math.min(STEPS - 1, Math.floor(place)), part = place - k;
    return level * Math.exp(table[k][band] + part * (table[k + 1][band] - table[k][band]));
  };
  const red = starFluxes(setting, Math.min(4800, donor), magnitude, mwebv);
  const quiescent = red.map((flux, b) =>
    donorShare * flux + (1 - donorShare) * (0.5 * disc(white, b) + 0.5 * disc(6500, b))
  );
  const top = amplitude + (short ? parameters.superExcess : 0);
  return {
    kind: "DwarfNova",
    redshift: 0,
    peak: NaN,
    parameters: { ...parameters, orbit, magnitude, hotTemperature, whiteDwarf: white, donor, donorShare },
    quiescent,
    flux: (time, band) =>
      Float64Array.from(time, (t, i) => {
        const brightening = train.brightening(t), b = band[i];
        if (brightening === 0) return quiescent[b];
        const temperature = hotTemperature * Math.pow(0.86, Math.max(0, top - brightening));
        return quiescent[b] + Math.expm1(0.4 * Math.LN10 * brightening) * disc(temperature, b);
      }),
  };
}
