/** A simulated sky for the chapter: Catalina-like light curves, SDSS-like spectra and classes of the same stars. */
import catalinaV from "../../../data/surveys/catalina-v.json" with { type: "json" };
import { parallelMap, type ProgressReporter, Random } from "../../core/mod.ts";
import { extractFeatures, type FeatureTable } from "../../features/mod.ts";
import { LightCurveSet, SpectrumSet } from "../../observations/mod.ts";
import {
  composeSpectrum,
  measureSpectrum,
  SDSS,
  type SpectralKind,
  spectrographGrid,
  starComponents,
} from "../../sources/mod.ts";
import {
  NOVELTY_RECIPE,
  parseSurvey,
  type Recipe,
  type SimulatedStar,
  type Survey,
  VariableSky,
} from "../../survey/mod.ts";
import { PAPER_TIME_FEATURES } from "./configuration.ts";
import { FOLLOW_UP_RECIPE, followUpCounts, type FollowUpRecipe } from "./follow_up_recipe.ts";

/** The V-band light curves of the Catalina Sky Survey. */
export const CATALINA_V: Survey = parseSurvey(catalinaV, "catalina-v.json");

/**
 * The families of the paper's 54 light-curve features, as FATS names them: those of its public table but for `MaxSlope`,
 * which is not always finite.
 */
export const PAPER_FEATURE_FAMILIES: readonly string[] = [
  "Amplitude",
  "AndersonDarling",
  "Autocor_length",
  "Beyond1Std",
  "CAR",
  "Con",
  "FluxPercentileRatioMid20",
  "FluxPercentileRatioMid35",
  "FluxPercentileRatioMid50",
  "FluxPercentileRatioMid65",
  "FluxPercentileRatioMid80",
  "Freq_harmonics",
  "LinearTrend",
  "Mean",
  "Meanvariance",
  "MedianAbsDev",
  "MedianBRP",
  "PairSlopeTrend",
  "PercentAmplitude",
  "PercentDifferenceFluxPercentile",
  "PeriodLS",
  "Period_fit",
  "Psi_CS",
  "Psi_eta",
  "Q31",
  "Rcs",
  "Skew",
  "SmallKurtosis",
  "Std",
];

/** Families that hold the paper's seven chosen features. */
const CHOSEN_FAMILIES = [
  "PeriodLS",
  "Freq_harmonics",
  "MedianAbsDev",
  "Q31",
  "FluxPercentileRatioMid35",
  "FluxPercentileRatioMid50",
];

/** Options of {@link simulateFollowUpSky}. */
export interface FollowUpSkyOptions {
  /** Seed of everything. */
  seed: number | string;
  /** Number of stars, divided by the recipe's shares (largest remainders). Default 2554, the paper's. */
  total?: number;
  /** Default {@link FOLLOW_UP_RECIPE}. */
  recipe?: FollowUpRecipe;
  /** Default {@link CATALINA_V}. */
  survey?: Survey;
  /**
   * Light-curve features: the paper's chosen seven (default), all 54, or none. They are those of the original FATS, quirks
   * included, as the paper's are.
   */
  features?: "chosen" | "all" | "none";
  /** Workers; default one a core. The result is the same for any number. */
  workers?: number;
  /** Told of the stars made, then of the features. */
  progress?: ProgressReporter;
  /** Stops the work. */
  signal?: AbortSignal;
}

/** Stars as light curves, features and spectra; all three in one order, class after class. */
export interface FollowUpSky {
  /** Labelled light curves in V; metadata `period` (catalogue), `truePeriod`, `meanMagnitude`, `ra`, `dec`, ... */
  lightCurves: LightCurveSet;
  /**
   * Labelled spectra on SDSS's grid, observed frame, 1e-17 erg/s/cm2/angstrom. Metadata: `mjd` of the spectrum, `magnitude` in V
   * then, `reddening` E(B-V), and of the component that gives most light `temperature`, `gravity`, `metallicity`,
   * `rotation`, `velocity`.
   */
  spectra: SpectrumSet;
  /** Light-curve features, unless none were asked for. */
  features?: FeatureTable;
}

