/** Where the bytes of a Parquet file go: to a file, row group by row group, or into memory. */
import { ByteWriter } from "hyparquet-writer";

/** Bytes that leave for a file whenever a row group is complete. */
export class FileSink extends ByteWriter {
  readonly #file: Deno.FsFile;

  constructor(file: Deno.FsFile) {
    super(1 << 20);
    this.#file = file;
  }

  /** Writes what has gathered to the file. */
  async flush(): Promise<void> {
    let rest = this.getBytes();
    while (rest.length > 0) rest = rest.subarray(await this.#file.write(rest));
    this.index = 0;
  }

  override finish(): Promise<void> {
    return this.flush();
  }
}
