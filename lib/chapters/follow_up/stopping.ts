/** When to stop: as soon as the last spectra no longer show a significant improvement. */
import { demand } from "../../core/mod.ts";
import { normalQuantile } from "../../numerics/mod.ts";

/** Options of {@link stoppingPoint}. */
export interface StoppingOptions {
  /** How many of the last objects are looked at, 10 or more. Default 50. */
  window?: number;
  /** An improvement of at most this is none worth having. Default 0. */
  least?: number;
  /** Chance of going on by luck at a look where there is no improvement. Default 0.05. */
  significance?: number;
  /** Looks in a row without a significant improvement before one stops. Default 10: a single dull stretch is forgiven. */
  patience?: number;
}

/**
 * Returns after how many observed objects to stop: the first number at which the mean improvement of the last `window` objects
 * has, `patience` times in a row, not been significantly above `least` (one-sided, mean minus z standard errors); null when
 * that has not come yet. It looks back only, so that the answer for a longer list is the same once it is not null.
 *
 * @param improvements what each observed object brought, in the order of observation: for instance P_ts(y) - P_t(y).
 *
 * @example
 * ```ts
 * import { stoppingPoint } from "ephemera/chapters/follow_up";
 * import assert from "node:assert/strict";
 * const improvements = Array.from({ length: 200 }, (_, i) => (i < 100 ? 0.3 : 0) + (i % 2 === 0 ? 0.1 : -0.1));
 * const stop = stoppingPoint(improvements, { window: 20 });
 * assert.ok(stop !== null && stop > 100 && stop < 140);
 * ```
 */
export function stoppingPoint(improvements: ArrayLike<number>, options: StoppingOptions = {}): number | null {
  const { window = 50, least = 0, significance = 0.05, patience = 10 } = options;
  demand(
    Number.isInteger(window) && window >= 10 && significance > 0 && significance < 1 &&
      Number.isInteger(patience) && patience >= 1,
    {
      expected: "a window of 10 or more, a significance between 0 and 1 and a patience of 1 or more",
      found: `${window}, ${significance}, ${patience}`,
      where: "stoppingPoint",
    },
  );
  const z = -normalQuantile(significance);
  for (let end = window, dull = 0; end <= improvements.length; end++) {
    let mean = 0, squares = 0;
    for (let i = end - window; i < end; i++) mean += improvements[i] / window;
    for (let i = end - window; i < end; i++) squares += (improvements[i] - mean) ** 2;
    const error = Math.sqrt(squares / (window * (window - 1)));
    dull = mean - z * error > least ? 0 : dull + 1;
    if (dull >= patience) return end;
  }
  return null;
}
