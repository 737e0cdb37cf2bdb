import { EphemeraError } from "./error.ts";
import type { ProgressReporter } from "./progress.ts";

/** Options of {@link parallelMap}. */
export interface ParallelOptions {
  /** How many workers at most. Default: the number of cores. 0 or 1 runs everything on the calling thread. */
  workers?: number;
  /** Told after each finished item. */
  progress?: ProgressReporter;
  /** Stops the work: the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** What every worker gets once, before its first item, as the function's second argument. */
  shared?: unknown;
}

/**
 * Calls the function `name`, exported by the module at `module`, once for each item, on several workers, and resolves to
 * the results in the order of the items. Item, shared data and result cross by structured clone. The function is
 * `(item, shared) => result`, or a promise of one. The result never depends on the number of workers as long as the
 * function depends on its arguments alone.
 *
 * Where no worker can be started, the work runs on the calling thread.
 *
 * @param module address of the module (`import.meta.resolve("./work.ts")`).
 * @throws the first error of the function, with the number of the item.
 */
export async function parallelMap<Item, Result>(
  module: string,
  name: string,
  items: readonly Item[],
  options: ParallelOptions = {},
): Promise<Result[]> {
  const { progress, signal, shared } = options;
  const count = Math.min(options.workers ?? globalThis.navigator?.hardwareConcurrency ?? 1, items.length);
  const workers = count > 1 ? startWorkers(count) : [];
  signal?.throwIfAborted();
  const results = new Array<Result>(items.length);
  let next = 0, done = 0;
  const finished = (index: number, result: Result) => {
    results[index] = result;
    done++;
    progress?.update(done, items.length);
  };
  if (workers.length === 0) {
    const work = (await import(module))[name] as (item: Item, shared: unknown) => Result | Promise<Result>;
    for (let i = 0; i < items.length; i++) {
      signal?.throwIfAborted();
      try {
        finished(i, await work(items[i], shared));
      } catch (error) {
        throw itemError(name, i, error);
      }
    }
    return results;
  }
  try {
    await new Promise<void>((resolve, reject) => {
      if (signal) signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      for (const worker of workers) {
        const feed = () => {
          if (next < items.length) worker.postMessage({ index: next, item: items[next++] });
          else if (done === items.length) resolve();
        };
        worker.onmessage = ({ data }: MessageEvent<{ index: number; result: Result; error?: unknown }>) => {
          if ("error" in data) return reject(itemError(name, data.index, data.error));
          finished(data.index, data.result);
          feed();
        };
        worker.onerror = (event) => {
          event.preventDefault();
          reject(
            new EphemeraError({
              expected: `a worker that runs ${name}`,
              found: event.message,
              where: module,
              remedy: "run with workers: 1 to see the error where it happens",
            }),
          );
        };
        worker.postMessage({ module, name, shared });
        feed();
      }
    });
  } finally {
    for (const worker of workers) worker.terminate();
  }
  return results;
}

function startWorkers(count: number): Worker[] {
  const workers: Worker[] = [];
  try {
    for (let i = 0; i < count; i++) {
      workers.push(new Worker(import.meta.resolve("./parallel_worker.ts"), { type: "module" }));
    }
  } catch {
    // Some hosts refuse workers; the calling thread then does the work alone.
    for (const worker of workers) worker.terminate();
    return [];
  }
  return workers;
}

function itemError(name: string, index: number, cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new Error(`${name} failed on item ${index}: ${message}`, { cause });
}
