import assert from "node:assert/strict";
import fc from "fast-check";
import { dataSet } from "ephemera/datasets";
import { formatSnanaText, readSnanaText, type ReadSnanaTextOptions } from "ephemera/formats";
import { Flag, LightCurveSet } from "ephemera/observations";
import { lightCurveSets } from "../observations/arbitrary.ts";
import { testMutations } from "./mutations.ts";

const data = Deno.env.get("EPHEMERA_DATA");
const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string, options: ReadSnanaTextOptions = {}) => readSnanaText(bytes(text), options);

/** An object in the layout of the 2010 challenge, with numbers of our own. */
const ONE = `SURVEY: DES
SNID:   77
IAUC:    UNKNOWN
SNTYPE:  22
FILTERS: griz
RA:      34.250000  deg
DECL:    -5.125000  deg
FAKE:    2   (=> simulated)
MWEBV:   0.0227    MW E(B-V)
REDSHIFT_SPEC:    0.3125 +-  0.0010

HOST_GALAXY_PHOTO-Z:   0.3000  +- 0.0200
SIM_COMMENT:  SN Type = II , MODEL = OURS-1
SIM_PEAKMAG: 21.5 21.0 20.8 20.7 (griz obs)
HOSTGAL_OBJID: 12345678901234567890
# ============================================
# TERSE LIGHT CURVE OUTPUT:
#
NOBS: 3
NVAR: 9
VARLIST:  MJD  FLT FIELD   FLUXCAL   FLUXCALERR   SNR    MAG     MAGERR SIM_MAG

OBS: 56172.250  r NULL   1.250e+01   2.500e+00   5.00   24.757   0.217   24.7
OBS: 56171.125  g NULL  -2.500e+00   4.000e+00  -0.63  nan 5.000   98.9  # no detection
OBS: 56173.500  z NULL   3.000e+01   3.000e+00  10.00   23.807   0.109   23.8
END:
`;
/** The same with fewer columns, other entries, no end mark, and spectra behind. */
const TWO = `SNID: 78
FILTERS: griz
RA: 35 deg
SNTYPE: -9
SIM_COMMENT: SN Type = Ia , MODEL = OURS-2
NOBS: 1
NVAR: 5
VARLIST: MJD BAND FLUXCAL FLUXCALERR PHOTFLAG
OBS: 56180.5 i 7 1 6144
END_PHOTOMETRY:
NSPECTRA: 1
SPEC: 4000 4010 1.0 0.1
`;

Deno.test("an object of the challenge's layout is read with its header, in time order", async () => {
  const { set, badRows, badObjects, sortedObjects } = await read(ONE, {
    typeNames: { 22: "II" },
    extra: ["MAG"],
  });
  assert.deepEqual([badRows, badObjects, sortedObjects], [[], [], 1]);
  assert.deepEqual([set.ids, set.bands], [["77"], ["g", "r", "i", "z"]]);
  const curve = set.at(0);
  assert.deepEqual(curve.time, Float64Array.of(56171.125, 56172.25, 56173.5));
  assert.deepEqual(curve.value, Float64Array.of(-2.5, 12.5, 30));
  assert.deepEqual(curve.error, Float64Array.of(4, 2.5, 3));
  assert.deepEqual([...curve.band!], [0, 1, 3]);
  assert.deepEqual([...set.extra.MAG], [NaN, 24.757, 23.807]);
  assert.deepEqual([set.quantity, set.zeroPoint, set.timeScale], ["flux", 27.5, "MJD"]);
  assert.equal(set.className(0), "II");
  assert.equal(set.flags, undefined);
  const { metadata } = set;
  assert.deepEqual([metadata.RA[0], metadata.DECL[0], metadata.MWEBV[0], metadata.FAKE[0]], [
    34.25,
    -5.125,
    0.0227,
    2,
  ]);
  assert.deepEqual([metadata.REDSHIFT_SPEC[0], metadata.REDSHIFT_SPEC_ERR[0]], [0.3125, 0.001]);
  assert.deepEqual([metadata["HOST_GALAXY_PHOTO-Z"][0], metadata["HOST_GALAXY_PHOTO-Z_ERR"][0]], [0.3, 0.02]);
  assert.equal(metadata.IAUC[0], "UNKNOWN");
  assert.equal(metadata.SIM_PEAKMAG[0], "21.5 21.0 20.8 20.7 (griz obs)");
  assert.equal(metadata.HOSTGAL_OBJID[0], "12345678901234567890");
  assert.deepEqual(["SNID", "NOBS", "NVAR", "VARLIST", "FILTERS"].filter((key) => key in metadata), []);
});

