import assert from "node:assert/strict";
import fc from "fast-check";
import { EphemeraError } from "../../lib/core/mod.ts";
import { createParameters, disposeParameters } from "../../lib/tensor/mod.ts";
import {
  learnedEncoding,
  learnedEncodingParameters,
  sinusoidalEncoding,
  sinusoidalFrequencies,
} from "../../lib/layers/positional_encoding.ts";
import { assertClose, backends, parameterGradients, tf, withParameters } from "./time_modulation_support.ts";

interface EncodingCase {
  base: number;
  width: number;
  time: number[];
  frequency: number[];
  weights: number[];
  result: number[];
  gradients: Record<"time" | "frequency", number[]>;
}

const fixture: { torch: string; encoding: EncodingCase[] } = JSON.parse(
  Deno.readTextFileSync(new URL("./fixtures/time_modulation.json", import.meta.url)),
);

for (const backend of backends) {
  Deno.test(`encodings and their gradients are those of PyTorch ${fixture.torch} on the ${backend} backend`, async () => {
    await tf.setBackend(backend);
    assert.deepEqual(fixture.encoding.map(({ base }) => base), [10000, 1500]);
    for (const { base, width, time, frequency, weights, result, gradients } of fixture.encoding) {
      assertClose(sinusoidalFrequencies({ width, base }), frequency, 1e-7, "frequencies");
      const fixed = tf.tidy(() => sinusoidalEncoding(tf.tensor1d(time), { width, base }).dataSync());
      assertClose(fixed, result, 1e-5, "fixed");
      const values = {
        "code/frequency": { shape: [width / 2], data: frequency },
        time: { shape: [time.length], data: time },
      };
      withParameters(values, (parameters) => {
        const apply = () => learnedEncoding(parameters, "code", parameters.time);
        assertClose(tf.tidy(() => apply().dataSync()), result, 1e-5, "learned");
        const found = parameterGradients(parameters, apply, weights);
        assertClose(found["code/frequency"], gradients.frequency, 1e-5, "d frequency");
        assertClose(found.time, gradients.time, 1e-5, "d time");
      });
    }
  });
}

Deno.test("an encoding of a later time is a rotation of the earlier one's pairs by the time between", async () => {
  await tf.setBackend("cpu");
  const times = fc.double({ min: 0, max: 50, noNaN: true });
  fc.assert(fc.property(times, times, fc.integer({ min: 1, max: 8 }), (earlier, between, pairs) => {
    const options = { width: 2 * pairs, base: 1500 };
    const [a, b] = tf.tidy(() =>
      [earlier, earlier + between].map((t) => sinusoidalEncoding(tf.tensor1d([t]), options).dataSync())
    );
    sinusoidalFrequencies(options).forEach((frequency, i) => {
      const sine = Math.sin(frequency * between), cosine = Math.cos(frequency * between);
      const turned = [
        a[2 * i] * cosine + a[2 * i + 1] * sine,
        a[2 * i + 1] * cosine - a[2 * i] * sine,
      ];
      assertClose(b.subarray(2 * i, 2 * i + 2), turned, 3e-5, `pair ${i}`);
    });
  }));
});

Deno.test("learned frequencies begin as the fixed ones and keep the shape of the times", async () => {
  await tf.setBackend("cpu");
  const options = { width: 10, base: 300 };
  const parameters = createParameters(learnedEncodingParameters("code", options), { seed: 1 });
  const time = tf.tensor2d([[0, 1.25, 7], [3, 90.5, 0.01]]);
  const before = tf.memory().numTensors;
  const learned = learnedEncoding(parameters, "code", time), fixed = sinusoidalEncoding(time, options);
  assert.deepEqual(learned.shape, [2, 3, 10]);
  assert.deepEqual(fixed.shape, [2, 3, 10]);
  assert.deepEqual(learned.dataSync(), fixed.dataSync());
  tf.dispose([learned, fixed]);
  assert.equal(tf.memory().numTensors, before);
  tf.dispose(time);
  disposeParameters(parameters);
});

Deno.test("odd widths, bases that are not positive and missing frequencies are refused", () => {
  const refuses = (pattern: RegExp, f: () => unknown) =>
    assert.throws(f, (error) => error instanceof EphemeraError && pattern.test(error.message));
  refuses(/positive even width, found 5/, () => sinusoidalFrequencies({ width: 5 }));
  refuses(/positive even width, found 0/, () => learnedEncodingParameters("code", { width: 0 }));
  refuses(/positive base, found -1/, () => sinusoidalFrequencies({ width: 4, base: -1 }));
  refuses(/a parameter "code\/frequency"/, () => learnedEncoding({}, "code", tf.zeros([1])));
});
