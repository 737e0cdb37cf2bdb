// One thread of the pool: takes tasks from the control block, sleeps when there is none. It is started by pool.ts.
import { parentPort, workerData } from "node:worker_threads";
import { DONE, END, FAILED, FIRST_SLOT, NEXT, READY, SLOT_BYTES, SLOTS, SPINS, STOP } from "./control.ts";

/** What the pool hands to a thread when it starts it. */
export interface WorkerStart {
  memory: WebAssembly.Memory;
  module: WebAssembly.Module;
  control: number;
}

function work({ memory, module, control }: WorkerStart): void {
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as Record<
    string,
    (...args: number[]) => number
  >;
  const functions = Object.keys(exports).sort().map((name) => exports[name]);
  const words = new Int32Array(memory.buffer, control, FIRST_SLOT / 4);
  const slots = new Int32Array(memory.buffer, control + FIRST_SLOT, SLOTS * SLOT_BYTES / 4);
  const numbers = new Float64Array(memory.buffer, control + FIRST_SLOT, SLOTS * SLOT_BYTES / 8);
  Atomics.add(words, READY, 1);
  while (Atomics.load(words, STOP) === 0) {
    const end = Atomics.load(words, END);
    const ticket = Atomics.load(words, NEXT);
    if (((end - ticket) | 0) > 0) {
      if (Atomics.compareExchange(words, NEXT, ticket, (ticket + 1) | 0) !== ticket) continue;
      const slot = ticket & (SLOTS - 1), word = slot * (SLOT_BYTES / 4), first = slot * (SLOT_BYTES / 8) + 1;
      try {
        functions[slots[word]](...numbers.subarray(first, first + slots[word + 1]));
      } catch {
        Atomics.store(words, FAILED, 1);
      }
      Atomics.add(words, DONE, 1);
      Atomics.notify(words, DONE);
      continue;
    }
    let spins = SPINS;
    while (spins-- > 0 && Atomics.load(words, END) === end);
    if (Atomics.load(words, END) === end) Atomics.wait(words, END, end);
  }
  Atomics.sub(words, READY, 1);
  Atomics.notify(words, READY);
}

if (parentPort && workerData) work(workerData as WorkerStart);
