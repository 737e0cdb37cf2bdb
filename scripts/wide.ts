/** Runs a command with V8's vectors of 256 bits: `deno task wide COMMAND [ARGUMENTS]`. */
import { probeWide, refuse, wideEnvironment } from "ephemera/commands";

const USAGE = `
Usage: deno task wide COMMAND [ARGUMENTS]     for instance: deno task wide deno task reproduce

Runs the command, and every Deno that it starts, with V8's flags for vectors of 256 bits: the tensor engine's kernels are
then up to twice as fast on a processor with AVX2, with the same results. The flags are an experiment of V8's and switch
off the bounds checks of WebAssembly in the whole process; read "Wide vectors" in lib/tensor/README.md first.

  --probe     only say whether this Deno knows the flags and what they gain here
`;

const [command, ...args] = Deno.args;
if (command === undefined) refuse("Expected a command, found none.", USAGE);
if (command === "--help" || command === "-h") {
  console.log(USAGE.trim());
  Deno.exit(0);
}
const { known, pays, reason } = await probeWide();
if (command === "--probe") {
  console.log(known ? `Wide vectors: ${reason}.` : `No wide vectors: ${reason}`);
  Deno.exit(known ? 0 : 1);
}
// A command that would be slower for it, or would not start, runs as it is.
console.error(pays ? `Wide vectors: ${reason}.` : `Without wide vectors: ${reason}.`);
const env = pays ? wideEnvironment(Deno.env.get("DENO_V8_FLAGS")) : {};
// Deno may not be on the path when npx started it.
let child: Deno.ChildProcess;
try {
  child = new Deno.Command(command === "deno" ? Deno.execPath() : command, { args, env }).spawn();
} catch (error) {
  refuse(`Expected a program, found "${command}": ${error instanceof Error ? error.message : error}`, USAGE);
}
// A terminal interrupts the command itself; it decides when to end.
Deno.addSignalListener("SIGINT", () => {});
if (Deno.build.os !== "windows") {
  Deno.addSignalListener("SIGTERM", () => {
    try {
      child.kill("SIGTERM");
    } catch {
      // The command has ended.
    }
  });
}
Deno.exit((await child.status).code);
