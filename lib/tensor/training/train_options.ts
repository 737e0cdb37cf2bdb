import { demand, type ProgressReporter } from "../../core/mod.ts";
import type { Optimizer } from "./adam.ts";
import type { BatchSource } from "./batches.ts";
import type { EarlyStoppingOptions } from "./early_stopping.ts";
import type { TrainingHistory } from "./history.ts";
import type { ParameterSet } from "./parameters.ts";
import type { LossReduction } from "./batch_gradients.ts";
import type { ClipOptions } from "./clip.ts";
import type { LossFunction, StagedLoss } from "./loss.ts";

/** Where and how often a run is saved. */
export interface CheckpointOptions {
  /** Folder for this run alone; made when missing. Its two newest checkpoints are kept. */
  directory: string;
  /** Save after this many steps. Default: no such limit. */
  everySteps?: number;
  /** Save when this many seconds have passed. Default 60, or no such limit when `everySteps` is given. */
  everySeconds?: number;
  /**
   * Whether a run found in the folder is continued. Default true; with false its checkpoints are an error. A run with other
   * settings (seed, batches, number of examples, optimiser with its rates, clipping, {@link TrainOptions.identity}) is
   * refused; `epochs` may grow, as long as the rates do not follow from it.
   */
  resume?: boolean;
}

/** Options of {@link train}. */
export interface TrainOptions<Batch> extends ClipOptions {
  /** What is trained, changed in place. */
  parameters: ParameterSet;
  /** The loss of a batch, a function of `parameters`. */
  loss: LossFunction<Batch> | StagedLoss<Batch>;
  /** Examples to train on. */
  batches: BatchSource<Batch>;
  /** Examples that the loss is evaluated on after each epoch, with dropout off. */
  validation?: BatchSource<Batch>;
  /** Passes over the examples. */
  epochs: number;
  /** Examples a step. */
  batchSize: number;
  /** Seed of the order of examples and of all that the loss draws. */
  seed: number | string;
  /** Default: Adam with its defaults. */
  optimizer?: Optimizer;
  /** Whether the last batch of an epoch is taken when it is not full. Default "keep". */
  lastBatch?: "keep" | "drop";
  /** Whether the order is drawn anew for each epoch. Default true. */
  shuffle?: boolean;
  /**
   * How the losses of examples make the loss of a batch: their weighted "mean" (default) or "sum", or "coupled" when
   * examples meet in it (statistics over the batch); such a batch is taken in pieces only if the loss is a
   * {@link StagedLoss}, which says itself where they meet.
   */
  reduction?: LossReduction;
  /** Most examples taken at once; gradients of the pieces are accumulated. Default: from `memoryLimit`. */
  microBatch?: number;
  /** Bytes of tensor memory that a step may use; batches that would need more are taken in pieces. Default 3 GiB on wasm, else none. */
  memoryLimit?: number;
  earlyStopping?: EarlyStoppingOptions;
  checkpoint?: CheckpointOptions;
  /**
   * What else the run depends on, by name: settings of the loss, names of the data, which parameters a group of the
   * optimiser accepts. A checkpoint with another identity is refused. Default: nothing.
   */
  identity?: Readonly<Record<string, string>>;
  /** Whether parameters that the loss does not depend on are accepted. Default false: they are an error. */
  allowUnused?: boolean;
  /** Told about each step. Default: silent. */
  progress?: ProgressReporter;
  /** Called after each epoch with its number (from 0) and its row of the history. */
  onEpoch?: (epoch: number, row: Readonly<Record<string, number>>) => void | Promise<void>;
  /** Told of what is not an error: a damaged checkpoint passed over, a batch taken in pieces. Default: `console.warn`. */
  warn?: (sentence: string) => void;
  /** Stops after the step under way; with `checkpoint` the run is saved first. */
  signal?: AbortSignal;
}

/** How a run ended. */
export interface TrainingResult {
  history: TrainingHistory;
  /** Steps taken in all, those before a resumption included. */
  steps: number;
  stoppedBy: "epochs" | "patience" | "signal";
  /** Epoch (from 0) of the best monitored value, and the value; only with early stopping. */
  best?: { epoch: number; value: number };
  /** Step of the checkpoint that the run was continued from. */
  resumedFrom?: number;
  /** Examples taken at once. */
  microBatch: number;
}

/** Refuses settings that cannot work, before anything is drawn or allocated. */
export function checkTrainOptions<Batch>(options: TrainOptions<Batch>): void {
  const { parameters, batches, epochs, batchSize, microBatch, memoryLimit, clipNorm, clipValue } = options;
  const { earlyStopping, checkpoint, reduction, lastBatch, loss } = options;
  const positive = { microBatch, memoryLimit, clipNorm, clipValue, everySteps: checkpoint?.everySteps };
  for (const [name, value] of Object.entries(positive)) {
    demand(value === undefined || value > 0, () => ({
      expected: "a positive number",
      found: String(value),
      where: `train, ${name}`,
    }));
  }
  const whole = { epochs, batchSize, patience: earlyStopping?.patience, microBatch };
  for (const [name, value] of Object.entries(whole)) {
    demand(value === undefined || (Number.isInteger(value) && value >= 1), () => ({
      expected: "a whole number from 1",
      found: String(value),
      where: `train, ${name}`,
    }));
  }
  demand(Object.values(parameters).some((each) => each.trainable), {
    expected: "at least one trainable parameter",
    found: "none",
    where: "train",
  });
  demand(batches.examples > 0 && (lastBatch !== "drop" || batches.examples >= batchSize), () => ({
    expected: "examples for at least one batch",
    found: `${batches.examples} examples, batches of ${batchSize}`,
    where: "train",
    remedy: "make the batches smaller",
  }));
  demand(options.validation === undefined || options.validation.examples > 0, {
    expected: "validation examples",
    found: "none",
    where: "train",
    remedy: "leave validation out",
  });
  const coupled = reduction === "coupled" && typeof loss === "function";
  demand(!coupled || microBatch === undefined || microBatch >= batchSize, () => ({
    expected: "whole batches for a loss in which examples meet",
    found: `microBatch ${microBatch} for batches of ${batchSize}`,
    where: "train",
    remedy: "write the loss in two stages (StagedLoss), or make batchSize smaller, which changes the loss",
  }));
}
