/** Makes single objects of a simulated sky: drawn, seen, selected, listed. */
import {
  extinctionCurve,
  FLUXCAL_ZERO_POINT,
  fluxOf,
  meanWavelength,
  MILKY_WAY_RV,
  type Passband,
} from "../../astronomy/mod.ts";
import { demand, Random } from "../../core/mod.ts";
import { type SkyKind, skyKind, type SkySetting, type SkySource } from "../../sources/mod.ts";
import { observe, type Observed } from "../multiband/observe.ts";
import { type Pointing, Pointings } from "../multiband/pointings.ts";
import { type SkySurvey, surveyPassbands } from "../multiband/sky_survey.ts";
import type { Visits } from "../multiband/visits.ts";
import { catalogueRow } from "./catalogue_row.ts";
import { drawReddening } from "./dust_map.ts";
import type { SkyPreset } from "./preset.ts";
import { RedshiftDistribution, volumetricRate } from "./rates.ts";

/** Which part of a challenge an object is for. */
export type SkySample = "training" | "test";

/**
 * How classes are mixed: `"table"`: by the preset's counts; `"equal"`: all classes of the sample alike; `"rates"`: classes
 * with a volumetric rate in the proportions in which a survey finds them, the others by the counts.
 */
export type ClassMix = "table" | "equal" | "rates";

/** What decides the objects. */
export interface SkyMakerOptions {
  /** The mixture. */
  preset: SkyPreset;
  /** The surveys that see it and their shares, by the preset's names or others'. */
  surveys: readonly { survey: SkySurvey; training: number; test: number }[];
  /** Seed of everything. */
  seed: number | string;
  /** Default `"test"`. */
  sample?: SkySample;
  /** Default `"table"`. */
  mix?: ClassMix;
  /** Fields of each survey without a list of them. Default 300. */
  fields?: number;
  /** Draws per object before its class is called empty. Default 20,000. */
  attempts?: number;
}

/** One object, observed and listed. */
export interface SkyObject {
  /** Number in its sample. */
  index: number;
  /** Index into the preset's classes. */
  label: number;
  /** Name of the kind it was drawn as. */
  kind: string;
  /** Light curve. */
  observed: Observed;
  /** Numbers of the catalogue, NaN where missing. */
  catalogue: Record<string, number>;
  /** The truth: redshift, peak (MJD, NaN of a permanent object), draws it took. */
  truth: { redshift: number; peak: number; distanceModulus: number; draws: number };
}

interface Stage {
  survey: SkySurvey;
  passbands: readonly Passband[];
  pointings: Pointings;
  /** Extinction in each band for E(B-V) = 1. */
  extinction: Float64Array;
  /** Bands by the distance of their wavelength from 7500 angstroms. */
  order: number[];
}

/** Draws the objects of a sample. Object i depends on the options and on i alone. */
export class SkyMaker {
  readonly #options: Required<SkyMakerOptions>;
  readonly #stages: Stage[];
  readonly #stageWeights: number[];
  readonly #classWeights: number[];
  /** Classes with a rate, and their events a year before selection. */
  readonly #rated: { labels: number[]; weights: number[] };
  readonly #redshifts: (RedshiftDistribution | null)[];
  readonly #kinds: { kinds: SkyKind[]; weights: number[] }[];
  /** Fluxes that a transient must reach in each band to be worth observing, by the visits. */
  readonly #reach = new WeakMap<Visits, Float64Array>();

