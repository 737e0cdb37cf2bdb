/** The passbands that the project ships, as its own smooth fits of the published throughputs. */
import decam from "../../data/passbands/decam.json" with { type: "json" };
import johnson from "../../data/passbands/johnson.json" with { type: "json" };
import lsst from "../../data/passbands/lsst.json" with { type: "json" };
import panstarrs from "../../data/passbands/panstarrs.json" with { type: "json" };
import sdss from "../../data/passbands/sdss.json" with { type: "json" };
import ztf from "../../data/passbands/ztf.json" with { type: "json" };
import { demand } from "../core/mod.ts";
import type { Passband } from "./passband.ts";
import { parsePassbands, type PassbandSystem } from "./passband_description.ts";

/**
 * Passbands by the name of their system: `lsst` (u g r i z y), `sdss` (u g r i z), `panstarrs` (g r i z y),
 * `ztf` (g r i),
 * `decam` (g r i z), `johnson` (B V). How far each fit is from the table it was made of stands in
 * `data/passbands/*.json`.
 */
export const PASSBANDS: Readonly<Record<string, PassbandSystem>> = Object.fromEntries(
  Object.entries({ lsst, sdss, panstarrs, ztf, decam, johnson })
    .map(([name, description]) => [name, parsePassbands(description, `passbands/${name}.json`)]),
);

/** Returns a system of passbands by its name in {@link PASSBANDS}. @throws EphemeraError for another name. */
export function passbandSystem(name: string): PassbandSystem {
  demand(Object.hasOwn(PASSBANDS, name), () => ({
    expected: `one of the passband systems ${Object.keys(PASSBANDS).join(", ")}`,
    found: `"${name}"`,
    where: "passbandSystem",
    remedy: "describe your own in JSON and read it with parsePassbands",
  }));
  return PASSBANDS[name];
}

/**
 * Returns one passband, e.g. `passband("lsst", "g")`. @throws EphemeraError for a system or a band that there
 * is not.
 *
 * @example
 * ```ts
 * import { meanWavelength, passband } from "ephemera/astronomy";
 * import assert from "node:assert/strict";
 * assert.ok(Math.abs(meanWavelength(passband("lsst", "r")) - 6221) < 10);
 * ```
 */
export function passband(system: string, band: string): Passband {
  const { passbands } = passbandSystem(system);
  const found = passbands.find((entry) => entry.name === band);
  demand(found !== undefined, () => ({
    expected: `one of the bands ${passbands.map((entry) => entry.name).join(", ")}`,
    found: `"${band}"`,
    where: `passband system ${system}`,
  }));
  return found;
}
