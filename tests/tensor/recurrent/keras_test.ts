import assert from "node:assert/strict";
import { tf } from "../../../lib/tensor/mod.ts";
import { apply, assertClose, gradientsOf, tensorsOf } from "./check.ts";
import { parts, type RecurrenceCase } from "./reference.ts";

interface KerasCase {
  cell: "gru" | "lstm";
  resetAfter: boolean;
  hard: boolean;
  backwards: boolean;
  mask: number[] | null;
  weights: number[];
  states: number[];
  gradients: Record<typeof parts[number], number[]>;
}

interface Fixture {
  keras: string;
  batch: number;
  time: number;
  features: number;
  units: number;
  cases: (KerasCase & Record<typeof parts[number], number[]>)[];
}

const fixture: Fixture = JSON.parse(Deno.readTextFileSync(new URL("./fixtures/keras.json", import.meta.url)));

/** Keras returns a backward run in the order taken; ours stays aligned with the input. */
function turned(values: number[], { time, units }: Fixture): number[] {
  return Array.from({ length: values.length }, (_, k) => {
    const b = Math.floor(k / (time * units)), t = Math.floor(k / units) % time;
    return values[(b * time + time - 1 - t) * units + k % units];
  });
}

for (const backend of ["cpu", "wasm"]) {
  Deno.test(`GRU and LSTM give the states and gradients of Keras ${fixture.keras} on the ${backend} backend`, async () => {
    await tf.setBackend(backend);
    assert.equal(fixture.cases.length, 18);
    const { batch, time, features, units } = fixture;
    fixture.cases.forEach((given, k) => {
      const c: RecurrenceCase = { ...given, batch, time, features, units, reverse: given.backwards };
      const label = `${k} ${c.cell}`;
      const order = (values: number[]) => given.backwards ? turned(values, fixture) : values;
      const tensors = tensorsOf(c);
      const states = tf.tidy(() => apply(c, parts.map((part) => tensors[part])).dataSync());
      tf.dispose(tensors);
      assertClose(states, order(given.states), 2e-6, `states of case ${label}`);
      gradientsOf(c, order(given.weights)).forEach((gradient, index) => {
        assertClose(gradient, given.gradients[parts[index]], 3e-6, `d ${parts[index]} of case ${label}`);
      });
    });
  });
}
