/** Made-up variables of a few classes: normal features known from light curves, and two that a spectrum would reveal. */
import { Random } from "../../../lib/core/mod.ts";
import { matrix } from "../../../lib/numerics/mod.ts";
import { encodeLabels } from "../../../lib/learn/mod.ts";
import type { FollowUpSet } from "../../../lib/chapters/follow_up/mod.ts";

/** What a {@link madeUpSet} is to be. */
export interface MadeUp {
  objects: number;
  classes?: number;
  known?: number;
  revealed?: number;
  seed: number | string;
  /** Distance of the classes' centres, in standard deviations. */
  spread?: number;
}

/** Returns objects whose spectral features depend on class and on the first known feature. */
export function madeUpSet(options: MadeUp): FollowUpSet {
  const { objects: n, classes = 3, known: T = 3, revealed: S = 2, seed, spread = 1.2 } = options;
  const centres = new Random("centres"), random = new Random(seed).stream("sky");
  const centre = Float64Array.from({ length: classes * (T + S) }, () => spread * centres.normal());
  const known = new Float64Array(n * T), revealed = new Float64Array(n * S), names: string[] = [];
  for (let i = 0; i < n; i++) {
    const k = i % classes;
    names.push(`class ${k}`);
    for (let j = 0; j < T; j++) known[i * T + j] = centre[k * (T + S) + j] + random.normal();
    for (let s = 0; s < S; s++) {
      revealed[i * S + s] = centre[k * (T + S) + T + s] + 0.5 * known[i * T] + 0.6 * random.normal();
    }
  }
  return {
    ids: names.map((_, i) => `star ${i}`),
    knownNames: Array.from({ length: T }, (_, j) => `t${j}`),
    known: matrix(known, n, T),
    revealedNames: Array.from({ length: S }, (_, s) => `s${s}`),
    revealed: matrix(revealed, n, S),
    labels: encodeLabels(names),
  };
}
