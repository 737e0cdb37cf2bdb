/** Study: how real the simulated sky looks beside two challenges, over five seeds. Each seed has a sky of its own. */
import { dataSet, plasticcMetadata } from "../../datasets/mod.ts";
import { Random } from "../../core/mod.ts";
import type { LightCurveSet, Table } from "../../observations/mod.ts";
import { takeRows } from "../../numerics/mod.ts";
import { simulateSky } from "../simulated_sky/mod.ts";
import { plasticcCatalogue, supernovaRedshifts } from "./catalogue_quantities.ts";
import { challengeSupernovae } from "./challenge.ts";
import { curveQuantities, errorsByMagnitude, type Quantities } from "./curve_quantities.ts";
import { type Area, draw, learnFrom, tellApart } from "./forests.ts";
import { type SupernovaTable, supernovaTable, supernovaTypes, withColumn } from "./supernova_table.ts";
import { COMPARED_QUANTILES, compareValues } from "./two_samples.ts";

/** A row of the study's results. */
export type RealismRow = Record<string, number | string | boolean | null>;

type Log = (message: string) => void;

interface Sizes {
  /** Simulated objects. */
  simulated: number;
  /** Objects of the challenge that a forest may learn from. */
  own: number;
  /** Objects of the challenge that both forests are tested on. */
  test: number;
  trees: number;
}

interface Entry {
  key: string;
  seed: number;
  configuration: { challenge: "snpcc"; sizes: Sizes } | {
    challenge: "plasticc";
    /** Objects of the training sample. */
    simulated: number;
  };
}

const FULL: Sizes = { simulated: 1000, own: 1000, test: 1500, trees: 200 };
/** Small enough for a test that computes it again. */
const SMALL: Sizes = { simulated: 36, own: 36, test: 50, trees: 30 };

/** Errors by magnitude are hundreds of rows, and the same in every sky: those of one are kept. */
const ERRORS_OF = 1;

/** Objects of PLAsTiCC's training sample that an entry simulates. */
const PLASTICC_OBJECTS = 1000;

/** The study, for `scripts/study.ts`. */
export const study = {
  name: "simulated_sky_realism",
  description:
    "The simulated supernova challenge and PLAsTiCC beside the real ones: distributions, a forest that tells them apart, one that learns from the simulation",
  scale: "quick",
  data: ["built-in simulator, presets snpcc and plasticc", "snpcc", "plasticc"],
  entries: [
    { key: "supernovae-small-1", seed: 1, configuration: { challenge: "snpcc", sizes: SMALL } },
    ...[1, 2, 3, 4, 5].flatMap((seed): Entry[] => [
      { key: `supernovae-${seed}`, seed, configuration: { challenge: "snpcc", sizes: FULL } },
      {
        key: `plasticc-${seed}`,
        seed,
        configuration: { challenge: "plasticc", simulated: PLASTICC_OBJECTS },
      },
    ]),
  ] as Entry[],
  async runEntry(
    { seed, configuration }: Entry,
    { log }: { log: Log },
  ): Promise<{ rows: RealismRow[]; backend: string }> {
    const { challenge } = configuration;
    const rows = challenge === "snpcc"
      ? await measureSupernovae(seed, configuration.sizes, log)
      : await measurePlasticc(seed, configuration.simulated, log);
    const size = challenge === "snpcc" && configuration.sizes.simulated < FULL.simulated ? "small" : "full";
    return { rows: rows.map((row) => ({ challenge, seed, size, ...row })), backend: "none" };
  },
};

