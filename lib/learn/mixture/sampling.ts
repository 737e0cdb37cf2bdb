import { Random } from "../../core/mod.ts";
import { cholesky, type Matrix, zeros } from "../../numerics/mod.ts";
import { checkMixture, type MixtureParameters } from "./parameters.ts";

/** Objects drawn from a mixture. */
export interface MixtureSample {
  /** One row an object. */
  samples: Matrix;
  /** The component that each object was drawn from. */
  components: Int32Array;
}

/**
 * Returns `count` objects drawn from a mixture: a component by weight, then mu_k + L_k times standard normal numbers.
 *
 * @example
 * ```ts
 * import { sampleMixture } from "ephemera/learn";
 * import { identity, matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const far = { weights: Float64Array.of(0.5, 0.5), means: matrix([-100, 100], 2, 1), covariances: [identity(1), identity(1)] };
 * const { samples, components } = sampleMixture(far, 10, 1);
 * assert.ok(samples.data.every((x, i) => (x > 0) === (components[i] === 1)));
 * ```
 */
export function sampleMixture(
  parameters: MixtureParameters,
  count: number,
  seed: number | string,
): MixtureSample {
  checkMixture(parameters);
  const { weights, means } = parameters;
  const l = means.columns;
  const factors = parameters.covariances.map((covariance) => cholesky(covariance).data);
  const random = new Random(seed).stream("mixture");
  const names = Array.from(weights, (_, k) => k);
  const samples = zeros(count, l);
  const components = new Int32Array(count);
  const normal = new Float64Array(l);
  for (let i = 0; i < count; i++) {
    const k = random.choice(names, { weights });
    components[i] = k;
    for (let j = 0; j < l; j++) normal[j] = random.normal();
    for (let a = 0; a < l; a++) {
      let sum = means.data[k * l + a];
      for (let b = 0; b <= a; b++) sum += factors[k][a * l + b] * normal[b];
      samples.data[i * l + a] = sum;
    }
  }
  return { samples, components };
}
