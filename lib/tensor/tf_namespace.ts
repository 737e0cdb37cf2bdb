// The names that `tf` holds: tfjs-core and tfjs-layers in one namespace, as the package @tensorflow/tfjs has them.
export * from "@tensorflow/tfjs-core";
export * from "@tensorflow/tfjs-layers";
