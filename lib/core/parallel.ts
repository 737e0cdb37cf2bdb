import type { ProgressReporter } from "./progress.ts";
import { type Answer, itemError, startWorkers, workerError } from "./workers.ts";

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
  signal?.throwIfAborted();
  const count = Math.min(options.workers ?? globalThis.navigator?.hardwareConcurrency ?? 1, items.length);
  const results = new Array<Result>(items.length);
  let done = 0;
  const finished = (index: number, result: Result) => {
    results[index] = result;
    done++;
    progress?.update(done, items.length);
  };
  const workers = count > 1 ? startWorkers(count) : [];
  if (workers.length > 0 && await runOnWorkers(workers, { module, name, items, shared, signal, finished })) {
    return results;
  }
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

/** What {@link runOnWorkers} is to do. */
interface WorkerTask<Item, Result> {
  module: string;
  name: string;
  items: readonly Item[];
  shared: unknown;
  signal: AbortSignal | undefined;
  /** Told of each result. */
  finished: (index: number, result: Result) => void;
}

/** Runs all items and ends the workers. Resolves to false, with no item begun, when none of them could load. */
async function runOnWorkers<Item, Result>(
  workers: readonly Worker[],
  task: WorkerTask<Item, Result>,
): Promise<boolean> {
  const { module, name, items, shared, signal, finished } = task;
  let next = 0, done = 0, loading = workers.length, loaded = 0;
  let stop = () => {};
  try {
    return await new Promise<boolean>((resolve, reject) => {
      stop = () => reject(signal?.reason);
      signal?.addEventListener("abort", stop);
      for (const worker of workers) {
        let ready = false;
        const feed = () => {
          if (next < items.length) worker.postMessage({ index: next, item: items[next++] });
          else if (done === items.length) resolve(true);
        };
        worker.onmessage = ({ data }: MessageEvent<Answer<Result>>) => {
          if ("error" in data) return reject(itemError(name, data.index, data.error));
          if ("ready" in data) {
            ready = true;
            loading--;
            loaded++;
          } else {
            finished(data.index, data.result);
            done++;
          }
          feed();
        };
        worker.onerror = (event) => {
          event.preventDefault();
          if (!ready) {
            // It may not read its own module, for instance; the others, or the calling thread, take its share.
            if (--loading === 0 && loaded === 0) resolve(false);
            return;
          }
          reject(
            workerError(name, module, event.message),
          );
        };
        worker.postMessage({ module, name, shared });
      }
    });
  } finally {
    signal?.removeEventListener("abort", stop);
    for (const worker of workers) worker.terminate();
  }
}
