import assert from "node:assert/strict";
import { join } from "node:path";
import { type CodeCell, executeNotebook, type Execution, type Notebook } from "ephemera/reproduce";
import { assertEnds, displaying, sketch, withFolder } from "./helpers.ts";

function execute(notebook: Notebook, timeout = 30): Promise<Execution> {
  return withFolder((directory) => executeNotebook(notebook, { directory, timeout }));
}

function outputs(execution: Execution, cell: number) {
  return (execution.notebook.cells[cell - 1] as CodeCell).outputs;
}

function broadcast(type: string, content: unknown): string {
  return `await Deno.jupyter.broadcast(${JSON.stringify(type)}, ${JSON.stringify(content)});`;
}

Deno.test("a kernel's streams, results and displays become outputs in their order", async () => {
  const execution = await execute(sketch(
    { markdown: "# Text" },
    "console.log('a'); console.log('b'); console.error('c'); console.log('d'); 40 + 2",
    displaying({ "text/plain": "x", "text/html": "<b>x</b>" }),
    "",
    "const { EphemeraError } = await import('ephemera/core'); EphemeraError.name",
  ));
  assert.deepEqual(execution.failures, []);
  assert.deepEqual(execution.cells.map(({ index, status }) => [index, status]), [
    [2, "passed"],
    [3, "passed"],
    [5, "passed"],
  ]);
  assert.deepEqual(outputs(execution, 2), [
    { output_type: "stream", name: "stdout", text: ["a\n", "b\n"] },
    { output_type: "stream", name: "stderr", text: ["c\n"] },
    { output_type: "stream", name: "stdout", text: ["d\n"] },
    { output_type: "execute_result", data: { "text/plain": ["42"] }, metadata: {}, execution_count: 1 },
  ]);
  assert.deepEqual(outputs(execution, 3), [
    { output_type: "display_data", data: { "text/plain": ["x"], "text/html": ["<b>x</b>"] }, metadata: {} },
  ]);
  assert.deepEqual(
    execution.notebook.cells.map((cell) => cell.cell_type === "code" ? cell.execution_count : "text"),
    ["text", 1, 2, null, 3],
  );
  assert.equal(execution.kernelVersion, Deno.version.deno);
  assert.deepEqual(execution.notebook.metadata.kernelspec, {
    display_name: "Deno (ephemera)",
    language: "typescript",
    name: "ephemera",
  });
});

Deno.test("a later cell updates an earlier display, and clear_output clears at once or before the next output", async () => {
  const display = (text: string) => ({
    data: { "text/plain": text },
    metadata: {},
    transient: { display_id: "bar" },
  });
  const execution = await execute(sketch(
    broadcast("display_data", display("0 %")),
    broadcast("update_display_data", display("100 %")),
    `console.log("gone"); ${broadcast("clear_output", { wait: false })}`,
    `console.log("gone"); ${broadcast("clear_output", { wait: true })} console.log("stays");`,
    `console.log("stays"); ${broadcast("clear_output", { wait: true })}`,
  ));
  assert.deepEqual(execution.failures, []);
  assert.deepEqual(outputs(execution, 1), [
    { output_type: "display_data", data: { "text/plain": ["100 %"] }, metadata: {} },
  ]);
  assert.deepEqual(outputs(execution, 2), []);
  assert.deepEqual(outputs(execution, 3), []);
  assert.deepEqual(outputs(execution, 4), [{ output_type: "stream", name: "stdout", text: ["stays\n"] }]);
  assert.deepEqual(outputs(execution, 5), [{ output_type: "stream", name: "stdout", text: ["stays\n"] }]);
});

Deno.test("an error ends the notebook, and the cells after it are marked as not run and left without outputs", async () => {
  const notebook = sketch("1", "throw new RangeError('too far')", "3");
  (notebook.cells[2] as CodeCell).outputs = [{ output_type: "stream", name: "stdout", text: "stale" }];
  const execution = await execute(notebook);
  assert.equal(execution.failures.length, 1);
  const [failure] = execution.failures;
  assert.equal(failure.cell, 2);
  assert.equal(failure.name, "RangeError");
  assert.equal(failure.message, "too far");
  assert.match(failure.details, /RangeError: too far\n +at /);
  assert.deepEqual(execution.cells.map(({ status }) => status), ["passed", "failed", "not run"]);
  assert.equal(outputs(execution, 2)[0].output_type, "error");
  assert.deepEqual(outputs(execution, 3), []);
});

