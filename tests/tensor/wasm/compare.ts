// What the kernel tests share: random tensors from a seed, and the comparison of the wasm backend with the cpu backend.
import assert from "node:assert/strict";
import { tf } from "../../../lib/tensor/mod.ts";

/** A small generator (Park and Miller's), so that a failure can be repeated from its seed. */
export function generator(seed: number): () => number {
  let state = (seed * 7919 + 104729) % 2147483647;
  return () => (state = state * 48271 % 2147483647) / 2147483647;
}

/** Uniform integer in low ... high, both included. */
export function integer(random: () => number, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** Random sizes with the awkward ones (1, odd, a multiple of the vector width, one more) over-represented. */
export function size(random: () => number, largest = 40): number {
  const awkward = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];
  return random() < 0.5 ? awkward[integer(random, 0, awkward.length - 1)] : integer(random, 1, largest);
}

export interface Input {
  shape: number[];
  dtype?: "float32" | "int32" | "bool";
  /** Values are uniform in low ... high; default -2 ... 2. */
  low?: number;
  high?: number;
  /** Values given outright. */
  values?: number[];
}

function arrayOf({ shape, dtype = "float32", low = -2, high = 2, values }: Input, random: () => number) {
  const n = tf.util.sizeFromShape(shape);
  const draw = (i: number) => values ? values[i % values.length] : low + (high - low) * random();
  if (dtype === "float32") return Float32Array.from({ length: n }, (_, i) => draw(i));
  if (dtype === "int32") return Int32Array.from({ length: n }, (_, i) => Math.floor(draw(i)));
  return Uint8Array.from({ length: n }, (_, i) => values ? draw(i) : Number(random() < 0.5));
}

export interface Comparison {
  seed: number;
  inputs: Input[];
  /** Compare gradients with respect to the float32 inputs too. */
  gradient?: boolean;
  /** Allowed difference, relative to 1 + |expected| (default 2e-5). */
  tolerance?: number;
}

type Operation = (...tensors: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

interface Outcome {
  shape: number[];
  dtype: string;
  values: ArrayLike<number>;
}

async function evaluate(backend: string, operation: Operation, comparison: Comparison): Promise<Outcome[]> {
  await tf.setBackend(backend);
  const random = generator(comparison.seed);
  const outcomes: Outcome[] = [];
  const note = (tensor: tf.Tensor) =>
    outcomes.push({ shape: tensor.shape, dtype: tensor.dtype, values: tensor.dataSync() });
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const tensors = comparison.inputs.map((input) =>
      tf.tensor(arrayOf(input, random), input.shape, input.dtype ?? "float32")
    );
    const results = [operation(...tensors)].flat();
    results.forEach(note);
    if (!comparison.gradient) return;
    const variable = tensors.map((tensor, i) => ({ tensor, i })).filter(({ tensor }) =>
      tensor.dtype === "float32"
    );
    const weights = results.map((result) =>
      tf.tensor(Float32Array.from({ length: result.size }, () => random() - 0.5), result.shape)
    );
    const loss = (...given: tf.Tensor[]) => {
      const all = tensors.slice();
      variable.forEach(({ i }, k) => all[i] = given[k]);
      const terms = [operation(...all)].flat().map((result, k) => tf.sum(tf.mul(result, weights[k])));
      return terms.length === 1 ? terms[0].asScalar() : tf.addN(terms).asScalar();
    };
    tf.grads(loss)(variable.map(({ tensor }) => tensor)).forEach(note);
  });
  assert.equal(tf.memory().numTensors, before, "no tensor may be left behind");
  return outcomes;
}

/** Asserts that the wasm and the cpu backend agree on an operation and, when asked, on its gradients. */
export async function agree(operation: Operation, comparison: Comparison, label = ""): Promise<void> {
  const { tolerance = 2e-5 } = comparison;
  const expected = await evaluate("cpu", operation, comparison),
    found = await evaluate("wasm", operation, comparison);
  const where = `${label} seed ${comparison.seed} shapes ${
    JSON.stringify(comparison.inputs.map((i) => i.shape))
  }`;
  assert.equal(found.length, expected.length, where);
  expected.forEach((one, k) => {
    const other = found[k];
    assert.deepEqual(other.shape, one.shape, `${where}: shape of result ${k}`);
    assert.equal(other.dtype, one.dtype, `${where}: dtype of result ${k}`);
    for (let i = 0; i < one.values.length; i++) {
      const a = one.values[i], b = other.values[i];
      if (Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * (1 + Math.abs(a))) continue;
      assert.fail(`${where}: result ${k} element ${i} is ${b}, the cpu backend gives ${a}`);
    }
  });
}
