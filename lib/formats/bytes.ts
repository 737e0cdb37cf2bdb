import { fileURLToPath } from "node:url";
import { demand } from "../core/mod.ts";
import { joinBytes } from "./join_bytes.ts";
import { gzipFault, openingFault } from "./source_faults.ts";

/** Where bytes come from: a path, a URL of a file, bytes in memory, or a stream. */
export type ByteSource = string | URL | Uint8Array | ReadableStream<Uint8Array>;

/** Options of {@link readBytes}. */
export interface ReadBytesOptions {
  /** Refuse more bytes than this, after decompression. Default 1 GiB: a small file may unpack to a disk's worth. */
  maximumBytes?: number;
  /** What to call the source in messages. Default: its path, or "bytes". */
  where?: string;
}

/** Returns the name of a source for messages. */
export function sourceName(source: ByteSource, where?: string): string {
  return where ?? (typeof source === "string" ? source : source instanceof URL ? urlName(source) : "bytes");
}

/** The path of a file as the file system has it, spaces and all; another URL as it is. */
function urlName(url: URL): string {
  return url.protocol === "file:" ? fileURLToPath(url) : url.href;
}

/**
 * Returns all bytes of a source, unpacked when it starts as gzip does.
 * @throws EphemeraError when the file is absent, when the gzip is truncated or damaged, or when there are too many bytes.
 */
export async function readBytes(source: ByteSource, options: ReadBytesOptions = {}): Promise<Uint8Array> {
  const { maximumBytes = 2 ** 30 } = options, where = sourceName(source, options.where);
  const raw = source instanceof ReadableStream
    ? await collect(source, maximumBytes, where)
    : source instanceof Uint8Array
    ? source
    : await readFile(source, where);
  tooMany(raw.length, maximumBytes, where);
  if (!(raw.length >= 2 && raw[0] === 0x1f && raw[1] === 0x8b)) return raw;
  const unpacked = new Blob([raw as Uint8Array<ArrayBuffer>]).stream().pipeThrough(
    new DecompressionStream("gzip"),
  );
  try {
    return await collect(unpacked, maximumBytes, where);
  } catch (cause) {
    throw gzipFault(cause, where);
  }
}

async function readFile(source: string | URL, where: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(source);
  } catch (cause) {
    throw openingFault(cause, where);
  }
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  maximum: number,
  where: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    tooMany(length, maximum, where);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0] : joinBytes(chunks);
}

function tooMany(found: number, maximum: number, where: string): void {
  demand(found <= maximum, () => ({
    expected: `at most ${maximum} bytes`,
    found: `more`,
    where,
    remedy: "raise maximumBytes if the file is meant to be that large",
  }));
}

/** Writes bytes to a path, packed as gzip when the path ends in `.gz`. */
export async function writeBytes(path: string | URL, bytes: Uint8Array): Promise<void> {
  if (!String(path).endsWith(".gz")) return await Deno.writeFile(path, bytes);
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(
    new CompressionStream("gzip"),
  );
  await Deno.writeFile(path, packed);
}
