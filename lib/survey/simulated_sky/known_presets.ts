/** The presets that the project describes. */
import elasticc from "../../../data/recipes/elasticc.json" with { type: "json" };
import periodic from "../../../data/recipes/periodic.json" with { type: "json" };
import plasticc from "../../../data/recipes/plasticc.json" with { type: "json" };
import snpcc from "../../../data/recipes/snpcc.json" with { type: "json" };
import { demand } from "../../core/mod.ts";
import { parseSkyPreset, type SkyPreset } from "./preset.ts";

const DESCRIPTIONS: Readonly<Record<string, unknown>> = { plasticc, elasticc, snpcc, periodic };

/** Names that {@link skyPreset} knows. */
export const SKY_PRESET_NAMES: readonly string[] = Object.keys(DESCRIPTIONS);

/**
 * Returns a preset by the name of its file in `data/recipes`.
 * @throws EphemeraError for an unknown name.
 *
 * @example
 * ```ts
 * import { skyPreset } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * assert.equal(skyPreset("periodic").classes.length, 8);
 * assert.throws(() => skyPreset("everything"), /periodic/);
 * ```
 */
export function skyPreset(name: string): SkyPreset {
  demand(Object.hasOwn(DESCRIPTIONS, name), () => ({
    expected: `one of the presets ${SKY_PRESET_NAMES.join(", ")}`,
    found: `"${name}"`,
    where: "skyPreset",
    remedy: "name one of these, or read your own description with parseSkyPreset",
  }));
  return parseSkyPreset(DESCRIPTIONS[name], `${name}.json`);
}
