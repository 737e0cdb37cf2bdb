/** Who is trained on, who is usual, who is tested, and who is new. Always by star, never by sequence. */
import { demand } from "../../core/mod.ts";
import { trainTestSplit } from "../../learn/mod.ts";
import { LightCurveSet } from "../../observations/mod.ts";

/** Stars in four parts that share none. */
export interface NoveltyProblem {
  /** Known classes, to learn from. */
  train: LightCurveSet;
  /** Known classes, on which losses are followed and the score reference is taken. */
  calibration: LightCurveSet;
  /** Known classes, looked at once. */
  test: LightCurveSet;
  /** Stars of classes that nobody was told of; labels as in the whole set. */
  novel: LightCurveSet;
}

/** Options of {@link noveltyProblem}. */
export interface NoveltyProblemOptions {
  /** Classes that are new to the detector. */
  novel: readonly string[];
  /** Classes that take no part at all. Default: none. */
  leaveOut?: readonly string[];
  /** Seed of the split. */
  seed: number | string;
  /** Share of the known stars that is tested. The paper's 80/20 split gives the default 0.2. */
  testShare?: number;
  /** Share of the other known stars that calibrates. Default 0.1. */
  calibrationShare?: number;
}

/**
 * Returns the four parts, each class split in the same proportion.
 *
 * @throws EphemeraError for a class that the set does not have, or fewer than two known classes
 */
export function noveltyProblem(set: LightCurveSet, options: NoveltyProblemOptions): NoveltyProblem {
  const { novel, leaveOut = [], seed, testShare = 0.2, calibrationShare = 0.1 } = options;
  for (const name of [...novel, ...leaveOut]) {
    demand(set.classNames.includes(name), {
      expected: `one of the classes ${set.classNames.join(", ")}`,
      found: name,
      where: "noveltyProblem",
    });
  }
  const known = set.classNames.filter((name) => !novel.includes(name) && !leaveOut.includes(name));
  demand(known.length >= 2, {
    expected: "at least two known classes",
    found: known.join(", ") || "none",
    where: "noveltyProblem",
  });
  const stars = withClasses(set.filter((curve) => known.includes(set.classNames[curve.label ?? -1])), known);
  const part = (from: LightCurveSet, share: number, name: string) => {
    const labels = { codes: from.labels!, classNames: known };
    const { train, test } = trainTestSplit(from.length, share, { labels, seed: `${seed}/${name}` });
    return { rest: from.subset(train), part: from.subset(test) };
  };
  const tested = part(stars, testShare, "test"),
    calibrated = part(tested.rest, calibrationShare, "calibration");
  return {
    train: calibrated.rest,
    calibration: calibrated.part,
    test: tested.part,
    novel: set.filter((curve) => novel.includes(set.classNames[curve.label ?? -1])),
  };
}

/** Returns the set with its classes renamed by `rename` (several may fall together), in alphabetical order. */
export function mergeClasses(set: LightCurveSet, rename: Readonly<Record<string, string>>): LightCurveSet {
  for (const name of set.classNames) {
    demand(name in rename, {
      expected: `a superclass for each class (${Object.keys(rename).join(", ")})`,
      found: name,
      where: "mergeClasses",
    });
  }
  const merged = [...new Set(set.classNames.map((name) => rename[name]))].sort();
  const codes = set.classNames.map((name) => merged.indexOf(rename[name]));
  const labels = set.labels && Int32Array.from(set.labels, (label) => label < 0 ? -1 : codes[label]);
  return new LightCurveSet({ ...set.columns(), labels, classNames: merged });
}

/**
 * The classes of the southern Catalina catalogue in the superclasses of the paper's Table 1. Blazhko stars and the
 * miscellaneous have no superclass there and stay by themselves; Mira and semi-regular stars are not parted in that
 * catalogue and are LPV together.
 */
export const CATALINA_SUPERCLASSES: Readonly<Record<string, string>> = {
  EW: "ECL",
  EA: "ECL",
  RRab: "RRAB",
  RRc: "RRCD",
  RRd: "RRCD",
  Blazhko: "Blazhko",
  Rotational: "ROT",
  LPV: "LPV",
  DeltaScuti: "DSCT",
  ACEP: "CEPH",
  CepII: "CEPH",
  "LMC-Cep": "CEPH",
  Misc: "Misc",
};

function withClasses(set: LightCurveSet, classNames: readonly string[]): LightCurveSet {
  const labels = Int32Array.from(set.labels!, (label) => classNames.indexOf(set.classNames[label]));
  return new LightCurveSet({ ...set.columns(), labels, classNames });
}
