/** Installs native TensorFlow for tensors: `deno task setup:tensorflow`. */
import { join, resolve } from "node:path";
import {
  carryOut,
  checkTensorFlow,
  describePlan,
  downloadReachable,
  exitOnSignals,
  findCompiler,
  inspectPython,
  parseArguments,
  PROJECT_ROOT,
  type PythonTensorFlow,
  refuse,
  removeSetup,
  type SetupPlan,
} from "ephemera/commands";
import { EphemeraError } from "ephemera/core";

const USAGE = `
Usage: deno task setup:tensorflow [options]

Installs @tensorflow/tfjs-node (or tfjs-node-gpu) in a folder of its own. When the packages' download of TensorFlow cannot
be reached, or with --python, builds their binding against the TensorFlow of a Python. Shows what it will do and asks
first; useBackend("auto") then takes it.

  --python PATH   build against the TensorFlow of this Python (CPU or CUDA)
  --gpu, --cpu    which package; default: with a GPU when one is seen
  --folder F      install there; default: EPHEMERA_TENSORFLOW, else .cache/tensorflow
  --yes           do not ask
  --check         only check what is installed
  --remove        remove it
`;

exitOnSignals();
const { values, positionals } = parseArguments(Deno.args, USAGE, {
  python: { type: "string" },
  gpu: { type: "boolean", default: false },
  cpu: { type: "boolean", default: false },
  folder: { type: "string" },
  yes: { type: "boolean", default: false },
  check: { type: "boolean", default: false },
  remove: { type: "boolean", default: false },
  // Between this script and the process that it starts for the check.
  "check-here": { type: "boolean", default: false },
});
if (positionals.length > 0 || (values.gpu && values.cpu)) {
  refuse(`Expected options, found "${positionals.join(" ")}".`, USAGE);
}
const folder = resolve(
  values.folder ?? (Deno.env.get("EPHEMERA_TENSORFLOW") || join(PROJECT_ROOT, ".cache", "tensorflow")),
);

/** The TensorFlow of the Python that was given or, looking for one, of the first that has it; null when none has. */
async function findTensorFlow(): Promise<PythonTensorFlow | null> {
  if (values.python !== undefined) return await inspectPython(values.python);
  const active = Deno.env.get("VIRTUAL_ENV");
  for (const python of [...(active ? [join(active, "bin", "python")] : []), "python3", "python"]) {
    try {
      return await inspectPython(python);
    } catch (error) {
      if (!(error instanceof EphemeraError)) throw error;
    }
  }
  return null;
}

async function makePlan(): Promise<SetupPlan> {
  const download = values.python === undefined && await downloadReachable();
  const tensorFlow = download ? null : await findTensorFlow();
  if (!download && tensorFlow === null) {
    throw new EphemeraError({
      expected: "the download of the packages, or a Python with TensorFlow",
      found: "neither",
      where: "setup:tensorflow",
      remedy: "python -m venv VENV && VENV/bin/pip install tensorflow, then --python VENV/bin/python",
    });
  }
  const seen = tensorFlow ? tensorFlow.gpu : await hasNvidia();
  const gpu = values.gpu || (!values.cpu && seen);
  return { folder, package: gpu ? "@tensorflow/tfjs-node-gpu" : "@tensorflow/tfjs-node", tensorFlow };
}

async function hasNvidia(): Promise<boolean> {
  try {
    return (await new Deno.Command("nvidia-smi", { stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** Checks in a process of its own: a native library that is broken may take its process with it. */
async function check(): Promise<boolean> {
  const permissions = ["read", "env", "sys", "ffi", "run"].map((name) => `--allow-${name}`);
  const script = join(PROJECT_ROOT, "scripts", "setup_tensorflow.ts");
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...permissions, "--no-prompt", script, "--check-here"],
    cwd: PROJECT_ROOT,
    env: { EPHEMERA_TENSORFLOW: folder },
    stdin: "null",
  }).spawn().status;
  return success;
}

try {
  if (values["check-here"]) {
    const { device, losses, difference, gflops } = await checkTensorFlow();
    console.log(
      `${device}: ten training steps, loss ${losses[0].toFixed(5)} to ${losses[1].toFixed(5)}, ` +
        `within ${difference.toExponential(1)} of plain JavaScript; product 1024 x 1024 at ${
          gflops.toFixed(0)
        } GFLOP/s`,
    );
    Deno.exit(0);
  }
  if (values.remove) {
    const removed = await removeSetup(folder);
    console.log(removed ? `Removed ${folder}.` : `Nothing to remove: there is no ${folder}.`);
    Deno.exit(0);
  }
  if (values.check) Deno.exit(await check() ? 0 : 1);

  const plan = await makePlan(), compiler = plan.tensorFlow ? await findCompiler() : "";
  console.log(describePlan(plan, compiler));
  if (!values.yes) {
    if (!Deno.stdin.isTerminal()) refuse("Nobody is there to be asked: give --yes to go on.", USAGE);
    if (!confirm("Go on?")) Deno.exit(1);
  }
  await removeSetup(folder);
  try {
    await carryOut(plan, compiler);
    if (!await check()) {
      throw new EphemeraError({ expected: "a training step", found: "a failure", where: folder });
    }
  } catch (error) {
    await removeSetup(folder);
    console.error("It does not work; what was installed is removed again.");
    throw error;
  }
  console.log(`Ready: useBackend("auto") takes it. Undo: deno task setup:tensorflow --remove`);
} catch (error) {
  if (error instanceof EphemeraError) {
    console.error(error.message);
    Deno.exit(1);
  }
  throw error;
}
