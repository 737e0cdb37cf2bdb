// Trains a small network that uses every kind of wide tile for three steps of Adam and prints a digest of each weight;
// wide_test.ts starts it with and without wide vectors.
import {
  adam,
  createParameters,
  glorotUniform,
  gru,
  layerNorm,
  lstm,
  multiHeadAttention,
  orthogonal,
  tf,
  useBackend,
  type WasmBackend,
  zeros,
} from "../../lib/tensor/mod.ts";

await useBackend("wasm", { threads: 2, quiet: true });
console.log((tf.backend() as unknown as WasmBackend).engine.wide);

const parameters = createParameters({
  // 32 to 32 channels go through Winograd's method in all three products, 32 to 40 and the strided one directly.
  square: glorotUniform([3, 3, 32, 32]),
  direct: glorotUniform([3, 3, 32, 40]),
  strided: glorotUniform([5, 5, 40, 7]),
  gruKernel: glorotUniform([40, 60]),
  gruRecurrent: orthogonal([20, 60]),
  gruBias: zeros([2, 60]),
  lstmKernel: glorotUniform([20, 76]),
  lstmRecurrent: orthogonal([19, 76]),
  lstmBias: zeros([76]),
  projection: glorotUniform([20, 54]),
  head: glorotUniform([19, 37]),
}, { seed: 1 });
type Weights = Record<string, tf.Tensor>;
const images = tf.randomNormal<tf.Rank.R4>([6, 13, 11, 32], 0, 1, "float32", 2);
const mask = tf.tensor2d(Array.from({ length: 6 * 13 }, (_, k) => Number(k % 13 < 13 - k / 13)), [6, 13]);

function loss(): tf.Scalar {
  const w: Weights = parameters;
  const first = tf.relu(tf.conv2d(images, w.square as tf.Tensor4D, 1, "same"));
  const planes = tf.relu(tf.conv2d(first, w.direct as tf.Tensor4D, 1, "same"));
  const extra = tf.conv2d(planes, w.strided as tf.Tensor4D, 2, "valid");
  const sequence = tf.reshape(tf.mean(planes, 2), [6, 13, 40]) as tf.Tensor3D;
  const states = gru(sequence, w.gruKernel as tf.Tensor2D, w.gruRecurrent as tf.Tensor2D, w.gruBias, {
    returnSequences: true,
    resetAfter: true,
    mask,
  }) as tf.Tensor3D;
  const flat = tf.reshape(layerNorm(states, null, null), [6 * 13, 20]) as tf.Tensor2D;
  const projected = tf.reshape(tf.matMul(flat, w.projection as tf.Tensor2D), [6, 13, 54]);
  const [query, key, value] = tf.split(projected, 3, 2) as tf.Tensor3D[];
  const attended = multiHeadAttention(query, key, value, { heads: 3, mask });
  const all = lstm(
    states,
    w.lstmKernel as tf.Tensor2D,
    w.lstmRecurrent as tf.Tensor2D,
    w.lstmBias as tf.Tensor1D,
    {
      returnSequences: true,
      reverse: true,
      gates: "recompute",
    },
  );
  const scores = tf.matMul(tf.reshape(all, [6 * 13, 19]), w.head as tf.Tensor2D);
  return tf.addN([scores, extra, attended].map((each) => tf.mean(tf.square(each)))) as tf.Scalar;
}

const optimizer = adam({ learningRate: 1e-3 }), state = optimizer.init(parameters);
for (let step = 0; step < 3; step++) {
  const { value, grads } = tf.variableGrads(loss, Object.values(parameters));
  const gradients = Object.fromEntries(
    Object.entries(parameters).map(([name, { name: own }]) => [name, grads[own]]),
  );
  optimizer.update({ parameters, gradients, state, step });
  tf.dispose([value, grads]);
}
for (const [name, weight] of Object.entries(parameters)) {
  const digest = await crypto.subtle.digest("SHA-256", weight.dataSync().slice().buffer);
  console.log(name, new Uint8Array(digest).toHex());
}
