import { demand } from "../../core/mod.ts";
import {
  columnMeans,
  covariance,
  type Matrix,
  matrix,
  multiply,
  symmetricEigen,
  transpose,
  zeros,
} from "../../numerics/mod.ts";
import { checkTable, fitted, type Transform } from "../estimator.ts";
import { loadModel, saveModel } from "../persistence.ts";

const KIND = "principal-components";

/** Options of {@link PrincipalComponents}. */
export interface PrincipalComponentsOptions {
  /** Number of components, or, below 1, the share of the variance they must explain. Default: all. */
  components?: number;
  /** Whether components are divided by their standard deviation. Default false. */
  whiten?: boolean;
}

interface State {
  mean: Float64Array;
  /** Row k is component k, a unit vector whose element of largest size is positive. */
  axes: Matrix;
  variances: Float64Array;
  totalVariance: number;
}

/**
 * Principal components of the covariance matrix (ddof 1), in order of falling variance.
 *
 * @example
 * ```ts
 * import { PrincipalComponents } from "ephemera/learn";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const line = new PrincipalComponents({ components: 1 }).fit(matrix([0, 0, 3, 4, 6, 8], 3, 2));
 * assert.ok(Math.abs(line.explainedShare[0] - 1) < 1e-12);
 * assert.ok(Math.abs(line.transform(matrix([6, 8], 1, 2)).data[0] - 5) < 1e-12);
 * ```
 */
export class PrincipalComponents implements Transform {
  /** The options of the model. */
  readonly options: PrincipalComponentsOptions;
  #state: State | null = null;

  /** Takes the options; nothing is learned before `fit`. */
  constructor(options: PrincipalComponentsOptions = {}) {
    this.options = options;
  }

  fit(x: Matrix): this {
    checkTable(x, "PrincipalComponents.fit", { minimumRows: 2 });
    const { components = Math.min(x.columns, x.rows - 1) } = this.options;
    const { values, vectors } = symmetricEigen(covariance(x));
    const totalVariance = values.reduce((sum, v) => sum + Math.max(0, v), 0);
    let kept = components;
    if (components < 1) {
      let sum = 0;
      for (kept = 0; kept < x.columns && sum < components * totalVariance; kept++) {
        sum += Math.max(0, values[kept]);
      }
    }
    demand(Number.isInteger(kept) && kept >= 1 && kept <= x.columns, {
      expected: `a share below 1, or from 1 to ${x.columns} components`,
      found: `${components}`,
      where: "PrincipalComponents.fit",
    });
    const axes = zeros(kept, x.columns);
    for (let k = 0; k < kept; k++) {
      const axis = vectors.data.subarray(k * x.columns, (k + 1) * x.columns);
      const largest = axis.reduce((best, v) => Math.abs(v) > Math.abs(best) ? v : best, 0);
      axes.data.set(axis.map((v) => largest < 0 ? -v : v), k * x.columns);
    }
    const variances = values.slice(0, kept).map((v) => Math.max(0, v));
    this.#state = { mean: columnMeans(x), axes, variances, totalVariance };
    return this;
  }

  /** One component a row. Throws an EphemeraError before `fit`. */
  get axes(): Matrix {
    return fitted(this.#state, "PrincipalComponents").axes;
  }

  /** Variance along each component. */
  get variances(): Float64Array {
    return fitted(this.#state, "PrincipalComponents").variances;
  }

  /** Share of the whole variance along each component. */
  get explainedShare(): Float64Array {
    const { variances, totalVariance } = fitted(this.#state, "PrincipalComponents");
    return variances.map((v) => totalVariance === 0 ? 0 : v / totalVariance);
  }

  transform(x: Matrix): Matrix {
    const { mean, axes, variances } = fitted(this.#state, "PrincipalComponents");
    checkTable(x, "PrincipalComponents", { columns: mean.length, minimumRows: 0 });
    const centred = { ...x, data: x.data.map((value, i) => value - mean[i % x.columns]) };
    const result = multiply(centred, transpose(axes));
    if (this.options.whiten) {
      result.data.forEach((v, i) => result.data[i] = v / this.#divisor(variances[i % axes.rows]));
    }
    return result;
  }

  inverse(y: Matrix): Matrix {
    const { mean, axes, variances } = fitted(this.#state, "PrincipalComponents");
    checkTable(y, "PrincipalComponents.inverse", { columns: axes.rows, minimumRows: 0 });
    const scaled = this.options.whiten
      ? { ...y, data: y.data.map((v, i) => v * this.#divisor(variances[i % axes.rows])) }
      : y;
    const result = multiply(scaled, axes);
    result.data.forEach((v, i) => result.data[i] = v + mean[i % axes.columns]);
    return result;
  }

  async save(directory: string): Promise<void> {
    const { mean, axes, variances, totalVariance } = fitted(this.#state, "PrincipalComponents.save");
    await saveModel(directory, {
      kind: KIND,
      settings: { options: this.options, totalVariance },
      arrays: { mean, axes: axes.data, variances },
    });
  }

  /** Returns the transform that `save` wrote into `directory`. */
  static async load(directory: string): Promise<PrincipalComponents> {
    const { settings, arrays } = await loadModel(directory, KIND);
    const result = new PrincipalComponents(settings.options as PrincipalComponentsOptions);
    const { mean, axes, variances } = arrays;
    result.#state = {
      mean: Float64Array.from(mean),
      axes: matrix(axes, variances.length, mean.length),
      variances: Float64Array.from(variances),
      totalVariance: settings.totalVariance as number,
    };
    return result;
  }

  /** A component without variance carries only zeros, whatever it is divided by. */
  #divisor(variance: number): number {
    return variance > 0 ? Math.sqrt(variance) : 1;
  }
}
