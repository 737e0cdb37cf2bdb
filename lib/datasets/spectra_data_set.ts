/** What a named set of real spectra is, and how tables with one column a wavelength become spectra. */
import { demand } from "../core/mod.ts";
import type { SpectrumSet, Table } from "../observations/mod.ts";
import type { LightCurveDataSet, LoadOptions } from "./data_set.ts";

/** A named set of real spectra. */
export interface SpectrumDataSet extends Omit<LightCurveDataSet, "load"> {
  /**
   * Reads it, labelled, with one metadata row per spectrum.
   * @throws EphemeraError when its folder or a file of it is absent, or a file is damaged.
   */
  load(options?: LoadOptions): Promise<SpectrumSet>;
}

/** A table of spectra on one grid, taken apart. */
export interface SpectrumTable {
  /** Wavelengths in the columns' names, ascending. */
  wavelength: Float64Array;
  /** Row by row. */
  flux: Float64Array;
  /** The columns whose names are no wavelengths. */
  rest: Table;
}

/**
 * Takes a table apart that has one row a spectrum and one column a wavelength, named by it.
 * @param where names the table in messages.
 * @throws EphemeraError when there is no such column, when names do not ascend, or a flux is missing.
 */
export function spectrumTable(table: Table, where: string): SpectrumTable {
  const names = Object.keys(table), waves = names.filter((name) => /^\d+(\.\d+)?$/.test(name));
  const rows = table[names[0]]?.length ?? 0;
  // Whole numbers as names come first in an object, whatever their order in the file was.
  waves.sort((a, b) => Number(a) - Number(b));
  demand(waves.length > 0 && rows > 0, {
    expected: "columns named by wavelengths, and rows",
    found: `${waves.length} such columns, ${rows} rows`,
    where,
  });
  const flux = new Float64Array(rows * waves.length);
  waves.forEach((name, k) => {
    const column = table[name];
    // Errors of dead pixels are written as "inf" by some: such a column is text to the reader of tables.
    const numbers = column instanceof Float64Array ? column : Float64Array.from(
      column,
      (text) => /^[+-]?inf(inity)?$/i.test(text.trim()) ? Infinity : Number(text),
    );
    const wrong = column instanceof Float64Array
      ? -1
      : column.findIndex((text, i) => Number.isNaN(numbers[i]) && !/^(\s*|nan)$/i.test(text));
    demand(wrong < 0, () => ({
      expected: "numbers",
      found: `"${column[wrong]}"`,
      where: `${where}, column ${name}, row ${wrong}`,
    }));
    for (let i = 0; i < rows; i++) flux[i * waves.length + k] = numbers[i];
  });
  const rest = Object.fromEntries(
    names.filter((name) => !waves.includes(name)).map((name) => [name, table[name]]),
  );
  return { wavelength: Float64Array.from(waves, Number), flux, rest };
}

/** Returns labels of class names, in the order of `classNames`; an unknown name is refused. */
export function classLabels(
  names: readonly string[],
  classNames: readonly string[],
  where: string,
): Int32Array {
  return Int32Array.from(names, (name, i) => {
    const label = classNames.indexOf(name);
    demand(label >= 0 || name === "", {
      expected: `one of the classes ${classNames.join(", ")}`,
      found: `"${name}"`,
      where: `${where}, row ${i}`,
    });
    return label;
  });
}
