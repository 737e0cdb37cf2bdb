import { EphemeraError } from "../../core/mod.ts";
import { MathBackendCPU, tf } from "../tf.ts";
import type { WasmEngine } from "./engine.ts";
import type { Heap } from "./heap.ts";

/** How the elements of a tensor are stored. */
export type Storage = "float32" | "int32" | "bool";

const elementBytes: Record<Storage, number> = { float32: 4, int32: 4, bool: 1 };

function storageOf(dtype: tf.DataType): Storage {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return dtype;
  throw new EphemeraError({
    expected: "a float32, int32 or bool tensor",
    found: dtype,
    where: "wasm kernel",
    remedy: "this kernel must leave that type to the cpu kernel",
  });
}

function storageOfValues(values: tf.backend_util.BackendValues, dtype: tf.DataType): Storage {
  if (values instanceof Float32Array) return "float32";
  if (values instanceof Int32Array) return "int32";
  if (values instanceof Uint8Array || values instanceof Uint8ClampedArray) return "bool";
  return storageOf(dtype);
}

/**
 * The data of one tensor (and of all that share it): an ordinary typed array, made by a cpu kernel or by the user, or a
 * block of the kernels' memory. A cpu kernel reads `values` and need not know which.
 */
export class TensorHolder {
  readonly dtype: tf.DataType;
  refCount: number;
  complexTensorInfos?: { real: tf.TensorInfo; imag: tf.TensorInfo };
  #heap: Heap;
  #values: tf.backend_util.BackendValues | undefined;
  #pointer = 0;
  #storage: Storage = "float32";
  #length = 0;
  // Copies in another element type: tfjs casts int32 to float32 without touching the data.
  #converted: Map<Storage, number> | undefined;

  constructor(
    heap: Heap,
    dtype: tf.DataType,
    refCount: number,
    values?: tf.backend_util.BackendValues,
  ) {
    this.#heap = heap;
    this.dtype = dtype;
    this.refCount = refCount;
    this.#values = values;
  }

  /** A holder with a block of its own of undefined content. */
  static allocate(heap: Heap, dtype: tf.DataType, length: number): TensorHolder {
    const holder = new TensorHolder(heap, dtype, 1);
    holder.#storage = storageOf(dtype);
    holder.#length = length;
    holder.#pointer = heap.allocate(length * elementBytes[holder.#storage]);
    return holder;
  }

