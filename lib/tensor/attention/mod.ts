/** Attention as one operation. @module */
export { type AttentionOptions, multiHeadAttention } from "./multi_head_attention.ts";
