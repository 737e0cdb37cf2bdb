/** Installing native TensorFlow beside the project: the packages' own download, or a build against a Python's library. */
import { join } from "node:path";
import { EphemeraError } from "../core/mod.ts";

/** Version of the tfjs packages; the project's own. */
export const TFJS_VERSION = "4.22.0";
const NODE_API_HEADERS = "1.9.0";
/** The packages' host for their native parts. */
export const DOWNLOAD_HOST = "https://storage.googleapis.com/tf-builds/pre-built-binary/";

/** Highest version of the Node-API that the packages name, which is the folder where they look for their binding. */
const NODE_API = 8;

/** The TensorFlow of a Python, as it describes itself. */
export interface PythonTensorFlow {
  python: string;
  version: string;
  /** Folder of the shared libraries. */
  library: string;
  /** Its own compile flags, the folder of its headers among them. */
  flags: string[];
  /** Built for CUDA. */
  cuda: boolean;
  /** Sees a GPU. */
  gpu: boolean;
}

const INSPECT = `
import json, os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf
print()
print(json.dumps({
    "version": tf.__version__,
    "library": tf.sysconfig.get_lib(),
    "flags": tf.sysconfig.get_compile_flags(),
    "cuda": bool(tf.sysconfig.get_build_info().get("is_cuda_build")),
    "gpu": bool(tf.config.list_physical_devices("GPU")),
}))
`;

/** The file names of TensorFlow's libraries on this system; null where the build is not supported. */
export function libraryNames(os: typeof Deno.build.os): string[] | null {
  if (os === "linux") return ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];
  if (os === "darwin") return ["libtensorflow_cc.2.dylib", "libtensorflow_framework.2.dylib"];
  return null;
}

/**
 * Asks a Python about its TensorFlow.
 *
 * @throws EphemeraError when that Python does not start, has no TensorFlow, or one without its C++ library.
 */
export async function inspectPython(python: string): Promise<PythonTensorFlow> {
  const where = `${python}`, expected = "a Python with TensorFlow";
  const remedy = "python -m venv VENV && VENV/bin/pip install tensorflow, then --python VENV/bin/python";
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(python, { args: ["-c", INSPECT], stdin: "null" }).output();
  } catch (cause) {
    throw new EphemeraError({ expected, found: "no such program", where, remedy, cause });
  }
  const text = new TextDecoder();
  if (!output.success) {
    const found = text.decode(output.stderr).trim().split("\n").at(-1) || `exit code ${output.code}`;
    throw new EphemeraError({ expected, found, where, remedy });
  }
  const facts: PythonTensorFlow = {
    python,
    ...JSON.parse(text.decode(output.stdout).trim().split("\n").at(-1)!),
  };
  for (const name of libraryNames(Deno.build.os) ?? []) {
    try {
      await Deno.stat(join(facts.library, name));
    } catch (cause) {
      throw new EphemeraError({
        expected: `${name} in ${facts.library}`,
        found: `TensorFlow ${facts.version} without it`,
        where,
        remedy: "install a TensorFlow of 2.12 or later",
        cause,
      });
    }
  }
  return facts;
}

/** Which package: with a GPU or without. */
export type TensorFlowPackage = "@tensorflow/tfjs-node" | "@tensorflow/tfjs-node-gpu";

/** What the set-up is going to do. */
export interface SetupPlan {
  folder: string;
  package: TensorFlowPackage;
  /** The TensorFlow to build against; null for the packages' own download. */
  tensorFlow: PythonTensorFlow | null;
}

/** The folder of the package inside the installation. */
export function packageFolder({ folder, package: name }: Pick<SetupPlan, "folder" | "package">): string {
  return join(folder, "node_modules", name);
}

/** Where the package looks for its binding. */
export function bindingPath(plan: Pick<SetupPlan, "folder" | "package">): string {
  return join(packageFolder(plan), "lib", `napi-v${NODE_API}`, "tfjs_binding.node");
}

/**
 * The one command that compiles the binding: the package's two C++ files against TensorFlow's headers and libraries,
 * with the place of the libraries written into the result.
 *
 * @param compiler e.g. `"g++"`
 * @param output the file to write
 * @throws EphemeraError on a system where it is not known how.
 */
export function compileCommand(
  plan: SetupPlan,
  compiler: string,
  output: string,
  os: typeof Deno.build.os = Deno.build.os,
): string[] {
  const { tensorFlow } = plan, libraries = libraryNames(os);
  if (tensorFlow === null || libraries === null) {
    throw new EphemeraError({
      expected: "Linux or macOS, and a TensorFlow to build against",
      found: tensorFlow === null ? "none" : os,
      where: "setup:tensorflow",
    });
  }
  const { library, flags } = tensorFlow, source = join(packageFolder(plan), "binding");
  const linked = os === "darwin"
    ? ["-undefined", "dynamic_lookup", ...libraries.map((name) => join(library, name))]
    : [`-L${library}`, ...libraries.map((name) => `-l:${name}`)];
  return [
    ...[compiler, "-std=c++17", "-O2", "-fPIC", "-shared", "-w", `-DNAPI_VERSION=${NODE_API}`],
    ...flags.filter((flag) => !/^-{1,2}std=/.test(flag)),
    `-I${join(plan.folder, "node_modules", "node-api-headers", "include")}`,
    ...[join(source, "tfjs_backend.cc"), join(source, "tfjs_binding.cc")],
    ...linked,
    ...[`-Wl,-rpath,${library}`, "-o", output],
  ];
}

