/** The cases of the tensor bench, as data that goes to every peer, and our way of taking one step of each. */
import { Random } from "../../lib/core/mod.ts";
import {
  adam,
  bidirectional,
  constant,
  createParameters,
  disposeParameters,
  gelu,
  glorotUniform,
  gru,
  layerNorm,
  lstm,
  multiHeadAttention,
  orthogonal,
  type ParameterSet,
  tf,
  zeros,
} from "../../lib/tensor/mod.ts";

/** A classifier of sequences: recurrent layers, the last state or the maximum over time, one dense layer; Adam. */
export interface RecurrentCase {
  kind: "recurrent";
  cell: "gru" | "lstm";
  units: number[];
  bidirectional: boolean;
  pool: "last" | "max";
  batch: number;
  time: number;
  features: number;
  classes: number;
}
/** A matrix product, or `batch` of them. */
export interface ProductCase {
  kind: "product";
  batch: number;
  m: number;
  n: number;
  k: number;
  transposeA: boolean;
  transposeB: boolean;
}
/** Convolutions 3x3 with relu one after the other, forward and all gradients, that of the image included. */
export interface ConvolutionsCase {
  kind: "convolutions";
  batch: number;
  size: number;
  channels: number;
  layers: number;
}
/** A transformer block, normalised before each part, with GELU; Adam, and the gradient of the tokens. */
export interface TransformerCase {
  kind: "transformer";
  batch: number;
  time: number;
  width: number;
  heads: number;
  feedForward: number;
}
/** A variational autoencoder of dense layers with relu, its sizes from the data to the latent space; Adam. */
export interface AutoencoderCase {
  kind: "autoencoder";
  batch: number;
  sizes: number[];
}
/** An autoencoder of GRUs: as many layers to encode a sequence of values as to decode it; Adam. */
export interface SequenceAutoencoderCase {
  kind: "sequence autoencoder";
  layers: number;
  units: number;
  batch: number;
  time: number;
}
/** A step that is measured. */
export type BenchCase =
  | SequenceAutoencoderCase
  | RecurrentCase
  | ProductCase
  | ConvolutionsCase
  | TransformerCase
  | AutoencoderCase;

/** A case made ready. */
export interface ReadyCase {
  /** Takes one whole step and reads a number of its result, so that nothing is left to be done. */
  step: () => Promise<void>;
  /** Frees its tensors. */
  dispose: () => void;
}

/** Additions and multiplications of a step's matrix products by the direct method; 0 for a recurrence. */
export function arithmetic(given: BenchCase): number {
  const { batch } = given;
  switch (given.kind) {
    case "product":
      return 2 * batch * given.m * given.n * given.k;
    case "convolutions":
      return given.layers * 3 * 2 * batch * given.size ** 2 * 9 * given.channels ** 2;
    case "transformer": {
      const { time, width, feedForward } = given;
      return 3 * 2 * batch * time * (4 * width ** 2 + 2 * width * feedForward + 2 * time * width);
    }
    case "autoencoder": {
      const pairs = given.sizes.slice(1).map((size, i) => size * given.sizes[i]);
      // The gradient of the data is not computed; the latent layer has a mean and a spread.
      const encoder = pairs.reduce((sum, pair, i) => sum + pair * (i === pairs.length - 1 ? 2 : 1), 0);
      const decoder = pairs.reduce((sum, pair) => sum + pair, 0);
      return 2 * batch * (3 * (encoder + decoder) - pairs[0]);
    }
    case "recurrent":
    case "sequence autoencoder":
      return 0;
  }
}

function normal(shape: number[], seed: number): tf.Tensor {
  const random = new Random(seed);
  return tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal()), shape);
}

/** A training step on those parameters, with Adam; the gradients of `also` are computed and thrown away. */
function trained(
  parameters: ParameterSet,
  data: tf.Tensor[],
  loss: () => tf.Tensor,
  also: tf.Variable[] = [],
): ReadyCase {
  const optimizer = adam(), state = optimizer.init(parameters);
  const variables = [...Object.values(parameters), ...also];
  let step = 0;
  return {
    async step() {
      const { value, grads } = tf.variableGrads(() => loss().asScalar(), variables);
      const gradients = Object.fromEntries(
        Object.entries(parameters).map(([name, { name: own }]) => [name, grads[own]]),
      );
      optimizer.update({ parameters, gradients, state, step: step++ });
      await value.data();
      tf.dispose([value, grads]);
    },
    dispose() {
      disposeParameters(parameters);
      disposeParameters(state);
      tf.dispose(data);
    },
  };
}

