// One registration line a topic.
import { registerMatrixProducts } from "./matmul.ts";

/** Registers every kernel of ours in place of the cpu kernel that would otherwise do. */
export function registerKernels(): void {
  registerMatrixProducts();
}
