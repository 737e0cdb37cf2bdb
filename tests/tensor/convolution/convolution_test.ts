import assert from "node:assert/strict";
import { tf } from "../../../lib/tensor/mod.ts";
import { agree, generator, integer, size } from "../wasm/compare.ts";

interface Case {
  seed: number;
  shape: [number, number, number, number];
  filter: [number, number, number, number];
  strides: [number, number];
  dilations: [number, number];
  pad: "same" | "valid" | number;
}

/** A random convolution whose result is not empty. */
function randomCase(seed: number, kind: "stride" | "dilation"): Case {
  const random = generator(seed), small = () => integer(random, 1, 4);
  const filter: Case["filter"] = [small(), small(), size(random, 20), size(random, 20)];
  const dilations: [number, number] = kind === "dilation" ? [small(), small()] : [1, 1];
  const strides: [number, number] = kind === "stride" ? [small(), small()] : [1, 1];
  // A number as padding is understood by tfjs for square filters and strides alone.
  const pads: Case["pad"][] = ["same", "valid"];
  if (filter[0] === filter[1] && dilations[0] === 1 && dilations[1] === 1 && strides[0] === strides[1]) {
    pads.push(0, 1, 3);
  }
  const least = (d: number) => (filter[d] - 1) * dilations[d] + 1;
  const shape: Case["shape"] = [
    integer(random, 1, 4),
    least(0) + integer(random, 0, 5),
    least(1) + integer(random, 0, 5),
    filter[2],
  ];
  return { seed, shape, filter, strides, dilations, pad: pads[integer(random, 0, pads.length - 1)] };
}

for (const kind of ["stride", "dilation"] as const) {
  Deno.test(`conv2d with any ${kind} and its gradients agree with the cpu backend`, async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const { shape, filter, strides, dilations, pad } = randomCase(seed, kind);
      await agree(
        (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad, "NHWC", dilations),
        { seed, inputs: [{ shape }, { shape: filter }], gradient: true, tolerance: 1e-4 },
        `strides ${strides} dilations ${dilations} pad ${pad}`,
      );
    }
  });
}

Deno.test("the convolution of 21 x 21 stamps agrees with the cpu backend", async () => {
  await agree((x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same"), {
    seed: 7,
    inputs: [{ shape: [1, 21, 21, 32] }, { shape: [3, 3, 32, 16] }],
    gradient: true,
    // The results are sums of 288 products, about 20 in size.
    tolerance: 5e-4,
  });
});

Deno.test("paddings given side by side agree with the cpu backend", async () => {
  const pads: [number, number][][] = [
    [[0, 0], [2, 1], [0, 3], [0, 0]],
    [[0, 0], [0, 0], [4, 0], [0, 0]],
    [[0, 0], [5, 5], [5, 5], [0, 0]],
  ];
  for (const [seed, pad] of pads.entries()) {
    await agree(
      (x, w) =>
        tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, [1, 2], pad as unknown as number, "NHWC", [1, 1]),
      {
        seed,
        inputs: [{ shape: [2, 5, 6, 3] }, { shape: [3, 2, 3, 9] }],
        gradient: true,
        tolerance: 1e-4,
      },
    );
  }
});

Deno.test("conv1d with strides, dilations and paddings agrees with the cpu backend, with its gradients", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = generator(seed), width = integer(random, 1, 5), channels = size(random, 12);
    const dilation = seed % 2 ? 1 : integer(random, 2, 3), stride = seed % 2 ? integer(random, 1, 3) : 1;
    const length = (width - 1) * dilation + integer(random, 1, 20);
    await agree(
      (x, w) =>
        tf.conv1d(
          x as tf.Tensor3D,
          w as tf.Tensor3D,
          stride,
          random() < 2 && seed % 3 ? "same" : "valid",
          "NWC",
          dilation,
        ),
      {
        seed,
        inputs: [{ shape: [integer(random, 1, 4), length, channels] }, {
          shape: [width, channels, size(random, 12)],
        }],
        gradient: true,
        tolerance: 1e-4,
      },
    );
  }
});

