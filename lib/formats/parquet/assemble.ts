/** From decoded columns to sets of light curves. */
import { demand } from "../../core/mod.ts";
import { type Column, LightCurveSet } from "../../observations/mod.ts";
import type { WantedColumn } from "./columns.ts";
import type { ParquetColumnNames, ParquetNote } from "./layout.ts";
import type { DecodedColumn } from "./pages.ts";
import type { ReadParquetOptions } from "./reader.ts";

/** A wanted column and what it means. */
export interface RoleColumn extends WantedColumn {
  role: keyof ParquetColumnNames | "extra" | "metadata";
}

/** Returns columns of rows, one set after another. */
export function joined(first: readonly DecodedColumn[], second: readonly DecodedColumn[]): DecodedColumn[] {
  return first.map(({ numbers, texts }, k) => {
    const next = second[k];
    if (texts) return { texts: texts.length === 0 ? next.texts : texts.concat(next.texts!) };
    if (numbers!.length === 0) return { numbers: next.numbers };
    const both = new Float64Array(numbers!.length + next.numbers!.length);
    both.set(numbers!);
    both.set(next.numbers!, numbers!.length);
    return { numbers: both };
  });
}

/** Returns the rows `from` to `to - 1` of columns of rows. */
export function sliced(columns: readonly DecodedColumn[], from: number, to?: number): DecodedColumn[] {
  return columns.map(({ numbers, texts }) =>
    texts ? { texts: texts.slice(from, to) } : { numbers: numbers!.slice(from, to) }
  );
}

function gathered({ numbers, texts }: DecodedColumn, rows: ArrayLike<number>): DecodedColumn {
  return texts
    ? { texts: Array.from(rows, (r) => texts[r]) }
    : { numbers: Float64Array.from(rows, (r) => numbers![r]) };
}

/** Makes sets of decoded columns; bands and classes keep their numbers from one row group to the next. */
export class Assembler {
  readonly #where: string;
  readonly #note: ParquetNote | undefined;
  readonly #options: ReadParquetOptions;
  readonly #wanted: readonly RoleColumn[];
  readonly #bands: string[];
  readonly #fixedBands: boolean;
  readonly #classNames: string[];
  readonly #fixedClasses: boolean;

  constructor(
    where: string,
    note: ParquetNote | undefined,
    options: ReadParquetOptions,
    wanted: readonly RoleColumn[],
  ) {
    this.#where = where;
    this.#note = note;
    this.#options = options;
    this.#wanted = wanted;
    const bands = options.bands ?? note?.bands, classNames = options.classNames ?? note?.classNames;
    this.#fixedBands = bands !== undefined;
    this.#bands = [...bands ?? (this.#at("band") < 0 ? [options.band ?? "V"] : [])];
    this.#fixedClasses = classNames !== undefined;
    this.#classNames = [...classNames ?? []];
  }

