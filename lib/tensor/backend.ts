// Which backend computes: native TensorFlow when it is installed, otherwise our WebAssembly kernels; WebGPU on request.
import { demand, EphemeraError } from "../core/mod.ts";
import { loadTensorFlow, silently } from "./native/mod.ts";
import { tf } from "./tf.ts";
import { Blas } from "./wasm/blas.ts";
import { readEnvironment } from "./wasm/environment.ts";
import { completeOptions } from "./wasm/engine.ts";
import { configureWasm, Heap, registerWasmBackend, type WasmBackend, type WasmOptions } from "./wasm/mod.ts";

/** The backends by name; `"auto"` is native TensorFlow when it is installed, else `"wasm"`. */
export type BackendName = "auto" | "tensorflow" | "webgpu" | "wasm" | "cpu";

/** Options of {@link useBackend}. Those of the wasm backend count only there. */
export interface BackendOptions extends WasmOptions {
  /** Do not print what was chosen. */
  quiet?: boolean;
}

/** What computes now. */
export interface BackendDescription {
  /** tfjs's name of the backend. */
  name: "tensorflow" | "webgpu" | "wasm" | "cpu";
  /** Threads that a large operation is divided over; 1 where the backend does not say. */
  threads: number;
  /** What it runs on, in words. */
  device: string;
  /** Why this one. */
  reason: string;
}

const names: readonly string[] = ["auto", "tensorflow", "webgpu", "wasm", "cpu"];
const announced = new Set<string>();

interface NativeBackend {
  isUsingGpuDevice?: boolean;
}

async function useTensorFlow(reasons: string[]): Promise<BackendDescription | undefined> {
  const found = tf.findBackendFactory("tensorflow")
    ? "the package loaded before"
    : await loadTensorFlow(reasons);
  if (found === undefined || !(await tf.setBackend("tensorflow"))) return undefined;
  const gpu = (tf.backend() as unknown as NativeBackend).isUsingGpuDevice === true;
  return {
    name: "tensorflow",
    threads: gpu ? 1 : Number(readEnvironment("TF_NUM_INTRAOP_THREADS") || navigator.hardwareConcurrency),
    device: gpu ? "native TensorFlow on the GPU" : "native TensorFlow on the processor",
    reason: `${found} is installed`,
  };
}

async function useWebGPU(): Promise<BackendDescription> {
  const adapter = await navigator.gpu?.requestAdapter();
  demand(adapter, {
    expected: "a GPU adapter for WebGPU",
    found: navigator.gpu ? "none" : "a runtime without navigator.gpu",
    where: 'useBackend("webgpu")',
    remedy: "install a Vulkan driver (mesa-vulkan-drivers has one in software), or use the backend wasm",
  });
  await silently(() => import("@tensorflow/tfjs-backend-webgpu"));
  const done = await tf.setBackend("webgpu");
  demand(done, {
    expected: "the WebGPU backend to start",
    found: "a failure",
    where: 'useBackend("webgpu")',
  });
  const { info } = adapter as unknown as {
    info?: { device?: string; description?: string; vendor?: string };
  };
  const device = info?.description || info?.device || info?.vendor || "an unnamed adapter";
  return { name: "webgpu", threads: 1, device, reason: "asked for" };
}