/** The command that fetches the packages; only the download runs a package's install script. */
export function installCommand(plan: SetupPlan): string[] {
  const scripts = plan.tensorFlow === null ? [`--allow-scripts=npm:${plan.package}@${TFJS_VERSION}`] : [];
  return ["deno", "install", "--quiet", ...scripts];
}

/** The plan for people: what is fetched, what is compiled, where it goes, how it is undone. */
export function describePlan(plan: SetupPlan, compiler: string): string {
  const { tensorFlow } = plan;
  const lines = [
    `Folder (about 300 MB of packages, ignored by git): ${plan.folder}`,
    `1. ${installCommand(plan).join(" ")}   # ${plan.package}@${TFJS_VERSION} and its dependencies`,
  ];
  if (tensorFlow === null) {
    lines.push(
      `   whose install script downloads TensorFlow and its binding from ${new URL(DOWNLOAD_HOST).host}`,
    );
  } else {
    const { version, python, cuda, gpu } = tensorFlow;
    const kind = cuda ? `built for CUDA, ${gpu ? "a GPU is there" : "no GPU found"}` : "for processors";
    lines.push(
      `2. compile the binding against TensorFlow ${version} of ${python} (${kind}):`,
      `   ${compileCommand(plan, compiler, bindingPath(plan)).join(" ")}`,
    );
  }
  lines.push(
    `${tensorFlow ? 3 : 2}. train a small network with it and compare with plain JavaScript`,
    "Undo: deno task setup:tensorflow --remove",
  );
  return lines.join("\n");
}

/** The first C++ compiler that starts: `CXX`, g++, clang++, c++. */
export async function findCompiler(): Promise<string> {
  const asked = Deno.env.get("CXX"), names = asked ? [asked] : ["g++", "clang++", "c++"];
  for (const name of names) {
    try {
      const options: Deno.CommandOptions = { args: ["--version"], stdout: "null", stderr: "null" };
      if ((await new Deno.Command(name, options).output()).success) return name;
    } catch {
      // Not there; the next may be.
    }
  }
  throw new EphemeraError({
    expected: "a C++17 compiler",
    found: `none of ${names.join(", ")}`,
    where: "setup:tensorflow",
    remedy: "install one (apt-get install g++), or set CXX",
  });
}

async function run([command, ...args]: string[], cwd: string): Promise<void> {
  const program = command === "deno" ? Deno.execPath() : command;
  const { success, code } = await new Deno.Command(program, { args, cwd, stdin: "null" }).spawn().status;
  if (!success) {
    throw new EphemeraError({
      expected: `${command} to succeed`,
      found: `exit code ${code}`,
      where: [command, ...args].join(" "),
    });
  }
}

/** Fetches the packages and, where the plan says so, compiles the binding. */
export async function carryOut(plan: SetupPlan, compiler: string): Promise<void> {
  await Deno.mkdir(plan.folder, { recursive: true });
  const dependencies: Record<string, string> = { [plan.package]: TFJS_VERSION };
  if (plan.tensorFlow) dependencies["node-api-headers"] = NODE_API_HEADERS;
  const write = (name: string, value: unknown) =>
    Deno.writeTextFile(join(plan.folder, name), JSON.stringify(value, null, 2) + "\n");
  await write("package.json", { private: true, dependencies });
  // A configuration of its own keeps these packages out of the project's.
  await write("deno.json", { nodeModulesDir: "auto", lock: false });
  await write("setup.json", plan);
  await run(installCommand(plan), plan.folder);
  if (plan.tensorFlow) {
    const binding = bindingPath(plan), unfinished = join(plan.folder, "tfjs_binding.node");
    await run(compileCommand(plan, compiler, unfinished), plan.folder);
    await Deno.mkdir(join(binding, ".."), { recursive: true });
    await Deno.rename(unfinished, binding);
  }
}

/** Whether the packages' own download can be reached. */
export async function downloadReachable(): Promise<boolean> {
  try {
    const response = await fetch(DOWNLOAD_HOST, { method: "HEAD", signal: AbortSignal.timeout(10_000) });
    await response.body?.cancel();
    // The folder itself may be closed; what counts is that the host answers.
    return response.status < 500;
  } catch {
    return false;
  }
}

/**
 * Removes an installation. Returns whether there was one; an empty folder is none.
 *
 * @throws EphemeraError when the folder holds something else.
 */
export async function removeSetup(folder: string): Promise<boolean> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  if (names.length === 0) return false;
  if (!names.includes("setup.json")) {
    throw new EphemeraError({
      expected: "the folder of an installation, with setup.json",
      found: names.slice(0, 5).join(", "),
      where: folder,
      remedy: "remove it by hand if it is not needed",
    });
  }
  await Deno.remove(folder, { recursive: true });
  return true;
}