  #at(role: RoleColumn["role"]): number {
    return this.#wanted.findIndex((column) => column.role === role);
  }

  /** The columns of a file without rows. */
  none(): DecodedColumn[] {
    return this.#wanted.map(({ leaf, as }) => ({
      ...(as === "text" || leaf.element.type === "BYTE_ARRAY"
        ? { texts: [] }
        : { numbers: new Float64Array(0) }),
      ...(leaf.list ? { counts: new Uint32Array(0) } : {}),
    }));
  }

  /** Returns the first row of the last object, where rows are observations. */
  lastObject(columns: readonly DecodedColumn[]): number {
    const id = columns[this.#at("id")].texts!;
    let start = id.length;
    while (start > 0 && id[start - 1] === id[id.length - 1]) start--;
    return start;
  }

  /** Returns the set of columns whose rows are objects. */
  fromLists(columns: readonly DecodedColumn[]): LightCurveSet {
    const ids = columns[this.#at("id")].texts!, time = this.#at("time"), counts = columns[time].counts!;
    const offsets = new Uint32Array(ids.length + 1);
    for (let i = 0; i < ids.length; i++) offsets[i + 1] = offsets[i] + counts[i];
    columns.forEach((column, k) => {
      const odd = column.counts?.findIndex((count, i) => count !== counts[i]) ?? -1;
      demand(odd < 0, () => ({
        expected: `${counts[odd]} entries in "${this.#wanted[k].leaf.name}", as in "${
          this.#wanted[time].leaf.name
        }"`,
        found: String(column.counts![odd]),
        where: `${this.#where}, object ${ids[odd]}`,
        remedy: "complete the lists of the object",
      }));
    });
    return this.#set(columns, ids, offsets);
  }

  /** Returns the set of columns whose rows are observations; those of an object need not stand together. */
  fromRows(columns: readonly DecodedColumn[]): LightCurveSet {
    const id = columns[this.#at("id")].texts!, places = new Map<string, number>();
    const ids: string[] = [], counts: number[] = [], first: number[] = [];
    const object = Uint32Array.from(id, (name, r) => {
      let i = places.get(name);
      if (i === undefined) {
        places.set(name, i = ids.length);
        ids.push(name);
        counts.push(0);
        first.push(r);
      }
      counts[i]++;
      return i;
    });
    const offsets = new Uint32Array(ids.length + 1);
    for (let i = 0; i < ids.length; i++) offsets[i + 1] = offsets[i] + counts[i];
    const next = offsets.slice(), from = new Uint32Array(id.length);
    for (let r = 0; r < id.length; r++) from[next[object[r]]++] = r;
    const sorted = columns.map((column, k) =>
      gathered(column, ["id", "label", "metadata"].includes(this.#wanted[k].role) ? first : from)
    );
    return this.#set(sorted, ids, offsets);
  }

  #set(decoded: readonly DecodedColumn[], ids: readonly string[], allOffsets: Uint32Array): LightCurveSet {
    const { columns, offsets } = this.#usable(decoded, ids, allOffsets);
    const column = (role: RoleColumn["role"]): DecodedColumn | undefined => columns[this.#at(role)];
    const numbers = (k: number): Float64Array => {
      demand(columns[k].numbers !== undefined, () => ({
        expected: `numbers in column "${this.#wanted[k].leaf.path}"`,
        found: "texts",
        where: this.#where,
        remedy: "name the columns in the options",
      }));
      return columns[k].numbers!;
    };
    const optional = (role: RoleColumn["role"]) => this.#at(role) < 0 ? undefined : numbers(this.#at(role));
    const named = (role: "extra" | "metadata") =>
      this.#wanted.flatMap((wanted, k) => wanted.role === role ? [[wanted.leaf.name, k] as const] : []);
    const { options, note } = { options: this.#options, note: this.#note };
    const valueName = this.#wanted[this.#at("value")].leaf.name,
      flags = optional("flags"),
      label = column("label");
    return new LightCurveSet({
      ids,
      offsets,
      time: numbers(this.#at("time")),
      value: numbers(this.#at("value")),
      error: optional("error"),
      band: this.#bandNumbers(column("band")),
      bands: [...this.#bands],
      flags: flags && this.#flagBits(flags),
      quantity: options.quantity ?? note?.quantity ?? (/flux/i.test(valueName) ? "flux" : "magnitude"),
      zeroPoint: options.zeroPoint ?? note?.zeroPoint,
      timeScale: options.timeScale ?? note?.timeScale,
      labels: label && this.#labels(label.texts!, ids),
      classNames: [...this.#classNames],
      metadata: Object.fromEntries(
        named("metadata").map((
          [name, k],
        ): [string, Column] => [name, columns[k].texts ?? columns[k].numbers!]),
      ),
      extra: Object.fromEntries(named("extra").map(([name, k]) => [name, numbers(k)])),
    });
  }

  /** Leaves out what is to be skipped and sorts what is to be sorted. */
  #usable(columns: readonly DecodedColumn[], ids: readonly string[], offsets: Uint32Array) {
    const { onBadRow = "fail", order = "refuse" } = this.#options;
    if (onBadRow === "fail" && order === "refuse") return { columns, offsets };
    const numbers = (role: RoleColumn["role"]) => columns[this.#at(role)]?.numbers;
    const time = numbers("time"), value = numbers("value"), error = numbers("error");
    if (!time || !value) return { columns, offsets };
    const rows: number[] = [], ends = new Uint32Array(offsets.length);
    for (let i = 0; i < ids.length; i++) {
      const own: number[] = [];
      for (let r = offsets[i]; r < offsets[i + 1]; r++) {
        const bad = !Number.isFinite(time[r] + value[r] + (error?.[r] ?? 0)) || (error?.[r] ?? 0) < 0;
        if (!(bad && onBadRow === "skip")) own.push(r);
      }
      if (order === "sort") own.sort((a, b) => time[a] - time[b] || a - b);
      for (const r of own) rows.push(r);
      ends[i + 1] = rows.length;
    }
    return {
      columns: columns.map((column, k) =>
        ["id", "label", "metadata"].includes(this.#wanted[k].role) ? column : gathered(column, rows)
      ),
      offsets: ends,
    };
  }

  #bandNumbers(column: DecodedColumn | undefined): Uint8Array | undefined {
    if (column === undefined) return undefined;
    const { texts, numbers } = column, result = new Uint8Array((texts ?? numbers!).length);
    const places = new Map(this.#bands.map((name, k) => [name, k]));
    const byPlace = numbers !== undefined && this.#fixedBands;
    for (let r = 0; r < result.length; r++) {
      const name = texts ? texts[r] : String(numbers![r]);
      let place = byPlace ? Number(name) : places.get(name);
      if (place === undefined && !this.#fixedBands) {
        place = this.#bands.length;
        places.set(name, place);
        this.#bands.push(name);
      }
      const known = place !== undefined && Number.isInteger(place) && place >= 0 &&
        place < this.#bands.length;
      demand(known && place! < 256 && name !== "" && name !== "NaN", () => ({
        expected: this.#fixedBands
          ? `one of the bands ${this.#bands.join(", ")}${byPlace ? " by its place" : ""}`
          : "the name or number of one of at most 256 bands",
        found: name === "" || name === "NaN" ? "none" : `"${name}"`,
        where: `${this.#where}, observation ${r}`,
        remedy: "name all bands of the file in the option bands",
      }));
      result[r] = place!;
    }
    return result;
  }

  #flagBits(flags: Float64Array): Uint8Array {
    const odd = flags.find((bits) => !(Number.isInteger(bits) && bits >= 0 && bits < 256));
    demand(odd === undefined, () => ({
      expected: `flags from 0 to 255 in column "${this.#wanted[this.#at("flags")].leaf.path}"`,
      found: String(odd),
      where: this.#where,
      remedy: "if they are flags of another kind, rename the column",
    }));
    return Uint8Array.from(flags);
  }

  #labels(names: readonly string[], ids: readonly string[]): Int32Array {
    const places = new Map(this.#classNames.map((name, k) => [name, k]));
    return Int32Array.from(names, (name, i) => {
      if (name === "") return -1;
      let place = places.get(name);
      if (place === undefined && !this.#fixedClasses) {
        place = this.#classNames.length;
        places.set(name, place);
        this.#classNames.push(name);
      }
      demand(place !== undefined, () => ({
        expected: `one of the classes ${this.#classNames.join(", ")}`,
        found: `"${name}"`,
        where: `${this.#where}, object ${ids[i]}`,
      }));
      return place;
    });
  }
}
