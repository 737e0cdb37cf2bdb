import type { LightCurveSet } from "../../observations/mod.ts";
import { supersmootherResidual } from "../../signal/mod.ts";

/** Options of {@link selectPeriodic}. */
export interface SelectPeriodicOptions {
  /** Largest residual of the supersmoother that is kept. Default 0.7, the paper's. */
  limit?: number;
  /** Classes that are kept whatever their residual; the paper makes no cut on novel stars. Default: none. */
  exempt?: readonly string[];
}

/** What {@link selectPeriodic} kept and dropped. */
export interface PeriodicSelection {
  kept: LightCurveSet;
  /** Identifier and residual of each star that was dropped; NaN where there is none (no period, no variation, fewer than three points, an error of zero). */
  dropped: { id: string; residual: number }[];
}

/**
 * Returns the stars whose light curve, folded by the catalogue's period, follows Friedman's supersmoother (section 2.1:
 * residuals above 0.7 are omitted, so that only truly periodic sources remain).
 *
 * @param set light curves with a metadata column `period` in days
 *
 * @example
 * ```ts
 * import { selectPeriodic } from "ephemera/chapters/novelty";
 * import { simulatePeriodicVariables } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * const sky = simulatePeriodicVariables({ seed: 1, counts: { RRAB: 3 } });
 * assert.equal(selectPeriodic(sky).kept.length, 3); // the simulator's catalogue has made the same cut
 * ```
 */
export function selectPeriodic(set: LightCurveSet, options: SelectPeriodicOptions = {}): PeriodicSelection {
  const { limit = 0.7, exempt = [] } = options, periods = set.numbers("period");
  const dropped: PeriodicSelection["dropped"] = [];
  const kept = set.filter((curve, i) => {
    if (exempt.includes(set.className(i) ?? "")) return true;
    const residual = residualOf(curve, periods[i]);
    if (residual <= limit) return true;
    dropped.push({ id: curve.id, residual });
    return false;
  });
  return { kept, dropped };
}

function residualOf(curve: Parameters<typeof supersmootherResidual>[0], period: number): number {
  const { time, value, error } = curve;
  const varies = value.some((each) => each !== value[0]), weighed = !error?.some((each) => each <= 0);
  if (!(period > 0 && Number.isFinite(period)) || time.length < 3 || !varies || !weighed) return NaN;
  return supersmootherResidual({ time, value, error }, { period });
}
