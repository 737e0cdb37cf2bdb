// What must hold for every transformer, whatever its parameters.
import assert from "node:assert/strict";
import fc from "fast-check";
import { EphemeraError, Random } from "../../lib/core/mod.ts";
import {
  attentionParameters,
  classTokenParameters,
  crossAttention,
  dense,
  denseParameters,
  feedForward,
  feedForwardParameters,
  prependClassToken,
  readClassToken,
  selfAttention,
  transformer,
  type TransformerOptions,
  transformerParameters,
} from "../../lib/layers/mod.ts";
import { erf } from "../../lib/numerics/mod.ts";
import { createParameters, disposeParameters, gelu, type ParameterSet, tf } from "../../lib/tensor/mod.ts";
import { checkSlopes, close, draw, drawnParameters, values, weighted } from "./transformer_support.ts";

/** A stack of random sizes with random parameters, and a batch for it. */
const models = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  heads: fc.integer({ min: 1, max: 3 }),
  headSize: fc.integer({ min: 1, max: 4 }),
  width: fc.integer({ min: 2, max: 9 }),
  hidden: fc.integer({ min: 1, max: 12 }),
  layers: fc.integer({ min: 1, max: 3 }),
  norm: fc.constantFrom("pre", "post", "none") as fc.Arbitrary<"pre" | "post" | "none">,
  batch: fc.integer({ min: 1, max: 4 }),
  length: fc.integer({ min: 1, max: 9 }),
});

interface Model {
  options: TransformerOptions;
  parameters: ParameterSet;
  x: tf.Tensor3D;
  mask: tf.Tensor2D;
  seen: Float32Array;
  batch: number;
  length: number;
  width: number;
}

/** Calls `check` with the model of a draw, on the wasm backend, and frees it. */
function withModels(check: (model: Model) => void, runs = 25): void {
  fc.assert(
    fc.property(models, ({ seed, batch, length, ...options }) => {
      const plan = {
        ...classTokenParameters("model", options.width),
        ...transformerParameters("model", options),
      };
      // Without normalisation large parameters make numbers too large to compare.
      const deviation = options.norm === "none" ? 0.2 : 0.5;
      const parameters = drawnParameters(plan, seed, deviation),
        x = draw<tf.Rank.R3>([batch, length, options.width], seed);
      const random = new Random(seed).stream("mask");
      const seen = Float32Array.from({ length: batch * length }, () => Number(random.uniform() < 0.6));
      const mask = tf.tensor2d(seen, [batch, length]);
      check({ options, parameters, x, mask, seen, batch, length, width: options.width });
      tf.dispose([x, mask]);
      disposeParameters(parameters);
    }),
    { numRuns: runs, seed: 20 },
  );
}

Deno.test("without positions, permuting the tokens permutes the results", async () => {
  await tf.setBackend("wasm");
  withModels(({ options, parameters, x, mask, length, seen }) => {
    const order = new Random(String(seen)).permutation(length);
    const permuted = (t: tf.Tensor) => tf.gather(t, tf.tensor1d(Array.from(order), "int32"), 1);
    const expected = values(() => permuted(transformer(parameters, "model", x, options, { mask })));
    const found = values(() =>
      transformer(parameters, "model", permuted(x) as tf.Tensor3D, options, { mask: permuted(mask) })
    );
    close(found, expected, 1e-5, "permuted");
  });
});

Deno.test("what hidden tokens hold does not matter to the others, nor do gradients flow to them", async () => {
  await tf.setBackend("wasm");
  withModels(({ options, parameters, x, mask, seen, width }) => {
    const run = (x: tf.Tensor) => transformer(parameters, "model", x as tf.Tensor3D, options, { mask });
    const rows = (t: tf.Tensor) => tf.mul(t, tf.expandDims(mask, 2));
    const changed = values(() =>
      rows(run(tf.add(x, tf.mul(tf.sub(1, tf.expandDims(mask, 2)), draw(x.shape, 5)))))
    );
    const before = values(() => rows(run(x)));
    close(changed, before, 1e-6, "results of the seen");
    const gradient = values(() => tf.grad((x: tf.Tensor) => weighted(rows(run(x)), 6))(x));
    gradient.forEach((slope, k) => {
      if (seen[Math.floor(k / width)] === 0) {
        assert.equal(Math.abs(slope), 0, `gradient of hidden element ${k}`);
      }
    });
  });
});

