/**
 * The training loop. Every draw (order of examples, dropout, {@link StepContext.random}) is a function of the seed and
 * the step, and the checkpoint holds all the rest; hence a run that was stopped or killed and resumed ends with the same
 * bits as one that was not.
 */
import { tf } from "../tf.ts";
import { demand, EphemeraError, Random, silent } from "../../core/mod.ts";
import { adam, type Optimizer } from "./adam.ts";
import { type BatchSource, disposeBatch } from "./batches.ts";
import { batchGradients } from "./batch_gradients.ts";
import { listCheckpoints, readNewestCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { clipGradients, gradientNorm } from "./clip.ts";
import { improves, nothingYet } from "./early_stopping.ts";
import { appendRow, weightedMeans } from "./history.ts";
import { evaluateLoss, type PieceResult } from "./loss.ts";
import { estimateMicroBatch } from "./memory_estimate.ts";
import { reportNotFinite } from "./not_finite.ts";
import { assignParameters, disposeParameters, type ParameterSet, readParameters } from "./parameters.ts";
import { fromCheckpoint, type RunIdentity, type RunState, toCheckpoint } from "./run_state.ts";
import { makeContext } from "./step_context.ts";
import { checkTrainOptions, type TrainingResult, type TrainOptions } from "./train_options.ts";

/**
 * Trains parameters in place and returns the history of the run.
 *
 * @throws EphemeraError for settings that cannot work, for a loss or gradient that is not finite (naming step and
 * parameter), and for a checkpoint folder of a different run
 *
 * @example
 * ```ts
 * import {
 *   adam, arrayBatches, createParameters, disposeParameters, glorotUniform, plainArray, tf, train, zeros,
 * } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const x = Float32Array.from({ length: 64 }, (_, i) => i / 32 - 1);
 * const parameters = createParameters({ slope: glorotUniform([1, 1]), offset: zeros([1]) }, { seed: 1 });
 * const { history } = await train({
 *   parameters,
 *   loss: ({ x, y }) => tf.mean(tf.squaredDifference(tf.add(tf.matMul(x as tf.Tensor2D, parameters.slope as tf.Tensor2D), parameters.offset), y)),
 *   batches: arrayBatches({ x: plainArray([64, 1], x), y: plainArray([64, 1], x.map((v) => 2 * v + 1)) }),
 *   epochs: 40,
 *   batchSize: 16,
 *   seed: 1,
 *   optimizer: adam({ learningRate: 0.1 }),
 * });
 * assert.ok(history.epochs.loss.at(-1)! < 1e-3);
 * disposeParameters(parameters);
 * ```
 */
export async function train<Batch>(options: TrainOptions<Batch>): Promise<TrainingResult> {
  checkTrainOptions(options);
  const optimizer = options.optimizer ?? adam();
  const optimizerState = optimizer.init(options.parameters);
  try {
    const identity = identityOf(options, optimizer);
    const resumed = await resume(options, optimizerState, identity);
    const state = resumed ?? freshState(options, optimizerState);
    const resumedFrom = resumed?.step;
    const stoppedBy = await run(options, optimizer, identity, state);
    const { best, history, step: steps, microBatch } = state;
    if (stoppedBy !== "signal" && options.earlyStopping?.restoreBest !== false && best.weights.size > 0) {
      assignParameters(options.parameters, best.weights);
    }
    return {
      history,
      steps,
      stoppedBy,
      microBatch,
      ...(best.value === null ? {} : { best: { epoch: best.epoch, value: best.value } }),
      ...(resumedFrom === undefined ? {} : { resumedFrom }),
    };
  } finally {
    disposeParameters(optimizerState);
  }
}

/** Milliseconds of work after which the event loop gets a turn, so that a notebook's kernel answers and signals arrive. */
const TURN = 50;

/** Tensor memory of the wasm backend that a step may plan with: its 4 GiB less room for fragments and kernels' own needs. */
const WASM_LIMIT = 3 * 2 ** 30;

async function run<Batch>(
  options: TrainOptions<Batch>,
  optimizer: Optimizer,
  identity: RunIdentity,
  state: RunState,
): Promise<TrainingResult["stoppedBy"]> {
  const { parameters, batches, batchSize, epochs, seed, checkpoint, signal, progress = silent } = options;
  const stepsPerEpoch = stepsAnEpoch(options), total = epochs * stepsPerEpoch;
  const begun = performance.now();
  const seconds = () => state.secondsBefore + (performance.now() - begun) / 1000;
  const everySteps = checkpoint?.everySteps ?? Infinity;
  const everySeconds = checkpoint?.everySeconds ?? (checkpoint?.everySteps === undefined ? 60 : Infinity);
  let saved = { step: state.step, seconds: seconds() };
  const save = async () => {
    if (checkpoint === undefined) return;
    await writeCheckpoint(checkpoint.directory, await toCheckpoint(state, parameters, identity, seconds()));
    saved = { step: state.step, seconds: seconds() };
  };
  let order = new Uint32Array(), orderEpoch = -1, lastTurn = performance.now(), checkedUse = false;
  while (state.step < total && !state.stopped) {
    if (signal?.aborted) {
      await save();
      progress.finish(`stopped at step ${state.step} of ${total}`);
      return "signal";
    }
    const epoch = Math.floor(state.step / stepsPerEpoch), place = state.step % stepsPerEpoch;
    if (epoch !== orderEpoch) {
      order = orderOf(batches.examples, epoch, seed, options.shuffle ?? true);
      orderEpoch = epoch;
    }
    const indices = Int32Array.from(order.subarray(place * batchSize, (place + 1) * batchSize));
    const row = await takeStep(options, optimizer, state, { indices, epoch, checkUse: !checkedUse });
    checkedUse = true;
    appendRow(state.history.steps, { ...row, seconds: seconds() });
    state.step++;
    if (place + 1 === stepsPerEpoch) await endEpoch(options, state, epoch, stepsPerEpoch, seconds);
    progress.update(state.step, total, describe(state, epoch, epochs));
    if (state.step - saved.step >= everySteps || seconds() - saved.seconds >= everySeconds) await save();
    if (performance.now() - lastTurn > TURN) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      lastTurn = performance.now();
    }
  }
  if (saved.step !== state.step) await save();
  progress.finish(describe(state, Math.max(0, Math.ceil(state.step / stepsPerEpoch) - 1), epochs));
  return state.stopped ? "patience" : "epochs";
}

