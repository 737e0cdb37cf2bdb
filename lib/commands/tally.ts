/** The last words of every command that checks something: what was skipped, what failed, and the three counts. */

/** What has been checked so far, by name. */
export class Tally {
  passed = 0;
  readonly failed: string[] = [];
  readonly skipped: string[] = [];

  /** Counts one check. */
  add(name: string, status: "passed" | "failed" | "skipped"): void {
    if (status === "passed") this.passed++;
    else this[status].push(name);
  }

  /** The names of what failed and what was skipped, a line each, then the counts alone on the last line. */
  toString(): string {
    return [
      ...this.failed.map((name) => `failed: ${name}`),
      ...this.skipped.map((name) => `skipped: ${name}`),
      `${this.passed} passed, ${this.failed.length} failed, ${this.skipped.length} skipped`,
    ].join("\n");
  }
}
