import assert from "node:assert/strict";
import { join } from "node:path";
import { PROJECT_ROOT, readStudyFile } from "ephemera/commands";
import { assertEnds, awaitNumber } from "../reproduce/helpers.ts";

/** A study whose second entry waits for ever until a file appears, and that notes the process of each entry. */
const MODULE = `
const folder = new URL(".", import.meta.url);
export const study = {
  name: "waits",
  description: "Waits",
  scale: "quick",
  data: [],
  entries: [1, 2, 3].map((seed) => ({ key: "s" + seed, seed, configuration: {} })),
  async runEntry({ key, seed }, { log }) {
    Deno.writeTextFileSync(new URL(key + ".pid", folder), String(Deno.pid));
    log("working");
    while (seed === 2) {
      try { Deno.statSync(new URL("go", folder)); break; } catch { await new Promise((r) => setTimeout(r, 20)); }
    }
    if (seed === 3) Deno.exit(4);
    return { rows: [{ seed, pid: Deno.pid }], backend: "none" };
  },
};`;

Deno.test("a study is interrupted, leaves no process, goes on where it stopped, and survives a crashing entry", async () => {
  const folder = await Deno.makeTempDir();
  const module = join(folder, "waits.ts");
  const file = join(folder, "waits.json");
  await Deno.writeTextFile(module, MODULE);
  const start = (...options: string[]) =>
    new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "study", module, "--file", file, ...options],
      cwd: PROJECT_ROOT,
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  try {
    const first = start();
    const pid = await awaitNumber(join(folder, "s2.pid"));
    first.kill("SIGINT");
    const interrupted = await first.output();
    assert.equal(interrupted.code, 130);
    await assertEnds(pid);
    assert.deepEqual((await readStudyFile(file))?.entries.map(({ key }) => key), ["s1"]);

    await Deno.writeTextFile(join(folder, "go"), "");
    const second = await start("--jobs", "2").output();
    const text = new TextDecoder().decode(second.stdout) + new TextDecoder().decode(second.stderr);
    assert.equal(second.code, 1, text);
    assert.match(text, /s2: working/);
    assert.match(text, /failed: s3: its process ended with exit code 4/);
    assert.match(text, /1 ran, 1 were finished, 1 failed/);
    const results = (await readStudyFile(file))?.results;
    assert.deepEqual(results?.map(({ entry }) => entry), ["s1", "s2"]);
    assert.notEqual(results?.[0].pid, results?.[1].pid);

    const list = new TextDecoder().decode((await start("--list").output()).stdout);
    assert.match(list, /finished {2}s2 .*\nopen {6}s3/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
