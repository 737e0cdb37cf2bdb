/** From a kernel's messages to the outputs of a cell, in the way a Jupyter front end shows them. */
import type { CodeCell, MimeBundle, Output } from "./notebook.ts";
import { joinText } from "./notebook.ts";
import type { Message } from "./wire.ts";

/** An output that `update_display_data` can reach. */
type Display = Output & { data: MimeBundle; metadata: Record<string, unknown> };

/**
 * Keeps the outputs of one notebook's cells as messages come in. A display can be updated from any later cell, so one
 * collector serves the whole run of a notebook.
 */
export class OutputCollector {
  #displays = new Map<string, Display[]>();

  /** Empties the outputs of `cell` and returns the function that takes the messages of its execution. */
  into(cell: CodeCell): (message: Message) => void {
    cell.outputs = [];
    let clearBeforeNext = false;
    const append = (output: Output) => {
      if (clearBeforeNext) cell.outputs.length = 0;
      clearBeforeNext = false;
      const last = cell.outputs.at(-1);
      if (output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name) {
        last.text = joinText(last.text) + joinText(output.text);
      } else cell.outputs.push(output);
    };
    return ({ type, content }) => {
      switch (type) {
        case "stream":
          return append({
            output_type: "stream",
            name: content.name === "stderr" ? "stderr" : "stdout",
            text: String(content.text),
          });
        case "display_data": {
          const output: Display = { output_type: "display_data", ...bundle(content) };
          this.#remember(content, output);
          return append(output);
        }
        case "execute_result": {
          const count = typeof content.execution_count === "number" ? content.execution_count : null;
          const output: Display = { output_type: type, ...bundle(content), execution_count: count };
          this.#remember(content, output);
          return append(output);
        }
        case "update_display_data":
          for (const output of this.#displays.get(displayId(content) ?? "") ?? []) {
            Object.assign(output, bundle(content));
          }
          return;
        case "clear_output":
          if (content.wait === true) clearBeforeNext = true;
          else cell.outputs.length = 0;
          return;
        case "error":
          return append({
            output_type: "error",
            ename: String(content.ename),
            evalue: String(content.evalue),
            traceback: Array.isArray(content.traceback) ? content.traceback.map(String) : [],
          });
      }
    };
  }

  #remember(content: Message["content"], output: Display): void {
    const id = displayId(content);
    if (id === undefined) return;
    const same = this.#displays.get(id);
    if (same === undefined) this.#displays.set(id, [output]);
    else same.push(output);
  }
}

function bundle(content: Message["content"]): { data: MimeBundle; metadata: Record<string, unknown> } {
  return {
    data: (content.data ?? {}) as MimeBundle,
    metadata: (content.metadata ?? {}) as Record<string, unknown>,
  };
}

function displayId(content: Message["content"]): string | undefined {
  const id = (content.transient as Record<string, unknown> | undefined)?.display_id;
  return typeof id === "string" ? id : undefined;
}
