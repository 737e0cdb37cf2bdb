/**
 * The process that the project's kernel specification starts: it runs Deno's kernel and sits on its control channel.
 *
 * Deno's kernel answers an interrupt by ending whatever code runs at that moment. That is right for a cell that computes
 * without a pause; a cell that awaits loses the code it waits for and hangs for ever. So an interrupt first goes as a
 * question to the code in the kernel (`lib/notebook/interruption.ts`): a file that it takes away. Only when nobody takes
 * it is the interrupt passed on. All other messages pass unchanged.
 *
 * Usage: `deno run -A kernel_process.ts <connection file>`; imports nothing outside this folder and Node's own modules.
 */
import { randomUUID } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { undoAtExit } from "./cleanup.ts";
import { Wire } from "./wire.ts";
import { encodeMessage, FrameReader, type Frames, GREETING_LENGTH, OrderedWriter } from "./zmtp.ts";

/** A cell may compute this long between two updates of its progress and still be ended gently, in milliseconds. */
const PATIENCE = 5000;

/** How long a question stays after the interrupt was passed on, in milliseconds. */
const AFTERMATH = 500;
/** Time between two looks for an answer, in milliseconds. */
const INTERVAL = 50;

/** Asks the code in the kernel to end what it is doing; true when it has taken notice. */
async function ask(question: string): Promise<boolean> {
  if (!existsSync(`${question}.listening`)) return false;
  await Deno.writeTextFile(question, "");
  for (const end = performance.now() + PATIENCE; performance.now() < end;) {
    await delay(INTERVAL);
    if (!existsSync(question)) return true;
  }
  return false;
}

/** Copies one direction of a connection, message by message; `take` may keep a message for itself. */
async function relay(
  reader: FrameReader,
  writer: OrderedWriter,
  take: (frames: Frames, bytes: Uint8Array[]) => boolean,
): Promise<void> {
  const greeting = await reader.read(GREETING_LENGTH);
  if (greeting === null) return;
  await writer.write(greeting);
  for (;;) {
    const frames: Frames = [];
    const bytes: Uint8Array[] = [];
    for (let more = true; more;) {
      const frame = await reader.frame();
      if (frame === null) return;
      if (!frame.isCommand) frames.push(frame.body);
      bytes.push(frame.bytes());
      more = frame.hasMore;
    }
    if (!take(frames, bytes)) { for (const part of bytes) await writer.write(part); }
  }
}

function hangUp(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It was closed already.
  }
}

/** Connects one client with the kernel's control channel. */
async function serve(
  client: Deno.TcpConn,
  kernel: Deno.TcpConn,
  wire: Wire,
  question: string,
): Promise<void> {
  const toClient = new OrderedWriter(client);
  const toKernel = new OrderedWriter(kernel);
  const interrupt = async (header: Record<string, unknown>, bytes: Uint8Array[]) => {
    if (await ask(question)) {
      const reply = wire.pack(randomUUID(), "interrupt_reply", { status: "ok" }, header);
      await toClient.write(encodeMessage(reply));
      return;
    }
    for (const part of bytes) await toKernel.write(part);
    // What waits in the kernel can see the question now that nothing blocks it. Later cells must not.
    await delay(AFTERMATH);
    rmSync(question, { force: true });
  };
  const takeInterrupt = (frames: Frames, bytes: Uint8Array[]): boolean => {
    try {
      const { type, header } = wire.unpack(frames);
      if (type !== "interrupt_request") return false;
      // Not awaited: a shutdown must not wait behind it.
      interrupt(header, bytes).catch(() => {});
      return true;
    } catch {
      // Whatever it is, the kernel judges it.
      return false;
    }
  };
  await Promise.race([
    relay(new FrameReader(client), toKernel, takeInterrupt),
    relay(new FrameReader(kernel), toClient, () => false),
  ]).finally(() => {
    hangUp(client);
    hangUp(kernel);
  });
}

/** Runs a kernel with the connection file that Jupyter has written; returns its exit code. */
async function run(connectionFile: string): Promise<number> {
  const connection = JSON.parse(await Deno.readTextFile(connectionFile));
  const listener = Deno.listen({ hostname: connection.ip, port: connection.control_port });
  const held = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const controlPort = (held.addr as Deno.NetAddr).port;
  held.close();
  const folder = await Deno.makeTempDir({ prefix: "ephemera-kernel-" });
  undoAtExit(() => Deno.removeSync(folder, { recursive: true }));
  const ownFile = join(folder, "connection.json");
  const own = JSON.stringify({ ...connection, control_port: controlPort });
  await Deno.writeTextFile(ownFile, own, { createNew: true, mode: 0o600 });

  const question = join(folder, "interrupt");
  const kernel = new Deno.Command(Deno.execPath(), {
    args: ["jupyter", "--kernel", "--conn", ownFile],
    env: { EPHEMERA_INTERRUPT: question },
    stdin: "null",
  }).spawn();
  undoAtExit(() => {
    try {
      kernel.kill("SIGKILL");
    } catch {
      // It had ended already.
    }
  });
  const wire = new Wire(connection.key);
  (async () => {
    for await (const client of listener) serveWhenUp(client, controlPort, wire, question);
  })();
  const { code } = await kernel.status;
  return code;
}

/** Clients may call before the kernel listens. */
async function serveWhenUp(
  client: Deno.TcpConn,
  port: number,
  wire: Wire,
  question: string,
): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    try {
      const kernel = await Deno.connect({ hostname: "127.0.0.1", port });
      return await serve(client, kernel, wire, question);
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) break;
      await delay(50);
    }
  }
  // A client that hears nothing would wait for ever.
  hangUp(client);
}

if (import.meta.main) {
  const [file] = Deno.args;
  if (file === undefined) {
    console.error("Usage: kernel_process.ts <connection file>");
    process.exit(2);
  }
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGBREAK"] : ["SIGTERM", "SIGHUP"];
  for (const signal of signals) Deno.addSignalListener(signal, () => Deno.exit(1));
  Deno.exit(await run(file));
}
