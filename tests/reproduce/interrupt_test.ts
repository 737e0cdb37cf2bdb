import assert from "node:assert/strict";
import { join } from "node:path";
import { PROJECT_ROOT } from "ephemera/commands";
import { Kernel, kernelArguments } from "ephemera/reproduce";
import { assertEnds } from "./helpers.ts";

/** A kernel as Jupyter would start it by the project's specification. */
async function withKernel(work: (kernel: Kernel) => Promise<void>): Promise<void> {
  const kernel = await Kernel.start({
    directory: join(PROJECT_ROOT, "tests"),
    argumentsFor: kernelArguments,
  });
  try {
    await work(kernel);
  } finally {
    await kernel.stop();
  }
}

/** Runs `code` and interrupts it after a moment; returns the name of the error that it ended with. */
async function interrupted(kernel: Kernel, code: string): Promise<string> {
  const errors: string[] = [];
  const ended = kernel.execute(code, 20, ({ type, content }) => {
    if (type === "error") errors.push(String(content.ename));
  });
  await new Promise((resolve) => setTimeout(resolve, 700));
  await kernel.interrupt();
  const { status } = await ended;
  assert.equal(status, "error");
  return errors.join();
}

async function value(kernel: Kernel, code: string): Promise<string> {
  let text = "";
  const { status } = await kernel.execute(code, 20, ({ content }) => {
    text += (content.data as Record<string, string> | undefined)?.["text/plain"] ?? "";
  });
  assert.equal(status, "ok");
  return text;
}

Deno.test("cells that compute, wait, or do both by turns are interrupted, and the kernel goes on with its state", () =>
  withKernel(async (kernel) => {
    await value(kernel, `const state = "kept";`);
    assert.equal(await interrupted(kernel, "for (let i = 0;; i++) Math.sqrt(i);"), "");
    assert.equal(await value(kernel, "state"), '"kept"');
    await value(
      kernel,
      `const { interruptible, interruptionCount, listenForInterrupts, throwIfInterrupted } =
         await import(${JSON.stringify(new URL("../../lib/notebook/interruption.ts", import.meta.url).href)});
       listenForInterrupts();`,
    );
    assert.equal(await interrupted(kernel, "await interruptible(new Promise(() => {}));"), "Interrupted");
    const training = `
      const begin = interruptionCount();
      for (;;) {
        const end = Date.now() + 100;
        while (Date.now() < end);
        await new Promise((resolve) => setTimeout(resolve, 0));
        throwIfInterrupted(begin);
      }`;
    assert.equal(await interrupted(kernel, training), "Interrupted");
    assert.equal(await interrupted(kernel, training), "Interrupted", "once more in the same kernel");
    const breathless = training.replace("new Promise((resolve) => setTimeout(resolve, 0))", "null");
    assert.equal(await interrupted(kernel, breathless), "Interrupted", "a loop that never lets messages in");
    assert.equal(await value(kernel, "state"), '"kept"');
    await kernel.interrupt();
    assert.equal(await value(kernel, "1 + 1"), "2", "an interrupt of an idle kernel does nothing");
  }));

Deno.test("a kernel process that is killed or shut down takes its kernel with it", async () => {
  for (const end of ["shutdown", "SIGTERM"] as const) {
    await withKernel(async (kernel) => {
      const [pid, parent] = (await value(kernel, "`${Deno.pid} ${Deno.ppid}`")).replaceAll('"', "").split(" ")
        .map(Number);
      assert.notEqual(parent, Deno.pid, "there is a process in between");
      if (end === "shutdown") await kernel.stop();
      else Deno.kill(parent, end);
      await assertEnds(pid);
      await assertEnds(parent);
    });
  }
});
