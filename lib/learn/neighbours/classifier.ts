import { type Matrix, matrix, zeros } from "../../numerics/mod.ts";
import { checkLabels, checkTable, type Classifier, fitted } from "../estimator.ts";
import type { ClassProbabilities, LabelInput, Labels } from "../labels.ts";
import { mostProbable } from "../labels.ts";
import { loadModel, saveModel } from "../persistence.ts";
import { type NeighbourIndex, neighbourIndex } from "./search.ts";

const KIND = "nearest-neighbours-classifier";

/** Options of {@link NearestNeighboursClassifier}. */
export interface NearestNeighboursOptions {
  /** Neighbours that vote. Default 5. */
  neighbours?: number;
  /** Whether all votes are equal, or each is divided by its distance (an exact match then decides alone). Default `"uniform"`. */
  weighting?: "uniform" | "distance";
}

/**
 * Classifies by the votes of the nearest training rows (Euclidean; scale the columns first).
 *
 * @example
 * ```ts
 * import { NearestNeighboursClassifier } from "ephemera/learn";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const model = new NearestNeighboursClassifier({ neighbours: 3 }).fit(matrix([0, 1, 2, 8, 9], 5, 1), ["a", "a", "a", "b", "b"]);
 * assert.deepEqual([...model.predictProbabilities(matrix([7], 1, 1)).probabilities.data], [1 / 3, 2 / 3]);
 * ```
 */
export class NearestNeighboursClassifier implements Classifier {
  /** The options of the model. */
  readonly options: Required<NearestNeighboursOptions>;
  #fit: { index: NeighbourIndex; labels: Labels } | null = null;

  /** Takes the options; nothing is learned before `fit`. */
  constructor(options: NearestNeighboursOptions = {}) {
    this.options = { neighbours: 5, weighting: "uniform", ...options };
  }

  /** Keeps a copy of the table. */
  fit(x: Matrix, labels: LabelInput): this {
    const where = "NearestNeighboursClassifier.fit";
    checkTable(x, where, { minimumRows: this.options.neighbours });
    const encoded = checkLabels(x, labels, where);
    this.#fit = { index: neighbourIndex({ ...x, data: x.data.slice() }), labels: encoded };
    return this;
  }

  get classNames(): readonly string[] {
    return fitted(this.#fit, "NearestNeighboursClassifier").labels.classNames;
  }

  /** Returns each class's share of the votes. */
  predictProbabilities(x: Matrix): ClassProbabilities {
    const { index, labels } = fitted(this.#fit, "NearestNeighboursClassifier");
    checkTable(x, "NearestNeighboursClassifier", { columns: index.table.columns, minimumRows: 0 });
    const { neighbours: k, weighting } = this.options;
    const { indices, distances } = index.query(x, k);
    const K = labels.classNames.length;
    const probabilities = zeros(x.rows, K);
    for (let i = 0; i < x.rows; i++) {
      const exact = distances.data[i * k] === 0;
      let total = 0;
      for (let n = i * k; n < (i + 1) * k; n++) {
        const d = distances.data[n];
        const vote = weighting === "uniform" ? 1 : exact ? (d === 0 ? 1 : 0) : 1 / d;
        probabilities.data[i * K + labels.codes[indices[n]]] += vote;
        total += vote;
      }
      for (let c = 0; c < K; c++) probabilities.data[i * K + c] /= total;
    }
    return { classNames: labels.classNames, probabilities };
  }

  predict(x: Matrix): Labels {
    return mostProbable(this.predictProbabilities(x));
  }

  /** Writes the model into `directory`, which {@link NearestNeighboursClassifier.load} reads. */
  async save(directory: string): Promise<void> {
    const { index, labels } = fitted(this.#fit, "NearestNeighboursClassifier.save");
    await saveModel(directory, {
      kind: KIND,
      settings: { options: this.options, classNames: labels.classNames, rows: index.table.rows },
      arrays: { table: index.table.data, codes: labels.codes },
    });
  }

  /** Returns the model that `save` wrote into `directory`. */
  static async load(directory: string): Promise<NearestNeighboursClassifier> {
    const { settings, arrays } = await loadModel(directory, KIND);
    const model = new NearestNeighboursClassifier(settings.options as NearestNeighboursOptions);
    const rows = settings.rows as number;
    const table = matrix(arrays.table, rows, arrays.table.length / rows);
    const labels = {
      codes: Int32Array.from(arrays.codes),
      classNames: settings.classNames as readonly string[],
    };
    return model.fit(table, labels);
  }
}
