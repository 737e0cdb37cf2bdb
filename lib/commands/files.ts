/** Files that are either the old or the new one, whatever happens in between. */
import { randomUUID } from "node:crypto";
import { basename, dirname, join } from "node:path";

/** Writes `text` to `path` by way of a temporary file beside it, so that an interruption leaves the old file whole. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await Deno.writeTextFile(temporary, text, { createNew: true });
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}
