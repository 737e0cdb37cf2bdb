/** Light curves as the pair of files in which PLAsTiCC published its training set. */
import { FLUXCAL_ZERO_POINT } from "../astronomy/mod.ts";
import { demand } from "../core/mod.ts";
import { Flag, LightCurveSet } from "../observations/mod.ts";
import { formatLightCurves } from "./csv_write.ts";
import { PLASTICC_BANDS } from "./plasticc_csv.ts";
import { MINUS_NINE_IS_MISSING, plasticcNumber } from "./plasticc_metadata.ts";

/** Options of {@link PlasticcWriter.create}. */
export interface WritePlasticcOptions {
  /** Numbers of the classes by their names, for the metadata's column `target`. Default: the set's metadata has it. */
  targets?: Readonly<Record<string, number>>;
  /** Name of the file of light curves; packed by gzip when it ends in `.gz`. Default `"training_set.csv"`. */
  lightCurves?: string;
  /** Name of the file of objects; packed by gzip when it ends in `.gz`. Default `"training_set_metadata.csv"`. */
  metadata?: string;
}

/** A file that appears under its name when it is complete. */
class TextSink {
  readonly #path: string;
  readonly #writer: WritableStreamDefaultWriter<BufferSource>;
  readonly #done: Promise<void>;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    if (path.endsWith(".gz")) {
      const packer = new CompressionStream("gzip");
      this.#done = packer.readable.pipeTo(file.writable);
      this.#writer = packer.writable.getWriter();
    } else {
      this.#writer = file.writable.getWriter() as WritableStreamDefaultWriter<BufferSource>;
      this.#done = Promise.resolve();
    }
  }

  static async open(path: string): Promise<TextSink> {
    return new TextSink(path, await Deno.open(`${path}.part`, { write: true, create: true, truncate: true }));
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#writer.write(bytes as Uint8Array<ArrayBuffer>);
  }

  async finish(): Promise<void> {
    await this.#writer.close();
    await this.#done;
  }

  async rename(): Promise<void> {
    await Deno.rename(`${this.#path}.part`, this.#path);
  }

  async remove(): Promise<void> {
    await this.finish().catch(() => {});
    await Deno.remove(`${this.#path}.part`);
  }
}

