import { type Matrix, matrix } from "../../numerics/mod.ts";
import { checkTable, fitted, type NoveltyScorer } from "../estimator.ts";
import { loadModel, saveModel } from "../persistence.ts";
import { type NeighbourIndex, neighbourIndex } from "./search.ts";

const KIND = "nearest-neighbours-novelty";

/** Options of {@link NearestNeighboursNovelty}. */
export interface NearestNeighboursNoveltyOptions {
  /** Neighbours looked at. Default 5. */
  neighbours?: number;
  /** Whether the score is the distance to the k-th neighbour or the mean of the k distances. Default `"mean"`. */
  statistic?: "mean" | "largest";
}

/**
 * Scores an object by its distance to the nearest training rows (Euclidean; scale the columns first).
 *
 * @example
 * ```ts
 * import { NearestNeighboursNovelty } from "ephemera/learn";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const model = new NearestNeighboursNovelty({ neighbours: 2 }).fit(matrix([0, 1, 2], 3, 1));
 * assert.deepEqual([...model.score(matrix([1, 12], 2, 1))], [0.5, 10.5]);
 * assert.deepEqual([...model.scoreTraining()], [1.5, 1, 1.5]);
 * ```
 */
export class NearestNeighboursNovelty implements NoveltyScorer {
  /** The options of the model. */
  readonly options: Required<NearestNeighboursNoveltyOptions>;
  #index: NeighbourIndex | null = null;

  /** Takes the options; nothing is learned before `fit`. */
  constructor(options: NearestNeighboursNoveltyOptions = {}) {
    this.options = { neighbours: 5, statistic: "mean", ...options };
  }

  /** Keeps a copy of the table, which needs more rows than neighbours. */
  fit(x: Matrix): this {
    checkTable(x, "NearestNeighboursNovelty.fit", { minimumRows: this.options.neighbours + 1 });
    this.#index = neighbourIndex({ ...x, data: x.data.slice() });
    return this;
  }

  /** Returns the score of each row, in the units of the table. */
  score(x: Matrix): Float64Array {
    const index = fitted(this.#index, "NearestNeighboursNovelty");
    checkTable(x, "NearestNeighboursNovelty", { columns: index.table.columns, minimumRows: 0 });
    return this.#summarise(index.query(x, this.options.neighbours).distances);
  }

  /** Returns the score of each training row among the others: what thresholds are percentiles of. */
  scoreTraining(): Float64Array {
    const index = fitted(this.#index, "NearestNeighboursNovelty");
    return this.#summarise(index.query(index.table, this.options.neighbours, true).distances);
  }

  /** Writes the model into `directory`, which {@link NearestNeighboursNovelty.load} reads. */
  async save(directory: string): Promise<void> {
    const { table } = fitted(this.#index, "NearestNeighboursNovelty.save");
    const settings = { options: this.options, rows: table.rows };
    await saveModel(directory, { kind: KIND, settings, arrays: { table: table.data } });
  }

  /** Returns the model that `save` wrote into `directory`. */
  static async load(directory: string): Promise<NearestNeighboursNovelty> {
    const { settings, arrays } = await loadModel(directory, KIND);
    const rows = settings.rows as number;
    const model = new NearestNeighboursNovelty(settings.options as NearestNeighboursNoveltyOptions);
    return model.fit(matrix(arrays.table, rows, arrays.table.length / rows));
  }

  #summarise({ data, rows, columns }: Matrix): Float64Array {
    const mean = this.options.statistic === "mean";
    return Float64Array.from({ length: rows }, (_, i) => {
      if (!mean) return data[(i + 1) * columns - 1];
      let sum = 0;
      for (let n = i * columns; n < (i + 1) * columns; n++) sum += data[n];
      return sum / columns;
    });
  }
}