Deno.test("many objects in one text, in many files and in a folder are the same set", async () => {
  const options = { classesFrom: "SIM_COMMENT" } as const;
  const joined = await read(ONE + TWO, options), swapped = await read(TWO + ONE, options);
  assert.deepEqual([joined.set.ids, swapped.set.ids], [["77", "78"], ["78", "77"]]);
  assert.deepEqual(joined.set.classNames, ["II", "Ia"]);
  assert.deepEqual([joined.set.className(0), joined.set.className(1)], ["II", "Ia"]);
  assert.deepEqual([...joined.set.numbers("REDSHIFT_SPEC")], [0.3125, NaN]);
  assert.deepEqual(joined.set.metadata.IAUC, ["UNKNOWN", ""]);
  // One of the two says which points were detections; what SNANA measures is forced.
  assert.deepEqual([...joined.set.flags!].map((flag) => flag & Flag.detected), [0, 0, 0, Flag.detected]);
  assert.ok(joined.set.flags!.every((flag) => (flag & Flag.forced) !== 0));
  assert.deepEqual((await readSnanaText([bytes(ONE), bytes(TWO)], options)).set, joined.set);
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/DES_SN000078.DAT`, TWO);
    await Deno.writeTextFile(`${folder}/DES_SN000077.DAT`, ONE);
    await Deno.writeTextFile(`${folder}/DES.README`, "not a light curve");
    assert.deepEqual((await readSnanaText(folder, options)).set, joined.set);
    await Deno.remove(`${folder}/DES_SN000077.DAT`);
    await Deno.remove(`${folder}/DES_SN000078.DAT`);
    await assert.rejects(readSnanaText(folder), /files named \*\.DAT, found none/);
    await assert.rejects(readSnanaText(`${folder}/absent.DAT`), /Expected a file, found none .*absent\.DAT/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("NVAR may disagree with VARLIST, rows may not disagree with both", async () => {
  for (const nvar of ["NVAR: 5", "NVAR: 12", ""]) {
    assert.equal((await read(ONE.replace("NVAR: 9", nvar))).set.observations, 3);
  }
  // Rows as long as NVAR says, one value more than VARLIST names.
  const longer = ONE.replace(" SIM_MAG", "").replace(/ {2}# no detection/, "");
  assert.deepEqual((await read(longer)).set.value, Float64Array.of(-2.5, 12.5, 30));
  await assert.rejects(
    read(longer.replace("NVAR: 9", "NVAR: 8")),
    /Expected 8 values, as VARLIST names, found 9 \(bytes, line 23, object 77\)/,
  );
});

Deno.test("bad input is refused with a sentence, or left out and told of", async () => {
  const refused = (text: string, sentence: RegExp, options: ReadSnanaTextOptions = {}) =>
    assert.rejects(read(text, options), sentence);
  const row = ONE.indexOf("OBS: 56173"), end = ONE.indexOf("END:");
  await refused(
    ONE.slice(0, row),
    /Expected 3 observations, as NOBS says, found 2 \(bytes, object 77\).*fetch/,
  );
  await refused(ONE.slice(0, row + 60), /a last line that ends with a newline/);
  await refused(ONE.slice(0, row + 3), /found 2; the text ends early/);
  assert.equal((await read(ONE.slice(0, end))).set.observations, 3);
  for (const name of ["MJD", "FLT", "FLUXCAL", "FLUXCALERR"]) {
    await refused(
      ONE.replace(RegExp(` ${name} `), " OTHER "),
      RegExp(`Expected a column ${name}.*found VARLIST: .*object 77`),
    );
  }
  await refused("id,mjd,mag\n1,2,3\n", /SNANA's text format, with an entry SNID:, found none/);
  await refused("", /SNANA's text format/);
  await refused(ONE.replace("SNID:", "CID:"), /an entry SNID: .* object that begins on line 1/);
  await refused(ONE.replace("NOBS: 3", "NOBS: three"), /a whole number as NOBS, found "three"/);
  await refused(ONE.replace("NOBS: 3", ""), /an entry NOBS:/);
  await refused(ONE.replace("34.250000", "34,25"), /a number, .* as RA, found "34,25/);
  await refused(ONE.replace("+- 0.0200", "+- 0.02x"), /as HOST_GALAXY_PHOTO-Z/);
  await refused(
    ONE.replace("3.000e+01", "3.000e+"),
    /a number as FLUXCAL, found "3.000e\+" .*line 25, object 77/,
  );
  await refused(ONE.replace("3.000e+01", "nan"), /finite numbers, found MJD 56173.5, FLUXCAL NaN/);
  await refused(ONE.replace("3.000e+00", "-9.0"), /not negative, found FLUXCALERR -9/);
  await refused(ONE, /one of the bands named/, { bands: ["g", "r"] });
  await refused(ONE, /a column PHOTPROB, found none/, { extra: ["PHOTPROB"] });
  await refused(ONE + ONE, /identifier/);
  const skipped = await read(ONE.replace("3.000e+00", "-9.0"), { onBadRow: "skip" });
  assert.equal(skipped.set.observations, 2);
  assert.deepEqual(skipped.badRows.map(({ reason, line }) => [reason, line]), [["negative error", 25]]);
  const cut = await read(ONE.slice(0, row) + "END:\n" + TWO, { onBadObject: "skip" });
  assert.deepEqual([cut.set.ids, cut.set.observations], [["78"], 1]);
  assert.match(cut.badObjects[0].message, /as NOBS says, found 2/);
});

Deno.test("any set of fluxes written as text and read is the same", async () => {
  await fc.assert(
    fc.asyncProperty(lightCurveSets, fc.boolean(), async (drawn, flagged) => {
      const set = new LightCurveSet({
        ...drawn.columns(),
        ids: drawn.ids.map((id) => id.replace(" ", "_")),
        quantity: "flux",
        zeroPoint: 27.5,
        timeScale: "MJD",
        bands: flagged ? ["g", "r"] : ["LSST-g", "LSST-r"],
        ...(flagged ? { flags: drawn.band!.map((_, k) => (k * 7) % 32) } : {}),
      });
      const texts = formatSnanaText(set, { survey: "OURS" });
      const typeNames = Object.fromEntries(set.classNames.map((name, k) => [k + 1, name]));
      const { set: back } = await read(texts.join(""), { typeNames, extra: ["airmass"] });
      assert.deepEqual(set.ids.map((_, i) => back.className(i)), set.ids.map((_, i) => set.className(i)));
      const { SNTYPE: _, SURVEY: __, ...metadata } = back.metadata;
      const plain = ({ time, value, error, band, bands, ids, offsets, flags, extra }: LightCurveSet) => ({
        ...{ time, value, error, band, bands, ids, offsets, flags, airmass: extra.airmass },
      });
      assert.deepEqual(plain(back), plain(set));
      assert.deepEqual(metadata, set.metadata);
    }),
    { numRuns: 50 },
  );
});

Deno.test("what the text cannot hold is refused in writing", async () => {
  const { set } = await read(ONE);
  const change = (columns: object) => () =>
    formatSnanaText(new LightCurveSet({ ...set.columns(), ...columns }));
  assert.throws(change({ ids: ["a b"] }), /identifiers without blanks/);
  assert.throws(change({ metadata: { note: ["two\nlines"] } }), /without line breaks/);
  assert.throws(change({ metadata: { END: ["x"] } }), /found the column END/);
  assert.throws(change({ quantity: "magnitude" }), /fluxes, found magnitudes/);
});

Deno.test("ten thousand damaged SNANA texts each end in light curves or in a sentence", async () => {
  for (const onBad of ["skip", "fail"] as const) {
    const outcome = await testMutations({
      files: [bytes(ONE + TWO), bytes(TWO + ONE), bytes(ONE)],
      read: async (damaged) =>
        (await readSnanaText(damaged, { onBadRow: onBad, onBadObject: onBad, maximumBytes: 2 ** 24 })).set,
      check: (set) => assert.ok(set instanceof LightCurveSet),
      memory: (length) => 2 ** 20 + 500 * length,
      seed: `snana text ${onBad}`,
      count: 5000,
    });
    assert.ok(outcome.read > 0 && outcome.refused > 0, JSON.stringify(outcome));
  }
});

/** Object `i` of the challenge's table in the layout of its files. */
function challengeText(set: LightCurveSet, i: number): string {
  const of = (name: string) => String(set.metadata[name][i]), { time, value, error, band } = set.at(i);
  const rows = [...time].map((mjd, r) =>
    `OBS:  ${mjd.toFixed(3)}  ${set.bands[band![r]]} NULL   ${value[r].toExponential(3)}   ${
      error![r].toExponential(3)
    }  1.0 99.0 5.0 98.9`
  );
  return `SNID:   ${set.ids[i]}
SNTYPE:  ${of("sntype")}
FILTERS: griz
RA:      ${of("ra")}  deg
DECL:    ${of("dec")}  deg
MWEBV:   ${of("mwebv")}    MW E(B-V)
REDSHIFT_SPEC:    ${of("redshift_spec")} +-  0.0050
HOST_GALAXY_PHOTO-Z:   ${of("hostgal_photoz")}  +- ${of("hostgal_photoz_err")}
SIM_COMMENT:  SN Type = ${set.className(i)} , MODEL = ${of("model")}
SIM_REDSHIFT:  ${of("sim_redshift")}
SIM_PEAKMJD:   ${of("sim_peakmjd")} days
NOBS: ${rows.length}
NVAR: 9
VARLIST:  MJD  FLT FIELD   FLUXCAL   FLUXCALERR   SNR    MAG     MAGERR SIM_MAG
${rows.join("\n")}
END:
`;
}

Deno.test({
  name: "the challenge's supernovae in the layout of its files are read as its table has them",
  ignore: data === undefined,
  async fn() {
    const all = await dataSet("snpcc").load(),
      set = all.subset(Array.from({ length: 300 }, (_, k) => 20 * k));
    const text = set.ids.map((_, i) => challengeText(set, i)).join("");
    const { set: back } = await read(text, { classesFrom: "SIM_COMMENT", bands: set.bands });
    assert.deepEqual(
      [back.ids, back.offsets, back.time, back.value, back.error, back.band],
      [set.ids, set.offsets, set.time, set.value, set.error, set.band],
    );
    assert.deepEqual(set.ids.map((_, i) => back.className(i)), set.ids.map((_, i) => set.className(i)));
    for (
      const [key, name] of [
        ["RA", "ra"],
        ["DECL", "dec"],
        ["MWEBV", "mwebv"],
        ["SNTYPE", "sntype"],
        ["REDSHIFT_SPEC", "redshift_spec"],
        ["HOST_GALAXY_PHOTO-Z", "hostgal_photoz"],
        ["HOST_GALAXY_PHOTO-Z_ERR", "hostgal_photoz_err"],
        ["SIM_REDSHIFT", "sim_redshift"],
        ["SIM_PEAKMJD", "sim_peakmjd"],
      ]
    ) assert.deepEqual(back.metadata[key], set.metadata[name], key);
  },
});