Deno.test("the class token is seen by all, and sees alone where everything is hidden", async () => {
  await tf.setBackend("wasm");
  withModels(({ options, parameters, x, mask, batch, width }) => {
    const run = (x: tf.Tensor3D, mask: tf.Tensor2D) => {
      const marked = prependClassToken(parameters, "model", x, mask);
      return transformer(parameters, "model", marked.tokens, options, { mask: marked.mask });
    };
    const hidden = tf.zerosLike(mask) as tf.Tensor2D;
    const found = values(() => readClassToken(run(x, hidden)));
    const alone = values(() => {
      const token = tf.reshape(parameters["model/class token"], [1, 1, width]) as tf.Tensor3D;
      return tf.tile(transformer(parameters, "model", token, options), [batch, 1, 1]);
    });
    close(found, alone, 1e-5, "class token alone");
    // Another class token gives the others other results, though they see nothing else.
    const others = () => values(() => tf.slice(run(x, hidden), [0, 1, 0]));
    const first = others(), token = parameters["model/class token"];
    const moved = tf.add(tf.mul(token, -2), 1);
    token.assign(moved);
    const second = others();
    tf.dispose([moved, hidden]);
    // A width of two after a normalisation holds nothing but a sign.
    if (width > 2) assert.notDeepEqual(first, second);
  });
});

Deno.test("each object of a batch is computed as if it were alone", async () => {
  await tf.setBackend("wasm");
  withModels(({ options, parameters, x, mask, batch, length, width }) => {
    const together = values(() => transformer(parameters, "model", x, options, { mask }));
    const alone = Array.from(
      { length: batch },
      (_, k) =>
        values(() =>
          transformer(parameters, "model", tf.slice(x, [k, 0, 0], [1, length, width]), options, {
            mask: tf.slice(mask, [k, 0], [1, length]),
          })
        ),
    );
    close(together, alone.flatMap((each) => [...each]), 1e-5, "alone");
  });
});

for (const norm of ["pre", "post", "none"] as const) {
  Deno.test(`gradients agree with finite differences, norm ${norm}, heads of their own size`, async () => {
    await tf.setBackend("wasm");
    const options: TransformerOptions = { width: 5, heads: 3, headSize: 2, hidden: 7, layers: 2, norm };
    const plan = { ...classTokenParameters("model", 5), ...transformerParameters("model", options) };
    const parameters = drawnParameters(plan, 3), x = draw<tf.Rank.R3>([2, 4, 5], 4);
    const mask = tf.tensor2d([[1, 0, 1, 1], [0, 1, 0, 1]]);
    checkSlopes(
      ([x]) => {
        const marked = prependClassToken(parameters, "model", x as tf.Tensor3D, mask);
        return weighted(transformer(parameters, "model", marked.tokens, options, { mask: marked.mask }), 7);
      },
      parameters,
      { x },
    );
    disposeParameters(parameters);
    tf.dispose([x, mask]);
  });
}

Deno.test("forward and backward passes leave no tensor behind", async () => {
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    withModels(({ options, parameters, x, mask }) => {
      const before = tf.memory().numTensors;
      const marked = prependClassToken(parameters, "model", x, mask);
      const result = transformer(parameters, "model", marked.tokens, options, { mask: marked.mask });
      const token = readClassToken(result);
      tf.dispose([marked.tokens, marked.mask!, result, token]);
      assert.equal(tf.memory().numTensors, before, "forward");
      const { value, grads } = tf.variableGrads(
        () => weighted(transformer(parameters, "model", x, options, { mask }), 1),
        Object.values(parameters).filter((each) => each !== parameters["model/class token"]),
      );
      tf.dispose([value, grads as unknown as tf.Tensor]);
      assert.equal(tf.memory().numTensors, before, "backward");
    }, 5);
  }
});

