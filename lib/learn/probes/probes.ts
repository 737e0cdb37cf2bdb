import { demand, Random } from "../../core/mod.ts";
import { type Matrix, matrix, minimiseLbfgs } from "../../numerics/mod.ts";
import { checkLabels, checkTable, type Classifier, fitted } from "../estimator.ts";
import type { ClassProbabilities, LabelInput, Labels } from "../labels.ts";
import { mostProbable } from "../labels.ts";
import { loadModel, saveModel } from "../persistence.ts";
import { balancedClassWeights } from "../splitting/balance.ts";
import { StandardTransform } from "../transforms/scaling.ts";
import { DenseNetwork, startingParameters } from "./network.ts";

/** Options of {@link SoftmaxRegression}. */
export interface SoftmaxRegressionOptions {
  /** lambda of the penalty lambda |W|^2 / 2 on the summed log loss; scikit-learn's 1 / C. Default 1. */
  penalty?: number;
  /** Whether columns are first scaled to zero mean and unit variance by the training rows. Default true. */
  standardise?: boolean;
  /** Whether rare classes weigh as much as frequent ones. Default false. */
  balanced?: boolean;
  /** Most iterations of L-BFGS. Default 500. */
  maxIterations?: number;
}

/** Options of {@link NetworkProbe}. */
export interface NetworkProbeOptions extends SoftmaxRegressionOptions {
  /** Seed of the starting weights. */
  seed: number | string;
  /** Sizes of the hidden layers (tanh). Default [32]. */
  hidden?: readonly number[];
}

interface State {
  classNames: readonly string[];
  columns: number;
  parameters: Float64Array;
  scale: { shift: Float64Array; divisor: Float64Array };
  converged: boolean;
}

/** What both probes share: they differ in hidden layers alone. */
export abstract class Probe implements Classifier {
  /** The options of the model. */
  readonly options: SoftmaxRegressionOptions;
  /** Kind of the model in files and messages. */
  protected abstract readonly kind: string;
  /** Sizes of the hidden layers. */
  protected abstract readonly hidden: readonly number[];
  #state: State | null = null;

  /** Checks the options. */
  protected constructor(options: SoftmaxRegressionOptions) {
    const { penalty = 1 } = options;
    demand(penalty >= 0, { expected: "a penalty that is not negative", found: `${penalty}`, where: "probe" });
    this.options = { ...options };
  }

  /** Returns the parameters to start from. */
  protected abstract start(sizes: readonly number[]): Float64Array;

  fit(x: Matrix, labels: LabelInput): this {
    const where = `${this.kind}.fit`;
    checkTable(x, where, { minimumRows: 2 });
    const encoded = checkLabels(x, labels, where);
    const { penalty = 1, standardise = true, balanced = false, maxIterations = 500 } = this.options;
    const shift = new Float64Array(x.columns), divisor = new Float64Array(x.columns).fill(1);
    if (standardise) {
      const { parameters } = new StandardTransform().fit(x);
      for (let j = 0; j < x.columns; j++) {
        shift[j] = parameters.data[2 * j];
        divisor[j] = parameters.data[2 * j + 1];
      }
    }
    const scale = { shift, divisor };
    const sizes = this.#sizes(x.columns, encoded.classNames.length);
    const network = new DenseNetwork(sizes, x.rows);
    const scaled = scaledValues(x, scale);
    const perClass = balanced
      ? balancedClassWeights(encoded)
      : new Float64Array(encoded.classNames.length).fill(1);
    const weights = Float64Array.from(encoded.codes, (code) => perClass[code]);
    const { x: parameters, converged } = minimiseLbfgs(
      (p, gradient) => network.lossAndGradient(p, scaled, encoded.codes, weights, penalty, gradient),
      this.start(sizes),
      { maxIterations, gradientTolerance: 1e-7, valueTolerance: 1e-14 },
    );
    this.#state = { classNames: encoded.classNames, columns: x.columns, parameters, scale, converged };
    return this;
  }

