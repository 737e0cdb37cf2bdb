import assert from "node:assert/strict";
import { type AttentionOptions, multiHeadAttention, tf } from "../../../lib/tensor/mod.ts";
import { composedAttention } from "../../../lib/tensor/attention/multi_head_attention.ts";
import { generator, integer } from "../wasm/compare.ts";

interface Case {
  batch: number;
  queries: number;
  keys: number;
  heads: number;
  width: number;
  valueWidth: number;
  /** Probability that a key is seen; 1 for no mask. */
  seen: number;
  seed: number;
}

interface Outcome {
  out: Float32Array;
  gradients: Float32Array[];
}

function values(random: () => number, n: number): Float32Array {
  return Float32Array.from({ length: n }, () => 4 * random() - 2);
}

/** The inputs of a case: query, key, value, weights of the loss, mask. */
function draw(c: Case) {
  const random = generator(c.seed);
  const query = values(random, c.batch * c.queries * c.heads * c.width);
  const key = values(random, c.batch * c.keys * c.heads * c.width);
  const value = values(random, c.batch * c.keys * c.heads * c.valueWidth);
  const weight = values(random, c.batch * c.queries * c.heads * c.valueWidth);
  const mask = Float32Array.from({ length: c.batch * c.keys }, () => Number(random() < c.seen));
  return { query, key, value, weight, mask };
}

type Attention = (
  query: tf.Tensor3D,
  key: tf.Tensor3D,
  value: tf.Tensor3D,
  options: AttentionOptions,
) => tf.Tensor3D;

async function evaluate(backend: string, c: Case, attention: Attention): Promise<Outcome> {
  await tf.setBackend(backend);
  const { query, key, value, weight, mask } = draw(c), before = tf.memory().numTensors;
  const outcome = tf.tidy(() => {
    const q = tf.tensor3d(query, [c.batch, c.queries, c.heads * c.width]);
    const k = tf.tensor3d(key, [c.batch, c.keys, c.heads * c.width]);
    const v = tf.tensor3d(value, [c.batch, c.keys, c.heads * c.valueWidth]);
    const options = {
      heads: c.heads,
      mask: c.seen < 1 ? tf.tensor2d(mask, [c.batch, c.keys]) : null,
    };
    const out = attention(q, k, v, options), w = tf.tensor3d(weight, out.shape);
    const gradients = tf.grads((q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
      tf.sum(tf.mul(attention(q as tf.Tensor3D, k as tf.Tensor3D, v as tf.Tensor3D, options), w)).asScalar()
    )([q, k, v]);
    return {
      out: out.dataSync() as Float32Array,
      gradients: gradients.map((g) => g.dataSync() as Float32Array),
    };
  });
  assert.equal(tf.memory().numTensors, before, "no tensor may be left behind");
  return outcome;
}

/** The definition in double precision. */
function direct(c: Case, inputs = draw(c)): number[] {
  const { query, key, value, mask } = inputs, D = c.heads * c.width, E = c.heads * c.valueWidth;
  const out = new Array<number>(c.batch * c.queries * E).fill(0);
  for (let b = 0; b < c.batch; b++) {
    const seen = Array.from({ length: c.keys }, (_, k) => k).filter((k) =>
      c.seen >= 1 || mask[b * c.keys + k]
    );
    for (let h = 0; h < c.heads; h++) {
      for (let q = 0; q < c.queries; q++) {
        const product = (k: number) => {
          let sum = 0;
          for (let j = 0; j < c.width; j++) {
            sum += query[(b * c.queries + q) * D + h * c.width + j] *
              key[(b * c.keys + k) * D + h * c.width + j];
          }
          return Math.exp(sum / Math.sqrt(c.width));
        };
        const weights = seen.map(product), total = weights.reduce((a, b) => a + b, 0);
        for (let j = 0; j < c.valueWidth; j++) {
          out[(b * c.queries + q) * E + h * c.valueWidth + j] = seen.reduce(
            (sum, k, i) => sum + weights[i] / total * value[(b * c.keys + k) * E + h * c.valueWidth + j],
            0,
          );
        }
      }
    }
  }
  return out;
}

function close(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  label: string,
): void {
  assert.equal(found.length, expected.length, label);
  for (let i = 0; i < expected.length; i++) {
    const bound = tolerance * (1 + Math.abs(expected[i]));
    assert.ok(Math.abs(found[i] - expected[i]) <= bound, `${label}[${i}]: ${found[i]}, not ${expected[i]}`);
  }
}

const cases: Case[] = [
  { batch: 1, queries: 1, keys: 1, heads: 1, width: 1, valueWidth: 1, seen: 1, seed: 1 },
  { batch: 2, queries: 130, keys: 7, heads: 2, width: 3, valueWidth: 5, seen: 1, seed: 2 },
  { batch: 1, queries: 9, keys: 300, heads: 1, width: 8, valueWidth: 8, seen: 0.5, seed: 3 },
  { batch: 3, queries: 5, keys: 6, heads: 3, width: 4, valueWidth: 2, seen: 0.1, seed: 4 },
  ...Array.from({ length: 12 }, (_, seed) => {
    const random = generator(100 + seed), n = (most: number) => integer(random, 1, most);
    return {
      batch: n(3),
      queries: n(40),
      keys: n(40),
      heads: n(4),
      width: n(17),
      valueWidth: n(17),
      seen: seed % 2 ? 1 : 0.6,
      seed: 100 + seed,
    };
  }),
];

Deno.test("attention of many heads with key masks agrees with its definition in double precision", async () => {
  for (const c of cases) {
    const { out } = await evaluate("wasm", c, multiHeadAttention);
    close(out, direct(c), 2e-5, JSON.stringify(c));
  }
});

Deno.test("attention and its gradients agree with stock operations on the cpu backend", async () => {
  const composed: Attention = (q, k, v, options) =>
    composedAttention(q, k, v, (options.mask ?? null) as tf.Tensor2D | null, {
      heads: options.heads!,
      scale: 1 / Math.sqrt(q.shape[2] / options.heads!),
    });
  for (const c of cases) {
    const expected = await evaluate("cpu", c, composed),
      found = await evaluate("wasm", c, multiHeadAttention);
    const own = await evaluate("cpu", c, multiHeadAttention);
    close(found.out, expected.out, 2e-5, JSON.stringify(c));
    close(own.out, expected.out, 0, JSON.stringify(c));
    found.gradients.forEach((gradient, k) =>
      close(gradient, expected.gradients[k], 1e-4, `${k} ${JSON.stringify(c)}`)
    );
  }
});

Deno.test("the gradients of attention agree with finite differences of its definition", async () => {
  const c: Case = { batch: 2, queries: 4, keys: 5, heads: 2, width: 3, valueWidth: 2, seen: 0.7, seed: 9 };
  const inputs = draw(c), names = ["query", "key", "value"] as const;
  const { gradients } = await evaluate("wasm", c, multiHeadAttention);
  const loss = (given: typeof inputs) =>
    direct(c, given).reduce((sum, y, i) => sum + y * inputs.weight[i], 0);
  names.forEach((name, which) => {
    for (let k = 0; k < inputs[name].length; k++) {
      const moved = (by: number) =>
        loss({ ...inputs, [name]: Float64Array.from(inputs[name]).with(k, inputs[name][k] + by) });
      const slope = (moved(1e-4) - moved(-1e-4)) / 2e-4;
      assert.ok(
        Math.abs(slope - gradients[which][k]) < 1e-4,
        `${name}[${k}]: ${gradients[which][k]}, not ${slope}`,
      );
    }
  });
});

Deno.test("what stands in a hidden key does not matter, and a row without keys gives zeros and no gradient", async () => {
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    tf.tidy(() => {
      const query: tf.Tensor3D = tf.ones([2, 3, 4]), mask = tf.tensor2d([[1, 0], [0, 0]], [2, 2], "bool");
      const key = tf.tensor3d([1, 2, 3, 4, NaN, Infinity, 0, 0, NaN, 1, 1, 1, 1, 1, 1, 1], [2, 2, 4]);
      const out = multiHeadAttention(query, key, key, { heads: 2, mask });
      const expected = [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, ...new Array(12).fill(0)];
      close(out.dataSync(), expected, 1e-6, backend);
      const gradient = tf.grad((k: tf.Tensor) =>
        tf.sum(multiHeadAttention(query, k as tf.Tensor3D, k as tf.Tensor3D, { heads: 2, mask })).asScalar()
      )(key);
      close(gradient.dataSync(), [3, 3, 3, 3, ...new Array(12).fill(0)], 1e-6, `${backend} gradient`);
    });
  }
});

