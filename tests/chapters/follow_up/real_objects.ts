/** The public part of the paper's objects: classes and FATS features (about 70 % of them; the rest is set aside). */
import { gunzipSync } from "node:zlib";
import { matrixFromRows } from "../../../lib/numerics/mod.ts";
import { PAPER_CLASSES } from "../../../lib/chapters/follow_up/mod.ts";

/** Returns the objects of the six classes and those of their features that are finite throughout. */
export function realObjects(data: string) {
  const folder = `${data}/css-sdss-followup`;
  const kinds = new Map(
    Deno.readTextFileSync(`${folder}/objects.csv`).trim().split("\n").slice(1).map((line) => {
      const [id, kind] = line.split(",");
      return [id, kind];
    }),
  );
  const text = new TextDecoder().decode(gunzipSync(Deno.readFileSync(`${folder}/fats_features.csv.gz`)));
  const [header, ...lines] = text.trim().split(/\r?\n/).map((line) => line.split(","));
  const kept = lines.filter(([id]) => PAPER_CLASSES.includes(kinds.get(id) ?? ""));
  const finite = header.flatMap((_, j) =>
    j > 0 && kept.every((line) => line[j] !== "" && Number.isFinite(Number(line[j]))) ? [j] : []
  );
  return {
    x: matrixFromRows(kept.map((line) => finite.map((j) => Number(line[j])))),
    names: finite.map((j) => header[j]),
    labels: kept.map(([id]) => kinds.get(id)!),
  };
}
