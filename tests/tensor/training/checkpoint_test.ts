import assert from "node:assert/strict";
import { join } from "node:path";
import { plainArray, writeSafetensors } from "../../../lib/tensor/interchange/mod.ts";
import {
  listCheckpoints,
  readCheckpoint,
  readNewestCheckpoint,
  writeCheckpoint,
} from "../../../lib/tensor/training/mod.ts";

async function inTemporaryFolder(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const weights = (value: number) =>
  new Map([["dense/kernel", plainArray([2], Float32Array.of(value, -value))]]);

Deno.test("a checkpoint gives back facts and arrays by group, empty groups too", async () => {
  await inTemporaryFolder(async (folder) => {
    const written = {
      step: 12,
      facts: { seed: "a", list: [1, null, 0.1] },
      groups: { parameters: weights(3), best: new Map() },
    };
    const path = await writeCheckpoint(join(folder, "new", "run"), written);
    assert.deepEqual(await readCheckpoint(path), written);
  });
});

Deno.test("the two newest checkpoints are kept, remains of a killed writer are removed, other files are not touched", async () => {
  await inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "notes.txt"), "mine");
    await Deno.writeTextFile(join(folder, "checkpoint-000000007.safetensors.abc.partial"), "half");
    for (const step of [5, 999_999_999, 1_000_000_001, 10]) {
      await writeCheckpoint(folder, { step, facts: {}, groups: { parameters: weights(step) } });
    }
    assert.deepEqual((await listCheckpoints(folder)).map(({ step }) => step), [1_000_000_001, 999_999_999]);
    const names = [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
    assert.deepEqual(names, [
      "checkpoint-1000000001.safetensors",
      "checkpoint-999999999.safetensors",
      "notes.txt",
    ]);
  });
});

Deno.test("there is no newest checkpoint in a folder that does not exist or is empty", async () => {
  await inTemporaryFolder(async (folder) => {
    assert.equal(await readNewestCheckpoint(folder, assert.fail), undefined);
    assert.equal(await readNewestCheckpoint(join(folder, "none"), assert.fail), undefined);
  });
});

Deno.test("a safetensors file that is no checkpoint is refused", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "checkpoint-000000001.safetensors");
    await writeSafetensors(path, weights(1));
    await assert.rejects(readCheckpoint(path), /a file of format ephemera-checkpoint-1, found undefined/);
  });
});

Deno.test("a checkpoint whose facts were edited does not agree with its digest", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = await writeCheckpoint(folder, {
      step: 1,
      facts: { seed: "123" },
      groups: { parameters: weights(1) },
    });
    const text = new TextDecoder("latin1").decode(await Deno.readFile(path)), at = text.indexOf("123");
    const bytes = await Deno.readFile(path);
    bytes[at] = "9".charCodeAt(0);
    await Deno.writeFile(path, bytes);
    await assert.rejects(readCheckpoint(path), /agrees with its digest, found damaged content/);
  });
});
