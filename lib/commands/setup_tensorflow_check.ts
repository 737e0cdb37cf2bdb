/** Does an installed TensorFlow train, and does it compute what plain JavaScript computes? */
import { demand } from "../core/mod.ts";

/** What {@link checkTensorFlow} found. */
export interface TensorFlowCheck {
  /** What it runs on. */
  device: string;
  /** The loss before and after ten steps. */
  losses: [before: number, after: number];
  /** Largest difference of the losses from those of plain JavaScript, relative. */
  difference: number;
  /** 10^9 operations a second in a product of two matrices 1024 x 1024. */
  gflops: number;
}

/**
 * Trains a small recurrent network for ten steps on native TensorFlow and on the cpu backend, from the same weights.
 *
 * @throws EphemeraError when it does not load, or computes something else.
 */
export async function checkTensorFlow(): Promise<TensorFlowCheck> {
  const { adam, createParameters, disposeParameters, glorotUniform, gru, tf, useBackend, zeros } =
    await import("../tensor/mod.ts");
  const { device } = await useBackend("tensorflow", { quiet: true });

  const train = async (): Promise<number[]> => {
    const initial = {
      kernel: glorotUniform([2, 24]),
      recurrent: glorotUniform([8, 24]),
      bias: zeros([24]),
      head: glorotUniform([8, 1]),
    };
    const parameters = createParameters(initial, { seed: 1 }), optimizer = adam({ learningRate: 0.02 });
    const state = optimizer.init(parameters);
    const { kernel, recurrent, bias, head } = parameters as unknown as Record<
      string,
      import("../tensor/mod.ts").tf.Tensor2D
    >;
    const values = Float32Array.from({ length: 16 * 5 * 2 }, (_, i) => Math.sin(i * i));
    const x = tf.tensor3d(values, [16, 5, 2]), y = tf.tidy(() => tf.mean(x, [1, 2]).expandDims(1));
    const losses: number[] = [];
    for (let step = 0; step <= 10; step++) {
      const { value, grads } = tf.variableGrads(() =>
        tf.matMul(gru(x, kernel, recurrent, bias) as typeof kernel, head).sub(y).square().mean().asScalar()
      );
      losses.push((await value.data())[0]);
      const gradients = Object.fromEntries(
        Object.entries(parameters).map(([name, { name: own }]) => [name, grads[own]]),
      );
      optimizer.update({ parameters, gradients, state, step });
      tf.dispose([value, grads]);
    }
    disposeParameters(parameters);
    disposeParameters(state);
    tf.dispose([x, y]);
    return losses;
  };
  const native = await train();
  const a: import("../tensor/mod.ts").tf.Tensor2D = tf.ones([1024, 1024]);
  const product = async () => {
    const out = tf.matMul(a, a);
    await out.data();
    out.dispose();
  };
  await product();
  const begin = performance.now();
  for (let k = 0; k < 5; k++) await product();
  const gflops = 5 * 2 * 1024 ** 3 / 1e6 / (performance.now() - begin);
  a.dispose();
  await useBackend("cpu", { quiet: true });
  const plain = await train();
  const difference = Math.max(...native.map((loss, i) => Math.abs(loss - plain[i]) / plain[i]));
  demand(difference < 1e-3 && native[10] < native[0], {
    expected: `the losses of plain JavaScript, ${plain[0]} to ${plain[10]}`,
    found: `${native[0]} to ${native[10]}`,
    where: "native TensorFlow",
    remedy: "remove it (deno task setup:tensorflow --remove) and use the backend wasm",
  });
  return { device, losses: [native[0], native[10]], difference, gflops };
}
