// What the tests of residual blocks, of batch renormalisation and of the image stage share: PyTorch's cases.
import assert from "node:assert/strict";
import { isMovingStatistic, type MovingStatistics } from "../../lib/layers/mod.ts";
import { disposeParameters, type Initializer, parametersFromArrays, tf } from "../../lib/tensor/mod.ts";
import type { ParameterSet } from "../../lib/tensor/mod.ts";

interface Values {
  shape: number[];
  values: number[];
}

/** One module with its weights; `Options` are the arguments that it was made with. */
export interface Case<Options> {
  kind: string;
  name: string;
  training: boolean;
  options: Options;
  /** How many r and d were clipped. */
  clipped: [number, number] | null;
  parameters: Record<string, Values>;
  x: Values;
  /** The gradients are those of the sum of `value` times these. */
  weights: Values;
  value: Values;
  gradients: Record<string, Values>;
  statistics: Record<string, Values>;
  mask?: Values | null;
  mode?: Record<string, unknown>;
}

const fixture: { torch: string; cases: Case<unknown>[] } = JSON.parse(
  Deno.readTextFileSync(new URL("./fixtures/residual.json", import.meta.url)),
);

/** The version that made the cases. */
export const torch = fixture.torch;

/** Returns the cases of one kind, and that there are as many as expected. */
export function casesOf<Options>(kind: string, count: number): Case<Options>[] {
  const cases = fixture.cases.filter((each) => each.kind === kind) as Case<Options>[];
  assert.equal(cases.length, count, kind);
  return cases;
}

/** Asserts equal shapes, and values within `tolerance` of the largest one (at least of 1). */
export function assertClose(found: tf.Tensor, expected: Values, tolerance: number, label: string): void {
  assert.deepEqual(found.shape, expected.shape, label);
  const scale = Math.max(1, ...expected.values.map(Math.abs)), values = found.dataSync();
  expected.values.forEach((value, i) => {
    const message = `${label}, element ${i}: ${values[i]}, not ${value}`;
    assert.ok(Math.abs(values[i] - value) <= tolerance * scale, message);
  });
}

/** What a network returns in the tests: with moving statistics or without. */
export interface Applied {
  value: tf.Tensor;
  statistics: MovingStatistics;
}

/**
 * Asserts on a backend that the parameters' plan, the value, all gradients and the moving statistics are PyTorch's, and that no
 * tensor stays.
 */
export async function agreesWithTorch<Options>(
  backend: string,
  each: Case<Options>,
  plan: Record<string, Initializer>,
  apply: (parameters: ParameterSet, x: tf.Tensor, each: Case<Options>) => Applied,
  tolerance = 5e-6,
): Promise<void> {
  await tf.setBackend(backend);
  const label = `${each.kind} ${JSON.stringify(each.options)} training ${each.training} on ${backend}`;
  const shapes = (given: Record<string, { readonly shape: readonly number[] }>) =>
    Object.entries(given).map(([name, { shape }]) => `${name} [${shape}]`).sort();
  assert.deepEqual(shapes(plan), shapes(each.parameters), label);
  const before = tf.memory().numTensors;
  const parameters = parametersFromArrays(
    new Map(
      Object.entries(each.parameters).map(([name, { shape, values }]) => [
        name,
        { shape, dtype: "float32", data: Float32Array.from(values) },
      ]),
    ),
    { frozen: isMovingStatistic },
  );
  tf.tidy(() => {
    const x = tf.variable(tf.tensor(each.x.values, each.x.shape));
    const weights = tf.tensor(each.weights.values, each.weights.shape);
    const inside = tf.memory().numTensors;
    const { value, statistics } = apply(parameters, x, each);
    const made = 1 + Object.keys(statistics).length;
    assert.equal(tf.memory().numTensors, inside + made, `${label}: only the results may stay`);
    assertClose(value, each.value, tolerance, label);
    assert.deepEqual(Object.keys(statistics).sort(), Object.keys(each.statistics).sort(), label);
    for (const [name, given] of Object.entries(statistics)) {
      assertClose(given, each.statistics[name], tolerance, `${label}: ${name}`);
    }
    const trained = Object.fromEntries(Object.entries(parameters).filter(([, { trainable }]) => trainable));
    const wanted: Record<string, tf.Variable> = { x, ...trained };
    const { grads } = tf.variableGrads(
      () => tf.sum(tf.mul(apply(parameters, x, each).value, weights)),
      Object.values(wanted),
    );
    assert.deepEqual(Object.keys(wanted).sort(), Object.keys(each.gradients).sort(), label);
    for (const [name, variable] of Object.entries(wanted)) {
      assertClose(grads[variable.name], each.gradients[name], tolerance, `${label}: gradient of ${name}`);
    }
    x.dispose();
  });
  disposeParameters(parameters);
  assert.equal(tf.memory().numTensors, before, `${label}: no tensor may be left behind`);
}
