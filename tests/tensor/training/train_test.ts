import assert from "node:assert/strict";
import { join } from "node:path";
import { tf } from "./backend.ts";
import {
  adam,
  arrayBatches,
  cosineDecay,
  createParameters,
  disposeParameters,
  glorotUniform,
  listCheckpoints,
  readParameters,
  train,
  zeros,
} from "../../../lib/tensor/training/mod.ts";
import { plainArray } from "../../../lib/tensor/interchange/mod.ts";
import {
  fingerprint,
  smallLoss,
  smallParameters,
  type SmallRun,
  training,
  trainSmall,
  validation,
} from "./small_model.ts";

async function inTemporaryFolder(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Trains without interruption and returns the fingerprint. */
async function uninterrupted(epochs = 6): Promise<string> {
  const parameters = smallParameters();
  const print = await fingerprint(parameters, await trainSmall(parameters, { epochs }));
  disposeParameters(parameters);
  return print;
}

Deno.test("train() finds the coefficients of a line", async () => {
  const x = Float32Array.from({ length: 64 }, (_, i) => i / 32 - 1);
  const parameters = createParameters({ slope: glorotUniform([1, 1]), offset: zeros([1]) }, { seed: 1 });
  const { history, stoppedBy, steps } = await train({
    parameters,
    loss: ({ x, y }) =>
      tf.mean(tf.squaredDifference(
        tf.add(tf.matMul(x as tf.Tensor2D, parameters.slope as tf.Tensor2D), parameters.offset),
        y,
      )),
    batches: arrayBatches({
      x: plainArray([64, 1], x),
      y: plainArray([64, 1], x.map((value) => 2 * value + 1)),
    }),
    epochs: 60,
    batchSize: 16,
    seed: 1,
    optimizer: adam({ learningRate: 0.1 }),
  });
  const values = await readParameters(parameters);
  assert.ok(Math.abs(Number(values.get("slope")!.data[0]) - 2) < 1e-2);
  assert.ok(Math.abs(Number(values.get("offset")!.data[0]) - 1) < 1e-2);
  assert.equal(stoppedBy, "epochs");
  assert.equal(steps, 240);
  assert.equal(history.steps.loss.length, 240);
  assert.equal(history.epochs.loss.length, 60);
  disposeParameters(parameters);
});

Deno.test("train() gives the same bits for the same seed and other ones for another", async () => {
  const first = await uninterrupted(), second = await uninterrupted();
  assert.equal(first, second);
  const parameters = smallParameters();
  const other = await trainSmall(parameters, { more: { seed: 4 } });
  assert.notEqual(await fingerprint(parameters, other), first);
  disposeParameters(parameters);
});

Deno.test("a run stopped by its signal and resumed equals the uninterrupted one bit for bit", async () => {
  const expected = await uninterrupted();
  for (const stopAfter of [1, 4, 9, 23]) {
    await inTemporaryFolder(async (directory) => {
      const controller = new AbortController();
      let steps = 0;
      const first = smallParameters();
      const stopped = await trainSmall(first, {
        more: {
          checkpoint: { directory },
          signal: controller.signal,
          progress: {
            update() {
              if (++steps === stopAfter) controller.abort();
            },
            finish() {},
          },
        },
      });
      assert.equal(stopped.stoppedBy, "signal");
      assert.equal(stopped.steps, stopAfter);
      disposeParameters(first);
      const second = smallParameters(99); // other initial values: all must come from the checkpoint
      const resumed = await trainSmall(second, { more: { checkpoint: { directory } } });
      assert.equal(resumed.resumedFrom, stopAfter);
      assert.equal(await fingerprint(second, resumed), expected);
      disposeParameters(second);
    });
  }
});

Deno.test("a finished run that is asked for again returns its result without a further step", async () => {
  await inTemporaryFolder(async (directory) => {
    const first = smallParameters();
    const done = await trainSmall(first, { more: { checkpoint: { directory } } });
    const expected = await fingerprint(first, done);
    disposeParameters(first);
    const second = smallParameters(5);
    const again = await trainSmall(second, { more: { checkpoint: { directory } } });
    assert.equal(again.resumedFrom, done.steps);
    assert.equal(await fingerprint(second, again), expected);
    disposeParameters(second);
  });
});

Deno.test("a process killed in mid-training loses at most one interval, and its resumed run equals the uninterrupted one", async () => {
  const expected = await uninterrupted(40);
  await inTemporaryFolder(async (directory) => {
    const script = join(import.meta.dirname!, "killed_child.ts");
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", script, directory, "40"],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    let text = "", killed = false;
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
      if (!killed && text.includes("step 33\n")) {
        child.kill("SIGKILL");
        killed = true;
      }
    }
    const { signal } = await child.status;
    assert.equal(signal, "SIGKILL");
    const reached = Math.max(...[...text.matchAll(/step (\d+)\n/g)].map((match) => Number(match[1])));
    const [newest] = await listCheckpoints(directory);
    // The child saves every five steps; the step it had reached may be one later than the last it could report.
    assert.ok(
      newest.step > reached - 5 && newest.step >= 30,
      `checkpoint at ${newest.step}, reached ${reached}`,
    );
    const parameters = smallParameters();
    const resumed = await trainSmall(parameters, {
      epochs: 40,
      more: { checkpoint: { directory, everySteps: 50 } },
    });
    assert.equal(resumed.resumedFrom, newest.step);
    assert.equal(await fingerprint(parameters, resumed), expected);
    disposeParameters(parameters);
  });
});

