/** How unusual a sequence is: the paper's energy, three other views of the same networks, and their combination. */
import { type Matrix, quantileOfSorted } from "../../numerics/mod.ts";

/** Scores of sequences; in each, larger is more unusual. */
export interface NoveltyScores {
  /** E(z), eq. 4, in Float64. */
  energy: Float64Array;
  /**
   * How far out the energy is among known sequences of the class that is predicted: -ln of the share of those with at
   * least this energy. One cut for all classes mostly flags the broad ones. A class with fewer than 20 calibration
   * sequences knows too little of its own tail; its sequences are ranked among those of all classes.
   */
  energyInClass: Float64Array;
  /** Entropy of the memberships in nats: high for what lies between the classes. */
  entropy: Float64Array;
  /** ||x - x'|| / ||x||: high for what the autoencoder has not learned to draw. */
  reconstruction: Float64Array;
  /** Fisher's combination of the four: the sum of -ln of each score's tail probability among known sequences. */
  combined: Float64Array;
}

/** What scores are made from, one entry a sequence. */
export interface ScoreInputs {
  energy: Float64Array;
  /** ln gamma, `[count, classes]`. */
  logMemberships: Matrix;
  /** ||x - x'|| / ||x||. */
  reconstruction: Float64Array;
}

/** A distribution of known scores: ranks within it, and an exponential tail beyond, so that far and farther differ. */
export interface KnownScores {
  /** Ascending. */
  sorted: number[];
  /** The 95th percentile, where the tail begins. */
  tailStart: number;
  /** Mean excess of the scores above it. */
  tailScale: number;
}

/** Scores of known sequences that were not trained on: what is usual. Plain data, fit for a file. */
export interface ScoreReference {
  energy: KnownScores;
  /** Energies by predicted class. */
  energyByClass: KnownScores[];
  entropy: KnownScores;
  reconstruction: KnownScores;
}

/** Learns what is usual from known sequences; no novel object has any part in it. */
export function fitScores(inputs: ScoreInputs): ScoreReference {
  const predicted = predictedClasses(inputs.logMemberships);
  return {
    energy: knownScores(inputs.energy),
    energyByClass: Array.from(
      { length: inputs.logMemberships.columns },
      (_, k) => knownScores(inputs.energy.filter((_, i) => predicted[i] === k)),
    ),
    entropy: knownScores(membershipEntropy(inputs.logMemberships)),
    reconstruction: knownScores(inputs.reconstruction),
  };
}

function knownScores(scores: Float64Array): KnownScores {
  const sorted = [...scores.slice().sort()];
  if (sorted.length === 0) return { sorted, tailStart: Number.MAX_VALUE, tailScale: 1 };
  const tailStart = quantileOfSorted(sorted, 0.95), beyond = sorted.filter((score) => score > tailStart);
  const excess = beyond.reduce((sum, score) => sum + (score - tailStart) / beyond.length, 0);
  return { sorted, tailStart, tailScale: excess > 0 ? excess : 1 };
}

/** Returns the scores of sequences against the known ones. */
export function noveltyScores(inputs: ScoreInputs, reference: ScoreReference): NoveltyScores {
  const predicted = predictedClasses(inputs.logMemberships),
    entropy = membershipEntropy(inputs.logMemberships);
  const { energy, reconstruction } = inputs;
  const energyInClass = energy.map((e, i) => {
    const own = reference.energyByClass[predicted[i]];
    return surprise(e, own.sorted.length >= ENOUGH ? own : reference.energy);
  });
  const combined = energy.map((e, i) =>
    surprise(e, reference.energy) + energyInClass[i] + surprise(entropy[i], reference.entropy) +
    surprise(reconstruction[i], reference.reconstruction)
  );
  return { energy, energyInClass, entropy, reconstruction, combined };
}

/** Known sequences that a class needs for a ranking of its own. */
const ENOUGH = 20;

/** -ln of the share of known scores that are at least this large, by rank, and by the exponential tail in the last 5 %. */
function surprise(score: number, { sorted, tailStart, tailScale }: KnownScores): number {
  if (Number.isNaN(score)) return NaN; // never an ordinary number for what could not be scored
  if (score > tailStart) return -Math.log(0.05) + (score - tailStart) / tailScale;
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < score) low = middle + 1;
    else high = middle;
  }
  return -Math.log(Math.max(0.05, (sorted.length - low + 0.5) / (sorted.length + 1)));
}

/** Returns the entropy -sum gamma ln gamma of each row, in nats. */
export function membershipEntropy({ data, rows, columns }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < columns; k++) {
      const log = data[i * columns + k];
      if (log > -700) sum -= Math.exp(log) * log;
    }
    return sum;
  });
}

/** Returns the column of the largest entry of each row. */
export function predictedClasses({ data, rows, columns }: Matrix): Int32Array {
  return Int32Array.from({ length: rows }, (_, i) => {
    let best = 0;
    for (let k = 1; k < columns; k++) if (data[i * columns + k] > data[i * columns + best]) best = k;
    return best;
  });
}
