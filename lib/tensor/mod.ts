/**
 * Tensors: the one `tf` namespace of the library, the choice of backend, and the kernels behind it.
 *
 * @module
 */
import { registerWasmBackend } from "./wasm/mod.ts";

export { type BackendDescription, type BackendName, type BackendOptions, useBackend } from "./backend.ts";
export { refuseSecondDerivative } from "./first_derivative.ts";
export { tf } from "./tf.ts";
export * from "./activation/mod.ts";
export * from "./attention/mod.ts";
export * from "./interchange/mod.ts";
export * from "./linear_algebra/mod.ts";
export * from "./normalisation/mod.ts";
export * from "./recurrent/mod.ts";
export * from "./training/mod.ts";
export * from "./wasm/mod.ts";

registerWasmBackend();
