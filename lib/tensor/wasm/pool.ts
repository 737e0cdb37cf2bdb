import { Worker } from "node:worker_threads";
import { EphemeraError } from "../../core/mod.ts";
import {
  CONTROL_BYTES,
  DONE,
  END,
  FAILED,
  FIRST_SLOT,
  MAXIMUM_ARGUMENTS,
  NEXT,
  READY,
  SLOT_BYTES,
  SLOTS,
  SPINS,
  STOP,
} from "./control.ts";
import type { Heap } from "./heap.ts";
import type { KernelExports } from "./module.ts";
import type { WorkerStart } from "./worker.ts";

/**
 * Threads that share the kernels' memory. They are started at the first parallel call and sleep between calls.
 *
 * Which thread runs a task does not matter for its result: a task is a function with its arguments, and the caller
 * decides the division into tasks. So a call does not wait for workers that have not started yet, and the result is the
 * same when they never do.
 */
export class Pool {
  readonly #heap: Heap;
  readonly #module: WebAssembly.Module;
  readonly #exports: KernelExports;
  readonly #identifier: Map<string, number>;
  readonly #workers: Worker[] = [];
  #size: number;
  #control = 0;
  #words: Int32Array = new Int32Array(0);
  #slots: Int32Array = new Int32Array(0);
  #numbers: Float64Array = new Float64Array(0);

  /** @param threads number of threads, the calling one included. */
  constructor(heap: Heap, module: WebAssembly.Module, exports: KernelExports, threads: number) {
    this.#heap = heap;
    this.#module = module;
    this.#exports = exports;
    this.#size = threads;
    this.#identifier = new Map(Object.keys(exports).sort().map((name, index) => [name, index]));
  }

  /** Number of workers that are running. */
  get ready(): number {
    return this.#control === 0 ? 0 : Atomics.load(this.#words, READY);
  }

  #start(): void {
    const control = this.#heap.allocate(CONTROL_BYTES);
    const { buffer } = this.#heap.memory;
    this.#control = control;
    this.#words = new Int32Array(buffer, control, FIRST_SLOT / 4).fill(0);
    this.#slots = new Int32Array(buffer, control + FIRST_SLOT, SLOTS * SLOT_BYTES / 4);
    this.#numbers = new Float64Array(buffer, control + FIRST_SLOT, SLOTS * SLOT_BYTES / 8);
    // A thread that is still alive while the process tears itself down may touch what is gone.
    addEventListener("unload", this.#stop);
    const workerData: WorkerStart = { memory: this.#heap.memory, module: this.#module, control };
    try {
      for (let i = 1; i < this.#size; i++) {
        const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData });
        // The calling thread does the tasks of a worker that never comes, so that this is no error.
        worker.on(
          "error",
          (error) => console.warn(`wasm backend: a worker did not start (${error.message})`),
        );
        // A sleeping worker must not keep the process alive.
        worker.unref();
        this.#workers.push(worker);
      }
    } catch (cause) {
      this.#size = 1 + this.#workers.length;
      console.warn(
        `wasm backend: ${this.#size} thread(s) instead of more, a worker did not start (${cause})`,
      );
    }
  }

  /**
   * Calls the exported function `name` once for each list of arguments, in parallel, and returns when all are done. The
   * first list is always run by the calling thread.
   */
  run(name: string, calls: readonly (readonly number[])[]): void {
    const kernel = this.#exports[name];
    if (calls.length <= 1 || this.#size === 1) {
      for (const args of calls) kernel(...args);
      return;
    }
    if (this.#control === 0) this.#start();
    for (let from = 0; from < calls.length; from += SLOTS) {
      this.#runBatch(
        name,
        kernel,
        from === 0 && calls.length <= SLOTS ? calls : calls.slice(from, from + SLOTS),
      );
    }
  }

  #runBatch(
    name: string,
    kernel: (...args: number[]) => number,
    calls: readonly (readonly number[])[],
  ): void {
    const words = this.#words, slots = this.#slots, numbers = this.#numbers;
    const identifier = this.#identifier.get(name)!;
    const first = Atomics.load(words, END);
    for (let i = 1; i < calls.length; i++) {
      const slot = (first + i) & (SLOTS - 1), args = calls[i];
      if (args.length > MAXIMUM_ARGUMENTS) {
        throw new EphemeraError({
          expected: `at most ${MAXIMUM_ARGUMENTS} arguments`,
          found: `${args.length}`,
          where: `kernel ${name}`,
        });
      }
      slots[slot * (SLOT_BYTES / 4)] = identifier;
      slots[slot * (SLOT_BYTES / 4) + 1] = args.length;
      const at = slot * (SLOT_BYTES / 8) + 1;
      for (let j = 0; j < args.length; j++) numbers[at + j] = args[j];
    }
    // The caller's own task is taken before the others are offered.
    Atomics.store(words, NEXT, (first + 1) | 0);
    const end = (first + calls.length) | 0;
    Atomics.store(words, END, end);
    Atomics.notify(words, END, calls.length - 1);
    let failure: unknown;
    const attempt = (args: readonly number[]) => {
      try {
        kernel(...args);
      } catch (error) {
        failure ??= error;
      }
      Atomics.add(words, DONE, 1);
    };
    attempt(calls[0]);
    for (;;) {
      const ticket = Atomics.load(words, NEXT);
      if (((end - ticket) | 0) <= 0) break;
      if (Atomics.compareExchange(words, NEXT, ticket, (ticket + 1) | 0) === ticket) {
        attempt(calls[(ticket - first) | 0]);
      }
    }
    let spins = SPINS;
    for (let done; (done = Atomics.load(words, DONE)) !== end;) {
      if (spins-- <= 0) Atomics.wait(words, DONE, done);
    }
    if (failure !== undefined) throw failure;
    if (Atomics.exchange(words, FAILED, 0) !== 0) {
      throw new EphemeraError({
        expected: `kernel ${name} to finish`,
        found: "a trap in a worker",
        where: "wasm backend",
      });
    }
  }

  /** Asks the workers to end and waits for them, at most a twentieth of a second. */
  readonly #stop = (): void => {
    if (this.#control === 0) return;
    Atomics.store(this.#words, STOP, 1);
    const deadline = performance.now() + 50;
    for (let running; (running = Atomics.load(this.#words, READY)) > 0 && performance.now() < deadline;) {
      // Again and again: a worker that was about to sleep misses a single call.
      Atomics.notify(this.#words, END);
      Atomics.wait(this.#words, READY, running, 1);
    }
  };

  /** Ends the workers. The pool starts new ones at the next parallel call. */
  async close(): Promise<void> {
    if (this.#control === 0) return;
    removeEventListener("unload", this.#stop);
    this.#stop();
    const control = this.#control;
    this.#control = 0;
    await Promise.all(this.#workers.splice(0).map((worker) => worker.terminate()));
    this.#heap.free(control);
  }
}