  constructor(options: SkyMakerOptions) {
    const { preset, surveys, sample = "test", mix = "table", fields = 300, attempts = 20_000 } = options;
    this.#options = { ...options, sample, mix, fields, attempts };
    demand(surveys.some((entry) => entry[sample] > 0), {
      expected: `a survey with a share of the ${sample} sample`,
      found: "none",
      where: `preset ${preset.name}`,
    });
    const law = extinctionCurve("odonnell94", MILKY_WAY_RV);
    this.#stages = surveys.map(({ survey }) => {
      const passbands = surveyPassbands(survey);
      const extinction = Float64Array.from(passbands, (band) => MILKY_WAY_RV * law(meanWavelength(band)));
      const distance = passbands.map((band) => Math.abs(meanWavelength(band) - 7500));
      const order = distance.map((_, b) => b).sort((a, b) => distance[a] - distance[b]);
      const pointings = new Pointings(survey, { seed: options.seed, fields });
      return { survey, passbands, extinction, order, pointings };
    });
    for (const { survey } of this.#stages) {
      demand(this.bands.join() === survey.bands.map(({ name }) => name).join(), () => ({
        expected: `surveys with the same bands, ${this.bands.join(", ")}`,
        found: `${survey.bands.map(({ name }) => name).join(", ")} of ${survey.name}`,
        where: `preset ${preset.name}`,
      }));
    }
    this.#stageWeights = surveys.map((entry) => entry[sample]);
    const counts = preset.classes.map((entry) => entry.counts[sample]);
    this.#classWeights = mix === "equal" ? counts.map((count) => Number(count > 0)) : counts;
    this.#redshifts = preset.classes.map(({ rate, redshift: [minimum, maximum] }) =>
      rate === null ? null : new RedshiftDistribution({
        universe: preset.universe,
        minimum,
        maximum,
        evolution: volumetricRate(rate).evolution,
      })
    );
    const labels = preset.classes.flatMap(({ rate }, label) =>
      rate !== null && counts[label] > 0 && volumetricRate(rate).today > 0 ? [label] : []
    );
    this.#rated = {
      labels,
      weights: labels.map((label) =>
        this.#redshifts[label]!.volume * volumetricRate(preset.classes[label].rate!).today
      ),
    };
    this.#kinds = preset.classes.map(({ kinds }) => ({
      kinds: Object.keys(kinds).map(skyKind),
      weights: Object.values(kinds),
    }));
  }

  /** Bands of the light curves. */
  get bands(): readonly string[] {
    return this.#stages[0].survey.bands.map(({ name }) => name);
  }

  /** Name of the time scale of the light curves. */
  get timeScale(): string {
    return this.#stages[0].survey.timeScale;
  }

  /**
   * Returns object number `index`: draws of its class, one after another, until one triggers and is selected.
   * @throws EphemeraError when none of `attempts` draws is.
   */
  object(index: number): SkyObject {
    const { seed, sample, mix, preset, attempts } = this.#options;
    const random = new Random(`${seed}/${sample}/${index}`), labels = preset.classes.map((_, label) => label);
    const drawn = random.choice(labels, { weights: this.#classWeights });
    const byRate = mix === "rates" && this.#rated.labels.includes(drawn);
    for (let draws = 1; draws <= attempts; draws++) {
      const label = byRate ? random.choice(this.#rated.labels, { weights: this.#rated.weights }) : drawn;
      const found = this.#attempt(random, label);
      if (found) return { index, label, ...found, truth: { ...found.truth, draws } };
    }
    const { name } = preset.classes[drawn];
    demand(false, {
      expected: `an object of class ${name} that the survey ${this.#stages[0].survey.name} notices`,
      found: `none among ${attempts} draws`,
      where: `preset ${preset.name}, ${sample} sample`,
      remedy:
        "lower the class's greatest redshift or faint magnitude, raise attempts, or leave the class out",
    });
  }

  #attempt(random: Random, label: number) {
    const { preset, sample } = this.#options, { photometry } = preset;
    const stage = random.choice(this.#stages, { weights: this.#stageWeights });
    const { survey, passbands, pointings } = stage;
    const pointing = pointings.draw(random), { ra, dec, visits } = pointing;
    const mwebv = drawReddening(random, pointing);
    const redshift = this.#redshifts[label]?.draw(random) ?? 0;
    const { kinds, weights } = this.#kinds[label], kind = random.choice(kinds, { weights });
    const setting: SkySetting = {
      passbands,
      window: { start: survey.start, end: survey.end },
      redshift,
      universe: preset.universe,
      mwebv: mwebv * Math.max(0.1, 1 + preset.dustError * random.normal()),
      magnitudes: preset.magnitudes,
    };
    const source = kind.draw(random, setting);
    if (this.#hopeless(source, pointing, stage)) return undefined;
    const observed = observe(source, visits, survey, random, {
      photometry: photometry.flux,
      keep: photometry.keep,
      before: photometry.before,
      saturated: photometry.saturated,
    });
    if (!Number.isFinite(observed.trigger) || observed.time.length < preset.minimumPoints) return undefined;
    const followed = sample === "training" && preset.followUp !== null;
    if (followed && random.uniform() >= this.#spectrumChance(source, observed)) return undefined;
    if (preset.dereddened) deredden(observed, stage.extinction, mwebv);
    const subject = { ra, dec, deep: survey.deep, redshift, mwebv, followed };
    return {
      kind: kind.name,
      observed,
      catalogue: catalogueRow(random, subject, preset),
      truth: {
        redshift,
        peak: source.peak,
        distanceModulus: redshift > 0 ? preset.universe.distanceModulus(redshift) : NaN,
      },
    };
  }

  /**
   * Is a transient far too faint? At maximum and twice after, in no band as bright as {@link SkyMaker.#needed} says; or without a visit from 100 days (of its own clock) before maximum to 300 after. Spares evaluating what cannot trigger. A band costs
   * a transient some work before its first flux, so the band nearest to 7500 angstroms is asked first: no spectrum is so
   * steep that what is far below its limit there, 1 magnitude below that, would be seen in another.
   */
  #hopeless(source: SkySource, { visits }: Pointing, stage: Stage): boolean {
    const { peak, redshift, quiescent } = source;
    if (!Number.isFinite(peak)) return false;
    const stretch = 1 + redshift, near = firstAtLeast(visits.time, peak - 100 * stretch);
    if (near === visits.time.length || visits.time[near] > peak + 300 * stretch) return true;
    let limits = this.#reach.get(visits);
    if (limits === undefined) {
      this.#reach.set(visits, limits = this.#needed(visits, stage));
    }
    const { magnitude } = source.parameters;
    if (magnitude < 0) {
      // The absolute magnitude of a transient at maximum, in B, V or r: hot ones are brighter in the ultraviolet, which redshift
      // brings into the bands.
      const blue = Math.min(2, 0.6 + 1.3 * redshift);
      const apparent = magnitude - blue + this.#options.preset.universe.distanceModulus(redshift);
      if (fluxOf(apparent, FLUXCAL_ZERO_POINT) < Math.min(...limits)) return true;
    }
    const time = Float64Array.from(LOOKS, (days) => peak + days * stretch);
    for (const [k, b] of stage.order.entries()) {
      if (limits[b] === Infinity) continue;
      const flux = source.flux(time, new Uint8Array(LOOKS.length).fill(b));
      const ratio = (Math.max(...flux) - quiescent[b]) / limits[b];
      if (ratio > 1) return false;
      if (k === 0 && ratio < 0.4) return true;
    }
    return true;
  }

  /**
   * Returns the flux that a transient must reach in one of the bands: 0.4 of what the deepest visit sees at 5 sigma, and, where objects are
   * followed up by magnitude, so much that a spectrum has a chance of at least 0.7 percent.
   */
  #needed({ depth, band }: Visits, { passbands }: Stage): Float64Array {
    const { preset: { followUp }, sample } = this.#options,
      limits = new Float64Array(passbands.length).fill(Infinity);
    for (let i = 0; i < depth.length; i++) {
      limits[band[i]] = Math.min(limits[band[i]], 0.4 * fluxOf(depth[i], FLUXCAL_ZERO_POINT));
    }
    if (sample === "test" || followUp === null) return limits;
    const least = fluxOf(followUp.midpoint + 5 * followUp.width, FLUXCAL_ZERO_POINT);
    return limits.map((limit) => Math.max(limit, least));
  }

  /** Chance of a spectrum, from the brightest true magnitude (total light, any band) of the light curve. */
  #spectrumChance(source: SkySource, observed: Observed): number {
    const { followUp, photometry } = this.#options.preset, { truth, band } = observed;
    let brightest = 0;
    for (let i = 0; i < truth.length; i++) {
      const rest = photometry.flux === "difference" ? source.quiescent[band[i]] : 0;
      brightest = Math.max(brightest, truth[i] + rest);
    }
    const magnitude = FLUXCAL_ZERO_POINT - 2.5 * Math.log10(Math.max(1e-9, brightest));
    return 1 / (1 + Math.exp((magnitude - followUp!.midpoint) / followUp!.width));
  }
}

/** Days of the object's own clock after maximum at which it is looked at before the visits are. */
const LOOKS = [0, 12, 40] as const;

/** Returns the first place of a value of at least `least` in an ascending array; its length when there is none. */
function firstAtLeast(ascending: Float64Array, least: number): number {
  let low = 0, high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Takes the dust away that the catalogue knows of: fluxes and their errors grow alike. */
function deredden({ flux, error, band }: Observed, extinction: Float64Array, mwebv: number): void {
  const factor = extinction.map((unit) => Math.pow(10, 0.4 * unit * mwebv));
  for (let i = 0; i < flux.length; i++) {
    flux[i] *= factor[band[i]];
    error[i] *= factor[band[i]];
  }
}
