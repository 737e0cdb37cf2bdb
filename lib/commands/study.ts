/**
 * Studies: measurements with many seeds or models that take too long for a notebook. A study runs entry by entry, keeps
 * every finished entry in one JSON file with its provenance, and takes up after an interruption where it stopped.
 */
import { createHash } from "node:crypto";
import { demand, EphemeraError } from "../core/mod.ts";
import { writeAtomically } from "./files.ts";

/** One row of results: a flat record, shown as a row of a table. */
export type StudyRow = Record<string, number | string | boolean | null>;

/** One unit of a study: a seed, a model, a left-out class. */
export interface StudyEntry {
  /** Its name, unique within the study: letters, digits, and `_ . -`. */
  key: string;
  /** The seed that all its randomness comes from. */
  seed: number;
  /** Everything else that its results depend on, as data that JSON keeps; when this changes, the entry is run again. */
  configuration: unknown;
}

/** What an entry gets to run with. */
export interface StudyContext {
  /** Says how far it is. */
  log: (message: string) => void;
}

/** What an entry came to. */
export interface EntryResult {
  rows: StudyRow[];
  /** Which engine computed tensors, e.g. `"wasm, 2 threads"`; `"none"` when there were no tensors. */
  backend: string;
}

/**
 * A study as a chapter defines it: a module exports it as `study`, and `scripts/study.ts` lists the module. The type is
 * structural; a chapter, which lies below this folder, need not import it.
 */
export interface Study {
  /** Its name and its file's, e.g. `"novelty_seeds"`. */
  name: string;
  /** What it measures, in one sentence. */
  description: string;
  /** `"quick"` or `"paper"`. */
  scale: string;
  /** Names of its data sets or simulators. */
  data: string[];
  /** What is to be run, in this order. */
  entries: StudyEntry[];
  /** Runs one entry. Same entry, same result. */
  runEntry(entry: StudyEntry, context: StudyContext): Promise<EntryResult>;
}

/** A finished entry in a study's file. */
export interface FinishedEntry extends StudyEntry {
  /** {@link entryHash} of the entry that was run. */
  hash: string;
  /** Commit that it began with; ends in `-dirty` when files differed from it, or when it ended with another commit. */
  commit: string;
  backend: string;
  /** How long it took, in seconds. */
  seconds: number;
  /** When it ended, ISO 8601, UTC. */
  finished: string;
}

/** The content of a study's file. */
export interface StudyFile {
  name: string;
  description: string;
  /** The command that makes it. */
  command: string;
  scale: string;
  data: string[];
  /** Commit of the entry that ended last; each entry has its own. */
  commit: string;
  /** Backends of the entries, joined by commas. */
  backend: string;
  /** Seeds of the finished entries, each once. */
  seeds: number[];
  /** Sum over the entries, in seconds. */
  seconds: number;
  versions: Record<string, string>;
  entries: FinishedEntry[];
  /** The rows of all entries in their order; `entry` is the key of the entry that a row comes from. */
  results: StudyRow[];
}

/** JSON with the keys of objects in alphabetical order, so that equal data has equal text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_, item) =>
      typeof item === "object" && item !== null && !Array.isArray(item)
        ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
        : item,
  );
}

/** Fingerprint of an entry's seed and configuration: 16 hexadecimal digits, the same whatever the order of keys. */
export function entryHash({ seed, configuration }: Pick<StudyEntry, "seed" | "configuration">): string {
  return createHash("sha256").update(canonicalJson({ seed, configuration })).digest("hex").slice(0, 16);
}

/** Reads a study's file; null when there is none. Errors: a file that is not a study's. */
export async function readStudyFile(path: string): Promise<StudyFile | null> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const remedy = "repair it, or remove it to begin anew";
  let file: StudyFile;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw new EphemeraError({
      expected: "a study in JSON",
      found: String(cause),
      where: path,
      remedy,
      cause,
    });
  }
  demand(Array.isArray(file?.entries) && Array.isArray(file?.results), {
    expected: 'a study with "entries" and "results"',
    found: `the keys ${Object.keys(file ?? {}).join(", ")}`,
    where: path,
    remedy,
  });
  return file;
}

/** The entries of `study` that are not in `file` with the same configuration. */
export function unfinishedEntries(study: Study, file: StudyFile | null): StudyEntry[] {
  const finished = new Map(file?.entries.map(({ key, hash }) => [key, hash]));
  return study.entries.filter((entry) => finished.get(entry.key) !== entryHash(entry));
}

/** Options of {@link runStudy}. */
export interface RunStudyOptions {
  /** The study's file. */
  path: string;
  /** The command to write into it. */
  command: string;
  /** Tells the commit, for each entry before it begins and after it has ended. */
  commit: () => Promise<string>;
  versions: Record<string, string>;
  /** Only the entries with these keys. Default: all. */
  only?: string[];
  /** Run entries that are finished, too. */
  again?: boolean;
  /** How many entries run at the same time. Default 1. */
  jobs?: number;
  /** Runs one entry, e.g. in a process of its own. Default: `study.runEntry` in this process. */
  run?: (entry: StudyEntry) => Promise<EntryResult>;
  log?: (message: string) => void;
}

/** How a run of a study ended. */
export interface StudyOutcome {
  ran: string[];
  skipped: string[];
  /** Key and reason of the entries that failed. */
  failed: [key: string, reason: string][];
}

