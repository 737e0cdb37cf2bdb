/** What `scripts/rank_follow_up.ts` does: a table of objects in, a ranked list of targets out. */
import { type FollowUpSettings, QUICK } from "../chapters/follow_up/configuration.ts";
import { exposureTime, FIBRE_SPECTROGRAPH } from "../chapters/follow_up/exposure.ts";
import { followUpKind } from "../chapters/follow_up/follow_up_kind.ts";
import { followUpSet } from "../chapters/follow_up/follow_up_set.ts";
import { FollowUpModel } from "../chapters/follow_up/model.ts";
import {
  type NightOptions,
  type RankedTarget,
  rankTargets,
  scoresOfProbabilities,
} from "../chapters/follow_up/ranking.ts";
import { airmassAt, darkHours, visibility } from "../chapters/follow_up/night.ts";
import { STRATEGIES, type Strategy } from "../chapters/follow_up/strategies.ts";
import { demand } from "../core/mod.ts";
import { extractFeatures, features } from "../features/mod.ts";
import { formatTable, readLightCurves, readTable } from "../formats/mod.ts";
import { median, zeros } from "../numerics/mod.ts";
import type { Table } from "../observations/mod.ts";

/** What {@link rankFollowUp} takes. */
export interface RankFollowUpOptions {
  /** Path of the table of objects, or of light curves. */
  input: string;
  /** What the input is. */
  kind: "features" | "probabilities" | "light curves";
  /** Folder of a saved model. */
  model?: string;
  /** Path of a labelled table to fit a model on, with its columns. */
  train?: {
    path: string;
    label: string;
    known: readonly string[];
    reveals: readonly string[];
    name?: string;
  };
  /** Folder to keep the fitted model in. */
  save?: string;
  /** Whether to fit the quick reduction instead of the paper's size. */
  quick?: boolean;
  /** Column of the identifiers. Default `"id"`. */
  id?: string;
  /** Default `"entropy + change"`; of probabilities, `"entropy"`. */
  strategy?: string;
  seed: number | string;
  /** Column of magnitudes, for costs; of light curves the median of each object counts. */
  magnitude?: string;
  /** Column of airmasses, or one airmass for all. Default 1.2. */
  airmass?: string;
  /** Signal-to-noise ratio wanted. Default 20. */
  signalToNoise?: number;
  /** Hours of telescope time. */
  hours?: number;
  /** Schedule a night at a site, with a magnitude; the airmass of the costs is then the greatest while an object may be observed. */
  night?: {
    /** The night whose middle is nearest to this MJD (UT). */
    mjd: number;
    /** East longitude, degrees. */
    longitude: number;
    /** Latitude, degrees. */
    latitude: number;
    /** Columns of right ascension and declination, degrees. Defaults `"ra"` and `"dec"`. */
    ra?: string;
    dec?: string;
    /** Greatest airmass at which one observes. Default 2. */
    airmassLimit?: number;
  };
  workers?: number;
}

/**
 * Resolves to the ranked targets. A table of probabilities has a column a class, `p_CLASS`. Of light curves the features that
 * the model knows are extracted; objects that lack one are listed under `left`, and so are those that are never up in a night.
 *
 * @throws EphemeraError for an input that cannot be ranked, in a sentence
 */
