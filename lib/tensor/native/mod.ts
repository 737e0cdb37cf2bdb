/** Native TensorFlow: where it is kept and how it is loaded. @module */
export { loadTensorFlow, silently } from "./load.ts";
export { tensorFlowFolder } from "./location.ts";
