import { demand, EphemeraError } from "../core/mod.ts";
import { type Table, table, type TableOptions, type TableRecord } from "./table.ts";

/** A study's results with where they come from, as `scripts/study.ts` writes them. */
export interface Study<Entry extends TableRecord = TableRecord> {
  /** Name of the study and of its file. */
  name: string;
  /** The command that made it. */
  command: string;
  /** Commit of the library that the last entry ran with; ends in `-dirty` when files differed from it. */
  commit: string;
  /** Seeds that were run. */
  seeds: readonly number[];
  /** Which engine computed tensors. */
  backend: string;
  /** `quick` or `paper`. */
  scale?: string;
  /** Whatever was configured. */
  configuration?: unknown;
  /** Names of its data sets or simulators. */
  data?: readonly string[];
  /** How long it took, in seconds. */
  seconds?: number;
  /** The entries that were run, each with its own commit. */
  entries?: readonly { commit: string }[];
  /** One entry a seed, a model, a class: what was measured. */
  results: readonly Entry[];
}

/** Options of {@link loadStudy}. */
export interface StudyOptions {
  /** Folder of the studies. Default: `notebooks/studies` of the project. */
  directory?: string | URL;
}

/**
 * Returns a committed study. A notebook shows it with {@link provenance} instead of running for hours.
 *
 * @param name file name without `.json`, e.g. `"06_novelty_seeds"`
 */
export async function loadStudy<Entry extends TableRecord = TableRecord>(
  name: string,
  options: StudyOptions = {},
): Promise<Study<Entry>> {
  demand(/^[A-Za-z0-9_-]+$/.test(name), {
    expected: "a study's name of letters, digits, _ and -",
    found: JSON.stringify(name),
    where: "loadStudy",
  });
  const { directory = new URL("../../notebooks/studies/", import.meta.url) } = options;
  const path = typeof directory === "string"
    ? `${directory}/${name}.json`
    : new URL(`${name}.json`, directory);
  let study: Study<Entry>;
  try {
    study = JSON.parse(await Deno.readTextFile(path));
  } catch (cause) {
    throw new EphemeraError({
      expected: "the results of a study",
      found: cause instanceof Deno.errors.NotFound ? "no such file" : String(cause),
      where: `notebooks/studies/${name}.json`,
      remedy: `run: deno task study ${name}`,
      cause,
    });
  }
  for (const field of ["command", "commit", "seeds", "backend", "results"] as const) {
    demand(study[field] !== undefined, {
      expected: `the field "${field}"`,
      found: `only ${Object.keys(study).join(", ")}`,
      where: `notebooks/studies/${name}.json`,
      remedy: `make the study again: deno task study ${name}`,
    });
  }
  return { ...study, name };
}

/** Returns the line that stands below a study's table: command, commit, seeds, backend. */
export function provenance(study: Study): string {
  const seeds = study.seeds.length > 8
    ? `${study.seeds.length} seeds (${study.seeds[0]} to ${study.seeds.at(-1)})`
    : `seeds ${study.seeds.join(", ")}`;
  const commits = [...new Set([...(study.entries ?? []).map((entry) => entry.commit), study.commit])].map(
    shortCommit,
  );
  return [
    `From the study "${study.name}": ${study.command}`,
    `${commits.length === 1 ? "commit" : "commits"} ${commits.join(", ")}`,
    seeds,
    `backend ${study.backend}`,
    ...(study.scale ? [`scale ${study.scale}`] : []),
    ...(study.data?.length ? [`data: ${study.data.join(", ")}`] : []),
  ].join(" · ");
}

/** Ten digits are enough to find a commit; whether files differed from it must stay to be seen. */
const shortCommit = (commit: string) => commit.replace(/^([0-9a-f]{10})[0-9a-f]+/, "$1");

/** Returns a study's entries (or `records` made from them) as a table with its provenance below. */
export function studyTable(
  study: Study,
  options: TableOptions & { records?: readonly TableRecord[] } = {},
): Table {
  const { records = study.results, ...rest } = options;
  return table(records, { ...rest, note: [rest.note, provenance(study)].filter(Boolean).join(" ") });
}
