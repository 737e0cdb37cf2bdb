/** What a simulated catalogue of the sky holds, as data: classes, selection, and what its metadata say. */
import { FlatUniverse } from "../../astronomy/mod.ts";
import { demand } from "../../core/mod.ts";
import { skyKind } from "../../sources/mod.ts";
import { Fields } from "../describe.ts";
import type { SpectroscopicCoverage } from "./host_galaxy.ts";
import { VOLUMETRIC_RATES } from "./rates.ts";

/** One class of a {@link SkyPreset}. */
export interface SkyClass {
  /** Its label. */
  name: string;
  /** Its number in the challenge's files. */
  target: number;
  /** Share of each kind of source in it, any unit. */
  kinds: Readonly<Record<string, number>>;
  /** Name of its volumetric rate; null for objects of the Milky Way. */
  rate: string | null;
  /** Least and greatest redshift that are drawn: beyond the greatest, nothing triggers. Zeros in the Milky Way. */
  redshift: readonly [number, number];
  /** Objects in the table that the preset follows; a class with none in the training sample is novel in the test sample. */
  counts: { readonly training: number; readonly test: number };
}

/** How a spectroscopic training sample is chosen among the objects that trigger. */
export interface FollowUp {
  /** Brightest magnitude of the light curve, in any band, at which half of the objects get a spectrum. */
  midpoint: number;
  /** Width of the logistic step, magnitudes. */
  width: number;
}

/** Columns of the metadata: PLAsTiCC's, the two hosts of ELAsTiCC, those of the supernova challenge, or places and dust alone. */
export type CatalogueStyle = "plasticc" | "elasticc" | "snpcc" | "stars";

/** A mixture of classes as a survey selects and lists them. */
export interface SkyPreset {
  /** What it is called. */
  name: string;
  /** Where the numbers come from. */
  reference: string;
  /** Surveys that see it, with the share of objects in each, of the training and of the test sample. */
  surveys: readonly { name: string; training: number; test: number }[];
  /** Hubble constant (km/s/Mpc) and matter density. */
  universe: FlatUniverse;
  /** Range of mean r magnitudes of permanent objects of the Milky Way. */
  magnitudes: { bright: number; faint: number };
  /** Total or difference flux, what is kept of the visits, and days of forced photometry before the trigger. */
  photometry: {
    flux: "difference" | "direct";
    keep: "all" | "forced" | "detected";
    before: number;
    saturated: "flag" | "drop";
  };
  /** Are fluxes corrected for the Milky Way's dust, as PLAsTiCC's are? */
  dereddened: boolean;
  /** Relative error of the catalogue's E(B-V). */
  dustError: number;
  /** Which columns the metadata have. */
  catalogue: CatalogueStyle;
  /** Share of extragalactic objects with a host in the catalogue, and of those with a second one. */
  hosts: { share: number; second: number };
  /** Which hosts have a redshift from a spectrum in the test sample. */
  spectroscopy: SpectroscopicCoverage;
  /** How training objects are chosen; null when the training sample is like the test sample. */
  followUp: FollowUp | null;
  /** Fewest observations of an object. */
  minimumPoints: number;
  /** The classes, in the order of labels. */
  classes: readonly SkyClass[];
}

/**
 * Returns a preset from its description, e.g. a parsed JSON file; `data/recipes/plasticc.json` shows all fields.
 * @param where what to call it in messages: the file's name.
 * @throws EphemeraError for an unknown, missing or impossible field, one sentence each.
 */
export function parseSkyPreset(description: unknown, where: string): SkyPreset {
  const fields = new Fields(description, where);
  const universe = fields.object("universe"), magnitudes = fields.object("magnitudes");
  const photometry = fields.object("photometry"), hosts = fields.object("hosts");
  const spectroscopy = fields.object("spectroscopy");
  const followUp = fields.raw("followUp") === null ? null : fields.object("followUp");
  const preset: SkyPreset = {
    name: fields.text("name"),
    reference: fields.text("reference"),
    surveys: fields.list("surveys").map((entry, i) => {
      const survey = new Fields(entry, `${where}, survey ${i + 1}`);
      const parsed = {
        name: survey.text("name"),
        training: survey.number("training", 0),
        test: survey.number("test", 0),
      };
      survey.done();
      return parsed;
    }),
    universe: new FlatUniverse({
      hubble: universe.number("hubble", 10, 200),
      matter: universe.number("matter", 0.01, 1),
    }),
    magnitudes: { bright: magnitudes.number("bright", -5, 40), faint: magnitudes.number("faint", -5, 40) },
    photometry: {
      flux: choice(photometry, "flux", ["difference", "direct"], where),
      keep: choice(photometry, "keep", ["all", "forced", "detected"], where),
      before: photometry.number("before", 0, 1e4),
      saturated: choice(photometry, "saturated", ["flag", "drop"], where),
    },
    dereddened: flag(fields, "dereddened", where),
    dustError: fields.number("dustError", 0, 1),
    catalogue: choice(fields, "catalogue", ["plasticc", "elasticc", "snpcc", "stars"], where),
    hosts: { share: hosts.number("share", 0, 1), second: hosts.number("second", 0, 1) },
    spectroscopy: {
      most: spectroscopy.number("most", 0, 1),
      midpoint: spectroscopy.number("midpoint", 0, 40),
      width: spectroscopy.number("width", 0.01, 10),
    },
    followUp: followUp && {
      midpoint: followUp.number("midpoint", 0, 40),
      width: followUp.number("width", 0.01, 10),
    },
    minimumPoints: fields.number("minimumPoints", 1, 1e5),
    classes: fields.list("classes").map((entry, i) => parseClass(entry, `${where}, class ${i + 1}`)),
  };
  for (const part of [universe, magnitudes, photometry, hosts, spectroscopy, fields]) part.done();
  followUp?.done();
  check(preset, where);
  return preset;
}

