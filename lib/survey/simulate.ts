/** Sources in, observations out: a catalogue of variable stars as a survey would see them. */
import { demand, parallelMap, type ProgressReporter, Random, silent } from "../core/mod.ts";
import { LightCurveSet } from "../observations/mod.ts";
import { CLASS_NAMES, NOVEL_CLASS, STAR_KINDS, type VariableStar, vMinusG } from "../sources/mod.ts";
import { supersmootherResidual } from "../signal/mod.ts";
import { Observatory } from "./cadence.ts";
import { cataloguePeriod, cataloguePhotometry } from "./catalogue.ts";
import { photometricError } from "./error_model.ts";
import { NOVELTY_RECIPE, type Recipe, recipeCounts } from "./recipe.ts";
import { ASAS_SN, type Survey } from "./survey.ts";

/** What {@link simulatePeriodicVariables} makes. */
export interface SimulationOptions {
  /** Seed of everything. */
  seed: number | string;
  /** Number of stars of each class: the eight superclasses and `"VAR"`. */
  counts?: Readonly<Record<string, number>>;
  /** Number of stars, divided by the recipe; used when there are no `counts`. */
  total?: number;
  /** The mixture. Default {@link NOVELTY_RECIPE}. */
  recipe?: Recipe;
  /** The survey. Default {@link ASAS_SN}. */
  survey?: Survey;
  /** Told after every star. */
  progress?: ProgressReporter;
}

/** One observed star. */
export interface SimulatedStar {
  /** Class in small letters, and number in the class. */
  id: string;
  /** One of the eight superclasses, or `"VAR"`. */
  superclass: string;
  /** The kind it was drawn as, e.g. `"EA"`; see `STAR_KINDS`. */
  kind: string;
  /** MJD of each exposure, ascending. */
  time: Float64Array;
  /** Observed V magnitude. */
  value: Float64Array;
  /** Its one-sigma error. */
  error: Float64Array;
  /** Numbers for the metadata table. */
  catalogue: Readonly<Record<string, number>>;
  /** The star's model. */
  star: VariableStar;
}

const SELECTION_TRIES = 30;

/** A smoother of fewer points says nothing. */
const SMOOTHED = 20;

/** Places in the sky that a simulation fills: class and number within the class. */
interface Place {
  superclass: string;
  index: number;
}

function placesOf(options: SimulationOptions): Place[] {
  const { counts = recipeCounts(options.recipe ?? NOVELTY_RECIPE, options.total ?? 0) } = options;
  demand(options.counts !== undefined || options.total !== undefined, {
    expected: "counts or a total",
    found: "neither",
    where: "simulatePeriodicVariables",
  });
  for (const [name, count] of Object.entries(counts)) {
    demand(CLASS_NAMES.includes(name) && Number.isInteger(count) && count >= 0, () => ({
      expected: `whole numbers of the classes ${CLASS_NAMES.join(", ")}`,
      found: `${count} of "${name}"`,
      where: "simulatePeriodicVariables, counts",
    }));
  }
  return CLASS_NAMES.flatMap((superclass) =>
    Array.from({ length: counts[superclass] ?? 0 }, (_, index) => ({ superclass, index }))
  );
}

/** Makes single stars of a simulation; holds the nights that all of them share. */
export class VariableSky {
  readonly #seed: number | string;
  readonly #recipe: Recipe;
  readonly #survey: Survey;
  readonly #nights: Observatory;

  /** @param options seed, and recipe and survey where they are not the defaults. */
  constructor(options: Pick<SimulationOptions, "seed" | "recipe" | "survey">) {
    this.#seed = options.seed;
    this.#recipe = options.recipe ?? NOVELTY_RECIPE;
    this.#survey = options.survey ?? ASAS_SN;
    this.#nights = new Observatory(this.#survey, this.#seed);
  }

