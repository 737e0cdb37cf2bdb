/** Spectra drawn from Q(x_s | x_t), many objects one after another without waste. */
import { Random } from "../../core/mod.ts";
import { normalQuantile } from "../../numerics/mod.ts";
import type { Conditional, ConditionalModel } from "./joint_density.ts";

/** Draws for one object after another. */
export interface Drawer {
  /**
   * Writes the draws for an object into `target`, feature by feature: draw i of feature s at `s * samples + i`.
   * @param id the object's identifier, from which (with the seed) its random numbers come.
   */
  draw(id: string, conditional: Conditional, target: Float64Array): void;
}

/**
 * Returns independent draws: a component by its weight, then mu + L z. Each object has its own stream by its identifier, so that
 * neither order nor company changes its draws.
 */
export function randomDrawer(model: ConditionalModel, samples: number, seed: number | string): Drawer {
  const root = new Random(seed).stream("draws"), S = model.revealed, normals = new Float64Array(S);
  return {
    draw(id, conditional, target) {
      const random = root.stream(id);
      for (let i = 0; i < samples; i++) {
        const k = componentAt(conditional.weights, random.uniform());
        for (let s = 0; s < S; s++) normals[s] = random.normal();
        place(model, conditional, k, normals, 0, target, i, samples);
      }
    },
  };
}

/**
 * Returns evenly spread draws, the same underlying points for every object: components in proportion to their weights, and for
 * the features Kronecker's sequence with the powers of the generalised golden ratio (Roberts 2018), any stretch of which is
 * evenly spread as well. Means over such points converge nearly as 1 / N where independent draws need 1 / sqrt N, and
 * objects differ by what is known of them, not by luck.
 */
export function evenDrawer(model: ConditionalModel, samples: number): Drawer {
  const S = model.revealed;
  let ratio = 2;
  for (let step = 0; step < 60; step++) ratio = Math.pow(1 + ratio, 1 / (S + 1));
  const shares = new Float64Array(samples), normals = new Float64Array(samples * S);
  for (let i = 0; i < samples; i++) {
    shares[i] = (i + 0.5) / samples;
    for (let s = 0; s < S; s++) {
      normals[i * S + s] = normalQuantile((0.5 + (i + 1) * Math.pow(ratio, -(s + 1))) % 1);
    }
  }
  return {
    draw(_, conditional, target) {
      for (let i = 0; i < samples; i++) {
        place(
          model,
          conditional,
          componentAt(conditional.weights, shares[i]),
          normals,
          i * S,
          target,
          i,
          samples,
        );
      }
    },
  };
}

function componentAt(weights: Float64Array, share: number): number {
  let left = share, last = 0;
  for (let k = 0; k < weights.length; k++) {
    if (weights[k] === 0) continue;
    last = k;
    left -= weights[k];
    if (left < 0) return k;
  }
  return last; // only rounding leads here
}

function place(
  { factors, revealed: S }: ConditionalModel,
  { means }: Conditional,
  k: number,
  normals: Float64Array,
  at: number,
  target: Float64Array,
  i: number,
  samples: number,
): void {
  for (let s = 0; s < S; s++) {
    let value = means[k * S + s];
    const row = k * S * S + s * S;
    for (let r = 0; r <= s; r++) value += factors[row + r] * normals[at + r];
    target[s * samples + i] = value;
  }
}
