/** Plain detectors on a dozen plain features: what the networks must be worth their trouble against. */
import {
  GaussianMixture,
  NearestNeighboursNovelty,
  neighbourIndex,
  StandardTransform,
} from "../../learn/mod.ts";
import type { Matrix } from "../../numerics/mod.ts";
import type { SequenceSet } from "./sequences.ts";
import { simpleFeatures } from "./simple_features.ts";

/** Scores of one baseline. */
export interface BaselineScores {
  name: string;
  /** Of the training sequences; for nearest neighbours, each among those of other stars, since a star is nearest to itself. */
  training: Float64Array;
  /** Returns the scores of other sequences. */
  score(sequences: SequenceSet): Float64Array;
}

const NEIGHBOURS = 5;

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
  const neighbours = new NearestNeighboursNovelty({ neighbours: NEIGHBOURS }).fit(table);
  const mixture = new GaussianMixture({ components: 8, restarts: 3, ridge: 1e-4, seed }).fit(table);
  return [
    by("nearest neighbours on simple features", neighbours, distanceToOtherStars(table, training.star)),
    by("Gaussian mixture on simple features", mixture, mixture.score(table)),
  ];
}

/** Mean distance of each row to its five nearest rows of other stars. */
function distanceToOtherStars(table: Matrix, star: Int32Array): Float64Array {
  const siblings = new Map<number, number>();
  for (const each of star) siblings.set(each, (siblings.get(each) ?? 0) + 1);
  const k = Math.min(table.rows - 1, NEIGHBOURS + Math.max(...siblings.values()) - 1);
  const { indices, distances } = neighbourIndex(table).query(table, k, true);
  return Float64Array.from(star, (own, i) => {
    let sum = 0, count = 0;
    for (let j = 0; j < k && count < NEIGHBOURS; j++) {
      if (star[indices[i * k + j]] === own) continue;
      sum += distances.data[i * k + j];
      count++;
    }
    return sum / count;
  });
}
