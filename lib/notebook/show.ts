import { bundleOf, currentKernel, displayable } from "./kernel.ts";

/**
 * Shows each value below the cell, in order: figures and tables as they display themselves, anything else as text.
 * Outside of a kernel the text form goes to the console, so that code which shows things also runs as a script.
 *
 * @example
 * ```ts
 * import { show, table } from "ephemera/notebook";
 * await show(table([{ class: "RRAB", stars: 120 }]), "and a remark");
 * ```
 */
export async function show(...values: unknown[]): Promise<void> {
  const kernel = currentKernel();
  for (const value of values) {
    const bundle = await bundleOf(value);
    if (kernel === undefined) console.log(String(bundle["text/plain"] ?? Deno.inspect(value)));
    else await kernel.display(displayable(bundle));
  }
}
