/** Pieces of a file on demand, so that a file larger than memory can be read. */
import { demand, EphemeraError } from "../../core/mod.ts";
import { sourceName } from "../bytes.ts";

/** A file, or bytes that stand for one. */
export type RandomAccessSource = string | URL | Uint8Array;

/** Bytes that can be read at any place. */
export interface BytesAt extends Disposable {
  /** Number of bytes. */
  readonly length: number;
  /** What to call the source in messages. */
  readonly where: string;
  /** Returns the bytes from `start` to `end - 1`. */
  read(start: number, end: number): Promise<Uint8Array>;
}

/**
 * Opens a source for reading in pieces.
 * @throws EphemeraError when there is no such file.
 */
export async function openBytes(source: RandomAccessSource, where?: string): Promise<BytesAt> {
  const name = sourceName(source, where);
  if (source instanceof Uint8Array) {
    return {
      length: source.length,
      where: name,
      read: (start, end) => Promise.resolve(source.subarray(start, end)),
      [Symbol.dispose]() {},
    };
  }
  let file: Deno.FsFile;
  try {
    file = await Deno.open(source);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new EphemeraError({
      expected: "a file",
      found: "none",
      where: name,
      remedy: "check the path",
      cause,
    });
  }
  const { size, isFile } = await file.stat();
  if (!isFile) {
    file.close();
    throw new EphemeraError({ expected: "a file", found: "a folder or device", where: name });
  }
  return {
    length: size,
    where: name,
    async read(start, end) {
      const bytes = new Uint8Array(end - start);
      await file.seek(start, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) {
        const count = await file.read(bytes.subarray(at));
        demand(count !== null, () => ({
          expected: `${size} bytes`,
          found: `only ${start + at}`,
          where: name,
          remedy: "read the file again when nobody writes to it",
        }));
        at += count;
      }
      return bytes;
    },
    [Symbol.dispose]() {
      file.close();
    },
  };
}
