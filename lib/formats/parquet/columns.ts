/** An open Parquet file, and its columns row group by row group. */
import { demand } from "../../core/mod.ts";
import { type BytesAt, openBytes, type RandomAccessSource } from "./bytes_at.ts";
import { type Footer, type Leaf, readFooter } from "./footer.ts";
import { Budget, decodeChunk, type DecodedColumn } from "./pages.ts";

/** Options that all readers of Parquet share. */
export interface ReadParquetBytesOptions {
  /** Refuse to set aside more bytes than this for what is unpacked and decoded. Default 1 GiB. */
  maximumBytes?: number;
  /** What to call the source in messages. Default: its path, or "bytes". */
  where?: string;
}

/** A column that is wanted, and whether whole numbers are to become texts. */
export interface WantedColumn {
  leaf: Leaf;
  as: "number" | "text";
}

/** An open file. */
export class ParquetColumns implements Disposable {
  readonly footer: Footer;
  readonly where: string;
  readonly #bytes: BytesAt;
  readonly #maximumBytes: number;

  private constructor(footer: Footer, bytes: BytesAt, maximumBytes: number) {
    this.footer = footer;
    this.where = bytes.where;
    this.#bytes = bytes;
    this.#maximumBytes = maximumBytes;
  }

  static async open(
    source: RandomAccessSource,
    options: ReadParquetBytesOptions,
  ): Promise<ParquetColumns> {
    const { maximumBytes = 2 ** 30 } = options, bytes = await openBytes(source, options.where);
    try {
      return new ParquetColumns(await readFooter(bytes, maximumBytes), bytes, maximumBytes);
    } catch (error) {
      bytes[Symbol.dispose]();
      throw error;
    }
  }

  /** Returns the column of a name, or of a path with dots. */
  find(name: string): Leaf | undefined {
    const { leaves } = this.footer;
    return leaves.find((leaf) => leaf.name === name) ?? leaves.find((leaf) => leaf.path === name);
  }

  /**
   * Returns the column of a name.
   * @throws EphemeraError with the columns that there are.
   */
  demand(name: string): Leaf {
    const leaf = this.find(name);
    demand(leaf !== undefined, () => ({
      expected: `a column "${name}"`,
      found: `the columns ${this.footer.leaves.map(({ name }) => name).join(", ") || "(none)"}`,
      where: this.where,
      remedy: "name the column in the options",
    }));
    return leaf;
  }

  /** A budget of as many bytes as may be set aside. */
  budget(): Budget {
    return new Budget(this.#maximumBytes);
  }

  /** Decodes the wanted columns of row group `g`. */
  async group(g: number, wanted: readonly WantedColumn[], budget: Budget): Promise<DecodedColumn[]> {
    const { rows, chunks } = this.footer.groups[g], decoded: DecodedColumn[] = [];
    for (const { leaf, as } of wanted) {
      const where = `${this.where}, row group ${g}, column ${leaf.path}`, chunk = chunks.get(leaf.path);
      demand(chunk !== undefined, { expected: "all columns in each row group", found: "none", where });
      budget.take(chunk.end - chunk.start, where);
      const bytes = await this.#bytes.read(chunk.start, chunk.end);
      decoded.push(decodeChunk(bytes, leaf, chunk, rows, as, budget, where));
    }
    return decoded;
  }

  [Symbol.dispose](): void {
    this.#bytes[Symbol.dispose]();
  }
}
