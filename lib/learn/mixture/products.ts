/** The two inner products that a mixture spends its time on: by SIMD WebAssembly where it runs, else in plain TypeScript. */
import { decodeBase64 } from "./base64.ts";
import { PRODUCTS_WASM } from "./products_wasm.ts";

/** Objects handled at once: their coordinates fit into the first-level cache. */
export const BLOCK = 64;

/** Arrays to fill and the products to take of them. Coordinates stand one after another, {@link BLOCK} objects apart. */
export interface Products {
  /** Number of coordinates, rounded up to a multiple of 4; the filling ones must stay 0. */
  size: number;
  /** A lower triangular matrix, size x size. */
  factor: Float64Array;
  /** Coordinates of a block of objects. */
  x: Float64Array;
  /** Other coordinates of the same objects. */
  y: Float64Array;
  /** Sums of products, size x size; only the lower triangle counts. */
  sums: Float64Array;
  /** One number an object. */
  total: Float64Array;
  /** Writes |factor x_b|^2 into `total` for the first `objects`. */
  triangularSquares(objects: number): void;
  /** Adds sum_b x_ab y_cb to `sums`, c <= a, over the first `objects`; with an odd number, the next one must be 0. */
  addProducts(objects: number): void;
}

let module: WebAssembly.Module | null | undefined;

/** Returns the compiled module, or null where SIMD WebAssembly does not run. */
function compiled(): WebAssembly.Module | null {
  if (module === undefined) {
    const bytes = decodeBase64(PRODUCTS_WASM);
    module = typeof WebAssembly !== "undefined" && WebAssembly.validate(bytes)
      ? new WebAssembly.Module(bytes)
      : null;
  }
  return module;
}

/** Each WebAssembly memory reserves gigabytes of address space, so one a size is kept instead of one a call. */
const kept = new Map<number, Products>();

/**
 * Returns products for `l` coordinates with all arrays 0; the next call for as many coordinates hands out the same ones.
 * `plain` keeps to TypeScript, which the fast ones are tested against.
 */
export function makeProducts(l: number, plain = false): Products {
  const size = (l + 3) & ~3;
  const found = plain ? null : compiled();
  if (found === null) return plainProducts(size);
  const products = kept.get(size) ?? simdProducts(size, found);
  kept.set(size, products);
  for (const array of [products.factor, products.x, products.y, products.sums]) array.fill(0);
  return products;
}

interface Exports {
  triangularSquares(factor: number, x: number, l: number, size: number, total: number): void;
  addProducts(x: number, y: number, l: number, size: number, sums: number): void;
}

function simdProducts(size: number, module: WebAssembly.Module): Products {
  // The module keeps nothing of its own in memory, so the arrays may begin at 0.
  const lengths = [size * size, size * BLOCK, size * BLOCK, size * size, BLOCK];
  const bytes = 8 * lengths.reduce((sum, length) => sum + length, 0);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const { triangularSquares, addProducts } = exports as unknown as Exports;
  let at = 0;
  const [factor, x, y, sums, total] = lengths.map((length) => {
    const array = new Float64Array(memory.buffer, at, length);
    at += 8 * length;
    return array;
  });
  return {
    size,
    factor,
    x,
    y,
    sums,
    total,
    triangularSquares: (objects) =>
      triangularSquares(factor.byteOffset, x.byteOffset, size, objects, total.byteOffset),
    addProducts: (objects) => addProducts(x.byteOffset, y.byteOffset, size, objects, sums.byteOffset),
  };
}

function plainProducts(size: number): Products {
  const factor = new Float64Array(size * size), sums = new Float64Array(size * size);
  const x = new Float64Array(size * BLOCK),
    y = new Float64Array(size * BLOCK),
    total = new Float64Array(BLOCK);
  return {
    size,
    factor,
    x,
    y,
    sums,
    total,
    triangularSquares(objects) {
      for (let b = 0; b < objects; b++) {
        total[b] = 0;
        for (let i = 0; i < size; i++) {
          let sum = 0;
          for (let j = 0; j <= i; j++) sum += factor[i * size + j] * x[j * BLOCK + b];
          total[b] += sum * sum;
        }
      }
    },
    addProducts(objects) {
      for (let a = 0; a < size; a++) {
        for (let c = 0; c <= a; c++) {
          let sum = 0;
          for (let b = 0; b < objects; b++) sum += x[a * BLOCK + b] * y[c * BLOCK + b];
          sums[a * size + c] += sum;
        }
      }
    },
  };
}