/** Takes one step and returns its row of the history. */
async function takeStep<Batch>(
  options: TrainOptions<Batch>,
  optimizer: Optimizer,
  state: RunState,
  place: { indices: Int32Array; epoch: number; checkUse: boolean },
): Promise<Record<string, number>> {
  const { parameters, loss, batches: source, seed, reduction = "mean" } = options;
  const { indices, epoch } = place, { step, microBatch } = state;
  const raw = batchGradients({
    ...{ loss, source, parameters, indices, microBatch, reduction, seed, step, epoch },
  });
  if (place.checkUse && !options.allowUnused) checkUse(parameters, raw.gradients);
  const norm = gradientNorm(raw.gradients);
  const { means, extra: [normValue] } = await readPieces(raw.pieces, reduction === "sum", [norm]);
  if (!Number.isFinite(means.loss) || !Number.isFinite(normValue)) {
    const { gradients } = raw;
    await reportNotFinite({
      ...{ loss: means.loss, norm: normValue, step, epoch, gradients, parameters, source, indices },
    });
  }
  const gradients = clipGradients(raw.gradients, options);
  const learningRate = optimizer.update({ parameters, gradients, state: state.optimizerState, step });
  tf.dispose(gradients);
  const weight = raw.pieces.reduce((sum, piece) => sum + piece.weight, 0);
  return { ...means, gradientNorm: normValue, learningRate, weight };
}