  get classNames(): readonly string[] {
    return fitted(this.#state, this.kind).classNames;
  }

  /** Whether L-BFGS met its tolerance. */
  get converged(): boolean {
    return fitted(this.#state, this.kind).converged;
  }

  /** Weights and biases, layer after layer: inputs x outputs, row-major, then the biases. They act on scaled columns. */
  get parameters(): Float64Array {
    return fitted(this.#state, this.kind).parameters;
  }

  predictProbabilities(x: Matrix): ClassProbabilities {
    const { classNames, columns, parameters, scale } = fitted(this.#state, this.kind);
    checkTable(x, this.kind, { columns, minimumRows: 0 });
    const network = new DenseNetwork(this.#sizes(columns, classNames.length), x.rows);
    const values = network.probabilities(parameters, scaledValues(x, scale));
    return { classNames, probabilities: matrix(values, x.rows, classNames.length) };
  }

  predict(x: Matrix): Labels {
    return mostProbable(this.predictProbabilities(x));
  }

  async save(directory: string): Promise<void> {
    const { classNames, columns, parameters, scale, converged } = fitted(this.#state, `${this.kind}.save`);
    await saveModel(directory, {
      kind: this.kind,
      settings: { options: this.options, classNames, columns, converged },
      arrays: { parameters, shift: scale.shift, divisor: scale.divisor },
    });
  }

  /** Fills a fresh probe from a folder; `make` builds it from the saved options. */
  protected static async restore<T extends Probe>(
    directory: string,
    kind: string,
    make: (options: SoftmaxRegressionOptions) => T,
  ): Promise<T> {
    const { settings, arrays } = await loadModel(directory, kind);
    const probe = make(settings.options as SoftmaxRegressionOptions);
    (probe as Probe).#state = {
      classNames: settings.classNames as string[],
      columns: settings.columns as number,
      converged: settings.converged as boolean,
      parameters: Float64Array.from(arrays.parameters),
      scale: { shift: Float64Array.from(arrays.shift), divisor: Float64Array.from(arrays.divisor) },
    };
    return probe;
  }

  #sizes(columns: number, classes: number): number[] {
    return [columns, ...this.hidden, classes];
  }
}

/**
 * Softmax (multinomial logistic) regression by L-BFGS: the linear probe. Its loss is convex, so the answer has no seed.
 *
 * @example
 * ```ts
 * import { SoftmaxRegression } from "ephemera/learn";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const probe = new SoftmaxRegression().fit(matrix([1, 2, 8, 9], 4, 1), ["near", "near", "far", "far"]);
 * const { classNames, codes } = probe.predict(matrix([0, 10], 2, 1));
 * assert.deepEqual(Array.from(codes, (code) => classNames[code]), ["near", "far"]);
 * ```
 */
export class SoftmaxRegression extends Probe {
  /** Kind of the model in files and messages. */
  protected readonly kind = "SoftmaxRegression";
  /** Sizes of the hidden layers. */
  protected readonly hidden: readonly number[] = [];

  /** Takes the options; nothing is learned before `fit`. */
  constructor(options: SoftmaxRegressionOptions = {}) {
    super(options);
  }

  /** Returns the parameters to start from. */
  protected start([columns, classes]: readonly number[]): Float64Array {
    return new Float64Array((columns + 1) * classes);
  }

  /** Returns the model that `save` wrote into `directory`. */
  static load(directory: string): Promise<SoftmaxRegression> {
    return Probe.restore(directory, "SoftmaxRegression", (options) => new SoftmaxRegression(options));
  }
}

/** A small network with tanh layers, trained on all rows at once by L-BFGS: the non-linear probe. */
export class NetworkProbe extends Probe {
  /** The options of the model. */
  declare readonly options: NetworkProbeOptions;
  /** Kind of the model in files and messages. */
  protected readonly kind = "NetworkProbe";
  /** Sizes of the hidden layers. */
  protected readonly hidden: readonly number[];

  /** Takes the options; nothing is learned before `fit`. */
  constructor(options: NetworkProbeOptions) {
    super(options);
    this.hidden = options.hidden ?? [32];
    demand(this.hidden.every((size) => Number.isInteger(size) && size > 0), {
      expected: "hidden layers of whole, positive sizes",
      found: this.hidden.join(", "),
      where: "NetworkProbe",
    });
  }

  /** Returns the parameters to start from. */
  protected start(sizes: readonly number[]): Float64Array {
    return startingParameters(sizes, new Random(this.options.seed).stream("weights"));
  }

  /** Returns the model that `save` wrote into `directory`. */
  static load(directory: string): Promise<NetworkProbe> {
    return Probe.restore(
      directory,
      "NetworkProbe",
      (options) => new NetworkProbe(options as NetworkProbeOptions),
    );
  }
}

function scaledValues({ data, columns }: Matrix, { shift, divisor }: State["scale"]): Float64Array {
  return data.map((value, i) => (value - shift[i % columns]) / divisor[i % columns]);
}