export async function rankFollowUp(
  options: RankFollowUpOptions,
): Promise<{ targets: RankedTarget[]; left: { id: string; reason: string }[] }> {
  const { input, kind, id = "id", seed, workers, hours } = options;
  const strategy =
    (options.strategy ?? (kind === "probabilities" ? "entropy" : "entropy + change")) as Strategy;
  demand(STRATEGIES.includes(strategy) && strategy !== "ideal", {
    expected: `one of the strategies ${STRATEGIES.filter((name) => name !== "ideal").join(", ")}`,
    found: `"${strategy}"`,
    where: "rank_follow_up",
  });
  demand(options.night === undefined || options.magnitude !== undefined, {
    expected: "a column of magnitudes for a night",
    found: "none",
    where: "rank_follow_up",
    remedy: "name it: without costs nothing can be scheduled",
  });
  const left: { id: string; reason: string }[] = [];
  const rank = (scores: Parameters<typeof rankTargets>[0], table: Table) => {
    const sky = options.night === undefined ? undefined : skyOf(table, scores.ids, options.night);
    if (sky !== undefined) left.push(...sky.never);
    const costs = options.magnitude === undefined
      ? undefined
      : costsOf(table, scores.ids, options, sky?.greatestAirmass);
    const targets = rankTargets(scores, {
      strategy,
      seed,
      costs,
      budget: hours === undefined ? undefined : 3600 * hours,
      night: sky?.night,
    });
    return { targets, left };
  };
  if (kind === "probabilities") {
    demand(strategy === "entropy" || strategy === "random", {
      expected: "the strategy entropy or random for a table of probabilities",
      found: strategy,
      where: "rank_follow_up",
      remedy: "give features and a model",
    });
    const table = await readTable(input, { text: [id], required: [id] }), ids = [...table[id]] as string[];
    const names = Object.keys(table).filter((name) => name.startsWith("p_")), K = names.length;
    demand(K >= 2 && ids.length > 0, {
      expected: "at least one object, and two columns named p_CLASS",
      found: `${ids.length} objects, ${K} such columns`,
      where: input,
    });
    const p = zeros(ids.length, K);
    names.forEach((name, k) => ids.forEach((_, i) => p.data[i * K + k] = numberAt(table, name, i)));
    return rank(scoresOfProbabilities(ids, names.map((name) => name.slice(2)), p), table);
  }
  const model = await modelOf(options);
  let table: Table;
  if (kind === "light curves") {
    const extracted = await featuresOf(options, model.knownNames);
    table = extracted.table;
    left.push(...extracted.left);
  } else {
    table = await readTable(input, { text: [id], required: [id, ...model.knownNames] });
  }
  const set = followUpSet(
    Object.fromEntries(Object.entries(table).filter(([name]) => !model.kind.reveals.includes(name))),
    { known: model.knownNames, kind: model.kind, id },
  );
  return rank(await model.score(set, { seed, workers }), table);
}

async function modelOf(options: RankFollowUpOptions): Promise<FollowUpModel> {
  const { model, train, save, quick, seed, workers, id = "id" } = options;
  demand((model === undefined) !== (train === undefined), {
    expected: "either a saved model or a table to train one",
    found: model === undefined ? "neither" : "both",
    where: "rank_follow_up",
  });
  if (model !== undefined) return FollowUpModel.load(model);
  const { path, label, known, reveals, name = "spectrum" } = train!;
  const table = await readTable(path, { text: [id, label], required: [id, label, ...known, ...reveals] });
  const set = followUpSet(table, { known, kind: followUpKind(name, reveals), id, labels: label });
  const settings: FollowUpSettings = quick ? { forest: QUICK.forest, mixture: QUICK.mixture } : {};
  const fitted = await FollowUpModel.fit(set, { seed, workers, settings, kind: name });
  if (save !== undefined) await fitted.save(save);
  return fitted;
}

async function featuresOf(options: RankFollowUpOptions, names: readonly string[]) {
  const { input, id = "id", workers, magnitude, airmass, night } = options;
  const places = night === undefined ? [] : [night.ra ?? "ra", night.dec ?? "dec"];
  const extra = airmass === undefined || Number.isFinite(Number(airmass)) || night !== undefined
    ? places
    : [airmass];
  const { set } = await readLightCurves(input, { columns: { id, value: magnitude }, extra });
  const families = [...features.values()].filter(({ outputs }) =>
    outputs.some((name) => names.includes(name))
  );
  const lacking = names.find((name) => !families.some(({ outputs }) => outputs.includes(name)));
  demand(lacking === undefined, {
    expected: "a model of features that can be computed from light curves",
    found: `"${lacking}"`,
    where: "rank_follow_up",
  });
  const found = await extractFeatures(set, { features: families.map(({ name }) => name), workers });
  const columns = names.map((name) => found.column(name));
  const whole = set.ids.map((_, i) => i).filter((i) => columns.every((column) => Number.isFinite(column[i])));
  const inside = new Set(whole), messages = new Map(found.failures.map(({ id, message }) => [id, message]));
  const left = set.ids.flatMap((id, i) => {
    if (inside.has(i)) return [];
    const missing = names[columns.findIndex((column) => !Number.isFinite(column[i]))];
    return [{ id, reason: messages.get(id) ?? `${missing} is not finite` }];
  });
  demand(whole.length > 0, () => ({
    expected: `an object whose ${names.join(", ")} can be extracted`,
    found: left.length === 0 ? "no object" : `none; ${left[0].id}: ${left[0].reason}`,
    where: input,
  }));
  const ofCurves = (read: (i: number) => Float64Array) => Float64Array.from(whole, (i) => median(read(i)));
  const table: Table = {
    [id]: whole.map((i) => set.ids[i]),
    ...Object.fromEntries(names.map((name, k) => [name, Float64Array.from(whole, (i) => columns[k][i])])),
    ...(magnitude === undefined ? {} : { [magnitude]: ofCurves((i) => set.at(i).value) }),
    ...Object.fromEntries(
      extra.map((name) => [
        name,
        ofCurves((i) => set.extra![name].subarray(set.offsets[i], set.offsets[i + 1])),
      ]),
    ),
  };
  return { table, left };
}