  /** Returns star number `index` of a class. It depends on the seed, the class, the number, the recipe and the survey alone. */
  star(superclass: string, index: number): SimulatedStar {
    const random = new Random(this.#seed).stream(superclass).stream(index);
    const novel = superclass === NOVEL_CLASS;
    const types = novel ? this.#recipe.novel.types : this.#recipe.known[superclass].types;
    const kind = random.choice(Object.keys(types), { weights: Object.values(types) });
    let best = this.#candidate(superclass, kind, random.stream(0));
    for (let tries = 1; tries < SELECTION_TRIES && !best.accepted; tries++) {
      const next = this.#candidate(superclass, kind, random.stream(tries));
      if (next.accepted || next.residual < best.residual) best = next;
    }
    const { star, period, seen: { ra, dec, meanMagnitude, amplitude, time, value, error } } = best;
    const photometry = cataloguePhotometry(
      random.stream("photometry"),
      star,
      meanMagnitude,
      this.#survey,
      this.#recipe.catalogue.photometryMissing,
    );
    return {
      id: `${superclass.toLowerCase()}-${String(index).padStart(6, "0")}`,
      superclass,
      kind,
      time,
      value,
      error,
      star,
      catalogue: { period, truePeriod: star.period, amplitude, meanMagnitude, ra, dec, ...photometry },
    };
  }

  /** One star of a kind, where it is best seen, with its catalogue period; and whether the recipe's selection takes it. */
  #candidate(superclass: string, kind: string, random: Random) {
    const novel = superclass === NOVEL_CLASS, { selection } = this.#recipe, { start, end } = this.#survey;
    const star = STAR_KINDS[kind].draw(random.stream("star"), { start, end });
    const threshold = novel ? selection.novelSignalToNoise : selection.knownSignalToNoise;
    const sight = random.stream("sight");
    let seen = this.#observe(star, threshold, sight);
    for (let tries = 1; tries < SELECTION_TRIES && seen.time.length < selection.minimumEpochs; tries++) {
      const again = this.#observe(star, threshold, sight);
      if (again.time.length > seen.time.length) seen = again;
    }
    const { time, value, error, signalToNoise } = seen, points = time.length;
    const evidence = {
      span: Math.max(1, points > 1 ? time[points - 1] - time[0] : 1),
      points,
      signalToNoise,
    };
    const period = cataloguePeriod(random.stream("period"), star, kind, superclass, evidence, this.#recipe);
    const cut = !novel && selection.knownSmootherResidual < 1;
    const residual = !cut
      ? 0
      : points < SMOOTHED
      ? 1
      : supersmootherResidual({ time, value, error }, { period });
    return { star, seen, period, residual, accepted: residual <= selection.knownSmootherResidual };
  }

  /** One place on the sky, one distance: the exposures and what they measure. */
  #observe(star: VariableStar, threshold: number, random: Random) {
    const survey = this.#survey;
    const ra = random.uniform(0, 360), dec = Math.asin(random.uniform(-1, 1)) * 180 / Math.PI;
    const { time, depth } = this.#nights.exposures({ ra, dec }, random);
    const change = new Float64Array(time.length);
    let sum = 0, squares = 0, least = Infinity, greatest = -Infinity;
    for (let i = 0; i < time.length; i++) {
      const m = change[i] = star.magnitude(time[i]);
      sum += m;
      squares += m * m;
      least = Math.min(least, m);
      greatest = Math.max(greatest, m);
    }
    const n = Math.max(1, time.length), mean = sum / n;
    const deviation = Math.sqrt(Math.max(0, squares / n - mean * mean));
    const meanMagnitude = this.#drawMagnitude(star, deviation, threshold, random);
    let kept = 0;
    const value = new Float64Array(time.length), error = new Float64Array(time.length);
    for (let i = 0; i < time.length; i++) {
      const truth = meanMagnitude + change[i] - mean;
      const noise = random.normal();
      const off = random.uniform() < survey.outliers.fraction
        ? (random.uniform() < 0.5 ? -1 : 1) * random.exponential(survey.outliers.scale)
        : 0;
      // Saturated stars and stars under the detection limit have no magnitude in the light curve.
      if (truth < survey.saturation || truth > depth[i]) continue;
      const sigma = photometricError(truth, depth[i], survey.errorFloor);
      time[kept] = time[i];
      value[kept] = truth + sigma * noise + off;
      error[kept++] = sigma;
    }
    return {
      ra,
      dec,
      meanMagnitude,
      amplitude: time.length === 0 ? NaN : greatest - least,
      signalToNoise: deviation / photometricError(meanMagnitude, survey.depth.fiveSigma, survey.errorFloor),
      time: time.slice(0, kept),
      value: value.slice(0, kept),
      error: error.slice(0, kept),
    };
  }

  /** Mean magnitudes follow the survey's number counts, among those at which the variation is seen inside the Galaxy. */
  #drawMagnitude(star: VariableStar, deviation: number, threshold: number, random: Random): number {
    const { magnitudes: { bright, faint, slope }, depth, errorFloor } = this.#survey;
    const edge = star.absoluteMagnitude + vMinusG(star.colour) +
      5 * Math.log10(this.#recipe.selection.farthest) - 5;
    let best = faint;
    for (let tries = 0; tries < SELECTION_TRIES; tries++) {
      const u = random.uniform();
      const m = slope === 0
        ? bright + u * (faint - bright)
        : bright + Math.log10(1 + u * (Math.pow(10, slope * (faint - bright)) - 1)) / slope;
      if (m <= edge && deviation >= threshold * photometricError(m, depth.fiveSigma, errorFloor)) return m;
      best = Math.min(best, m);
    }
    return best;
  }
}

