/** Plain detectors on a dozen plain features: what the networks must be worth their trouble against. */
import { GaussianMixture, NearestNeighboursNovelty, StandardTransform } from "../../learn/mod.ts";
import type { Matrix } from "../../numerics/mod.ts";
import type { SequenceSet } from "./sequences.ts";
import { simpleFeatures } from "./simple_features.ts";

/** Scores of one baseline. */
export interface BaselineScores {
  name: string;
  /** Of the training sequences; for nearest neighbours, each among the others. */
  training: Float64Array;
  /** Returns the scores of other sequences. */
  score(sequences: SequenceSet): Float64Array;
}

/** Fits nearest neighbours (mean distance to five) and a Gaussian mixture (eight components) to the standardised simple features. */
export function fitBaselines(training: SequenceSet, seed: number | string): BaselineScores[] {
  const scaling = new StandardTransform(), raw = simpleFeatures(training);
  const table = scaling.fit(raw).transform(raw);
  const by = (
    name: string,
    model: { score(x: Matrix): Float64Array },
    own: Float64Array,
  ) => ({
    name,
    training: own,
    score: (sequences: SequenceSet) => model.score(scaling.transform(simpleFeatures(sequences))),
  });
  const neighbours = new NearestNeighboursNovelty({ neighbours: 5 }).fit(table);
  const mixture = new GaussianMixture({ components: 8, restarts: 3, ridge: 1e-4, seed }).fit(table);
  return [
    by("nearest neighbours on simple features", neighbours, neighbours.scoreTraining()),
    by("Gaussian mixture on simple features", mixture, mixture.score(table)),
  ];
}
