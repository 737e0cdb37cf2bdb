// Transformers against PyTorch: values and the gradients of all parameters and inputs.
import assert from "node:assert/strict";
import {
  type AttentionLayerOptions,
  crossAttention,
  prependClassToken,
  transformer,
  type TransformerOptions,
  transformerParameters,
} from "../../lib/layers/mod.ts";
import {
  disposeParameters,
  type ParameterSet,
  parametersFromArrays,
  plainArray,
  tf,
} from "../../lib/tensor/mod.ts";
import { close } from "./transformer_support.ts";

interface Numbers {
  shape: [number, number, number];
  values: number[];
}

interface Case<Options> {
  title: string;
  options: Options;
  mask: number[][] | null;
  tokens: Numbers;
  weights: number[];
  output: Numbers;
  tokensGradient: number[];
  parameters: Record<string, Numbers>;
  gradients: Record<string, Numbers>;
}

interface Fixture {
  atatBlockParameters: number;
  stacks: (Case<TransformerOptions> & { classToken: boolean })[];
  cross: (Case<AttentionLayerOptions> & { source: Numbers; sourceGradient: number[] })[];
}

const fixture: Fixture = JSON.parse(
  Deno.readTextFileSync(new URL("fixtures/transformer.json", import.meta.url)),
);

const tensor = ({ shape, values }: Numbers): tf.Tensor3D => tf.tensor3d(values, shape);

function parametersOf(numbers: Record<string, Numbers>): ParameterSet {
  return parametersFromArrays(
    new Map(
      Object.entries(numbers).map(([name, { shape, values }]) =>
        [name, plainArray(shape, Float32Array.from(values))] as const
      ),
    ),
  );
}

/** Compares an operation's value and all its gradients with a case. */
function compare<Options>(
  c: Case<Options>,
  inputs: { x: tf.Tensor3D; expected: number[]; name: string }[],
  apply: (parameters: ParameterSet, ...inputs: tf.Tensor3D[]) => tf.Tensor3D,
): void {
  const parameters = parametersOf(c.parameters), names = Object.keys(parameters);
  assert.deepEqual(names.toSorted(), Object.keys(c.gradients).toSorted());
  const given = inputs.map(({ x }) => x), before = tf.memory().numTensors;
  const output = apply(parameters, ...given);
  assert.deepEqual(output.shape, c.output.shape);
  close(output.dataSync(), c.output.values, 1e-5, `${c.title}: output`);
  output.dispose();
  const gradients = tf.tidy(() =>
    tf.grads((...all: tf.Tensor[]) => {
      const output = apply(parameters, ...all.slice(names.length) as tf.Tensor3D[]);
      return tf.sum(tf.mul(output, tf.tensor(c.weights, output.shape)));
    })([...Object.values(parameters), ...given]).map((each) => Float32Array.from(each.dataSync()))
  );
  assert.equal(tf.memory().numTensors, before, "no tensor may be left behind");
  names.forEach((name, k) =>
    close(gradients[k], c.gradients[name].values, 3e-5, `${c.title}: gradient of ${name}`)
  );
  inputs.forEach(({ expected, name }, k) =>
    close(gradients[names.length + k], expected, 3e-5, `${c.title}: gradient of ${name}`)
  );
  disposeParameters(parameters);
  tf.dispose(given);
}

for (const backend of ["cpu", "wasm"]) {
  for (const c of fixture.stacks) {
    Deno.test(`${c.title}: values and all gradients are PyTorch's (${backend})`, async () => {
      await tf.setBackend(backend);
      const mask = c.mask && tf.tensor2d(c.mask);
      compare(
        c,
        [{ x: tensor(c.tokens), expected: c.tokensGradient, name: "tokens" }],
        (parameters, x) =>
          tf.tidy(() => {
            if (!c.classToken) return transformer(parameters, "model", x, c.options, { mask });
            const marked = prependClassToken(parameters, "model", x, mask);
            return transformer(parameters, "model", marked.tokens, c.options, { mask: marked.mask });
          }),
      );
      mask?.dispose();
    });
  }

  for (const c of fixture.cross) {
    Deno.test(`${c.title}: values and all gradients are PyTorch's (${backend})`, async () => {
      await tf.setBackend(backend);
      const mask = tf.tensor2d(c.mask!);
      compare(
        c,
        [
          { x: tensor(c.tokens), expected: c.tokensGradient, name: "tokens" },
          { x: tensor(c.source), expected: c.sourceGradient, name: "source" },
        ],
        (parameters, x, source) => crossAttention(parameters, "model", x, source, c.options, { mask }),
      );
      mask.dispose();
    });
  }
}

Deno.test("a block of ATAT's size has as many parameters as PyTorch's", () => {
  const plan = transformerParameters("curve", { width: 192, heads: 4, hidden: 384, layers: 3 });
  const count = Object.values(plan).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);
  assert.equal(count, 3 * fixture.atatBlockParameters);
});
