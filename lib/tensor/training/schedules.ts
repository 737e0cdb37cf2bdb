import { demand } from "../../core/mod.ts";

/**
 * A learning rate (or another number) as a function of the step, counted from 0; it has a value at every step, also at
 * those after the end of a run. A plain number is a constant.
 */
export type Schedule = number | ((step: number) => number);

/** Returns the value of a schedule at a step. */
export function scheduleAt(schedule: Schedule, step: number): number {
  return typeof schedule === "number" ? schedule : schedule(step);
}

/**
 * Returns a schedule as text: a number as it is, a function by its values at the steps 0, 1, 10, ..., 100000, to six
 * digits. A function has no other text by which the schedule of an interrupted run could be told from another.
 */
export function describeSchedule(schedule: Schedule): string {
  if (typeof schedule === "number") return String(schedule);
  const values = [0, 1, 10, 100, 1000, 10_000, 100_000].map((step) => schedule(step));
  return `schedule(${values.map((value) => String(Number(value.toPrecision(6)))).join(", ")})`;
}

/** Options of {@link cosineDecay}. */
export interface CosineDecayOptions {
  /** Steps of linear growth from 0 before the decay. Default 0. */
  warmupSteps?: number;
  /** Value after the last step. Default 0. */
  final?: number;
}

/** Half a cosine from `initial` down to `final` over `steps` steps, after an optional linear warm-up (Loshchilov & Hutter 2017). */
export function cosineDecay(initial: number, steps: number, options: CosineDecayOptions = {}): Schedule {
  const { warmupSteps = 0, final = 0 } = options;
  demand(steps > warmupSteps, () => ({
    expected: "more steps than the warm-up takes",
    found: `steps ${steps}, warmupSteps ${warmupSteps}`,
    where: "cosineDecay",
  }));
  return (step) => {
    if (step < warmupSteps) return initial * (step + 1) / warmupSteps;
    const fraction = Math.min(1, (step - warmupSteps) / (steps - warmupSteps));
    return final + (initial - final) * 0.5 * (1 + Math.cos(Math.PI * fraction));
  };
}

/** `initial * factor^(step / every)`; with `staircase` the exponent is rounded down. */
export function exponentialDecay(
  initial: number,
  options: { factor: number; every: number; staircase?: boolean },
): Schedule {
  const { factor, every, staircase = false } = options;
  return (step) => initial * Math.pow(factor, staircase ? Math.floor(step / every) : step / every);
}

/** Constant between the given steps: `values[i]` holds before `boundaries[i]`, the last value after all of them. */
export function piecewiseConstant(boundaries: readonly number[], values: readonly number[]): Schedule {
  demand(values.length === boundaries.length + 1, () => ({
    expected: "one value more than boundaries",
    found: `${values.length} values, ${boundaries.length} boundaries`,
    where: "piecewiseConstant",
  }));
  return (step) => {
    const found = boundaries.findIndex((boundary) => step < boundary);
    return values[found < 0 ? values.length - 1 : found];
  };
}
