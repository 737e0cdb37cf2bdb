/**
 * A Deno Jupyter kernel as a child process, and a client that talks to it.
 *
 * The kernel runs with all of Deno's permissions: that is how `deno jupyter` works, so running a notebook means
 * trusting its author. What we can do is keep others out: it listens on the loopback address only, its key is random,
 * the file that holds the key is readable by its owner alone and removed with the kernel, and every message's
 * signature is verified.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { undoAtExit } from "./cleanup.ts";
import { type Content, type Message, Wire } from "./wire.ts";
import { ProtocolError, ZmtpSocket } from "./zmtp.ts";

/** The kernel process ended, or never came up, while something was expected of it. */
export class KernelDied extends Error {
  override readonly name = "KernelDied";
}

/** A cell did not end within its time. */
export class CellTimeout extends Error {
  override readonly name = "CellTimeout";
}

/** How a kernel is started. */
export interface KernelOptions {
  /** Working directory of the kernel; import aliases come from the `deno.json` found upward from it. */
  directory: string;
  /** Environment variables set in addition to the inherited ones. */
  environment?: Record<string, string>;
  /** Longest wait for the kernel to answer, in seconds. Default 120. */
  startTimeout?: number;
  /** Arguments of Deno that start a kernel with this connection file. Default: `jupyter --kernel --conn <file>`. */
  argumentsFor?: (connectionFile: string) => string[];
}

/** What to do with a request. */
interface RequestOptions {
  channel?: "shell" | "control";
  /** Longest wait, in seconds. */
  timeout: number;
  /** Wait for the `idle` status too, which follows the last output. */
  untilIdle: boolean;
  onMessage?: (message: Message) => void;
}

/** Silence on the output channel after which a cell's outputs count as complete, in milliseconds. */
const SILENCE = 25;
/** A cell whose timers chatter on is not waited for longer than this, in milliseconds. */
const LONGEST_SETTLING = 1000;
/** How much of what the kernel process itself wrote is kept for failure messages, in characters. */
const LOG_LENGTH = 8000;
/** Another process may take a port between our choosing it and the kernel's opening it. */
const START_ATTEMPTS = 3;

const PORT_NAMES = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"] as const;

