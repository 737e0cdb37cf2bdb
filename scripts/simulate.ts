/** Simulates a survey's catalogue: `deno task simulate --preset NAME --objects N --seed S --out DIR`. */
import { exitOnSignals, numberOption, parseArguments, refuse } from "ephemera/commands";
import { textProgress } from "ephemera/core";
import { type ClassMix, SKY_PRESET_NAMES, SKY_SURVEY_NAMES, type SkySample } from "ephemera/survey";
import {
  isRefusal,
  runSimulation,
  SIMULATION_FORMATS,
  type SimulationFormat,
} from "../lib/commands/simulate.ts";

const USAGE = `
Usage: deno task simulate [options] --preset NAME --objects N --out DIR

Draws objects of the sky, looks at them as a survey would, and writes light curves and catalogue into the new folder DIR.
The same options give the same objects, whatever the number of workers.

  --preset NAME     ${SKY_PRESET_NAMES.join(", ")}
  --objects N       how many objects
  --out DIR         folder to make; it must not exist
  --seed S          seed (default 1)
  --survey NAME     lsst (wide and deep fields), ${SKY_SURVEY_NAMES.join(", ")}
                    (default: the preset's)
  --sample NAME     training (chosen by spectra where the preset says so) or test (default)
  --mix NAME        table (default: the preset's numbers of each class), equal, or rates (volumetric)
  --class NAME      only this class (may be given several times)
  --format LIST     of ${SIMULATION_FORMATS.join(", ")}, with commas (default parquet)
  --workers N       threads (default: the number of cores)
`;

exitOnSignals();
const { values, positionals } = parseArguments(Deno.args, USAGE, {
  preset: { type: "string" },
  objects: { type: "string" },
  out: { type: "string" },
  seed: { type: "string", default: "1" },
  survey: { type: "string" },
  sample: { type: "string", default: "test" },
  mix: { type: "string", default: "table" },
  class: { type: "string", multiple: true },
  format: { type: "string", default: "parquet" },
  workers: { type: "string" },
});

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  if (!(allowed as readonly string[]).includes(value)) {
    refuse(`Expected one of ${allowed.join(", ")} for --${name}, found "${value}".`, USAGE);
  }
  return value as T;
}

function needed(name: "preset" | "objects" | "out"): string {
  const value = values[name];
  if (value === undefined || value === "") refuse(`Expected --${name}, found none.`, USAGE);
  return value;
}

if (positionals.length > 0) refuse(`Expected options alone, found "${positionals.join(" ")}".`, USAGE);
const objects = numberOption("objects", needed("objects"), 1, USAGE);
try {
  const { files, classes, observations, draws, seconds } = await runSimulation({
    preset: oneOf("preset", needed("preset"), SKY_PRESET_NAMES),
    survey: values.survey === undefined
      ? undefined
      : oneOf("survey", values.survey, ["lsst", ...SKY_SURVEY_NAMES]),
    objects,
    seed: values.seed,
    out: needed("out"),
    sample: oneOf<SkySample>("sample", values.sample, ["training", "test"]),
    mix: oneOf<ClassMix>("mix", values.mix, ["table", "equal", "rates"]),
    classes: values.class,
    formats: values.format.split(",").map((name) =>
      oneOf<SimulationFormat>("format", name, SIMULATION_FORMATS)
    ),
    workers: values.workers === undefined ? undefined : numberOption("workers", values.workers, 1, USAGE),
    progress: textProgress({ label: "simulate" }),
  });
  for (const [name, count] of Object.entries(classes)) console.log(`${String(count).padStart(10)}  ${name}`);
  const each = (observations / objects).toFixed(0), chosen = (100 * objects / draws).toFixed(1);
  console.log(
    `${objects} objects of ${each} observations on average, ${chosen} % of all drawn, in ${
      seconds.toFixed(1)
    } s`,
  );
  console.log(`${values.out}: ${files.join(", ")}`);
} catch (error) {
  if (isRefusal(error)) refuse(error.message, USAGE);
  throw error;
}
