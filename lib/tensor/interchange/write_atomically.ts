/**
 * Writes a file so that a reader, or a machine that stops in the middle, finds either the old content or the new one,
 * never a part: the bytes go to a neighbour file, reach the disk, and the neighbour takes the name in one step.
 *
 * @param path where the file shall be; its folder must exist
 */
export async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID()}.partial`;
  try {
    const file = await Deno.open(temporary, { write: true, createNew: true });
    try {
      for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
      await file.sync();
    } finally {
      file.close();
    }
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // what failed is reported below, not that nothing was left to remove
    throw error;
  }
}
