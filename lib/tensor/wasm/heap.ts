import { EphemeraError } from "../../core/mod.ts";

const PAGE = 65536;
const MAXIMUM_PAGES = 65536;
/** The first bytes belong to the module's own data. */
const FIRST = PAGE;
/** Bytes at the end that no block has: a register tile may read, not write, a few numbers past the end of a tensor. */
const SLACK = 64;
/** Free bytes kept by size before neighbours are joined rather than the memory grown. */
const JOIN_BEFORE_GROWING = 32 << 20;

/** Blocks come in sizes of an eighth of a power of two, so that at most 12.5 % of a block is unused. */
function sizeClass(bytes: number): number {
  if (bytes <= 512) return Math.max(64, Math.ceil(bytes / 64) * 64);
  const step = 2 ** (Math.floor(Math.log2(bytes)) - 3);
  return Math.ceil(bytes / step) * step;
}

/** A memory with the largest maximum whose address space the system grants: a limit on it may forbid 4 GiB. */
function reserve(shared: boolean): [memory: WebAssembly.Memory, pages: number] {
  for (let pages = MAXIMUM_PAGES;; pages /= 2) {
    try {
      return [new WebAssembly.Memory({ initial: 256, maximum: pages, shared }), pages];
    } catch (cause) {
      if (pages > 1024) continue;
      throw new EphemeraError({
        expected: "address space for the wasm tensor memory",
        found: "a refusal of 64 MiB",
        where: "wasm backend",
        remedy: "raise the limit on the process's address space, or use another backend",
        cause,
      });
    }
  }
}

/**
 * The memory of the kernels: one `WebAssembly.Memory` and an allocator for it.
 *
 * Freed blocks are kept in lists by size, which makes the next request of that size (a training step asks for the same
 * sizes again and again) a pop. When no list serves a request, free neighbours are joined; only then the memory grows.
 * All addresses are multiples of 64.
 *
 * @example
 * ```ts
 * import { Heap } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const heap = new Heap(false), address = heap.allocate(400);
 * heap.floats.fill(1.5, address / 4, address / 4 + 100);
 * assert.equal(heap.bytesInUse, 448);
 * heap.free(address);
 * assert.equal(heap.bytesInUse, 0);
 * ```
 */
export class Heap {
  /** Shared with the workers when threads are used. */
  readonly memory: WebAssembly.Memory;
  /** Whether other threads see the memory. */
  readonly shared: boolean;
  readonly #maximumBytes: number;
  readonly #sizes = new Map<number, number>();
  readonly #bySize = new Map<number, number[]>();
  // Joined free regions: start to size, and end to start.
  readonly #regions = new Map<number, number>();
  readonly #regionAt = new Map<number, number>();
  #listed = 0;
  #top = FIRST;
  #capacity: number;
  #inUse = 0;
  #peak = 0;
  #floats: Float32Array;
  #integers: Int32Array;
  #bytes: Uint8Array;
  #buffer: ArrayBufferLike;

  /**
   * @param shared whether other threads will see the memory.
   * @param maximumPages pages of 64 KiB that the memory may grow to; 65536 (4 GiB) is the limit of 32-bit addresses.
   */
  constructor(shared: boolean, maximumPages: number = MAXIMUM_PAGES) {
    this.shared = shared;
    const [memory, reserved] = reserve(shared);
    this.memory = memory;
    // The last page stays unused: an address one past the end would not fit into 32 bits.
    this.#maximumBytes = Math.min(maximumPages, reserved - 1) * PAGE;
    this.#buffer = this.memory.buffer;
    this.#capacity = this.#buffer.byteLength;
    this.#floats = new Float32Array(this.#buffer);
    this.#integers = new Int32Array(this.#buffer);
    this.#bytes = new Uint8Array(this.#buffer);
  }

  /** Bytes of all blocks that are allocated now. */
  get bytesInUse(): number {
    return this.#inUse;
  }

  /** The largest value that {@link bytesInUse} has had. */
  get peakBytes(): number {
    return this.#peak;
  }

  /** Size of the memory in bytes; it never shrinks. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Bytes that can be allocated in all before the limit of the memory. */
  get limit(): number {
    return this.#maximumBytes - FIRST - SLACK;
  }

  /** The whole memory as 32-bit floats. Ask for it anew after every allocation: growth replaces it. */
  get floats(): Float32Array {
    return this.#floats;
  }

  /** The whole memory as 32-bit integers; see {@link floats}. */
  get integers(): Int32Array {
    return this.#integers;
  }

