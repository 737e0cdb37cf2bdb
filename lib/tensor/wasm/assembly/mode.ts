/**
 * Whether `fma` may use the processor's fused multiply-add. `scripts/build_kernels.ts` builds another module with
 * `false` here: a relaxed instruction rounds once on one processor and twice on another, so that only the module
 * without it gives the same bits everywhere.
 */
export const FUSED: bool = true;

/**
 * Whether the register tiles are sixteen columns wide, for an engine that joins two neighbouring vectors into one of 256
 * bits (see wide_tiles.ts); they are eight columns wide otherwise. A third module is built with `true` here.
 */
export const WIDE: bool = false;
