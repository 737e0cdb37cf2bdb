import { type ProgressReporter, textProgress } from "../core/mod.ts";
import { escapeHtml } from "./format.ts";
import { interruptionCount, throwIfInterrupted } from "./interruption.ts";
import { currentKernel, type Kernel } from "./kernel.ts";

/** Options of {@link progressDisplay}. */
export interface ProgressDisplayOptions {
  /** What the work is called. */
  label: string;
  /** Milliseconds between two redraws at least. Default 200. */
  interval?: number;
  /** Kernel to draw in. Default: the one this code runs in, if any. */
  kernel?: Kernel;
  /** Clock in milliseconds, for tests. Default `performance.now`. */
  now?: () => number;
}

/** A progress bar in a notebook. */
export interface NotebookProgress extends ProgressReporter {
  /** Resolves when everything drawn so far has been sent; await it after `finish` at the end of a cell. */
  settled(): Promise<void>;
}

/** Two bars of one notebook must not share an identifier, nor two runs of the same cell. */
let bars = 0;

/**
 * Returns a progress bar that moves inside the notebook, at most five times a second. When the work ends the bar is
 * replaced by one short line, the message of `finish` or the plain count, so that a saved notebook carries neither
 * bars nor timings. Outside of a kernel it is a terminal's progress line. After an interrupt of the cell its `update`
 * throws, which ends the work.
 *
 * @example
 * ```ts
 * import { progressDisplay } from "ephemera/notebook";
 * const progress = progressDisplay({ label: "Training" });
 * for (let epoch = 1; epoch <= 3; epoch++) progress.update(epoch, 3, "loss 0.1");
 * progress.finish("3 epochs");
 * await progress.settled();
 * ```
 */
export function progressDisplay(options: ProgressDisplayOptions): NotebookProgress {
  const { label, interval = 200, now = () => performance.now(), kernel = currentKernel() } = options;
  if (kernel === undefined) return { ...textProgress({ label }), settled: () => Promise.resolve() };
  const identifier = `ephemera-progress-${Date.now().toString(36)}-${++bars}`;
  const begin = interruptionCount();
  let drawn = false, last = -Infinity, total = 0, sent: Promise<unknown> = Promise.resolve();
  const draw = (data: Record<string, string>) => {
    const type = drawn ? "update_display_data" : "display_data";
    drawn = true;
    // Not `display`, which begins to send only when the running code pauses: a training loop may never do so.
    const send = async () =>
      await kernel.broadcast(type, { data, metadata: {}, transient: { display_id: identifier } });
    // A failed redraw is not worth stopping the work.
    sent = Promise.all([sent, send().catch(() => {})]);
  };
  return {
    update(done, of, message = "") {
      throwIfInterrupted(begin);
      total = of;
      if (now() - last < interval) return;
      last = now();
      const share = of > 0 ? Math.min(1, done / of) : 0;
      const text = `${label}: ${done} of ${of}${message ? `, ${message}` : ""}`;
      draw({
        "text/html": `<progress value="${(100 * share).toFixed(1)}" max="100" style="width:20em" ` +
          `aria-label="${escapeHtml(label)}"></progress> ${escapeHtml(text)}`,
        "text/plain": text,
      });
    },
    finish(message) {
      draw({ "text/plain": `${label}: ${message ?? `${total} of ${total}`}` });
    },
    settled: async () => void await sent,
  };
}
