import assert from "node:assert/strict";
import {
  ASAS_SUPERCLASSES,
  ASAS_VARIABLES,
  CATALINA_SSS_PERIODIC,
  CATALINA_SUPERCLASSES,
  csvDataSet,
  DATA_SETS,
  dataSet,
  EROS_VARIABLE_STARS,
  HITS_STAMPS,
  type LightCurveDataSet,
  PLASTICC,
  plasticcMetadata,
  SN_SPECTRA,
  SPECTRUM_SETS,
  spectrumSet,
  STAMP_SETS,
  stampSet,
} from "ephemera/datasets";
import { mergeClasses } from "ephemera/observations";

const data = Deno.env.get("EPHEMERA_DATA");
/** Tests on the real files: skipped by name without EPHEMERA_DATA, failing when it is set and a file is missing. */
const real = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore: data === undefined, fn });

const median = (x: number[]) => x.toSorted((a, b) => a - b)[Math.floor(x.length / 2)];

Deno.test("every data set says what it is, where from, under which licence and what to cite", () => {
  assert.ok(DATA_SETS.size >= 10);
  for (const [name, set] of [...DATA_SETS, ...STAMP_SETS, ...SPECTRUM_SETS]) {
    assert.equal(set.name, name);
    for (const text of [set.title, set.source, set.licence, set.citation]) assert.ok(text.length >= 3, name);
    assert.equal(new Set(set.classNames).size, set.classNames.length);
  }
  assert.equal(dataSet("asas-variables"), ASAS_VARIABLES);
  assert.throws(() => dataSet("ogle"), /one of asas-variables, .*, found "ogle"/);
  assert.equal(stampSet("hits-stamps"), HITS_STAMPS);
  assert.equal(spectrumSet("sn-spectra"), SN_SPECTRA);
  assert.throws(
    () => stampSet("snpcc"),
    /one of hits-stamps, ztf-alert-stamps, found "snpcc".*dataSet\("snpcc"\)/,
  );
  assert.throws(() => spectrumSet("stars"), /one of css-sdss-followup, .*, found "stars" \(spectrumSet\)\.$/);
});

Deno.test("the superclass tables name every class", () => {
  assert.deepEqual(Object.keys(CATALINA_SUPERCLASSES).sort(), CATALINA_SSS_PERIODIC.classNames.toSorted());
  assert.deepEqual(Object.keys(ASAS_SUPERCLASSES).sort(), ASAS_VARIABLES.classNames.toSorted());
});

