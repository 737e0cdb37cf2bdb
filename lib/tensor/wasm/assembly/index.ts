// One export line a topic; the module's exports are the functions that the kernels in ../kernels call.
export * from "./gemm";
