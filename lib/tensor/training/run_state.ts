/** What a training run consists of between two steps, and its way into a checkpoint and back. */
import { demand } from "../../core/mod.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { BestSoFar } from "./early_stopping.ts";
import { historyFromArrays, historyToArrays, type TrainingHistory } from "./history.ts";
import { assignParameters, type ParameterSet, readParameters } from "./parameters.ts";

/** Everything that the rest of a run depends on, besides parameters and options: all random draws follow from seed and step. */
export interface RunState {
  /** Steps taken. */
  step: number;
  /** Examples taken at once. */
  microBatch: number;
  /** Whether patience has run out. */
  stopped: boolean;
  history: TrainingHistory;
  best: BestSoFar;
  optimizerState: ParameterSet;
  /** Seconds of training before this process, from the checkpoint. */
  secondsBefore: number;
}

/** Options that must be the same for a resumed run to continue the interrupted one. */
export type RunIdentity = Readonly<Record<string, string | number | boolean>>;

/** Returns the state as a checkpoint. */
export async function toCheckpoint(
  state: RunState,
  parameters: ParameterSet,
  identity: RunIdentity,
  seconds: number,
): Promise<Checkpoint> {
  const { step, microBatch, stopped, best, history } = state;
  const { weights, ...bestFacts } = best;
  const columns = { steps: Object.keys(history.steps), epochs: Object.keys(history.epochs) };
  return {
    step,
    facts: { identity, microBatch, stopped, seconds, best: bestFacts, columns },
    groups: {
      parameters: await readParameters(parameters),
      optimizer: await readParameters(state.optimizerState),
      best: weights,
      history: historyToArrays(history),
    },
  };
}

/**
 * Sets parameters and optimiser state to those of a checkpoint and returns the state it holds.
 *
 * @throws EphemeraError when the checkpoint belongs to a run with other settings, naming the first that differs
 */
export function fromCheckpoint(
  checkpoint: Checkpoint,
  parameters: ParameterSet,
  optimizerState: ParameterSet,
  identity: RunIdentity,
  directory: string,
): RunState {
  const facts = checkpoint.facts as {
    identity: RunIdentity;
    microBatch: number;
    stopped: boolean;
    seconds: number;
    best: Omit<BestSoFar, "weights">;
    columns: { steps: string[]; epochs: string[] };
  };
  const told = (name: string, value: RunIdentity[string] | undefined) =>
    value === undefined ? `no ${name}` : `${name} ${value}`;
  for (const name of new Set([...Object.keys(identity), ...Object.keys(facts.identity)])) {
    demand(facts.identity[name] === identity[name], () => ({
      expected: `a checkpoint of a run with ${told(name, identity[name])}`,
      found: told(name, facts.identity[name]),
      where: directory,
      remedy: "use the settings of the interrupted run, or another folder for a new run",
    }));
  }
  const { groups } = checkpoint;
  assignParameters(parameters, groups.parameters);
  assignParameters(optimizerState, groups.optimizer);
  return {
    step: checkpoint.step,
    microBatch: facts.microBatch,
    stopped: facts.stopped,
    history: historyFromArrays(groups.history, facts.columns),
    best: { ...facts.best, weights: groups.best },
    optimizerState,
    secondsBefore: facts.seconds,
  };
}
