/**
 * Builds the WebAssembly modules of the tensor engine from `lib/tensor/wasm/assembly/index.ts`: `kernels.wasm` with the
 * processor's fused multiply-add, `kernels_deterministic.wasm` without it, and `kernels_wide.wasm` with register tiles for
 * an engine that joins vectors.
 *
 * Run: `deno run -A scripts/build_kernels.ts`
 */
import { main } from "assemblyscript/asc";

const folder = new URL("../lib/tensor/wasm/", import.meta.url);

/** The modules that are built, by the name of their file, and the lines of `assembly/mode.ts` that each changes. */
export const variants: Readonly<Record<string, readonly [line: string, instead: string][]>> = {
  "kernels.wasm": [],
  "kernels_deterministic.wasm": [["export const FUSED: bool = true;", "export const FUSED: bool = false;"]],
  "kernels_wide.wasm": [["export const WIDE: bool = false;", "export const WIDE: bool = true;"]],
};

/**
 * The bytes of one module, compiled in memory; nothing is written.
 *
 * @param file which of {@link variants}.
 */
export async function buildKernels(file: string): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await main([
    "assembly/index.ts",
    "--outFile",
    "kernels.wasm",
    // -O3 nests multiply-adds of the same accumulator into one expression, which costs a third of the rate: V8 then
    // runs out of vector registers. V8 optimises the rest itself.
    "-O1",
    // Removes the branches on the operation's code from the copies of a function that is inlined for each operation.
    "--runPasses",
    "precompute-propagate,remove-unused-brs,dce,vacuum,simplify-locals-nonesting,coalesce-locals,vacuum",
    "--noAssert",
    "--runtime",
    "stub",
    "--importMemory",
    "--sharedMemory",
    "--initialMemory",
    "2",
    "--maximumMemory",
    "65536",
    "--memoryBase",
    "1024",
    "--enable",
    "simd,relaxed-simd,threads",
  ], {
    readFile(name: string): string | null {
      let text: string;
      try {
        text = Deno.readTextFileSync(new URL(name, folder));
      } catch (cause) {
        // The compiler asks for several spellings of an import and expects null for those that do not exist.
        if (cause instanceof Deno.errors.NotFound) return null;
        throw cause;
      }
      if (!name.endsWith("assembly/mode.ts")) return text;
      for (const [line, instead] of variants[file]) {
        if (!text.includes(line)) throw new Error(`assembly/mode.ts lacks the line "${line}"`);
        text = text.replace(line, instead);
      }
      return text;
    },
    writeFile(_name: string, contents: Uint8Array | string): void {
      if (typeof contents !== "string") binary = contents;
    },
    listFiles: () => [],
  });
  if (error || !binary) {
    throw new Error(`The kernels do not compile: ${error?.message ?? "no output"}\n${stderr}`);
  }
  return binary;
}

if (import.meta.main) {
  for (const file of Object.keys(variants)) {
    const bytes = await buildKernels(file);
    await Deno.writeFile(new URL(file, folder), bytes);
    console.log(`${file}: ${bytes.length} bytes`);
  }
}
