import assert from "node:assert/strict";
import { join } from "node:path";
import {
  currentCommit,
  entryHash,
  readStudyFile,
  runStudy,
  type RunStudyOptions,
  type Study,
  type StudyEntry,
  unfinishedEntries,
  writeAtomically,
} from "ephemera/commands";

/** A study that squares its seeds and notes what it ran. */
function squares(seeds: number[], factor = 1): Study & { ran: string[] } {
  const ran: string[] = [];
  return {
    name: "squares",
    description: "Squares of seeds",
    scale: "quick",
    data: [],
    entries: seeds.map((seed): StudyEntry => ({ key: `seed-${seed}`, seed, configuration: { factor } })),
    ran,
    runEntry(entry) {
      ran.push(entry.key);
      if (entry.seed < 0) throw new RangeError("no roots");
      return Promise.resolve({
        rows: [{ seed: entry.seed, square: factor * entry.seed ** 2 }],
        backend: "none",
      });
    },
  };
}

async function withFile(work: (options: RunStudyOptions) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work({
      path: join(folder, "squares.json"),
      command: "deno task study squares",
      commit: () => Promise.resolve("abc"),
      versions: { deno: "2" },
    });
    const left: string[] = [];
    for await (const { name } of Deno.readDir(folder)) left.push(name);
    assert.deepEqual(left.filter((name) => name !== "squares.json"), [], "no temporary file stays");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a study's file holds its results and where they come from", () =>
  withFile(async (options) => {
    await runStudy(squares([3, 2]), options);
    const file = await readStudyFile(options.path);
    assert.ok(file);
    assert.deepEqual(file.results, [
      { entry: "seed-3", seed: 3, square: 9 },
      { entry: "seed-2", seed: 2, square: 4 },
    ]);
    const { name, command, commit, seeds, backend, scale, versions } = file;
    assert.deepEqual({ name, command, commit, seeds, backend, scale, versions }, {
      name: "squares",
      command: "deno task study squares",
      commit: "abc",
      seeds: [3, 2],
      backend: "none",
      scale: "quick",
      versions: { deno: "2" },
    });
    const [first] = file.entries;
    assert.equal(first.key, "seed-3");
    assert.deepEqual(first.configuration, { factor: 1 });
    assert.equal(first.hash, entryHash(first));
    assert.ok(first.seconds >= 0 && !Number.isNaN(Date.parse(first.finished)));
  }));

Deno.test("after an interruption only unfinished entries run, and a changed configuration runs again", () =>
  withFile(async (options) => {
    const first = squares([1, 2, 3]);
    await runStudy(first, { ...options, only: ["seed-2"] });
    assert.deepEqual(first.ran, ["seed-2"]);
    const second = squares([1, 2, 3]);
    assert.deepEqual(unfinishedEntries(second, await readStudyFile(options.path)).map(({ key }) => key), [
      "seed-1",
      "seed-3",
    ]);
    const outcome = await runStudy(second, options);
    assert.deepEqual(outcome, { ran: ["seed-1", "seed-3"], skipped: ["seed-2"], failed: [] });
    const file = await readStudyFile(options.path);
    assert.deepEqual(file?.results.map(({ entry }) => entry), ["seed-1", "seed-2", "seed-3"]);
    const changed = squares([2, 3], 10);
    await runStudy(changed, options);
    assert.deepEqual(changed.ran, ["seed-2", "seed-3"]);
    assert.deepEqual((await readStudyFile(options.path))?.results.map(({ square }) => square), [40, 90]);
    const again = squares([2, 3], 10);
    await runStudy(again, { ...options, again: true, only: ["seed-3"] });
    assert.deepEqual(again.ran, ["seed-3"]);
  }));

