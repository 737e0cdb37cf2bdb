/** Who is trained on, who is usual, who is tested, and who is new. Always by star, never by sequence. */
import { demand } from "../../core/mod.ts";
import { trainTestSplit } from "../../learn/mod.ts";
import { type LightCurveSet, mergeClasses } from "../../observations/mod.ts";

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
 * Returns the four parts, each class split in the same proportion. Classes without a star are none of the known ones.
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
  const present = new Set(Array.from(set.labels ?? [], (label) => set.classNames[label]));
  const known = set.classNames.filter((name) =>
    present.has(name) && !novel.includes(name) && !leaveOut.includes(name)
  );
  demand(known.length >= 2, {
    expected: "at least two known classes",
    found: known.join(", ") || "none",
    where: "noveltyProblem",
  });
  const names = Object.fromEntries(set.classNames.map((name) => [name, known.includes(name) ? name : null]));
  const stars = mergeClasses(set.filter((_, i) => known.includes(set.className(i) ?? "")), names, known);
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
    novel: set.filter((_, i) => novel.includes(set.className(i) ?? "")),
  };
}
