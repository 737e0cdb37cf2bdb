/** Alerts of ZTF, LSST and ELAsTiCC in Avro: light curves of their objects, what is known of them, and their stamps. */
import { AB_JANSKY_ZERO_POINT, FLUXCAL_ZERO_POINT, fluxErrorOf, fluxOf } from "../astronomy/mod.ts";
import { demand, EphemeraError } from "../core/mod.ts";
import { type Column, Flag, LightCurveSet } from "../observations/mod.ts";
import { type AvroRecord, type AvroValue, readAvro } from "./avro.ts";
import { type ByteSource, type ReadBytesOptions, sourceName } from "./bytes.ts";

/** Whose alerts they are. */
export type AlertSurvey = "ztf" | "lsst" | "elasticc";

/** AB magnitude of one nanojansky, the unit of LSST's alerts; ZTF's magnitudes are brought to it. */
export const NANOJANSKY_ZERO_POINT: number = AB_JANSKY_ZERO_POINT + 22.5;

/** Options of {@link readAlerts}. */
export interface ReadAlertsOptions extends ReadBytesOptions {
  /** Detections, forced photometry, or both with their flags. Default both. */
  photometry?: "detections" | "forced" | "both";
  /**
   * What becomes of ZTF's non-detections, of which only the limiting magnitude (5 sigma) is known: leave them out (default), or
   * keep them with flux 0, a fifth of the limit as the error, and `Flag.upperLimit`.
   */
  upperLimits?: "omit" | "keep";
}

/** One alert, besides its light curve. */
export interface Alert {
  /** Identifier of the object, as in the set. */
  object: string;
  /** Identifier of the alert: ZTF's `candid`, else `diaSourceId`. */
  id: string;
  /** Time of the observation that made it, days as in the set. */
  time: number;
  /** Stamps as they are in the alert: FITS, packed by gzip. */
  stamps: Readonly<Partial<Record<"science" | "template" | "difference", Uint8Array>>>;
}

/** What {@link readAlerts} read. */
export interface AlertReading {
  survey: AlertSurvey;
  /**
   * One light curve an object, from all its alerts, each observation once: fluxes of the difference images, negative where the object was
   * fainter than in the reference. Metadata: `alerts` (their number) and the fields of `candidate` (ZTF) or `diaObject` of the
   * latest alert; missing numbers are NaN, identifiers of more than 53 bits are texts.
   */
  set: LightCurveSet;
  /** The alerts in the order of the files. */
  alerts: Alert[];
  /** Observations that were left out because they have no flux, error or band. */
  incomplete: number;
}

/** One observation on its way into the set. */
interface Observation {
  /** What makes it the same in another alert. */
  key: string;
  time: number;
  band: string;
  flux: number;
  error: number;
  flags: number;
}

/** An object on its way into the set. */
interface Gathering {
  observations: Map<string, Observation>;
  alerts: number;
  latest: number;
  facts: AvroRecord;
}

/** What one alert says. */
interface Packet {
  object: string;
  id: string;
  time: number;
  observations: (Observation | null)[];
  facts: AvroRecord;
}

/**
 * Reads Avro files of alerts, packed by gzip or not, many alerts a file or one. The files must be of one survey.
 *
 * ZTF (schema `ztf.alert`): bands g, r, i; times are those of the start of the exposure, MJD (UTC); magnitudes become nanojansky with the sign of
 * `isdiffpos`; forced fluxes are scaled by their `magzpsci`. LSST (`lsst.v*.alert`): `psfFlux` in nanojansky at
 * `midpointMjdTai`. ELAsTiCC (`elasticc.v*.alert`): fluxes with zero point 27.5.
 *
 * @throws EphemeraError for another schema, a field that is missing or of another kind, alerts of two surveys, damage.
 *
 * @example
 * ```ts
 * import { readAlerts } from "ephemera/formats";
 * import assert from "node:assert/strict";
 * const path = new URL("tests/formats/fixtures/avro/ztf_null.avro", `file://${Deno.cwd()}/`);
 * const { survey, set, alerts } = await readAlerts(path);
 * assert.equal(survey, "ztf");
 * assert.ok(alerts.every(({ object }) => set.ids.includes(object)));
 * ```
 */
