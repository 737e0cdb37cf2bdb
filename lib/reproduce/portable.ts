/** An executed notebook as it can be shared: its outputs without this machine's paths. */
import { pathToFileURL } from "node:url";
import type { Notebook } from "./notebook.ts";

/** Folders and what stands in their place, e.g. `["/home/me/ephemera", "."]`. */
export type PathReplacements = [folder: string, replacement: string][];

/**
 * A copy of `notebook` in whose outputs every path below one of the given folders, plain or as a `file:` address, begins
 * with its replacement instead. Empty folder names are passed over.
 */
export function portableNotebook(notebook: Notebook, replacements: PathReplacements): Notebook {
  const pairs = replacements
    .filter(([folder]) => folder !== "")
    .toSorted(([a], [b]) => b.length - a.length)
    .flatMap(([folder, replacement]) => [[pathToFileURL(folder).href, replacement], [folder, replacement]]);
  // A folder's name must end there: with /data replaced, /database stays.
  const rules = pairs.map(([from, to]) =>
    [new RegExp(`${RegExp.escape(from)}(?![\\w.-])`, "g"), to] as const
  );
  const replace = (value: unknown): unknown => {
    if (typeof value === "string") {
      return rules.reduce((text, [from, to]) => text.replace(from, () => to), value);
    }
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replace(item)]));
  };
  return {
    ...notebook,
    cells: notebook.cells.map((cell) =>
      cell.cell_type === "code" ? { ...cell, outputs: replace(cell.outputs) as typeof cell.outputs } : cell
    ),
  };
}
