import assert from "node:assert/strict";
import { EphemeraError } from "ephemera/core";
import { formatFits, readSdssSpectra, readSdssSpectrum } from "ephemera/formats";
import { testMutations } from "./mutations.ts";

/** A file laid out as those of the SDSS archive: primary header, COADD, SPECOBJ with one row. */
function spectrum(
  change: { loglam?: number[]; flux?: number[]; names?: [string, string]; fiber?: number } = {},
) {
  const [coadd, object] = change.names ?? ["COADD", "SPECOBJ"];
  return formatFits([
    {
      kind: "table",
      name: coadd,
      columns: [
        { name: "flux", values: Float32Array.from(change.flux ?? [1, 2, 3, NaN]) },
        { name: "loglam", values: Float32Array.from(change.loglam ?? [3.5, 3.75, 3.875, 4]) },
        { name: "ivar", values: Float32Array.of(4, 0, 2, 1) },
        { name: "and_mask", values: Int32Array.of(1, 0, 2 ** 23, 0) },
      ],
    },
    {
      kind: "table",
      name: object,
      columns: [
        { name: "PLATE", values: Int32Array.of(618) },
        { name: "MJD", values: Int32Array.of(52049) },
        { name: "FIBERID", values: Int32Array.of(change.fiber ?? 372) },
        { name: "Z", values: Float32Array.of(0.25) },
        { name: "CLASS", values: ["STAR"] },
        { name: "SUBCLASS", values: ["M1"] },
      ],
    },
  ]);
}

Deno.test("a spectrum has its wavelengths, inverse variances, mask and the pipeline's findings", async () => {
  const read = await readSdssSpectrum(spectrum());
  assert.equal(read.id, "0618-52049-0372");
  assert.deepEqual([...read.wavelength], [3.5, 3.75, 3.875, 4].map((log) => 10 ** log));
  assert.deepEqual([...read.flux], [1, 2, 3, 0]);
  assert.deepEqual([...read.inverseVariance], [4, 0, 2, 0]);
  assert.deepEqual([...read.mask], [0, 1, 1, 1]);
  assert.deepEqual([read.redshift, read.className, read.subclass], [0.25, "STAR", "M1"]);
  assert.deepEqual([...(await readSdssSpectrum(spectrum(), { maskBits: 1 })).mask], [1, 1, 0, 1]);
  assert.equal((await readSdssSpectrum(spectrum({ names: ["", "SPALL"] }))).id, read.id);
});

Deno.test("several files become a set; a bad one fails it or is reported", async () => {
  const sources = [spectrum(), spectrum().subarray(0, 7000), spectrum({ fiber: 1 })];
  await assert.rejects(readSdssSpectra(sources), EphemeraError);
  const { set, badFiles } = await readSdssSpectra(sources, { onBadFile: "skip" });
  assert.deepEqual(set.ids, ["0618-52049-0372", "0618-52049-0001"]);
  assert.deepEqual(badFiles.map(({ index }) => index), [1]);
  assert.equal(set.className(0), "STAR");
  assert.deepEqual(set.metadata.fiber, Float64Array.of(372, 1));
  await assert.rejects(readSdssSpectra([sources[1]], { onBadFile: "skip" }), /at least one spectrum/);
});

Deno.test("what is no spectrum is refused with a sentence", async () => {
  await assert.rejects(
    readSdssSpectrum(spectrum({ loglam: [3.5, 3.4, 3.6, 3.7] })),
    /ascending logarithms.*pixel 1/,
  );
  const image = formatFits([{ kind: "image", shape: [2], pixels: Float32Array.of(1, 2) }]);
  await assert.rejects(readSdssSpectrum(image), /a table COADD, found \(no name\) \(image\).*data release 9/);
});

Deno.test("ten thousand damaged spectra are read or refused with a sentence, within the memory bound", async () => {
  const { read, refused } = await testMutations({
    files: [spectrum()],
    read: (bytes) => readSdssSpectra([bytes]),
    memory: (length) => 64 * length + 100_000,
    seed: "sdss",
  });
  assert.ok(read > 500 && refused > 500, `${read} read, ${refused} refused`);
});
