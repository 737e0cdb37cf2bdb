import { tf } from "../tf.ts";
import { type Cell, keptFloats, type RecurrentAttributes } from "../wasm/kernels/recurrent.ts";
import { lazyGradient, type LazyGradients } from "./lazy_gradient.ts";
import { type GateActivation, KEPT_GATES_LIMIT, type RecurrentOptions } from "./options.ts";

/** The tensors of one fused recurrence, by the names that its kernels use. */
export interface FusedInputs {
  x: tf.Tensor3D;
  kernel: tf.Tensor2D;
  recurrentKernel: tf.Tensor2D;
  bias: tf.Tensor;
  initial?: tf.Tensor2D;
  initialCell?: tf.Tensor2D;
}

/** What the kernels need beside tensors. */
export interface FusedSettings {
  resetAfter: boolean;
  activation: GateActivation;
  reverse: boolean;
  returnSequences: boolean;
  gates: NonNullable<RecurrentOptions["gates"]>;
}

/** Whether the current backend has the recurrences as kernels. */
export function hasFusedRecurrence(cell: Cell): boolean {
  return tf.getKernel(cell === "gru" ? "EphemeraGru" : "EphemeraLstm", tf.getBackend()) !== undefined;
}

/**
 * A recurrence as one kernel forward and one backward. Kept for the backward pass are, per batch row, time step and
 * unit, the state (4 bytes; it is the result), the LSTM's cell (4 bytes), and with `gates: "keep"` the gates (GRU 12
 * bytes, 16 with resetAfter; LSTM 16).
 */
export function fusedRecurrence(
  cell: Cell,
  inputs: FusedInputs,
  mask: tf.Tensor2D | null,
  settings: FusedSettings,
): tf.Tensor {
  const name = cell === "gru" ? "EphemeraGru" : "EphemeraLstm";
  const [batch, time] = inputs.x.shape, units = inputs.recurrentKernel.shape[0];
  // Counted without padding, so that every module chooses alike.
  const bytes = 4 * keptFloats(cell, settings.resetAfter, [batch, time, units], 1).gates;
  const kept = settings.gates === "keep" || (settings.gates === "auto" && bytes <= KEPT_GATES_LIMIT);
  const common = {
    hard: settings.activation === "hard_sigmoid",
    resetAfter: settings.resetAfter,
    reverse: settings.reverse,
    states: settings.returnSequences,
    last: !settings.returnSequences,
    kept,
    inputGradient: false,
  };
  const given = { ...inputs } as Record<string, tf.Tensor>;
  const withMask = mask ? { ...given, mask } : given;
  const run = (kernel: string, tensors: Record<string, tf.Tensor>, attributes: RecurrentAttributes) =>
    tf.engine().runKernel(
      kernel,
      tensors,
      attributes as unknown as tf.NamedAttrMap,
    ) as unknown as tf.Tensor[];
  let savedNames: string[] = [];

  const forward = (save: (tensors: tf.Tensor[]) => void, training: boolean) => {
    const outputs = run(name, withMask, { ...common, training });
    let next = 0;
    const states = common.states || training ? outputs[next++] : null;
    const last = common.last ? outputs[next++] : null;
    if (training) {
      const toSave: Record<string, tf.Tensor> = { ...withMask, y: states! };
      if (kept) toSave.gates = outputs[next++];
      if (cell === "lstm") toSave.cells = outputs[next++];
      savedNames = Object.keys(toSave);
      save(Object.values(toSave));
    }
    return last ?? states!;
  };

  const backward = (dy: tf.Tensor, saved: tf.Tensor[]): LazyGradients => {
    // The places of the weights' gradients belong to the scope of the whole gradient, which disposes of those that
    // nobody takes; the kernel that fills them runs once, when the first gradient is asked for. The input's comes first.
    const undefinedLike = ({ shape }: tf.Tensor) =>
      tf.engine().runKernel("EphemeraUndefined", {}, { shape }) as unknown as tf.Tensor;
    const places: Record<string, tf.Tensor> = {};
    for (const [key, tensor] of Object.entries(given)) {
      if (key !== "x") places[`d${key[0].toUpperCase()}${key.slice(1)}`] = undefinedLike(tensor);
    }
    const tensors = { ...Object.fromEntries(savedNames.map((key, k) => [key, saved[k]])), dy, ...places };
    let done = false;
    const fill = (inputGradient: boolean): tf.Tensor | undefined => {
      done = true;
      return run(`${name}Backward`, tensors, { ...common, training: true, inputGradient })[0];
    };
    const gradients: LazyGradients = { x: () => fill(true)! };
    for (const key of Object.keys(given)) {
      if (key === "x") continue;
      gradients[key] = () => {
        if (!done) fill(false);
        return places[`d${key[0].toUpperCase()}${key.slice(1)}`];
      };
    }
    return gradients;
  };

  return lazyGradient({ name: cell, inputs: given, forward, backward });
}
