import type { Handle, NativeOperations } from "../native/mod.ts";
import type { GateActivation } from "./options.ts";

/** The gate function, as `gate` of composed_gate.ts. */
export function nativeGate(operations: NativeOperations, x: Handle, activation: GateActivation): Handle {
  if (activation === "sigmoid") return operations.call("Sigmoid", x);
  const scaled = operations.call("Mul", x, operations.scalar(0.2));
  const line = operations.call("AddV2", scaled, operations.scalar(0.5));
  return operations.call("ClipByValue", line, operations.scalar(0), operations.scalar(1));
}

/** The gradient of what went into a gate, from the gate's value and its gradient. */
export function nativeGateGradient(
  operations: NativeOperations,
  gate: Handle,
  gradient: Handle,
  activation: GateActivation,
): Handle {
  if (activation === "sigmoid") return operations.call("SigmoidGrad", gate, gradient);
  // The sign of g (1 - g) is 1 inside the clip and 0 outside.
  const curve = operations.call("Mul", gate, operations.call("Sub", operations.scalar(1), gate));
  const slope = operations.call("Mul", operations.call("Sign", curve), operations.scalar(0.2));
  return operations.call("Mul", slope, gradient);
}
