import { BandPair, computePairFeature, pairFeatures } from "./band_pair.ts";
import { CurveWork, type FeatureSettings } from "./curve_work.ts";
import type { Feature } from "./feature.ts";
import type { ObjectCurve } from "./object_feature.ts";
import { objectFeatures } from "./object_registry.ts";
import { computeFeature, features } from "./registry.ts";

/** What every chunk of a set needs to know. */
export interface ChunkPlan {
  /** Single-band features by name. */
  single: string[];
  /** Two-band features by name. */
  paired: string[];
  /** Whole-object features by name. */
  whole: string[];
  /** Names of the set's bands. */
  bands: string[];
  /** Numbers of the bands that single-band features are computed in. */
  chosen: number[];
  /** Pairs of bands that two-band features are computed on. */
  pairs: [number, number][];
  settings: FeatureSettings;
  pairTolerance: number;
  columns: number;
}

/** Objects that one worker computes at once: plain columns, which cross by copy. */
export interface Chunk {
  ids: string[];
  offsets: Uint32Array;
  time: Float64Array;
  value: Float64Array;
  error?: Float64Array;
  band?: Uint8Array;
  detected?: Uint8Array;
  metadata: Record<string, Float64Array>;
}

/** A feature that an object does not have, and why. */
export interface FeatureFailure {
  /** Identifier of the object. */
  id: string;
  /** Name of the feature. */
  feature: string;
  /** Name of the band, or of both, where it is of a band. */
  band?: string;
  /** The sentence of the error. */
  message: string;
}

/** The rows of a chunk, one object after another, and what failed; NaN stands at every failed number. */
export interface ChunkResult {
  rows: Float64Array;
  failures: FeatureFailure[];
}

/** Computes a chunk. This is what runs on a worker; it depends on its arguments alone. */
export function extractChunk(chunk: Chunk, plan: ChunkPlan): ChunkResult {
  const rows = new Float64Array(chunk.ids.length * plan.columns).fill(NaN);
  const failures: FeatureFailure[] = [];
  const single = plan.single.map((name) => features.get(name)!);
  for (let i = 0; i < chunk.ids.length; i++) {
    const row = rows.subarray(i * plan.columns, (i + 1) * plan.columns);
    extractObject(chunk, i, plan, single, row, failures);
  }
  return { rows, failures };
}

function extractObject(
  chunk: Chunk,
  i: number,
  plan: ChunkPlan,
  single: Feature[],
  row: Float64Array,
  failures: FeatureFailure[],
): void {
  const id = chunk.ids[i];
  const from = chunk.offsets[i];
  const to = chunk.offsets[i + 1];
  const whole: ObjectCurve = {
    time: chunk.time.subarray(from, to),
    value: chunk.value.subarray(from, to),
    error: chunk.error?.subarray(from, to),
    band: chunk.band?.subarray(from, to) ?? new Uint8Array(to - from),
    bands: plan.bands,
    detected: chunk.detected?.subarray(from, to),
    metadata: Object.fromEntries(Object.entries(chunk.metadata).map(([name, column]) => [name, column[i]])),
  };
  let at = 0;
  const attempt = (
    feature: string,
    band: string | undefined,
    width: number,
    compute: () => ArrayLike<number>,
  ) => {
    try {
      const values = compute();
      for (let k = 0; k < width; k++) row[at + k] = values[k];
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      failures.push({ id, feature, ...(band === undefined ? {} : { band }), message });
    }
    at += width;
  };
  const alone = plan.bands.length === 1;
  for (const b of plan.chosen) {
    if (single.length === 0) break;
    const name = alone ? undefined : plan.bands[b];
    // The curve itself may be unusable; then each of its features fails with that reason.
    let work: CurveWork | undefined;
    let reason: unknown;
    try {
      work = new CurveWork(inBand(whole, b), plan.settings, alone ? id : `${id}, band ${plan.bands[b]}`);
    } catch (error) {
      reason = error;
    }
    for (const feature of single) {
      attempt(feature.name, name, feature.outputs.length, () => {
        if (work === undefined) throw reason;
        return computeFeature(feature, work);
      });
    }
  }
  for (const [a, b] of plan.pairs) {
    if (plan.paired.length === 0) break;
    let pair: BandPair | undefined;
    let reason: unknown;
    try {
      pair = new BandPair(inBand(whole, a), inBand(whole, b), plan.pairTolerance, id);
    } catch (error) {
      reason = error;
    }
    for (const name of plan.paired) {
      attempt(name, `${plan.bands[a]}, ${plan.bands[b]}`, 1, () => {
        if (pair === undefined) throw reason;
        return [computePairFeature(pairFeatures.get(name)!, pair)];
      });
    }
  }
  for (const name of plan.whole) {
    const feature = objectFeatures.get(name)!;
    attempt(name, undefined, feature.outputs(plan.bands).length, () => feature.compute(whole));
  }
}

/** The observations of one band; the object's own columns where there is but one. */
function inBand(object: ObjectCurve, band: number) {
  if (object.bands.length === 1) return { time: object.time, value: object.value, error: object.error };
  const rows: number[] = [];
  for (let i = 0; i < object.band.length; i++) if (object.band[i] === band) rows.push(i);
  const pick = (column: Float64Array) => Float64Array.from(rows, (i) => column[i]);
  return {
    time: pick(object.time),
    value: pick(object.value),
    ...(object.error === undefined ? {} : { error: pick(object.error) }),
  };
}
