import { demand, EphemeraError } from "../core/mod.ts";
import { readBytes, readFloat32, readLightCurves, readTable } from "../formats/mod.ts";
import { LightCurveSet, StampSequenceSet, type Table } from "../observations/mod.ts";
import { dataFolder, type LoadOptions } from "./data_set.ts";
import { classLabels } from "./spectra_data_set.ts";
import type { StampDataSet } from "./stamps_data_set.ts";

const NAME = "hits-stamps", CLASSES = ["EB", "NV", "RRLyrae", "SN"], SIZE = 21;
/** The source says the band of the stamps of variables and others by their names, that of supernovae not at all. */
const BANDS = ["g", "not stated"];

/**
 * Science stamps of the High cadence Transient Survey of 2015 with DECam, 21 by 21 pixels of 0.27 arcsec, 24 to 30 epochs an
 * object: eclipsing binaries, stars that do not vary, RR Lyrae stars and supernovae. Pixels are in ADU, the sky in them. MJD,
 * for all but the supernovae rounded to 1/256 day by the source. `epochs`: `epoch` (number of the survey's, NaN for supernovae), `x`
 * and `y` (centroid in pixels, NaN for supernovae). Its light curves are in {@link hitsLightCurves}, the state of sky and
 * instrument in {@link hitsObservingConditions}.
 */
export const HITS_STAMPS: StampDataSet = {
  name: NAME,
  title: "HiTS (DECam) stamp sequences of 272 objects in four classes",
  origin: "observed",
  source: "github.com/rodrigcd/HiTS_simulations",
  licence: "MIT (the repository's)",
  citation:
    "Carrasco-Davis, R. et al. 2019, PASP 131, 108006; Forster, F. et al. 2016, ApJ 832, 155; Martinez-Palomera, J. et al. 2018, AJ 156, 186",
  classNames: CLASSES,
  async load(options = {}) {
    const folder = dataFolder(NAME, options), path = `${folder}/index.json`;
    const objects = objectsOf(await readBytes(path), path);
    const offsets = new Uint32Array(objects.length + 1);
    objects.forEach(({ mjd }, i) => offsets[i + 1] = offsets[i] + mjd.length);
    const total = offsets[objects.length];
    const pixels = await readFloat32(`${folder}/stamps.f32.gz`, { expected: total * SIZE * SIZE });
    const perEpoch = (values: (object: HitsObject) => readonly number[]) =>
      Float64Array.from(objects.flatMap((object) => {
        const list = values(object);
        return list.length === 0 ? object.mjd.map(() => NaN) : list;
      }));
    return new StampSequenceSet({
      ids: objects.map(({ id }) => id),
      offsets,
      time: perEpoch(({ mjd }) => mjd),
      band: Uint8Array.from(objects.flatMap(({ mjd, kind }) => mjd.map(() => kind === "SN" ? 1 : 0))),
      bands: BANDS,
      height: SIZE,
      width: SIZE,
      pixels,
      pixelScale: 0.27,
      labels: classLabels(objects.map(({ kind }) => kind), CLASSES, path),
      classNames: CLASSES,
      epochs: {
        epoch: perEpoch(({ epoch }) => epoch),
        x: perEpoch(({ centroids }) => centroids.map(([x]) => x)),
        y: perEpoch(({ centroids }) => centroids.map(([, y]) => y)),
      },
    });
  },
};

interface HitsObject {
  id: string;
  kind: string;
  mjd: readonly number[];
  epoch: readonly number[];
  centroids: readonly (readonly number[])[];
}

/** Returns the objects of the index, each checked to have its epochs where the one before ends. */
function objectsOf(bytes: Uint8Array, where: string): HitsObject[] {
  let index: { objects?: unknown } | null;
  try {
    index = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    const remedy = "fetch the file again";
    throw new EphemeraError({ expected: "a JSON object", found: "no JSON", where, remedy, cause });
  }
  const objects = index?.objects;
  demand(Array.isArray(objects), { expected: 'a list "objects"', found: typeof objects, where });
  let frame = 0;
  return objects.map((object, k) => {
    const { id, class: kind, epochs, first_frame: first, mjd, epoch = [], centroids } = object ?? {};
    const list = (value: unknown) => Array.isArray(value) && (value.length === epochs || value.length === 0);
    demand(
      typeof id === "string" && typeof kind === "string" && Array.isArray(mjd) && mjd.length === epochs &&
        first === frame && list(epoch) && list(centroids) &&
        centroids.every((place: unknown) => Array.isArray(place) && place.length === 2),
      {
        expected: `id, class, and lists of mjd, epoch and centroids of one length from frame ${frame} on`,
        found: `id ${id}, class ${kind}, ${epochs} epochs from frame ${first}`,
        where: `${where}, object ${k}`,
        remedy: "fetch the file again",
      },
    );
    frame += mjd.length;
    return { id, kind, mjd: mjd.map(Number), epoch: epoch.map(Number), centroids };
  });
}

/**
 * Returns light curves of the objects of {@link HITS_STAMPS} as the survey's catalogues have them, magnitudes in g and r, labelled:
 * `"kron"` of the variables, or `"diff"` of the supernovae (preliminary, from difference images). Stars that do not vary have none; one
 * point whose error is negative is left out.
 * @throws EphemeraError when the folder or the file is absent or damaged.
 */
export async function hitsLightCurves(
  kind: "kron" | "diff",
  options: LoadOptions = {},
): Promise<LightCurveSet> {
  const path = `${dataFolder(NAME, options)}/lightcurves.csv.gz`;
  const table = await readTable(path, { text: ["id", "class", "kind"] });
  const { set, badRows } = await readLightCurves(path, {
    bands: ["g", "r"],
    order: "sort",
    onBadRow: "skip",
  });
  const damage = badRows.find(({ reason }) => reason !== "negative error");
  if (damage !== undefined) throw new EphemeraError(damage.facts);
  // Kind and class are the same for all rows of an object.
  const first = new Map((table.id as readonly string[]).map((id, row) => [id, row]));
  const column = (name: string) => set.ids.map((id) => (table[name] as readonly string[])[first.get(id)!]);
  const labels = classLabels(column("class"), CLASSES, path), kinds = column("kind");
  return new LightCurveSet({ ...set.columns(), labels, classNames: CLASSES }).filter((_, i) =>
    kinds[i] === kind
  );
}

/**
 * Returns the conditions of the survey of 2015, one row a field, band and epoch: `field`, `filter`, `epoch`, `mjd`, `exp_time` (s),
 * `seeing` (arcsec by the use that its authors make of it), `airmass`, `back_level` (ADU), limits and `zp_ps` (zero point, mag). NaN as in the source,
 * of which three rows with a value too many are left out.
 * @throws EphemeraError when the folder or the file is absent or damaged.
 */
export async function hitsObservingConditions(options: LoadOptions = {}): Promise<Table> {
  const path = `${dataFolder(NAME, options)}/observing_conditions.csv.gz`;
  const lines = new TextDecoder().decode(await readBytes(path)).split("\n");
  const commas = (line: string) => line.split(",").length - 1;
  const whole = lines.filter((line) => commas(line) !== commas(lines[0]) + 1).join("\n");
  return await readTable(new TextEncoder().encode(whole), {
    text: ["field", "filter"],
    required: ["mjd", "exp_time", "seeing", "airmass", "back_level", "zp_ps"],
    where: path,
  });
}
