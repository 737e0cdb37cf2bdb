/** Which stars the simulated sky of the chapter holds, as data. */
import followUp from "../../../data/recipes/follow_up.json" with { type: "json" };
import { demand } from "../../core/mod.ts";
import { SPECTRAL_KINDS, type SpectralKind, STAR_KINDS, SUPERCLASSES } from "../../sources/mod.ts";

/** One class of a {@link FollowUpRecipe}. */
export interface FollowUpClass {
  /** Share among the stars, in any unit. */
  share: number;
  /** Superclass of its light curves. */
  superclass: string;
  /** Name in `STAR_KINDS` by which a star is drawn. */
  type: string;
  /** Which surfaces its spectrum has. */
  spectrum: SpectralKind;
}

/** Which stars there are, which of them the survey finds, and when and through what their spectra are taken. */
export interface FollowUpRecipe {
  /** What it is called. */
  name: string;
  /** Where the numbers come from. */
  reference: string;
  /** Classes in the order of their labels. */
  classes: Readonly<Record<string, FollowUpClass>>;
  /** Least signal to noise of the variation, number of exposures, and largest distance in parsecs; see `Recipe`. */
  selection: { signalToNoise: number; minimumEpochs: number; farthest: number };
  /** Rates at which the catalogue's period is half, twice, or a one-day alias of the true one. */
  periodErrors: { half: number; double: number; alias: number };
  /** RS CVn are spotted stars brighter than this M_G: giants and subgiants. */
  faintestActiveStar: number;
  /** Days (MJD) in which spectra are taken, and mean colour excess E(B-V) of the stars. */
  spectra: { start: number; end: number; dust: number };
}

/**
 * Returns a recipe from its description, e.g. a parsed JSON file.
 * @throws EphemeraError for an unknown, missing or impossible field.
 */
export function parseFollowUpRecipe(description: unknown, where: string): FollowUpRecipe {
  const fields = record(description, where);
  only(fields, [
    "name",
    "reference",
    "classes",
    "selection",
    "periodErrors",
    "faintestActiveStar",
    "spectra",
  ], where);
  const group = (name: string, limits: Readonly<Record<string, readonly [number, number]>>) => {
    const part = record(fields[name], `${where}, ${name}`);
    only(part, Object.keys(limits), `${where}, ${name}`);
    for (const [key, range] of Object.entries(limits)) number(part[key], range, `${where}, ${name}, ${key}`);
  };
  group("selection", { signalToNoise: [0, 100], minimumEpochs: [0, 1e5], farthest: [1, 1e7] });
  group("periodErrors", { half: [0, 0.3], double: [0, 0.3], alias: [0, 0.3] });
  group("spectra", { start: [0, 1e5], end: [0, 1e5], dust: [0, 5] });
  number(fields.faintestActiveStar, [-5, 15], `${where}, faintestActiveStar`);
  const classes = record(fields.classes, `${where}, classes`);
  let shares = 0;
  for (const [name, raw] of Object.entries(classes)) {
    const place = `${where}, class ${name}`, part = record(raw, place);
    only(part, ["share", "superclass", "type", "spectrum"], place);
    shares += number(part.share, [0, Infinity], `${place}, share`);
    word(part.type, Object.keys(STAR_KINDS), `${place}, type`);
    word(part.superclass, SUPERCLASSES, `${place}, superclass`);
    word(part.spectrum, SPECTRAL_KINDS, `${place}, spectrum`);
    word(part.superclass, [STAR_KINDS[part.type as string].superclass], `${place}, superclass`);
  }
  demand(shares > 0 && shares < Infinity, {
    expected: "at least one class with a positive share",
    found: `${Object.keys(classes).length} classes with a sum of ${shares}`,
    where,
  });
  const { start, end } = fields.spectra as FollowUpRecipe["spectra"];
  demand(end > start, {
    expected: "an end after the start",
    found: `${start}, ${end}`,
    where: `${where}, spectra`,
  });
  return fields as unknown as FollowUpRecipe;
}

function record(value: unknown, where: string): Record<string, unknown> {
  demand(typeof value === "object" && value !== null && !Array.isArray(value), () => ({
    expected: "an object with named fields",
    found: value === null ? "null" : typeof value,
    where,
  }));
  return value as Record<string, unknown>;
}

function only(fields: Record<string, unknown>, names: readonly string[], where: string): void {
  const missing = names.filter((name) => !Object.hasOwn(fields, name));
  const unknown = Object.keys(fields).filter((name) => !names.includes(name));
  demand(missing.length === 0 && unknown.length === 0, () => ({
    expected: `the fields ${names.join(", ")}`,
    found: [...missing.map((name) => `no "${name}"`), ...unknown.map((name) => `"${name}"`)].join(", "),
    where,
    remedy: "correct the names",
  }));
}

function number(value: unknown, [low, high]: readonly [number, number], where: string): number {
  demand(typeof value === "number" && value >= low && value <= high, () => ({
    expected: `a number from ${low} to ${high}`,
    found: JSON.stringify(value) ?? "nothing",
    where,
  }));
  return value;
}

function word(value: unknown, words: readonly string[], where: string): void {
  demand(words.includes(value as string), () => ({
    expected: words.length === 1 ? `"${words[0]}"` : `one of ${words.join(", ")}`,
    found: JSON.stringify(value) ?? "nothing",
    where,
  }));
}

/** The chapter's recipe: the paper's 2554 stars by class. It was fixed before any score on it was looked at. */
export const FOLLOW_UP_RECIPE: FollowUpRecipe = parseFollowUpRecipe(followUp, "follow_up.json");

/** Returns how many stars of each class a total holds. */
export function followUpCounts(recipe: FollowUpRecipe, total: number): Record<string, number> {
  demand(Number.isInteger(total) && total >= 0, () => ({
    expected: "a whole number of stars",
    found: String(total),
    where: "followUpCounts",
  }));
  const sum = Object.values(recipe.classes).reduce((a, { share }) => a + share, 0);
  const exact = Object.entries(recipe.classes).map(([name, { share }]) =>
    [name, total * share / sum] as const
  );
  const counts = Object.fromEntries(exact.map(([name, count]) => [name, Math.floor(count)]));
  let rest = total - Object.values(counts).reduce((a, b) => a + b, 0);
  for (const [name] of exact.toSorted((a, b) => b[1] % 1 - a[1] % 1)) if (rest-- > 0) counts[name]++;
  return counts;
}
