/**
 * How fast imagined spectra are scored: 100,000 objects, 200 samples each, forests of 200 trees on 2,554 objects of six
 * classes with seven known and two revealed features (the paper's sizes; it took 437 s for 2,554 objects).
 *
 *     deno run -A tests/bench/follow_up_bench.ts [--objects=N] [--workers=N]
 */
import { configure, PAPER } from "../../lib/chapters/follow_up/configuration.ts";
import { fitParts, plainModel } from "../../lib/chapters/follow_up/plain_model.ts";
import { scoreObjects } from "../../lib/chapters/follow_up/scoring.ts";
import { madeUpSet } from "../chapters/follow_up/sky.ts";

const option = (name: string) =>
  Deno.args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const objects = Number(option("objects") ?? 100_000), workers = Number(option("workers") ?? 2);

const sizes = { classes: 6, known: 7, revealed: 2, spread: 0.9 };
const train = madeUpSet({ ...sizes, objects: 2554, seed: "train" });
const configuration = configure(PAPER, { mixture: { restarts: 1 } });
const model = plainModel(await fitParts(train, { configuration, seed: 1 }), 0);
const sky = madeUpSet({ ...sizes, objects, seed: "sky" });
const begin = performance.now();
await scoreObjects(model, sky.ids, sky.known, { seed: 1, workers });
const ours_ms = performance.now() - begin;
console.log(JSON.stringify({
  name: `score ${objects} objects x 200 imagined spectra, ${workers} workers`,
  ours_ms,
  objects_per_second: 1000 * objects / ours_ms,
  paper_objects_per_second: 2554 / 437,
}));