  get values(): tf.backend_util.BackendValues {
    if (this.#pointer === 0) return this.#values!;
    // Growth of an unshared memory detaches the views on it.
    if ((this.#values as Float32Array | undefined)?.buffer !== this.#heap.memory.buffer) {
      this.#values = this.#view(this.#storage, this.#pointer);
    }
    return this.#values!;
  }

  set values(values: tf.backend_util.BackendValues) {
    this.release();
    this.#values = values;
  }

  /** The values in an array of its own, never a view on the kernels' memory. */
  copy(): tf.backend_util.BackendValues {
    const { values } = this;
    return ArrayBuffer.isView(values) ? (values as Float32Array).slice() : values;
  }

  /** Address of the values stored as `dtype` says; they move into the kernels' memory at the first call. */
  pointer(dtype: tf.DataType): number {
    const wanted = storageOf(dtype);
    if (this.#pointer === 0) this.#moveIn();
    if (this.#storage === wanted) return this.#pointer;
    this.#converted ??= new Map();
    let pointer = this.#converted.get(wanted);
    if (pointer === undefined) {
      pointer = this.#heap.allocate(this.#length * elementBytes[wanted]);
      this.#converted.set(wanted, pointer);
      this.#view(wanted, pointer).set(this.values as Float32Array);
    }
    return pointer;
  }

  #moveIn(): void {
    const values = this.#values as Float32Array | undefined;
    if (values === undefined) {
      throw new EphemeraError({ expected: "a tensor with values", found: "none", where: "wasm backend" });
    }
    this.#storage = storageOfValues(values, this.dtype);
    this.#length = values.length;
    this.#pointer = this.#heap.allocate(values.length * elementBytes[this.#storage]);
    const view = this.#view(this.#storage, this.#pointer);
    view.set(values);
    this.#values = view;
  }

  #view(storage: Storage, pointer: number): Float32Array | Int32Array | Uint8Array {
    const { buffer } = this.#heap.memory;
    if (storage === "float32") return new Float32Array(buffer, pointer, this.#length);
    if (storage === "int32") return new Int32Array(buffer, pointer, this.#length);
    return new Uint8Array(buffer, pointer, this.#length);
  }

  /** Gives the memory back. */
  release(): void {
    this.#values = undefined;
    if (this.#pointer === 0) return;
    this.#heap.free(this.#pointer);
    this.#pointer = 0;
    for (const pointer of this.#converted?.values() ?? []) this.#heap.free(pointer);
    this.#converted = undefined;
  }
}

/**
 * The tfjs backend of this library. It keeps the interface of the cpu backend, so that every cpu kernel runs on it
 * unchanged, and stores tensors where the WebAssembly kernels can reach them.
 */
export class WasmBackend extends MathBackendCPU {
  /** What kernels are written against. */
  readonly engine: WasmEngine;

  /** @param engine the memory, the module and the threads; each engine serves one backend. */
  constructor(engine: WasmEngine) {
    super();
    this.engine = engine;
    engine.attach(this);
  }

  /** The holder of a tensor's data; a tensor of another backend is moved here first. */
  holder(dataId: tf.DataId): TensorHolder {
    return this.data.get(dataId) as unknown as TensorHolder;
  }

  #keep(dataId: tf.DataId, holder: TensorHolder): void {
    this.data.set(dataId, holder as unknown as Parameters<typeof this.data.set>[1]);
  }

  /** Keeps values without copying them; they move into the memory when a kernel needs them there. */
  override write(values: tf.backend_util.BackendValues, _shape: number[], dtype: tf.DataType): tf.DataId {
    const dataId = {};
    // Some cpu kernels (Slice) return a part of their input, which must not outlive it here.
    const own = this.engine.heap.owns(values) ? (values as Float32Array).slice() : values;
    this.#keep(dataId, new TensorHolder(this.engine.heap, dtype, 1, own));
    return dataId;
  }

  /** A tensor of undefined content in the kernels' memory. */
  allocate(shape: number[], dtype: tf.DataType): tf.TensorInfo {
    const dataId = {};
    this.#keep(dataId, TensorHolder.allocate(this.engine.heap, dtype, tf.util.sizeFromShape(shape)));
    return { dataId, shape, dtype };
  }

  /** Takes over a tensor of another backend. */
  override move(
    dataId: tf.DataId,
    values: tf.backend_util.BackendValues,
    _shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    this.#keep(dataId, new TensorHolder(this.engine.heap, dtype, refCount, values));
  }

  /** A copy of a tensor's values. */
  override readSync(dataId: tf.DataId): tf.backend_util.BackendValues {
    const holder = this.holder(dataId);
    if (holder.complexTensorInfos) return super.readSync(dataId);
    return tf.util.convertBackendValuesAndArrayBuffer(holder.copy(), holder.dtype);
  }

  /** A copy of a tensor's values. */
  override read(dataId: tf.DataId): Promise<tf.backend_util.BackendValues> {
    try {
      return Promise.resolve(this.readSync(dataId));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Drops one reference to the data, and gives its memory back with the last one (or with any when `force` is set). */
  override disposeData(dataId: tf.DataId, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const holder = this.holder(dataId);
    const gone = super.disposeData(dataId, force);
    if (gone) holder.release();
    return gone;
  }

  /** tfjs's own count of bytes is exact on this backend; see `engine.heap` for the memory that is taken. */
  override memory(): { unreliable: boolean; reasons: string[] } {
    return { unreliable: false, reasons: [] };
  }

  /** Ends the worker threads. */
  override dispose(): void {
    void this.engine.close();
  }
}
