/** The work of one worker in scoring: a few objects, each with its imagined spectra. */
import type { FollowUpScoringOptions } from "./configuration.ts";
import { addCompany, descentRoom } from "./descent.ts";
import { evenDrawer, randomDrawer } from "./draws.ts";
import { plainEntropy } from "./entropy.ts";
import { ImaginedVotes } from "./imagined_votes.ts";
import { conditionalModel } from "./joint_density.ts";
import { firstLargest, type PlainForest } from "./plain_forest.ts";
import type { PlainModel } from "./plain_model.ts";
import { densityEvaluator } from "./spectrum_uncertainty.ts";

/** Numbers of one object, in the order in which a chunk's rows hold them; class probabilities follow them. */
export const SCORE_COLUMNS = [
  "entropyTime",
  "meanEntropy",
  "labelTime",
  "labelImagined",
  "changeProbability",
  "mutualInformation",
  "decisionGain",
  "sampleEntropy",
  "spectrumEntropy",
  "spectrumEntropyError",
] as const;

/** What all chunks share. */
export interface ScoreTask {
  models: readonly PlainModel[];
  scoring: FollowUpScoringOptions;
  seed: string;
}

/** Objects of one model. */
export interface ScoreChunk {
  model: number;
  ids: readonly string[];
  /** x_t of the objects, one after another. */
  known: Float64Array;
}

/** Returns one row an object: {@link SCORE_COLUMNS}, then K probabilities P_t, then K mean probabilities P_ts. */
export function scoreChunk({ model, ids, known }: ScoreChunk, shared: unknown): Float64Array {
  const { models, scoring: { samples: N, draws }, seed } = shared as ScoreTask;
  const { timeForest, bothForest, joint, densityFloor } = models[model];
  const conditional = conditionalModel(joint, densityFloor), T = conditional.known, S = conditional.revealed;
  const drawer = draws === "random" ? randomDrawer(conditional, N, seed) : evenDrawer(conditional, N);
  const logDensity = densityEvaluator(conditional);
  const K = timeForest.classNames.length, C = SCORE_COLUMNS.length, width = C + 2 * K;
  const rows = new Float64Array(ids.length * width);
  addTimeForest(timeForest, known, T, ids.length, rows, C, width);
  const given = conditional.room(), spectra = new Float64Array(S * N), logs = new Float64Array(N);
  const company = new Float64Array(N * K);
  const votes = bothForest.votes ? new ImaginedVotes(bothForest, T, S, N) : null, room = descentRoom(N);
  const block = votes?.block ?? 1, summarise = summariser(bothForest, N, K);
  for (let from = 0; from < ids.length; from += block) {
    const count = Math.min(block, ids.length - from);
    for (let b = 0; b < count; b++) {
      const o = from + b, at = o * width;
      conditional.at(known, o * T, given);
      drawer.draw(ids[o], given, spectra);
      votes?.prepare(b, spectra);
      let sum = 0, squares = 0;
      for (let i = 0; i < N; i++) sum += logs[i] = logDensity(given, spectra, i, N);
      const mean = sum / N;
      for (let i = 0; i < N; i++) squares += (logs[i] - mean) ** 2;
      rows[at + COLUMN.sampleEntropy] = entropyOfDensities(logs);
      rows[at + COLUMN.spectrumEntropy] = -mean;
      rows[at + COLUMN.spectrumEntropyError] = N > 1 ? Math.sqrt(squares / (N * (N - 1))) : NaN;
    }
    votes?.count(known, from * T, count);
    for (let b = 0; b < count; b++) {
      const at = (from + b) * width;
      if (votes) {
        votes.read(b, company);
      } else {
        company.fill(0);
        addCompany(bothForest, known, (from + b) * T, T, spectra, N, company, room);
      }
      summarise(company, rows, at, at + C, at + C + K);
    }
  }
  return rows;
}

const COLUMN = Object.fromEntries(SCORE_COLUMNS.map((name, c) => [name, c])) as Record<
  typeof SCORE_COLUMNS[number],
  number
>;

/** Writes P_t of all objects, tree by tree, so that each tree is fetched into the cache but once. */
function addTimeForest(
  { trees, votes, leafClasses, classNames }: PlainForest,
  known: Float64Array,
  T: number,
  objects: number,
  rows: Float64Array,
  first: number,
  width: number,
): void {
  const K = classNames.length;
  for (let t = 0; t < trees.length; t++) {
    const { feature, threshold, right, leaves } = trees[t], classes = leafClasses[t];
    for (let o = 0, at = first; o < objects; o++, at += width) {
      let node = 0, j = feature[0];
      while (j >= 0) {
        node = known[o * T + j] <= threshold[node] ? node + 1 : right[node];
        j = feature[node];
      }
      const leaf = right[node];
      if (votes) rows[at + classes[leaf]]++;
      else for (let c = 0; c < K; c++) rows[at + c] += leaves[leaf * K + c];
    }
  }
  for (let o = 0, at = first; o < objects; o++, at += width) {
    for (let c = 0; c < K; c++) rows[at + c] /= trees.length;
  }
}

/** Returns a function that turns the votes on all spectra of an object into its scores. */
function summariser({ trees, votes: whole }: PlainForest, N: number, K: number) {
  const count = trees.length, chosen = new Uint32Array(K);
  // Votes are whole numbers: each p ln p is looked up.
  const table = Float64Array.from(
    { length: count + 1 },
    (_, v) => v === 0 ? 0 : -(v / count) * Math.log(v / count),
  );
  return (company: Float64Array, rows: Float64Array, at: number, time: number, mean: number) => {
    chosen.fill(0);
    let entropies = 0, largest = 0;
    for (let i = 0, from = 0; i < N; i++, from += K) {
      const best = firstLargest(company, from, K);
      chosen[best]++;
      largest += company[from + best];
      for (let c = 0; c < K; c++) {
        const votes = company[from + c];
        if (votes === 0) continue;
        rows[mean + c] += votes;
        entropies += whole ? table[votes] : -votes / count * Math.log(votes / count);
      }
    }
    for (let c = 0; c < K; c++) rows[mean + c] /= N * count;
    const label = firstLargest(rows, time, K), meanEntropy = entropies / N;
    rows[at + COLUMN.entropyTime] = plainEntropy(rows, time, K, 0);
    rows[at + COLUMN.meanEntropy] = meanEntropy;
    rows[at + COLUMN.labelTime] = label;
    rows[at + COLUMN.labelImagined] = firstLargest(chosen, 0, K);
    rows[at + COLUMN.changeProbability] = 1 - chosen[label] / N;
    rows[at + COLUMN.mutualInformation] = plainEntropy(rows, mean, K, 0) - meanEntropy;
    rows[at + COLUMN.decisionGain] = largest / (N * count) - rows[mean + label];
  };
}

/** The paper's spectrum uncertainty: the entropy of probabilities proportional to the densities at the draws. */
function entropyOfDensities(logs: Float64Array): number {
  let most = -Infinity, total = 0, weighted = 0;
  for (const log of logs) if (log > most) most = log;
  for (const log of logs) {
    const share = Math.exp(log - most);
    total += share;
    if (share > 0) weighted += share * (log - most);
  }
  return Math.log(total) - weighted / total;
}