Deno.test("an entry's commit is the one it began with, marked when the sources changed meanwhile", () =>
  withFile(async (options) => {
    let commit = "a";
    const study = squares([1, 2, 3, 4]);
    const run = (entry: StudyEntry) => {
      if (entry.seed === 2) commit = "b";
      if (entry.seed === 4) commit = "b-dirty";
      return study.runEntry(entry, { log() {} });
    };
    await runStudy(study, { ...options, run, commit: () => Promise.resolve(commit) });
    const commits = async () => (await readStudyFile(options.path))?.entries.map((entry) => entry.commit);
    assert.deepEqual(await commits(), ["a", "a-dirty", "b", "b-dirty"]);
    commit = "c-dirty";
    const later = () => {
      commit = "d";
      return study.runEntry(study.entries[0], { log() {} });
    };
    await runStudy(study, {
      ...options,
      run: later,
      commit: () => Promise.resolve(commit),
      only: ["seed-1"],
      again: true,
    });
    assert.equal((await commits())?.[0], "c-dirty");
  }));

Deno.test("an entry that fails, or gives no finite number, is told and keeps no other from being written", () =>
  withFile(async (options) => {
    const study = squares([-1, 2, NaN]);
    const { ran, failed } = await runStudy(study, { ...options, jobs: 2 });
    assert.deepEqual(ran, ["seed-2"]);
    assert.deepEqual(failed.map(([key]) => key).sort(), ["seed--1", "seed-NaN"]);
    const reasons = Object.fromEntries(failed);
    assert.equal(reasons["seed--1"], "no roots");
    assert.match(reasons["seed-NaN"], /finite numbers .* found seed = NaN/);
    assert.deepEqual((await readStudyFile(options.path))?.results.length, 1);
  }));

Deno.test("a study with a repeated key, an unknown key to run, or a broken file is refused", () =>
  withFile(async (options) => {
    await assert.rejects(() => runStudy(squares([1, 1]), options), /each key once, found "seed-1" twice/);
    await assert.rejects(
      () => runStudy(squares([1]), { ...options, only: ["seed-9"] }),
      /one of the entries seed-1/,
    );
    await Deno.writeTextFile(options.path, "{");
    await assert.rejects(() => runStudy(squares([1]), options), /a study in JSON.*repair it/);
    await Deno.writeTextFile(options.path, "{}");
    await assert.rejects(() => runStudy(squares([1]), options), /with "entries" and "results"/);
  }));

Deno.test("the fingerprint of an entry depends on seed and configuration, not on the order of keys", () => {
  const hash = (seed: number, configuration: StudyEntry["configuration"]) =>
    entryHash({ seed, configuration });
  assert.equal(hash(1, { a: 1, b: { c: [1, 2], d: null } }), hash(1, { b: { d: null, c: [1, 2] }, a: 1 }));
  assert.notEqual(hash(1, { a: 1 }), hash(2, { a: 1 }));
  assert.notEqual(hash(1, { a: [1, 2] }), hash(1, { a: [2, 1] }));
});

Deno.test("the commit is that of the checkout, marked when files differ, and unknown outside one", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assert.equal(await currentCommit(folder), "unknown");
    const git = async (...args: string[]) => {
      const identity = ["-c", "user.name=a", "-c", "user.email=a@b"];
      const { success } = await new Deno.Command("git", { args: [...identity, ...args], cwd: folder })
        .output();
      assert.ok(success);
    };
    await git("init", "-q");
    await Deno.writeTextFile(join(folder, "a.txt"), "1");
    await git("add", "a.txt");
    await git("commit", "-q", "-m", "one");
    const commit = await currentCommit(folder);
    assert.match(commit, /^[0-9a-f]{40}$/);
    await Deno.mkdir(join(folder, "notebooks"));
    await Deno.writeTextFile(join(folder, "notebooks", "results.json"), "{}");
    assert.equal(await currentCommit(folder), commit);
    await Deno.writeTextFile(join(folder, "a.txt"), "2");
    assert.equal(await currentCommit(folder), `${commit}-dirty`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a file is replaced whole or stays as it was", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "a.txt");
    await writeAtomically(path, "old");
    await writeAtomically(path, "new");
    assert.equal(await Deno.readTextFile(path), "new");
    await assert.rejects(() => writeAtomically(join(folder, "missing", "a.txt"), "x"));
    await Deno.mkdir(join(folder, "taken"));
    await Deno.writeTextFile(join(folder, "taken", "inside"), "x");
    await assert.rejects(() => writeAtomically(join(folder, "taken"), "x"));
    const left: string[] = [];
    for await (const { name } of Deno.readDir(folder)) left.push(name);
    assert.deepEqual(left.sort(), ["a.txt", "taken"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
