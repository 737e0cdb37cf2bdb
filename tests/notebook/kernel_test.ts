import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Kernel } from "ephemera/reproduce";
import { METRIC_MIME, RUN_MIME } from "ephemera/notebook";

const CELL = `
import { metric, progressDisplay, runInformation, show, table } from "ephemera/notebook";
import { figure, Plot } from "ephemera/figures";
await runInformation({ scale: "quick", backend: "none", seed: 3, data: "simulated" });
const progress = progressDisplay({ label: "Training", interval: 50 });
for (let step = 1; step <= 4; step++) {
  progress.update(step, 4);
  const end = performance.now() + 60;
  while (performance.now() < end);
}
progress.finish("4 steps");
await progress.settled();
await show(table([{ class: "RRAB", stars: 12 }]), figure({ title: "Dots", marks: [Plot.dot([[0, 1]])] }));
await metric("stars", 12);
`;

Deno.test("in a real kernel, tables, figures, metrics and a moving progress bar arrive as displays", async () => {
  const kernel = await Kernel.start({ directory: fileURLToPath(new URL("../..", import.meta.url)) });
  try {
    const shown: { type: string; data: Record<string, unknown>; identifier?: string }[] = [];
    const reply = await kernel.execute(CELL, 60, ({ type, content }) => {
      const { data, transient } = content as {
        data?: Record<string, unknown>;
        transient?: { display_id?: string };
      };
      if (data !== undefined) shown.push({ type, data, identifier: transient?.display_id });
    });
    assert.equal(reply.status, "ok", JSON.stringify(reply));
    const bars = shown.filter((one) => one.identifier !== undefined);
    assert.deepEqual(bars.map((one) => one.type), ["display_data", ...Array(4).fill("update_display_data")]);
    assert.deepEqual(bars.at(-1)!.data, { "text/plain": "Training: 4 steps" });
    const rest = shown.filter((one) => one.identifier === undefined).map((one) => one.data);
    assert.equal((rest[0][RUN_MIME] as { seed: number }).seed, 3);
    assert.match(String(rest[1]["text/html"]), /^<table>.*RRAB.*<\/table>$/);
    assert.match(String(rest[2]["image/svg+xml"]), /^<svg .*<title>Dots<\/title>/);
    assert.deepEqual(rest[3][METRIC_MIME], { name: "stars", value: 12 });
    assert.equal(rest.length, 4);
  } finally {
    await kernel.stop();
  }
});
