/**
 * From the weights of a Keras layer to the arguments of this library's operations. Keras 1 stored one matrix a gate
 * (`W_z`, `U_z`, `b_z`, ...); Keras 2 stores them side by side in the order that `gru` and `lstm` use (z, r, h and
 * i, f, c, o).
 */
import { demand, EphemeraError } from "../../core/mod.ts";
import type { KerasLayer } from "./keras_hdf5.ts";
import type { PlainArray } from "./named_arrays.ts";

/** A float matrix or vector out of a weight file. */
export interface WeightArray {
  shape: number[];
  data: Float32Array | Float64Array;
}

/** Weights of a dense layer. */
export interface DenseWeights {
  /** `[inputs, outputs]` */
  kernel: WeightArray;
  /** `[outputs]`, or null when the layer has none. */
  bias: WeightArray | null;
}

/** Weights of a recurrent layer, gates side by side. */
export interface RecurrentWeights {
  /** `[features, gates * units]` */
  kernel: WeightArray;
  /** `[units, gates * units]` */
  recurrentKernel: WeightArray;
  /** `[gates * units]`, `[2, gates * units]` (a GRU with `reset_after`), or null when the layer has none. */
  bias: WeightArray | null;
  units: number;
}

/** Weights of a GRU, see `gru`. */
export interface GruWeights extends RecurrentWeights {
  /** Whether the reset gate acts after the recurrent product, as two rows of bias tell. */
  resetAfter: boolean;
}

/** Weights of a batch normalisation. */
export interface BatchNormalizationWeights {
  /** Scale, `[features]`, null when the layer was made without. */
  gamma: WeightArray | null;
  /** Offset, `[features]`, null when the layer was made without. */
  beta: WeightArray | null;
  movingMean: WeightArray;
  movingVariance: WeightArray;
}

/** Returns the weights of a dense layer, also within a TimeDistributed one. */
export function denseWeights(layer: KerasLayer): DenseWeights {
  const kernel = find(layer, ["kernel", "W"]);
  demand(kernel !== undefined && kernel.shape.length === 2, () => wrong(layer, "a matrix named kernel or W"));
  return { kernel, bias: vector(layer, ["bias", "b"], kernel.shape[1]) };
}

/** Returns the weights of a batch normalisation of Keras 2. */
export function batchNormalizationWeights(layer: KerasLayer): BatchNormalizationWeights {
  const movingMean = find(layer, ["moving_mean"]), movingVariance = find(layer, ["moving_variance"]);
  demand(
    movingMean !== undefined && movingVariance !== undefined,
    () => wrong(layer, "moving_mean, moving_variance"),
  );
  const features = movingMean.shape[0];
  demand(
    movingVariance.shape[0] === features,
    () => wrong(layer, "moving_mean and moving_variance of one length"),
  );
  const gamma = vector(layer, ["gamma"], features), beta = vector(layer, ["beta"], features);
  return { gamma, beta, movingMean, movingVariance };
}

/** Options of {@link gruWeights}. */
export interface GruWeightsOptions {
  /** Whether the reset gate acts after the recurrent product. The bias tells; needed for a layer without bias only. */
  resetAfter?: boolean;
}

/**
 * Returns the weights of a GRU. A weight file does not say the gates' activation: unless somebody chose another, it was
 * `hard_sigmoid` until Keras 2.2 and `sigmoid` in TensorFlow 2 and Keras 3.
 *
 * @throws EphemeraError when the shapes do not fit, and for a layer without bias unless `resetAfter` is given
 */
export function gruWeights(layer: KerasLayer, options: GruWeightsOptions = {}): GruWeights {
  const weights = recurrentWeights(layer, ["z", "r", "h"]);
  const told = weights.bias === null ? undefined : weights.bias.shape.length === 2;
  const resetAfter = told ?? options.resetAfter;
  demand(
    resetAfter !== undefined,
    () =>
      wrong(
        layer,
        "a bias, which tells where the reset gate acts",
        "give resetAfter (true in TensorFlow 2 and Keras 3)",
      ),
  );
  demand(
    options.resetAfter === undefined || options.resetAfter === resetAfter,
    () =>
      wrong(
        layer,
        `a bias of ${options.resetAfter ? "two rows" : "one row"}, since resetAfter is ${options.resetAfter}`,
      ),
  );
  return { ...weights, resetAfter };
}

/** Returns the weights of an LSTM of Keras 1 or 2. */
export function lstmWeights(layer: KerasLayer): RecurrentWeights {
  const weights = recurrentWeights(layer, ["i", "f", "c", "o"]);
  demand(weights.bias?.shape.length !== 2, () => wrong(layer, "one row of bias"));
  return weights;
}

/**
 * Returns the weights of the two directions of a bidirectional layer: the first half of the file's list is the forward
 * one.
 *
 * @param read what to make of each direction, e.g. {@link gruWeights}
 */
