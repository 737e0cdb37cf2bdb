// One registration line a topic.
import { registerEinsum } from "./einsum.ts";
import { registerMoves } from "./move.ts";
import { registerReductions } from "./reduce.ts";
import { registerBinary } from "./binary.ts";
import { registerUnary } from "./unary.ts";
import { registerMatrixProducts } from "./matmul.ts";
import { registerRecurrences } from "./recurrent.ts";
import { registerConvolutions } from "./convolution.ts";
import { registerPoolings } from "./pooling.ts";
import { registerAdamStep } from "./adam.ts";
import { registerNormalisations } from "./normalisation.ts";
import { registerAttention } from "./attention.ts";

/** Registers every kernel of ours in place of the cpu kernel that would otherwise do. */
export function registerKernels(): void {
  registerMatrixProducts();
  registerEinsum();
  registerMoves();
  registerReductions();
  registerBinary();
  registerUnary();
  registerRecurrences();
  registerConvolutions();
  registerPoolings();
  registerAdamStep();
  registerNormalisations();
  registerAttention();
}