/** Yields the stars of a simulation one after another, holding one in memory. */
export function* simulateStars(options: SimulationOptions): Generator<SimulatedStar> {
  const sky = new VariableSky(options), places = placesOf(options);
  const { progress = silent } = options;
  for (const [done, { superclass, index }] of places.entries()) {
    yield sky.star(superclass, index);
    progress.update(done + 1, places.length, superclass);
  }
  progress.finish();
}

/**
 * Returns a labelled set of simulated variable stars. Labels are the eight superclasses and `"VAR"`. The metadata table
 * has one row per star: `subclass` (its type), `period` (days, the catalogue's: sometimes wrong, for novel stars often
 * meaningless), `truePeriod` (days, NaN without one), `amplitude` (peak to peak at the times of the exposures, mag),
 * `meanMagnitude` (V), `absoluteMagnitude` (M_G), `colour` (BP - RP) and `wesenheit` (W_RP), the last three NaN where the
 * catalogue has none, `distance` (pc), `ra`, `dec` (degrees).
 *
 * Star k of a class is the same whatever the counts, and the same from {@link simulateInParallel}. Classes follow one
 * another; shuffle before a split.
 *
 * @example
 * ```ts
 * import { simulatePeriodicVariables } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * const set = simulatePeriodicVariables({ seed: 1, counts: { RRAB: 2, VAR: 1 } });
 * assert.deepEqual([0, 1, 2].map((i) => set.className(i)), ["RRAB", "RRAB", "VAR"]);
 * assert.ok(set.numbers("period")[0] < 1);
 * ```
 */
export function simulatePeriodicVariables(options: SimulationOptions): LightCurveSet {
  return gather([...simulateStars(options)].map(({ star: _, ...rest }) => rest), options);
}

type Observed = Omit<SimulatedStar, "star">;

/** Stars handed to a worker at a time. */
const BATCH = 64;

/** Does the work of {@link simulatePeriodicVariables} on several threads; the result is the same. */
export async function simulateInParallel(
  options: SimulationOptions & {
    /** How many workers at most. Default: the number of cores. */
    workers?: number;
  },
): Promise<LightCurveSet> {
  const { progress, workers, ...shared } = options;
  const places = placesOf(options), batches: Place[][] = [];
  for (let i = 0; i < places.length; i += BATCH) batches.push(places.slice(i, i + BATCH));
  const results = await parallelMap<Place[], Observed[]>(import.meta.url, "simulateBatch", batches, {
    workers,
    progress,
    shared,
  });
  return gather(results.flat(), options);
}

/** Makes the stars of one batch; the part of {@link simulateInParallel} that workers run. */
export function simulateBatch(places: readonly Place[], options: SimulationOptions): Observed[] {
  const sky = new VariableSky(options);
  return places.map(({ superclass, index }) => {
    const { star: _, ...rest } = sky.star(superclass, index);
    return rest;
  });
}

function gather(stars: readonly Observed[], options: SimulationOptions): LightCurveSet {
  const { survey = ASAS_SN } = options;
  const offsets = new Uint32Array(stars.length + 1);
  stars.forEach((star, i) => offsets[i + 1] = offsets[i] + star.time.length);
  const total = offsets[stars.length];
  const time = new Float64Array(total), value = new Float64Array(total), error = new Float64Array(total);
  stars.forEach((star, i) => {
    time.set(star.time, offsets[i]);
    value.set(star.value, offsets[i]);
    error.set(star.error, offsets[i]);
  });
  const columns = [
    "period",
    "truePeriod",
    "amplitude",
    "meanMagnitude",
    "absoluteMagnitude",
    "colour",
    "wesenheit",
  ];
  return new LightCurveSet({
    ids: stars.map(({ id }) => id),
    offsets,
    time,
    value,
    error,
    bands: [survey.band],
    timeScale: survey.timeScale,
    labels: Int32Array.from(stars, ({ superclass }) => CLASS_NAMES.indexOf(superclass)),
    classNames: CLASS_NAMES,
    metadata: {
      subclass: stars.map(({ kind }) => kind),
      ...Object.fromEntries(
        [...columns, "distance", "ra", "dec"].map((
          name,
        ) => [name, Float64Array.from(stars, ({ catalogue }) => catalogue[name])]),
      ),
    },
  });
}