/** Five free ports: all held at once, so that they differ, then let go. */
function freePorts(): number[] {
  const listeners = PORT_NAMES.map(() => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const ports = listeners.map((listener) => (listener.addr as Deno.NetAddr).port);
  for (const listener of listeners) listener.close();
  return ports;
}

/** A running kernel. Get one with {@link Kernel.start}; whoever starts it must {@link Kernel.stop} it. */
export class Kernel {
  /** The content of the kernel's `kernel_info_reply`. */
  info: Content = {};
  #wire: Wire;
  #child: Deno.ChildProcess;
  #folder: string;
  #sockets: ZmtpSocket[] = [];
  #shell!: ZmtpSocket;
  #control!: ZmtpSocket;
  #replies = new Map<string, (message: Message) => void>();
  #outputs = new Map<string, (message: Message) => void>();
  #log = "";
  #logReaders: ReadableStreamDefaultReader<Uint8Array>[] = [];
  #stopping = false;
  #killed = false;
  #withdraw: () => void;
  /** Rejects as soon as nothing can be expected of the kernel any more. */
  #lost = Promise.withResolvers<never>();

  private constructor(wire: Wire, child: Deno.ChildProcess, folder: string) {
    this.#wire = wire;
    this.#child = child;
    this.#folder = folder;
    this.#lost.promise.catch(() => {});
    const logged = [child.stdout, child.stderr].map((stream) => this.#keepLog(stream));
    child.status.then(async (status) => {
      // Its last words may still be in the pipe; a grandchild may hold the pipe open for ever.
      await Promise.race([Promise.all(logged), delay(200, undefined, { ref: false })]);
      const how = status.signal === null ? `with exit code ${status.code}` : `by the signal ${status.signal}`;
      this.#lost.reject(new KernelDied(`The kernel process ended ${how}.`));
    });
    this.#withdraw = undoAtExit(() => this.kill());
  }

  /**
   * Starts a kernel and waits until it answers and its output channel is open.
   *
   * @throws KernelDied when it does not come up.
   */
  static async start(options: KernelOptions): Promise<Kernel> {
    for (let attempt = 1;; attempt++) {
      try {
        return await Kernel.#startOnce(options);
      } catch (error) {
        if (!(error instanceof KernelDied || error instanceof ProtocolError) || attempt === START_ATTEMPTS) {
          throw error;
        }
      }
    }
  }

  static async #startOnce(options: KernelOptions): Promise<Kernel> {
    const key = randomUUID() + randomUUID();
    const ports = freePorts();
    const connection = {
      transport: "tcp",
      ip: "127.0.0.1",
      key,
      signature_scheme: "hmac-sha256",
      kernel_name: "deno",
      ...Object.fromEntries(PORT_NAMES.map((name, index) => [name, ports[index]])),
    };
    // The folder is new and its owner's alone, so nobody can have put a file or a link there before us.
    const folder = await Deno.makeTempDir({ prefix: "ephemera-kernel-" });
    let kernel: Kernel;
    try {
      const file = join(folder, "connection.json");
      await Deno.writeTextFile(file, JSON.stringify(connection), { createNew: true, mode: 0o600 });
      const child = new Deno.Command(Deno.execPath(), {
        args: options.argumentsFor?.(file) ?? ["jupyter", "--kernel", "--conn", file],
        cwd: options.directory,
        env: { NO_COLOR: "1", ...options.environment },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      kernel = new Kernel(new Wire(key), child, folder);
    } catch (error) {
      await Deno.remove(folder, { recursive: true });
      throw error;
    }
    try {
      await kernel.#connect(ports, options.startTimeout ?? 120);
      return kernel;
    } catch (error) {
      await kernel.stop();
      if (error instanceof KernelDied && kernel.log !== "") {
        throw new KernelDied(`${error.message} It wrote:\n${kernel.log}`);
      }
      throw error;
    }
  }

  async #connect(ports: number[], timeout: number): Promise<void> {
    const deadline = performance.now() + 1000 * timeout;
    const open = async (port: number, type: "DEALER" | "SUB") => {
      for (;;) {
        try {
          const socket = ZmtpSocket.connect(port, type, this.#wire.session);
          // Also when it comes up too late to be waited for, it is there to be closed.
          socket.then((late) => this.#killed ? late.close() : this.#sockets.push(late)).catch(() => {});
          const patience = deadline - performance.now();
          const tooLate = delay(Math.max(patience, 0), undefined, { ref: false }).then(() => {
            throw new KernelDied(`No kernel came up within ${timeout} s.`);
          });
          tooLate.catch(() => {});
          return await Promise.race([socket, tooLate, this.#lost.promise]);
        } catch (error) {
          const early = error instanceof Deno.errors.ConnectionRefused;
          if (!early) throw error;
          if (performance.now() > deadline) throw new KernelDied(`No kernel came up within ${timeout} s.`);
          await delay(25);
        }
      }
    };
    const output = await open(ports[1], "SUB");
    this.#shell = await open(ports[0], "DEALER");
    this.#control = await open(ports[3], "DEALER");
    this.#listen(output, (message) => this.#outputs.get(message.parent)?.(message));
    for (const socket of [this.#shell, this.#control]) {
      this.#listen(socket, (message) => this.#replies.get(message.parent)?.(message));
    }
    // The subscription takes effect some time after it was sent: ask until a request's broadcasts arrive as well.
    for (;;) {
      try {
        const reply = await this.#request("kernel_info_request", {}, { timeout: 1, untilIdle: true });
        this.info = reply.content;
        return;
      } catch (error) {
        if (!(error instanceof CellTimeout)) throw error;
        if (performance.now() > deadline) {
          throw new KernelDied(`The kernel did not answer within ${timeout} s.`);
        }
      }
    }
  }

  /** The end of what the kernel process itself wrote to its standard output and error. */
  get log(): string {
    return this.#log.replace(/^Warning "deno jupyter" is unstable.*$/m, "").trim();
  }

  async #keepLog(stream: ReadableStream<Uint8Array>): Promise<void> {
    const reader = stream.getReader();
    this.#logReaders.push(reader);
    const decoder = new TextDecoder();
    for (;;) {
      const { value, done } = await reader.read().catch(() => ({ value: undefined, done: true }));
      if (done || value === undefined) return;
      this.#log = (this.#log + decoder.decode(value, { stream: true })).slice(-LOG_LENGTH);
    }
  }

  async #listen(socket: ZmtpSocket, handle: (message: Message) => void): Promise<void> {
    try {
      for (let frames = await socket.receive(); frames !== null; frames = await socket.receive()) {
        handle(this.#wire.unpack(frames));
      }
    } catch (error) {
      this.#lost.reject(error);
      return;
    }
    // The process's own end says more than the closed connection does, so give it a moment to be noticed.
    if (this.#stopping) return;
    await delay(1000, undefined, { ref: false });
    this.#lost.reject(new KernelDied("The kernel closed its connection."));
  }

  async #request(type: string, content: Content, options: RequestOptions): Promise<Message> {
    const id = randomUUID();
    const done = Promise.withResolvers<Message>();
    let reply: Message | undefined;
    let idle = !options.untilIdle;
    const settle = () => {
      if (reply !== undefined && idle) done.resolve(reply);
    };
    this.#replies.set(id, (message) => {
      reply = message;
      settle();
    });
    // This stays in place after the request, since output that comes late still belongs to its cell.
    this.#outputs.set(id, (message) => {
      if (message.type !== "status") options.onMessage?.(message);
      else if (message.content.execution_state === "idle") {
        idle = true;
        settle();
      }
    });
    const timer = setTimeout(
      () => done.reject(new CellTimeout(`It did not end within ${options.timeout} s.`)),
      1000 * options.timeout,
    );
    try {
      const socket = options.channel === "control" ? this.#control : this.#shell;
      const sent = socket.send(this.#wire.pack(id, type, content));
      // A write to a dead kernel fails, and the reason why it died says more than the broken pipe.
      sent.catch(() => {});
      return await Promise.race([done.promise, this.#lost.promise]);
    } finally {
      clearTimeout(timer);
      this.#replies.delete(id);
    }
  }

  /**
   * Runs code; resolves with the content of its reply when it has ended and all its outputs have been handed to
   * `onMessage`. An error in the code is a reply of status `"error"`, not a rejection.
   *
   * @param code The code of one cell.
   * @param timeout Longest time for it, in seconds.
   * @param onMessage Called with each output message, also with those that come after the end.
   * @throws CellTimeout when it does not end (it is still running then); KernelDied when the kernel ended first.
   */
  async execute(code: string, timeout: number, onMessage: (message: Message) => void): Promise<Content> {
    const request = {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    };
    let last = 0;
    const reply = await this.#request("execute_request", request, {
      timeout,
      untilIdle: true,
      onMessage: (message) => {
        last = performance.now();
        onMessage(message);
      },
    });
    // Deno's kernel sends some outputs after the `idle` status that should follow them all.
    const begin = performance.now();
    for (let quiet = 0; quiet < SILENCE; quiet = performance.now() - Math.max(last, begin)) {
      if (performance.now() - begin > LONGEST_SETTLING) break;
      await Promise.race([delay(SILENCE - quiet), this.#lost.promise]);
    }
    return reply.content;
  }

  /** Asks the kernel to interrupt what it is doing; resolves with its answer, which comes before any effect is seen. */
  async interrupt(): Promise<void> {
    await this.#request("interrupt_request", {}, { timeout: 30, untilIdle: false, channel: "control" });
  }

  /** Asks the kernel to shut down, kills it when it does not, and returns when the process is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#control !== undefined) {
      const request = { timeout: 1, untilIdle: false, channel: "control" } as const;
      await this.#request("shutdown_request", { restart: false }, request).catch(() => {});
    }
    const ended = this.#child.status.then(() => true);
    const patience = this.#control === undefined ? 0 : 500;
    if (!await Promise.race([ended, delay(patience, false)])) this.kill();
    await ended;
    this.kill();
    await Promise.all(this.#logReaders.map((reader) => reader.cancel().catch(() => {})));
  }

  /** Kills the process at once and removes its connection file; harmless when that has happened already. */
  kill(): void {
    this.#stopping = true;
    if (this.#killed) return;
    this.#killed = true;
    this.#withdraw();
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It had ended already.
    }
    for (const socket of this.#sockets) socket.close();
    Deno.removeSync(this.#folder, { recursive: true });
  }
}
