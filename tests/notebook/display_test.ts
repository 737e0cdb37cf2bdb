import assert from "node:assert/strict";
import { EphemeraError } from "ephemera/core";
import {
  bundleOf,
  currentKernel,
  dataDirectory,
  metric,
  METRIC_MIME,
  metricBundle,
  type MimeBundle,
  notebookScale,
  progressDisplay,
  RUN_MIME,
  runBundle,
  show,
  table,
  versions,
} from "ephemera/notebook";
import config from "../../deno.json" with { type: "json" };

/** Runs `work` and returns the lines that it wrote to the console. */
async function logged(work: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [], log = console.log;
  console.log = (...values: unknown[]) => void lines.push(values.join(" "));
  try {
    await work();
  } finally {
    console.log = log;
  }
  return lines;
}

/** Sets variables of the environment during `work`. */
function withEnvironment(variables: Record<string, string | undefined>, work: () => void): void {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  const set = (name: string, value: string | undefined) =>
    value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  for (const [name, value] of Object.entries(variables)) set(name, value);
  try {
    work();
  } finally {
    for (const [name, value] of before) set(name, value);
  }
}

Deno.test("outside of a kernel, show() writes the text forms to the console", async () => {
  assert.equal(currentKernel(), undefined);
  const lines = await logged(() => show(table([{ a: 1 }]), "a remark", [1, 2]));
  assert.deepEqual(lines, ["a\n─\n1", "a remark", "[ 1, 2 ]"]);
});

Deno.test("bundleOf() asks an object for its own bundle, also when it answers later", async () => {
  const later = { [Symbol.for("Jupyter.display")]: () => Promise.resolve({ "text/plain": "late" }) };
  assert.deepEqual(await bundleOf(later), { "text/plain": "late" });
  assert.deepEqual(await bundleOf("words"), { "text/plain": "words" });
});

Deno.test("a metric keeps its unrounded value beside a readable line", async () => {
  assert.deepEqual(metricBundle("period error", 0.123456, { unit: "days", digits: 2 }), {
    [METRIC_MIME]: { name: "period error", value: 0.123456 },
    "text/plain": "period error: 0.12 days",
  });
  assert.deepEqual(await logged(() => metric("F1", 0.5)), ["F1: 0.5000"]);
});

Deno.test("a metric without a name or a finite value is refused", async () => {
  assert.throws(() => metricBundle("F1", NaN), /a finite number, found NaN \(metric "F1"\)/);
  assert.throws(() => metricBundle("F1", "0.5" as unknown as number), EphemeraError);
  assert.throws(() => metricBundle(" ", 1), EphemeraError);
  await assert.rejects(() => metric("F1", Infinity), EphemeraError);
});

Deno.test("run information carries the versions that are installed", () => {
  const facts = { scale: "quick", backend: "wasm", seed: 7, data: ["a", "b"] } as const;
  const bundle = runBundle(facts);
  assert.deepEqual(bundle[RUN_MIME], { ...facts, versions: versions() });
  assert.equal(versions().ephemera, config.version);
  assert.match(versions()["tfjs-core"], /^\d+\.\d+\.\d+$/);
  assert.match(String(bundle["text/plain"]), /Scale quick .* seed 7 .* data: a, b .* deno \d/);
});

Deno.test("the scale is quick unless the environment says paper, and nothing else is accepted", () => {
  withEnvironment({ EPHEMERA_SCALE: undefined }, () => assert.equal(notebookScale(), "quick"));
  withEnvironment({ EPHEMERA_SCALE: "" }, () => assert.equal(notebookScale(), "quick"));
  withEnvironment({ EPHEMERA_SCALE: "paper" }, () => assert.equal(notebookScale(), "paper"));
  withEnvironment(
    { EPHEMERA_SCALE: "huge" },
    () => assert.throws(() => notebookScale(), /"quick" or "paper"/),
  );
});

Deno.test("the data folder is the environment's, an empty name counts as none", () => {
  withEnvironment({ EPHEMERA_DATA: "" }, () => assert.equal(dataDirectory(), undefined));
  withEnvironment({ EPHEMERA_DATA: "somewhere" }, () => assert.equal(dataDirectory(), "somewhere"));
});

interface Sent {
  type: string;
  data: MimeBundle;
  identifier: string;
}

/** A kernel that keeps what it is sent, and whose sending ends a turn of the event loop later. */
function fakeKernel(sent: Sent[], fails = false) {
  return {
    display: () => Promise.reject(new Error("not to be used in a loop that never pauses")),
    async broadcast(type: string, content: Record<string, unknown>) {
      const { data, transient } = content as { data: MimeBundle; transient: { display_id: string } };
      sent.push({ type, data, identifier: transient.display_id });
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (fails) throw new Error("connection closed");
    },
  };
}

Deno.test("a progress bar is drawn once, then updated at most five times a second, then replaced by a line", async () => {
  const sent: Sent[] = [];
  let clock = 0;
  const progress = progressDisplay({ label: "Training", kernel: fakeKernel(sent), now: () => clock });
  for (let i = 1; i <= 100; i++) {
    progress.update(i, 100, "loss <0.1>");
    clock += 10;
  }
  assert.equal(sent.length, 5, "the bar moves inside of a loop that never pauses");
  progress.finish("100 epochs");
  await progress.settled();
  assert.deepEqual(sent.map((one) => one.type), ["display_data", ...Array(5).fill("update_display_data")]);
  assert.ok(sent.every((one) => one.identifier === sent[0].identifier));
  assert.match(String(sent[0].data["text/html"]), /<progress value="1\.0" max="100".*loss &lt;0\.1&gt;/);
  assert.deepEqual(sent.at(-1)!.data, { "text/plain": "Training: 100 epochs" });
});

Deno.test("two progress bars do not share an identifier, and a broken connection stops no work", async () => {
  const sent: Sent[] = [];
  for (const label of ["one", "two"]) {
    const progress = progressDisplay({ label, kernel: fakeKernel(sent) });
    progress.finish();
    await progress.settled();
  }
  assert.notEqual(sent[0].identifier, sent[1].identifier);
  const broken = progressDisplay({ label: "broken", kernel: fakeKernel([], true) });
  broken.update(1, 2);
  broken.finish();
  await broken.settled();
});