Deno.test("large products do not overflow", async () => {
  await tf.setBackend("wasm");
  tf.tidy(() => {
    const query = tf.tensor3d([1000, -1000], [1, 2, 1]), key = tf.tensor3d([300, 299, -300], [1, 3, 1]);
    const value = tf.tensor3d([1, 2, 3], [1, 3, 1]);
    close(multiHeadAttention(query, key, value).dataSync(), [1, 3], 1e-6, "extreme");
  });
});

Deno.test("attention takes memory in proportion to the length, and gives it back", async () => {
  await tf.setBackend("wasm");
  const { heap } =
    (tf.backend() as unknown as { engine: { heap: { bytesInUse: number; peakBytes: number } } }).engine;
  const x: tf.Tensor3D = tf.ones([1, 6000, 8]);
  x.dataSync();
  const before = heap.bytesInUse;
  const gradient = tf.grad((x: tf.Tensor) =>
    tf.sum(multiHeadAttention(x as tf.Tensor3D, x as tf.Tensor3D, x as tf.Tensor3D)).asScalar()
  )(x);
  gradient.dispose();
  // All weights of one head would take 144 MB.
  assert.ok(heap.peakBytes - before < 40e6, `${heap.peakBytes - before}`);
  const after = heap.bytesInUse;
  tf.grad((x: tf.Tensor) =>
    tf.sum(multiHeadAttention(x as tf.Tensor3D, x as tf.Tensor3D, x as tf.Tensor3D)).asScalar()
  )(x)
    .dispose();
  assert.equal(heap.bytesInUse, after);
  x.dispose();
});

Deno.test("attention refuses shapes that do not fit, with a sentence", () => {
  const x: tf.Tensor3D = tf.zeros([2, 3, 4]);
  assert.throws(() => multiHeadAttention(x, x, x, { heads: 3 }), /divides 4 and 4/);
  assert.throws(() => multiHeadAttention(x, tf.zeros([2, 3, 5]), x), /keys of shape/);
  assert.throws(() => multiHeadAttention(x, x, x, { mask: tf.ones([2, 4]) }), /mask of shape/);
  assert.throws(() => multiHeadAttention(x, x, x, { scale: 0 }), /positive scale/);
  x.dispose();
});
