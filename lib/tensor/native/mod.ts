/** Native TensorFlow: where it is kept, how it is loaded, its operations by name and programs of them. @module */
export { loadTensorFlow, silently } from "./load.ts";
export { tensorFlowFolder } from "./location.ts";
export { type Handle, NativeOperations } from "./operations.ts";
export { runProgram } from "./program.ts";
export { hasNativeOperations, NativeScope } from "./scope.ts";
