/** Simulated sky: LSST's wide cadence in six bands, all cores: `deno task bench simulate`; `-- --objects=N` for more. */
import { silent } from "ephemera/core";
import { ParquetLightCurveWriter } from "ephemera/formats";
import { skyChunks, skyPreset } from "ephemera/survey";

const argument = (name: string, byDefault: number) => {
  const found = Deno.args.find((text) => text.startsWith(`--${name}=`));
  return found === undefined ? byDefault : Number(found.slice(name.length + 3));
};
const objects = argument("objects", 4000), workers = argument("workers", navigator.hardwareConcurrency);

/** Simulates, and writes to Parquet if a path is given; prints one line. */
async function measure(name: string, preset: string, path?: string, count = objects): Promise<void> {
  const writer = path === undefined ? undefined : await ParquetLightCurveWriter.create(path);
  const stream = skyChunks({ preset, seed: 1, objects: count, workers, progress: silent });
  let observations = 0, done = 0, first = 0, largest = 0, start = performance.now(), warm = 0;
  for await (const set of stream) {
    await writer?.append(set);
    done += set.length;
    observations += set.observations;
    const { rss } = Deno.memoryUsage();
    largest = Math.max(largest, rss);
    // Workers load and fields get their visits within the first quarter: memory and rate are taken after it.
    if (first === 0 && done >= count / 4) {
      first = largest;
      warm = done;
      start = performance.now();
    }
  }
  await writer?.close();
  const milliseconds = performance.now() - start;
  console.log(JSON.stringify({
    name: `${name}, ${count} objects`,
    ours_ms: Number(milliseconds.toPrecision(4)),
    objects_per_second: Math.round((done - warm) / milliseconds * 1000),
    observations_per_object: Math.round(observations / done),
    memory_MB: Math.round(largest / 1e6),
    memory_after_first_quarter_MB: Math.round(first / 1e6),
    workers,
  }));
}

const folder = await Deno.makeTempDir();
try {
  for (const preset of ["plasticc", "periodic", "snpcc"]) {
    await measure(`${skyPreset(preset).name}, in memory`, preset);
  }
  await measure("plasticc, to Parquet", "plasticc", `${folder}/sky.parquet`, 2 * objects);
} finally {
  await Deno.remove(folder, { recursive: true });
}