/** Means of an epoch, validation, and whether to stop. */
async function endEpoch<Batch>(
  options: TrainOptions<Batch>,
  state: RunState,
  epoch: number,
  stepsPerEpoch: number,
  seconds: () => number,
): Promise<void> {
  const { steps, epochs } = state.history;
  const names = Object.keys(steps).filter((name) => !RESERVED.includes(name));
  const row: Record<string, number> = weightedMeans(steps, stepsPerEpoch, names);
  if (options.validation !== undefined) {
    for (const [name, value] of Object.entries(await validate(options, options.validation, state, epoch))) {
      row[`validation/${name}`] = value;
    }
  }
  row.seconds = seconds();
  appendRow(epochs, row);
  if (options.earlyStopping !== undefined) {
    const { better, value } = improves(state.best, row, options.earlyStopping);
    if (better) {
      state.best = { value, epoch, waited: 0, weights: await readParameters(options.parameters) };
    } else state.best.waited++;
    state.stopped = state.best.waited >= options.earlyStopping.patience;
  }
  await options.onEpoch?.(epoch, row);
}

const RESERVED = ["gradientNorm", "learningRate", "weight", "seconds"];

async function validate<Batch>(
  options: TrainOptions<Batch>,
  source: BatchSource<Batch>,
  state: RunState,
  epoch: number,
): Promise<Record<string, number>> {
  const pieces: Omit<PieceResult, "gradients">[] = [];
  const size = Math.min(options.batchSize, state.microBatch);
  let sums: Record<string, number> = {}, weights = 0;
  for (let first = 0; first < source.examples; first += size) {
    const length = Math.min(size, source.examples - first);
    const indices = Int32Array.from({ length }, (_, i) => first + i);
    const { seed } = options, { step } = state;
    const context = makeContext({ training: false, seed, step, epoch, indices, firstExample: first });
    const batch = source.take(indices);
    try {
      pieces.push(evaluateLoss(options.loss, batch, context));
    } finally {
      disposeBatch(batch);
    }
    const { weight } = pieces[0];
    const { means } = await readPieces(pieces.splice(0), false, []);
    sums = Object.fromEntries(
      Object.entries(means).map(([name, value]) => [name, (sums[name] ?? 0) + weight * value]),
    );
    weights += weight;
  }
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / weights]));
}

/** Reads losses and metrics of pieces, and `extra` scalars, in one transfer, and disposes them. */
async function readPieces(
  pieces: readonly Omit<PieceResult, "gradients">[],
  add: boolean,
  extra: readonly tf.Scalar[],
): Promise<{ means: Record<string, number>; extra: number[] }> {
  const names = Object.keys(pieces[0].metrics);
  for (const name of names) {
    demand(name !== "loss" && !RESERVED.includes(name), {
      expected: `a metric with a name other than loss, ${RESERVED.join(", ")}`,
      found: name,
      where: "the loss function's metrics",
    });
  }
  const scalars = pieces.flatMap(({ loss, metrics }) => [loss, ...names.map((name) => metrics[name])]);
  const packed = tf.tidy(() => tf.stack([...scalars, ...extra].map((each) => tf.cast(each, "float32"))));
  const values = Array.from(await packed.data());
  tf.dispose([packed, ...scalars, ...extra]);
  const total = add ? 1 : pieces.reduce((sum, { weight }) => sum + weight, 0);
  const means: Record<string, number> = {};
  ["loss", ...names].forEach((name, column) => {
    // A sum of losses adds up over the pieces; its metrics, like those of a mean, are averaged.
    let sum = 0;
    pieces.forEach(({ weight }, i) => {
      sum += values[i * (names.length + 1) + column] * (add && name === "loss" ? 1 : weight);
    });
    means[name] = sum / (name === "loss" ? total : pieces.reduce((all, { weight }) => all + weight, 0));
  });
  return { means, extra: values.slice(scalars.length) };
}

function checkUse(parameters: ParameterSet, gradients: Readonly<Record<string, tf.Tensor>>): void {
  const unused = Object.entries(parameters).filter(([name, each]) => each.trainable && !(name in gradients));
  demand(unused.length === 0, () => ({
    expected: "a loss that depends on every trainable parameter",
    found: `no gradient for ${unused.map(([name]) => name).join(", ")}`,
    where: "train",
    remedy: "leave them out with selectParameters, or set allowUnused",
  }));
}

