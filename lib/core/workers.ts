/** What `parallelMap` and `parallelStream` share: starting workers, what these say, and how their failures are told. */
import { EphemeraError } from "./error.ts";

/** What a worker says: first that it has loaded, then one result or error an item. */
export type Answer<Result> =
  | { ready: true }
  | { index: number; result: Result }
  | { index: number; error: unknown };

/** Returns that many workers, or none where the host refuses them; the calling thread then does the work alone. */
export function startWorkers(count: number): Worker[] {
  const workers: Worker[] = [];
  try {
    for (let i = 0; i < count; i++) {
      workers.push(new Worker(import.meta.resolve("./parallel_worker.ts"), { type: "module" }));
    }
  } catch {
    for (const worker of workers) worker.terminate();
    return [];
  }
  return workers;
}

/** Returns the error of a function that failed on one item. */
export function itemError(name: string, index: number, cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new Error(`${name} failed on item ${index}: ${message}`, { cause });
}

/** Returns the error of a worker that broke down after it had loaded. */
export function workerError(name: string, module: string, message: string): EphemeraError {
  return new EphemeraError({
    expected: `a worker that runs ${name}`,
    found: message,
    where: module,
    remedy: "run with workers: 1 to see the error where it happens",
  });
}