for (
  const [kind, damage] of [
    ["truncated", (bytes: Uint8Array) => bytes.subarray(0, bytes.length / 2)],
    ["empty", () => new Uint8Array(0)],
    ["flipped in one bit of its values", (bytes: Uint8Array) => {
      bytes[bytes.length - 9] ^= 4;
      return bytes;
    }],
  ] as const
) {
  Deno.test(`a newest checkpoint that is ${kind} is reported and passed over`, async () => {
    const expected = await uninterrupted();
    await inTemporaryFolder(async (directory) => {
      const first = smallParameters();
      await trainSmall(first, { epochs: 3, more: { checkpoint: { directory, everySteps: 5 } } });
      disposeParameters(first);
      const [newest, previous] = await listCheckpoints(directory);
      await Deno.writeFile(newest.path, damage(await Deno.readFile(newest.path)));
      const warnings: string[] = [];
      const second = smallParameters();
      const resumed = await trainSmall(second, {
        more: { checkpoint: { directory }, warn: (sentence) => warnings.push(sentence) },
      });
      assert.equal(resumed.resumedFrom, previous.step);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0], /Passed over a checkpoint .*Expected .*found/);
      assert.equal(await fingerprint(second, resumed), expected);
      disposeParameters(second);
    });
  });
}

Deno.test("train() refuses a folder of damaged checkpoints, and one of a run with other settings", async () => {
  await inTemporaryFolder(async (directory) => {
    const parameters = smallParameters();
    await trainSmall(parameters, { epochs: 1, more: { checkpoint: { directory } } });
    await assert.rejects(
      trainSmall(parameters, { more: { seed: 8, checkpoint: { directory } } }),
      /a run with seed 8, found seed 3/,
    );
    await assert.rejects(
      trainSmall(parameters, { more: { checkpoint: { directory, resume: false } } }),
      /without checkpoints/,
    );
    for (const { path } of await listCheckpoints(directory)) {
      await Deno.writeTextFile(path, "not a checkpoint");
    }
    await assert.rejects(
      trainSmall(parameters, { more: { checkpoint: { directory }, warn: () => {} } }),
      /Expected a sound checkpoint, found 1 damaged/,
    );
    disposeParameters(parameters);
  });
});