/** The number in a table's column; NaN for an empty field, as well in a column that has text. */
function numberAt(table: Table, name: string, i: number): number {
  const value = table[name][i];
  return typeof value === "string" && value.trim() === "" ? NaN : Number(value);
}

/** When each object is up in the night. */
function skyOf(table: Table, ids: readonly string[], options: NonNullable<RankFollowUpOptions["night"]>) {
  const { mjd, longitude, latitude, ra = "ra", dec = "dec", airmassLimit = 2 } = options;
  const site = { longitude, latitude }, dark = darkHours(mjd, site), where = "rank_follow_up, night";
  demand(dark !== null, {
    expected: "a night in which the Sun sinks 18 degrees below the horizon",
    found: `none near MJD ${mjd} at latitude ${latitude}`,
    where,
  });
  for (const name of [ra, dec]) {
    demand(Object.hasOwn(table, name), () => ({
      expected: `a column "${name}"`,
      found: Object.keys(table).join(", "),
      where,
    }));
  }
  const places = ids.map((id, i) => {
    const place = { ra: numberAt(table, ra, i), dec: numberAt(table, dec, i) };
    demand(Number.isFinite(place.ra) && Math.abs(place.dec) <= 90, () => ({
      expected: "a right ascension and a declination in degrees",
      found: `${place.ra}, ${place.dec}`,
      where: `object ${id}`,
    }));
    return place;
  });
  const seen = places.map((place) => visibility(place, dark, site, airmassLimit));
  const never = ids.filter((_, i) => seen[i].window === null).map((id) => ({
    id,
    reason: `never at an airmass of at most ${airmassLimit} in the dark hours of the night`,
  }));
  const night: NightOptions = {
    dark,
    windows: seen.map(({ window }) => window),
    airmass: (i, time) => airmassAt(places[i], time, site),
  };
  return { night, never, greatestAirmass: seen.map(({ greatestAirmass }) => greatestAirmass) };
}

function costsOf(
  table: Table,
  ids: readonly string[],
  options: RankFollowUpOptions,
  greatestAirmass?: readonly number[],
): Float64Array {
  const { magnitude, airmass = "1.2", signalToNoise = 20 } = options;
  const column = (name: string): void => {
    demand(Object.hasOwn(table, name), {
      expected: `a column "${name}"`,
      found: Object.keys(table).join(", "),
      where: "rank_follow_up, costs",
    });
  };
  column(magnitude!);
  const fixed = Number.isFinite(Number(airmass)) || greatestAirmass !== undefined;
  if (!fixed) column(airmass);
  return Float64Array.from(ids, (id, i) => {
    const m = numberAt(table, magnitude!, i);
    // Who is never up costs nothing that counts: it is not listed.
    const never = greatestAirmass !== undefined && Number.isNaN(greatestAirmass[i]);
    const mass = never ? 1 : greatestAirmass?.[i] ?? (fixed ? Number(airmass) : numberAt(table, airmass, i));
    demand(Number.isFinite(m) && mass >= 1, () => ({
      expected: "a magnitude and an airmass of at least 1",
      found: `${m}, ${mass}`,
      where: `object ${id}`,
    }));
    return exposureTime({ magnitude: m, airmass: mass, signalToNoise }) + FIBRE_SPECTROGRAPH.overhead;
  });
}

/** Returns a list of targets as CSV or JSON text. */
export function formatTargets(targets: readonly RankedTarget[], format: "csv" | "json"): string {
  if (format === "json") return JSON.stringify(targets, null, 1) + "\n";
  const names = [
    "rank",
    "id",
    "label",
    "probability",
    "imaginedLabel",
    "changeProbability",
    "expectedGain",
    "decisionGain",
    "cost",
    "gainPerHour",
    ...(targets.some(({ start }) => start !== undefined) ? ["start", "airmass"] as const : []),
    "reason",
  ] as const;
  return formatTable(
    Object.fromEntries(
      names.map((name) => [name, targets.map((t) => String(t[name] ?? ""))]),
    ),
  );
}
