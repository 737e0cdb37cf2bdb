import assert from "node:assert/strict";
import { join } from "node:path";
import { PROJECT_ROOT } from "ephemera/commands";
import { type JupyterSurroundings, kernelSpec, userKernelsFolder } from "ephemera/reproduce";

Deno.test("the specification starts this Deno, interrupts by message and turns colours off", () => {
  const { argv, interrupt_mode, env } = kernelSpec("/opt/deno");
  assert.equal(argv[0], "/opt/deno");
  assert.equal(argv.at(-1), "{connection_file}");
  assert.equal(interrupt_mode, "message");
  assert.deepEqual(env, { NO_COLOR: "1" });
});

Deno.test("kernels are looked for where Jupyter's documentation says, by operating system", () => {
  const folder = (os: string, variables: Record<string, string>) => {
    const surroundings: JupyterSurroundings = { os, environment: (name) => variables[name] };
    return userKernelsFolder(surroundings);
  };
  const home = { HOME: "/h" };
  assert.equal(folder("linux", home), join("/h", ".local", "share", "jupyter", "kernels"));
  assert.equal(folder("linux", { ...home, XDG_DATA_HOME: "/d" }), join("/d", "jupyter", "kernels"));
  assert.equal(folder("darwin", home), join("/h", "Library", "Jupyter", "kernels"));
  assert.equal(folder("windows", { APPDATA: "r" }), join("r", "jupyter", "kernels"));
  assert.equal(folder("linux", { ...home, JUPYTER_DATA_DIR: "/j" }), join("/j", "kernels"));
  assert.equal(folder("linux", {}), undefined);
});

Deno.test("the kernel command writes the specification and removes it again", async () => {
  const folder = await Deno.makeTempDir();
  const run = async (...options: string[]) => {
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "kernel", ...options],
      cwd: PROJECT_ROOT,
      env: { NO_COLOR: "1" },
    }).output();
    assert.ok(success);
    return new TextDecoder().decode(stdout);
  };
  try {
    const file = join(folder, "share", "jupyter", "kernels", "ephemera", "kernel.json");
    const told = await run("--prefix", folder);
    assert.match(told, /jupyter lab/);
    assert.ok(told.includes(file));
    assert.equal(JSON.parse(await Deno.readTextFile(file)).argv[0], Deno.execPath());
    await run("--prefix", folder, "--remove");
    await assert.rejects(() => Deno.stat(join(file, "..")), Deno.errors.NotFound);
    assert.match(await run("--prefix", folder, "--remove"), /Nothing to remove/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
