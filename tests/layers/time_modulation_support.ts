/** What the tests of time modulation and tokens share: comparisons, parameters with given values, the equations as a loop. */
export { assertClose } from "../assert_close.ts";
import { Random } from "../../lib/core/mod.ts";
import { disposeParameters, parametersFromArrays, plainArray, tf } from "../../lib/tensor/mod.ts";
import type { ParameterSet } from "../../lib/tensor/mod.ts";

export { Random, tf };

/** The backends that can be read at once; results must not depend on which it is. */
export const backends = ["cpu", "wasm"];

/** Standard normal numbers that 32 bits hold exactly. */
export function normals(length: number, seed: number | string): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length }, () => random.normal());
}

/** Runs `use` with parameters of given shapes and values, and frees them. */
export function withParameters<T>(
  values: Record<string, { shape: number[]; data: ArrayLike<number> }>,
  use: (parameters: ParameterSet) => T,
): T {
  const parameters = parametersFromArrays(
    new Map(
      Object.entries(values).map(([name, { shape, data }]) => [
        name,
        plainArray(shape, Float32Array.from(data)),
      ]),
    ),
  );
  try {
    return use(parameters);
  } finally {
    disposeParameters(parameters);
  }
}

/** Gradients of sum(weights * f()) with respect to every parameter, by name; none for one that f does not use. */
export function parameterGradients(
  parameters: ParameterSet,
  f: () => tf.Tensor,
  weights: ArrayLike<number>,
): Record<string, Float32Array> {
  return tf.tidy(() => {
    const { grads } = tf.variableGrads(() => {
      const y = f();
      return tf.sum(tf.mul(y, tf.tensor(Float32Array.from(weights), y.shape))) as tf.Scalar;
    }, Object.values(parameters));
    return Object.fromEntries(
      Object.entries(parameters).filter(([, each]) => grads[each.name] !== null).map((
        [name, each],
      ) => [name, grads[each.name].dataSync<"float32">()]),
    );
  });
}

/** One case of the modulation, tokens in a row. */
export interface ModulationCase {
  width: number;
  harmonics: number;
  period: number;
  bands: number;
  firstHarmonic: 0 | 1;
  embedding: ArrayLike<number>;
  time: ArrayLike<number>;
  band: ArrayLike<number>;
  mask: ArrayLike<number>;
  scale: ArrayLike<number>;
  offset: ArrayLike<number>;
}

/** e g1(t) + g2(t) of each token, term by term in 64 bits; zeros in the padding. */
export function modulationLoop(c: ModulationCase): Float64Array {
  const { width, harmonics: count } = c, out = new Float64Array(c.time.length * width);
  for (let i = 0; i < c.time.length; i++) {
    if (c.mask[i] === 0) continue;
    for (let d = 0; d < width; d++) {
      let factor = 0, shift = 0;
      for (let k = 0; k < count; k++) {
        const angle = 2 * Math.PI * (k + c.firstHarmonic) * c.time[i] / c.period;
        const sine = (c.band[i] * 2 * count + k) * width + d, cosine = sine + count * width;
        factor += c.scale[sine] * Math.sin(angle) + c.scale[cosine] * Math.cos(angle);
        shift += c.offset[sine] * Math.sin(angle) + c.offset[cosine] * Math.cos(angle);
      }
      out[i * width + d] = c.embedding[i * width + d] * factor + shift;
    }
  }
  return out;
}

/** A case with random numbers of every kind. */
export function randomCase(
  sizes: { tokens: number; width: number; harmonics: number; bands: number; firstHarmonic: 0 | 1 },
  seed: number,
): ModulationCase {
  const random = new Random(seed), { tokens, width, harmonics, bands } = sizes;
  const period = random.uniform(0.5, 2000);
  return {
    ...sizes,
    period,
    embedding: normals(tokens * width, `${seed} embedding`),
    time: Float64Array.from({ length: tokens }, () => random.uniform(-0.5, 1.5) * period),
    band: Int32Array.from({ length: tokens }, () => random.integer(0, bands)),
    mask: Float32Array.from({ length: tokens }, () => random.uniform() < 0.7 ? 1 : 0),
    scale: normals(bands * 2 * harmonics * width, `${seed} scale`),
    offset: normals(bands * 2 * harmonics * width, `${seed} offset`),
  };
}
