/** A peer of a bench: a process that takes steps when it is told to and answers with milliseconds. */
import { EphemeraError } from "../core/mod.ts";

/** What a peer says of itself in its first line. */
export interface PeerFacts {
  /** Name and version. */
  peer: string;
  /** How it was compiled, as far as it says. */
  flags: string;
}

/** One answer of a peer. */
interface Answer extends Partial<PeerFacts> {
  setting?: Record<string, unknown>;
  ms?: number;
  error?: string;
}

/** A running peer; see `tests/peers/bench_protocol.py` for its side. */
export class BenchPeer {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";
  /** What it said of itself. */
  facts: PeerFacts = { peer: "", flags: "" };

  private constructor(command: string, args: string[], env: Record<string, string>) {
    this.#process = new Deno.Command(command, {
      args,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#reader = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Starts a peer and waits for its first line. Throws when it ends before. */
  static async start(command: string, args: string[], env: Record<string, string> = {}): Promise<BenchPeer> {
    const peer = new BenchPeer(command, args, env);
    try {
      const { peer: name = command, flags = "" } = await peer.#answer();
      peer.facts = { peer: name, flags };
      return peer;
    } catch (error) {
      await peer.stop();
      throw error;
    }
  }

  /** Makes the case ready, with the fastest setting of the peer for so many threads at most; returns that setting. */
  async prepare(benchCase: unknown, threads: number): Promise<Record<string, unknown>> {
    return (await this.#ask({ prepare: benchCase, threads })).setting ?? {};
  }

  /** Takes one step of the prepared case; returns its milliseconds. */
  async run(): Promise<number> {
    return (await this.#ask({ run: true })).ms ?? NaN;
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#process.status;
  }

  async #ask(request: unknown): Promise<Answer> {
    await this.#writer.write(new TextEncoder().encode(JSON.stringify(request) + "\n"));
    return await this.#answer();
  }

  async #answer(): Promise<Answer> {
    while (!this.#text.includes("\n")) {
      const { value, done } = await this.#reader.read();
      if (done) this.#refuse("its end");
      this.#text += value;
    }
    const end = this.#text.indexOf("\n"), line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    const answer: Answer = JSON.parse(line);
    if (answer.error !== undefined) this.#refuse(answer.error);
    return answer;
  }

  #refuse(found: string): never {
    throw new EphemeraError({ expected: "an answer", found, where: `peer ${this.facts.peer}` });
  }
}

/** Whether that Python can import the module. */
export async function pythonHas(python: string, module: string): Promise<boolean> {
  const code = `import importlib.util, sys; sys.exit(importlib.util.find_spec("${module}") is None)`;
  try {
    const { success } = await new Deno.Command(python, {
      args: ["-c", code],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

/** The first of the Pythons that can import the module, or undefined. */
export async function pythonWith(
  pythons: readonly string[],
  module: string,
): Promise<string | undefined> {
  for (const python of pythons) if (await pythonHas(python, module)) return python;
  return undefined;
}

/**
 * The Pythons to look for peers in: those given, else those in `EPHEMERA_PEERS`, separated as in `PATH`. A folder is
 * taken for a virtual environment.
 */
export function peerPythons(given: readonly string[] | undefined): string[] {
  const separator = Deno.build.os === "windows" ? ";" : ":";
  const paths = given ??
    (Deno.env.get("EPHEMERA_PEERS") ?? "").split(separator).filter((path) => path !== "");
  const inside = Deno.build.os === "windows" ? "Scripts/python.exe" : "bin/python";
  return paths.map((path) => {
    try {
      return Deno.statSync(path).isDirectory ? `${path}/${inside}` : path;
    } catch {
      return path;
    }
  });
}