async function measureSupernovae(seed: number, sizes: Sizes, log: Log): Promise<RealismRow[]> {
  const real = await challengeSupernovae(seed);
  const random = new Random(seed).stream("realism");
  const chosen = random.shuffle(draw(real.length, sizes.own + sizes.test, random));
  const challenge = real.subset(chosen);
  log("simulating");
  const sky = await simulateSky({ preset: "snpcc", objects: sizes.simulated, seed });
  const rows: RealismRow[] = [];
  for (const group of ["Ia", "core collapse"]) {
    const [a, b] = [challenge, sky].map((set) => ofType(set, group));
    rows.push(
      ...distributions(group, supernovaQuantities(a), supernovaQuantities(b)),
    );
  }
  if (seed === ERRORS_OF) rows.push(...errorRows("challenge", challenge), ...errorRows("simulation", sky));
  log("features");
  const tables = { real: await supernovaTable(challenge), simulated: await supernovaTable(sky) };
  const options = { seed, trees: sizes.trees };
  const part = (table: SupernovaTable, keep: (i: number) => boolean): SupernovaTable => {
    const kept = table.types.map((_, i) => i).filter(keep);
    return { ...table, rows: takeRows(table.rows, kept), types: kept.map((i) => table.types[i]) };
  };
  log("telling apart");
  for (const group of ["all", "Ia", "core collapse"]) {
    const own = (table: SupernovaTable) =>
      group === "all" ? table : part(table, (i) => table.types[i] === group);
    rows.push(...apartRows(group, await tellApart(own(tables.real), own(tables.simulated), options)));
  }
  const first = part(tables.real, (i) => i < sizes.own), second = part(tables.real, (i) => i >= sizes.own);
  rows.push(...apartRows("two halves of the challenge", await tellApart(first, second, options)));
  log("learning");
  for (
    const [input, tell] of [["light curve", false], ["light curve and photometric redshift", true]] as const
  ) {
    const complete = (table: SupernovaTable, set: LightCurveSet) =>
      tell ? withColumn(table, "hostgal_photoz", set.numbers("hostgal_photoz")) : table;
    const all = complete(tables.real, challenge);
    const learned = await learnFrom({
      simulation: complete(tables.simulated, sky),
      own: part(all, (i) => i < sizes.own),
      test: part(all, (i) => i >= sizes.own),
    }, options);
    const row = (training: string, area: Area): RealismRow => ({
      result: "supernovae",
      input,
      training,
      tested: sizes.test,
      area: area.estimate,
      low: area.low,
      high: area.high,
    });
    rows.push(
      row("simulation", learned.simulation),
      row("challenge", learned.own),
      row("gap", learned.gap),
    );
  }
  return rows;
}

async function measurePlasticc(seed: number, objects: number, log: Log): Promise<RealismRow[]> {
  log("simulating");
  const sky = await simulateSky({ preset: "plasticc", objects, seed, sample: "training" });
  const table = await plasticcMetadata();
  const real = plasticcCatalogue(table), simulated = plasticcCatalogue(sky.metadata), rows: RealismRow[] = [];
  rows.push(...distributions("all", real, simulated));
  for (const [group, target] of REDSHIFT_GROUPS) {
    const code = sky.numbers("target"), codes = table.target as Float64Array;
    const z = (quantities: Quantities, own: ArrayLike<number>) => ({
      redshift: quantities.redshift.map((value, i) => own[i] === target ? value : NaN),
    });
    rows.push(...distributions(group, z(real, codes), z(simulated, code)));
  }
  const few = await dataSet("plasticc").load(), place = placesOf(table, few.ids);
  const own = { deep: sky.numbers("ddf"), transient: transients(simulated, sky.numbers("target")) };
  const known = transients(real, table.target as Float64Array);
  for (const [group, flag] of [["deep", 1], ["wide", 0]] as const) {
    const a = place.map((row) => row === undefined ? NaN : real.deep[row]);
    const first = few.filter((_, i) => a[i] === flag), second = sky.filter((_, i) => own.deep[i] === flag);
    rows.push(...distributions(group, samplingOf(first), samplingOf(second)));
    // Bright stars have large errors where they do not vary: noise is compared for transients alone.
    const faint = few.filter((_, i) => a[i] === flag && known[place[i]!]);
    const faintSky = sky.filter((_, i) => own.deep[i] === flag && own.transient[i]);
    rows.push(...distributions(group, depthsOf(faint), depthsOf(faintSky)));
    if (seed === ERRORS_OF) {
      // A handful of real light curves has a handful of points in an interval.
      rows.push(
        ...errorRows(`challenge, ${group}`, faint, 3),
        ...errorRows(`simulation, ${group}`, faintSky),
      );
    }
  }
  log(`${few.length} real light curves`);
  return rows;
}