function recurrent({ cell, units, pool, batch, time, features, classes, ...rest }: RecurrentCase): ReadyCase {
  const gates = cell === "gru" ? 3 : 4, directions = rest.bidirectional ? [false, true] : [false];
  const initial: Record<string, ReturnType<typeof zeros>> = {};
  let width = features;
  units.forEach((size, layer) => {
    for (const reverse of directions) {
      const name = `${layer}${reverse ? "back" : "forth"}`;
      initial[`${name}/kernel`] = glorotUniform([width, gates * size]);
      initial[`${name}/recurrent`] = orthogonal([size, gates * size]);
      initial[`${name}/bias`] = zeros(cell === "gru" ? [2, 3 * size] : [4 * size]);
    }
    width = size * directions.length;
  });
  initial["head/kernel"] = glorotUniform([width, classes]);
  initial["head/bias"] = zeros([classes]);
  const parameters = createParameters(initial, { seed: 1 }) as Record<string, tf.Variable>;
  const x = normal([batch, time, features], 2) as tf.Tensor3D, random = new Random(3);
  const labels = tf.tidy(() =>
    tf.oneHot(Array.from({ length: batch }, () => random.integer(0, classes)), classes).toFloat()
  );
  const loss = () => {
    let sequence: tf.Tensor = x;
    units.forEach((_, layer) => {
      const all = pool === "max" || layer < units.length - 1, input = sequence as tf.Tensor3D;
      const one = (reverse: boolean) => {
        const name = `${layer}${reverse ? "back" : "forth"}`;
        const kernel = parameters[`${name}/kernel`] as unknown as tf.Tensor2D;
        const inner = parameters[`${name}/recurrent`] as unknown as tf.Tensor2D;
        const bias = parameters[`${name}/bias`] as tf.Tensor, options = { reverse, returnSequences: all };
        return cell === "gru"
          ? gru(input, kernel, inner, bias, { ...options, resetAfter: true })
          : lstm(input, kernel, inner, bias as tf.Tensor1D, options);
      };
      sequence = rest.bidirectional ? bidirectional(() => one(false), () => one(true)) : one(false);
    });
    const last = pool === "max" ? tf.max(sequence, 1) : sequence;
    const scores = tf.add(
      tf.matMul(last as tf.Tensor2D, parameters["head/kernel"] as unknown as tf.Tensor2D),
      parameters["head/bias"],
    );
    return tf.losses.softmaxCrossEntropy(labels, scores);
  };
  return trained(parameters, [x, labels], loss);
}

function sequenceAutoencoder({ layers, units, batch, time }: SequenceAutoencoderCase): ReadyCase {
  const initial: Record<string, ReturnType<typeof zeros>> = {};
  for (const part of ["encoder", "decoder"]) {
    for (let layer = 0; layer < layers; layer++) {
      const width = layer > 0 || part === "decoder" ? units : 1;
      initial[`${part}${layer}/kernel`] = glorotUniform([width, 3 * units]);
      initial[`${part}${layer}/recurrent`] = orthogonal([units, 3 * units]);
      initial[`${part}${layer}/bias`] = zeros([2, 3 * units]);
    }
  }
  initial["head/kernel"] = glorotUniform([units, 1]);
  const p = createParameters(initial, { seed: 1 }) as Record<string, tf.Variable>;
  const x = normal([batch, time, 1], 2) as tf.Tensor3D;
  return trained(p, [x], () => {
    let sequence: tf.Tensor = x;
    for (const part of ["encoder", "decoder"]) {
      for (let layer = 0; layer < layers; layer++) {
        const [kernel, recurrent, bias] = ["kernel", "recurrent", "bias"].map((name) =>
          p[`${part}${layer}/${name}`] as tf.Tensor
        );
        const returnSequences = part === "decoder" || layer < layers - 1,
          options = { returnSequences, resetAfter: true };
        sequence = gru(
          sequence as tf.Tensor3D,
          kernel as tf.Tensor2D,
          recurrent as tf.Tensor2D,
          bias,
          options,
        );
        if (!returnSequences) sequence = sequence.expandDims(1).tile([1, time, 1]);
      }
    }
    const flat = sequence.reshape([batch * time, units]) as tf.Tensor2D;
    return tf.matMul(flat, p["head/kernel"] as tf.Tensor2D).sub(x.reshape([-1, 1])).square().mean();
  });
}

function product({ batch, m, n, k, transposeA, transposeB }: ProductCase): ReadyCase {
  const lead = batch > 1 ? [batch] : [];
  const a = normal([...lead, ...(transposeA ? [k, m] : [m, k])], 1);
  const b = normal([...lead, ...(transposeB ? [n, k] : [k, n])], 2);
  return {
    async step() {
      const out = tf.matMul(a, b, transposeA, transposeB);
      const first = tf.tidy(() => out.flatten().slice(0, 1));
      await first.data();
      tf.dispose([out, first]);
    },
    dispose: () => tf.dispose([a, b]),
  };
}

