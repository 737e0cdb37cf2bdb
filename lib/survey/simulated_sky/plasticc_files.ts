/** Simulated catalogues as PLAsTiCC's pair of CSV files, written as they come. */
import { join } from "node:path";
import { demand } from "../../core/mod.ts";
import { formatLightCurves, formatTable } from "../../formats/mod.ts";
import { Flag, LightCurveSet, type Table } from "../../observations/mod.ts";

/** The mark of a missing number in PLAsTiCC's metadata. */
const MISSING = -9;

/**
 * Writes light curves chunk by chunk as `NAME.csv` (object_id, mjd, passband as a number, flux, flux_err, detected) and their
 * metadata as `NAME_metadata.csv` (object_id, then the set's columns; missing numbers are -9, but the truth's, which stay
 * empty). Numbers are written so that reading gives them back exactly.
 */
export class PlasticcWriter implements AsyncDisposable {
  readonly #curves: Deno.FsFile;
  readonly #metadata: Deno.FsFile;
  #begun = false;
  #columns = "";

  private constructor(curves: Deno.FsFile, metadata: Deno.FsFile) {
    this.#curves = curves;
    this.#metadata = metadata;
  }

  /** Creates the two files in a folder. @param name e.g. `"test_set"`. @throws when one of them exists. */
  static async create(folder: string, name: string): Promise<PlasticcWriter> {
    const open = (path: string) => Deno.open(join(folder, path), { write: true, createNew: true });
    const curves = await open(`${name}.csv`);
    try {
      return new PlasticcWriter(curves, await open(`${name}_metadata.csv`));
    } catch (error) {
      curves.close();
      throw error;
    }
  }

  /** Adds all objects of a set. @throws EphemeraError unless it holds fluxes with errors, and the columns of the sets before. */
  async append(set: LightCurveSet): Promise<void> {
    demand(set.quantity === "flux" && set.error !== undefined && set.band !== undefined, () => ({
      expected: "fluxes with errors in bands",
      found: set.quantity,
      where: "PlasticcWriter",
    }));
    const columns = Object.keys(set.metadata).join();
    demand(!this.#begun || columns === this.#columns, () => ({
      expected: `the metadata columns ${this.#columns}`,
      found: columns,
      where: "PlasticcWriter",
    }));
    const numbered = new LightCurveSet({
      ...set.columns(),
      bands: set.bands.map((_, b) => String(b)),
      flags: undefined,
      extra: {
        detected: Float64Array.from(set.flags ?? set.band!, (flag) => set.flags ? flag & Flag.detected : 1),
      },
    });
    const curves = formatLightCurves(numbered, {
      id: "object_id",
      time: "mjd",
      band: "passband",
      value: "flux",
      error: "flux_err",
    });
    const metadata = new TextEncoder().encode(formatTable(tableOf(set)));
    await writeAll(this.#curves, this.#begun ? afterHeader(curves) : curves);
    await writeAll(this.#metadata, this.#begun ? afterHeader(metadata) : metadata);
    this.#begun = true;
    this.#columns = columns;
  }

  /** Closes both files. */
  close(): void {
    this.#curves.close();
    this.#metadata.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}

/** The metadata with the identifier in front and the mark of missing numbers. */
function tableOf(set: LightCurveSet): Table {
  const columns = Object.entries(set.metadata).map(([name, column]) => [
    name,
    column instanceof Float64Array && !name.startsWith("true_")
      ? column.map((value) => Number.isNaN(value) ? MISSING : value)
      : column,
  ]);
  return { object_id: set.ids, ...Object.fromEntries(columns) };
}

function afterHeader(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(bytes.indexOf(10) + 1);
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}
