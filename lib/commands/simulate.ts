/** What `deno task simulate` does: a simulated catalogue of the sky into a new folder, streamed. */
import { basename, dirname, join, resolve } from "node:path";
import { demand, EphemeraError, type ProgressReporter } from "../core/mod.ts";
import { ParquetLightCurveWriter, PlasticcWriter, writeSnanaFits } from "../formats/mod.ts";
import { concatenate, LightCurveSet } from "../observations/mod.ts";
import { type ClassMix, type SimulateSkyOptions, skyChunks, type SkySample } from "../survey/mod.ts";

/** Formats that {@link runSimulation} writes. */
export const SIMULATION_FORMATS = ["parquet", "csv", "snana"] as const;

/** One of {@link SIMULATION_FORMATS}. */
export type SimulationFormat = typeof SIMULATION_FORMATS[number];

/** What {@link runSimulation} is asked for. */
export interface SimulationRequest {
  /** Name of a preset. */
  preset: string;
  /** Name of a survey. Default: the preset's. */
  survey?: string;
  /** How many objects. */
  objects: number;
  /** Seed of everything. */
  seed: number | string;
  /** Folder to make; it must not exist. */
  out: string;
  /** Default `"test"`. */
  sample?: SkySample;
  /** Default `"table"`. */
  mix?: ClassMix;
  /** Names of the classes wanted. Default: all of the sample. */
  classes?: readonly string[];
  /** Default Parquet alone. */
  formats?: readonly SimulationFormat[];
  /** How many workers at most. Default: the number of cores. */
  workers?: number;
  /** Told after every chunk. */
  progress?: ProgressReporter;
  /** Stops the work; the unfinished folder is removed. */
  signal?: AbortSignal;
}

/** What came of it; all but `files` and `seconds` also stand in the folder's `simulation.json`. */
export interface SimulationReport {
  /** The request, with defaults filled in. */
  request: Record<string, unknown>;
  objects: number;
  observations: number;
  /** Objects of each class that has some. */
  classes: Record<string, number>;
  /** Draws of objects, selected or not. */
  draws: number;
  /** Names of the files in the folder. */
  files: string[];
  /** How long it took. */
  seconds: number;
}

/** Takes the chunks of a simulation and writes them in one format. */
interface Sink {
  append(set: LightCurveSet): Promise<void>;
  close(): Promise<void>;
  /** Gives up. */
  abort(): Promise<void>;
}

/** Objects of a pair of SNANA files. */
const SNANA_OBJECTS = 10_000;

/**
 * Simulates and writes into a new folder: `NAME.parquet`; `NAME.csv` and `NAME_metadata.csv` in PLAsTiCC's columns; pairs
 * `NAME-0001_HEAD.FITS`, `NAME-0001_PHOT.FITS` of ten thousand objects each; and `simulation.json`, which says how to make it again. NAME is
 * `training_set` or `test_set`. Memory holds a few chunks. The folder appears when it is complete.
 *
 * @throws EphemeraError when the folder exists or its parent does not, for unknown names and impossible numbers.
 */