function parseClass(description: unknown, where: string): SkyClass {
  const fields = new Fields(description, where), name = fields.text("name"), place = `${where} (${name})`;
  const kinds = fields.raw("kinds"), counts = fields.object("counts"), rate = fields.raw("rate");
  demand(typeof kinds === "object" && kinds !== null && Object.keys(kinds).length > 0, () => ({
    expected: "an object with a share for each kind",
    found: JSON.stringify(kinds),
    where: `${place}, kinds`,
  }));
  const names = Object.keys(kinds), galactic = names.map((kind) => skyKind(kind).galactic);
  demand(rate === null || VOLUMETRIC_RATES.has(rate as string), () => ({
    expected: `null or one of the rates ${[...VOLUMETRIC_RATES.keys()].join(", ")}`,
    found: JSON.stringify(rate),
    where: `${place}, rate`,
  }));
  const redshift = fields.list("redshift");
  demand(redshift.length === 2 && redshift.every((z) => typeof z === "number" && z >= 0 && z <= 20), () => ({
    expected: "two redshifts from 0 to 20",
    found: JSON.stringify(redshift),
    where: `${place}, redshift`,
  }));
  const [low, high] = redshift as number[];
  demand(
    galactic.every((inside) => inside === (rate === null)) && (rate === null ? high === 0 : high > low),
    () => ({
      expected:
        "either kinds of the Milky Way, no rate and redshifts [0, 0], or others with a rate and ascending redshifts",
      found: `${names.join(", ")} with rate ${JSON.stringify(rate)} and redshifts ${low} to ${high}`,
      where: place,
    }),
  );
  const parsed: SkyClass = {
    name,
    target: fields.number("target", 0, 1e6),
    kinds: fields.shares("kinds", names),
    rate: rate as string | null,
    redshift: [low, high],
    counts: { training: counts.number("training", 0), test: counts.number("test", 0) },
  };
  counts.done();
  fields.done();
  return parsed;
}

function choice<T extends string>(fields: Fields, name: string, allowed: readonly T[], where: string): T {
  const value = fields.text(name);
  demand((allowed as readonly string[]).includes(value), () => ({
    expected: `one of ${allowed.join(", ")}`,
    found: `"${value}"`,
    where: `${where}, field "${name}"`,
  }));
  return value as T;
}

function flag(fields: Fields, name: string, where: string): boolean {
  const value = fields.raw(name);
  demand(typeof value === "boolean", () => ({
    expected: "true or false",
    found: JSON.stringify(value),
    where: `${where}, field "${name}"`,
  }));
  return value;
}

function check({ magnitudes, classes, surveys }: SkyPreset, where: string): void {
  demand(magnitudes.bright < magnitudes.faint, () => ({
    expected: "a bright magnitude below the faint one",
    found: `${magnitudes.bright} and ${magnitudes.faint}`,
    where: `${where}, magnitudes`,
  }));
  for (const sample of ["training", "test"] as const) {
    demand(surveys.some((survey) => survey[sample] > 0), {
      expected: `a survey with a positive share of the ${sample} sample`,
      found: "none",
      where: `${where}, surveys`,
    });
    demand(classes.some(({ counts }) => counts[sample] > 0), {
      expected: `a class with objects in the ${sample} sample`,
      found: "none",
      where: `${where}, classes`,
    });
  }
  const names = classes.map(({ name }) => name);
  demand(new Set(names).size === names.length, () => ({
    expected: "each class name once",
    found: names.join(", "),
    where: `${where}, classes`,
  }));
}
