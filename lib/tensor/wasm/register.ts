import { tf } from "../tf.ts";
import { completeOptions, WasmEngine, type WasmOptions } from "./engine.ts";
import { loadBytes, moduleAddress, moduleName } from "./module.ts";
import { registerKernels } from "./kernels/mod.ts";
import { WasmBackend } from "./wasm_backend.ts";

let configured: WasmOptions = {};

/** Sets the options for the backend that is made next; a backend that exists keeps its own. */
export function configureWasm(options: WasmOptions): void {
  configured = options;
}

function makeBackend(): WasmBackend | Promise<WasmBackend> {
  const options = completeOptions(configured);
  const bytes = loadBytes(moduleAddress(moduleName(options)));
  const make = (loaded: Uint8Array) => {
    try {
      return new WasmBackend(new WasmEngine(loaded, options));
    } catch (error) {
      // tfjs would go on with the cpu backend, a hundred times slower, because of a library that is only a help.
      if (options.blas === "" || configured.blas !== undefined) throw error;
      console.warn(
        `wasm backend: EPHEMERA_BLAS is not used. ${error instanceof Error ? error.message : error}`,
      );
      return new WasmBackend(new WasmEngine(loaded, { ...options, blas: "" }));
    }
  };
  return bytes instanceof Uint8Array ? make(bytes) : bytes.then(make);
}

/**
 * Registers the backend "wasm" with a higher priority than "cpu", every cpu kernel as its fallback, and our kernels over
 * them. From a local file the backend is made without waiting, so that a tfjs program needs no `await tf.ready()`.
 */
export function registerWasmBackend(): void {
  if (tf.findBackendFactory("wasm") !== null) return;
  // The kernels stay registered when a backend is removed to be made anew.
  if (!tf.getKernel("BatchMatMul", "wasm")) {
    for (const kernel of tf.getKernelsForBackend("cpu")) {
      tf.registerKernel({ ...kernel, backendName: "wasm" });
    }
    registerKernels();
  }
  tf.registerBackend("wasm", makeBackend, 2);
}