/**
 * Writes sets as they come to two files of a folder, light curves and objects. Both appear when the writer is closed.
 *
 * What the challenge's files can hold: whole numbers as identifiers, fluxes with zero point 27.5 in the bands ugrizy with
 * errors, detected or not, at least one observation an object, metadata that are numbers. It comes back without loss.
 *
 * @example
 * ```ts
 * import { plasticcLightCurves, PlasticcWriter } from "ephemera/formats";
 * import { LightCurveSet } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * const folder = await Deno.makeTempDir();
 * const writer = await PlasticcWriter.create(folder, { targets: { SNIa: 90 } });
 * await writer.append(new LightCurveSet({ ids: ["615"], offsets: Uint32Array.of(0, 1), time: Float64Array.of(59750),
 *   value: Float64Array.of(12.5), error: Float64Array.of(1), band: Uint8Array.of(0), bands: ["r"], quantity: "flux",
 *   zeroPoint: 27.5, labels: Int32Array.of(0), classNames: ["SNIa"] }));
 * await writer.close();
 * const metadata = `${folder}/training_set_metadata.csv`;
 * for await (const set of plasticcLightCurves(`${folder}/training_set.csv`, { metadata })) {
 *   assert.equal(set.numbers("target")[0], 90);
 * }
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class PlasticcWriter implements AsyncDisposable {
  readonly #curves: TextSink;
  readonly #objects: TextSink;
  readonly #options: WritePlasticcOptions;
  #columns: string[] | undefined;
  #open = true;

  private constructor(curves: TextSink, objects: TextSink, options: WritePlasticcOptions) {
    this.#curves = curves;
    this.#objects = objects;
    this.#options = options;
  }

  /** Opens both files in a folder that is there. */
  static async create(folder: string, options: WritePlasticcOptions = {}): Promise<PlasticcWriter> {
    const { lightCurves = "training_set.csv", metadata = "training_set_metadata.csv" } = options;
    const curves = await TextSink.open(`${folder}/${lightCurves}`);
    return new PlasticcWriter(curves, await TextSink.open(`${folder}/${metadata}`), options);
  }

  /**
   * Adds all objects of a set.
   * @throws EphemeraError when the files cannot hold it, or when its metadata columns are not those of the sets before.
   */
  async append(set: LightCurveSet): Promise<void> {
    demand(this.#open, { expected: "an open writer", found: "a closed one", where: "PlasticcWriter" });
    const places = demandFits(set), metadata = this.#metadata(set), columns = Object.keys(metadata);
    const first = this.#columns === undefined;
    this.#columns ??= columns;
    demand(this.#columns.join() === columns.join(), () => ({
      expected: `the metadata columns of the first set: ${this.#columns!.join(", ")}`,
      found: columns.join(", "),
      where: "PlasticcWriter",
      remedy: "give all sets the same columns in the same order",
    }));
    const detected = Float64Array.from(
      { length: set.observations },
      (_, r) => set.flags === undefined || (set.flags[r] & Flag.detected) !== 0 ? 1 : 0,
    );
    const text = formatLightCurves(
      new LightCurveSet({
        ids: set.ids,
        offsets: set.offsets,
        time: set.time,
        band: Uint8Array.from({ length: set.observations }, (_, r) => places[set.band?.[r] ?? 0]),
        bands: PLASTICC_BANDS.map((_, k) => String(k)),
        value: set.value,
        error: set.error,
        quantity: "flux",
        extra: { detected_bool: detected },
      }),
      { id: "object_id", time: "mjd", band: "passband", error: "flux_err" },
    );
    await this.#curves.write(first ? text : text.subarray(text.indexOf(10) + 1));
    const lines = first ? [["object_id", ...columns].join(",")] : [];
    const minusNine = columns.map((name) => (MINUS_NINE_IS_MISSING as readonly string[]).includes(name));
    set.ids.forEach((id, i) => {
      const fields = columns.map((name, k) => {
        const number = metadata[name][i];
        return Number.isNaN(number)
          ? (minusNine[k] ? "-9" : "")
          : Object.is(number, -0)
          ? "-0"
          : String(number);
      });
      lines.push([id, ...fields].join(","));
    });
    await this.#objects.write(new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")));
  }

  #metadata(set: LightCurveSet): Record<string, Float64Array> {
    const { targets } = this.#options;
    const metadata = Object.fromEntries(Object.keys(set.metadata).map((name) => [name, set.numbers(name)]));
    if (targets === undefined || set.labels === undefined) return metadata;
    metadata.target = Float64Array.from(set.ids, (id, i) => {
      const name = set.className(i);
      if (name === undefined) return NaN;
      demand(Object.hasOwn(targets, name), () => ({
        expected: `one of the classes ${Object.keys(targets).join(", ")}`,
        found: `"${name}"`,
        where: `object ${id}`,
        remedy: "give its number in the option targets",
      }));
      return targets[name];
    });
    return metadata;
  }

  /** Completes both files and gives them their names. */
  async close(): Promise<void> {
    if (!this.#open) return;
    try {
      demand(this.#columns !== undefined, {
        expected: "at least one set",
        found: "none",
        where: "PlasticcWriter",
        remedy: "append a set before closing",
      });
    } catch (error) {
      await this.abort();
      throw error;
    }
    this.#open = false;
    await this.#curves.finish();
    await this.#objects.finish();
    await this.#curves.rename();
    await this.#objects.rename();
  }

  /** Gives up: the unfinished files are removed. Does nothing after `close`. */
  async abort(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#curves.remove();
    await this.#objects.remove();
  }

  /** Removes the unfinished files when `close` was not reached. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }
}

/** Returns the challenge's number of each band of the set. */
function demandFits(set: LightCurveSet): number[] {
  const where = "PlasticcWriter";
  demand(set.quantity === "flux" && set.zeroPoint === FLUXCAL_ZERO_POINT && set.error !== undefined, () => ({
    expected: `fluxes of zero point ${FLUXCAL_ZERO_POINT} with errors`,
    found: `${set.quantity} of zero point ${set.zeroPoint}${set.error ? "" : " without errors"}`,
    where,
    remedy: "convert the set first",
  }));
  set.ids.forEach((id, i) => {
    demand(!Number.isNaN(plasticcNumber(id)) && set.count(i) > 0, () => ({
      expected: "whole numbers as identifiers, of objects with observations",
      found: set.count(i) > 0 ? `"${id}"` : "none",
      where: `${where}, object ${id}`,
      remedy: "number the objects, and leave out those without observations",
    }));
  });
  return set.bands.map((name) => {
    const place = (PLASTICC_BANDS as readonly string[]).indexOf(name.toLowerCase());
    demand(place >= 0, () => ({
      expected: `bands among ${PLASTICC_BANDS.join(", ")}`,
      found: name,
      where,
      remedy: "leave out the other bands",
    }));
    return place;
  });
}
