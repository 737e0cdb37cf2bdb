/**
 * Whether `fma` may use the processor's fused multiply-add. `scripts/build_kernels.ts` builds a second module with
 * `false` here: a relaxed instruction rounds once on one processor and twice on another, so that only the module
 * without it gives the same bits everywhere.
 */
export const FUSED: bool = true;
