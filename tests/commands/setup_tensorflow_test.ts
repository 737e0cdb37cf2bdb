import assert from "node:assert/strict";
import { join } from "node:path";
import {
  bindingPath,
  compileCommand,
  describePlan,
  inspectPython,
  installCommand,
  PROJECT_ROOT,
  type PythonTensorFlow,
  removeSetup,
  type SetupPlan,
} from "../../lib/commands/mod.ts";

const tensorFlow: PythonTensorFlow = {
  python: "venv/bin/python",
  version: "2.21.0",
  library: "/venv/tensorflow",
  flags: ["-I/venv/tensorflow/include", "--std=c++17", "-D_GLIBCXX_USE_CXX11_ABI=1"],
  cuda: true,
  gpu: false,
};
const build: SetupPlan = { folder: "/cache", package: "@tensorflow/tfjs-node", tensorFlow };

Deno.test("the binding is compiled by one command against the Python's headers and libraries", () => {
  const command = compileCommand(build, "g++", "/cache/out.node", "linux");
  assert.equal(command[0], "g++");
  const parts = [
    "-I/venv/tensorflow/include",
    "-D_GLIBCXX_USE_CXX11_ABI=1",
    "-L/venv/tensorflow",
    "-l:libtensorflow_cc.so.2",
    "-l:libtensorflow_framework.so.2",
    "-Wl,-rpath,/venv/tensorflow",
  ];
  for (const part of parts) assert.ok(command.includes(part), part);
  assert.deepEqual(command.filter((part) => part.includes("std=")), ["-std=c++17"]);
  assert.deepEqual(command.slice(-2), ["-o", "/cache/out.node"]);
  // On macOS the Node-API is found in the program that loads the binding.
  assert.ok(compileCommand(build, "clang++", "out", "darwin").includes("dynamic_lookup"));
  assert.throws(() => compileCommand(build, "cl", "out", "windows"), /Linux or macOS.*windows/);
  assert.throws(() => compileCommand({ ...build, tensorFlow: null }, "g++", "out", "linux"), /none/);
});

Deno.test("a package's install script runs only where it is to download", () => {
  assert.ok(!installCommand(build).some((part) => part.includes("scripts")));
  const download = installCommand({ ...build, package: "@tensorflow/tfjs-node-gpu", tensorFlow: null });
  assert.ok(download.some((part) => /^--allow-scripts=npm:@tensorflow\/tfjs-node-gpu@[\d.]+$/.test(part)));
});

Deno.test("the plan says what will be run, where it goes and how it is undone", {
  ignore: Deno.build.os === "windows",
}, () => {
  const text = describePlan(build, "g++");
  const parts = [
    "/cache",
    "TensorFlow 2.21.0",
    "venv/bin/python",
    "no GPU found",
    "--remove",
    bindingPath(build),
  ];
  for (const part of parts) assert.ok(text.includes(part), part);
  assert.ok(describePlan({ ...build, tensorFlow: null }, "").includes("storage.googleapis.com"));
});

Deno.test("a Python without TensorFlow is refused with what to do", async () => {
  await assert.rejects(
    inspectPython("no-such-python"),
    /a Python with TensorFlow.*no such program.*pip install/s,
  );
  // Deno takes "-c" for a wrong option and fails, as a Python without the module does.
  await assert.rejects(inspectPython(Deno.execPath()), /a Python with TensorFlow/);
});

Deno.test("removing takes an installation and nothing else", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assert.equal(await removeSetup(join(folder, "missing")), false);
    assert.equal(await removeSetup(folder), false);
    await Deno.writeTextFile(join(folder, "thesis.txt"), "");
    await assert.rejects(removeSetup(folder), /setup\.json.*thesis\.txt/s);
    await Deno.writeTextFile(join(folder, "setup.json"), "{}");
    assert.equal(await removeSetup(folder), true);
    await assert.rejects(Deno.stat(folder), Deno.errors.NotFound);
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
});

async function command(args: string[], env: Record<string, string>) {
  const permissions = ["read", "write", "run", "env", "sys", "ffi"].map((name) => `--allow-${name}`);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", ...permissions, "--no-prompt"],
      ...[join(PROJECT_ROOT, "scripts", "setup_tensorflow.ts"), ...args],
    ],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

Deno.test("the command refuses a wrong Python, and with nobody to ask changes nothing", async () => {
  const folder = await Deno.makeTempDir(), env = { EPHEMERA_TENSORFLOW: join(folder, "tensorflow") };
  try {
    const wrong = await command(["--python", "no-such-python", "--yes"], env);
    assert.equal(wrong.code, 1);
    assert.match(wrong.text, /a Python with TensorFlow/);
    const nothing = await command(["--remove"], env);
    assert.equal(nothing.code, 0);
    assert.match(nothing.text, /Nothing to remove/);
    assert.equal(Array.from(Deno.readDirSync(folder)).length, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
