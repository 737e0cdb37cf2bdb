import { demand, EphemeraError, parallelMap, type ProgressReporter } from "../core/mod.ts";
import { Flag, type LightCurveSet } from "../observations/mod.ts";
import { pairFeatures } from "./band_pair.ts";
import type { FeatureSettings } from "./curve_work.ts";
import type { Chunk, ChunkPlan, ChunkResult, FeatureFailure } from "./extract_chunk.ts";
import { objectFeatures } from "./object_registry.ts";
import { chooseFeatures, features } from "./registry.ts";

/** Options of {@link extractFeatures}. */
export interface ExtractOptions extends FeatureSettings {
  /**
   * What to compute: names of single-band, two-band and whole-object features, `"FATS"` (63 numbers a band)
   * or `"quick"` (26 families). Default FATS.
   */
  features?: readonly string[];
  /** Names of the bands for single-band features. Default: all of the set. */
  bands?: readonly string[];
  /** Pairs of band names for two-band features. Default: each band with the next. */
  pairs?: readonly (readonly [string, string])[];
  /** Days within which two bands count as observed at once. Default 0. */
  pairTolerance?: number;
  /**
   * What happens when an object lacks a feature (too few points, no errors, a constant curve): `"report"`
   * leaves NaN in the table and lists the object under `failures`; `"throw"` stops at the first. Default
   * report.
   */
  onError?: "report" | "throw";
  /** Workers; default one a core. The result is the same for any number. */
  workers?: number;
  /** Told after each finished part, in objects. */
  progress?: ProgressReporter;
  /** Stops the work. */
  signal?: AbortSignal;
}

/** Features of a set of objects: rows in the order of the set. */
export interface FeatureTable {
  /** Identifiers of the objects, in the order of the set. */
  ids: readonly string[];
  /**
   * Names of the columns; with several bands a single-band feature ends in `_band`, a two-band one in
   * `_band_band`.
   */
  names: string[];
  /** `ids.length x names.length`, row-major. */
  data: Float64Array;
  /** The column of a name, one number an object. */
  column(name: string): Float64Array;
  /** Every number that is missing for a reason, in the order of the set. */
  failures: FeatureFailure[];
}

/**
 * Observations that one part of the work holds about: large enough to make messages cheap, small enough to
 * share evenly.
 */
const OBSERVATIONS = 5000;

/**
 * Features of all objects of a set as a named table, computed on all cores. What features share (one sort,
 * one periodogram, one fold a curve) is computed once. Rows keep the order of the set, and an object that
 * fails never takes another with it.
 *
 * @throws EphemeraError for an unknown feature or band, or, with `onError: "throw"`, for the first object
 * that lacks one.
 *
 * @example
 * ```ts
 * import { extractFeatures } from "ephemera/features";
 * import { LightCurveSet } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * const set = new LightCurveSet({
 *   ids: ["a", "b"],
 *   offsets: Uint32Array.of(0, 3, 4),
 *   time: Float64Array.of(1, 2, 4, 1),
 *   value: Float64Array.of(15, 16, 17, 12),
 * });
 * const table = await extractFeatures(set, { features: ["Mean", "LinearTrend"], workers: 1 });
 * assert.deepEqual([...table.column("Mean")], [16, 12]);
 * assert.match(table.failures[0].message, /at least 2 points, found 1/);
 * ```
 */
export async function extractFeatures(
  set: LightCurveSet,
  options: ExtractOptions = {},
): Promise<FeatureTable> {
  const { onError = "report", workers, progress, signal } = options;
  const plan = makePlan(set, options);
  const names = columnNames(plan);
  plan.columns = names.length;
  const { chunks, starts } = makeChunks(set);
  const counted: ProgressReporter | undefined = progress && {
    update: (done, total) =>
      progress.update(starts[done], set.length, total === done ? undefined : "features"),
    finish: (message) => progress.finish(message),
  };
  const results = await parallelMap<Chunk, ChunkResult>(
    import.meta.resolve("./extract_chunk.ts"),
    "extractChunk",
    chunks,
    { workers, shared: plan, progress: counted, signal },
  );
  const data = new Float64Array(set.length * names.length);
  const failures: FeatureFailure[] = [];
  results.forEach((result, c) => {
    data.set(result.rows, starts[c] * names.length);
    failures.push(...result.failures);
  });
  if (onError === "throw" && failures.length > 0) {
    const { id, feature, band, message } = failures[0];
    throw new EphemeraError({
      expected: `the feature ${feature}${band === undefined ? "" : ` in ${band}`}`,
      found: message,
      where: `object ${id}`,
      remedy: 'drop the object, or ask for onError: "report"',
    });
  }
  const column = (name: string): Float64Array => {
    const k = names.indexOf(name);
    demand(k >= 0, {
      expected: `one of the columns ${names.join(", ")}`,
      found: `"${name}"`,
      where: "FeatureTable",
    });
    return Float64Array.from({ length: set.length }, (_, i) => data[i * names.length + k]);
  };
  return { ids: set.ids, names, data, column, failures };
}

