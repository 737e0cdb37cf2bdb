/**
 * The parameters of a model are plain named tensors and nothing else: they can be listed, counted, saved, compared and
 * given to any function, and a model is a function of them. There is no layer object to ask and no hidden registry.
 */
import { tf } from "../tf.ts";
import { demand, EphemeraError, Random } from "../../core/mod.ts";
import { elementCount, type NamedArrays, type PlainArray, plainArray } from "../interchange/named_arrays.ts";
import type { Initializer } from "./initializers.ts";

/**
 * Variables by name, e.g. `"encoder/gru_1/kernel"`. Those that are not `trainable` (running statistics) are saved and
 * restored with the others but no gradient is taken for them.
 */
export type ParameterSet = { readonly [name: string]: tf.Variable };

/** Options of {@link createParameters}. */
export interface CreateParametersOptions {
  /** Seed of the initial values. Each parameter draws from a stream of its own name. */
  seed: number | string;
  /** Which names no gradient is taken for. Default: none. */
  frozen?: (name: string) => boolean;
}

/**
 * Returns new variables with initial values drawn from a seed. A parameter's values depend on the seed, its name and its
 * initializer alone, not on the other parameters.
 *
 * The caller owns the variables ({@link disposeParameters}).
 *
 * @param plan initializer by name, with the shape in it; names are slash-separated words
 * @throws EphemeraError for an empty or integer-like name (JavaScript would reorder it)
 *
 * @example
 * ```ts
 * import { countParameters, createParameters, disposeParameters, glorotUniform, zeros } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const parameters = createParameters({
 *   "dense/kernel": glorotUniform([4, 3]),
 *   "dense/bias": zeros([3]),
 * }, { seed: 1 });
 * assert.equal(countParameters(parameters), 15);
 * disposeParameters(parameters);
 * ```
 */
export function createParameters<Names extends string>(
  plan: Readonly<Record<Names, Initializer>>,
  options: CreateParametersOptions,
): { readonly [Name in Names]: tf.Variable } {
  const random = new Random(options.seed).stream("initial values");
  const parameters: Record<string, tf.Variable> = {};
  for (const [name, initializer] of Object.entries<Initializer>(plan)) {
    demand(name !== "" && !/^\d+$/.test(name), {
      expected: "a parameter name with a letter in it",
      found: JSON.stringify(name),
      where: "createParameters",
    });
    const values = initializer.draw(random.stream(name));
    parameters[name] = variable(initializer.shape, values, !options.frozen?.(name));
  }
  return parameters as { [Name in Names]: tf.Variable };
}

/**
 * Returns new variables that hold the given arrays, for weights that come from a file.
 *
 * @param arrays float32 or float64 values by name (float64 is rounded to float32)
 * @param options `frozen`: which names no gradient is taken for
 */
export function parametersFromArrays(
  arrays: NamedArrays,
  options: Pick<CreateParametersOptions, "frozen"> = {},
): ParameterSet {
  const parameters: Record<string, tf.Variable> = {};
  for (const [name, array] of arrays) {
    parameters[name] = variable(array.shape, floats(name, array), !options.frozen?.(name));
  }
  return parameters;
}

/** Returns the number of scalars in a set, frozen ones included. */
export function countParameters(parameters: ParameterSet): number {
  let count = 0;
  for (const each of Object.values(parameters)) count += each.size;
  return count;
}

/** Returns the parameters whose name fulfils `accept`; the variables are the same, not copies. */
export function selectParameters(parameters: ParameterSet, accept: (name: string) => boolean): ParameterSet {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => accept(name)));
}

/** Returns one row a parameter: name, shape, number of scalars, whether it is trained. */
export function describeParameters(
  parameters: ParameterSet,
): { name: string; shape: number[]; count: number; trainable: boolean }[] {
  return Object.entries(parameters).map(([name, each]) => ({
    name,
    shape: each.shape.slice(),
    count: each.size,
    trainable: each.trainable,
  }));
}

/** Returns copies of the values as plain float32 arrays; works on every backend, since it waits for the device. */
export async function readParameters(parameters: ParameterSet): Promise<NamedArrays> {
  const arrays: NamedArrays = new Map();
  for (const [name, each] of Object.entries(parameters)) {
    // The cpu backend hands out its own storage: the copy keeps later updates away from it.
    arrays.set(name, plainArray(each.shape.slice(), Float32Array.from(await each.data())));
  }
  return arrays;
}

/**
 * Sets the variables to the values of `arrays`, all or none.
 *
 * @throws EphemeraError when a name is missing on either side or a shape differs
 */
export function assignParameters(parameters: ParameterSet, arrays: NamedArrays): void {
  const unknown = [...arrays.keys()].filter((name) => !Object.hasOwn(parameters, name));
  demand(unknown.length === 0, () => ({
    expected: `the parameters ${Object.keys(parameters).join(", ")}`,
    found: `also ${unknown.join(", ")}`,
    where: "assignParameters",
    remedy: "build the model with the configuration that the weights were saved with",
  }));
  const values = Object.entries(parameters).map(([name, each]) => {
    const array = arrays.get(name);
    if (array === undefined || array.shape.join() !== each.shape.join()) {
      throw new EphemeraError({
        expected: `parameter ${name} of shape [${each.shape.join(", ")}]`,
        found: array === undefined ? "no such array" : `shape [${array.shape.join(", ")}]`,
        where: "assignParameters",
        remedy: "build the model with the configuration that the weights were saved with",
      });
    }
    return { each, shape: array.shape, data: floats(name, array) };
  });
  for (const { each, shape, data } of values) assignValues(each, shape, data);
}

/** Sets one variable to a copy of `data`. */
export function assignValues(target: tf.Variable, shape: readonly number[], data: Float32Array): void {
  const value = tf.tensor(data.slice(), shape.slice(), "float32");
  target.assign(value);
  value.dispose();
}

/** Frees the variables of a set. */
export function disposeParameters(parameters: ParameterSet): void {
  for (const each of Object.values(parameters)) each.dispose();
}

/** A variable without a name of the engine's registry, so that two models may use the same parameter names. */
function variable(shape: readonly number[], values: Float32Array, trainable: boolean): tf.Variable {
  const initial = tf.tensor(values.slice(), shape.slice(), "float32");
  const created = tf.variable(initial, trainable);
  initial.dispose();
  return created;
}

function floats(name: string, array: PlainArray): Float32Array {
  demand(array.dtype === "float32" || array.dtype === "float64", () => ({
    expected: "float32 or float64 values",
    found: array.dtype,
    where: `parameter ${name}`,
  }));
  demand(elementCount(array.shape) === array.data.length, () => ({
    expected: `${elementCount(array.shape)} values`,
    found: String(array.data.length),
    where: `parameter ${name}`,
  }));
  return Float32Array.from(array.data as Float32Array | Float64Array);
}
