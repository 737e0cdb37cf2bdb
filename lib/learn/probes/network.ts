/** A small fully connected network with softmax output, its loss and its gradient, in plain double precision. */
import type { Random } from "../../core/mod.ts";

/** Sizes of all layers, from the input columns to the classes. */
export type LayerSizes = readonly number[];

/** Returns how many weights and biases a network has. A layer's weights (inputs x outputs, row-major) precede its biases. */
export function countParameters(sizes: LayerSizes): number {
  let count = 0;
  for (let l = 0; l + 1 < sizes.length; l++) count += (sizes[l] + 1) * sizes[l + 1];
  return count;
}

/** Returns starting parameters: weights uniform within sqrt(6 / (inputs + outputs)) (Glorot & Bengio 2010), biases 0. */
export function startingParameters(sizes: LayerSizes, random: Random): Float64Array {
  const parameters = new Float64Array(countParameters(sizes));
  let at = 0;
  for (let l = 0; l + 1 < sizes.length; l++) {
    const bound = Math.sqrt(6 / (sizes[l] + sizes[l + 1]));
    const weights = sizes[l] * sizes[l + 1];
    for (let i = 0; i < weights; i++) parameters[at + i] = random.uniform(-bound, bound);
    at += weights + sizes[l + 1];
  }
  return parameters;
}

/** A network over a fixed number of rows, with room for its activations. */
export class DenseNetwork {
  readonly #activations: Float64Array[];

  constructor(readonly sizes: LayerSizes, readonly rows: number) {
    this.#activations = sizes.map((size) => new Float64Array(rows * size));
  }

  /** Returns the class probabilities (rows x classes) of a table; the array is overwritten by the next call. */
  probabilities(parameters: Float64Array, x: Float64Array): Float64Array {
    const { sizes, rows } = this;
    this.#activations[0].set(x);
    let at = 0;
    for (let l = 0; l + 1 < sizes.length; l++) {
      const inputs = sizes[l], outputs = sizes[l + 1];
      const source = this.#activations[l], target = this.#activations[l + 1];
      const biases = at + inputs * outputs;
      const last = l + 2 === sizes.length;
      for (let i = 0; i < rows; i++) {
        const from = i * inputs, to = i * outputs;
        for (let o = 0; o < outputs; o++) target[to + o] = parameters[biases + o];
        for (let k = 0; k < inputs; k++) {
          const value = source[from + k];
          if (value === 0) continue;
          const w = at + k * outputs;
          for (let o = 0; o < outputs; o++) target[to + o] += value * parameters[w + o];
        }
        if (last) softmaxInPlace(target, to, outputs);
        else for (let o = 0; o < outputs; o++) target[to + o] = Math.tanh(target[to + o]);
      }
      at = biases + outputs;
    }
    return this.#activations[sizes.length - 1];
  }

  /**
   * Returns sum_i w_i (-ln p_i) / rows + penalty |W|^2 / (2 rows) and writes its gradient; biases are not penalised.
   * @param weights w_i, one a row.
   */
  lossAndGradient(
    parameters: Float64Array,
    x: Float64Array,
    codes: Int32Array,
    weights: Float64Array,
    penalty: number,
    gradient: Float64Array,
  ): number {
    const { sizes, rows } = this;
    const output = this.probabilities(parameters, x);
    const K = sizes[sizes.length - 1];
    gradient.fill(0);
    let loss = 0;
    let delta = new Float64Array(rows * K);
    for (let i = 0; i < rows; i++) {
      loss -= weights[i] * Math.log(Math.max(output[i * K + codes[i]], 1e-300)) / rows;
      for (let k = 0; k < K; k++) {
        delta[i * K + k] = weights[i] * (output[i * K + k] - (codes[i] === k ? 1 : 0)) / rows;
      }
    }
    let end = parameters.length;
    for (let l = sizes.length - 2; l >= 0; l--) {
      const inputs = sizes[l], outputs = sizes[l + 1];
      const biases = end - outputs, start = biases - inputs * outputs;
      const source = this.#activations[l];
      const before = l > 0 ? new Float64Array(rows * inputs) : null;
      for (let i = 0; i < rows; i++) {
        const to = i * outputs;
        for (let o = 0; o < outputs; o++) gradient[biases + o] += delta[to + o];
        for (let k = 0; k < inputs; k++) {
          const value = source[i * inputs + k], w = start + k * outputs;
          let back = 0;
          for (let o = 0; o < outputs; o++) {
            gradient[w + o] += value * delta[to + o];
            back += parameters[w + o] * delta[to + o];
          }
          if (before) before[i * inputs + k] = back * (1 - value * value);
        }
      }
      for (let w = start; w < biases; w++) {
        loss += 0.5 * penalty * parameters[w] * parameters[w] / rows;
        gradient[w] += penalty * parameters[w] / rows;
      }
      if (before) delta = before;
      end = start;
    }
    return loss;
  }
}

function softmaxInPlace(x: Float64Array, at: number, size: number) {
  let largest = -Infinity, sum = 0;
  for (let o = at; o < at + size; o++) if (x[o] > largest) largest = x[o];
  for (let o = at; o < at + size; o++) sum += x[o] = Math.exp(x[o] - largest);
  for (let o = at; o < at + size; o++) x[o] /= sum;
}
