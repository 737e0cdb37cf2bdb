import assert from "node:assert/strict";
import fc from "fast-check";
import { EphemeraError } from "ephemera/core";
import {
  FitsTable,
  formatFits,
  formatSnanaFits,
  parseFits,
  readSnanaFits,
  writeSnanaFits,
} from "ephemera/formats";
import { Flag, LightCurveSet } from "ephemera/observations";
import { lightCurveSets } from "../observations/arbitrary.ts";

const vectors = Deno.env.get("EPHEMERA_VECTORS");
const flux = (set: LightCurveSet, change: Partial<ReturnType<LightCurveSet["columns"]>> = {}) =>
  new LightCurveSet({ ...set.columns(), quantity: "flux", zeroPoint: 27.5, timeScale: "MJD", ...change });
const read = ({ head, phot }: { head: Uint8Array; phot: Uint8Array }) =>
  readSnanaFits(head, { photometry: phot });

/** The columns of a set, typed arrays as lists: what was read may be a window of a longer array. */
const plain = (set: LightCurveSet) =>
  JSON.parse(
    JSON.stringify(set.columns(), (_, value) => ArrayBuffer.isView(value) ? [...value as Uint8Array] : value),
  );

/** HEAD and PHOT as tables of our own making, for what a writer would never write. */
function pair(
  change: {
    min?: number[];
    max?: number[];
    mjd?: number[];
    flux?: number[];
    error?: number[];
    nobs?: number[];
  } = {},
) {
  const ids = ["a", "b"];
  const head = formatFits([{
    kind: "table",
    columns: [
      { name: "SNID", values: ids },
      { name: "SNTYPE", values: Int32Array.of(101, -9) },
      { name: "NOBS", values: Int32Array.from(change.nobs ?? [2, 1]) },
      { name: "PTROBS_MIN", values: Int32Array.from(change.min ?? [1, 4]) },
      { name: "PTROBS_MAX", values: Int32Array.from(change.max ?? [2, 4]) },
    ],
  }]);
  const phot = formatFits([{
    kind: "table",
    columns: [
      { name: "MJD", values: Float64Array.from(change.mjd ?? [2, 1, -777, 5]) },
      { name: "FLT", values: ["g ", "r", "-", "g"] },
      { name: "FLUXCAL", values: Float32Array.from(change.flux ?? [10, 20, 0, 30]) },
      { name: "FLUXCALERR", values: Float32Array.from(change.error ?? [1, 2, 0, 3]) },
      { name: "PHOTFLAG", values: Int32Array.of(6144, 1024, 0, 0) },
    ],
  }]);
  return { head, phot };
}

Deno.test({
  name: "the published pair of 200 simulated supernovae is read as SNANA means it",
  ignore: vectors === undefined,
  async fn() {
    const path = `${vectors}/snana-fits/DES_Ia-0001_HEAD.FITS`;
    const { set, badRows, foundBy } = await readSnanaFits(path, {
      typeNames: { 101: "Ia" },
      extra: ["SIM_MAGOBS"],
    });
    assert.equal(set.length, 200);
    assert.equal(set.observations, 12717 - 199);
    assert.equal(badRows.length, 0);
    // The pair was cut out of a larger one: its row numbers are those of the larger PHOT, up to 22650.
    assert.equal(foundBy, "separators");
    assert.equal(set.ids[0], "1186139");
    assert.equal(set.count(0), 71);
    const first = set.at(0);
    assert.ok(Math.abs(first.time[0] - 56956.203) < 5e-4);
    assert.equal(set.bands[first.band![0]], "g");
    assert.ok(Math.abs(first.value[0] - 1.7826998) < 1e-6);
    assert.ok(Math.abs(first.error![0] - 4.375968) < 1e-6);
    assert.deepEqual(set.bands.toSorted(), ["g", "i", "r", "z"]);
    assert.equal(set.className(0), "Ia");
    assert.equal(set.zeroPoint, 27.5);
    assert.ok(Math.abs(set.numbers("REDSHIFT_FINAL")[0] - 0.44211426) < 1e-7);
    assert.equal(set.metadata.SIM_MODEL_NAME[0], "SALT2.JLA-B14");
    assert.equal(set.flags!.filter((flag) => (flag & Flag.detected) !== 0).length, 3254);
    const back = await read(formatSnanaFits(set));
    assert.deepEqual(plain(new LightCurveSet({ ...back.set.columns(), extra: set.extra })), plain(set));
  },
});

Deno.test("any set of fluxes written and read is the same, labels, metadata, flags and extra columns included", async () => {
  await fc.assert(
    fc.asyncProperty(lightCurveSets, fc.boolean(), fc.boolean(), async (drawn, labelled, flagged) => {
      const set = flux(drawn, {
        ...(labelled ? {} : { labels: undefined, classNames: undefined }),
        ...(flagged ? { flags: drawn.band!.map((_, k) => (k * 7) % 32) } : {}),
        bands: flagged ? ["g", "r"] : ["LSST-g", "LSST-r"],
      });
      const { head, phot } = formatSnanaFits(set);
      const back = await readSnanaFits(head, { photometry: phot, extra: ["airmass"] });
      assert.deepEqual(plain(back.set), plain(set));
      assert.deepEqual([back.badRows, back.sortedObjects], [[], 0]);
    }),
    { numRuns: 50 },
  );
});

