import { demand } from "../core/mod.ts";
import { type Curve, demandCurve, demandVarying } from "./curve.ts";
import { fold, phases } from "./folding.ts";

/** Options of {@link phaseDispersion}. */
export interface PhaseDispersionOptions {
  /** Number of phase bins. */
  bins?: number;
  /** Sets of bins, each shifted by a fraction of a bin against the last; more make the statistic smoother. */
  covers?: number;
}

/**
 * Stellingwerf's theta at each trial frequency: the pooled variance inside phase bins over the variance of
 * all values. Near 1 for a wrong period, small for a right one, whatever the shape of the curve.
 *
 * Stellingwerf (1978), ApJ 224, 953, eqs. 1-3. Bins with fewer than two points say nothing about a variance
 * and are left out; where no bin has two, theta is 1.
 *
 * @param frequencies cycles per day, positive.
 */
export function phaseDispersion(
  curve: Curve,
  frequencies: Float64Array,
  options: PhaseDispersionOptions = {},
): Float64Array {
  const { bins = 10, covers = 3 } = options;
  demandCurve(curve, { minimumPoints: 3 });
  demandVarying(curve.value, "phaseDispersion");
  demand(bins >= 2 && covers >= 1 && Number.isInteger(bins) && Number.isInteger(covers), {
    expected: "whole numbers of bins (2 or more) and covers (1 or more)",
    found: `${bins} and ${covers}`,
    where: "phaseDispersion",
  });
  const n = curve.time.length;
  let mean = 0;
  for (const v of curve.value) mean += v / n;
  let squares = 0;
  for (const v of curve.value) squares += (v - mean) ** 2;
  demand(squares > 0, {
    expected: "a curve that varies",
    found: `${n} equal values`,
    where: "phaseDispersion",
  });
  const variance = squares / (n - 1);
  const count = new Float64Array(bins);
  const sum = new Float64Array(bins);
  const square = new Float64Array(bins);
  return frequencies.map((frequency) => {
    const phase = phases(curve.time, 1 / frequency, curve.time[0]);
    let inside = 0;
    let freedom = 0;
    for (let cover = 0; cover < covers; cover++) {
      count.fill(0);
      sum.fill(0);
      square.fill(0);
      for (let i = 0; i < n; i++) {
        const bin = Math.floor(phase[i] * bins + cover / covers) % bins;
        const centred = curve.value[i] - mean;
        count[bin]++;
        sum[bin] += centred;
        square[bin] += centred * centred;
      }
      for (let b = 0; b < bins; b++) {
        if (count[b] < 2) continue;
        inside += Math.max(0, square[b] - sum[b] * sum[b] / count[b]);
        freedom += count[b] - 1;
      }
    }
    return freedom === 0 ? 1 : inside / freedom / variance;
  });
}

/**
 * The length of the closed string through the folded points at each trial frequency, with values scaled to
 * `(m - m_min) / (2 (m_max - m_min)) - 1/4`, so that phase and value count alike. Shortest at the right
 * period; made for few points.
 *
 * Dworetsky (1983), MNRAS 203, 917.
 *
 * @param frequencies cycles per day, positive.
 */
export function stringLength(curve: Curve, frequencies: Float64Array): Float64Array {
  demandCurve(curve, { minimumPoints: 3 });
  demandVarying(curve.value, "stringLength");
  const n = curve.time.length;
  let low = Infinity;
  let high = -Infinity;
  for (const v of curve.value) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return frequencies.map((frequency) => {
    const { phase, value } = fold(curve, 1 / frequency, curve.time[0]);
    let length = 0;
    for (let i = 0; i < n; i++) {
      const next = i + 1 === n ? 0 : i + 1;
      const step = phase[next] - phase[i] + (next === 0 ? 1 : 0);
      length += Math.hypot(step, (value[next] - value[i]) / (2 * (high - low)));
    }
    return length;
  });
}