Deno.test("the convolution with bias and activation in one agrees with the cpu backend", async () => {
  const activations = ["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu"] as const;
  for (const [k, activation] of activations.entries()) {
    for (const channels of [1, 8, 11]) {
      await agree((x, filter, bias) =>
        tf.fused.conv2d({
          x: x as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          bias,
          strides: 1,
          pad: "same",
          activation,
          leakyreluAlpha: 0.3,
        }), {
        seed: k + 1,
        inputs: [{ shape: [2, 6, 5, 3] }, { shape: [3, 3, 3, channels] }, { shape: [channels] }],
        // tfjs has no fused gradient for the last three and composes the operation under a tape.
        gradient: activation === "linear" || activation === "relu",
        tolerance: 1e-4,
      });
    }
  }
});

Deno.test("a transposed convolution agrees with the cpu backend, with its gradients", async () => {
  for (const [seed, stride] of [1, 2, 3].entries()) {
    const side = stride * 4;
    await agree(
      (x, w) => tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [2, side, side, 3], stride, "same"),
      {
        seed,
        inputs: [{ shape: [2, 4, 4, 5] }, { shape: [3, 3, 3, 5] }],
        gradient: true,
        tolerance: 1e-4,
      },
    );
  }
});

Deno.test("the gradients of a dilated and of a strided convolution agree with finite differences", async () => {
  await tf.setBackend("wasm");
  const random = generator(3);
  const draw = (n: number) => Float32Array.from({ length: n }, () => random() - 0.5);
  const settings: { stride: [number, number]; dilation: [number, number] }[] = [
    { stride: [2, 1], dilation: [1, 1] },
    { stride: [1, 1], dilation: [2, 3] },
  ];
  for (const { stride, dilation } of settings) {
    tf.tidy(() => {
      const values = [draw(2 * 7 * 8 * 3), draw(3 * 2 * 3 * 5)], shapes = [[2, 7, 8, 3], [3, 2, 3, 5]];
      let weight: tf.Tensor | undefined;
      const loss = (x: tf.Tensor, w: tf.Tensor) => {
        const y = tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, "same", "NHWC", dilation);
        weight ??= tf.tensor(draw(y.size), y.shape);
        return tf.sum(tf.mul(y, weight)).asScalar();
      };
      const at = (given: Float32Array[]) =>
        loss(...given.map((v, i) => tf.tensor(v, shapes[i])) as [tf.Tensor, tf.Tensor]).dataSync()[0];
      at(values);
      const tensors = values.map((v, i) => tf.tensor(v, shapes[i]));
      const gradients = tf.grads(loss as (...t: tf.Tensor[]) => tf.Scalar)(tensors);
      for (const which of [0, 1]) {
        const gradient = gradients[which].dataSync();
        for (let trial = 0; trial < 12; trial++) {
          const k = integer(random, 0, values[which].length - 1), h = 0.25;
          const moved = (by: number) => at(values.map((v, i) => i === which ? v.with(k, v[k] + by) : v));
          // The result is linear in each input, so that the step may be large.
          const slope = (moved(h) - moved(-h)) / (2 * h);
          assert.ok(Math.abs(slope - gradient[k]) < 2e-4, `${stride} ${dilation}: ${slope}, ${gradient[k]}`);
        }
      }
    });
  }
});

Deno.test("a convolution gives the same bits again, and leaves no memory behind", async () => {
  await tf.setBackend("wasm");
  const random = generator(11);
  const x = tf.tensor4d(Float32Array.from({ length: 5 * 9 * 9 * 16 }, random), [5, 9, 9, 16]);
  const w = tf.tensor4d(Float32Array.from({ length: 9 * 16 * 24 }, random), [3, 3, 16, 24]);
  const gradient = tf.grads((x: tf.Tensor, w: tf.Tensor) =>
    tf.sum(tf.square(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same"))).asScalar()
  );
  const once = () => {
    const results = gradient([x, w]), values = results.map((t) => t.dataSync().slice());
    results.forEach((t) => t.dispose());
    return values;
  };
  const first = once();
  const { heap } = (tf.backend() as unknown as { engine: { heap: { bytesInUse: number } } }).engine;
  const before = heap.bytesInUse;
  for (let k = 0; k < 5; k++) assert.deepEqual(once(), first);
  assert.equal(heap.bytesInUse, before);
  tf.dispose([x, w]);
});