function makePlan(set: LightCurveSet, options: ExtractOptions): ChunkPlan {
  const asked = options.features ?? ["FATS"];
  const paired = asked.filter((name) => pairFeatures.has(name));
  const whole = asked.filter((name) => objectFeatures.has(name));
  const rest = asked.filter((name) => !pairFeatures.has(name) && !objectFeatures.has(name));
  const bands = [...set.bands];
  const bandNumber = (name: string): number => {
    const b = bands.indexOf(name);
    demand(b >= 0, {
      expected: `one of the bands ${bands.join(", ")}`,
      found: `"${name}"`,
      where: "extractFeatures",
    });
    return b;
  };
  const neighbours: [string, string][] = bands.slice(1).map((band, k) => [bands[k], band]);
  const pairs = (options.pairs ?? neighbours).map((
    [a, b],
  ): [number, number] => [bandNumber(a), bandNumber(b)]);
  demand(paired.length === 0 || pairs.length > 0, {
    expected: `two bands for ${paired.join(", ")}`,
    found: `the band ${bands.join(", ")} alone`,
    where: "extractFeatures",
  });
  const { compatibility, maximumFrequency, oversampling } = options;
  return {
    single: chooseFeatures(rest).map((feature) => feature.name),
    paired,
    whole,
    bands,
    chosen: (options.bands ?? bands).map(bandNumber),
    pairs,
    settings: { compatibility, maximumFrequency, oversampling, quantity: options.quantity ?? set.quantity },
    pairTolerance: options.pairTolerance ?? 0,
    columns: 0,
  };
}

function columnNames({ single, paired, whole, bands, chosen, pairs }: ChunkPlan): string[] {
  const suffix = (b: number) => bands.length === 1 ? "" : `_${bands[b]}`;
  return [
    ...chosen.flatMap((b) =>
      single.flatMap((name) => features.get(name)!.outputs.map((output) => `${output}${suffix(b)}`))
    ),
    ...pairs.flatMap(([a, b]) => paired.map((name) => `${name}${suffix(a)}${suffix(b)}`)),
    ...whole.flatMap((name) => objectFeatures.get(name)!.outputs(bands)),
  ];
}

/** Cuts the set into parts of about equal work; `starts` are the first objects of the parts, and the end. */
function makeChunks(set: LightCurveSet): { chunks: Chunk[]; starts: number[] } {
  const starts = [0];
  for (let i = 1; i < set.length; i++) {
    if (set.offsets[i + 1] - set.offsets[starts[starts.length - 1]] > OBSERVATIONS) starts.push(i);
  }
  starts.push(set.length);
  const numbers = Object.entries(set.metadata).filter((entry): entry is [string, Float64Array] =>
    entry[1] instanceof Float64Array
  );
  const chunks: Chunk[] = [];
  for (let c = 0; c + 1 < starts.length; c++) {
    const [i, j] = [starts[c], starts[c + 1]];
    const [from, to] = [set.offsets[i], set.offsets[j]];
    chunks.push({
      ids: set.ids.slice(i, j),
      offsets: set.offsets.slice(i, j + 1).map((offset) => offset - from),
      time: set.time.slice(from, to),
      value: set.value.slice(from, to),
      error: set.error?.slice(from, to),
      band: set.band?.slice(from, to),
      detected: set.flags?.slice(from, to).map((flag) => flag & Flag.detected),
      metadata: Object.fromEntries(numbers.map(([name, column]) => [name, column.slice(i, j)])),
    });
  }
  return { chunks, starts };
}
