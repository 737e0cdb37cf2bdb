/** The WebAssembly backend: memory, threads, kernels. @module */
export { configureWasm, registerWasmBackend } from "./register.ts";
export {
  type KernelCall,
  registerWasmKernel,
  WasmEngine,
  type WasmKernel,
  type WasmOptions,
} from "./engine.ts";
export { startedWide, WIDE_FLAGS } from "./environment.ts";
export type { KernelExports } from "./module.ts";
export { Heap } from "./heap.ts";
export { TensorHolder, WasmBackend } from "./wasm_backend.ts";
