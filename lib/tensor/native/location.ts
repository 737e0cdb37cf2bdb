import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { readEnvironment } from "../wasm/environment.ts";

/**
 * The folder in which `deno task setup:tensorflow` keeps the native packages, apart from the project's own, which would
 * have to download them for everybody: `EPHEMERA_TENSORFLOW` when it is set, else `.cache/tensorflow` in the project (in
 * the current folder when the library was not loaded from files).
 */
export function tensorFlowFolder(): string {
  const asked = readEnvironment("EPHEMERA_TENSORFLOW");
  if (asked) return asked;
  const root = import.meta.url.startsWith("file:")
    ? fileURLToPath(new URL("../../..", import.meta.url))
    : Deno.cwd();
  return join(root, ".cache", "tensorflow");
}