/** Classes of PLAsTiCC with enough objects for a distribution of redshifts. */
const REDSHIFT_GROUPS = [
  ["SNIa", 90],
  ["SNII", 42],
  ["SNIbc", 62],
  ["SNIax", 52],
  ["SNIa-91bg", 67],
  ["SLSN-I", 95],
  ["TDE", 15],
  ["KN", 64],
  ["AGN", 88],
] as const;

/** Returns the row of each identifier in the metadata, undefined where it has none. */
function placesOf(table: Table, ids: readonly string[]): (number | undefined)[] {
  const rows = new Map(Array.from(table.object_id as readonly string[], (id, i) => [id, i]));
  return ids.map((id) => rows.get(id));
}

/** PLAsTiCC's number for active nuclei. */
const AGN = 88;

/** Returns whether each object of a catalogue is a transient outside of the Milky Way. */
function transients({ redshift }: Quantities, target: Float64Array): boolean[] {
  return Array.from(redshift, (z, i) => Number.isFinite(z) && target[i] !== AGN);
}

/** What depends on the cadence and not on the object. */
function samplingOf(set: LightCurveSet): Quantities {
  return pick(curveQuantities(set), /^(points|duration|gap|longest gap)$/);
}

/** What depends on the depth of the visits. */
function depthsOf(set: LightCurveSet): Quantities {
  return pick(curveQuantities(set), /^depth/);
}

function pick(quantities: Quantities, names: RegExp): Quantities {
  return Object.fromEntries(Object.entries(quantities).filter(([name]) => names.test(name)));
}

/** Returns everything that is compared of supernovae. */
export function supernovaQuantities(set: LightCurveSet): Quantities {
  return { ...curveQuantities(set), ...supernovaRedshifts(set) };
}

/** Returns the objects of a type, `"Ia"` or `"core collapse"`. */
export function ofType(set: LightCurveSet, type: string): LightCurveSet {
  const types = supernovaTypes(set);
  return set.filter((_, i) => types[i] === type);
}

function distributions(group: string, real: Quantities, simulated: Quantities): RealismRow[] {
  return Object.keys(real).flatMap((quantity) => {
    const compared = compareValues(real[quantity], simulated[quantity]);
    if (compared === null) return [];
    const { realCount, simulatedCount, distance, chance, above } = compared;
    const at = (name: string, values: Float64Array) =>
      Object.fromEntries(
        COMPARED_QUANTILES.map((p, k) => [`${name}${Math.round(100 * p)}`, short(values[k])]),
      );
    return [{
      result: "distribution",
      group,
      quantity,
      realCount,
      simulatedCount,
      distance,
      chance,
      above,
      realMean: short(meanOf(real[quantity])),
      simulatedMean: short(meanOf(simulated[quantity])),
      ...at("real", compared.realQuantiles),
      ...at("simulated", compared.simulatedQuantiles),
    }];
  });
}

/** Six digits are more than a figure shows, and keep the file small. */
const short = (value: number) => Number(value.toPrecision(6));

function meanOf(values: Float64Array): number {
  const finite = values.filter(Number.isFinite);
  return finite.reduce((sum, value) => sum + value, 0) / finite.length;
}

function errorRows(sample: string, set: LightCurveSet, minimum = 20): RealismRow[] {
  return errorsByMagnitude(set, { minimum }).map(({ band, magnitude, count, low, middle, high }) => ({
    result: "errors",
    sample,
    band,
    magnitude,
    count,
    low: short(low),
    middle: short(middle),
    high: short(high),
  }));
}

function apartRows(group: string, told: Awaited<ReturnType<typeof tellApart>>): RealismRow[] {
  const { objects, accuracy, area, betrayed } = told;
  return [
    {
      result: "told apart",
      group,
      objects,
      accuracy,
      area: area.estimate,
      low: area.low,
      high: area.high,
    },
    ...betrayed.map(({ name, importance, distance, realMedian, simulatedMedian }, rank) => ({
      result: "betrayed",
      group,
      rank: rank + 1,
      feature: name,
      importance,
      distance,
      realMedian,
      simulatedMedian,
    })),
  ];
}