Deno.test("an absent folder says how to point to the data", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await assert.rejects(CATALINA_SSS_PERIODIC.load({ folder }), {
      message:
        `Expected the data set's folder, found none (${folder}/catalina-sss-periodic). To mend it: check EPHEMERA_DATA, or fetch the data set (data/README.md says where it comes from).`,
    });
    await Deno.mkdir(`${folder}/catalina-sss-periodic`);
    await assert.rejects(
      CATALINA_SSS_PERIODIC.load({ folder }),
      /Expected a file, found none \(.*objects\.csv\)/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("without a folder and without EPHEMERA_DATA the error names both", async () => {
  if (data !== undefined) Deno.env.delete("EPHEMERA_DATA");
  try {
    await assert.rejects(
      ASAS_VARIABLES.load(),
      /neither the option folder nor the environment variable EPHEMERA_DATA/,
    );
  } finally {
    if (data !== undefined) Deno.env.set("EPHEMERA_DATA", data);
  }
});

Deno.test("a data set of two CSV files is sorted, labelled and renamed; only the bad rows it is known for are tolerated", async () => {
  const folder = await Deno.makeTempDir();
  const tiny: LightCurveDataSet = csvDataSet({ ...ASAS_VARIABLES, name: "tiny", classNames: ["EA"] }, {
    observations: {},
    unknown: "?",
    tolerate: ["negative error"],
    rename: { vmag: "meanMagnitude" },
  });
  const write = (rows: string) =>
    Deno.writeTextFile(`${folder}/tiny/lightcurves.csv.gz`, `id,mjd,mag,magerr\n${rows}`);
  try {
    await Deno.mkdir(`${folder}/tiny`);
    await Deno.writeTextFile(`${folder}/tiny/objects.csv`, "id,class,vmag\n01,EA,15\n02,?,16\n03,EA,17\n");
    await write("02,5,16,.1\n01,4,15,.1\n01,3,14,.1\n01,9,14,-9\n");
    const set = await tiny.load({ folder });
    assert.deepEqual(set.ids, ["02", "01"]);
    assert.deepEqual([set.className(0), set.className(1)], [undefined, "EA"]);
    assert.deepEqual(set.at(1).time, Float64Array.of(3, 4));
    assert.deepEqual(set.metadata, { meanMagnitude: Float64Array.of(16, 15) });
    await write("01,3,x,.1\n");
    await assert.rejects(tiny.load({ folder }), /a finite number in column "mag", found "x"/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

for (const [name, set] of DATA_SETS) {
  if (set === PLASTICC) continue;
  real(`${name} has the objects of each class that its README counts`, async () => {
    const readme = await Deno.readTextFile(`${data}/${name}/README.md`);
    const counts = new Map<string, number>();
    for (const [, label, count] of readme.matchAll(/^\| (.+) \| (\d+) \|$/gm)) {
      counts.set(label, Number(count));
    }
    const total = counts.get("total");
    counts.delete("total");
    const curves = await set.load();
    assert.equal(curves.length, total);
    const found = new Map<string, number>();
    for (let i = 0; i < curves.length; i++) {
      const label = curves.className(i) ?? (counts.has("unlabelled") ? "unlabelled" : "unknown");
      found.set(label, (found.get(label) ?? 0) + 1);
    }
    assert.deepEqual([...found].sort(), [...counts].sort());
  });
}

real(
  "Catalina has a period for each star, 100-epoch chunks as counted elsewhere, and times in order",
  async () => {
    const set = await CATALINA_SSS_PERIODIC.load();
    assert.equal(set.observations, 738427);
    assert.ok(set.numbers("period").every((period) => period > 0.05 && period < 2000));
    const chunks: Record<string, number> = {};
    let all = 0;
    for (let i = 0; i < set.length; i++) {
      const superclass = CATALINA_SUPERCLASSES[set.className(i)!], n = Math.floor(set.count(i) / 100);
      all += n;
      if (superclass !== null) chunks[superclass] = (chunks[superclass] ?? 0) + n;
    }
    assert.equal(all, 5672);
    assert.deepEqual(chunks, { RRAB: 529, RRCD: 1369, ECL: 1375, ROT: 736, CEPH: 366, DSCT: 190, LPV: 548 });
    const merged = mergeClasses(set, CATALINA_SUPERCLASSES);
    assert.equal(merged.length, 3314 - 209 - 120);
    assert.deepEqual(merged.classNames, ["CEPH", "DSCT", "ECL", "LPV", "ROT", "RRAB", "RRCD"]);
  },
);

real("the column that EROS calls light holds magnitudes", async () => {
  const set = await EROS_VARIABLE_STARS.load(), mean = set.numbers("magnitude_b");
  const offsets = Array.from({ length: set.length }, (_, i) => {
    const { value, band } = set.at(i);
    return median([...value].filter((_, j) => band![j] === 0)) - mean[i];
  });
  assert.ok(Math.abs(median(offsets)) < 0.1);
});

real("PLAsTiCC has its dozen light curves in ugrizy and the metadata of the training set", async () => {
  const set = await PLASTICC.load(), table = await plasticcMetadata();
  assert.equal(set.length, 12);
  assert.deepEqual(set.bands, ["u", "g", "r", "i", "z", "y"]);
  assert.equal(set.className(set.ids.indexOf("615")), "RRL");
  assert.equal(table.object_id.length, 5495);
  assert.ok(table.distmod instanceof Float64Array);
});
