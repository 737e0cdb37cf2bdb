/** Plain named arrays, safetensors in and out, Keras weights in. @module */
export * from "./keras_hdf5.ts";
export * from "./keras_layers.ts";
export * from "./named_arrays.ts";
export * from "./safetensors.ts";
export * from "./tensors.ts";