  /** The whole memory as bytes; see {@link floats}. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /**
   * Address of a new block of at least `bytes` bytes, a multiple of 64. Its content is undefined.
   *
   * @throws EphemeraError when the memory cannot hold it.
   */
  allocate(bytes: number): number {
    const size = sizeClass(bytes);
    const pointer = this.#bySize.get(size)?.pop();
    if (pointer !== undefined) this.#listed -= size;
    const found = pointer ?? this.#fit(size) ?? this.#extend(size, bytes);
    this.#sizes.set(found, size);
    this.#inUse += size;
    if (this.#inUse > this.#peak) this.#peak = this.#inUse;
    return found;
  }

  /** Whether `values` is a view on this memory (or, unshared memory having grown, was one). */
  owns(values: unknown): boolean {
    if (!ArrayBuffer.isView(values)) return false;
    return this.shared ? values.buffer instanceof SharedArrayBuffer : values.buffer === this.#buffer;
  }

  /** Gives a block back. */
  free(pointer: number): void {
    const size = this.#sizes.get(pointer);
    if (size === undefined) {
      throw new EphemeraError({
        expected: "the address of an allocated block",
        found: `${pointer}`,
        where: "Heap.free",
      });
    }
    this.#sizes.delete(pointer);
    this.#inUse -= size;
    const list = this.#bySize.get(size);
    if (list) list.push(pointer);
    else this.#bySize.set(size, [pointer]);
    this.#listed += size;
  }

  #fit(size: number): number | undefined {
    let best = -1, bestSize = Infinity;
    for (const [start, length] of this.#regions) {
      if (length < size || length >= bestSize) continue;
      best = start;
      bestSize = length;
      if (length === size) break;
    }
    if (best < 0) return undefined;
    this.#dropRegion(best, bestSize);
    if (bestSize > size) this.#addRegion(best + size, bestSize - size);
    return best;
  }

  #addRegion(start: number, size: number): void {
    const before = this.#regionAt.get(start);
    if (before !== undefined) {
      size += start - before;
      this.#dropRegion(before, start - before);
      start = before;
    }
    const after = this.#regions.get(start + size);
    if (after !== undefined) {
      this.#dropRegion(start + size, after);
      size += after;
    }
    this.#regions.set(start, size);
    this.#regionAt.set(start + size, start);
  }

  #dropRegion(start: number, size: number): void {
    this.#regions.delete(start);
    this.#regionAt.delete(start + size);
  }

  /** Moves every listed block into the joined regions, and a region at the very end back to the unused rest. */
  #join(): void {
    for (const [size, list] of this.#bySize) {
      for (const pointer of list) this.#addRegion(pointer, size);
      list.length = 0;
    }
    this.#listed = 0;
    const last = this.#regionAt.get(this.#top);
    if (last === undefined) return;
    this.#dropRegion(last, this.#top - last);
    this.#top = last;
  }

  #extend(size: number, asked: number): number {
    const overLimit = this.#top + size + SLACK > this.#maximumBytes;
    if (
      this.#listed > 0 &&
      (overLimit || (this.#top + size + SLACK > this.#capacity && this.#listed > JOIN_BEFORE_GROWING))
    ) {
      this.#join();
      const found = this.#fit(size);
      if (found !== undefined) return found;
    }
    const pointer = this.#top, end = pointer + size;
    if (end + SLACK > this.#maximumBytes) throw this.#exhausted(asked);
    if (end + SLACK > this.#capacity) this.#grow(end + SLACK, asked);
    this.#top = end;
    return pointer;
  }

  #grow(end: number, asked: number): void {
    // An eighth more than needed, so that a growing network does not grow the memory tensor by tensor.
    const wanted = Math.min(this.#maximumBytes, Math.max(end, this.#capacity + (this.#capacity >> 3)));
    try {
      this.memory.grow(Math.ceil((wanted - this.#capacity) / PAGE));
    } catch (cause) {
      throw this.#exhausted(asked, cause);
    }
    this.#buffer = this.memory.buffer;
    this.#capacity = this.#buffer.byteLength;
    this.#floats = new Float32Array(this.#buffer);
    this.#integers = new Int32Array(this.#buffer);
    this.#bytes = new Uint8Array(this.#buffer);
  }

  #exhausted(asked: number, cause?: unknown): EphemeraError {
    const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    return new EphemeraError({
      expected: `room for a block of ${mebibytes(asked)} in the wasm tensor memory`,
      found: `${mebibytes(this.#inUse)} in use of ${mebibytes(this.limit)}`,
      where: "wasm backend",
      remedy:
        "use a smaller batch, split it into micro-batches with accumulated gradients, or choose another backend",
      cause,
    });
  }
}
