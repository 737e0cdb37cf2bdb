/**
 * The process that the project's kernel specification starts: it runs Deno's kernel and sits on its control channel.
 *
 * Deno's kernel answers an interrupt by ending whatever code runs at that moment. That is right for a cell that computes
 * without a pause; a cell that awaits loses the code it waits for and hangs for ever. So an interrupt first goes as a
 * question to the code in the kernel (`lib/notebook/interruption.ts`), which can answer exactly when nothing blocks it.
 * Only when no answer comes is the interrupt passed on. All other messages pass unchanged.
 *
 * Usage: `deno run -A kernel_process.ts <connection file>`; imports nothing outside this folder and Node's own modules.
 */
import { randomUUID, timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { undoAtExit } from "./cleanup.ts";
import { Wire } from "./wire.ts";
import { encodeMessage, FrameReader, type Frames, GREETING_LENGTH, OrderedWriter } from "./zmtp.ts";

/** A cell may compute this long between two awaits and still be interrupted gently, in milliseconds. */
const PATIENCE = 5000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The connection to the code in the kernel, once that has called. */
class Doorbell {
  readonly word: string = randomUUID();
  #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  #connection: Deno.Conn | null = null;
  #answered: (() => void) | null = null;

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** Takes calls until the process ends; who does not know the word is turned away. */
  async open(): Promise<void> {
    for await (const connection of this.#listener) this.#take(connection).catch(() => connection.close());
  }

  async #take(connection: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(256);
    let said = "";
    while (!said.includes("\n")) {
      const got = await connection.read(buffer);
      if (got === null || said.length > 100) return connection.close();
      said += decoder.decode(buffer.subarray(0, got));
    }
    const theirs = encoder.encode(said.slice(0, said.indexOf("\n")));
    const ours = encoder.encode(this.word);
    if (theirs.length !== ours.length || !timingSafeEqual(theirs, ours)) return connection.close();
    this.#connection = connection;
    while (await connection.read(buffer) !== null) this.#answered?.();
    this.#connection = null;
  }

  /** Asks; true when an answer comes in time. */
  async ring(): Promise<boolean> {
    if (this.#connection === null) return false;
    const answered = Promise.withResolvers<boolean>();
    this.#answered = () => answered.resolve(true);
    const timer = setTimeout(() => answered.resolve(false), PATIENCE);
    await this.#connection.write(encoder.encode("!")).catch(() => answered.resolve(false));
    try {
      return await answered.promise;
    } finally {
      clearTimeout(timer);
      this.#answered = null;
    }
  }
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

/** Connects one client with the kernel's control channel. */
async function serve(client: Deno.TcpConn, port: number, wire: Wire, doorbell: Doorbell): Promise<void> {
  const kernel = await Deno.connect({ hostname: "127.0.0.1", port });
  const toClient = new OrderedWriter(client);
  const toKernel = new OrderedWriter(kernel);
  const interrupt = async (header: Record<string, unknown>, bytes: Uint8Array[]) => {
    if (await doorbell.ring()) {
      const reply = wire.pack(randomUUID(), "interrupt_reply", { status: "ok" }, header);
      await toClient.write(encodeMessage(reply));
    } else for (const part of bytes) await toKernel.write(part);
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
    client.close();
    kernel.close();
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

  const doorbell = new Doorbell();
  doorbell.open();
  const kernel = new Deno.Command(Deno.execPath(), {
    args: ["jupyter", "--kernel", "--conn", ownFile],
    env: { EPHEMERA_INTERRUPT: `${doorbell.port} ${doorbell.word}` },
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
    for await (const client of listener) serveWhenUp(client, controlPort, wire, doorbell);
  })();
  const { code } = await kernel.status;
  return code;
}

/** Clients may call before the kernel listens. */
async function serveWhenUp(
  client: Deno.TcpConn,
  port: number,
  wire: Wire,
  doorbell: Doorbell,
): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    try {
      return await serve(client, port, wire, doorbell);
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  client.close();
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
