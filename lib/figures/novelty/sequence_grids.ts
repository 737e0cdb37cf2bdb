import type { SequenceEvaluation } from "../../chapters/novelty/mod.ts";
import type { LightCurveSet } from "../../observations/mod.ts";
import { type LightCurveCell, lightCurveGrid, type LightCurveGridOptions } from "../charts/mod.ts";
import type { Figure } from "../figure.ts";

/** Returns one folded light curve of each class: the star with the median standard deviation of magnitudes. */
export function classGallery(set: LightCurveSet, options: LightCurveGridOptions = {}): Figure {
  const cells: LightCurveCell[] = [];
  for (const [code, label] of set.classNames.entries()) {
    const stars = Array.from({ length: set.length }, (_, i) => i).filter((i) => set.labels![i] === code);
    if (stars.length === 0) continue;
    const spread = new Map(stars.map((i) => [i, deviation(set.at(i).value)]));
    const i = stars.sort((a, b) => spread.get(a)! - spread.get(b)!)[Math.floor(stars.length / 2)];
    cells.push(folded(set, i, label));
  }
  return lightCurveGrid(cells, options);
}

/** Returns, of each class, the sequence with the median reconstruction error, with its reconstruction as open circles. */
export function reconstructionGrid(
  evaluation: SequenceEvaluation,
  options: LightCurveGridOptions = {},
): Figure {
  const { sequences, scores, reconstruction } = evaluation, n = sequences.epochs;
  const { codes, classNames } = sequences.labels!;
  const cells = classNames.flatMap((label, code) => {
    const own = Array.from({ length: sequences.count }, (_, i) => i).filter((i) => codes[i] === code);
    if (own.length === 0) return [];
    const i = own.sort((a, b) =>
      scores.reconstruction[a] - scores.reconstruction[b]
    )[Math.floor(own.length / 2)];
    const period = 10 ** sequences.logPeriod[i];
    const time = sequences.phase.slice(i * n, (i + 1) * n).map((phase) => phase * period);
    const magnitudes = (from: Float32Array) =>
      from.slice(i * n, (i + 1) * n).map((x) => x * sequences.deviation[i] + sequences.mean[i]);
    return [{
      label,
      note: `error ${scores.reconstruction[i].toFixed(2)}, ${period.toPrecision(3)} d`,
      time,
      value: magnitudes(sequences.value),
      period,
      lines: [{ label: "reconstruction", time, value: magnitudes(reconstruction), dots: true }],
    }];
  });
  return lightCurveGrid(cells, options);
}

/** Options of {@link mostNovelGrid}. */
export interface MostNovelOptions extends LightCurveGridOptions {
  /** How many stars. Default 8. */
  count?: number;
}

/**
 * Returns the stars with the largest scores, folded by their catalogue period.
 *
 * @param scores one number a star of `set`; NaN is passed over
 */
export function mostNovelGrid(
  set: LightCurveSet,
  scores: Float64Array,
  options: MostNovelOptions = {},
): Figure {
  const { count = 8, ...rest } = options;
  const kinds = set.metadata.subclass;
  const ranked = Array.from(scores.keys()).filter((i) => !Number.isNaN(scores[i])).sort((a, b) =>
    scores[b] - scores[a]
  );
  const cells = ranked.slice(0, count).map((i, rank) => {
    const kind = kinds instanceof Float64Array || kinds === undefined ? set.className(i) ?? "" : kinds[i];
    return { ...folded(set, i, `${rank + 1}. ${kind}`), note: `score ${scores[i].toFixed(1)}` };
  });
  return lightCurveGrid(cells, rest);
}

function folded(set: LightCurveSet, i: number, label: string): LightCurveCell {
  const { time, value } = set.at(i), period = set.numbers("period")[i];
  return { label, note: `${period.toPrecision(3)} d`, time, value, period, epoch: time[0] };
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
}
