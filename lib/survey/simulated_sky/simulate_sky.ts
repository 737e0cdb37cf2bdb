/** Simulated catalogues of the sky, streamed: chunks of light curves with metadata, made by any number of workers. */
import { FlatUniverse, FLUXCAL_ZERO_POINT, type UniverseParameters } from "../../astronomy/mod.ts";
import { demand, parallelStream, type ProgressReporter } from "../../core/mod.ts";
import { concatenate, type LightCurveColumns, LightCurveSet } from "../../observations/mod.ts";
import { skySurvey } from "../multiband/known_surveys.ts";
import type { SkySurvey } from "../multiband/sky_survey.ts";
import type { SkyPreset } from "./preset.ts";
import { skyPreset } from "./known_presets.ts";
import {
  type ClassMix,
  SkyMaker,
  type SkyMakerOptions,
  type SkyObject,
  type SkySample,
} from "./sky_maker.ts";

/** What {@link simulateSky} makes. */
export interface SimulateSkyOptions {
  /** Name of a preset (see `SKY_PRESET_NAMES`), or one read with `parseSkyPreset`. */
  preset: string | SkyPreset;
  /**
   * Another survey than the preset's: a name that `skySurvey` knows, `"lsst"` for its wide and deep fields in the preset's
   * shares, or a description read with `parseSkySurvey`.
   */
  survey?: string | SkySurvey;
  /** How many objects. */
  objects: number;
  /** Seed of everything. */
  seed: number | string;
  /** Biased by a spectroscopic selection, or as the survey finds them. Default `"test"`. */
  sample?: SkySample;
  /** Default `"table"`. */
  mix?: ClassMix;
  /** Names of the classes wanted. Default: all of the sample. */
  classes?: readonly string[];
  /** How many workers at most. Default: the number of cores. The objects are the same for any number. */
  workers?: number;
  /** Told after every chunk. */
  progress?: ProgressReporter;
  /** Stops the work. */
  signal?: AbortSignal;
  /** Objects of a chunk. Default 250. */
  chunk?: number;
  /** Fields of each survey without a list of them: objects of one field share its visits. Default 300. */
  fields?: number;
  /** Draws per object before its class is called empty. Default 20,000. */
  attempts?: number;
}

/** {@link SkyMakerOptions} as they reach a worker: plain data. */
interface PlainOptions extends Omit<SkyMakerOptions, "preset"> {
  preset: Omit<SkyPreset, "universe"> & { universe: UniverseParameters };
}

/** Objects `from` to `to - 1`. */
interface ChunkTask {
  from: number;
  to: number;
}

/** Names of the surveys that `"lsst"` stands for. */
const LSST = ["lsst-wide", "lsst-deep"] as const;

/**
 * Yields a simulated catalogue in chunks, in order. Memory holds a few chunks, however many objects there are; see
 * {@link simulateSky} for what a chunk contains.
 *
 * @throws EphemeraError for an unknown preset, survey or class, impossible numbers, and a class that no draw finds.
 */
export async function* skyChunks(
  options: SimulateSkyOptions,
): AsyncGenerator<LightCurveSet, void, undefined> {
  const { objects, chunk = 250, workers, progress, signal } = options;
  demand(Number.isInteger(objects) && objects > 0 && objects <= 1e9, () => ({
    expected: "a whole number of objects from 1 to a thousand million",
    found: String(objects),
    where: "simulateSky",
  }));
  demand(Number.isInteger(chunk) && chunk > 0, () => ({
    expected: "a positive whole number of objects in a chunk",
    found: String(chunk),
    where: "simulateSky",
  }));
  const plain = plainOptions(options);
  function* tasks(): Generator<ChunkTask> {
    for (let from = 0; from < objects; from += chunk) yield { from, to: Math.min(objects, from + chunk) };
  }
  const count = Math.min(
    workers ?? globalThis.navigator?.hardwareConcurrency ?? 1,
    Math.ceil(objects / chunk),
  );
  const stream = parallelStream<ChunkTask, LightCurveColumns>(import.meta.url, "makeSkyChunk", tasks(), {
    workers: count,
    shared: plain,
    signal,
  });
  let done = 0;
  for await (const columns of stream) {
    const set = new LightCurveSet(columns);
    done += set.length;
    progress?.update(done, objects);
    yield set;
  }
  progress?.finish();
}

/**
 * Returns a simulated catalogue as one set: fluxes with zero point 27.5 in the survey's bands, flags (detected, saturated, forced,
 * first trigger), labels, and metadata with one row per object. Metadata: the columns of the preset's catalogue (see
 * `catalogueRow`), `target` (the class's number), and the truth: `true_kind`, `true_z`, `true_distmod`, `true_peakmjd`, `draws` (how
 * many draws of the class it took until one was noticed and selected). NaN is missing.
 *
 * Object i depends on preset, survey, seed, sample and i alone: neither the number of objects nor that of workers changes it.
 *
 * @throws EphemeraError as {@link skyChunks}.
 *
 * @example
 * ```ts
 * import { simulateSky } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * const set = await simulateSky({ preset: "periodic", objects: 5, seed: 1, workers: 1, fields: 3 });
 * assert.equal(set.length, 5);
 * assert.deepEqual(set.bands, ["u", "g", "r", "i", "z", "y"]);
 * ```
 */
