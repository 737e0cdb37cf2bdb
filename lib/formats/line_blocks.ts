/** Text in blocks of whole lines, for files larger than memory. */
import { demand } from "../core/mod.ts";
import { type ByteSource, sourceName } from "./bytes.ts";
import { joinBytes } from "./join_bytes.ts";
import { gzipFault, openingFault } from "./source_faults.ts";

/** Options of {@link lineBlocks}. */
export interface LineBlocksOptions {
  /** About how many bytes a block has; a longer line is refused. Default 4 MiB. */
  blockBytes?: number;
  /** What to call the source in messages. Default: its path, or "bytes". */
  where?: string;
}

/** Some whole lines of a text. */
export interface LineBlock {
  /** The lines; the last may lack its newline at the end of the text. */
  bytes: Uint8Array;
  /** Number of the first of them, from 1. */
  line: number;
}

const NEWLINE = 10;

/**
 * Yields a text, packed by gzip or not, in blocks of whole lines. What is held at a time is about two blocks.
 * @throws EphemeraError when the file is absent, when the gzip is damaged, or when a line is longer than a block.
 */
export async function* lineBlocks(
  source: ByteSource,
  options: LineBlocksOptions = {},
): AsyncGenerator<LineBlock, void, void> {
  const { blockBytes = 2 ** 22 } = options, where = sourceName(source, options.where);
  let parts: Uint8Array[] = [], held = 0, line = 1;
  for await (const chunk of unpacked(source, where)) {
    parts.push(chunk);
    held += chunk.length;
    if (held < blockBytes) continue;
    const all = joinBytes(parts), cut = all.lastIndexOf(NEWLINE) + 1;
    demand(cut > 0 || held < 2 * blockBytes, () => ({
      expected: `lines of at most ${blockBytes} bytes`,
      found: "a longer one",
      where: `${where}, line ${line}`,
      remedy: "check that the file is text",
    }));
    parts = [all.subarray(cut)];
    held = all.length - cut;
    if (cut === 0) continue;
    const bytes = all.subarray(0, cut);
    yield { bytes, line };
    for (const byte of bytes) if (byte === NEWLINE) line++;
  }
  if (held > 0) yield { bytes: joinBytes(parts), line };
}

/** The bytes of a source as they come, unpacked when they start as gzip does. */
async function* unpacked(source: ByteSource, where: string): AsyncGenerator<Uint8Array, void, void> {
  const reader = (await opened(source, where)).getReader();
  let packed = false;
  try {
    // The first two bytes tell; a stream may hand them over one by one.
    const first: Uint8Array[] = [];
    let count = 0;
    while (count < 2) {
      const { value, done } = await reader.read();
      if (done) break;
      first.push(value);
      count += value.length;
    }
    const head = joinBytes(first);
    packed = head[0] === 0x1f && head[1] === 0x8b;
    const raw = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => controller.enqueue(head as Uint8Array<ArrayBuffer>),
      async pull(controller) {
        const { value, done } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value as Uint8Array<ArrayBuffer>);
      },
    });
    yield* packed ? raw.pipeThrough(new DecompressionStream("gzip")) : raw;
  } catch (cause) {
    throw packed ? gzipFault(cause, where) : cause;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function opened(source: ByteSource, where: string): Promise<ReadableStream<Uint8Array>> {
  if (source instanceof ReadableStream) return source;
  if (source instanceof Uint8Array) return new Blob([source as Uint8Array<ArrayBuffer>]).stream();
  try {
    return (await Deno.open(source)).readable;
  } catch (cause) {
    throw openingFault(cause, where);
  }
}
