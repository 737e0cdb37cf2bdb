import assert from "node:assert/strict";
import { join } from "node:path";
import { PROJECT_ROOT } from "ephemera/commands";
import { Kernel } from "ephemera/reproduce";
import { withFolder } from "./helpers.ts";

const directory = join(PROJECT_ROOT, "tests");

Deno.test("a kernel that does not come up is told with how it ended and what it wrote", async () => {
  const argumentsFor = () => ["eval", "console.error('no such thing'); Deno.exit(3)"];
  await assert.rejects(() => Kernel.start({ directory, argumentsFor }), {
    name: "KernelDied",
    message: "The kernel process ended with exit code 3. It wrote:\nno such thing",
  });
});

Deno.test("a kernel that does not answer is given up", async () => {
  const argumentsFor = () => ["eval", "await new Promise((resolve) => setTimeout(resolve, 60000))"];
  await assert.rejects(() => Kernel.start({ directory, argumentsFor, startTimeout: 0.3 }), {
    name: "KernelDied",
    message: "No kernel came up within 0.3 s.",
  });
});

Deno.test("a process that takes calls on the kernel's ports and says nothing is given up", () =>
  withFolder(async (folder) => {
    const script = join(folder, "silent.ts");
    await Deno.writeTextFile(
      script,
      `for (const [name, port] of Object.entries(JSON.parse(Deno.readTextFileSync(Deno.args[0])))) {
         if (name.endsWith("_port")) Deno.listen({ hostname: "127.0.0.1", port }).accept();
       }`,
    );
    const argumentsFor = (file: string) => ["run", "--no-check", "--allow-net", "--allow-read", script, file];
    await assert.rejects(() => Kernel.start({ directory, argumentsFor, startTimeout: 1 }), {
      name: "KernelDied",
      message: "No kernel came up within 1 s.",
    });
  }));

/** Speaks ZeroMQ on all ports of a connection file, and broadcasts a message that is not signed with its key. */
const IMPOSTOR = `
const bytes = (text) => [...new TextEncoder().encode(text)];
const greeting = [0xff, ...Array(8).fill(0), 0x7f, 3, 0, ...bytes("NULL"), ...Array(48).fill(0)];
const ready = [4, 6, 5, ...bytes("READY")];
const frames = ["<IDS|MSG>", "0".repeat(64), "{}", "{}", "{}", "{}"];
const message = frames.flatMap((text, i) => [i < 5 ? 1 : 0, text.length, ...bytes(text)]);
const connection = JSON.parse(Deno.readTextFileSync(Deno.args[0]));
for (const [name, port] of Object.entries(connection)) {
  if (!name.endsWith("_port")) continue;
  (async () => {
    for await (const client of Deno.listen({ hostname: "127.0.0.1", port })) {
      await client.write(Uint8Array.from([...greeting, ...ready]));
      if (name === "iopub_port") await client.write(Uint8Array.from(message));
    }
  })();
}`;

Deno.test("somebody on the kernel's ports who does not know its key is refused", () =>
  withFolder(async (folder) => {
    const script = join(folder, "impostor.ts");
    await Deno.writeTextFile(script, IMPOSTOR);
    const argumentsFor = (file: string) => ["run", "--no-check", "--allow-net", "--allow-read", script, file];
    await assert.rejects(() => Kernel.start({ directory, argumentsFor, startTimeout: 10 }), {
      name: "ProtocolError",
      message: /wrong signature: it was refused/,
    });
  }));