export async function readAlerts(
  sources: ByteSource | readonly ByteSource[],
  options: ReadAlertsOptions = {},
): Promise<AlertReading> {
  const objects = new Map<string, Gathering>(), alerts: Alert[] = [];
  let survey: AlertSurvey | undefined, incomplete = 0;
  for (const source of Array.isArray(sources) ? sources as readonly ByteSource[] : [sources as ByteSource]) {
    const where = sourceName(source, options.where), file = await readAvro(source, options);
    const own = surveyOf(file.name, where);
    demand(survey === undefined || survey === own, () => ({
      expected: `alerts of ${survey}, as in the files before`,
      found: own,
      where,
      remedy: "read each survey by itself",
    }));
    survey = own;
    file.values.forEach((value, k) => {
      const alert = record(value, "an alert", `${where}, alert ${k}`);
      const packet = own === "ztf" ? ztfPacket(alert, options) : diaPacket(alert, options);
      let object = objects.get(packet.object);
      if (object === undefined) {
        object = { observations: new Map(), alerts: 0, latest: -Infinity, facts: {} };
        objects.set(packet.object, object);
      }
      object.alerts++;
      if (packet.time >= object.latest) {
        object.latest = packet.time;
        object.facts = packet.facts;
      }
      for (const observation of packet.observations) {
        if (observation === null) incomplete++;
        else object.observations.set(observation.key, observation);
      }
      const { object: name, id, time } = packet;
      alerts.push({ object: name, id, time, stamps: stampsOf(alert, `${where}, alert ${k}`) });
    });
  }
  demand(survey !== undefined, { expected: "at least one file", found: "none", where: "readAlerts" });
  return { survey, set: setOf(survey, objects), alerts, incomplete };
}

function surveyOf(name: string, where: string): AlertSurvey {
  if (name === "ztf.alert") return "ztf";
  if (/^lsst(\.v\d+_\d+)?\.alert$/.test(name)) return "lsst";
  if (/^elasticc(\.v\d+_\d+(_\d+)?)?\.alert$/.test(name)) return "elasticc";
  throw new EphemeraError({
    expected: "alerts under the schema ztf.alert, lsst.v*.alert or elasticc.v*.alert",
    found: name === "" ? "a schema that is no record" : `the schema "${name.slice(0, 100)}"`,
    where,
    remedy: "read the file with readAvro, which takes any schema",
  });
}

function record(
  value: AvroValue | undefined,
  what: string,
  where: string,
): AvroRecord & { [WHERE]?: string } {
  const is = typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Uint8Array);
  demand(is, () => ({
    expected: `${what} with fields`,
    found: value === undefined ? "none" : value === null ? "null" : "something else",
    where,
    remedy: "check that the file is of the survey that its schema names",
  }));
  return Object.assign(value as AvroRecord, { [WHERE]: where });
}

/** Where a record is, for messages. */
const WHERE = Symbol("where");

/** The first of some fields that a record has, where versions of a schema differ; null stays null. */
function field(from: AvroRecord & { [WHERE]?: string }, names: readonly string[]): AvroValue {
  const name = names.find((name) => name in from);
  demand(name !== undefined, () => ({
    expected: `a field "${names.join('" or "')}"`,
    found: `the fields ${Object.keys(from).slice(0, 30).join(", ").slice(0, 300)}`,
    where: from[WHERE],
    remedy: "check that the file is of the survey that its schema names",
  }));
  return from[name];
}

function number(from: AvroRecord, ...names: string[]): number | null {
  const value = field(from, names);
  demand(value === null || typeof value === "number", () => ({
    expected: `a number in the field "${names[0]}"`,
    found: typeof value,
    where: (from as { [WHERE]?: string })[WHERE],
  }));
  return value;
}

function needed(from: AvroRecord, ...names: string[]): number {
  const value = number(from, ...names);
  demand(value !== null && Number.isFinite(value), () => ({
    expected: `a finite number in the field "${names[0]}"`,
    found: String(value),
    where: (from as { [WHERE]?: string })[WHERE],
  }));
  return value;
}

/** An identifier as text, null where there is none. */
function identifier(from: AvroRecord, ...names: string[]): string | null {
  const value = field(from, names);
  if (value === null || value === 0 || value === "") return null;
  demand(typeof value === "number" || typeof value === "bigint" || typeof value === "string", () => ({
    expected: `an identifier in the field "${names[0]}"`,
    found: typeof value,
    where: (from as { [WHERE]?: string })[WHERE],
  }));
  return String(value);
}

