import config from "../../deno.json" with { type: "json" };
import { displayable, type MimeBundle } from "./kernel.ts";
import type { Scale } from "./scale.ts";
import { show } from "./show.ts";

/** MIME type under which a notebook says how it was run. */
export const RUN_MIME = "application/vnd.ephemera.run+json";

/** What a notebook says about its run. */
export interface RunFacts {
  /** `quick` or `paper`. */
  scale: Scale;
  /** Which engine computes tensors, e.g. `"wasm, 2 threads"`. */
  backend: string;
  /** The seed from which all randomness of the notebook comes. */
  seed: number;
  /** What the numbers were measured on, e.g. `"simulated ASAS-SN-like survey"` or names of real data sets. */
  data: string | readonly string[];
}

/** What is stored under {@link RUN_MIME}. */
export interface RunInformation extends RunFacts {
  /** Versions by name: ephemera, Deno, tfjs-core. */
  versions: Record<string, string>;
}

/** Returns the versions of the library, of Deno and of tfjs-core, without loading any of them. */
export function versions(): Record<string, string> {
  // The pin in deno.json is exact, so it is the version that runs; importing tfjs to ask it would load tensors.
  const pin = config.imports["@tensorflow/tfjs-core"];
  return {
    ephemera: config.version,
    deno: Deno.version.deno,
    "tfjs-core": pin.slice(pin.lastIndexOf("@") + 1),
  };
}

/**
 * Records how this notebook was run, and shows it as one line. The report prints it on its first page.
 *
 * @example
 * ```ts
 * import { notebookScale, runInformation } from "ephemera/notebook";
 * await runInformation({ scale: notebookScale(), backend: "wasm", seed: 1, data: "simulated" });
 * ```
 */
export async function runInformation(facts: RunFacts): Promise<void> {
  await show(displayable(runBundle(facts)));
}

/** Returns the MIME bundle that {@link runInformation} displays. */
export function runBundle(facts: RunFacts): MimeBundle {
  const { scale, backend, seed, data } = facts;
  const recorded: RunInformation = { scale, backend, seed, data, versions: versions() };
  const named = Object.entries(recorded.versions).map(([name, version]) => `${name} ${version}`).join(", ");
  const input = typeof data === "string" ? data : data.join(", ");
  return {
    [RUN_MIME]: recorded,
    "text/plain": `Scale ${scale} · backend ${backend} · seed ${seed} · data: ${input} · ${named}`,
  };
}
