/** Which notebooks there are. */
import { join } from "node:path";

/** The notebooks directly in `folder`, sorted by name; an empty list when there is no such folder. */
export async function listNotebooks(folder: string): Promise<string[]> {
  const paths: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (entry.isFile && /^[^.].*\.ipynb$/.test(entry.name)) paths.push(join(folder, entry.name));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return paths.sort();
}