export async function runSimulation(request: SimulationRequest): Promise<SimulationReport> {
  const { sample = "test", mix = "table", formats = ["parquet"], progress, signal } = request;
  demand(formats.length > 0 && formats.every((format) => SIMULATION_FORMATS.includes(format)), () => ({
    expected: `formats of ${SIMULATION_FORMATS.join(", ")}`,
    found: formats.join(", ") || "none",
    where: "runSimulation",
  }));
  const out = resolve(request.out);
  await demandFree(out);
  const options: SimulateSkyOptions = { ...request, sample, mix, progress, signal };
  const chunks = skyChunks(options), started = performance.now();
  // The first chunk is made before any file is: what is wrong with the request comes to light there.
  const first = await chunks.next();
  const folder = await Deno.makeTempDir({ dir: dirname(out), prefix: `.${basename(out)}-` });
  const sinks: Sink[] = [];
  // Ended by a signal, the process leaves nothing behind either.
  const undo = () => Deno.removeSync(folder, { recursive: true });
  globalThis.addEventListener("unload", undo);
  try {
    const name = `${sample}_set`, classes: Record<string, number> = {};
    for (const format of new Set(formats)) sinks.push(await openSink(format, folder, name));
    let objects = 0, observations = 0, draws = 0;
    for (let next = first; !next.done; next = await chunks.next()) {
      const set = next.value;
      for (const sink of sinks) await sink.append(set);
      objects += set.length;
      observations += set.observations;
      draws += set.numbers("draws").reduce((sum, count) => sum + count, 0);
      for (let i = 0; i < set.length; i++) {
        const label = set.className(i)!;
        classes[label] = (classes[label] ?? 0) + 1;
      }
    }
    for (const sink of sinks) await sink.close();
    const { preset, survey = "the preset's", seed, classes: wanted = "all" } = request;
    const facts = {
      request: { preset, survey, objects: request.objects, seed, sample, mix, classes: wanted, formats },
      objects,
      observations,
      classes,
      draws,
    };
    await Deno.writeTextFile(join(folder, "simulation.json"), JSON.stringify(facts, null, 1) + "\n");
    const files = [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
    await Deno.chmod(folder, 0o755);
    await Deno.rename(folder, out);
    return { ...facts, files, seconds: (performance.now() - started) / 1000 };
  } catch (error) {
    for (const sink of sinks) await sink.abort().catch(() => {});
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    throw error;
  } finally {
    globalThis.removeEventListener("unload", undo);
    await chunks.return();
  }
}

async function demandFree(out: string): Promise<void> {
  const exists = (path: string) =>
    Deno.stat(path).then((entry) => entry.isDirectory ? "a folder" : "a file", (error) => {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    });
  const found = await exists(out);
  demand(found === undefined, () => ({
    expected: "a folder that does not exist yet",
    found: `${found} of that name`,
    where: out,
    remedy: "name another one, or remove it first",
  }));
  demand(await exists(dirname(out)) === "a folder", () => ({
    expected: "an existing folder to put it in",
    found: "none",
    where: dirname(out),
  }));
}

async function openSink(format: SimulationFormat, folder: string, name: string): Promise<Sink> {
  switch (format) {
    case "parquet":
      return await ParquetLightCurveWriter.create(join(folder, `${name}.parquet`));
    case "csv":
      return await plasticcSink(folder, name);
    case "snana":
      return snanaSink(folder, name);
  }
}

/** PLAsTiCC's files hold numbers alone: texts among the metadata are left out. */
async function plasticcSink(folder: string, name: string): Promise<Sink> {
  const writer = await PlasticcWriter.create(folder, {
    lightCurves: `${name}.csv`,
    metadata: `${name}_metadata.csv`,
  });
  return {
    append(set) {
      const numbers = Object.entries(set.metadata).filter(([, column]) => column instanceof Float64Array);
      return writer.append(new LightCurveSet({ ...set.columns(), metadata: Object.fromEntries(numbers) }));
    },
    close: () => writer.close(),
    abort: () => writer.abort(),
  };
}

function snanaSink(folder: string, name: string): Sink {
  let waiting: LightCurveSet[] = [], objects = 0, pair = 0;
  const flush = async () => {
    const prefix = join(folder, `${name}-${String(++pair).padStart(4, "0")}`);
    await writeSnanaFits(prefix, concatenate(waiting), { precision: "float32" });
    waiting = [];
    objects = 0;
  };
  return {
    async append(set) {
      waiting.push(set);
      objects += set.length;
      if (objects >= SNANA_OBJECTS) await flush();
    },
    async close() {
      if (waiting.length > 0) await flush();
    },
    abort: () => Promise.resolve(),
  };
}

/** Is an error one that the person who gave the command can mend? Then its message suffices. */
export function isRefusal(error: unknown): error is EphemeraError {
  return error instanceof EphemeraError || (error instanceof Error && error.cause instanceof EphemeraError);
}
