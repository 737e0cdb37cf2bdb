/** Building blocks of networks above plain tensors. @module */
export * from "./mixture_energy.ts";
