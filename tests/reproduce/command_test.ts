import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { PROJECT_ROOT } from "ephemera/commands";
import { type NotebookRun, parseNotebook } from "ephemera/reproduce";
import { assertEnds, awaitNumber, displaying, recording, save, sketch, withFolder } from "./helpers.ts";

function start(...options: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "reproduce", ...options],
    cwd: PROJECT_ROOT,
    env: { NO_COLOR: "1", CI: "true", EPHEMERA_DATA: "" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function reproduce(...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await start(...options).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function saveRanges(notebook: string, metrics: unknown): Promise<void> {
  const folder = join(dirname(notebook), "metrics");
  await Deno.mkdir(folder, { recursive: true });
  const name = notebook.slice(dirname(notebook).length + 1).replace(/ipynb$/, "json");
  await Deno.writeTextFile(join(folder, name), JSON.stringify({ metrics }));
}

const STATEMENT = displaying({
  "application/vnd.ephemera.run+json": {
    scale: "quick",
    backend: "wasm",
    seed: 7,
    data: "simulated",
    versions: {},
  },
  "text/plain": "",
});

Deno.test("good and bad notebooks together: each is run and told, reports are left, the exit code says it", () =>
  withFolder(async (folder) => {
    const good = await save(
      folder,
      "01_good.ipynb",
      sketch({ markdown: "# A good one" }, STATEMENT, recording("accuracy", 0.93)),
    );
    await saveRanges(good, { accuracy: { minimum: 0.9, maximum: 1, reason: "five seeds" } });
    const low = await save(folder, "02_low.ipynb", sketch(recording("accuracy", 0.5)));
    await saveRanges(low, { accuracy: { minimum: 0.9, reason: "five seeds" } });
    const error = await save(
      folder,
      "03_error.ipynb",
      sketch("throw new Error('meant')", "console.log('never')"),
    );
    const broken = join(folder, "04_broken.ipynb");
    await Deno.writeTextFile(broken, "{");
    const output = join(folder, "reports");
    const before = await Deno.readTextFile(good);

    const { code, stdout, stderr } = await reproduce(
      "--jobs",
      "2",
      "--output",
      output,
      good,
      low,
      error,
      broken,
    );
    assert.equal(code, 1, stdout + stderr);
    assert.match(stdout, /01_good: cell 2 of 2: passed/);
    assert.match(stdout, /02_low: Metric: "accuracy" is 0\.5, accepted is at least 0\.9 \(five seeds\)\./);
    assert.match(stdout, /03_error, cell 1: Error: meant/);
    assert.match(stdout, /04_broken: EphemeraError: Expected a notebook in JSON/);
    assert.match(stdout, /\n01_good +passed +2 of 2 +\d+\.\d +0 of 1\n/);
    assert.match(stdout, /\n02_low +failed +1 of 1 +\d+\.\d +1 of 1\n/);
    assert.match(stdout, /\n03_error +failed +0 of 2 +\d+\.\d +0 of 0\n/);
    assert.equal(stdout.trimEnd().split("\n").at(-1), "1 passed, 3 failed, 0 skipped");
    assert.equal(await Deno.readTextFile(good), before, "without --write the notebook stays as it was");

    const runs: NotebookRun[] = JSON.parse(await Deno.readTextFile(join(output, "runs.json")));
    assert.deepEqual(runs.map(({ name, status, report }) => [name, status, report]), [
      ["01_good", "passed", "01.html"],
      ["02_low", "failed", "02.html"],
      ["03_error", "failed", "03.html"],
      ["04_broken", "failed", "04.html"],
    ]);
    const [{ title, scale, backend, seed, data }] = runs;
    assert.deepEqual({ title, scale, backend, seed, data }, {
      title: "A good one",
      scale: "quick",
      backend: "wasm",
      seed: 7,
      data: ["simulated"],
    });
    const executed = parseNotebook(await Deno.readTextFile(join(output, "01.ipynb")), "01.ipynb");
    assert.deepEqual(executed.cells.map((cell) => cell.cell_type === "code" && cell.outputs.length), [
      false,
      1,
      1,
    ]);
    assert.match(await Deno.readTextFile(join(output, "index.html")), /A good one/);
    assert.match(await Deno.readTextFile(join(output, "03.html")), /meant/);
  }));

Deno.test("--json prints one line of JSON a notebook and nothing else on standard output", () =>
  withFolder(async (folder) => {
    const notebook = await save(
      folder,
      "01_a.ipynb",
      sketch(STATEMENT, recording("f1", 0.5), "console.log('x')"),
    );
    await saveRanges(notebook, { f1: { minimum: 0, maximum: 1, reason: "by definition" } });
    const { code, stdout, stderr } = await reproduce("--json", "--output", join(folder, "reports"), notebook);
    assert.equal(code, 0, stdout + stderr);
    const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.equal(lines.length, 1);
    const { seconds, ...rest } = lines[0];
    assert.deepEqual(rest, {
      name: "01_a",
      status: "passed",
      scale: "quick",
      backend: "wasm",
      seed: 7,
      data: ["simulated"],
      metrics: { f1: 0.5 },
    });
    assert.ok(seconds > 0);
    assert.match(stderr, /1 passed, 0 failed, 0 skipped/);
  }));

Deno.test("--write puts outputs into a notebook that passed, without this machine's paths, and not into one that failed", () =>
  withFolder(async (folder) => {
    const good = await save(folder, "good.ipynb", sketch("console.log(Deno.cwd());"));
    const bad = await save(folder, "bad.ipynb", sketch("console.log('half')", "throw new Error('meant')"));
    const before = await Deno.readTextFile(bad);
    const { code } = await reproduce("--write", "--output", join(folder, "reports"), good, bad);
    assert.equal(code, 1);
    assert.equal(await Deno.readTextFile(bad), before);
    const written = await Deno.readTextFile(good);
    const [cell] = parseNotebook(written, good).cells;
    const relative = folder.slice(PROJECT_ROOT.length).replaceAll("\\", "/");
    assert.deepEqual(cell.cell_type === "code" && cell.outputs, [
      { output_type: "stream", name: "stdout", text: [`.${relative}\n`] },
    ]);
    assert.ok(!written.includes(PROJECT_ROOT));
  }));

Deno.test("the kernels are told the scale, and where data are as a path that holds in any folder", () =>
  withFolder(async (folder) => {
    const code = `console.log(Deno.env.get("EPHEMERA_SCALE"), Deno.env.get("EPHEMERA_DATA"));`;
    const notebook = await save(folder, "a.ipynb", sketch(code));
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "scripts/reproduce.ts",
        "--scale",
        "paper",
        "--output",
        join(folder, "reports"),
        notebook,
      ],
      cwd: PROJECT_ROOT,
      env: { CI: "true", EPHEMERA_DATA: "tests" },
    });
    assert.equal((await child.output()).code, 0);
    const executed = parseNotebook(await Deno.readTextFile(join(folder, "reports", "a.ipynb")), "a.ipynb");
    const [cell] = executed.cells;
    assert.deepEqual(cell.cell_type === "code" && cell.outputs, [
      { output_type: "stream", name: "stdout", text: [`paper ${join(PROJECT_ROOT, "tests")}\n`] },
    ]);
  }));

