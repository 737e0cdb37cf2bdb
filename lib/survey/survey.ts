/** A photometric survey described as data: where it looks from, how often, how deep, how well. */
import { demand } from "../core/mod.ts";
import asasSn from "../../data/surveys/asas-sn.json" with { type: "json" };
import { Fields } from "./describe.ts";

/** One telescope of a {@link Survey}. */
export interface Site {
  /** What the place is called; its weather is drawn under this name. */
  name: string;
  /** Degrees, north positive. */
  latitude: number;
  /** Degrees, east positive. */
  longitude: number;
  /** First night, MJD. */
  start: number;
  /** Mean nights between two visits, good enough to keep, to a field that it can see; at least 1. Clouds come on top. */
  interval: number;
  /** Share of nights that are clear. */
  clearFraction: number;
  /** Mean length of a spell of cloudy nights, at least 1. */
  weatherMemory: number;
}

/** A single-band survey of the whole sky from one or more sites. */
export interface Survey {
  /** What it is called. */
  name: string;
  /** Where the numbers come from. */
  reference: string;
  /** Name of its passband. */
  band: string;
  /** Name of its time scale. */
  timeScale: string;
  /** First night, MJD. */
  start: number;
  /** Last night, MJD. */
  end: number;
  /** Where it looks from. */
  sites: readonly Site[];
  /** `shares[k]`: share of visits with k + 1 exposures kept; `spacing` between exposures in days. */
  exposures: { shares: readonly number[]; spacing: number };
  /** Lowest altitude of a field, degrees. */
  minimumAltitude: number;
  /** The Sun must be below this altitude, degrees. */
  sunAltitude: number;
  /** Fields nearer to a Moon more than a quarter lit are left out, degrees. */
  moonSeparation: number;
  /**
   * Depth of one exposure in magnitudes: 5 sigma in the dark at the zenith, loss at full moon, loss per airmass, scatter
   * from visit to visit.
   */
  depth: { fiveSigma: number; moonLoss: number; extinction: number; scatter: number };
  /** Error of bright stars, magnitudes. */
  errorFloor: number;
  /** Brighter exposures are lost, magnitudes. */
  saturation: number;
  /** Share of exposures that are off, and by how many magnitudes (scale of a two-sided exponential). */
  outliers: { fraction: number; scale: number };
  /** Range of mean magnitudes in the catalogue, and d log10 N / dm of the stars in it. */
  magnitudes: { bright: number; faint: number; slope: number };
  /** Error of the parallaxes in its catalogue, milliarcseconds. */
  parallaxError: number;
  /** Mean reddening E(BP - RP) of its stars, magnitudes. */
  reddening: number;
}

/**
 * Returns a survey from its description, e.g. a parsed JSON file.
 * @param where what to call it in messages: the file's name.
 * @throws EphemeraError for an unknown, missing or impossible field, one sentence each.
 *
 * @example
 * ```ts
 * import { ASAS_SN, parseSurvey } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * const shallow = parseSurvey({ ...ASAS_SN, errorFloor: 0.05 }, "my survey");
 * assert.equal(shallow.errorFloor, 0.05);
 * assert.throws(() => parseSurvey({ ...ASAS_SN, colour: "blue" }, "my survey"), /"colour"/);
 * ```
 */
export function parseSurvey(description: unknown, where: string): Survey {
  const fields = new Fields(description, where);
  const start = fields.number("start", 0, 1e5), end = fields.number("end", 0, 1e5);
  demand(end > start, () => ({
    expected: "an end after the start",
    found: `start ${start}, end ${end}`,
    where,
  }));
  const exposures = fields.object("exposures"), depth = fields.object("depth");
  const outliers = fields.object("outliers"), magnitudes = fields.object("magnitudes");
  const survey: Survey = {
    name: fields.text("name"),
    reference: fields.text("reference"),
    band: fields.text("band"),
    timeScale: fields.text("timeScale"),
    start,
    end,
    sites: fields.list("sites").map((site, i) => parseSite(site, `${where}, site ${i + 1}`)),
    exposures: {
      shares: exposures.list("shares").map((share, i) =>
        parseShare(share, `${where}, exposures, share ${i + 1}`)
      ),
      spacing: exposures.number("spacing", 0, 0.1),
    },
    minimumAltitude: fields.number("minimumAltitude", 0, 89),
    sunAltitude: fields.number("sunAltitude", -30, 0),
    moonSeparation: fields.number("moonSeparation", 0, 90),
    depth: {
      fiveSigma: depth.number("fiveSigma", 0, 40),
      moonLoss: depth.number("moonLoss", 0, 10),
      extinction: depth.number("extinction", 0, 5),
      scatter: depth.number("scatter", 0, 5),
    },
    errorFloor: fields.number("errorFloor", 0, 1),
    saturation: fields.number("saturation", -30, 40),
    outliers: { fraction: outliers.number("fraction", 0, 1), scale: outliers.number("scale", 0, 10) },
    magnitudes: {
      bright: magnitudes.number("bright", -30, 40),
      faint: magnitudes.number("faint", -30, 40),
      slope: magnitudes.number("slope", -2, 2),
    },
    parallaxError: fields.number("parallaxError", 0, 10),
    reddening: fields.number("reddening", 0, 10),
  };
  for (const part of [exposures, depth, outliers, magnitudes, fields]) part.done();
  demand(survey.exposures.shares.some((share) => share > 0), {
    expected: "at least one positive share of exposures",
    found: "none",
    where,
  });
  const { bright, faint } = survey.magnitudes;
  demand(bright < faint, () => ({
    expected: "a faint limit above the bright limit, in magnitudes",
    found: `bright ${bright}, faint ${faint}`,
    where: `${where}, magnitudes`,
  }));
  return survey;
}

function parseSite(description: unknown, where: string): Site {
  const fields = new Fields(description, where);
  const site: Site = {
    name: fields.text("name"),
    latitude: fields.number("latitude", -90, 90),
    longitude: fields.number("longitude", -360, 360),
    start: fields.number("start", 0, 1e5),
    interval: fields.number("interval", 1, 1000),
    clearFraction: fields.number("clearFraction", 0, 1),
    weatherMemory: fields.number("weatherMemory", 1, 1000),
  };
  fields.done();
  return site;
}

function parseShare(share: unknown, where: string): number {
  demand(typeof share === "number" && share >= 0 && Number.isFinite(share), () => ({
    expected: "a number that is not negative",
    found: JSON.stringify(share),
    where,
  }));
  return share;
}

/** The V-band years of the All-Sky Automated Survey for Supernovae: two sites, visits every two to three nights. */
export const ASAS_SN: Survey = parseSurvey(asasSn, "asas-sn.json");
