/**
 * What the outside world does to a file: flipped bytes, truncations, absurd lengths, pieces lost, doubled or from
 * another file. {@link testMutations} holds a reader to its promise under thousands of them.
 */
import assert from "node:assert/strict";
import { EphemeraError, Random } from "ephemera/core";

/** How many damaged files a reader gets: the environment variable EPHEMERA_MUTATIONS, or the given number. */
export function mutationCount(usual = 10_000): number {
  return Number(Deno.env.get("EPHEMERA_MUTATIONS") ?? usual);
}

/** Whole numbers that have broken readers before. */
const ABSURD = [
  0,
  1,
  0x7f,
  0x80,
  0xff,
  0x7fff,
  0x8000,
  0xffff,
  0x7fffffff,
  0x80000000,
  0xffffffff,
  0xfffffffe,
];
const ABSURD_TEXT = [
  "0",
  "-1",
  "9",
  "99999999",
  "2147483648",
  "4294967296",
  "9007199254740993",
  "1e308",
  "nan",
];

type Damage = (bytes: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array;

/** A place in the file: half of the time near its head, where the lengths stand. */
function place(bytes: Uint8Array, random: Random): number {
  if (bytes.length === 0) return 0;
  return random.integer(0, random.uniform() < 0.5 ? Math.min(bytes.length, 512) : bytes.length);
}

function splice(bytes: Uint8Array, from: number, gone: number, put: Uint8Array): Uint8Array {
  const end = Math.min(bytes.length, from + gone),
    out = new Uint8Array(from + put.length + bytes.length - end);
  out.set(bytes.subarray(0, from));
  out.set(put, from);
  out.set(bytes.subarray(end), from + put.length);
  return out;
}

const isDigit = (byte: number) => byte >= 48 && byte <= 57;

const DAMAGES: Readonly<Record<string, Damage>> = {
  "bits flipped"(bytes, random) {
    const out = bytes.slice();
    for (let k = random.integer(1, 9); k > 0 && out.length > 0; k--) {
      out[place(out, random)] ^= 1 << random.integer(0, 8);
    }
    return out;
  },
  "bytes replaced"(bytes, random) {
    const out = bytes.slice();
    for (let k = random.integer(1, 17); k > 0 && out.length > 0; k--) {
      out[place(out, random)] = random.integer(0, 256);
    }
    return out;
  },
  truncated: (bytes, random) => bytes.slice(0, place(bytes, random)),
  "absurd binary number"(bytes, random) {
    const out = bytes.slice(), view = new DataView(out.buffer), width = [1, 2, 4, 8][random.integer(0, 4)];
    if (out.length < width) return out;
    const at = Math.min(place(out, random), out.length - width),
      value = ABSURD[random.integer(0, ABSURD.length)];
    const little = random.uniform() < 0.5;
    if (width === 1) view.setUint8(at, value);
    else if (width === 2) view.setUint16(at, value, little);
    else if (width === 4) view.setUint32(at, value, little);
    else view.setBigUint64(at, BigInt(value) << BigInt(random.integer(0, 33)), little);
    return out;
  },
  "absurd number in text"(bytes, random) {
    let at = place(bytes, random);
    while (at < bytes.length && !isDigit(bytes[at])) at++;
    let end = at;
    while (end < bytes.length && isDigit(bytes[end])) end++;
    const text = new TextEncoder().encode(ABSURD_TEXT[random.integer(0, ABSURD_TEXT.length)]);
    // Half of the time what follows stays where it was, as fixed columns need it.
    if (random.uniform() < 0.5) return splice(bytes, at, end - at, text);
    const start = Math.max(0, end - text.length);
    return splice(bytes, start, text.length, text);
  },
  "piece lost": (bytes, random) =>
    splice(bytes, place(bytes, random), random.integer(1, 200), new Uint8Array(0)),
  "piece doubled"(bytes, random) {
    const from = place(bytes, random), piece = bytes.slice(from, from + random.integer(1, 200));
    return splice(bytes, place(bytes, random), 0, piece);
  },
  "piece of another file"(bytes, random, others) {
    const other = others[random.integer(0, others.length)], from = place(other, random);
    const piece = other.slice(from, from + random.integer(1, 200));
    return splice(bytes, place(bytes, random), random.uniform() < 0.5 ? piece.length : 0, piece);
  },
  "noise inserted": (bytes, random) =>
    splice(
      bytes,
      place(bytes, random),
      0,
      Uint8Array.from({ length: random.integer(1, 40) }, () => random.integer(0, 256)),
    ),
  "run of one byte"(bytes, random) {
    const value = [0, 0x20, 0x2d, 0x80, 0xff][random.integer(0, 5)];
    const run = new Uint8Array(random.integer(1, 400)).fill(value);
    return splice(bytes, place(bytes, random), random.uniform() < 0.5 ? run.length : 0, run);
  },
};
const KINDS = Object.keys(DAMAGES);

/** Returns a damaged copy of one of the files, the same for the same generator, and what was done to it. */
export function mutate(files: readonly Uint8Array[], random: Random): { bytes: Uint8Array; damage: string } {
  let bytes: Uint8Array = files[random.integer(0, files.length)];
  const done: string[] = [];
  for (let k = random.uniform() < 0.7 ? 1 : random.integer(2, 5); k > 0; k--) {
    const kind = KINDS[random.integer(0, KINDS.length)];
    bytes = DAMAGES[kind](bytes, random, files);
    done.push(kind);
  }
  return { bytes, damage: done.join(", then ") };
}

const COUNTED = [
  "ArrayBuffer",
  "Uint8Array",
  "Int8Array",
  "Uint16Array",
  "Int16Array",
  "Uint32Array",
  "Int32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
  "Uint8ClampedArray",
  "Array",
] as const;

/**
 * Counts what is allocated by number through the constructors of typed arrays, buffers and lists (`new Float64Array(n)`)
 * while it is open: a length believed before it was checked shows here, even when the memory is never touched.
 */
export class AllocationCounter {
  /** Bytes asked for since the last reset. */
  bytes = 0;
  readonly #originals = new Map<string, unknown>();

  /** Begins to count. */
  open(): void {
    const scope = globalThis as unknown as Record<string, new (...args: unknown[]) => unknown>;
    for (const name of COUNTED) {
      const original = scope[name] as (new (...args: unknown[]) => unknown) & { BYTES_PER_ELEMENT?: number };
      const width = name === "Array" ? 8 : original.BYTES_PER_ELEMENT ?? 1;
      this.#originals.set(name, original);
      scope[name] = new Proxy(original, {
        construct: (target, args: unknown[], newTarget) => {
          if (typeof args[0] === "number" && args[0] > 0) this.bytes += args[0] * width;
          return Reflect.construct(target, args, newTarget) as object;
        },
      });
    }
  }

  /** Puts the constructors back. */
  close(): void {
    for (const [name, original] of this.#originals) {
      (globalThis as unknown as Record<string, unknown>)[name] = original;
    }
  }
}

/** Options of {@link testMutations}. */
export interface MutationTest {
  /** Small good files; all must be readable. */
  files: readonly Uint8Array[];
  /** Reads one file. What it returns is not looked at, unless `check` does. */
  read: (bytes: Uint8Array) => unknown;
  /** Holds a result that came out in spite of the damage to what every result must meet. */
  check?: (result: unknown) => void;
  /** Bytes that reading a file of a length may allocate: the bound that the reader states. */
  memory: (length: number) => number;
  /** Seed of the damages. */
  seed: number | string;
  /** How many damaged files, unless EPHEMERA_MUTATIONS says another number. Default 10,000. */
  count?: number;
}

/** No reading of a file of some kilobytes takes this long (ms), however slow the machine: it would be a hang. */
const HANG = 20_000;
/** What a reading may leave on the heap of the engine before its garbage is collected. */
const HEAP = 512 * 2 ** 20;

/** What came of the damaged files. */
export interface MutationOutcome {
  /** Read with a result. */
  read: number;
  /** Refused with an EphemeraError. */
  refused: number;
  /** The most that one reading allocated by number, in bytes. */
  mostAllocated: number;
}

/**
 * Damages files and has each read: every reading must end with a result or with an {@link EphemeraError}, in time, within
 * the memory bound. A failure names the number of the damage, which `new Random(seed).stream(number)` makes again.
 */
export async function testMutations(options: MutationTest): Promise<MutationOutcome> {
  const { files, read, check, memory } = options, random = new Random(options.seed);
  for (const file of files) check?.(await read(file));
  const counter = new AllocationCounter(), outcome = { read: 0, refused: 0, mostAllocated: 0 };
  for (let k = 0; k < mutationCount(options.count); k++) {
    const { bytes, damage } = mutate(files, random.stream(k));
    const name = `damage ${k} (${damage}; ${bytes.length} bytes; seed ${options.seed})`;
    const before = Deno.memoryUsage(), start = performance.now();
    counter.bytes = 0;
    counter.open();
    let result: unknown, failure: unknown;
    try {
      result = await read(bytes);
    } catch (error) {
      failure = error;
    } finally {
      counter.close();
    }
    const after = Deno.memoryUsage(), took = performance.now() - start, bound = memory(bytes.length);
    if (failure !== undefined && !(failure instanceof EphemeraError)) {
      throw new Error(`${name}: not an EphemeraError but ${failure}`, { cause: failure });
    }
    assert.ok(counter.bytes <= bound, `${name}: allocated ${counter.bytes} bytes, bound ${bound}`);
    const left = after.heapUsed + after.external - before.heapUsed - before.external;
    assert.ok(left <= bound + HEAP, `${name}: left ${left} bytes on the heap`);
    assert.ok(took < HANG, `${name}: took ${took} ms`);
    if (failure === undefined) {
      outcome.read++;
      check?.(result);
    } else outcome.refused++;
    outcome.mostAllocated = Math.max(outcome.mostAllocated, counter.bytes);
  }
  return outcome;
}