Deno.test("PHOT has a separator between objects, and rows count from one", () => {
  const set = new LightCurveSet({
    ids: ["a", "b", "c"],
    offsets: Uint32Array.of(0, 2, 2, 3),
    time: Float64Array.of(1, 2, 3),
    value: Float64Array.of(10, 20, 30),
    error: Float64Array.of(1, 1, 1),
    quantity: "flux",
    zeroPoint: 25,
  });
  const { head, phot } = formatSnanaFits(set, { precision: "float32", bandColumn: "FLT" });
  const rows = new FitsTable(parseFits(phot)[1]), objects = new FitsTable(parseFits(head)[1]);
  assert.deepEqual(rows.numbers("MJD"), Float64Array.of(1, 2, -777, -777, 3));
  assert.deepEqual(rows.texts("FLT"), ["V", "V", "-", "-", "V"]);
  assert.deepEqual(rows.numbers("FLUXCAL"), Float64Array.of(100, 200, 0, 0, 300));
  assert.deepEqual(objects.numbers("PTROBS_MIN"), Float64Array.of(1, 4, 5));
  assert.deepEqual(objects.numbers("PTROBS_MAX"), Float64Array.of(2, 3, 5));
  assert.deepEqual(objects.numbers("SNTYPE"), Float64Array.of(-9, -9, -9));
});

Deno.test("files on disk find their partner, packed or not; without one a sentence names both places", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { set } = await read(pair());
    for (const gzip of [false, true]) {
      const { head, phot } = await writeSnanaFits(`${folder}/SET-${gzip}`, set, { gzip, survey: "LSST" });
      assert.deepEqual((await readSnanaFits(head)).set.time, set.time);
      await Deno.remove(phot);
      await assert.rejects(readSnanaFits(head), (error: Error) => {
        assert.ok(error instanceof EphemeraError);
        assert.match(
          error.message,
          /the PHOT file that belongs to HEAD, found neither .*_PHOT\.FITS.* nor .*_PHOT/,
        );
        return true;
      });
    }
    await assert.rejects(readSnanaFits(pair().head), /bytes without a path .*option photometry/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("row numbers that reach over separators give way to the separators where NOBS agrees with them", async () => {
  const good = await read(pair()), stale = await read(pair({ min: [7, 40], max: [8, 40] }));
  assert.deepEqual([good.foundBy, stale.foundBy], ["pointers", "separators"]);
  assert.deepEqual(plain(stale.set).time, plain(good.set).time);
  assert.deepEqual(plain(stale.set).offsets, plain(good.set).offsets);
});

Deno.test("rows out of time order are sorted, types and flags understood", async () => {
  const { set, sortedObjects } = await read(pair());
  assert.equal(sortedObjects, 1);
  assert.deepEqual([...set.at(0).time], [1, 2]);
  assert.deepEqual([...set.at(0).value], [20, 10]);
  assert.deepEqual([...set.at(0).flags!], [
    Flag.forced | Flag.saturated,
    Flag.forced | Flag.detected | Flag.firstTrigger,
  ]);
  assert.deepEqual([set.className(0), set.className(1)], ["101", undefined]);
});

Deno.test("what does not fit is refused with a sentence, or a bad row left out on request", async () => {
  await assert.rejects(
    read(pair({ max: [2, 5], nobs: [2, 2] })),
    /rows within 1 to 4.*PTROBS_MAX 5 .*object b/,
  );
  const twice = pair({ min: [1, 1], max: [3, 3], nobs: [3, 3], mjd: [1, 2, 3, 4] });
  await assert.rejects(read(twice), /each of one object, found PTROBS_MIN 1, PTROBS_MAX 3 .*object b/);
  await assert.rejects(read(pair({ nobs: [1, 1] })), /1 rows, as NOBS says, found 2/);
  await assert.rejects(
    read(pair({ min: [1, 3], max: [1, 4], nobs: [1, 2] })),
    /from one separator .* to the next/,
  );
  await assert.rejects(
    read(pair({ min: [1, 3], max: [2, 4], nobs: [2, 2] })),
    /one separator \(MJD -777\) to the next/,
  );
  await assert.rejects(
    read(pair({ error: [1, -1, 0, 1] })),
    /not negative, found FLUXCALERR -1 .*row 2, object a/,
  );
  await assert.rejects(read(pair({ flux: [NaN, 1, 0, 1] })), /finite numbers, found MJD 2, FLUXCAL NaN/);
  const { head, phot } = pair({ flux: [NaN, 1, 0, 1] });
  const { set, badRows } = await readSnanaFits(head, { photometry: phot, onBadRow: "skip" });
  assert.equal(set.observations, 2);
  assert.deepEqual(badRows.map(({ reason, line }) => [reason, line]), [["not a number", 1]]);
  await assert.rejects(
    readSnanaFits(phot, { photometry: head }),
    /a column "SNID", found the columns MJD, FLT/,
  );
  await assert.rejects(readSnanaFits(head, { photometry: head }), /a column "MJD", found the columns SNID/);
  await assert.rejects(
    readSnanaFits(head, { photometry: phot, bands: ["g"], onBadRow: "fail" }),
    EphemeraError,
  );
  await assert.rejects(
    readSnanaFits(head.subarray(0, 5765), { photometry: phot }),
    /it ends (early|within a header)/,
  );
});

Deno.test("what SNANA cannot hold is refused in writing", async () => {
  const { set } = await read(pair());
  const change = (columns: object) => () =>
    formatSnanaFits(new LightCurveSet({ ...set.columns(), ...columns }));
  assert.throws(change({ quantity: "magnitude" }), /fluxes, found magnitudes/);
  assert.throws(change({ error: undefined }), /errors of the fluxes/);
  assert.throws(change({ zeroPoint: undefined }), /a zero point/);
  assert.throws(change({ timeScale: "HJD" }), /times in MJD, found HJD/);
  assert.throws(change({ ids: ["a", "Ångström"] }), /printable ASCII/);
  assert.throws(
    change({ metadata: { Mjd: ["x", "y"], snid: ["1", "2"] } }),
    /each column name once.*"snid" twice/,
  );
});
