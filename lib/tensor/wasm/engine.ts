import { demand, EphemeraError } from "../../core/mod.ts";
import { tf } from "../tf.ts";
import { Blas } from "./blas.ts";
import { readEnvironment, startedWide } from "./environment.ts";
import { Heap } from "./heap.ts";
import { importUnsharedMemory, type KernelExports } from "./module.ts";
import { Pool } from "./pool.ts";
import type { WasmBackend } from "./wasm_backend.ts";

/** Options of the wasm backend. */
export interface WasmOptions {
  /** Number of threads, the calling one included. Default: `EPHEMERA_THREADS`, else the number of cores. */
  threads?: number;
  /**
   * Avoid relaxed fused multiply-adds, so that the same seed gives the same numbers on every processor. Default: whether
   * `EPHEMERA_DETERMINISTIC` is 1.
   */
  deterministic?: boolean;
  /**
   * Take the module whose register tiles are sixteen columns wide. It gives the same numbers; it is faster where V8 joins
   * vectors, slower elsewhere. Default: whether the process was started with V8's flags for that (`deno task wide`).
   */
  wide?: boolean;
  /** Pages of 64 KiB that the memory may grow to. Default 65535, about 4 GiB. */
  maximumPages?: number;
  /**
   * Path of an OpenBLAS library that large matrix products go to, or `"auto"` to look for one; `""` for none. Default:
   * `EPHEMERA_BLAS`, else none. It is not used by the deterministic arithmetic.
   */
  blas?: string;
}

/**
 * What a kernel gets: the input tensors and the attributes, by tfjs's names. A tensor that an operation need not have (a
 * bias) may be undefined.
 */
export interface KernelCall<Attributes = Record<string, unknown>> {
  /** Input tensors by name. */
  inputs: Record<string, tf.TensorInfo>;
  /** Attributes by name. */
  attrs: Attributes;
}

/** A kernel of the wasm backend; it returns its output tensors, made by {@link WasmEngine.output}. */
export type WasmKernel<Attributes = Record<string, unknown>> = (
  engine: WasmEngine,
  call: KernelCall<Attributes>,
) => tf.TensorInfo | tf.TensorInfo[];

/**
 * What kernels are written against: tensors as addresses, memory for outputs and scratch, and calls of the module's
 * functions, sharded over threads.
 */
export class WasmEngine {
  /** The memory and its allocator. */
  readonly heap: Heap;
  /** The module's functions, called on this thread. */
  readonly exports: KernelExports;
  /** Number of threads, the calling one included. */
  readonly threads: number;
  /** Whether the module without relaxed arithmetic is in use. */
  readonly deterministic: boolean;
  /** Whether the module with wide register tiles is in use. */
  readonly wide: boolean;
  /** Pages of 64 KiB that the memory may grow to. */
  readonly maximumPages: number;
  /** The library that large matrix products go to, if any. */
  readonly blas: Blas | undefined;
  readonly #pool: Pool;
  #backend: WasmBackend | undefined;

  /** @param bytes the module, as `scripts/build_kernels.ts` wrote it. */
  constructor(bytes: Uint8Array, options: Required<WasmOptions>) {
    this.deterministic = options.deterministic;
    this.threads = options.threads;
    this.wide = options.wide && !options.deterministic;
    this.maximumPages = options.maximumPages;
    // A shared memory has its whole address space reserved from the start, so that even without bounds checks a wrong
    // address stays inside it.
    const shared = this.threads > 1 || this.wide || startedWide();
    this.heap = new Heap(shared, options.maximumPages);
    if (options.blas !== "" && !options.deterministic) {
      this.blas = new Blas(options.blas, this.heap, this.threads);
    }
    const module = new WebAssembly.Module(
      (shared ? bytes : importUnsharedMemory(bytes)) as Uint8Array<ArrayBuffer>,
    );
    const instance = new WebAssembly.Instance(module, { env: { memory: this.heap.memory } });
    this.exports = instance.exports as KernelExports;
    this.#pool = new Pool(this.heap, module, this.exports, this.threads);
  }

  /** Ties the engine to its backend; called once, by the backend. */
  attach(backend: WasmBackend): void {
    this.#backend = backend;
  }

  /** The backend whose tensors the kernels handle. */
  get backend(): WasmBackend {
    return this.#backend!;
  }

  /** Address of the tensor's elements, stored as its dtype says (bool: one byte). They move to the heap when needed. */
  pointer(tensor: tf.TensorInfo): number {
    return this.backend.holder(tensor.dataId).pointer(tensor.dtype);
  }

  /** A new tensor of undefined content. */
  output(shape: readonly number[], dtype: tf.DataType = "float32"): tf.TensorInfo {
    return this.backend.allocate(shape.slice(), dtype);
  }

  /** The same data under another shape; the data is shared, not copied. */
  alias(tensor: tf.TensorInfo, shape: readonly number[], dtype: tf.DataType = tensor.dtype): tf.TensorInfo {
    this.backend.incRef(tensor.dataId);
    return { dataId: tensor.dataId, shape: shape.slice(), dtype };
  }

