/** MIME type to content, as Jupyter keeps a cell's output. */
export type MimeBundle = Record<string, unknown>;

/** Something that knows how to show itself in Jupyter: a figure, a table, a data frame. */
export interface Displayable {
  [key: symbol]: () => MimeBundle | Promise<MimeBundle>;
}

/** The method by which an object hands Jupyter its MIME bundle. */
export const JUPYTER_DISPLAY: symbol = Symbol.for("Jupyter.display");

/** As much of `Deno.jupyter` as the library uses. */
export interface Kernel {
  /** Shows what `object` hands out, or changes what an earlier call with the same `display_id` showed. */
  display(object: unknown, options?: { display_id?: string; update?: boolean }): Promise<void>;
  /** Sends a message of Jupyter's protocol to everyone who watches; the sending begins before this returns. */
  broadcast(type: string, content: Record<string, unknown>): Promise<void> | void;
}

/** Returns the Jupyter kernel when this code runs inside of one, otherwise undefined (`Deno.jupyter` itself throws). */
export function currentKernel(): Kernel | undefined {
  try {
    const { jupyter } = Deno as unknown as { jupyter?: Kernel };
    return typeof jupyter?.display === "function" ? jupyter : undefined;
  } catch {
    return undefined;
  }
}

/** Returns an object that shows itself as `bundle`. */
export function displayable(bundle: MimeBundle): Displayable {
  return { [JUPYTER_DISPLAY]: () => bundle };
}

/** Returns the MIME bundle of `value`: its own when it has one, otherwise its text. */
export async function bundleOf(value: unknown): Promise<MimeBundle> {
  if (typeof value === "object" && value !== null && JUPYTER_DISPLAY in value) {
    return await (value as Displayable)[JUPYTER_DISPLAY]();
  }
  return { "text/plain": typeof value === "string" ? value : Deno.inspect(value) };
}
