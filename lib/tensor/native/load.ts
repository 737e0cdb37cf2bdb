import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import util from "node:util";
import { repairCpuKernels } from "../cpu_repairs.ts";
import { registerGradients } from "../gradients.ts";
import { readEnvironment } from "../wasm/environment.ts";
import { registerNativeAdam } from "./adam.ts";
import { replaceNativeKernels } from "./kernels.ts";
import { tensorFlowFolder } from "./location.ts";

/** Runs `load` with warnings switched off: the packages warn of every kernel that two of them bring. */
export async function silently<T>(load: () => T | Promise<T>): Promise<T> {
  const { warn, log } = console;
  console.warn = console.log = () => {};
  try {
    return await load();
  } finally {
    console.warn = warn;
    console.log = log;
  }
}

/** Sets a variable for the native library unless somebody has; without the permission it keeps its default. */
function setDefault(name: string, value: string | undefined): void {
  if (value === undefined) return;
  if (Deno.permissions.querySync({ name: "env", variable: name }).state !== "granted") return;
  if (Deno.env.get(name) === undefined) Deno.env.set(name, value);
}

/**
 * Loads the first native TensorFlow package that is there: in the folder of `setup:tensorflow`, in the project, in the
 * current folder. Returns its name, or undefined when none loads; `reasons` then gets a sentence for each that was found
 * and failed.
 */
export async function loadTensorFlow(reasons: string[]): Promise<string | undefined> {
  const places = [
    pathToFileURL(join(tensorFlowFolder(), "/")).href,
    pathToFileURL(join(Deno.cwd(), "/")).href,
  ];
  if (import.meta.url.startsWith("file:")) places.splice(1, 0, import.meta.url);
  // What goes wrong reaches the program as an exception; the log of a processor without a GPU reads like a failure.
  setDefault("TF_CPP_MIN_LOG_LEVEL", "3");
  setDefault("TF_NUM_INTRAOP_THREADS", readEnvironment("EPHEMERA_THREADS"));
  setDefault("TF_NUM_INTEROP_THREADS", readEnvironment("EPHEMERA_THREADS"));
  // The packages call two functions that newer runtimes have dropped.
  const functions = util as unknown as Record<string, unknown>;
  functions.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  functions.isArray ??= Array.isArray;
  for (const place of places) {
    const require = createRequire(place);
    for (const name of ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"]) {
      try {
        require.resolve(name);
      } catch {
        continue;
      }
      try {
        await silently(() => require(name));
        // The package brings stock kernels and gradients that take the place of the corrected ones.
        repairCpuKernels();
        registerGradients();
        replaceNativeKernels();
        registerNativeAdam();
        return name;
      } catch (error) {
        const reason = error instanceof Error ? error.message.split("\n")[0] : error;
        reasons.push(`${name} does not load: ${reason}`);
      }
    }
  }
  return undefined;
}
