import { demand } from "../core/mod.ts";
import * as tf from "./tf_namespace.ts";

/**
 * Called at the begin of a hand-written backward pass: refuses to be itself differentiated, which would silently leave out
 * what the pass computed from saved tensors. A gradient that is asked for while a tape is running will be.
 *
 * @param where name of the operation, for the message.
 * @throws EphemeraError inside of a second gradient.
 */
export function refuseSecondDerivative(where: string): void {
  const { gradientDepth } = (tf.engine() as unknown as { state: { gradientDepth: number } }).state;
  demand(gradientDepth === 0, {
    expected: "a first derivative",
    found: "a derivative of a derivative",
    where,
    remedy: "write the inner gradient out by hand",
  });
}
