// What PyTorch makes of the interpolation layers (tests/peers/layers_interpolation.py), and how ours are held against it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  disposeParameters,
  type ParameterSet,
  parametersFromArrays,
  plainArray,
  tf,
} from "../../lib/tensor/mod.ts";

interface Values {
  shape: number[];
  data: number[];
}

/** One layer with its inputs, its output and the gradients of sum(weight * output). */
export interface PeerCase<Options> {
  options: Options;
  reference: number[];
  mask: number[];
  kept: number[];
  inputs: Record<string, Values>;
  parameters: Record<string, Values>;
  weight: number[];
  shape: number[];
  out: number[];
  gradients: Record<string, number[]>;
}

/** The cases under one name of the fixture. */
export function peerCases<Options>(name: string): PeerCase<Options>[] {
  const fixture = JSON.parse(
    readFileSync(new URL("./fixtures/interpolation.json", import.meta.url), "utf8"),
  );
  return fixture[name];
}

/** Demands that numbers agree to a fraction of the largest of them, or of `least` where all are smaller than that. */
export function assertClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  label: string,
  least = 1e-3,
): void {
  assert.equal(found.length, expected.length, label);
  const scale = Array.from(expected).reduce((most, v) => Math.max(most, Math.abs(v)), least);
  for (let i = 0; i < expected.length; i++) {
    const close = Math.abs(found[i] - expected[i]) <= tolerance * scale;
    assert.ok(close, `${label}[${i}]: ${found[i]} is not ${expected[i]}`);
  }
}

/**
 * Holds a layer against a case: output and gradients of all inputs and parameters, on the cpu and the wasm backend; no
 * tensor may be left behind.
 */
export async function assertLikePeer<Options>(
  given: PeerCase<Options>,
  layer: (parameters: ParameterSet, inputs: Record<string, tf.Tensor>) => tf.Tensor,
  label: string,
): Promise<void> {
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    const parameters = parametersFromArrays(
      new Map(
        Object.entries(given.parameters).map(([name, { shape, data }]) =>
          [name, plainArray(shape, Float32Array.from(data))] as const
        ),
      ),
    );
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const names = Object.keys(given.inputs), parameterNames = Object.keys(parameters);
      const inputs = names.map((name) => tf.tensor(given.inputs[name].data, given.inputs[name].shape));
      const apply = (...tensors: tf.Tensor[]) => {
        const values = Object.fromEntries(tensors.slice(0, names.length).map((t, i) => [names[i], t]));
        const own = Object.fromEntries(tensors.slice(names.length).map((t, i) => [parameterNames[i], t]));
        return layer(own as unknown as ParameterSet, values);
      };
      const all = [...inputs, ...parameterNames.map((name) => tf.clone(parameters[name]))];
      const out = apply(...all);
      assertClose(out.dataSync(), given.out, 2e-5, `${label} on ${backend}: output`);
      const weight = tf.tensor(given.weight, out.shape);
      const gradients = tf.grads((...tensors: tf.Tensor[]) =>
        tf.sum(tf.mul(apply(...tensors), weight)).asScalar()
      )(all);
      [...names, ...parameterNames].forEach((name, i) =>
        assertClose(
          gradients[i].dataSync(),
          given.gradients[name],
          1e-4,
          `${label} on ${backend}: gradient of ${name}`,
          // A bias of the keys has the gradient zero: what is left of it is rounding.
          0.1,
        )
      );
    });
    assert.equal(tf.memory().numTensors, before, "no tensor may be left behind");
    disposeParameters(parameters);
  }
}