/**
 * Returns a simulated sky. Star k of a class depends on the seed, the class, k, recipe and survey alone.
 *
 * @throws EphemeraError for a total that is not a whole number from 0.
 *
 * @example
 * ```ts
 * import { simulateFollowUpSky } from "ephemera/chapters/follow_up";
 * import assert from "node:assert/strict";
 * const sky = await simulateFollowUpSky({ seed: 1, total: 6, features: "none", workers: 1 });
 * assert.equal(sky.spectra.wavelength.length, 3794);
 * assert.deepEqual(sky.spectra.ids, sky.lightCurves.ids);
 * ```
 */
export async function simulateFollowUpSky(options: FollowUpSkyOptions): Promise<FollowUpSky> {
  const { seed, total = 2554, recipe = FOLLOW_UP_RECIPE, survey = CATALINA_V } = options;
  const { features = "chosen", workers, progress, signal } = options;
  const counts = followUpCounts(recipe, total);
  const places = Object.entries(counts).flatMap(([name, count]) =>
    Array.from({ length: count }, (_, index): Place => ({ name, index }))
  );
  const batches: Place[][] = [];
  for (let i = 0; i < places.length; i += BATCH) batches.push(places.slice(i, i + BATCH));
  const made = (await parallelMap<Place[], Made[]>(import.meta.url, "simulateFollowUpBatch", batches, {
    ...{ workers, signal, shared: { seed, recipe, survey } },
    progress: progress && {
      update: (done, all) => progress.update(Math.round(places.length * done / all), places.length, "stars"),
      finish: () => {},
    },
  })).flat();
  const classNames = Object.keys(recipe.classes);
  const labels = Int32Array.from(places, ({ name }) => classNames.indexOf(name));
  const lightCurves = lightCurvesOf(made, survey, labels, classNames);
  const spectra = spectraOf(made, labels, classNames);
  if (features === "none") return { lightCurves, spectra };
  const table = await extractFeatures(lightCurves, {
    features: features === "all" ? PAPER_FEATURE_FAMILIES : CHOSEN_FAMILIES,
    compatibility: "FATS",
    workers,
    progress,
    signal,
  });
  return {
    lightCurves,
    spectra,
    features: features === "all" ? table : columnsOf(table, PAPER_TIME_FEATURES),
  };
}

/** Stars handed to a worker at a time. */
const BATCH = 32;

/** Stars of one survey's class draw from indices this far apart, so that no two classes share a star's draws. */
const CLASS_STRIDE = 1_000_000;

/** Draws of an RS CVn star until one is above the main sequence; half of the spotted stars are. */
const ACTIVE_TRIES = 60;

interface Place {
  name: string;
  index: number;
}

interface Made {
  id: string;
  time: Float64Array;
  value: Float64Array;
  error: Float64Array;
  catalogue: Readonly<Record<string, number>>;
  flux: Float64Array;
  inverseVariance: Float64Array;
  spectrum: Readonly<Record<string, number>>;
}

/** Makes the stars of one batch; the part of {@link simulateFollowUpSky} that workers run. */
export function simulateFollowUpBatch(
  places: readonly Place[],
  { seed, recipe, survey }: { seed: number | string; recipe: FollowUpRecipe; survey: Survey },
): Made[] {
  const skies = new Map<string, VariableSky>();
  const classNames = Object.keys(recipe.classes);
  return places.map(({ name, index }) => {
    const { superclass, type, spectrum } = recipe.classes[name];
    let sky = skies.get(name);
    if (sky === undefined) {
      skies.set(name, sky = new VariableSky({ seed, survey, recipe: skyRecipe(recipe, superclass, type) }));
    }
    const first = CLASS_STRIDE * classNames.indexOf(name) + index * ACTIVE_TRIES;
    let seen = sky.star(superclass, first);
    for (let tries = 1; tries < ACTIVE_TRIES && spectrum === "RSCVN"; tries++) {
      if (seen.star.absoluteMagnitude < recipe.faintestActiveStar) break;
      seen = sky.star(superclass, first + tries);
    }
    const random = new Random(seed).stream("spectrum").stream(name).stream(index);
    return {
      id: `${name.toLowerCase().replaceAll(" ", "-")}-${String(index).padStart(5, "0")}`,
      ...{ time: seen.time, value: seen.value, error: seen.error, catalogue: seen.catalogue },
      ...takeSpectrum(seen, spectrum, recipe, random),
    };
  });
}

