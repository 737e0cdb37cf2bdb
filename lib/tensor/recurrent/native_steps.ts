// What the recurrences on native TensorFlow have in common. Each gate has tensors of its own, `[batch, units]` a step:
// TensorFlow takes longer to join gates into one matrix, and to wake threads for it, than it saves by one product.
import type { Handle, NativeScope } from "../native/mod.ts";
import { tf } from "../tf.ts";
import type { GateActivation } from "./options.ts";

/** The gate function, as in `gate` of composed_gate.ts. `constants` come from {@link gateConstants}. */
export function nativeGate(
  scope: NativeScope,
  x: Handle,
  activation: GateActivation,
  constants: GateConstants,
): Handle {
  if (activation === "sigmoid") return scope.call("Sigmoid", x);
  const scaled = scope.call("Mul", x, constants.slope), line = scope.call("AddV2", scaled, constants.half);
  const clipped = scope.call("ClipByValue", line, constants.zero, constants.one);
  scope.free(scaled, line);
  return clipped;
}

/** The gradient of what went into a gate, from the gate's value and gradient. Frees `gradient`. */
export function nativeGateGradient(
  scope: NativeScope,
  gate: Handle,
  gradient: Handle,
  activation: GateActivation,
  constants: GateConstants,
): Handle {
  if (activation === "sigmoid") {
    const result = scope.call("SigmoidGrad", gate, gradient);
    scope.free(gradient);
    return result;
  }
  // The sign of g (1 - g) is 1 inside the clip and 0 outside.
  const rest = scope.call("Sub", constants.one, gate), curve = scope.call("Mul", gate, rest);
  const inside = scope.call("Sign", curve), slope = scope.call("Mul", inside, constants.slope);
  const result = scope.call("Mul", slope, gradient);
  scope.free(rest, curve, inside, slope, gradient);
  return result;
}

/** The numbers of the hard gate. */
export interface GateConstants {
  zero: Handle;
  half: Handle;
  one: Handle;
  slope: Handle;
}

/** Makes the numbers of the hard gate in a scope. */
export function gateConstants(scope: NativeScope): GateConstants {
  return { zero: scope.scalar(0), half: scope.scalar(0.5), one: scope.scalar(1), slope: scope.scalar(0.2) };
}

/** The time steps in the order in which they are taken. */
export function stepOrder(time: number, reverse: boolean): number[] {
  return Array.from({ length: time }, (_, k) => reverse ? time - 1 - k : k);
}

/**
 * The input's part of every gate at every step, `[gate][time]`, each `[batch, units]`: one product a gate over all steps.
 *
 * @param inputs `[time * batch, features]`
 * @param kernel `[features, gates * units]`
 */
export function projectedSteps(
  scope: NativeScope,
  inputs: tf.Tensor2D,
  kernel: tf.Tensor2D,
  gates: number,
  time: number,
): Handle[][] {
  return tf.split(kernel, gates, 1).map((weights) => {
    const product = tf.matMul(inputs, weights as tf.Tensor2D);
    const steps = tf.reshape(product, [time, -1, weights.shape[1]!]);
    const parts = scope.unpack(scope.of(steps), time);
    tf.dispose([product, steps]);
    return parts;
  });
}

/** `[units]` in every row of `[batch, units]`: operations on equal shapes are faster than those that broadcast. */
export function inEveryRow(vector: tf.Tensor, batch: number): tf.Tensor {
  return tf.tile(tf.reshape(vector, [1, -1]), [batch, 1]);
}

/** The mask of each step, `[batch]` bool, or null. */
export function maskSteps(scope: NativeScope, mask: tf.Tensor2D | null): Handle[] | null {
  if (!mask) return null;
  return tf.tidy(() => scope.unpack(scope.of(tf.cast(tf.transpose(mask), "bool")), mask.shape[1], "bool"));
}

/** The states as one tensor `[time + 1, batch, units]` in the order of time: the initial one first, or last if reversed. */
export function packStates(
  scope: NativeScope,
  initial: Handle,
  states: Handle[],
  reverse: boolean,
): tf.Tensor3D {
  const first = scope.call("Identity", initial);
  return scope.tensor(scope.pack(reverse ? [...states, first] : [first, ...states])) as tf.Tensor3D;
}

/** From the states of {@link packStates}: those before each step, or those after it. */
export function statesOf(all: tf.Tensor3D, which: "before" | "after", reverse: boolean): tf.Tensor3D {
  const [count, batch, units] = all.shape;
  const from = (which === "after") === reverse ? 0 : 1;
  return tf.slice(all, [from, 0, 0], [count - 1, batch, units]);
}

/** `[time, batch, n]` as a matrix of rows. */
export function asRows(x: tf.Tensor): tf.Tensor2D {
  return tf.reshape(x, [-1, x.shape.at(-1)!]);
}

/** The gradient that reaches the state of each step from outside, or null where none does. */
export function gradientSteps(
  scope: NativeScope,
  dy: tf.Tensor,
  time: number,
  reverse: boolean,
): (Handle | null)[] {
  if (dy.rank === 3) {
    return tf.tidy(() => scope.unpack(scope.of(tf.transpose(dy as tf.Tensor3D, [1, 0, 2])), time));
  }
  const last = reverse ? 0 : time - 1;
  return Array.from({ length: time }, (_, t) => t === last ? scope.call("Identity", scope.of(dy)) : null);
}

/** `left^T gates`, side by side: the gradient of a kernel whose gates are blocks of columns. */
export function kernelGradient(left: tf.Tensor2D, gates: tf.Tensor2D[]): tf.Tensor2D {
  return tf.concat(gates.map((gate) => tf.matMul(left, gate, true)), 1);
}

/** The gradient of the input, `[batch, time, features]`, from those of the gates. */
export function inputGradient(gates: tf.Tensor2D[], kernel: tf.Tensor2D, time: number): tf.Tensor3D {
  const blocks = tf.split(kernel, gates.length, 1) as tf.Tensor2D[];
  const rows = tf.addN(gates.map((gate, k) => tf.matMul(gate, blocks[k], false, true)));
  return tf.transpose(tf.reshape(rows, [time, rows.shape[0] / time, kernel.shape[0]]), [1, 0, 2]);
}

/** The sums over the rows of each gate, joined. A product with ones, which TensorFlow sums faster than by Sum. */
export function biasGradient(gates: tf.Tensor2D[]): tf.Tensor1D {
  const ones: tf.Tensor2D = tf.ones([1, gates[0].shape[0]]);
  return tf.reshape(tf.concat(gates.map((gate) => tf.matMul(ones, gate)), 1), [-1]);
}