Deno.test("an error announced by raises-exception is fine; its absence is not", async () => {
  const tags = ["raises-exception"];
  const meant = await execute(sketch({ code: "throw new Error('meant')", tags }, "2"));
  assert.deepEqual(meant.failures, []);
  assert.equal(outputs(meant, 1)[0].output_type, "error");
  assert.equal(outputs(meant, 2)[0].output_type, "execute_result");
  const absent = await execute(sketch({ code: "1", tags }, "2"));
  assert.deepEqual(absent.failures.map(({ cell, name }) => [cell, name]), [[1, "NoError"]]);
});

Deno.test("a syntax error, for which the kernel sends no message, fails its cell with reason and line", async () => {
  const execution = await execute(sketch("const a = 1;\nconst b = ;", "2"));
  assert.deepEqual(execution.failures.map(({ cell, name }) => [cell, name]), [[1, "SyntaxError"]]);
  assert.match(execution.failures[0].message, /line 2, column 11/);
  assert.match(execution.failures[0].details, /2 \| const b = ;/);
  const [output] = outputs(execution, 1);
  assert.equal(output.output_type === "error" && output.ename, "SyntaxError");
});

Deno.test("a cell that never ends is given up, whether it waits or spins, and its kernel is killed", async () => {
  const giveUp = (loop: string) =>
    withFolder(async (directory) => {
      const code = `Deno.writeTextFileSync("pid", String(Deno.pid)); console.log("here"); ${loop}`;
      const execution = await executeNotebook(sketch(code, "2"), { directory, timeout: 2 });
      const pid = Number(await Deno.readTextFile(join(directory, "pid")));
      await assertEnds(pid);
      const { failures, cells } = execution;
      assert.deepEqual(failures.map(({ cell, name }) => [cell, name]), [[1, "CellTimeout"]]);
      assert.match(failures[0].message, /within 2 s/);
      assert.deepEqual(cells.map(({ status }) => status), ["failed", "not run"]);
      return execution;
    });
  const [waiting] = await Promise.all([giveUp("await new Promise(() => {});"), giveUp("while (true);")]);
  assert.deepEqual(outputs(waiting, 1)[0], { output_type: "stream", name: "stdout", text: ["here\n"] });
});

Deno.test("a cell that kills its kernel fails with how the process ended", async () => {
  const killed = await execute(sketch("Deno.kill(Deno.pid, 'SIGKILL'); await new Promise(() => {});", "2"));
  assert.deepEqual(killed.failures.map(({ cell, name }) => [cell, name]), [[1, "KernelDied"]]);
  assert.match(killed.failures[0].message, /SIGKILL/);
  assert.deepEqual(killed.cells.map(({ status }) => status), ["failed", "not run"]);
  const left = await execute(sketch({ code: "Deno.exit(7)", tags: ["raises-exception"] }));
  assert.deepEqual(left.failures.map(({ cell, name }) => [cell, name]), [[1, "KernelDied"]]);
  assert.match(left.failures[0].message, /exit code 7/);
});

Deno.test("a kernel that runs out of memory fails its cell with the process's last words", async () => {
  const { failures } = await withFolder((directory) =>
    executeNotebook(
      sketch("const hoard = []; for (;;) hoard.push(new Array(1e5).fill(hoard.length + 0.5));"),
      {
        directory,
        timeout: 30,
        environment: { DENO_V8_FLAGS: "--max-old-space-size=100" },
      },
    )
  );
  assert.deepEqual(failures.map(({ cell, name }) => [cell, name]), [[1, "KernelDied"]]);
  assert.match(failures[0].details, /out of memory/);
});

Deno.test("300 quick cells lose none of their outputs", async () => {
  const count = 300;
  const cells = Array.from(
    { length: count },
    (_, i) => `console.log("line ${i}"); console.error("note ${i}"); ${i}`,
  );
  const execution = await execute(sketch(...cells));
  assert.deepEqual(execution.failures, []);
  for (let i = 0; i < count; i++) {
    assert.deepEqual(outputs(execution, i + 1), [
      { output_type: "stream", name: "stdout", text: [`line ${i}\n`] },
      { output_type: "stream", name: "stderr", text: [`note ${i}\n`] },
      {
        output_type: "execute_result",
        data: { "text/plain": [`${i}`] },
        metadata: {},
        execution_count: i + 1,
      },
    ]);
  }
});