Deno.test("train() refuses the checkpoint of a run with other rates, groups, data or identity, and names what differs", async () => {
  const parameters = smallParameters();
  const groups = (
    rate: number,
  ) => [{ accept: (name: string) => name.startsWith("output/"), learningRate: rate }];
  const identity = { data: "simulated", "weight of the energy": "0.1" };
  const cases: [first: SmallRun["more"], second: SmallRun["more"], message: RegExp][] = [
    [
      { optimizer: adam({ learningRate: 0.01 }) },
      { optimizer: adam({ learningRate: 0.02 }) },
      /learningRate=0\.02 weightDecay=0, found optimizer adam .* learningRate=0\.01 weightDecay=0 /,
    ],
    [
      { optimizer: adam({ learningRate: cosineDecay(0.01, 300) }) },
      { optimizer: adam({ learningRate: cosineDecay(0.01, 600) }) },
      /learningRate=schedule\(0\.01, .* found optimizer adam .*schedule\(0\.01, /,
    ],
    [
      { optimizer: adam({ groups: groups(0.1) }) },
      { optimizer: adam({ groups: groups(0.2) }) },
      /group learningRate=0\.2 weightDecay=0, found .*group learningRate=0\.1 weightDecay=0/,
    ],
    [
      { optimizer: adam() },
      { optimizer: adam({ weightDecay: 0.1 }) },
      /learningRate=0\.001 weightDecay=0\.1, found/,
    ],
    [{}, { batches: validation }, /a run with examples 16, found examples 40/],
    [{ identity }, {
      identity: { ...identity, data: "catalina" },
    }, /a run with identity\.data catalina, found identity\.data simulated/],
    [{ identity }, {}, /a run with no identity\.data, found identity\.data simulated/],
    [{}, { identity }, /a run with identity\.data simulated, found no identity\.data/],
  ];
  for (const [first, second, message] of cases) {
    await inTemporaryFolder(async (directory) => {
      const run = (more: SmallRun["more"]) =>
        trainSmall(parameters, { epochs: 1, more: { ...more, checkpoint: { directory } } });
      const { steps } = await run(first);
      await assert.rejects(run(second), message);
      assert.equal((await run(first)).resumedFrom, steps); // the same settings are taken for the same run
    });
  }
  disposeParameters(parameters);
});

Deno.test("early stopping waits for its patience and gives back the best weights", async () => {
  const parameters = smallParameters();
  const seen: { value: number; weights: string }[] = [];
  const result = await trainSmall(parameters, {
    epochs: 500,
    earlyStopping: { patience: 3, minimumDelta: 1e-3 },
    more: {
      onEpoch: async (_, row) => {
        const weights = JSON.stringify([...(await readParameters(parameters)).values()]);
        seen.push({ value: row["validation/loss"], weights });
      },
    },
  });
  assert.equal(result.stoppedBy, "patience");
  assert.equal(seen.length, result.best!.epoch + 1 + 3);
  assert.equal(seen[result.best!.epoch].value, result.best!.value);
  const last = JSON.stringify([...(await readParameters(parameters)).values()]);
  assert.equal(last, seen[result.best!.epoch].weights);
  for (const { value } of seen.slice(-3)) assert.ok(value >= result.best!.value - 1e-3);
  disposeParameters(parameters);
});

Deno.test("the validation loss is the loss of the model without dropout on the validation examples", async () => {
  const parameters = smallParameters();
  const { history } = await trainSmall(parameters, {
    epochs: 1,
    earlyStopping: { patience: 9, restoreBest: false },
  });
  const batch = validation.take(Int32Array.from({ length: 16 }, (_, i) => i));
  const hidden = tf.tanh(
    tf.add(
      tf.matMul(batch.x as tf.Tensor2D, parameters["hidden/kernel"] as tf.Tensor2D),
      parameters["hidden/bias"],
    ),
  ) as tf.Tensor2D;
  const output = tf.add(
    tf.matMul(hidden, parameters["output/kernel"] as tf.Tensor2D),
    parameters["output/bias"],
  );
  const loss = (await tf.mean(tf.squaredDifference(output, batch.y)).data())[0];
  assert.ok(Math.abs(history.epochs["validation/loss"][0] - loss) < 1e-6);
  disposeParameters(parameters);
});

Deno.test("a loss that is not a number stops training and names step, parameter and cause", async () => {
  const parameters = createParameters({ "layer/kernel": glorotUniform([2, 1]), "layer/bias": zeros([1]) }, {
    seed: 1,
  });
  const run = (x: Float32Array) =>
    train({
      parameters,
      loss: ({ x }, { step }) => {
        const y = tf.add(
          tf.matMul(x as tf.Tensor2D, parameters["layer/kernel"] as tf.Tensor2D),
          parameters["layer/bias"],
        );
        // From step 3 on the gradient of the bias is infinite: the root of zero has a vertical tangent.
        const bad = step < 2
          ? tf.square(parameters["layer/bias"])
          : tf.sqrt(tf.sub(parameters["layer/bias"], parameters["layer/bias"]));
        return tf.add(tf.mean(tf.square(y)), tf.sum(bad)) as tf.Scalar;
      },
      batches: arrayBatches({ x: plainArray([4, 2], x) }),
      epochs: 5,
      batchSize: 4,
      seed: 1,
    });
  await assert.rejects(run(Float32Array.from({ length: 8 }, (_, i) => i)), (error: Error) => {
    assert.match(error.message, /at step 3 \(epoch 3\)/);
    assert.match(error.message, /gradient of parameter layer\/bias, element 0 is/);
    return true;
  });
  const before = JSON.stringify([...(await readParameters(parameters)).values()]);
  await assert.rejects(
    run(Float32Array.of(1, 2, NaN, 4, 5, 6, 7, 8)),
    /a loss of NaN at step 1 \(epoch 1\) \(batch\.x, element \d is NaN\)/,
  );
  assert.equal(JSON.stringify([...(await readParameters(parameters)).values()]), before); // no step was taken
  disposeParameters(parameters);
});

Deno.test("a trainable parameter that the loss does not use is an error unless it is allowed", async () => {
  const parameters = createParameters({ used: zeros([2]), forgotten: zeros([2]) }, { seed: 1 });
  const run = (allowUnused: boolean) =>
    train({
      parameters,
      loss: ({ x }) => tf.mean(tf.square(tf.sub(x, parameters.used))) as tf.Scalar,
      batches: arrayBatches({ x: plainArray([3, 2], new Float32Array(6).fill(1)) }),
      epochs: 2,
      batchSize: 3,
      seed: 1,
      allowUnused,
    });
  await assert.rejects(run(false), /no gradient for forgotten/);
  const { history } = await run(true);
  assert.ok(history.steps.loss[1] < history.steps.loss[0]);
  disposeParameters(parameters);
});

Deno.test("batches taken in pieces train like whole ones, dropout included, to rounding", async () => {
  const histories: number[][] = [];
  for (const microBatch of [12, 5, 1]) {
    const parameters = smallParameters();
    const { history } = await trainSmall(parameters, { more: { microBatch } });
    histories.push(history.steps.loss);
    disposeParameters(parameters);
  }
  const [whole, ...others] = histories;
  for (const other of others) {
    other.forEach((loss, i) => assert.ok(Math.abs(loss - whole[i]) < 1e-5 * whole[i], `step ${i}`));
  }
  assert.notDeepEqual(whole, others[0]); // they really were computed in another way
});

Deno.test("a memory limit splits batches by itself and says so; a coupled loss only in two stages", async () => {
  const parameters = smallParameters();
  const warnings: string[] = [];
  const warn = (sentence: string) => void warnings.push(sentence);
  const split = await train({
    ...{
      parameters,
      loss: smallLoss(parameters, 0),
      batches: training,
      epochs: 1,
      batchSize: 40,
      seed: 1,
      warn,
    },
    memoryLimit: 4000,
  });
  assert.ok(split.microBatch >= 1 && split.microBatch < 40, `${split.microBatch}`);
  assert.match(warnings[0], /A batch of 40 needs about .* in pieces of \d+/);
  const coupled = await train({
    ...{ parameters, loss: smallLoss(parameters, 0), batches: training, epochs: 1, batchSize: 40, seed: 1 },
    ...{ reduction: "coupled", memoryLimit: 4000 },
  });
  assert.equal(coupled.microBatch, 40);
  const dense = (x: tf.Tensor, name: string) =>
    tf.add(
      tf.matMul(x as tf.Tensor2D, parameters[`${name}/kernel`] as tf.Tensor2D),
      parameters[`${name}/bias`],
    );
  const staged = await train({
    ...{ parameters, batches: training, epochs: 1, batchSize: 40, seed: 1, warn, memoryLimit: 4000 },
    loss: {
      embed: ({ x, y }) => ({ output: dense(tf.tanh(dense(x, "hidden")), "output"), y }),
      combine: ({ output, y }) => tf.mean(tf.square(tf.sub(output, y))) as tf.Scalar,
    },
    reduction: "coupled",
  });
  assert.ok(staged.microBatch < 40);
  disposeParameters(parameters);
});

Deno.test("training holds no memory: the number of tensors is flat over hundreds of steps and zero at the end", async () => {
  const before = tf.memory().numTensors;
  const parameters = smallParameters();
  const counts: number[] = [];
  await inTemporaryFolder(async (directory) => {
    await trainSmall(parameters, {
      epochs: 80,
      more: {
        microBatch: 5,
        checkpoint: { directory, everySteps: 50 },
        onEpoch: () => void counts.push(tf.memory().numTensors),
      },
    });
  });
  assert.ok(counts.length === 80 && counts.every((count) => count === counts[0]), counts.join());
  disposeParameters(parameters);
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("train() says what is wrong with its settings", async () => {
  const parameters = smallParameters();
  const common = {
    parameters,
    loss: smallLoss(parameters),
    batches: training,
    epochs: 1,
    batchSize: 4,
    seed: 1,
  };
  await assert.rejects(train({ ...common, epochs: 0 }), /whole number from 1, found 0 \(train, epochs\)/);
  await assert.rejects(train({ ...common, batchSize: 2.5 }), /found 2.5 \(train, batchSize\)/);
  await assert.rejects(train({ ...common, clipNorm: -1 }), /positive number, found -1 \(train, clipNorm\)/);
  await assert.rejects(train({ ...common, reduction: "coupled", microBatch: 2 }), /whole batches/);
  await assert.rejects(train({ ...common, batchSize: 100, lastBatch: "drop" }), /at least one batch/);
  const validation = { examples: 0, take: training.take };
  await assert.rejects(train({ ...common, validation }), /validation examples, found none/);
  disposeParameters(parameters);
});
