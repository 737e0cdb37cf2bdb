/** Native TensorFlow: where it is kept, how it is loaded, its operations by name. @module */
export { loadTensorFlow, silently } from "./load.ts";
export { tensorFlowFolder } from "./location.ts";
export { type Handle, hasNativeOperations, NativeScope } from "./scope.ts";
