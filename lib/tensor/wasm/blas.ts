// Matrix products through a BLAS library of the machine, by foreign function calls on the kernels' own memory. Opt-in: it
// needs the library and the permission to call it.
import { EphemeraError } from "../../core/mod.ts";
import type { Heap } from "./heap.ts";

/** Where OpenBLAS is usually installed; `"auto"` takes the first that opens. */
const usualPlaces = [
  "libopenblas.so.0",
  "libopenblas.so",
  "/usr/lib/x86_64-linux-gnu/libopenblas.so.0",
  "/usr/lib/aarch64-linux-gnu/libopenblas.so.0",
  "/usr/lib64/libopenblas.so.0",
  "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
  "/usr/local/opt/openblas/lib/libopenblas.dylib",
  "libopenblas.dll",
];

const ROW_MAJOR = 101;
const NOT_TRANSPOSED = 111;
const TRANSPOSED = 112;

const signature = {
  parameters: [
    ...[
      "i32",
      "i32",
      "i32",
      "i32",
      "i32",
      "i32",
      "f32",
      "pointer",
      "i32",
      "pointer",
      "i32",
      "f32",
      "pointer",
      "i32",
    ],
  ] as const,
  result: "void",
} as const;

type Product = (...args: (number | Deno.PointerValue)[]) => void;

/** Opens the library and finds `cblas_sgemm`, also under the prefix that SciPy's build of OpenBLAS has. */
function open(path: string, threads: number): Product | undefined {
  for (const prefix of ["", "scipy_"]) {
    try {
      const { symbols } = Deno.dlopen(path, {
        product: { name: `${prefix}cblas_sgemm`, ...signature },
        setThreads: { name: `${prefix}openblas_set_num_threads`, parameters: ["i32"], result: "void" },
      });
      symbols.setThreads(threads);
      return symbols.product as unknown as Product;
    } catch {
      // Not this file or not this prefix; the caller reports when nothing opens.
    }
  }
  return undefined;
}

/** A BLAS library that computes products on a heap. */
export class Blas {
  /** The file that was opened. */
  readonly path: string;
  readonly #heap: Heap;
  readonly #product: Product;
  #buffer: ArrayBufferLike | undefined;
  #base: Deno.PointerObject | undefined;

  /**
   * @param where path of the library, or `"auto"` to look in the usual places.
   * @throws EphemeraError when it cannot be opened or may not be called.
   */
  constructor(where: string, heap: Heap, threads: number) {
    const remedy = "install OpenBLAS, give its path, or leave EPHEMERA_BLAS unset";
    if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
      throw new EphemeraError({
        expected: "permission to call a library (--allow-ffi)",
        found: "none",
        where,
        remedy,
      });
    }
    for (const path of where === "auto" ? usualPlaces : [where]) {
      const product = open(path, threads);
      if (!product) continue;
      this.path = path;
      this.#product = product;
      this.#heap = heap;
      return;
    }
    throw new EphemeraError({
      expected: "an OpenBLAS library with cblas_sgemm",
      found: "none that opens",
      where,
      remedy,
    });
  }

  #at(address: number): Deno.PointerValue {
    const { buffer } = this.#heap.memory;
    if (this.#buffer !== buffer) {
      this.#buffer = buffer;
      this.#base = Deno.UnsafePointer.of(new Uint8Array(buffer) as Uint8Array<ArrayBuffer>)!;
    }
    return Deno.UnsafePointer.offset(this.#base!, address);
  }

  /** C[M,N] = op(A)[M,K] op(B)[K,N] of dense row-major matrices at addresses of the heap. */
  multiply(
    transposeA: boolean,
    transposeB: boolean,
    [M, N, K]: [M: number, N: number, K: number],
    [a, b, c]: [a: number, b: number, c: number],
  ): void {
    this.#product(
      ROW_MAJOR,
      transposeA ? TRANSPOSED : NOT_TRANSPOSED,
      transposeB ? TRANSPOSED : NOT_TRANSPOSED,
      M,
      N,
      K,
      1,
      this.#at(a),
      transposeA ? M : K,
      this.#at(b),
      transposeB ? K : N,
      0,
      this.#at(c),
      N,
    );
  }
}
