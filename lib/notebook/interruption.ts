/**
 * Interrupting a cell that awaits. Deno's kernel ends an interrupted cell only while it computes without a pause; one
 * that has begun to await would hang for ever. The project's kernel process therefore asks the code in the kernel first:
 * it puts a file where this side looks, and this side takes it away. A file, because loops that never pause, in which no
 * message would be received, can look for one.
 */
import process from "node:process";

/** What an interrupted cell ends with. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor() {
    super("The cell was interrupted.");
  }
}

/** Set by the project's kernel process for its kernel: the file that it asks by. */
const VARIABLE = "EPHEMERA_INTERRUPT";
/** Time between two looks at least, in milliseconds. */
const INTERVAL = 100;

let count = 0;
let question: string | undefined;
let lastLook = -Infinity;
const waiting = new Set<() => void>();

/** Looks for a question, at most every {@link INTERVAL}; takes it away and counts it when there is one. */
function look(): void {
  if (question === undefined || performance.now() - lastLook < INTERVAL) return;
  lastLook = performance.now();
  try {
    Deno.removeSync(question);
  } catch {
    // There was none.
    return;
  }
  count++;
  for (const end of [...waiting]) end();
}

/** How many interrupts this kernel has seen. Work that began at one count and finds another has been interrupted. */
export function interruptionCount(): number {
  look();
  return count;
}

/** Throws {@link Interrupted} when there was an interrupt since `begin`, a value of {@link interruptionCount}. */
export function throwIfInterrupted(begin: number): void {
  if (interruptionCount() !== begin) throw new Interrupted();
}

/**
 * Resolves or rejects as `work` does, or rejects with {@link Interrupted} as soon as the user interrupts the cell. The
 * work itself goes on unless it notices, too: pass it a progress display, whose updates throw after an interrupt.
 *
 * @example
 * ```ts
 * import { interruptible } from "ephemera/notebook";
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
 * Looks for questions of the kernel process from now on. Does nothing outside of the project's kernel, and nothing when
 * called again.
 */
export function listenForInterrupts(): void {
  if (question !== undefined) return;
  const file = process.env[VARIABLE];
  if (file === undefined || file === "") return;
  try {
    // This tells the other side that it is worth asking.
    Deno.writeTextFileSync(`${file}.listening`, "");
  } catch {
    // The kernel process is gone, or the variable was inherited: a notebook works without being interruptible.
    return;
  }
  question = file;
  Deno.unrefTimer(setInterval(look, INTERVAL));
}
