/** Plain named arrays, safetensors in and out, Keras weights in. @module */
export * from "./named_arrays.ts";
export * from "./safetensors.ts";
