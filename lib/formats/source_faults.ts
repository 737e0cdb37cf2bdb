/** The faults that every reader of files and streams tells in the same words. */
import { EphemeraError } from "../core/mod.ts";

/** Returns the error of a gzip stream that broke off; an error that already says what is wrong stays as it is. */
export function gzipFault(cause: unknown, where: string): unknown {
  if (cause instanceof EphemeraError) return cause;
  return new EphemeraError({
    expected: "a complete gzip file",
    found: "one that ends early or is damaged",
    where,
    remedy: "fetch the file again",
    cause,
  });
}

/** Returns the error of a file that could not be opened; other causes than its absence stay as they are. */
export function openingFault(cause: unknown, where: string): unknown {
  if (!(cause instanceof Deno.errors.NotFound)) return cause;
  return new EphemeraError({ expected: "a file", found: "none", where, remedy: "check the path", cause });
}
