/** Which notebooks a command line means. */
import { basename, resolve } from "node:path";
import { demand } from "../core/mod.ts";

/**
 * The files that the given words mean: a number (`6`, `06`), a name (`06_novelty_detection`), or a path that ends in
 * `.ipynb`. Without words, all of `available`. Each file once, in the order of the words.
 *
 * @throws EphemeraError when a word means none of the notebooks.
 */
export function selectNotebooks(words: string[], available: string[]): string[] {
  if (words.length === 0) return available;
  const names = available.map((path) => basename(path, ".ipynb"));
  const files = words.flatMap((word) => {
    if (word.endsWith(".ipynb")) return [resolve(word)];
    const isNumber = /^\d+$/.test(word);
    const found = available.filter((_, index) =>
      names[index] === word || (isNumber && Number(names[index].match(/^\d+/)?.[0] ?? NaN) === Number(word))
    );
    demand(found.length > 0, {
      expected: "the number or name of a notebook",
      found: `"${word}"`,
      remedy: `use one of ${names.join(", ") || "(there are none)"}, or a path that ends in .ipynb`,
    });
    return found;
  });
  return [...new Set(files)];
}
