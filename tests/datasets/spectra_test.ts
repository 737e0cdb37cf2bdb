import assert from "node:assert/strict";
import {
  CSS_SDSS_FOLLOWUP,
  followUpFeatures,
  SDSS_STELLAR_TEMPLATES,
  sdssExampleSpectra,
  SN_SPECTRA,
  type SpectrumDataSet,
} from "ephemera/datasets";
import type { SpectrumSet } from "ephemera/observations";

const data = Deno.env.get("EPHEMERA_DATA");
const real = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore: data === undefined, fn });

function counts(set: SpectrumSet): Record<string, number> {
  const found: Record<string, number> = {};
  for (let i = 0; i < set.length; i++) found[set.className(i)!] = (found[set.className(i)!] ?? 0) + 1;
  return found;
}

/** The classes and counts of the table in a data set's README. */
async function listed(set: SpectrumDataSet, column: number): Promise<Record<string, number>> {
  const readme = await Deno.readTextFile(`${data}/${set.name}/README.md`), found: Record<string, number> = {};
  for (const line of readme.split("\n").filter((line) => /^\| .* \| \d+ \|/.test(line))) {
    const cells = line.split("|").map((cell) => cell.trim());
    if (cells[1] !== "total" && Number(cells[column]) > 0) found[cells[1]] = Number(cells[column]);
  }
  return found;
}

real("the supernova spectra are those their README counts, masked outside the observed range", async () => {
  const set = await SN_SPECTRA.load();
  assert.deepEqual(counts(set), await listed(SN_SPECTRA, 2));
  assert.equal(set.wavelength.length, 1024);
  assert.deepEqual([set.wavelength[0], set.wavelength[1023]], [2501.69, 9993.24]);
  // Logarithmic bins: equal ratios, up to the two decimals of the wavelengths.
  const step = Math.log(9993.24 / 2501.69) / 1023;
  assert.ok(set.wavelength.every((wave, k) => Math.abs(Math.log(wave / 2501.69) - k * step) < 1e-5));
  const { flux, mask } = set.at(0), first = mask!.indexOf(0);
  assert.ok(first > 0 && flux[first] !== 0 && flux.subarray(0, first).every((value) => value === 0));
  assert.ok(set.ids.includes("PTF10bzf") && set.metadata.epoch[set.ids.indexOf("PTF10bzf")] === 2.2);
});

real(
  "the stellar templates have the types that their README counts, and Balmer lines where they belong",
  async () => {
    const set = await SDSS_STELLAR_TEMPLATES.load();
    assert.deepEqual(counts(set), { A: 30, B: 9, F: 52, G: 55, K: 40, L: 5, M: 33, O: 4 });
    const near = (i: number, wave: number) => {
      const { flux, wavelength } = set.at(i), k = wavelength.findIndex((each) => each >= wave);
      return flux.subarray(k - 5, k + 6).reduce((a, b) => a + b) / 11;
    };
    // H beta at 4862.7 angstrom in vacuum is deep in A stars and shallow in M stars.
    const depth = (name: string) => {
      const i = set.ids.indexOf(name);
      return 1 - 2 * near(i, 4862.7) / (near(i, 4780) + near(i, 4940));
    };
    assert.ok(depth("A0") > 0.3, `${depth("A0")}`);
    assert.ok(Math.abs(depth("M0_+0.0_Dwarf")) < 0.15 || !set.ids.includes("M0_+0.0_Dwarf"));
  },
);

real("the nine example spectra are on grids of their own, with inverse variances", async () => {
  const set = await sdssExampleSpectra();
  assert.equal(set.length, 9);
  assert.deepEqual([set.count(0), set.ids[0], set.className(0)], [3834, "spec-0618-52049-0372", "STAR"]);
  assert.ok(Math.abs(set.wavelength[0] - 10 ** 3.5812) < 1e-9);
  assert.equal(set.metadata.subclass[0], "M1");
});

real("the follow-up spectra and features are those their README counts", async () => {
  const set = await CSS_SDSS_FOLLOWUP.load();
  assert.deepEqual(counts(set), await listed(CSS_SDSS_FOLLOWUP, 4));
  assert.deepEqual([set.wavelength[0], set.wavelength.at(-1)], [3900, 4999]);
  const { ids, labels, classNames, features } = await followUpFeatures();
  const found: Record<string, number> = {};
  for (const label of labels) found[classNames[label]] = (found[classNames[label]] ?? 0) + 1;
  assert.deepEqual(found, await listed(CSS_SDSS_FOLLOWUP, 3));
  assert.equal(features.Amplitude.length, ids.length);
  const withFeatures = new Set(ids);
  assert.equal(set.ids.filter((id) => withFeatures.has(id)).length, 732);
});

Deno.test("spectra of other stars than the fluxes, unknown classes and absent folders are refused", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await assert.rejects(SN_SPECTRA.load({ folder }), /the data set's folder, found none/);
    await Deno.mkdir(`${folder}/sn-spectra`);
    const path = `${folder}/sn-spectra/spectra.csv.gz`;
    await Deno.writeTextFile(path, "id,class,epoch,n_spectra,4000.5,4001\na,Ia-norm,1,1,0,2\n");
    const set = await SN_SPECTRA.load({ folder });
    assert.deepEqual([...set.wavelength], [4000.5, 4001]);
    assert.deepEqual([...set.flux], [0, 2]);
    assert.deepEqual([...set.mask!], [1, 0]);
    await Deno.writeTextFile(path, "id,class,epoch,n_spectra,4000.5\na,Ix,1,1,0\n");
    await assert.rejects(SN_SPECTRA.load({ folder }), /one of the classes II-pec, .*found "Ix" .*row 0/);
    await Deno.writeTextFile(path, "id,class,epoch,n_spectra\na,Ia-norm,1,1\n");
    await assert.rejects(SN_SPECTRA.load({ folder }), /columns named by wavelengths/);
    await Deno.mkdir(`${folder}/css-sdss-followup`);
    const spectra = (id: string) => `id,file,n_exposures,3900\n${id},f,1,5\n`;
    await Deno.writeTextFile(`${folder}/css-sdss-followup/spectra_flux.csv.gz`, spectra("1"));
    await Deno.writeTextFile(`${folder}/css-sdss-followup/spectra_error.csv.gz`, spectra("2"));
    await assert.rejects(
      CSS_SDSS_FOLLOWUP.load({ folder }),
      /errors of the same 1 stars .* found 2 in place of 1/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