async function useWasm(options: BackendOptions, reason: string): Promise<BackendDescription> {
  const { threads, deterministic, wide, maximumPages, blas } = options;
  const asked = { threads, deterministic, wide, maximumPages, blas };
  // tfjs would turn an error in the factory into a warning: wrong options must show themselves here.
  const complete = completeOptions(asked);
  const existing = tf.engine().registry["wasm"] as WasmBackend | undefined;
  const differs = existing &&
    ((threads !== undefined && threads !== existing.engine.threads) ||
      (deterministic !== undefined && deterministic !== existing.engine.deterministic) ||
      (wide !== undefined && (wide && !existing.engine.deterministic) !== existing.engine.wide) ||
      (maximumPages !== undefined && maximumPages !== existing.engine.maximumPages) ||
      (blas !== undefined && (blas !== "") !== (existing.engine.blas !== undefined)));
  // A library that does not open shows itself before the running backend is given up.
  if (complete.blas !== "" && !existing?.engine.blas) new Blas(complete.blas, new Heap(false, 512), 1);
  if (differs) {
    // Tensors of the old backend go with it.
    await existing.engine.close();
    tf.removeBackend("wasm");
  }
  configureWasm(asked);
  registerWasmBackend();
  const done = await tf.setBackend("wasm");
  demand(done, { expected: "the wasm backend to start", found: "a failure", where: 'useBackend("wasm")' });
  const { engine } = tf.backend() as WasmBackend;
  const library = engine.blas ? `, products by ${engine.blas.path}` : "";
  const kind = engine.deterministic ? "deterministic SIMD" : engine.wide ? "wide SIMD" : "SIMD";
  const arithmetic = `${kind} kernels${library}`;
  return { name: "wasm", threads: engine.threads, device: `WebAssembly ${arithmetic}`, reason };
}

function announce(description: BackendDescription, quiet: boolean | undefined): BackendDescription {
  const { name, threads, device, reason } = description;
  const line = `Tensors: ${name} (${device}, ${threads} thread${threads === 1 ? "" : "s"}), ${reason}.`;
  if (!quiet && !announced.has(line)) console.info(line);
  announced.add(line);
  return description;
}

/**
 * Chooses what computes with tensors, and returns what it chose.
 *
 * `"auto"` takes native TensorFlow (`@tensorflow/tfjs-node-gpu`, then `@tensorflow/tfjs-node`) when one is installed and
 * loads, else `"wasm"`; the environment variable `EPHEMERA_BACKEND` decides in its place when it is set. The choice is
 * printed once. Without any call, tensors are computed by `"wasm"`.
 *
 * Asking for a wasm backend with other options than the one that runs replaces it; its tensors are lost.
 *
 * @param name the backend; default `"auto"`.
 * @throws EphemeraError when a backend that is asked for by name is not there.
 *
 * @example
 * ```ts
 * import { tf, useBackend } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const { name } = await useBackend("wasm", { quiet: true });
 * assert.equal(name, "wasm");
 * assert.deepEqual(Array.from(tf.tensor1d([1, 2, 3]).square().dataSync()), [1, 4, 9]);
 * ```
 */
export async function useBackend(
  name: BackendName = "auto",
  options: BackendOptions = {},
): Promise<BackendDescription> {
  let wanted: string = name, origin = "asked for";
  if (name === "auto") {
    const fromEnvironment = readEnvironment("EPHEMERA_BACKEND");
    if (fromEnvironment) {
      wanted = fromEnvironment;
      origin = `EPHEMERA_BACKEND=${fromEnvironment}`;
    }
  }
  demand(names.includes(wanted), {
    expected: `one of ${names.join(", ")}`,
    found: `"${wanted}"`,
    where: origin === "asked for" ? "useBackend" : "EPHEMERA_BACKEND",
  });
  const reasons: string[] = [];
  if (wanted === "auto" || wanted === "tensorflow") {
    const native = await useTensorFlow(reasons);
    if (native) return announce(native, options.quiet);
    if (wanted === "tensorflow") {
      throw new EphemeraError({
        expected: "native TensorFlow (@tensorflow/tfjs-node-gpu or @tensorflow/tfjs-node)",
        found: reasons.length > 0 ? reasons.join("; ") : "no such package installed",
        where: 'useBackend("tensorflow")',
        remedy: "run `deno task setup:tensorflow`, or use the backend wasm",
      });
    }
    const why = reasons.length > 0 ? reasons.join("; ") : "no native TensorFlow is installed";
    return announce(await useWasm(options, why), options.quiet);
  }
  if (wanted === "webgpu") return announce({ ...await useWebGPU(), reason: origin }, options.quiet);
  if (wanted === "cpu") {
    await tf.setBackend("cpu");
    const device = "plain JavaScript";
    return announce({ name: "cpu", threads: 1, device, reason: origin }, options.quiet);
  }
  return announce(await useWasm(options, origin), options.quiet);
}
