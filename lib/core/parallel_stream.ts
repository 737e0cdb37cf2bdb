import { type Answer, itemError, startWorkers, workerError } from "./workers.ts";

/** Options of {@link parallelStream}. */
export interface ParallelStreamOptions {
  /** How many workers at most. Default: the number of cores. 0 or 1 runs everything on the calling thread. */
  workers?: number;
  /** Results that may wait to be taken, for each worker. Default 2. */
  ahead?: number;
  /** What every worker gets once, before its first item, as the function's second argument. */
  shared?: unknown;
  /** Stops the work: the generator throws the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Calls the function `name`, exported by the module at `module`, once for each item, on several workers, and yields the
 * results in the order of the items as they come. Like `parallelMap`, but items are taken one by one from where they come and
 * results are handed on at once: memory holds a few of either, however many there are. Nothing runs ahead of the
 * reader by more than `ahead` results a worker.
 *
 * Where no worker can be started, the work runs on the calling thread. Workers end with the generator, also when it is left early.
 *
 * @param module address of the module (`import.meta.resolve("./work.ts")`).
 * @throws the first error of the function, with the number of the item.
 */
export async function* parallelStream<Item, Result>(
  module: string,
  name: string,
  items: Iterable<Item>,
  options: ParallelStreamOptions = {},
): AsyncGenerator<Result, void, undefined> {
  const { ahead = 2, shared, signal } = options;
  signal?.throwIfAborted();
  const count = options.workers ?? globalThis.navigator?.hardwareConcurrency ?? 1;
  const source = items[Symbol.iterator]();
  const workers = count > 1 ? startWorkers(count) : [];
  if (workers.length === 0) {
    yield* onThisThread<Item, Result>(module, name, source, shared, signal);
    return;
  }
  const finished = new Map<number, Result>(), idle: Worker[] = [];
  let taken = 0,
    given = 0,
    exhausted = false,
    alive = workers.length,
    failure: { error: unknown } | undefined;
  let wake = () => {};
  const fail = (error: unknown) => {
    failure ??= { error };
    wake();
  };
  const feed = () => {
    while (idle.length > 0 && !exhausted && taken - given < ahead * alive) {
      const next = source.next();
      if (next.done) exhausted = true;
      else idle.pop()!.postMessage({ index: taken++, item: next.value });
    }
  };
  const stop = () => fail(signal?.reason);
  signal?.addEventListener("abort", stop);
  const loaded = new Set<Worker>();
  try {
    for (const worker of workers) {
      worker.onmessage = ({ data }: MessageEvent<Answer<Result>>) => {
        if ("error" in data) return fail(itemError(name, data.index, data.error));
        if ("ready" in data) loaded.add(worker);
        else finished.set(data.index, data.result);
        idle.push(worker);
        wake();
      };
      worker.onerror = (event) => {
        event.preventDefault();
        if (!loaded.has(worker)) {
          // It may not read its own module, for instance; the others, or the calling thread, take its share.
          alive--;
          wake();
          return;
        }
        fail(
          workerError(name, module, event.message),
        );
      };
      worker.postMessage({ module, name, shared });
    }
    for (;;) {
      if (failure) throw failure.error;
      if (alive === 0) break;
      feed();
      if (finished.has(given)) {
        const result = finished.get(given)!;
        finished.delete(given++);
        yield result;
        continue;
      }
      if (exhausted && given === taken) return;
      await new Promise<void>((resolve) => wake = resolve);
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    for (const worker of workers) worker.terminate();
    if (alive > 0) source.return?.();
  }
  yield* onThisThread<Item, Result>(module, name, source, shared, signal);
}

async function* onThisThread<Item, Result>(
  module: string,
  name: string,
  source: Iterator<Item>,
  shared: unknown,
  signal: AbortSignal | undefined,
): AsyncGenerator<Result, void, undefined> {
  const work = (await import(module))[name] as (item: Item, shared: unknown) => Result | Promise<Result>;
  let index = 0;
  try {
    for (let next = source.next(); !next.done; next = source.next(), index++) {
      signal?.throwIfAborted();
      let result: Result;
      try {
        result = await work(next.value, shared);
      } catch (error) {
        throw itemError(name, index, error);
      }
      yield result;
    }
  } finally {
    source.return?.();
  }
}
