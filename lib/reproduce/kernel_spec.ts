/** The project's Jupyter kernel specification: Deno's own kernel, with what its own specification lacks. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The content of a `kernel.json`. */
export interface KernelSpec {
  argv: string[];
  display_name: string;
  language: string;
  interrupt_mode: "message";
  env: Record<string, string>;
}

/** Name of the folder that the specification lies in, and by which notebooks refer to it. */
export const KERNEL_NAME = "ephemera";

/** Arguments of Deno that start the project's kernel process. Its own imports need neither configuration nor lock. */
export function kernelArguments(connectionFile: string): string[] {
  const script = fileURLToPath(new URL("./kernel_process.ts", import.meta.url));
  return ["run", "--allow-all", "--no-config", "--no-lock", "--quiet", script, connectionFile];
}

/**
 * The specification for the Deno executable at `deno`. Interrupts go by message, since the signal that Jupyter sends
 * otherwise ends the kernel, and to the project's kernel process, which makes them work for cells that await. Colours are
 * off, since they would end up in outputs. Import aliases need no mention: the kernel finds `deno.json` upward from the
 * notebook's folder.
 */
export function kernelSpec(deno: string): KernelSpec {
  return {
    argv: [deno, ...kernelArguments("{connection_file}")],
    display_name: "Deno (ephemera)",
    language: "typescript",
    interrupt_mode: "message",
    env: { NO_COLOR: "1" },
  };
}

/** What decides where a user's Jupyter looks for kernels. */
export interface JupyterSurroundings {
  /** Operating system, as `Deno.build.os`. */
  os: string;
  /** Environment variable by name. */
  environment: (name: string) => string | undefined;
}

/**
 * The folder in which a user's Jupyter looks for kernels: in `JUPYTER_DATA_DIR` where that is set, else in the place of
 * the operating system. Undefined when no home folder is known.
 */
export function userKernelsFolder({ os, environment }: JupyterSurroundings): string | undefined {
  const named = environment("JUPYTER_DATA_DIR");
  if (named) return join(named, "kernels");
  const home = environment("HOME");
  if (os === "windows") {
    const roaming = environment("APPDATA");
    return roaming ? join(roaming, "jupyter", "kernels") : undefined;
  }
  if (os === "darwin") return home ? join(home, "Library", "Jupyter", "kernels") : undefined;
  const data = environment("XDG_DATA_HOME") || (home ? join(home, ".local", "share") : undefined);
  return data ? join(data, "jupyter", "kernels") : undefined;
}
