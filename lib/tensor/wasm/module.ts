import { EphemeraError } from "../../core/mod.ts";

/** Functions that the kernel modules export, by name. */
export type KernelExports = Record<string, (...args: number[]) => number>;

/** The built modules: without relaxed arithmetic, with tiles of eight columns, with tiles of sixteen. */
export type ModuleName = "kernels_deterministic" | "kernels" | "kernels_wide";

/** The module that serves these options; the deterministic one has no wide form. */
export function moduleName({ deterministic, wide }: { deterministic: boolean; wide: boolean }): ModuleName {
  return deterministic ? "kernels_deterministic" : wide ? "kernels_wide" : "kernels";
}

/** Address of a built module. */
export function moduleAddress(name: ModuleName): URL {
  return new URL(`./${name}.wasm`, import.meta.url);
}

/** The module's bytes read at once where it is a local file, as a promise where it must be fetched. */
export function loadBytes(address: URL): Uint8Array | Promise<Uint8Array> {
  if (address.protocol === "file:") return Deno.readFileSync(address);
  return fetch(address).then(async (response) => {
    if (!response.ok) {
      throw new EphemeraError({
        expected: "the kernel module",
        found: `HTTP status ${response.status}`,
        where: address.href,
        remedy: "check the address that the library was imported from",
      });
    }
    return new Uint8Array(await response.arrayBuffer());
  });
}

function readNumber(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0, shift = 0;
  for (;;) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
    shift += 7;
  }
}

/**
 * A copy of the module's bytes that imports an unshared memory. The built modules import a shared one; the difference is
 * one flag of the memory import's limits (3: shared with a maximum, 1: with a maximum), section 5.3.7 and 5.5.5 of the
 * WebAssembly specification.
 */
export function importUnsharedMemory(bytes: Uint8Array): Uint8Array {
  const patched = bytes.slice();
  let at = 8;
  while (at < bytes.length) {
    const section = bytes[at];
    const [length, body] = readNumber(bytes, at + 1);
    if (section === 2) {
      let [count, entry] = readNumber(bytes, body);
      while (count-- > 0) {
        for (let name = 0; name < 2; name++) {
          const [characters, start] = readNumber(bytes, entry);
          entry = start + characters;
        }
        if (bytes[entry] === 2 && bytes[entry + 1] === 3) {
          patched[entry + 1] = 1;
          return patched;
        }
        // Memory is the only import; anything else would need its own length here.
        break;
      }
    }
    at = body + length;
  }
  throw new EphemeraError({
    expected: "a module that imports a shared memory first",
    found: "another import",
    where: "kernels.wasm",
    remedy: "build it with scripts/build_kernels.ts",
  });
}
