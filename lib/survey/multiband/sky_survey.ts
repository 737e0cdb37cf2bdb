/** A survey in many bands, described as data: bands and their noise, site, weather, cadence, detection. */
import { type Passband, PASSBANDS, type PassbandSystem, type SkyPosition } from "../../astronomy/mod.ts";
import { demand } from "../../core/mod.ts";
import { Fields } from "../describe.ts";
import { type BandNoise, parseNoise } from "./band_noise.ts";
import { parseProgramme, parseRange, type Programme, wholeNumber } from "./programme.ts";
import type { DetectionRule } from "./detection.ts";

/** One band of a {@link SkySurvey}. */
export interface SurveyBand {
  /** What the survey calls it. */
  name: string;
  /** Name of its passband in the survey's system of passbands. */
  passband: string;
  /** Noise of one visit in the dark at the zenith. */
  noise: BandNoise;
  /** Loss per airmass, magnitudes. */
  extinction: number;
  /** By how many magnitudes a full Moon at 45 degrees of altitude brightens the sky 90 degrees from it. */
  moonSky: number;
  /** No visits nearer to a Moon that is up and more than a quarter lit, degrees. */
  moonSeparation: number;
  /** A source brighter than this saturates in nominal seeing, magnitudes. */
  saturation: number;
  /** Relative error of the calibration. */
  floor: number;
}

/** Where fields may lie: a list, or a part of the sky in which they are drawn evenly. */
export interface SurveyFields {
  /** Centres; empty when they are drawn. */
  list: readonly (SkyPosition & { name: string })[];
  /** Range of right ascensions, degrees. */
  rightAscension: readonly [number, number];
  /** Range of declinations, degrees. */
  declination: readonly [number, number];
  /** Least absolute galactic latitude, degrees. */
  galacticLatitude: number;
  /** Objects lie within this angle of their field's centre, degrees. */
  radius: number;
}

/** A survey in many bands. */
export interface SkySurvey {
  /** What it is called. */
  name: string;
  /** Where the numbers come from. */
  reference: string;
  /** Name of the system that holds its passbands. */
  passbands: string;
  /** Name of its time scale. */
  timeScale: string;
  /** First night, MJD. */
  start: number;
  /** Last night, MJD. */
  end: number;
  /** Ranges of MJD in which it looks at all, within start and end; seasons follow from the Sun on top. */
  runs: readonly (readonly [number, number])[];
  /** Are these deep fields? What a catalogue's deep-field flag says. */
  deep: boolean;
  /** Observatory: degrees, north and east positive. */
  site: { name: string; latitude: number; longitude: number };
  /** The Sun must be below this altitude, degrees. */
  sunAltitude: number;
  /** Fields are not observed through more air than this. */
  maximumAirmass: number;
  /**
   * Share of nights that are clear, mean length of a cloudy spell in nights, median seeing over the bands' nominal one,
   * scatter of its logarithm from night to night, and mean loss by thin clouds in magnitudes.
   */
  weather: {
    clearFraction: number;
    memory: number;
    seeing: number;
    seeingScatter: number;
    cloudLoss: number;
  };
  /** Its bands, in the order of the indices in light curves. */
  bands: readonly SurveyBand[];
  /** Where it looks. */
  fields: SurveyFields;
  /** How often it comes back, and in which bands: programmes that go on side by side. */
  programmes: readonly Programme[];
  /** When a source counts as detected, and an object as an alert. */
  detection: DetectionRule;
  /** Visits in the reference image of a difference; Infinity (in JSON: null) for one without noise. */
  templateVisits: number;
  /** Share of measurements that are off, and the scale of by how many of their errors. */
  outliers: { fraction: number; scale: number };
  /** The bands' `floor` in their order, as `observe` wants it. */
  floor: Float64Array;
}

/** Where passbands are looked up. */
export interface SurveyPassbandOptions {
  /** Systems of passbands by name. Default: those of the project. */
  systems?: Readonly<Record<string, PassbandSystem>>;
}

/**
 * Returns a survey from its description, e.g. a parsed JSON file; `data/surveys/lsst-wide.json` shows all fields.
 * @param where what to call it in messages: the file's name.
 * @throws EphemeraError for an unknown, missing or impossible field, one sentence each.
 *
 * @example
 * ```ts
 * import { parseSkySurvey } from "ephemera/survey";
 * import lsst from "../../../data/surveys/lsst-wide.json" with { type: "json" };
 * import assert from "node:assert/strict";
 * const smoggy = { ...lsst, weather: { ...lsst.weather, cloudLoss: 0.5 } };
 * assert.equal(parseSkySurvey(smoggy, "my survey").weather.cloudLoss, 0.5);
 * assert.throws(() => parseSkySurvey({ ...lsst, colour: "blue" }, "my survey"), /"colour"/);
 * ```
 */
