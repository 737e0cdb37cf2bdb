/** Cameras as data: what turns electrons into the numbers of an image, CCD by CCD. */
import { demand } from "../core/mod.ts";
import decam from "../../data/cameras/decam.json" with { type: "json" };
import { Fields } from "../survey/describe.ts";

/** What of a CCD shapes the numbers of its images. */
export interface Detector {
  /** Electrons per ADU, positive. */
  gain: number;
  /** Standard deviation of the read-out, electrons. */
  readNoise: number;
  /** Largest value of a pixel, ADU. */
  saturation: number;
}

/** One CCD of a {@link Camera}. */
export interface Ccd extends Detector {
  /** Its number in the camera, from 1. */
  number: number;
  /** Magnitude of a source of one ADU per second, by band; no airmass term. */
  zeroPoints: Readonly<Record<string, number>>;
}

/** A camera of one or more CCDs of one kind. */
export interface Camera {
  /** What it is called. */
  name: string;
  /** Where the numbers come from. */
  reference: string;
  /** Size of a pixel on the sky, arcsec. */
  pixelScale: number;
  /** Columns of a CCD. */
  width: number;
  /** Rows of a CCD. */
  height: number;
  /** Bands that every CCD has a zero point for. */
  bands: readonly string[];
  /** The CCDs described, which may be fewer than the camera has. */
  ccds: readonly Ccd[];
}

/**
 * Returns a camera from its description, e.g. a parsed JSON file.
 * @param where what to call it in messages: the file's name.
 * @throws EphemeraError for an unknown, missing or impossible field, and for two CCDs of one number.
 *
 * @example
 * ```ts
 * import { DECAM, parseCamera } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * const binned = parseCamera({ ...DECAM, pixelScale: 0.54, width: 1024, height: 2048 }, "binned.json");
 * assert.equal(binned.ccds[0].gain, 4.039);
 * assert.throws(() => parseCamera({ ...DECAM, pixelScale: 0 }, "mine.json"), /pixelScale/);
 * ```
 */
export function parseCamera(description: unknown, where: string): Camera {
  const fields = new Fields(description, where), bands = fields.list("bands");
  const names = bands.filter((band): band is string => typeof band === "string" && band !== "");
  demand(names.length === bands.length && new Set(names).size === names.length, () => ({
    expected: "names of bands, each once",
    found: JSON.stringify(bands),
    where: `${where}, field "bands"`,
  }));
  const camera: Camera = {
    name: fields.text("name"),
    reference: fields.text("reference"),
    pixelScale: fields.number("pixelScale", 1e-3, 1e3),
    width: wholeNumber(fields, "width", where),
    height: wholeNumber(fields, "height", where),
    bands: names,
    ccds: fields.list("ccds").map((ccd, i) => parseCcd(ccd, names, `${where}, CCD ${i + 1} of the list`)),
  };
  fields.done();
  const numbers = camera.ccds.map(({ number }) => number);
  demand(new Set(numbers).size === numbers.length, () => ({
    expected: "one CCD of each number",
    found: numbers.join(", "),
    where,
  }));
  return camera;
}

/**
 * Returns the CCD of a number.
 * @throws EphemeraError when the camera's description has none of that number.
 */
export function ccdOf(camera: Camera, number: number): Ccd {
  const ccd = camera.ccds.find((ccd) => ccd.number === number);
  demand(ccd !== undefined, () => ({
    expected: `one of the CCDs ${camera.ccds.map(({ number }) => number).join(", ")}`,
    found: String(number),
    where: camera.name,
  }));
  return ccd;
}

function parseCcd(description: unknown, bands: readonly string[], where: string): Ccd {
  const fields = new Fields(description, where), zeroPoints = fields.object("zeroPoints");
  const ccd: Ccd = {
    number: wholeNumber(fields, "number", where),
    gain: fields.number("gain", 1e-3, 1e3),
    readNoise: fields.number("readNoise", 0, 1e4),
    saturation: fields.number("saturation", 1, 1e9),
    zeroPoints: Object.fromEntries(bands.map((band) => [band, zeroPoints.number(band, -10, 50)])),
  };
  zeroPoints.done();
  fields.done();
  return ccd;
}

function wholeNumber(fields: Fields, name: string, where: string): number {
  const value = fields.number(name, 1, 1e6);
  demand(Number.isInteger(value), () => ({
    expected: "a whole number",
    found: String(value),
    where: `${where}, field "${name}"`,
  }));
  return value;
}

/**
 * The Dark Energy Camera on the 4 m Blanco telescope: six of its 62 CCDs, 0.27 arcsec a pixel. Its zero points serve
 * where an exposure brings none of its own.
 */
export const DECAM: Camera = parseCamera(decam, "decam.json");
