import { tf } from "../tf.ts";
import { batchGradients, type BatchGradientsOptions } from "./batch_gradients.ts";

/**
 * Returns the most bytes of tensor memory that were in use at one time while `work` ran, above those in use before.
 *
 * The engine counts the present use but not its peak, and its profiler waits on every operation; so the count is
 * followed at its two doors, for the time of this call only. Several views of one buffer count once.
 */
export function peakBytes(work: () => void): number {
  const engine = tf.engine() as unknown as EngineDoors;
  const { trackTensor, removeDataId } = engine;
  let live = 0, peak = 0;
  engine.trackTensor = function (tensor, backend) {
    const known = this.state.tensorInfo.has(tensor.dataId);
    trackTensor.call(this, tensor, backend);
    if (!known) live += this.state.tensorInfo.get(tensor.dataId)!.bytes;
    peak = Math.max(peak, live);
  };
  engine.removeDataId = function (dataId, backend) {
    const bytes = this.state.tensorInfo.get(dataId)?.bytes ?? 0;
    removeDataId.call(this, dataId, backend);
    if (!this.state.tensorInfo.has(dataId)) live -= bytes;
  };
  try {
    work();
  } finally {
    engine.trackTensor = trackTensor;
    engine.removeDataId = removeDataId;
  }
  return peak;
}

/** What a large batch may need above the line through two small ones: kernels block their work by size (13 % measured for a GRU). */
const MARGIN = 1.25;

/**
 * Returns how many examples may be taken at once for a gradient to stay within `limitBytes`, from two trials with small
 * batches: memory is a constant (gradients of the parameters) plus a part that grows with the examples. At least 1.
 *
 * Trials change no parameter: those that the loss function itself writes (running statistics) are put back.
 */
export function estimateMicroBatch<Batch>(
  options: Omit<BatchGradientsOptions<Batch>, "microBatch">,
  limitBytes: number,
): { microBatch: number; bytesPerExample: number; bytesFixed: number } {
  const { indices, parameters } = options;
  const small = Math.max(1, indices.length >> 5), large = 2 * small;
  if (large >= indices.length) return { microBatch: indices.length, bytesPerExample: 0, bytesFixed: 0 };
  const frozen = Object.values(parameters).filter((each) => !each.trainable);
  const kept = frozen.map((each) => tf.tidy(() => tf.add(each, 0)));
  const trial = (examples: number) =>
    peakBytes(() => {
      const result = batchGradients({
        ...options,
        indices: indices.slice(0, examples),
        microBatch: examples,
      });
      tf.dispose(result.gradients);
      result.pieces.forEach(({ loss, metrics }) => tf.dispose([loss, ...Object.values(metrics)]));
    });
  const atSmall = trial(small), atLarge = trial(large);
  frozen.forEach((each, i) => {
    each.assign(kept[i]);
    kept[i].dispose();
  });
  const bytesPerExample = Math.max(0, (atLarge - atSmall) / (large - small));
  const bytesFixed = Math.max(0, atSmall - bytesPerExample * small);
  // Gradients are summed over pieces: the running sum and one more set of them live beside the piece.
  const room = limitBytes / MARGIN - 2 * bytesFixed;
  const fits = bytesPerExample === 0 ? indices.length : Math.floor(room / bytesPerExample);
  return { microBatch: Math.min(indices.length, Math.max(1, fits)), bytesPerExample, bytesFixed };
}

/** The parts of the tfjs engine that know when storage comes and goes. */
interface EngineDoors {
  state: { tensorInfo: { has(id: object): boolean; get(id: object): { bytes: number } | undefined } };
  trackTensor(this: EngineDoors, tensor: tf.TensorInfo, backend: unknown): void;
  removeDataId(this: EngineDoors, dataId: object, backend: unknown): void;
}
