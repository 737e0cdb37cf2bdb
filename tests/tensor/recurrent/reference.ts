/**
 * The recurrences once more, as plain loops in double precision over one flat array per tensor, written from the
 * equations and not from the library: the yardstick for values, and by differences for gradients.
 */

/** One case: sizes, conventions and double-precision arrays. */
export interface RecurrenceCase {
  cell: "gru" | "lstm";
  batch: number;
  time: number;
  features: number;
  units: number;
  resetAfter: boolean;
  hard: boolean;
  reverse: boolean;
  /** `[batch][time]` zeros and ones, or null. */
  mask: number[] | null;
  x: number[];
  kernel: number[];
  recurrentKernel: number[];
  bias: number[];
  initial: number[];
  /** LSTM only. */
  initialCell: number[];
}

/** The differentiable parts of a case, by name. */
export const parts = ["x", "kernel", "recurrentKernel", "bias", "initial", "initialCell"] as const;

/** A small generator of reproducible numbers in (-1, 1). */
export function numbers(seed: number): (count: number, scale?: number) => number[] {
  let state = seed >>> 0;
  return (count, scale = 1) =>
    Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return scale * (state / 2 ** 31 - 1);
    });
}

/** What a case is made from. */
export type CaseSettings =
  & Pick<RecurrenceCase, "cell" | "batch" | "time" | "features" | "units">
  & Partial<Pick<RecurrenceCase, "resetAfter" | "hard" | "reverse">>
  & { masked?: boolean; seed?: number };

/** Builds a case with random contents; a masked one has gaps at the start, inside and at the end. */
export function makeCase(settings: CaseSettings): RecurrenceCase {
  const { cell, batch, time, features, units, resetAfter = false, hard = false, reverse = false } = settings;
  const random = numbers(settings.seed ?? 7), gates = cell === "gru" ? 3 : 4;
  return {
    cell,
    batch,
    time,
    features,
    units,
    resetAfter,
    hard,
    reverse,
    mask: settings.masked ? random(batch * time).map((value) => value < 0.3 ? 1 : 0) : null,
    x: random(batch * time * features, 1.5),
    kernel: random(features * gates * units, 0.8 / Math.sqrt(features)),
    recurrentKernel: random(units * gates * units, 1.5 / Math.sqrt(units)),
    bias: random((cell === "gru" && resetAfter ? 2 : 1) * gates * units, 0.5),
    initial: random(batch * units),
    initialCell: cell === "lstm" ? random(batch * units) : [],
  };
}

/** All states `[batch][time][units]`, flat. */
export function referenceStates(c: RecurrenceCase): number[] {
  const { batch, time, features: F, units: H } = c, G = c.cell === "gru" ? 3 : 4;
  const gate = (v: number) => c.hard ? Math.min(1, Math.max(0, 0.2 * v + 0.5)) : 1 / (1 + Math.exp(-v));
  const out = new Array<number>(batch * time * H);
  for (let b = 0; b < batch; b++) {
    let h = c.initial.slice(b * H, (b + 1) * H), cell = c.initialCell.slice(b * H, (b + 1) * H);
    for (let step = 0; step < time; step++) {
      const t = c.reverse ? time - 1 - step : step;
      if (!c.mask || c.mask[b * time + t]) {
        const fromX = (column: number) => {
          let sum = 0;
          for (let k = 0; k < F; k++) sum += c.x[(b * time + t) * F + k] * c.kernel[k * G * H + column];
          return sum;
        };
        const fromH = (state: number[], column: number) => {
          let sum = 0;
          for (let k = 0; k < H; k++) sum += state[k] * c.recurrentKernel[k * G * H + column];
          return sum;
        };
        const previous = h;
        if (c.cell === "gru") {
          const extra = (column: number) => c.resetAfter ? c.bias[3 * H + column] : 0;
          const sum = (column: number) =>
            fromX(column) + c.bias[column] + fromH(previous, column) + extra(column);
          const z = previous.map((_, j) => gate(sum(j))), r = previous.map((_, j) => gate(sum(H + j)));
          const gated = previous.map((value, j) => value * r[j]);
          h = previous.map((value, j) => {
            const column = 2 * H + j, input = fromX(column) + c.bias[column];
            const recurrent = c.resetAfter
              ? r[j] * (fromH(previous, column) + extra(column))
              : fromH(gated, column);
            const candidate = Math.tanh(input + recurrent);
            return z[j] * value + (1 - z[j]) * candidate;
          });
        } else {
          const sum = (column: number) => fromX(column) + fromH(previous, column) + c.bias[column];
          const i = previous.map((_, j) => gate(sum(j))), f = previous.map((_, j) => gate(sum(H + j)));
          const fresh = previous.map((_, j) => Math.tanh(sum(2 * H + j)));
          const o = previous.map((_, j) => gate(sum(3 * H + j)));
          cell = cell.map((value, j) => f[j] * value + i[j] * fresh[j]);
          h = cell.map((value, j) => o[j] * Math.tanh(value));
        }
      }
      for (let j = 0; j < H; j++) out[(b * time + t) * H + j] = h[j];
    }
  }
  return out;
}

/**
 * The gradient of `sum(weights * states)` with respect to one part, by central differences of the double-precision
 * loop at up to `count` evenly spread places.
 */
export function differences(
  c: RecurrenceCase,
  part: typeof parts[number],
  weights: number[],
  count: number,
): { index: number; slope: number }[] {
  const value = (at: RecurrenceCase) => referenceStates(at).reduce((sum, h, k) => sum + h * weights[k], 0);
  const length = c[part].length, stride = Math.max(1, Math.floor(length / count)), width = 1e-5;
  const result = [];
  for (let index = 0; index < length; index += stride) {
    const moved = (by: number) => value({ ...c, [part]: c[part].map((v, k) => k === index ? v + by : v) });
    result.push({ index, slope: (moved(width) - moved(-width)) / (2 * width) });
  }
  return result;
}
