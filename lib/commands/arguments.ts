/** Options of the commands: parsed by `node:util`, refused with the command's usage. */
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import process from "node:process";

/** The result of {@link parseArguments}. */
export interface Arguments<T extends ParseArgsOptionsConfig> {
  values: ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>>["values"];
  /** What stands on the command line beside options. */
  positionals: string[];
}

/** Ends the command with a message and its usage on standard error and exit code 2. */
export function refuse(message: string, usage: string): never {
  console.error(`${message}\n\n${usage.trim()}`);
  process.exit(2);
}

/**
 * Parses a command line. `--help` prints the usage and ends the process; a wrong option prints the reason and the usage
 * and ends it with exit code 2.
 *
 * @param args The command line, e.g. `Deno.args`.
 * @param usage The help text.
 * @param options The options, as `parseArgs` of `node:util` takes them; `help` is added.
 */
export function parseArguments<T extends ParseArgsOptionsConfig>(
  args: string[],
  usage: string,
  options: T,
): Arguments<T> {
  try {
    const help = { type: "boolean", short: "h" } as const;
    const parsed = parseArgs({ args, allowPositionals: true, options: { ...options, help } });
    if ((parsed.values as Record<string, unknown>).help === true) {
      console.log(usage.trim());
      process.exit(0);
    }
    return { values: parsed.values as Arguments<T>["values"], positionals: parsed.positionals };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    refuse(error.message, usage);
  }
}

/** The number in the text of an option; ends the command when it is no number above `minimum` (inclusive). */
export function numberOption(name: string, text: string, minimum: number, usage: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < minimum) {
    refuse(`Expected a number of at least ${minimum} for --${name}, found "${text}".`, usage);
  }
  return value;
}
