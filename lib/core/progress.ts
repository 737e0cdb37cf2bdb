import process from "node:process";

/** Where long work says how far it is. Every loop of the library that may last seconds takes one. */
export interface ProgressReporter {
  /** `done` of `total` units are finished; `message` says in a few words what the work is at. */
  update(done: number, total: number, message?: string): void;
  /** The work has ended; `message` is what stays to be read. */
  finish(message?: string): void;
}

/** A reporter that says nothing. */
export const silent: ProgressReporter = { update() {}, finish() {} };

/** Options of {@link textProgress}. */
export interface TextProgressOptions {
  /** What the work is called, at the head of each line. */
  label: string;
  /** Receives each piece of text. Default: standard error. */
  write?: (text: string) => void;
  /** Whether lines may be drawn over. Default: whether standard error is a terminal. */
  interactive?: boolean;
  /** Clock in milliseconds, for tests. Default: `performance.now`. */
  now?: () => number;
}

/**
 * Returns a reporter for a terminal (one line drawn over, at most ten times a second) or, where that is no terminal,
 * for a log (one plain line every ten per cent). After `finish` it begins anew, for work in several stages.
 *
 * @example
 * ```ts
 * import { textProgress } from "ephemera/core";
 * import assert from "node:assert/strict";
 * const lines: string[] = [];
 * const progress = textProgress({ label: "train", write: (line) => lines.push(line), interactive: false });
 * for (let i = 1; i <= 100; i++) progress.update(i, 100);
 * progress.finish("done");
 * assert.equal(lines.length, 11);
 * ```
 */
export function textProgress(options: TextProgressOptions): ProgressReporter {
  const { label, now = () => performance.now() } = options;
  const interactive = options.interactive ?? Boolean(process.stderr.isTTY);
  const write = options.write ?? ((text: string) => void process.stderr.write(text));
  let start = now(), lastDrawn = -Infinity, lastTenth = 0;
  return {
    update(done, total, message = "") {
      const fraction = total > 0 ? done / total : 1, seconds = (now() - start) / 1000;
      const left = fraction > 0 ? seconds * (1 - fraction) / fraction : NaN;
      const line = `${label} ${(100 * fraction).toFixed(0)} % (${done}/${total})` +
        (Number.isFinite(left) && fraction < 1 ? `, ${duration(left)} left` : "") +
        (message ? `, ${message}` : "");
      if (interactive) {
        if (now() - lastDrawn < 100 && done < total) return;
        lastDrawn = now();
        write(`\r\x1b[2K${line}`);
      } else if (Math.floor(fraction * 10 + 1e-9) > lastTenth) {
        lastTenth = Math.floor(fraction * 10 + 1e-9);
        write(`${line}\n`);
      }
    },
    finish(message) {
      if (interactive) write("\r\x1b[2K");
      if (message !== undefined) write(`${label}: ${message}\n`);
      start = now();
      lastDrawn = -Infinity;
      lastTenth = 0;
    },
  };
}

/** Returns a duration for people: `"42 s"`, `"3 min 05 s"`, `"2 h 10 min"`. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, "0")} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")} min`;
}
