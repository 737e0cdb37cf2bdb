/** What a named data set is, where it is looked for, and how the common ones are read. */
import { demand, EphemeraError } from "../core/mod.ts";
import {
  type BadRowReason,
  readLightCurves,
  type ReadLightCurvesOptions,
  readTable,
} from "../formats/mod.ts";
import { LightCurveSet, type Table, withObjects, type WithObjectsOptions } from "../observations/mod.ts";

/** Options of {@link LightCurveDataSet.load}. */
export interface LoadOptions {
  /** Folder that holds the data sets. Default: the environment variable `EPHEMERA_DATA`. */
  folder?: string;
}

/** A named set of real (or official challenge) light curves. */
export interface LightCurveDataSet {
  /** Name of its folder. */
  readonly name: string;
  /** One line on what it is. */
  readonly title: string;
  /** Whether it was observed, or simulated by a challenge. */
  readonly origin: "observed" | "simulated";
  /** Public repository that it was taken from. */
  readonly source: string;
  /** Licence, as far as it is stated. */
  readonly licence: string;
  /** What to cite when using it. */
  readonly citation: string;
  /** Names of its classes. */
  readonly classNames: readonly string[];
  /**
   * Reads it: labels, and one metadata row per object; times ascend.
   * @throws EphemeraError when its folder or a file of it is absent, or a file is damaged.
   */
  load(options?: LoadOptions): Promise<LightCurveSet>;
}

/**
 * Returns the path of a data set's folder.
 * @throws EphemeraError that says how to point to the data when there is none.
 */
export function dataFolder(name: string, options: LoadOptions = {}): string {
  const root = options.folder ?? Deno.env.get("EPHEMERA_DATA");
  demand(root !== undefined && root !== "", () => ({
    expected: `a folder that holds the data set "${name}"`,
    found: "neither the option folder nor the environment variable EPHEMERA_DATA",
    where: `data set ${name}`,
    remedy: "set EPHEMERA_DATA to the folder with the data sets (data/README.md says where they come from)",
  }));
  const path = `${root.replace(/\/+$/, "")}/${name}`;
  demand(isFolder(path), () => ({
    expected: `the data set's folder`,
    found: "none",
    where: path,
    remedy: "check EPHEMERA_DATA, or fetch the data set (data/README.md says where it comes from)",
  }));
  return path;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** How a data set in two files, `objects.csv` and `lightcurves.csv.gz`, is read. */
export interface CsvLayout {
  /** Column names, quantity, zero point and time scale of the observations. */
  observations: ReadLightCurvesOptions;
  /** Column of the classes in the table of objects. Default `"class"`. */
  label?: string;
  /** Text that stands for an unknown class in that column. Default: the empty text. */
  unknown?: string;
  /** Kinds of bad rows that the source is known to have, left out in reading; any other kind fails. */
  tolerate?: readonly BadRowReason[];
  /** More columns of the table of objects that are text. */
  text?: readonly string[];
  /** Columns of the table of objects under the names that all sets use: `period`, `amplitude`, `meanMagnitude`, ... */
  rename?: Readonly<Record<string, string>>;
  /** Files, when they are not the usual two. */
  files?: { observations?: string; objects?: string };
  /** Last touch to the set. */
  finish?: (set: LightCurveSet) => LightCurveSet;
}

/** Returns a data set that is kept as two CSV files. Objects without observations are left out. */
export function csvDataSet(
  description: Omit<LightCurveDataSet, "load">,
  layout: CsvLayout,
): LightCurveDataSet {
  return {
    ...description,
    async load(options = {}) {
      const folder = dataFolder(description.name, options),
        { files = {}, label = "class", text = [] } = layout;
      const id = layout.observations.columns?.id ?? "id";
      const table = await readTable(`${folder}/${files.objects ?? "objects.csv"}`, {
        text: [id, label, ...text],
      });
      const { set, badRows } = await readLightCurves(
        `${folder}/${files.observations ?? "lightcurves.csv.gz"}`,
        {
          ...layout.observations,
          order: "sort",
          onBadRow: layout.tolerate === undefined ? "fail" : "skip",
        },
      );
      const damage = badRows.find(({ reason }) => !layout.tolerate?.includes(reason));
      if (damage !== undefined) throw new EphemeraError(damage.facts);
      const classes = (table[label] as readonly string[]).map((name) => name === layout.unknown ? "" : name);
      const naming: WithObjectsOptions = { key: id, label, classNames: description.classNames };
      const labelled = withObjects(set, { ...table, [label]: classes }, naming);
      const { [label]: _, ...metadata } = labelled.metadata;
      const renamed = rename(metadata, layout.rename ?? {});
      const result = new LightCurveSet({ ...labelled.columns(), metadata: renamed });
      return layout.finish?.(result) ?? result;
    },
  };
}

function rename(table: Table, names: Readonly<Record<string, string>>): Table {
  return Object.fromEntries(Object.entries(table).map(([name, column]) => [names[name] ?? name, column]));
}
