/** Ending a command by a signal in the same orderly way as by `Deno.exit`. */

/** Exit codes of a process ended by a signal, by the shells' convention: 128 and the signal's number. */
const EXIT_CODES: Partial<Record<Deno.Signal, number>> = Deno.build.os === "windows"
  ? { SIGINT: 130, SIGBREAK: 149 }
  : { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/**
 * Makes Ctrl-C and its kin end the process by `Deno.exit`, so that what is to be undone at exit (kernels, temporary
 * files) is undone.
 */
export function exitOnSignals(): void {
  for (const [signal, code] of Object.entries(EXIT_CODES)) {
    const listener = () => Deno.exit(code);
    Deno.addSignalListener(signal as Deno.Signal, listener);
  }
}
