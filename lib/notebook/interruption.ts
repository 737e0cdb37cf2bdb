/**
 * Interrupting a cell that awaits. Deno's kernel ends an interrupted cell only while it computes without a pause; one
 * that has begun to await would hang for ever. The project's kernel process therefore asks the code in the kernel first,
 * over a connection on the loopback address; this is the side that is asked.
 */
import process from "node:process";

/** What an interrupted cell ends with. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor() {
    super("The cell was interrupted.");
  }
}

/** Set by the project's kernel process for its kernel: a port and a secret word. */
const VARIABLE = "EPHEMERA_INTERRUPT";

let count = 0;
let listening = false;
const waiting = new Set<() => void>();

/** How many interrupts this kernel has seen. Work that began at one count and finds another has been interrupted. */
export function interruptionCount(): number {
  return count;
}

/** Throws {@link Interrupted} when there was an interrupt since `begin`, a value of {@link interruptionCount}. */
export function throwIfInterrupted(begin: number): void {
  if (count !== begin) throw new Interrupted();
}

/** Counts an interrupt and ends what {@link interruptible} waits for. */
export function interrupt(): void {
  count++;
  for (const end of [...waiting]) end();
}

/**
 * Resolves or rejects as `work` does, or rejects with {@link Interrupted} as soon as the user interrupts the cell. The
 * work itself goes on unless it notices, too: pass it a progress display, whose updates throw after an interrupt.
 *
 * @example
 * ```ts
 * import { interruptible } from "../../lib/notebook/interruption.ts";
 * import assert from "node:assert/strict";
 * assert.equal(await interruptible(Promise.resolve(7)), 7);
 * ```
 */
export function interruptible<T>(work: Promise<T>): Promise<T> {
  const interrupted = Promise.withResolvers<never>();
  const end = () => interrupted.reject(new Interrupted());
  waiting.add(end);
  return Promise.race([work, interrupted.promise]).finally(() => waiting.delete(end));
}

/**
 * Connects to the kernel process and answers its questions from then on. Does nothing, whatever the reason, outside of
 * the project's kernel, and nothing when called again.
 */
export function listenForInterrupts(): void {
  if (listening) return;
  const [port, word] = (process.env[VARIABLE] ?? "").split(" ");
  if (word === undefined) return;
  listening = true;
  // A notebook works without this; it only cannot be interrupted while it awaits.
  answer(Number(port), word).catch(() => {});
}

async function answer(port: number, word: string): Promise<void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  connection.unref();
  const write = async (text: string) => {
    const bytes = new TextEncoder().encode(text);
    for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
  };
  await write(`${word}\n`);
  const buffer = new Uint8Array(256);
  for (let got = await connection.read(buffer); got !== null; got = await connection.read(buffer)) {
    // One byte a question; what it says does not matter.
    for (let asked = 0; asked < got; asked++) {
      interrupt();
      await write("\n");
    }
  }
}
