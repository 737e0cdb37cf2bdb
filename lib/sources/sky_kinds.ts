/** All kinds of objects of the simulated sky, by name. */
import { demand } from "../core/mod.ts";
import { BINARY_LENS, SINGLE_LENS } from "./lensing/mod.ts";
import { VARIABLE_STAR_KINDS } from "./periodic/multiband/mod.ts";
import { AGN, DWARF_NOVA, M_DWARF } from "./stochastic/mod.ts";
import { EXOTIC_KINDS, SUPERNOVA_KINDS } from "./transients/mod.ts";
import type { SkyKind } from "./sky_source.ts";

/** Every kind of the library, transients and permanent objects, by its name. */
export const SKY_KINDS: ReadonlyMap<string, SkyKind> = new Map(
  [
    ...SUPERNOVA_KINDS,
    ...EXOTIC_KINDS,
    AGN,
    M_DWARF,
    DWARF_NOVA,
    SINGLE_LENS,
    BINARY_LENS,
    ...VARIABLE_STAR_KINDS,
  ].map((
    kind,
  ) => [kind.name, kind]),
);

/**
 * Returns the kind of a name.
 * @throws EphemeraError for an unknown name, with the known ones.
 *
 * @example
 * ```ts
 * import { skyKind } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * assert.ok(skyKind("RRL").galactic);
 * assert.throws(() => skyKind("quark star"), /RRL/);
 * ```
 */
export function skyKind(name: string): SkyKind {
  const kind = SKY_KINDS.get(name);
  demand(kind !== undefined, () => ({
    expected: `one of the kinds ${[...SKY_KINDS.keys()].join(", ")}`,
    found: `"${name}"`,
    where: "skyKind",
  }));
  return kind;
}
