import { demand } from "../core/mod.ts";

/** `quick` is a named reduction for two cores without a GPU; `paper` is the paper's own size. */
export type Scale = "quick" | "paper";

/** Returns the scale a notebook runs at: the environment's `EPHEMERA_SCALE`, `quick` when it is unset. */
export function notebookScale(): Scale {
  const scale = environment("EPHEMERA_SCALE") ?? "quick";
  demand(scale === "quick" || scale === "paper", {
    expected: '"quick" or "paper"',
    found: `"${scale}"`,
    where: "EPHEMERA_SCALE",
    remedy: "set it to one of the two, or unset it",
  });
  return scale;
}

/** Returns the folder of real data sets, the environment's `EPHEMERA_DATA`, or undefined when there is none. */
export function dataDirectory(): string | undefined {
  return environment("EPHEMERA_DATA");
}

/** An empty variable counts as unset: that is how a shell's `EPHEMERA_DATA= command` is meant. */
function environment(name: string): string | undefined {
  const value = Deno.env.get(name);
  return value === undefined || value === "" ? undefined : value;
}