function freshState<Batch>(options: TrainOptions<Batch>, optimizerState: ParameterSet): RunState {
  return {
    step: 0,
    microBatch: chooseMicroBatch(options),
    stopped: false,
    history: { steps: {}, epochs: {} },
    best: nothingYet(),
    optimizerState,
    secondsBefore: 0,
  };
}

function chooseMicroBatch<Batch>(options: TrainOptions<Batch>): number {
  const { parameters, loss, batches: source, seed, reduction = "mean", warn = console.warn } = options;
  const batchSize = Math.min(options.batchSize, source.examples);
  if (options.microBatch !== undefined) return Math.min(options.microBatch, batchSize);
  const limit = options.memoryLimit ?? (tf.getBackend() === "wasm" ? WASM_LIMIT : Infinity);
  const divisible = typeof loss !== "function" || reduction !== "coupled";
  if (!divisible || limit === Infinity) return batchSize;
  const indices = Int32Array.from({ length: batchSize }, (_, i) => i);
  const estimate = estimateMicroBatch(
    { ...{ parameters, loss, source, indices, reduction, seed, step: 0, epoch: 0 } },
    limit,
  );
  if (estimate.microBatch < batchSize) {
    const needed = (estimate.bytesFixed + estimate.bytesPerExample * batchSize) / 2 ** 30;
    warn(
      `A batch of ${batchSize} needs about ${needed.toFixed(2)} GiB, the limit is ${
        (limit / 2 ** 30).toFixed(2)
      } GiB: ` +
        `it is taken in pieces of ${estimate.microBatch}.`,
    );
  }
  return estimate.microBatch;
}

async function resume<Batch>(
  options: TrainOptions<Batch>,
  optimizerState: ParameterSet,
  identity: RunIdentity,
): Promise<RunState | undefined> {
  if (options.checkpoint === undefined) return undefined;
  const { directory, resume = true } = options.checkpoint;
  if (!resume) {
    const found = await listCheckpoints(directory);
    if (found.length === 0) return undefined;
    throw new EphemeraError({
      expected: "a folder without checkpoints, since resume is false",
      found: `${found.length}`,
      where: directory,
      remedy: "remove them, name another folder, or let the run be resumed",
    });
  }
  const checkpoint = await readNewestCheckpoint(directory, options.warn ?? console.warn);
  if (checkpoint === undefined) return undefined;
  return fromCheckpoint(checkpoint, options.parameters, optimizerState, identity, directory);
}

function identityOf<Batch>(options: TrainOptions<Batch>, optimizer: Optimizer): RunIdentity {
  return {
    seed: String(options.seed),
    batchSize: options.batchSize,
    examples: options.batches.examples,
    lastBatch: options.lastBatch ?? "keep",
    shuffle: options.shuffle ?? true,
    reduction: options.reduction ?? "mean",
    optimizer: optimizer.description,
    clipNorm: options.clipNorm ?? "none",
    clipValue: options.clipValue ?? "none",
    ...Object.fromEntries(
      Object.entries(options.identity ?? {}).map(([name, value]) => [`identity.${name}`, value]),
    ),
  };
}

function stepsAnEpoch<Batch>(options: TrainOptions<Batch>): number {
  const { batches: { examples }, batchSize } = options;
  return options.lastBatch === "drop" ? Math.floor(examples / batchSize) : Math.ceil(examples / batchSize);
}

function orderOf(
  examples: number,
  epoch: number,
  seed: number | string,
  shuffle: boolean,
): Uint32Array<ArrayBuffer> {
  if (!shuffle) return Uint32Array.from({ length: examples }, (_, i) => i);
  return Uint32Array.from(new Random(seed).stream("order of examples").stream(epoch).permutation(examples));
}

function describe(state: RunState, epoch: number, epochs: number): string {
  const loss = state.history.steps.loss.at(-1)!.toPrecision(5);
  const validation = state.history.epochs["validation/loss"]?.at(-1);
  return `epoch ${epoch + 1} of ${epochs}, loss ${loss}` +
    (validation === undefined ? "" : `, validation ${validation.toPrecision(5)}`);
}
