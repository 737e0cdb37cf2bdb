/** The mixture of stars that a simulated catalogue holds, as data. */
import { demand } from "../core/mod.ts";
import noveltyPeriodic from "../../data/recipes/novelty_periodic.json" with { type: "json" };
import { NOVEL_CLASS, STAR_KINDS, SUPERCLASSES } from "../sources/mod.ts";
import { Fields } from "./describe.ts";

/** A mixture of classes, how stars of it are selected, and what its catalogue says of them. */
export interface Recipe {
  /** What it is called. */
  name: string;
  /** Where the numbers come from. */
  reference: string;
  /** Share of each superclass among the known stars (any unit), and of each type in it. */
  known: Readonly<Record<string, { share: number; types: Readonly<Record<string, number>> }>>;
  /** Stars of no superclass: their number per known star of the test part, that part's share, and the mix of kinds. */
  novel: { perKnownTest: number; testFraction: number; types: Readonly<Record<string, number>> };
  /**
   * A known star is in the catalogue when its curve, folded by the catalogue's period, follows its supersmoother with a
   * residual of at most `knownSmootherResidual`, the paper's cut (1 or more cuts none); the shares are those after it. Any
   * star is in it when the standard deviation of its true light curve exceeds this many photometric errors,
   * it has this many exposures, and it is no farther than this many parsecs.
   */
  selection: {
    knownSmootherResidual: number;
    knownSignalToNoise: number;
    novelSignalToNoise: number;
    minimumEpochs: number;
    farthest: number;
  };
  /**
   * Rates at which the catalogue's period is half, twice, or a one-day alias of the true one; share of periodic novel
   * stars whose true period the catalogue found; share of stars without photometry.
   */
  catalogue: {
    periodErrors: { half: number; double: number; alias: number };
    novelTruePeriod: number;
    photometryMissing: number;
  };
}

/**
 * Returns a recipe from its description, e.g. a parsed JSON file.
 * @throws EphemeraError for an unknown, missing or impossible field.
 */
export function parseRecipe(description: unknown, where: string): Recipe {
  const fields = new Fields(description, where), known = fields.object("known");
  const kinds = (superclass: string) =>
    Object.keys(STAR_KINDS).filter((type) => STAR_KINDS[type].superclass === superclass);
  const recipe: Recipe["known"] = Object.fromEntries(SUPERCLASSES.map((name) => {
    const part = known.object(name);
    const entry = { share: part.number("share", 0), types: part.shares("types", kinds(name)) };
    part.done();
    return [name, entry];
  }));
  known.done();
  const novel = fields.object("novel"), selection = fields.object("selection");
  const catalogue = fields.object("catalogue"), errors = catalogue.object("periodErrors");
  const result: Recipe = {
    name: fields.text("name"),
    reference: fields.text("reference"),
    known: recipe,
    novel: {
      perKnownTest: novel.number("perKnownTest", 0),
      testFraction: novel.number("testFraction", 0, 1),
      types: novel.shares("types", kinds(NOVEL_CLASS)),
    },
    selection: {
      knownSmootherResidual: selection.number("knownSmootherResidual", 0),
      knownSignalToNoise: selection.number("knownSignalToNoise", 0),
      novelSignalToNoise: selection.number("novelSignalToNoise", 0),
      minimumEpochs: selection.number("minimumEpochs", 0),
      farthest: selection.number("farthest", 1),
    },
    catalogue: {
      periodErrors: {
        half: errors.number("half", 0, 1),
        double: errors.number("double", 0, 1),
        alias: errors.number("alias", 0, 1),
      },
      novelTruePeriod: catalogue.number("novelTruePeriod", 0, 1),
      photometryMissing: catalogue.number("photometryMissing", 0, 1),
    },
  };
  for (const part of [novel, selection, errors, catalogue, fields]) part.done();
  demand(Object.values(recipe).some(({ share }) => share > 0), {
    expected: "at least one superclass with a positive share",
    found: "none",
    where,
  });
  return result;
}

/**
 * Returns how many stars of each class a total of `total` stars holds: known classes by their shares, novel stars so
 * that there are `perKnownTest` of them per known star of the test part. Rounding is by largest remainder.
 */
export function recipeCounts(recipe: Recipe, total: number): Record<string, number> {
  demand(Number.isInteger(total) && total >= 0, () => ({
    expected: "a whole number of stars",
    found: String(total),
    where: "recipeCounts",
  }));
  const sum = Object.values(recipe.known).reduce((a, { share }) => a + share, 0);
  const perKnown = recipe.novel.perKnownTest * recipe.novel.testFraction;
  const shares: [string, number][] = Object.entries(recipe.known).map((
    [name, { share }],
  ) => [name, total * share / sum / (1 + perKnown)]);
  shares.push([NOVEL_CLASS, total * perKnown / (1 + perKnown)]);
  const counts = Object.fromEntries(shares.map(([name, share]) => [name, Math.floor(share)]));
  let rest = total - Object.values(counts).reduce((a, b) => a + b, 0);
  for (const [name] of shares.toSorted((a, b) => (b[1] % 1) - (a[1] % 1))) if (rest-- > 0) counts[name]++;
  return counts;
}

/** The mixture of the novelty chapter: Table 1 of Tsang & Schultz (2019), novel stars at 0.54 of the known test part. */
export const NOVELTY_RECIPE: Recipe = parseRecipe(noveltyPeriodic, "novelty_periodic.json");
