// One export line a topic; the module's exports are the functions that the kernels in ../kernels call.
export * from "./gemm";
export * from "./recurrent";
export * from "./unary";
export * from "./binary";
export * from "./mask";
export * from "./reduce";
export * from "./move";
export * from "./convolution";
export * from "./pooling";
export * from "./adam";
export * from "./attention";
export * from "./normalisation";
export { epilogue } from "./epilogue";
export { panelColumns } from "./gemm_tile";
