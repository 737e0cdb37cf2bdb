/** What has to be undone even when the process is told to end and no `finally` runs. */

const pending = new Set<() => void>();
let installed = false;

/**
 * Has `undo` (which must not wait for anything) called when the process ends by `Deno.exit` or an uncaught error.
 * Returns the function that withdraws it.
 */
export function undoAtExit(undo: () => void): () => void {
  if (!installed) {
    globalThis.addEventListener("unload", () => {
      for (const undo of pending) undo();
    });
    installed = true;
  }
  pending.add(undo);
  return () => pending.delete(undo);
}
