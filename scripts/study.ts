/** Runs or resumes a study: `deno task study NAME`. */
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  currentCommit,
  type EntryResult,
  exitOnSignals,
  numberOption,
  parseArguments,
  PROJECT_ROOT,
  readStudyFile,
  refuse,
  runStudy,
  type Study,
  type StudyEntry,
  unfinishedEntries,
  writeAtomically,
} from "ephemera/commands";
import { EphemeraError } from "ephemera/core";
import { undoAtExit } from "ephemera/reproduce";
import config from "../deno.json" with { type: "json" };

/** The studies by name; a chapter's module is loaded only when its study is asked for. */
const STUDIES: Record<string, () => Promise<{ study: Study }>> = {
  follow_up_simulated: () => import("../lib/chapters/follow_up/studies/simulated.ts"),
  novelty_catalina: () => import("../lib/chapters/novelty/studies/catalina.ts"),
  novelty_simulated: () => import("../lib/chapters/novelty/studies/simulated.ts"),
  simulated_sky_realism: () => import("../lib/survey/realism/study.ts"),
};

const USAGE = `
Usage: deno task study [options] [NAME]

Runs the unfinished entries of a study and writes notebooks/studies/NAME.json after each; run it again to go on after
an interruption. Without a name, lists the studies. A NAME that ends in .ts is a module that exports a study.

  --list      list the study's entries and which are finished
  --only KEY  run this entry only (may be given several times)
  --again     run finished entries, too
  --jobs N    run N entries at the same time, each in a process of its own (default 1)
  --file F    write to this file instead
`;

exitOnSignals();
const { values, positionals } = parseArguments(Deno.args, USAGE, {
  list: { type: "boolean", default: false },
  only: { type: "string", multiple: true },
  again: { type: "boolean", default: false },
  jobs: { type: "string", default: "1" },
  file: { type: "string" },
  // Between this script and the processes that it starts: run one entry, leave its result in a file.
  "entry-result": { type: "string" },
});

const names = Object.keys(STUDIES).sort();
if (positionals.length === 0) {
  for (const name of names) console.log(`${name}: ${(await STUDIES[name]()).study.description}`);
  Deno.exit(0);
}
const [word] = positionals;
const isModule = word.endsWith(".ts");
if (positionals.length > 1 || !(isModule || Object.hasOwn(STUDIES, word))) {
  refuse(`Expected one of the studies ${names.join(", ")}, found "${positionals.join(" ")}".`, USAGE);
}
const { study }: { study: Study } = isModule
  ? await import(pathToFileURL(resolve(word)).href)
  : await STUDIES[word]();
const path = values.file ?? join(PROJECT_ROOT, "notebooks", "studies", `${study.name}.json`);

/** What an entry's process may do: what `deno task study` may. */
const PERMISSIONS = ["read", "write", "run", "env", "sys", "ffi"].map((permission) =>
  `--allow-${permission}`
);

/** Runs one entry in a process of its own, so that its memory is freed and a crash of it stays its own. */
async function runInProcess(entry: StudyEntry): Promise<EntryResult> {
  const folder = await Deno.makeTempDir({ prefix: "ephemera-study-" });
  const result = join(folder, "result.json");
  const script = join(PROJECT_ROOT, "scripts", "study.ts");
  const own = [isModule ? resolve(word) : word, `--only=${entry.key}`, `--entry-result=${result}`];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSIONS, "--no-prompt", script, ...own],
    cwd: PROJECT_ROOT,
    stdin: "null",
  }).spawn();
  const withdraw = undoAtExit(() => {
    child.kill("SIGKILL");
    Deno.removeSync(folder, { recursive: true });
  });
  try {
    const { success, code, signal } = await child.status;
    if (!success) throw new Error(`its process ended with ${signal ?? `exit code ${code}`}`);
    return JSON.parse(await Deno.readTextFile(result));
  } finally {
    withdraw();
    await Deno.remove(folder, { recursive: true });
  }
}

if (values["entry-result"] !== undefined) {
  const entry = study.entries.find(({ key }) => key === values.only?.[0]);
  if (entry === undefined) refuse(`Expected an entry, found "${values.only?.[0]}".`, USAGE);
  const result = await study.runEntry(entry, { log: (message) => console.error(`${entry.key}: ${message}`) });
  await writeAtomically(values["entry-result"], JSON.stringify(result));
  Deno.exit(0);
}
if (values.list) {
  const open = new Set(unfinishedEntries(study, await readStudyFile(path)).map(({ key }) => key));
  for (const { key, seed } of study.entries) {
    console.log(`${open.has(key) ? "open    " : "finished"}  ${key}  (seed ${seed})`);
  }
  Deno.exit(0);
}
try {
  await Deno.mkdir(join(PROJECT_ROOT, "notebooks", "studies"), { recursive: true });
  const { ran, skipped, failed } = await runStudy(study, {
    path,
    command: `deno task study ${word}`,
    commit: () => currentCommit(PROJECT_ROOT),
    versions: { ephemera: config.version, deno: Deno.version.deno },
    only: values.only,
    again: values.again,
    jobs: Math.floor(numberOption("jobs", values.jobs, 1, USAGE)),
    run: runInProcess,
    log: (message) => console.error(message),
  });
  for (const [key, reason] of failed) console.error(`failed: ${key}: ${reason}`);
  console.log(`${ran.length} ran, ${skipped.length} were finished, ${failed.length} failed: ${path}`);
  if (failed.length > 0) Deno.exit(1);
} catch (error) {
  if (error instanceof EphemeraError) refuse(error.message, USAGE);
  throw error;
}
