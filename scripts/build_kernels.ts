/**
 * Builds the two WebAssembly modules of the tensor engine from `lib/tensor/wasm/assembly/index.ts`: `kernels.wasm` with
 * the processor's fused multiply-add and `kernels_deterministic.wasm` without it.
 *
 * Run: `deno run -A scripts/build_kernels.ts`
 */
import { main } from "assemblyscript/asc";

const folder = new URL("../lib/tensor/wasm/", import.meta.url);

/** The modules that are built: file name and whether fused multiply-add may be used. */
export const variants: readonly { file: string; fused: boolean }[] = [
  { file: "kernels.wasm", fused: true },
  { file: "kernels_deterministic.wasm", fused: false },
];

const FUSED_LINE = "export const FUSED: bool = true;";

/**
 * The bytes of one module, compiled in memory; nothing is written.
 *
 * @param fused whether the multiply-adds are fused (relaxed SIMD) or rounded twice.
 */
export async function buildKernels(fused: boolean): Promise<Uint8Array> {
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
      if (fused || !name.endsWith("assembly/mode.ts")) return text;
      if (!text.includes(FUSED_LINE)) throw new Error(`assembly/mode.ts lacks the line "${FUSED_LINE}"`);
      return text.replace(FUSED_LINE, FUSED_LINE.replace("true", "false"));
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
  for (const { file, fused } of variants) {
    const bytes = await buildKernels(fused);
    await Deno.writeFile(new URL(file, folder), bytes);
    console.log(`${file}: ${bytes.length} bytes`);
  }
}
