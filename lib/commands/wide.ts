/** Running programs with V8's vectors of 256 bits: the environment for it, and a measurement of what it gains. */
import { fileURLToPath } from "node:url";
import { WIDE_FLAGS } from "../tensor/mod.ts";

/**
 * The environment that starts a Deno with wide vectors, beside the flags that were set before.
 *
 * @param before the present value of `DENO_V8_FLAGS`, if any.
 *
 * @example
 * ```ts
 * import { wideEnvironment } from "ephemera/commands";
 * import assert from "node:assert/strict";
 * const { DENO_V8_FLAGS } = wideEnvironment("--expose-gc");
 * assert.match(DENO_V8_FLAGS, /^--expose-gc,--experimental-wasm-revectorize,/);
 * ```
 */
export function wideEnvironment(before: string | undefined): { DENO_V8_FLAGS: string } {
  const flags = before?.split(",").filter((flag) => flag !== "" && !WIDE_FLAGS.includes(flag)) ?? [];
  return { DENO_V8_FLAGS: [...flags, ...WIDE_FLAGS].join(",") };
}

/** Gain from which the flags are worth what they take away. */
const LEAST_GAIN = 1.1;

/** What {@link probeWide} found. */
export interface WideProbe {
  /** Whether this Deno starts with the flags. */
  known: boolean;
  /** How many times as fast a matrix product on one thread is with them; 0 where it does not start. */
  gain: number;
  /** Whether that is worth it: more than a tenth faster. */
  pays: boolean;
  /** The finding in words. */
  reason: string;
}

/** Billions of operations a second of a matrix product, in a process of its own with that environment. */
async function productRate(env: Record<string, string>): Promise<number | string> {
  const script = fileURLToPath(new URL("./wide_probe.ts", import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--allow-env", "--allow-sys", "--no-prompt", "--quiet", script],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return success ? Number(text(stdout)) : text(stderr).split("\n")[0];
}

/**
 * Whether this Deno knows the flags for wide vectors, and what they gain here: starts two processes that multiply
 * matrices, one without and one with them. Takes about two seconds.
 */
export async function probeWide(): Promise<WideProbe> {
  const others = wideEnvironment(Deno.env.get("DENO_V8_FLAGS")).DENO_V8_FLAGS.split(",")
    .filter((flag) => !WIDE_FLAGS.includes(flag));
  // A Deno that is given an empty list of flags does not start.
  const plain = await productRate({ DENO_V8_FLAGS: ["--no-expose-gc", ...others].join(",") });
  const wide = await productRate(wideEnvironment(Deno.env.get("DENO_V8_FLAGS")));
  if (typeof wide === "string") return { known: false, gain: 0, pays: false, reason: wide };
  if (typeof plain === "string") return { known: true, gain: 1, pays: false, reason: plain };
  const gain = wide / plain, rates = `${wide.toFixed(0)} against ${plain.toFixed(0)} GFLOP/s on one thread`;
  return {
    known: true,
    gain,
    pays: gain > LEAST_GAIN,
    reason: `a matrix product is ${gain.toFixed(1)} times as fast (${rates})`,
  };
}
