/** The inner loops that a mixture spends its time on: in SIMD WebAssembly where it runs, else in plain TypeScript. */
import { decodeBase64 } from "./base64.ts";
import { PRODUCTS_WASM } from "./products_wasm.ts";

/** Objects handled at once: their coordinates fit into the first-level cache. */
export const BLOCK = 64;

/**
 * Arrays to fill and what can be done with them, for K components and a block of objects. Within a block coordinates stand one
 * after another, {@link BLOCK} objects apart.
 */
export interface Products {
  /** Number of coordinates, rounded up to a multiple of 4; the filling ones must stay 0. */
  size: number;
  /** The objects of the block. */
  z: Float64Array;
  /** One mean a component, `size` numbers each. */
  means: Float64Array;
  /** One lower triangular matrix a component, size x size each. */
  factors: Float64Array;
  /** Centred objects. */
  centred: Float64Array;
  /** Centred objects times their weights. */
  weighted: Float64Array;
  /** One weight an object. */
  weights: Float64Array;
  /** One sum of products a component, size x size each; only lower triangles count. */
  sums: Float64Array;
  /** One number an object. */
  total: Float64Array;
  /** Writes z - mean_k into `centred`. */
  centre(k: number, objects: number): void;
  /** Writes `centred` times `weights` into `weighted`. */
  weigh(objects: number): void;
  /** Writes |factor_k x_b|^2 of the centred objects into `total`. */
  triangularSquares(k: number, objects: number): void;
  /** Adds sum_b weighted_ab centred_cb to sums_k, c <= a; with an odd number of objects, the next weighted one must be 0. */
  addProducts(k: number, objects: number): void;
}

type Arrays = Omit<Products, "size" | "centre" | "weigh" | "triangularSquares" | "addProducts">;

const NAMES = ["z", "means", "factors", "centred", "weighted", "weights", "sums", "total"] as const;

function lengths(size: number, K: number): Record<typeof NAMES[number], number> {
  const block = size * BLOCK, square = K * size * size;
  return {
    z: block,
    means: K * size,
    factors: square,
    centred: block,
    weighted: block,
    weights: BLOCK,
    sums: square,
    total: BLOCK,
  };
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

interface Exports {
  centre(z: number, mean: number, l: number, objects: number, to: number): void;
  weigh(x: number, weights: number, l: number, objects: number, to: number): void;
  triangularSquares(factor: number, x: number, l: number, objects: number, total: number): void;
  addProducts(x: number, y: number, l: number, objects: number, sums: number): void;
}

/** One memory serves all calls: each reserves gigabytes of address space, so one a call would soon be too many. */
let instance: { memory: WebAssembly.Memory; exports: Exports } | undefined;

/**
 * Returns products for `l` coordinates and `K` components with all arrays 0. The next call hands out the same memory, so use one
 * set at a time. `plain` keeps to TypeScript, which the fast ones are tested against.
 */
export function makeProducts(l: number, K: number, plain = false): Products {
  const size = (l + 3) & ~3;
  const found = plain ? null : compiled();
  return found === null ? plainProducts(size, K) : simdProducts(size, K, found);
}

function simdProducts(size: number, K: number, module: WebAssembly.Module): Products {
  const counts = lengths(size, K);
  const bytes = 8 * NAMES.reduce((sum, name) => sum + counts[name], 0);
  if (instance === undefined) {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    instance = { memory, exports: exports as unknown as Exports };
  }
  const { memory, exports } = instance;
  const missing = Math.ceil(bytes / 65536) - memory.buffer.byteLength / 65536;
  if (missing > 0) memory.grow(missing);
  // The module keeps nothing of its own in memory, so the arrays may begin at 0.
  let at = 0;
  const arrays = {} as Arrays;
  for (const name of NAMES) {
    arrays[name] = new Float64Array(memory.buffer, at, counts[name]).fill(0);
    at += 8 * counts[name];
  }
  const { z, means, factors, centred, weighted, weights, sums, total } = arrays;
  const matrix = 8 * size * size;
  return {
    ...arrays,
    size,
    centre: (k, objects) =>
      exports.centre(z.byteOffset, means.byteOffset + 8 * k * size, size, objects, centred.byteOffset),
    weigh: (objects) =>
      exports.weigh(centred.byteOffset, weights.byteOffset, size, objects, weighted.byteOffset),
    triangularSquares: (k, objects) =>
      exports.triangularSquares(
        factors.byteOffset + k * matrix,
        centred.byteOffset,
        size,
        objects,
        total.byteOffset,
      ),
    addProducts: (k, objects) =>
      exports.addProducts(
        weighted.byteOffset,
        centred.byteOffset,
        size,
        objects,
        sums.byteOffset + k * matrix,
      ),
  };
}

function plainProducts(size: number, K: number): Products {
  const counts = lengths(size, K);
  const arrays = {} as Arrays;
  for (const name of NAMES) arrays[name] = new Float64Array(counts[name]);
  const { z, means, factors, centred, weighted, weights, sums, total } = arrays;
  return {
    ...arrays,
    size,
    centre(k, objects) {
      for (let j = 0; j < size; j++) {
        for (let b = j * BLOCK; b < j * BLOCK + objects; b++) centred[b] = z[b] - means[k * size + j];
      }
    },
    weigh(objects) {
      for (let j = 0; j < size; j++) {
        for (let b = 0; b < objects; b++) weighted[j * BLOCK + b] = centred[j * BLOCK + b] * weights[b];
      }
    },
    triangularSquares(k, objects) {
      for (let b = 0; b < objects; b++) {
        total[b] = 0;
        for (let i = 0; i < size; i++) {
          let sum = 0;
          for (let j = 0; j <= i; j++) sum += factors[(k * size + i) * size + j] * centred[j * BLOCK + b];
          total[b] += sum * sum;
        }
      }
    },
    addProducts(k, objects) {
      for (let a = 0; a < size; a++) {
        for (let c = 0; c <= a; c++) {
          let sum = 0;
          for (let b = 0; b < objects; b++) sum += weighted[a * BLOCK + b] * centred[c * BLOCK + b];
          sums[(k * size + a) * size + c] += sum;
        }
      }
    },
  };
}

/** Writes rows `start` to `start + objects - 1` of a row-major table into the block `z`, coordinate by coordinate. */
export function fillBlock(
  z: Float64Array,
  data: Float64Array,
  l: number,
  start: number,
  objects: number,
): void {
  for (let b = 0, from = start * l; b < objects; b++) {
    for (let j = 0, to = b; j < l; j++, to += BLOCK) z[to] = data[from++];
  }
}
