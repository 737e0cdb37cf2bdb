/** A simulated sky for the chapter: Catalina-like light curves, SDSS-like spectra and classes of the same stars. */
import catalinaV from "../../../data/surveys/catalina-v.json" with { type: "json" };
import followUp from "../../../data/recipes/follow_up.json" with { type: "json" };
import { demand, parallelMap, type ProgressReporter, Random } from "../../core/mod.ts";
import { extractFeatures, type FeatureTable } from "../../features/mod.ts";
import { LightCurveSet, SpectrumSet } from "../../observations/mod.ts";
import {
  composeSpectrum,
  measureSpectrum,
  SDSS,
  SPECTRAL_KINDS,
  type SpectralKind,
  spectrographGrid,
  STAR_KINDS,
  starComponents,
  SUPERCLASSES,
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

/** One class of a {@link FollowUpRecipe}. */
export interface FollowUpClass {
  /** Share among the stars, in any unit. */
  share: number;
  /** Superclass of its light curves. */
  superclass: string;
  /** Name in `STAR_KINDS` by which a star is drawn. */
  type: string;
  /** Which surfaces its spectrum has. */
  spectrum: SpectralKind;
}

/** Which stars there are, which of them the survey finds, and when and through what their spectra are taken. */
export interface FollowUpRecipe {
  /** What it is called. */
  name: string;
  /** Where the numbers come from. */
  reference: string;
  /** Classes in the order of their labels. */
  classes: Readonly<Record<string, FollowUpClass>>;
  /** Least signal to noise of the variation, number of exposures, and largest distance in parsecs; see `Recipe`. */
  selection: { signalToNoise: number; minimumEpochs: number; farthest: number };
  /** Rates at which the catalogue's period is half, twice, or a one-day alias of the true one. */
  periodErrors: { half: number; double: number; alias: number };
  /** RS CVn are spotted stars brighter than this M_G: giants and subgiants. */
  faintestActiveStar: number;
  /** Days (MJD) in which spectra are taken, and mean colour excess E(B-V) of the stars. */
  spectra: { start: number; end: number; dust: number };
}

/** The V-band light curves of the Catalina Sky Survey. */
export const CATALINA_V: Survey = parseSurvey(catalinaV, "catalina-v.json");

/**
 * Returns a recipe from its description, e.g. a parsed JSON file.
 * @throws EphemeraError for an unknown, missing or impossible field.
 */
export function parseFollowUpRecipe(description: unknown, where: string): FollowUpRecipe {
  const fields = record(description, where);
  only(fields, [
    "name",
    "reference",
    "classes",
    "selection",
    "periodErrors",
    "faintestActiveStar",
    "spectra",
  ], where);
  const group = (name: string, limits: Readonly<Record<string, readonly [number, number]>>) => {
    const part = record(fields[name], `${where}, ${name}`);
    only(part, Object.keys(limits), `${where}, ${name}`);
    for (const [key, range] of Object.entries(limits)) number(part[key], range, `${where}, ${name}, ${key}`);
  };
  group("selection", { signalToNoise: [0, 100], minimumEpochs: [0, 1e5], farthest: [1, 1e7] });
  group("periodErrors", { half: [0, 0.3], double: [0, 0.3], alias: [0, 0.3] });
  group("spectra", { start: [0, 1e5], end: [0, 1e5], dust: [0, 5] });
  number(fields.faintestActiveStar, [-5, 15], `${where}, faintestActiveStar`);
  const classes = record(fields.classes, `${where}, classes`);
  let shares = 0;
  for (const [name, raw] of Object.entries(classes)) {
    const place = `${where}, class ${name}`, part = record(raw, place);
    only(part, ["share", "superclass", "type", "spectrum"], place);
    shares += number(part.share, [0, Infinity], `${place}, share`);
    word(part.type, Object.keys(STAR_KINDS), `${place}, type`);
    word(part.superclass, SUPERCLASSES, `${place}, superclass`);
    word(part.spectrum, SPECTRAL_KINDS, `${place}, spectrum`);
    word(part.superclass, [STAR_KINDS[part.type as string].superclass], `${place}, superclass`);
  }
  demand(shares > 0 && shares < Infinity, {
    expected: "at least one class with a positive share",
    found: `${Object.keys(classes).length} classes with a sum of ${shares}`,
    where,
  });
  const { start, end } = fields.spectra as FollowUpRecipe["spectra"];
  demand(end > start, {
    expected: "an end after the start",
    found: `${start}, ${end}`,
    where: `${where}, spectra`,
  });
  return fields as unknown as FollowUpRecipe;
}

function record(value: unknown, where: string): Record<string, unknown> {
  demand(typeof value === "object" && value !== null && !Array.isArray(value), () => ({
    expected: "an object with named fields",
    found: value === null ? "null" : typeof value,
    where,
  }));
  return value as Record<string, unknown>;
}

function only(fields: Record<string, unknown>, names: readonly string[], where: string): void {
  const missing = names.filter((name) => !Object.hasOwn(fields, name));
  const unknown = Object.keys(fields).filter((name) => !names.includes(name));
  demand(missing.length === 0 && unknown.length === 0, () => ({
    expected: `the fields ${names.join(", ")}`,
    found: [...missing.map((name) => `no "${name}"`), ...unknown.map((name) => `"${name}"`)].join(", "),
    where,
    remedy: "correct the names",
  }));
}

function number(value: unknown, [low, high]: readonly [number, number], where: string): number {
  demand(typeof value === "number" && value >= low && value <= high, () => ({
    expected: `a number from ${low} to ${high}`,
    found: JSON.stringify(value) ?? "nothing",
    where,
  }));
  return value;
}

function word(value: unknown, words: readonly string[], where: string): void {
  demand(words.includes(value as string), () => ({
    expected: words.length === 1 ? `"${words[0]}"` : `one of ${words.join(", ")}`,
    found: JSON.stringify(value) ?? "nothing",
    where,
  }));
}

/** The chapter's recipe: the paper's 2554 stars by class. It was fixed before any score on it was looked at. */
export const FOLLOW_UP_RECIPE: FollowUpRecipe = parseFollowUpRecipe(followUp, "follow_up.json");

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

/** Returns how many stars of each class a total holds. */
export function followUpCounts(recipe: FollowUpRecipe, total: number): Record<string, number> {
  demand(Number.isInteger(total) && total >= 0, () => ({
    expected: "a whole number of stars",
    found: String(total),
    where: "followUpCounts",
  }));
  const sum = Object.values(recipe.classes).reduce((a, { share }) => a + share, 0);
  const exact = Object.entries(recipe.classes).map(([name, { share }]) =>
    [name, total * share / sum] as const
  );
  const counts = Object.fromEntries(exact.map(([name, count]) => [name, Math.floor(count)]));
  let rest = total - Object.values(counts).reduce((a, b) => a + b, 0);
  for (const [name] of exact.toSorted((a, b) => b[1] % 1 - a[1] % 1)) if (rest-- > 0) counts[name]++;
  return counts;
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