/** The records of a field that may be null or absent. */
function records(from: AvroRecord & { [WHERE]?: string }, name: string): AvroRecord[] {
  const list = from[name] ?? null, where = from[WHERE]!;
  if (list === null) return [];
  demand(Array.isArray(list), () => ({
    expected: `a list in the field "${name}"`,
    found: "something else",
    where,
  }));
  return list.map((entry, k) => record(entry, `entry ${k} of ${name}`, where));
}

function complete(observation: Observation): Observation | null {
  const { time, flux, error, band } = observation;
  return Number.isFinite(time + flux + error) && error >= 0 && band !== "" ? observation : null;
}

const ZTF_BANDS: Readonly<Record<number, string>> = { 1: "g", 2: "r", 3: "i" };
const MJD_OF_JD = 2400000.5;

function ztfPacket(alert: AvroRecord & { [WHERE]?: string }, options: ReadAlertsOptions): Packet {
  const { photometry = "both", upperLimits = "omit" } = options, where = alert[WHERE]!;
  const candidate = record(alert.candidate, "a candidate", where);
  const object = identifier(alert, "objectId"), id = identifier(alert, "candid");
  demand(object !== null && id !== null, { expected: "objectId and candid", found: "none", where });
  const observations: (Observation | null)[] = [];
  const nanojansky = (magnitude: number) => fluxOf(magnitude, NANOJANSKY_ZERO_POINT);
  const band = (from: AvroRecord) => ZTF_BANDS[number(from, "fid") ?? 0] ?? "";
  if (photometry !== "forced") {
    for (const source of [candidate, ...records(alert, "prv_candidates")]) {
      const time = needed(source, "jd") - MJD_OF_JD, own = identifier(source, "candid");
      const magnitude = number(source, "magpsf"), sigma = number(source, "sigmapsf");
      if (own === null || magnitude === null) {
        if (upperLimits === "omit") continue;
        const limit = number(source, "diffmaglim");
        observations.push(
          limit === null ? null : complete({
            key: `limit ${time} ${band(source)}`,
            time,
            band: band(source),
            flux: 0,
            error: nanojansky(limit) / 5,
            flags: Flag.upperLimit,
          }),
        );
        continue;
      }
      const flux = nanojansky(magnitude),
        positive = ["t", "1", 1, true].includes(field(source, ["isdiffpos"]) as string);
      observations.push(complete({
        key: `source ${own}`,
        time,
        band: band(source),
        flux: positive ? flux : -flux,
        error: sigma === null ? NaN : fluxErrorOf(flux, sigma),
        flags: Flag.detected,
      }));
    }
  }
  if (photometry !== "detections") {
    for (const forced of records(alert, "fp_hists")) {
      const flux = number(forced, "forcediffimflux"), error = number(forced, "forcediffimfluxunc");
      const zeroPoint = number(forced, "magzpsci");
      // The pipeline writes -99999 where the fit failed, for the error, too, which makes the observation incomplete.
      const scale = zeroPoint === null ? NaN : nanojansky(zeroPoint);
      observations.push(complete({
        key: `forced ${identifier(forced, "pid")} ${number(forced, "fid")} ${identifier(forced, "rcid")}`,
        time: needed(forced, "jd") - MJD_OF_JD,
        band: band(forced),
        flux: (flux ?? NaN) * scale,
        error: (error ?? NaN) * scale,
        flags: Flag.forced,
      }));
    }
  }
  return { object, id, time: needed(candidate, "jd") - MJD_OF_JD, observations, facts: candidate };
}

function diaPacket(
  alert: AvroRecord & { [WHERE]?: string },
  options: ReadAlertsOptions,
): Packet {
  const { photometry = "both" } = options, where = alert[WHERE]!;
  const source = record(alert.diaSource, "a diaSource", where);
  const facts = alert.diaObject === null || alert.diaObject === undefined
    ? {}
    : record(alert.diaObject, "a diaObject", where);
  const id = identifier(source, "diaSourceId");
  demand(id !== null, { expected: "a diaSourceId", found: "none", where });
  const solar = "ssObjectId" in source ? identifier(source, "ssObjectId") : null;
  const dia = ("diaObjectId" in facts ? identifier(facts, "diaObjectId") : null) ??
    ("diaObjectId" in source ? identifier(source, "diaObjectId") : null);
  const object = dia ?? (solar === null ? `diaSource ${id}` : `ssObject ${solar}`);
  const time = (from: AvroRecord) => needed(from, "midpointMjdTai", "midPointTai");
  const observation = (from: AvroRecord, key: string, flags: number): Observation | null => {
    const band = field(from, ["band", "filterName"]);
    return complete({
      key: `${key} ${identifier(from, key)}`,
      time: time(from),
      band: typeof band === "string" ? band : "",
      flux: number(from, "psfFlux", "psFlux") ?? NaN,
      error: number(from, "psfFluxErr", "psFluxErr") ?? NaN,
      flags,
    });
  };
  const observations: (Observation | null)[] = [];
  if (photometry !== "forced") {
    for (const one of [source, ...records(alert, "prvDiaSources")]) {
      observations.push(observation(one, "diaSourceId", Flag.detected));
    }
  }
  if (photometry !== "detections") {
    for (const one of records(alert, "prvDiaForcedSources")) {
      observations.push(observation(one, "diaForcedSourceId", Flag.forced));
    }
  }
  return { object, id, time: time(source), observations, facts };
}