Deno.test("a cell that overruns --timeout ends its notebook", () =>
  withFolder(async (folder) => {
    const notebook = await save(folder, "a.ipynb", sketch("while (true);"));
    const { code, stdout } = await reproduce(
      "--timeout",
      "0.5",
      "--output",
      join(folder, "reports"),
      notebook,
    );
    assert.equal(code, 1);
    assert.match(stdout, /a, cell 1: CellTimeout: It did not end within 0\.5 s\./);
  }));

for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test({
    name: `${signal} in mid-cell leaves no kernel and no connection file behind`,
    ignore: Deno.build.os === "windows",
    fn: () =>
      withFolder(async (folder) => {
        const temporary = join(folder, "temporary");
        await Deno.mkdir(temporary);
        const code = `Deno.writeTextFileSync("pid", String(Deno.pid)); while (true);`;
        const notebook = await save(folder, "a.ipynb", sketch(code));
        // Straight, not by a task: this is about the command, and about temporary files in a folder of their own.
        const child = new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", "scripts/reproduce.ts", "--output", join(folder, "reports"), notebook],
          cwd: PROJECT_ROOT,
          env: { TMPDIR: temporary, CI: "true" },
          stdout: "null",
          stderr: "null",
        }).spawn();
        const pid = await awaitNumber(join(folder, "pid"));
        assert.equal([...Deno.readDirSync(temporary)].length, 1);
        child.kill(signal);
        assert.equal((await child.status).code, expected);
        await assertEnds(pid);
        assert.deepEqual([...Deno.readDirSync(temporary)], []);
      }),
  });
}

Deno.test("the connection file can be read by its owner alone while the kernel runs", {
  ignore: Deno.build.os === "windows",
}, () =>
  withFolder(async (folder) => {
    const temporary = join(folder, "temporary");
    await Deno.mkdir(temporary);
    const notebook = await save(
      folder,
      "a.ipynb",
      sketch(`
        const [{ name }] = [...Deno.readDirSync(Deno.env.get("TMPDIR")!)];
        const folder = Deno.env.get("TMPDIR") + "/" + name;
        const mode = (path: string) => (Deno.statSync(path).mode! & 0o777).toString(8);
        const { ip, key } = JSON.parse(Deno.readTextFileSync(folder + "/connection.json"));
        console.log(mode(folder), mode(folder + "/connection.json"), ip, key.length > 32);`),
    );
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "scripts/reproduce.ts", "--output", join(folder, "reports"), notebook],
      cwd: PROJECT_ROOT,
      env: { TMPDIR: temporary, CI: "true" },
    });
    const { code } = await child.output();
    assert.equal(code, 0);
    const executed = await Deno.readTextFile(join(folder, "reports", "a.ipynb"));
    assert.match(executed, /700 600 127\.0\.0\.1 true/);
  }));

Deno.test("a word that means no notebook, or a wrong option, is refused with exit code 2 and the usage", async () => {
  const unknown = await reproduce("99");
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /found "99".*\n\nUsage: deno task reproduce/s);
  assert.match((await reproduce("--scale", "huge")).stderr, /quick or paper, found "huge"/);
  const wrong = await reproduce("--jobs", "none");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /Expected a number of at least 1 for --jobs, found "none"/);
});
