/** Passbands as data: a JSON description to {@link Passband}, checked. */
import { demand } from "../core/mod.ts";
import type { Passband } from "./passband.ts";
import { type PassbandShape, shapeRange, shapeThroughput } from "./passband_shape.ts";

/** Spacing in angstrom at which a shape is tabulated. */
const STEP = 10;

/** Fewest edge widths between wavelength 0 and the blue edge. */
const REACH_LEAST = 10;

/** The passbands of one telescope, in the order of wavelength in which its survey names them. */
export interface PassbandSystem {
  /** Name, e.g. `"lsst"`. */
  name: string;
  /** Where the throughputs come from. */
  source: string;
  /** Passbands in the order of the description. */
  passbands: readonly Passband[];
}

/**
 * Returns the passbands of a description as it comes out of JSON: `{ name, source, bands: [...] }`. A band
 * has a `name` and either
 * a `shape` ({@link PassbandShape}) or a table, `wavelength` (angstrom, ascending) and `throughput` (0 to 1).
 * A text `form` and, of
 * each band, an object `fit` may say how the numbers came about; any other field is refused.
 *
 * @param description the parsed JSON.
 * @param where its name in messages.
 * @throws EphemeraError for anything missing, misspelt, out of range or out of order, and for two bands of
 * one name.
 *
 * @example
 * ```ts
 * import { parsePassbands } from "ephemera/astronomy";
 * import assert from "node:assert/strict";
 * const box = { name: "box", wavelength: [4000, 4001, 4999, 5000], throughput: [0, 1, 1, 0] };
 * const { passbands } = parsePassbands({ name: "mine", source: "made up", bands: [box] }, "mine.json");
 * assert.equal(passbands[0].wavelength.length, 4);
 * ```
 */
export function parsePassbands(description: unknown, where = "passbands"): PassbandSystem {
  const system = fields(description, where, ["name", "source", "bands"], ["form"]);
  const name = text(system.name, `${where}, field "name"`),
    source = text(system.source, `${where}, field "source"`);
  demand(Array.isArray(system.bands) && system.bands.length > 0 && system.bands.length <= 256, () => ({
    expected: "a list of 1 to 256 bands",
    found: Array.isArray(system.bands) ? `${system.bands.length} bands` : kindOf(system.bands),
    where: `${where}, field "bands"`,
  }));
  const passbands = (system.bands as unknown[]).map((band, i) => parseBand(band, `${where}, band ${i + 1}`));
  const names = passbands.map((band) => band.name);
  demand(new Set(names).size === names.length, () => ({
    expected: "one passband of each name",
    found: names.join(", "),
    where,
    remedy: "rename or take out the passband that is there twice",
  }));
  return { name, source, passbands };
}

function parseBand(raw: unknown, where: string): Passband {
  const band = fields(raw, where, ["name"], ["shape", "wavelength", "throughput", "fit"]);
  const name = text(band.name, `${where}, field "name"`);
  if (band.fit !== undefined) {
    demand(typeof band.fit === "object" && band.fit !== null, () => ({
      expected: "an object with what is known of the fit",
      found: kindOf(band.fit),
      where: `${where} "${name}", field "fit"`,
    }));
  }
  const table = band.wavelength !== undefined || band.throughput !== undefined;
  demand(table !== (band.shape !== undefined), () => ({
    expected: `either "shape" or both "wavelength" and "throughput"`,
    found: Object.keys(band).join(", "),
    where: `${where} "${name}"`,
  }));
  if (table) return parseTable(name, band.wavelength, band.throughput, `${where} "${name}"`);
  return tabulate(name, parseShape(band.shape, `${where} "${name}"`), `${where} "${name}"`);
}

/** Returns the passband of a shape, tabulated every ten angstrom. */
function tabulate(name: string, shape: PassbandShape, where: string): Passband {
  const [first, last] = shapeRange(shape), start = Math.floor(first / STEP), end = Math.ceil(last / STEP);
  const wavelength = Float64Array.from({ length: end - start + 1 }, (_, i) => STEP * (start + i));
  const throughput = wavelength.map((at) => shapeThroughput(shape, at));
  const largest = throughput.reduce((a, b) => Math.max(a, b), 0);
  demand(largest > 0 && largest <= 1, () => ({
    expected: "a throughput between 0 and 1",
    found: `a largest throughput of ${largest}`,
    where: `${where}, field "top"`,
  }));
  return { name, wavelength, throughput };
}

