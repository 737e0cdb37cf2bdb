import assert from "node:assert/strict";
import { HITS_STAMPS, hitsLightCurves, hitsObservingConditions } from "ephemera/datasets";

const data = Deno.env.get("EPHEMERA_DATA");
/** Tests on the real files: skipped by name without EPHEMERA_DATA, failing when it is set and a file is missing. */
const real = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore: data === undefined, fn });

const median = (x: Iterable<number>) => [...x].sort((a, b) => a - b)[Math.floor([...x].length / 2)];

real(
  "the HiTS stamps have their four classes, the star in the middle, and conditions of their nights",
  async () => {
    const set = await HITS_STAMPS.load();
    const count = (name: string) => set.ids.filter((_, i) => set.className(i) === name).length;
    assert.deepEqual(HITS_STAMPS.classNames.map(count), [53, 77, 78, 64]);
    assert.deepEqual([set.time.length, set.height, set.width, set.pixelScale], [7338, 21, 21, 0.27]);
    assert.ok(set.time.every((mjd) => mjd > 57060 && mjd < 57400));
    for (let i = 0; i < set.length; i++) {
      assert.ok(set.count(i) >= 24 && set.count(i) <= 30, set.ids[i]);
      const supernova = set.className(i) === "SN", first = set.offsets[i];
      assert.equal(set.bands[set.band![first]], supernova ? "not stated" : "g");
      if (supernova) continue;
      // The brightest pixel of the mean image is the middle one, and the centroid is near it.
      const mean = new Float64Array(21 * 21);
      for (let e = first; e < set.offsets[i + 1]; e++) set.image(e).forEach((value, p) => mean[p] += value);
      assert.equal(mean.indexOf(Math.max(...mean)), 10 * 21 + 10, set.ids[i]);
    }
    const { x, y, epoch } = set.epochs as Record<string, Float64Array>;
    assert.ok(Math.abs(median(x.filter(Number.isFinite)) - 10) < 0.5);
    assert.ok(Math.abs(median(y.filter(Number.isFinite)) - 10) < 0.5);
    assert.equal(epoch.filter(Number.isNaN).length, x.filter(Number.isNaN).length);
    const conditions = await hitsObservingConditions();
    assert.equal(conditions.mjd.length, 1623);
    assert.ok(Math.abs(median((conditions.seeing as Float64Array).filter(Number.isFinite)) - 1.2) < 0.6);
  },
);

real("an RR Lyrae star is bright in its stamps when the survey's catalogue says so", async () => {
  const set = await HITS_STAMPS.load(), curves = await hitsLightCurves("kron"), correlations: number[] = [];
  const places = new Map(curves.ids.map((id, i) => [id, i]));
  for (let i = 0; i < set.length; i++) {
    const at = places.get(set.ids[i]);
    if (set.className(i) !== "RRLyrae" || at === undefined) continue;
    assert.equal(curves.className(at), "RRLyrae");
    const { time, value } = curves.at(at), pairs: [number, number][] = [];
    for (let e = set.offsets[i]; e < set.offsets[i + 1]; e++) {
      // Stamps have their times to 1/256 day.
      const k = time.findIndex((mjd) => Math.abs(mjd - set.time[e]) < 1 / 128);
      if (k < 0) continue;
      const image = set.image(e),
        edge = [...image].filter((_, p) => p < 21 || p >= 20 * 21),
        sky = median(edge);
      pairs.push([-2.5 * Math.log10(image.reduce((sum, pixel) => sum + pixel - sky, 0)), value[k]]);
    }
    if (pairs.length > 10) correlations.push(correlation(pairs.filter(([a]) => Number.isFinite(a))));
  }
  assert.ok(correlations.length > 40, `${correlations.length}`);
  assert.ok(median(correlations) > 0.8, `median correlation ${median(correlations)}`);
});

function correlation(pairs: readonly (readonly [number, number])[]): number {
  const n = pairs.length, mean = (k: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[k], 0) / n;
  const a = mean(0), b = mean(1);
  const sum = (of: (x: number, y: number) => number) => pairs.reduce((s, [x, y]) => s + of(x - a, y - b), 0);
  return sum((x, y) => x * y) / Math.sqrt(sum((x) => x * x) * sum((_, y) => y * y));
}

real("light curves of the supernovae are those of difference images, in g and r", async () => {
  const curves = await hitsLightCurves("diff");
  assert.ok(curves.length > 40 && curves.ids.every((_, i) => curves.className(i) === "SN"));
  assert.equal(curves.observations, 1608 + 231 - 1);
  assert.equal(curves.band!.filter((band) => band === 1).length, 231);
});

Deno.test("an index that does not fit the stamps is refused", async () => {
  const folder = await Deno.makeTempDir(), path = `${folder}/hits-stamps/index.json`;
  const object = { id: "a", class: "EB", epochs: 2, first_frame: 0, mjd: [1, 2], epoch: [], centroids: [] };
  const refused = async (text: string, sentence: RegExp) => {
    await Deno.writeTextFile(path, text);
    await assert.rejects(HITS_STAMPS.load({ folder }), sentence);
  };
  try {
    await Deno.mkdir(`${folder}/hits-stamps`);
    await Deno.writeFile(`${folder}/hits-stamps/stamps.f32.gz`, new Uint8Array(4 * 441));
    await refused("{", /a JSON object, found no JSON .*index\.json/);
    await refused("null", /a list "objects"/);
    await refused(JSON.stringify({ objects: [null] }), /lists of mjd, .*object 0/);
    await refused(JSON.stringify({ objects: [{ ...object, first_frame: 1 }] }), /from frame 0 on/);
    await refused(JSON.stringify({ objects: [{ ...object, mjd: [1] }] }), /2 epochs from frame 0/);
    await refused(JSON.stringify({ objects: [{ ...object, centroids: [null, 1] }] }), /centroids/);
    await refused(JSON.stringify({ objects: [object] }), /882 floats of four bytes, found 1764 bytes/);
    await refused(
      JSON.stringify({ objects: [{ ...object, class: "QSO", epochs: 1, mjd: [1] }] }),
      /one of the classes EB, NV, RRLyrae, SN, found "QSO"/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