/** The stamps of an alert: bytes (LSST), or records with a field `stampData` (ZTF). */
function stampsOf(alert: AvroRecord, where: string): Alert["stamps"] {
  const stamps: Partial<Record<"science" | "template" | "difference", Uint8Array>> = {};
  for (const kind of ["science", "template", "difference"] as const) {
    const name = `cutout${kind[0].toUpperCase()}${kind.slice(1)}`, cutout = alert[name] ?? null;
    if (cutout === null) continue;
    const bytes = cutout instanceof Uint8Array
      ? cutout
      : record(cutout, `the field ${name}`, where).stampData;
    demand(bytes instanceof Uint8Array, () => ({
      expected: `bytes in the field "${name}"`,
      found: "something else",
      where,
    }));
    stamps[kind] = bytes;
  }
  return stamps;
}

const ORDER = ["u", "g", "r", "i", "z", "y", "Y"];

function setOf(survey: AlertSurvey, objects: ReadonlyMap<string, Gathering>): LightCurveSet {
  const all = [...objects].map(([id, { observations, alerts, facts }]) => ({
    id,
    alerts,
    facts,
    observations: [...observations.values()].sort((a, b) => a.time - b.time),
  }));
  const flat = all.flatMap(({ observations }) => observations);
  const found = [...new Set(flat.map(({ band }) => band))];
  const bands = [
    ...ORDER.filter((band) => found.includes(band)),
    ...found.filter((band) => !ORDER.includes(band)).sort(),
  ];
  demand(bands.length <= 256, {
    expected: "at most 256 bands",
    found: String(bands.length),
    where: "readAlerts",
  });
  const places = new Map(bands.map((band, k) => [band, k])), offsets = new Uint32Array(all.length + 1);
  all.forEach(({ observations }, i) => offsets[i + 1] = offsets[i] + observations.length);
  return new LightCurveSet({
    ids: all.map(({ id }) => id),
    offsets,
    time: Float64Array.from(flat, ({ time }) => time),
    value: Float64Array.from(flat, ({ flux }) => flux),
    error: Float64Array.from(flat, ({ error }) => error),
    band: Uint8Array.from(flat, ({ band }) => places.get(band)!),
    bands: bands.length > 0 ? bands : survey === "ztf" ? ["g", "r", "i"] : ORDER.slice(0, 6),
    flags: Uint8Array.from(flat, ({ flags }) => flags),
    quantity: "flux",
    zeroPoint: survey === "elasticc" ? FLUXCAL_ZERO_POINT : NANOJANSKY_ZERO_POINT,
    timeScale: survey === "lsst" ? "MJD TAI" : "MJD",
    metadata: {
      alerts: Float64Array.from(all, ({ alerts }) => alerts),
      ...factColumns(all.map(({ facts }) => facts)),
    },
  });
}

/** Fields that are numbers, truth values, texts or identifiers become columns; lists and bytes do not. */
function factColumns(facts: readonly AvroRecord[]): Record<string, Column> {
  const names = [...new Set(facts.flatMap((own) => Object.keys(own)))].filter((name) => name !== "alerts");
  return Object.fromEntries(names.flatMap((name): [string, Column][] => {
    const values = facts.map((own) => own[name] ?? null);
    const kinds = new Set(values.filter((value) => value !== null).map((value) => typeof value));
    if (kinds.has("object")) return [];
    const textual = kinds.has("string") || kinds.has("bigint");
    return [[
      name,
      textual
        ? values.map((value) => value === null ? "" : String(value))
        : Float64Array.from(values, (value) => value === null ? NaN : Number(value)),
    ]];
  }));
}