function parseShape(raw: unknown, where: string): PassbandShape {
  const shape = fields(raw, `${where}, shape`, ["blue", "blueWidth", "red", "redWidth", "top"], []);
  const at = (field: string) => `${where}, field "${field}"`;
  const blue = number(shape.blue, 500, 50000, at("blue")), red = number(shape.red, 500, 50000, at("red"));
  const blueWidth = number(shape.blueWidth, 0.5, 2000, at("blueWidth"));
  const redWidth = number(shape.redWidth, 0.5, 2000, at("redWidth"));
  demand(
    blue < red,
    () => ({ expected: "a blue edge below the red one", found: `${blue} and ${red}`, where }),
  );
  demand(blue > REACH_LEAST * blueWidth, () => ({
    expected: "a blue edge so steep that the passband ends above wavelength 0",
    found: `edge ${blue}, width ${blueWidth}`,
    where,
  }));
  demand(Array.isArray(shape.top) && shape.top.length >= 1 && shape.top.length <= 8, () => ({
    expected: "1 to 8 coefficients",
    found: Array.isArray(shape.top) ? `${shape.top.length}` : kindOf(shape.top),
    where: at("top"),
  }));
  const top = (shape.top as unknown[]).map((value) => number(value, -100, 100, at("top")));
  return { blue, blueWidth, red, redWidth, top };
}

function parseTable(name: string, wavelength: unknown, throughput: unknown, where: string): Passband {
  const [x, y] = [[wavelength, "wavelength"], [throughput, "throughput"]].map(([raw, field]) => {
    demand(Array.isArray(raw) && raw.length >= 3 && raw.length <= 1e6, () => ({
      expected: "a list of 3 to a million numbers",
      found: Array.isArray(raw) ? `${raw.length} values` : kindOf(raw),
      where: `${where}, field "${field}"`,
    }));
    return raw as unknown[];
  });
  demand(x.length === y.length, () => ({
    expected: "as many throughputs as wavelengths",
    found: `${y.length} and ${x.length}`,
    where,
  }));
  const wavelengths = Float64Array.from(x, (v) => number(v, 100, 1e6, `${where}, field "wavelength"`));
  const throughputs = Float64Array.from(y, (v) => number(v, 0, 1, `${where}, field "throughput"`));
  for (let i = 1; i < wavelengths.length; i++) {
    demand(wavelengths[i] > wavelengths[i - 1], () => ({
      expected: "ascending wavelengths",
      found: `${wavelengths[i]} after ${wavelengths[i - 1]}`,
      where: `${where}, row ${i + 1}`,
    }));
  }
  demand(throughputs.some((v) => v > 0), { expected: "some throughput above 0", found: "none", where });
  return { name, wavelength: wavelengths, throughput: throughputs };
}

function kindOf(value: unknown): string {
  return value === null
    ? "null"
    : value === undefined
    ? "nothing"
    : Array.isArray(value)
    ? "a list"
    : typeof value;
}

function fields(
  raw: unknown,
  where: string,
  needed: readonly string[],
  optional: readonly string[],
): Record<string, unknown> {
  demand(typeof raw === "object" && raw !== null && !Array.isArray(raw), () => ({
    expected: "an object with named fields",
    found: kindOf(raw),
    where,
  }));
  const object = raw as Record<string, unknown>;
  for (const name of needed) {
    demand(Object.hasOwn(object, name), () => ({
      expected: `a field "${name}"`,
      found: `the fields ${Object.keys(object).join(", ") || "(none)"}`,
      where,
      remedy: `add "${name}"`,
    }));
  }
  for (const name of Object.keys(object)) {
    demand(needed.includes(name) || optional.includes(name), () => ({
      expected: `only the fields ${[...needed, ...optional].join(", ")}`,
      found: `"${name}"`,
      where,
      remedy: "correct the name or take it out",
    }));
  }
  return object;
}

function text(value: unknown, where: string): string {
  demand(typeof value === "string" && value !== "", () => ({
    expected: "a text",
    found: typeof value === "string" ? "an empty one" : kindOf(value),
    where,
  }));
  return value;
}

function number(value: unknown, low: number, high: number, where: string): number {
  demand(typeof value === "number" && value >= low && value <= high, () => ({
    expected: `a number from ${low} to ${high}`,
    found: typeof value === "number" ? String(value) : kindOf(value),
    where,
  }));
  return value;
}