function checkStudy(study: Study, only: string[] | undefined): void {
  const keys = study.entries.map(({ key }) => key);
  for (const [index, key] of keys.entries()) {
    demand(/^[\w.-]+$/.test(key), {
      expected: "a key of letters, digits, _ . and -",
      found: JSON.stringify(key),
      where: `study ${study.name}`,
    });
    demand(keys.indexOf(key) === index, {
      expected: "each key once",
      found: `"${key}" twice`,
      where: `study ${study.name}`,
    });
  }
  for (const key of only ?? []) {
    demand(keys.includes(key), {
      expected: `one of the entries ${keys.join(", ")}`,
      found: `"${key}"`,
      where: `study ${study.name}`,
    });
  }
}

function checkResult({ rows, backend }: EntryResult, where: string): void {
  demand(Array.isArray(rows) && rows.length > 0 && typeof backend === "string", {
    expected: "rows of results and a backend",
    found: JSON.stringify({ rows, backend }).slice(0, 200),
    where,
  });
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      // JSON would turn these silently into null.
      demand(typeof value !== "number" || Number.isFinite(value), {
        expected: "finite numbers (null for what cannot be measured)",
        found: `${name} = ${value}`,
        where,
      });
    }
  }
}

/**
 * Runs the unfinished entries of a study and writes its file after each; an entry that fails does not stop the others.
 * Entries of an earlier file that the study no longer has are dropped.
 *
 * @throws EphemeraError when the study's keys or the file are malformed.
 */
export async function runStudy(study: Study, options: RunStudyOptions): Promise<StudyOutcome> {
  const { log = () => {} } = options;
  checkStudy(study, options.only);
  const previous = await readStudyFile(options.path);
  const finished = new Map<string, { entry: FinishedEntry; rows: StudyRow[] }>();
  for (const entry of previous?.entries ?? []) {
    const rows = previous?.results.filter((row) => row.entry === entry.key) ?? [];
    if (study.entries.some(({ key }) => key === entry.key)) finished.set(entry.key, { entry, rows });
    else log(`${entry.key}: dropped, the study does not have it any more`);
  }
  const chosen = study.entries.filter(({ key }) => options.only?.includes(key) ?? true);
  const open = new Set(unfinishedEntries(study, previous).map(({ key }) => key));
  const todo = chosen.filter(({ key }) => options.again || open.has(key));
  const outcome: StudyOutcome = {
    ran: [],
    skipped: chosen.filter((entry) => !todo.includes(entry)).map(({ key }) => key),
    failed: [],
  };
  const run = options.run ??
    ((entry) => study.runEntry(entry, { log: (message) => log(`${entry.key}: ${message}`) }));

  let writing: Promise<void> = Promise.resolve();
  const write = () => {
    // One after another: two entries may end at the same time, and the later text must win.
    writing = writing.then(() => writeAtomically(options.path, formatStudy(study, finished, options)));
    return writing;
  };
  let next = 0;
  const work = async () => {
    for (let index = next++; index < todo.length; index = next++) {
      const entry = todo[index];
      log(`${entry.key}: started (${index + 1} of ${todo.length})`);
      const begin = performance.now();
      try {
        const before = await options.commit();
        const result = await run(entry);
        checkResult(result, `study ${study.name}, entry ${entry.key}`);
        const seconds = Math.round(performance.now() - begin) / 1000;
        const facts = {
          hash: entryHash(entry),
          commit: commitOf(before, await options.commit()),
          backend: result.backend,
          seconds,
        };
        finished.set(entry.key, {
          entry: { ...entry, ...facts, finished: new Date().toISOString() },
          rows: result.rows.map((row) => ({ entry: entry.key, ...row })),
        });
        await write();
        outcome.ran.push(entry.key);
        log(`${entry.key}: finished in ${seconds.toFixed(1)} s`);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        outcome.failed.push([entry.key, reason]);
        log(`${entry.key}: failed: ${reason}`);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs ?? 1, todo.length) }, work));
  return outcome;
}

/** The commit that something began with, marked when it ended with another: which sources it ran is then not known. */
function commitOf(before: string, after: string): string {
  return before === after || before.endsWith("-dirty") ? before : `${before}-dirty`;
}

function formatStudy(
  study: Study,
  finished: Map<string, { entry: FinishedEntry; rows: StudyRow[] }>,
  options: RunStudyOptions,
): string {
  // In the study's order, whatever the order of their ends, so that a rerun makes a small difference.
  const done = study.entries.flatMap(({ key }) => finished.get(key) ?? []);
  const entries = done.map(({ entry }) => entry);
  const last = entries.toSorted((a, b) => (a.finished < b.finished ? -1 : 1)).at(-1);
  const file: StudyFile = {
    name: study.name,
    description: study.description,
    command: options.command,
    scale: study.scale,
    data: study.data,
    commit: last?.commit ?? "",
    backend: [...new Set(entries.map(({ backend }) => backend))].join(", "),
    seeds: [...new Set(entries.map(({ seed }) => seed))],
    seconds: entries.reduce((sum, { seconds }) => sum + seconds, 0),
    versions: options.versions,
    entries,
    results: done.flatMap(({ rows }) => rows),
  };
  return JSON.stringify(file, null, 1) + "\n";
}
