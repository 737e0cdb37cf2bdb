/**
 * Compiles `products.as` of this folder, AssemblyScript under a name that TypeScript's tools leave alone, and writes `../products_wasm.ts`. Run: `deno run -A lib/learn/mixture/assembly/build.ts`
 */
import { main } from "assemblyscript/asc";
import { encodeBase64 } from "../base64.ts";

/** Returns the WebAssembly module compiled from the source. */
export async function buildProducts(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await main(
    [
      "products.ts",
      "--outFile",
      "products.wasm",
      "--runtime",
      "stub",
      "--enable",
      "simd",
      "-O1",
      "--noAssert",
      "--importMemory",
    ],
    {
      readFile(name: string): string | null {
        // The compiler asks for several spellings of an import and expects null for those that do not exist.
        return name === "products.ts" ? Deno.readTextFileSync(new URL("products.as", import.meta.url)) : null;
      },
      writeFile(name: string, contents: Uint8Array | string) {
        if (name === "products.wasm") binary = contents as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || binary === undefined) throw new Error(`${error?.message}\n${stderr}`);
  return binary;
}

if (import.meta.main) {
  const text = encodeBase64(await buildProducts());
  Deno.writeTextFileSync(
    new URL("../products_wasm.ts", import.meta.url),
    `/** The module compiled from \`assembly/products.as\` by \`assembly/build.ts\`, in base 64: no file to read at run time. */\n` +
      `export const PRODUCTS_WASM =\n  "${text}";\n`,
  );
}