function takeSpectrum(seen: SimulatedStar, kind: SpectralKind, recipe: FollowUpRecipe, random: Random) {
  const { start, end, dust } = recipe.spectra;
  const mjd = random.stream("time").uniform(start, end), reddening = random.stream("dust").exponential(dust);
  const magnitude = seen.catalogue.meanMagnitude + seen.star.magnitude(mjd);
  const components = starComponents(seen.star, kind, random.stream("star"), mjd);
  const { flux, inverseVariance } = measureSpectrum(
    composeSpectrum(components, { magnitude, reddening }),
    random.stream("noise"),
  );
  const { photosphere, rotation, velocity } = components.reduce((a, b) => b.share > a.share ? b : a);
  const { temperature, gravity, metallicity } = photosphere;
  const spectrum = { mjd, magnitude, reddening, temperature, gravity, metallicity, rotation, velocity };
  return { flux, inverseVariance, spectrum };
}

/** The survey's recipe with one type in a superclass; its own shares play no part, stars are asked for by number. */
function skyRecipe(recipe: FollowUpRecipe, superclass: string, type: string): Recipe {
  const { signalToNoise, minimumEpochs, farthest } = recipe.selection;
  return {
    ...NOVELTY_RECIPE,
    known: { ...NOVELTY_RECIPE.known, [superclass]: { share: 1, types: { [type]: 1 } } },
    selection: {
      knownSmootherResidual: 1,
      knownSignalToNoise: signalToNoise,
      novelSignalToNoise: signalToNoise,
      minimumEpochs,
      farthest,
    },
    catalogue: { periodErrors: recipe.periodErrors, novelTruePeriod: 1, photometryMissing: 0 },
  };
}

function lightCurvesOf(
  made: readonly Made[],
  survey: Survey,
  labels: Int32Array,
  classNames: readonly string[],
): LightCurveSet {
  const offsets = new Uint32Array(made.length + 1);
  made.forEach(({ time }, i) => offsets[i + 1] = offsets[i] + time.length);
  const join = (name: "time" | "value" | "error") => {
    const all = new Float64Array(offsets[made.length]);
    made.forEach((each, i) => all.set(each[name], offsets[i]));
    return all;
  };
  return new LightCurveSet({
    ids: made.map(({ id }) => id),
    offsets,
    ...{ time: join("time"), value: join("value"), error: join("error") },
    ...{ bands: [survey.band], timeScale: survey.timeScale, labels, classNames },
    metadata: numericTable(made.map(({ catalogue }) => catalogue)),
  });
}

function spectraOf(made: readonly Made[], labels: Int32Array, classNames: readonly string[]): SpectrumSet {
  const wavelength = spectrographGrid(SDSS), pixels = wavelength.length;
  const flux = new Float64Array(made.length * pixels), inverseVariance = new Float64Array(flux.length);
  made.forEach((each, i) => {
    flux.set(each.flux, i * pixels);
    inverseVariance.set(each.inverseVariance, i * pixels);
  });
  const ids = made.map(({ id }) => id), metadata = numericTable(made.map(({ spectrum }) => spectrum));
  return new SpectrumSet({ ids, wavelength, flux, inverseVariance, labels, classNames, metadata });
}

function numericTable(rows: readonly Readonly<Record<string, number>>[]): Record<string, Float64Array> {
  const names = Object.keys(rows[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, Float64Array.from(rows, (row) => row[name])]));
}

/** The given columns of a table, in that order. */
function columnsOf(table: FeatureTable, names: readonly string[]): FeatureTable {
  const columns = names.map((name) => table.column(name)), n = table.ids.length;
  const data = new Float64Array(n * names.length);
  columns.forEach((column, k) => column.forEach((value, i) => data[i * names.length + k] = value));
  return {
    ...{ ids: table.ids, names: [...names], data, failures: table.failures },
    column: (name) => table.column(name),
  };
}