export function parseSkySurvey(
  description: unknown,
  where: string,
  options: SurveyPassbandOptions = {},
): SkySurvey {
  const fields = new Fields(description, where);
  const start = fields.number("start", 0, 1e5), end = fields.number("end", 0, 1e5);
  demand(end > start, () => ({ expected: "an end after the start", found: `${start} to ${end}`, where }));
  const system = systemOf(fields.text("passbands"), where, options);
  const bands = fields.list("bands").map((band, i) => parseBand(band, `${where}, band ${i + 1}`, system));
  const names = bands.map(({ name }) => name);
  demand(new Set(names).size === names.length && names.length <= 255, () => ({
    expected: "at most 255 bands, each name once",
    found: names.join(", "),
    where,
  }));
  const site = fields.object("site"), weather = fields.object("weather");
  const detection = fields.object("detection"), outliers = fields.object("outliers");
  const survey: SkySurvey = {
    name: fields.text("name"),
    reference: fields.text("reference"),
    passbands: fields.text("passbands"),
    timeScale: fields.text("timeScale"),
    start,
    end,
    runs: fields.raw("runs") === null
      ? [[start, end]]
      : fields.list("runs").map((run, i) => parseRange(run, `${where}, run ${i + 1}`, start, end)),
    deep: parseBoolean(fields.raw("deep"), `${where}, field "deep"`),
    site: {
      name: site.text("name"),
      latitude: site.number("latitude", -90, 90),
      longitude: site.number("longitude", -360, 360),
    },
    sunAltitude: fields.number("sunAltitude", -30, 0),
    maximumAirmass: fields.number("maximumAirmass", 1.01, 10),
    weather: {
      clearFraction: weather.number("clearFraction", 0.01, 1),
      memory: weather.number("memory", 1, 1000),
      seeing: weather.number("seeing", 0.1, 10),
      seeingScatter: weather.number("seeingScatter", 0, 1),
      cloudLoss: weather.number("cloudLoss", 0, 2),
    },
    bands,
    fields: parseSurveyFields(fields.object("fields"), `${where}, fields`),
    programmes: fields.list("programmes").map((programme, i) =>
      parseProgramme(programme, names, `${where}, programme ${i + 1}`)
    ),
    detection: {
      half: detection.number("half", 0, 1000),
      steepness: detection.raw("steepness") === null ? Infinity : detection.number("steepness", 0.1, 1e3),
      most: detection.number("most", 0, 1),
      detections: wholeNumber(detection, "detections", 1, 1000, `${where}, detection`),
      separation: detection.number("separation", 0, 1e4),
    },
    templateVisits: fields.raw("templateVisits") === null
      ? Infinity
      : fields.number("templateVisits", 1, 1e6),
    outliers: { fraction: outliers.number("fraction", 0, 1), scale: outliers.number("scale", 0, 1e3) },
    floor: Float64Array.from(bands, ({ floor }) => floor),
  };
  for (const part of [site, weather, detection, outliers, fields]) part.done();
  return survey;
}

function parseBand(description: unknown, where: string, system: PassbandSystem): SurveyBand {
  const fields = new Fields(description, where), name = fields.text("name");
  const extinction = fields.number("extinction", 0, 5);
  const band: SurveyBand = {
    name,
    passband: fields.text("passband"),
    noise: parseNoise(fields.raw("noise"), extinction, `${where} (${name}), noise`),
    extinction,
    moonSky: fields.number("moonSky", 0, 10),
    moonSeparation: fields.number("moonSeparation", 0, 180),
    saturation: fields.number("saturation", -30, 40),
    floor: fields.number("floor", 0, 1),
  };
  fields.done();
  passbandOf(system, band.passband, `${where} (${name})`);
  return band;
}

/** Returns the passbands of a survey in the order of its bands. @throws EphemeraError for a passband that there is not. */
export function surveyPassbands(survey: SkySurvey, options: SurveyPassbandOptions = {}): Passband[] {
  const where = `survey ${survey.name}`, system = systemOf(survey.passbands, where, options);
  return survey.bands.map(({ passband }) => passbandOf(system, passband, where));
}

function systemOf(
  name: string,
  where: string,
  { systems = PASSBANDS }: SurveyPassbandOptions,
): PassbandSystem {
  demand(Object.hasOwn(systems, name), () => ({
    expected: `one of the passband systems ${Object.keys(systems).join(", ")}`,
    found: `"${name}"`,
    where: `${where}, field "passbands"`,
    remedy: "name one of these, or describe your own and give it as an option",
  }));
  return systems[name];
}

function passbandOf({ name, passbands }: PassbandSystem, wanted: string, where: string): Passband {
  const found = passbands.find((entry) => entry.name === wanted);
  demand(found !== undefined, () => ({
    expected: `a passband of the system "${name}": ${passbands.map((entry) => entry.name).join(", ")}`,
    found: `"${wanted}"`,
    where,
    remedy: "name one of these, or add the passband to the system",
  }));
  return found;
}

function parseSurveyFields(fields: Fields, where: string): SurveyFields {
  const raw = fields.raw("list");
  const result: SurveyFields = {
    list: raw === null ? [] : fields.list("list").map((entry, i) => {
      const place = new Fields(entry, `${where}, field ${i + 1}`);
      const centre = {
        name: place.text("name"),
        ra: place.number("ra", 0, 360),
        dec: place.number("dec", -90, 90),
      };
      place.done();
      return centre;
    }),
    rightAscension: parseRange(fields.raw("rightAscension"), `${where}, rightAscension`, 0, 360),
    declination: parseRange(fields.raw("declination"), `${where}, declination`, -90, 90),
    galacticLatitude: fields.number("galacticLatitude", 0, 89),
    radius: fields.number("radius", 0, 10),
  };
  fields.done();
  return result;
}

function parseBoolean(raw: unknown, where: string): boolean {
  demand(typeof raw === "boolean", () => ({ expected: "true or false", found: JSON.stringify(raw), where }));
  return raw;
}