export function bidirectionalWeights<T>(
  layer: KerasLayer,
  read: (layer: KerasLayer) => T,
): { forward: T; backward: T } {
  const { name, weights } = layer, half = weights.length / 2;
  const sides = { forward: weights.slice(0, half), backward: weights.slice(half) };
  for (const [side, list] of Object.entries(sides)) {
    const fits = half > 0 && Number.isInteger(half) && list.every((each) => each.name.includes(side));
    demand(fits, () => wrong(layer, `weights of a forward layer and then of a backward layer`));
  }
  return {
    forward: read({ name: `${name}, forward`, weights: sides.forward }),
    backward: read({ name: `${name}, backward`, weights: sides.backward }),
  };
}

function recurrentWeights(layer: KerasLayer, gates: readonly string[]): RecurrentWeights {
  const fused = find(layer, ["kernel"]);
  const weights = fused === undefined ? joinGates(layer, gates) : {
    kernel: fused,
    recurrentKernel: find(layer, ["recurrent_kernel"]),
    bias: find(layer, ["bias"]) ?? null,
  };
  const { kernel, recurrentKernel, bias } = weights;
  demand(recurrentKernel !== undefined, () => wrong(layer, "a recurrent_kernel"));
  const [units, width] = recurrentKernel.shape;
  const fits = kernel.shape.length === 2 && recurrentKernel.shape.length === 2 &&
    width === gates.length * units && kernel.shape[1] === width;
  demand(
    fits,
    () => wrong(layer, `kernels [features, ${gates.length} units] and [units, ${gates.length} units]`),
  );
  const biasFits = bias === null || bias.shape.join() === `${width}` || bias.shape.join() === `2,${width}`;
  demand(biasFits, () =>
    wrong(
      layer,
      `a bias [${width}] or [2, ${width}]`,
      "load the file into Keras and save a layer that is not of the CuDNN kind",
    ));
  return { kernel, recurrentKernel, bias, units };
}

/** Keras 1: one `W`, `U` and `b` a gate. */
function joinGates(
  layer: KerasLayer,
  gates: readonly string[],
): { kernel: WeightArray; recurrentKernel: WeightArray; bias: WeightArray } {
  const join = (letter: string) => {
    const parts = gates.map((gate) => {
      const part = find(layer, [`${letter}_${gate}`]);
      demand(part !== undefined, () => wrong(layer, `kernel and recurrent_kernel, or ${letter}_${gate}`));
      return part;
    });
    demand(
      parts.every((part) => part.shape.join() === parts[0].shape.join()),
      () => wrong(layer, `matrices ${letter} of equal shape for all gates`),
    );
    return beside(parts);
  };
  return { kernel: join("W"), recurrentKernel: join("U"), bias: join("b") };
}

/** Joins arrays of equal shape along their last axis. */
function beside(parts: readonly WeightArray[]): WeightArray {
  const { shape } = parts[0], width = shape[shape.length - 1], total = width * parts.length;
  const rows = parts[0].data.length / width;
  const double = parts.some((part) => part.data instanceof Float64Array);
  const data = double ? new Float64Array(rows * total) : new Float32Array(rows * total);
  parts.forEach((part, p) => {
    for (let row = 0; row < rows; row++) {
      data.set(part.data.subarray(row * width, (row + 1) * width), row * total + p * width);
    }
  });
  return { shape: [...shape.slice(0, -1), total], data };
}

/** The weight whose last name is one of `names`: `gru/gru_cell/kernel:0` is a kernel, `encode_0_W_z:0` a W_z. */
function find(layer: KerasLayer, names: readonly string[]): WeightArray | undefined {
  const matches = layer.weights.filter(({ name }) => {
    const last = name.split("/").at(-1)!.replace(/:\d+$/, "");
    if (names.includes(last)) return true;
    // Keras 1 put the layer's name before the weight's. Its weights have one letter; so `recurrent_kernel` cannot pass
    // for a `kernel` that way.
    return !name.includes("/") &&
      names.some((each) => /^[WUb](_[a-z])?$/.test(each) && last.endsWith(`_${each}`));
  });
  demand(matches.length <= 1, () => wrong(layer, `one weight named ${names.join(" or ")}`));
  return matches.length === 0 ? undefined : floats(matches[0].array, layer.name);
}

function vector(layer: KerasLayer, names: readonly string[], length: number): WeightArray | null {
  const found = find(layer, names) ?? null;
  demand(
    found === null || found.shape.join() === `${length}`,
    () => wrong(layer, `${names[0]} of ${length} numbers`),
  );
  return found;
}

function floats(array: PlainArray, where: string): WeightArray {
  if (array.dtype === "float32" || array.dtype === "float64") {
    return { shape: [...array.shape], data: array.data };
  }
  throw new EphemeraError({ expected: "floats", found: array.dtype, where });
}

function wrong(layer: KerasLayer, expected: string, remedy?: string) {
  const list = layer.weights.map(({ name, array }) => `${name} [${array.shape.join(", ")}]`).join(", ");
  return {
    expected,
    found: list || "no weights",
    where: `Keras layer ${layer.name}`,
    ...(remedy && { remedy }),
  };
}
