/**
 * The flags with which V8 joins two neighbouring vectors of 128 bits into one of 256: it does so only where nothing that
 * may trap stands between them. See "Wide vectors" in lib/tensor/README.md.
 */
export const WIDE_FLAGS: readonly string[] = ["--experimental-wasm-revectorize", "--no-wasm-bounds-checks"];

/** Whether this process was started with {@link WIDE_FLAGS} in the environment variable `DENO_V8_FLAGS`. */
export function startedWide(): boolean {
  const flags = readEnvironment("DENO_V8_FLAGS")?.split(",") ?? [];
  return WIDE_FLAGS.every((flag) => flags.includes(flag));
}

/** The value of an environment variable, or undefined when it is unset or may not be read without asking. */
export function readEnvironment(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