function convolutions({ batch, size, channels, layers }: ConvolutionsCase): ReadyCase {
  const x = normal([batch, size, size, channels], 1);
  const filters = Array.from(
    { length: layers },
    (_, k) => tf.tidy(() => tf.mul(normal([3, 3, channels, channels], k + 2), 0.05)),
  );
  const gradients = tf.valueAndGrads((x: tf.Tensor, ...filters: tf.Tensor[]) =>
    filters.reduce((y, w) => tf.relu(tf.conv2d(y as tf.Tensor4D, w as tf.Tensor4D, 1, "same")), x).sum()
      .asScalar()
  );
  return {
    async step() {
      const { value, grads } = gradients([x, ...filters]);
      await value.data();
      tf.dispose([value, grads]);
    },
    dispose: () => tf.dispose([x, filters]),
  };
}

function transformer({ batch, time, width, heads, feedForward }: TransformerCase): ReadyCase {
  const initial = {
    qkv: glorotUniform([width, 3 * width]),
    qkvBias: zeros([3 * width]),
    out: glorotUniform([width, width]),
    outBias: zeros([width]),
    up: glorotUniform([width, feedForward]),
    upBias: zeros([feedForward]),
    down: glorotUniform([feedForward, width]),
    downBias: zeros([width]),
    scale1: constant([width], 1),
    shift1: zeros([width]),
    scale2: constant([width], 1),
    shift2: zeros([width]),
    // The tokens too, so that their gradient is computed as in the middle of a network.
    x: zeros([batch, time, width]),
  };
  const p = createParameters(initial, { seed: 1 }) as unknown as Record<keyof typeof initial, tf.Variable>;
  const start = normal([batch, time, width], 2);
  p.x.assign(start);
  start.dispose();
  const { x: tokens, ...weights } = p;
  const normalised = (x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor) =>
    layerNorm(x, scale as tf.Tensor1D, shift as tf.Tensor1D);
  const dense = (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) =>
    tf.fused.matMul({ a: x.reshape([-1, x.shape.at(-1)!]) as tf.Tensor2D, b: kernel as tf.Tensor2D, bias })
      .reshape([...x.shape.slice(0, -1), kernel.shape[1]!]);
  const loss = () => {
    const x: tf.Tensor = tokens;
    const [q, k, v] = dense(normalised(x, p.scale1, p.shift1), p.qkv, p.qkvBias).split(3, 2);
    const attended = multiHeadAttention(q as tf.Tensor3D, k as tf.Tensor3D, v as tf.Tensor3D, { heads });
    const first = x.add(dense(attended, p.out, p.outBias));
    const second = gelu(dense(normalised(first, p.scale2, p.shift2), p.up, p.upBias));
    return first.add(dense(second, p.down, p.downBias)).square().mean();
  };
  return trained(weights, [tokens], loss, [tokens]);
}

function autoencoder({ batch, sizes }: AutoencoderCase): ReadyCase {
  const latent = sizes.at(-1)!, encoder = sizes.slice(0, -1), decoder = sizes.toReversed();
  const initial: Record<string, ReturnType<typeof zeros>> = {};
  const layer = (name: string, from: number, to: number) => {
    initial[`${name}/kernel`] = glorotUniform([from, to]);
    initial[`${name}/bias`] = zeros([to]);
  };
  encoder.slice(1).forEach((size, i) => layer(`encoder${i}`, encoder[i], size));
  layer("latent", encoder.at(-1)!, 2 * latent);
  decoder.slice(1).forEach((size, i) => layer(`decoder${i}`, decoder[i], size));
  const p = createParameters(initial, { seed: 1 }) as Record<string, tf.Variable>;
  const random = new Random(2);
  const x = tf.tensor2d(Float32Array.from({ length: batch * sizes[0] }, () => random.uniform(0, 1)), [
    batch,
    sizes[0],
  ]);
  const noise = normal([batch, latent], 3);
  const dense = (x: tf.Tensor, name: string) =>
    tf.fused.matMul({
      a: x as tf.Tensor2D,
      b: p[`${name}/kernel`] as unknown as tf.Tensor2D,
      bias: p[`${name}/bias`],
    });
  return trained(p, [x, noise], () => {
    let hidden: tf.Tensor = x;
    for (let i = 0; i < encoder.length - 1; i++) hidden = dense(hidden, `encoder${i}`).relu();
    const [mean, spread] = dense(hidden, "latent").split(2, 1);
    hidden = mean.add(spread.mul(0.5).exp().mul(noise));
    for (let i = 0; i < decoder.length - 1; i++) {
      const out = dense(hidden, `decoder${i}`);
      hidden = i < decoder.length - 2 ? out.relu() : out.sigmoid();
    }
    const divergence = spread.add(1).sub(mean.square()).sub(spread.exp()).sum(1).mul(-0.5);
    return hidden.sub(x).square().sum(1).mean().add(divergence.mean().mul(0.5));
  });
}

/** Makes a case ready on the current backend, with its tensors. */
export function prepare(given: BenchCase): ReadyCase {
  switch (given.kind) {
    case "recurrent":
      return recurrent(given);
    case "sequence autoencoder":
      return sequenceAutoencoder(given);
    case "product":
      return product(given);
    case "convolutions":
      return convolutions(given);
    case "transformer":
      return transformer(given);
    case "autoencoder":
      return autoencoder(given);
  }
}