export async function simulateSky(options: SimulateSkyOptions): Promise<LightCurveSet> {
  const chunks: LightCurveSet[] = [];
  for await (const chunk of skyChunks(options)) chunks.push(chunk);
  return concatenate(chunks);
}

function plainOptions(options: SimulateSkyOptions): PlainOptions {
  const { seed, sample = "test", mix = "table", fields, attempts, classes } = options;
  let preset = typeof options.preset === "string" ? skyPreset(options.preset) : options.preset;
  if (classes !== undefined) {
    const names = preset.classes.map(({ name }) => name),
      unknown = classes.filter((name) => !names.includes(name));
    demand(unknown.length === 0, () => ({
      expected: `classes of ${names.join(", ")}`,
      found: unknown.join(", "),
      where: `preset ${preset.name}`,
    }));
    const none = { training: 0, test: 0 };
    preset = {
      ...preset,
      classes: preset.classes.map((entry) =>
        classes.includes(entry.name) ? entry : { ...entry, counts: none }
      ),
    };
  }
  demand(preset.classes.some(({ counts }) => counts[sample] > 0), () => ({
    expected: `at least one class with objects in the ${sample} sample`,
    found: classes === undefined ? "none" : `only ${classes.join(", ") || "an empty list"}`,
    where: `preset ${preset.name}`,
    remedy: "ask for other classes, or for the other sample",
  }));
  const { universe: { hubble, matter }, ...rest } = preset;
  return {
    preset: { ...rest, universe: { hubble, matter } },
    surveys: surveysOf(options, preset),
    seed,
    sample,
    mix,
    fields,
    attempts,
  };
}

function surveysOf({ survey }: SimulateSkyOptions, preset: SkyPreset): PlainOptions["surveys"] {
  const named = preset.surveys.map(({ name, training, test }) => ({
    survey: skySurvey(name),
    training,
    test,
  }));
  if (survey === undefined) return named;
  if (typeof survey !== "string") return [{ survey, training: 1, test: 1 }];
  if (survey !== "lsst") return [{ survey: skySurvey(survey), training: 1, test: 1 }];
  const own = preset.surveys.every(({ name }) => name.startsWith("lsst"));
  return own ? named : LSST.map((name, k) => ({ survey: skySurvey(name), training: 1 - k, test: 1 - k }));
}

/** Makers by the options they were made from: a worker gets its options once, as one object. */
const makers = new WeakMap<object, SkyMaker>();

/** Makes one chunk; the part of {@link skyChunks} that workers run. */
export function makeSkyChunk({ from, to }: ChunkTask, options: PlainOptions): LightCurveColumns {
  const preset: SkyPreset = { ...options.preset, universe: new FlatUniverse(options.preset.universe) };
  let maker = makers.get(options);
  if (maker === undefined) makers.set(options, maker = new SkyMaker({ ...options, preset }));
  const objects: SkyObject[] = [];
  for (let index = from; index < to; index++) objects.push(maker.object(index));
  return packObjects(objects, preset, maker, options.sample ?? "test");
}

/** First identifier of each sample, so that those of both differ. */
const FIRST_ID: Readonly<Record<SkySample, number>> = { training: 1, test: 100_000_001 };

function packObjects(
  objects: readonly SkyObject[],
  preset: SkyPreset,
  maker: SkyMaker,
  sample: SkySample,
): LightCurveColumns {
  const offsets = new Uint32Array(objects.length + 1);
  objects.forEach(({ observed }, i) => offsets[i + 1] = offsets[i] + observed.time.length);
  const total = offsets[objects.length];
  const time = new Float64Array(total), value = new Float64Array(total), error = new Float64Array(total);
  const band = new Uint8Array(total), flags = new Uint8Array(total);
  objects.forEach(({ observed }, i) => {
    time.set(observed.time, offsets[i]);
    value.set(observed.flux, offsets[i]);
    error.set(observed.error, offsets[i]);
    band.set(observed.band, offsets[i]);
    flags.set(observed.flags, offsets[i]);
  });
  const column = (of: (object: SkyObject) => number) => Float64Array.from(objects, of);
  const listed = Object.keys(objects[0]?.catalogue ?? {});
  return {
    ids: objects.map(({ index }) => String(FIRST_ID[sample] + index)),
    offsets,
    time,
    value,
    error,
    band,
    flags,
    bands: maker.bands,
    quantity: "flux",
    zeroPoint: FLUXCAL_ZERO_POINT,
    timeScale: maker.timeScale,
    labels: Int32Array.from(objects, ({ label }) => label),
    classNames: preset.classes.map(({ name }) => name),
    metadata: {
      ...Object.fromEntries(listed.map((name) => [name, column(({ catalogue }) => catalogue[name])])),
      target: column(({ label }) => preset.classes[label].target),
      true_kind: objects.map(({ kind }) => kind),
      true_z: column(({ truth }) => truth.redshift),
      true_distmod: column(({ truth }) => truth.distanceModulus),
      true_peakmjd: column(({ truth }) => truth.peak),
      draws: column(({ truth }) => truth.draws),
    },
  };
}