  /** Disposes a tensor that a kernel made for itself. */
  dispose(tensor: tf.TensorInfo): void {
    this.backend.disposeData(tensor.dataId);
  }

  /** Address of `bytes` bytes of undefined content, a multiple of 64; to be freed with {@link free}. */
  scratch(bytes: number): number {
    return this.heap.allocate(bytes);
  }

  /** Frees what {@link scratch} gave. */
  free(pointer: number): void {
    this.heap.free(pointer);
  }

  /**
   * Divides 0 ... n into at most {@link threads} ranges `[start, end)`, all starts multiples of `multipleOf`. The division
   * depends on the thread count alone. Empty for n = 0.
   *
   * @param limit at most so many ranges, for instance 1 when the work does not pay a second thread.
   */
  shards(n: number, multipleOf = 1, limit: number = this.threads): [start: number, end: number][] {
    const units = Math.ceil(n / multipleOf), count = Math.min(this.threads, limit, units);
    const ranges: [number, number][] = [];
    for (let i = 0; i < count; i++) {
      const start = Math.floor(i * units / count) * multipleOf;
      const end = Math.min(n, Math.floor((i + 1) * units / count) * multipleOf);
      ranges.push([start, end]);
    }
    return ranges;
  }

  /**
   * Calls the module's function `name` once for each list of arguments, on all threads, and returns when all are done.
   * The first list runs on this thread. Each call must write to places of its own.
   */
  run(name: string, calls: readonly (readonly number[])[]): void {
    this.#pool.run(name, calls);
  }

  /** Runs the cpu kernel of that name; for element types and forms that a kernel does not handle itself. */
  fallback<Attributes>(
    name: string,
    { inputs, attrs }: KernelCall<Attributes>,
  ): tf.TensorInfo | tf.TensorInfo[] {
    const kernel = tf.getKernel(name, "cpu");
    if (!kernel) {
      throw new EphemeraError({ expected: `a cpu kernel ${name}`, found: "none", where: "wasm backend" });
    }
    return kernel.kernelFunc({ inputs, attrs: attrs as tf.NamedAttrMap, backend: this.backend });
  }

  /** Runs the wasm backend's kernel of that name, ours or the fallback, from within another kernel. */
  call(name: string, inputs: Record<string, tf.TensorInfo>, attrs: object = {}): tf.TensorInfo {
    const kernel = tf.getKernel(name, "wasm");
    if (!kernel) {
      throw new EphemeraError({ expected: `a wasm kernel ${name}`, found: "none", where: "wasm backend" });
    }
    return kernel.kernelFunc({
      inputs,
      attrs: attrs as tf.NamedAttrMap,
      backend: this.backend,
    }) as tf.TensorInfo;
  }

  /** Ends the worker threads. */
  close(): Promise<void> {
    return this.#pool.close();
  }
}

/**
 * Registers a kernel for the wasm backend, in place of the cpu kernel that stands in for it.
 *
 * @param kernelName tfjs's name of the operation, for instance `"BatchMatMul"`, or one of our own.
 *
 * @example
 * ```ts
 * import { registerWasmKernel, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * registerWasmKernel("TwiceForTheExample", (engine, { inputs: { x } }) => {
 *   const out = engine.output(x.shape), n = tf.util.sizeFromShape(x.shape);
 *   engine.exports.unaryScale(engine.pointer(x), engine.pointer(out), n, 2, 0);
 *   return out;
 * });
 * await tf.setBackend("wasm");
 * const y = tf.engine().runKernel("TwiceForTheExample", { x: tf.tensor1d([1, 2, 3]) }) as tf.Tensor;
 * assert.deepEqual(Array.from(y.dataSync()), [2, 4, 6]);
 * ```
 */
export function registerWasmKernel<Attributes>(kernelName: string, kernel: WasmKernel<Attributes>): void {
  if (tf.getKernel(kernelName, "wasm")) tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend }) =>
      kernel((backend as WasmBackend).engine, {
        inputs: inputs as Record<string, tf.TensorInfo>,
        attrs: attrs as Attributes,
      }),
  });
}

/** The options with their defaults, from the environment where it says something. */
export function completeOptions(options: WasmOptions): Required<WasmOptions> {
  const asked = readEnvironment("EPHEMERA_THREADS");
  let threads = options.threads ??
    (asked === undefined || asked === "" ? navigator.hardwareConcurrency : Number(asked));
  demand(Number.isInteger(threads) && threads >= 1 && threads <= 256, {
    expected: "a number of threads from 1 to 256",
    found: `${options.threads ?? asked}`,
    where: options.threads === undefined ? "EPHEMERA_THREADS" : "threads",
  });
  if (threads > 1 && typeof SharedArrayBuffer === "undefined") {
    console.warn("wasm backend: one thread, because this runtime has no SharedArrayBuffer");
    threads = 1;
  }
  return {
    threads,
    deterministic: options.deterministic ?? readEnvironment("EPHEMERA_DETERMINISTIC") === "1",
    wide: options.wide ?? startedWide(),
    maximumPages: options.maximumPages ?? 65535,
    blas: options.blas ?? readEnvironment("EPHEMERA_BLAS") ?? "",
  };
}
