/** What an {@link EphemeraError} is made of. */
export interface ErrorFacts {
  /** What the code needed, e.g. `"ascending times"`. */
  expected: string;
  /** What it got instead, e.g. `"time 3.5 after 4.1"`. */
  found: string;
  /** Where: a file, an object identifier, a row, an argument name. */
  where?: string;
  /** What the reader can do about it, as one imperative sentence without its full stop. */
  remedy?: string;
  /** The error that led to this one. */
  cause?: unknown;
}

/**
 * The one error type for bad input: a sentence that says what was expected, what was found, where, and what to do.
 *
 * @example
 * ```ts
 * import { EphemeraError } from "ephemera/core";
 * import assert from "node:assert/strict";
 * const error = new EphemeraError({ expected: "a positive period", found: "-1", where: "object 42", remedy: "drop it" });
 * assert.equal(error.message, "Expected a positive period, found -1 (object 42). To mend it: drop it.");
 * ```
 */
export class EphemeraError extends Error {
  override readonly name: string = "EphemeraError";
  readonly expected: string;
  readonly found: string;
  readonly where?: string;
  readonly remedy?: string;

  constructor(facts: ErrorFacts) {
    const place = facts.where === undefined ? "" : ` (${facts.where})`;
    const help = facts.remedy === undefined ? "" : ` To mend it: ${facts.remedy}.`;
    super(
      `Expected ${facts.expected}, found ${facts.found}${place}.${help}`,
      facts.cause === undefined ? undefined : { cause: facts.cause },
    );
    this.expected = facts.expected;
    this.found = facts.found;
    this.where = facts.where;
    this.remedy = facts.remedy;
  }
}

/** Throws an {@link EphemeraError} with `facts` unless `condition` holds. */
export function demand(condition: unknown, facts: ErrorFacts | (() => ErrorFacts)): asserts condition {
  if (!condition) throw new EphemeraError(typeof facts === "function" ? facts() : facts);
}