Deno.test("a dense layer is x kernel + bias along the last axis of any rank, with and without bias", async () => {
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    for (const shape of [[3], [4, 3], [2, 4, 3], [2, 1, 2, 3]]) {
      for (const bias of [true, false]) {
        const parameters = drawnParameters(denseParameters("layer", 3, 2, { bias }), 1);
        assert.equal(Object.keys(parameters).length, bias ? 2 : 1);
        const x = draw(shape as [number], 2), given = x.dataSync();
        const kernel = parameters["layer/kernel"].dataSync();
        const offset = bias ? parameters["layer/bias"].dataSync() : [0, 0];
        const expected: number[] = [];
        for (let row = 0; row < given.length; row += 3) {
          for (let j = 0; j < 2; j++) {
            expected.push(
              offset[j] + [0, 1, 2].reduce((sum, i) => sum + given[row + i] * kernel[2 * i + j], 0),
            );
          }
        }
        const out = dense(parameters, "layer", x);
        assert.deepEqual(out.shape, [...shape.slice(0, -1), 2]);
        close(out.dataSync(), expected, 1e-6, `rank ${shape.length}`);
        checkSlopes(([x]) => weighted(dense(parameters, "layer", x), 3), parameters, { x });
        disposeParameters(parameters);
        tf.dispose([x, out]);
      }
    }
  }
});

Deno.test("gelu is x times the normal distribution function, far out too, and so is its slope", async () => {
  const x = [...Array.from({ length: 81 }, (_, k) => -6 + 0.15 * k), -200, -30, 30, 200];
  const distribution = (x: number) => 0.5 * (1 + erf(x / Math.SQRT2));
  const density = (x: number) => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    const t = tf.tensor1d(x), y = values(() => gelu(t)), slope = values(() => tf.grad(gelu)(t));
    x.forEach((x, k) => {
      const bound = 3e-7 * (1 + Math.abs(x));
      assert.ok(Math.abs(y[k] - x * distribution(x)) <= bound, `gelu(${x}) is ${y[k]} (${backend})`);
      const expected = distribution(x) + x * density(x);
      assert.ok(Math.abs(slope[k] - expected) <= 1e-6, `slope at ${x} is ${slope[k]} (${backend})`);
    });
    t.dispose();
  }
});

Deno.test("first values follow their rules: Glorot or a narrow normal law, biases zero, gains one, tokens N(0, 1)", () => {
  const moments = (each: tf.Tensor) => {
    const values = Float32Array.from(each.dataSync()),
      mean = values.reduce((a, b) => a + b, 0) / values.length;
    return [mean, Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length)];
  };
  const sizes = { width: 48, heads: 4, layers: 1 };
  const rules = [["glorot", Math.sqrt(2 / (48 + 48)), Math.sqrt(2 / (48 + 96))], [
    { normal: 0.02 },
    0.02,
    0.02,
  ]];
  for (const [kernel, square, wide] of rules as ["glorot" | { normal: number }, number, number][]) {
    const parameters = createParameters({
      ...classTokenParameters("model", 1000),
      ...transformerParameters("model", { ...sizes, kernel }),
    }, { seed: 1 });
    for (const [name, each] of Object.entries(parameters)) {
      const [mean, deviation] = moments(each);
      if (/bias$|offset$/.test(name)) assert.deepEqual([mean, deviation], [0, 0], name);
      else if (name.endsWith("gain")) assert.deepEqual([mean, deviation], [1, 0], name);
      else {
        const expected = name.endsWith("token") ? 1 : name.includes("feed forward") ? wide : square;
        assert.ok(Math.abs(mean) < 0.1 * expected, `${name}: mean ${mean}`);
        assert.ok(
          Math.abs(deviation / expected - 1) < 0.08,
          `${name}: deviation ${deviation}, not ${expected}`,
        );
      }
    }
    disposeParameters(parameters);
  }
});

Deno.test("bad sizes, shapes and missing parameters are refused with a sentence", async () => {
  await tf.setBackend("cpu");
  const refused = (action: () => unknown, message: RegExp) =>
    assert.throws(
      action,
      (error) => error instanceof EphemeraError && message.test(error.message),
      String(message),
    );
  const options: TransformerOptions = { width: 4, heads: 2, layers: 1 };
  const parameters = createParameters({
    ...classTokenParameters("model", 4),
    ...transformerParameters("model", options),
    ...attentionParameters("cross", { width: 4, heads: 2, sourceWidth: 3 }),
    ...feedForwardParameters("feed", { width: 4 }),
  }, { seed: 1 });
  const x: tf.Tensor3D = tf.ones([2, 3, 4]), narrow: tf.Tensor3D = tf.ones([2, 3, 3]);
  const one: tf.Tensor3D = tf.ones([1, 3, 3]),
    mask = tf.ones([2, 4]),
    flat = tf.ones([2, 3]) as tf.Tensor as tf.Tensor3D;
  refused(
    () => transformerParameters("model", { ...options, heads: 3 }),
    /heads that divides.*3 heads for a width of 4/,
  );
  refused(() => transformerParameters("model", { ...options, layers: 0 }), /number of layers, found 0/);
  refused(() => transformerParameters("model", { ...options, hidden: 1.5 }), /number of outputs, found 1.5/);
  refused(() => transformerParameters("model", { ...options, headSize: -1 }), /width of a head, found -1/);
  refused(
    () => transformerParameters("model", { ...options, kernel: { normal: 0 } }),
    /standard deviation.*found 0/,
  );
  const norm = "both" as TransformerOptions["norm"];
  refused(
    () => transformerParameters("model", { ...options, norm }),
    /"pre", "post" or "none", found "both"/,
  );
  refused(() => classTokenParameters("model", 0), /width, found 0/);
  refused(() => transformer(parameters, "model", narrow, options), /\[batch, length, 4\].*found \[2, 3, 3\]/);
  refused(() => transformer(parameters, "model", flat, options), /\[batch, length, 4\].*found \[2, 3\]/);
  refused(
    () => transformer(parameters, "model", x, options, { mask }),
    /mask of shape \[2, 3\].*found \[2, 4\]/,
  );
  refused(
    () => transformer(parameters, "other", x, options),
    /parameter "other\/block 0\/attention norm\/gain"/,
  );
  refused(() => transformer(parameters, "model", x, { ...options, layers: 2 }), /parameter "model\/block 1/);
  refused(() => transformer(parameters, "model", x, { ...options, headSize: 3 }), /queries of width 6/);
  for (const rate of ["dropout", "attentionDropout", "attentionOutputDropout"]) {
    for (const found of [-0.1, 1, NaN]) {
      refused(
        () => transformer(parameters, "model", x, { ...options, [rate]: found }),
        new RegExp(`rate from 0 to below 1 as ${rate}, found ${found}`),
      );
    }
  }
  const cross = { width: 4, heads: 2, sourceWidth: 3 };
  refused(() => crossAttention(parameters, "cross", x, x, cross), /\[batch, length, 3\]/);
  refused(() => crossAttention(parameters, "cross", x, one, cross), /source of 2 batch rows/);
  refused(() => selfAttention(parameters, "cross", x, cross), /last axis has 3 elements/);
  refused(() => feedForward(parameters, "feed", narrow, { width: 4 }), /last axis has 4 elements/);
  refused(() => prependClassToken(parameters, "model", narrow), /\[batch, length, 4\]/);
  refused(() => prependClassToken(parameters, "model", x, mask), /mask of shape \[2, 3\]/);
  refused(() => prependClassToken(parameters, "other", x), /parameter "other\/class token"/);
  tf.dispose([x, narrow, one, mask, flat]);
  disposeParameters(parameters);
});
