import assert from "node:assert/strict";
import fc from "fast-check";
import { join } from "node:path";
import {
  parquetLightCurves,
  ParquetLightCurveWriter,
  readParquetLightCurves,
  writeParquetLightCurves,
  type WriteParquetOptions,
} from "ephemera/formats";
import { concatenate, Flag, LightCurveSet } from "ephemera/observations";

async function inFolder(work: (path: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(join(folder, "curves.parquet"), folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const SET = new LightCurveSet({
  ids: ["one", "zwei", "три"],
  offsets: Uint32Array.of(0, 3, 3, 5),
  time: Float64Array.of(59000.123456789, 59000.123456789, 59010, 1, 2),
  value: Float64Array.of(-0, 1e-300, -12.5, 1 / 3, 7),
  error: Float64Array.of(0, 1, 2, 3.25, 4),
  band: Uint8Array.of(0, 1, 0, 2, 2),
  bands: ["g", "r", "i"],
  flags: Uint8Array.of(Flag.detected, 0, 255, Flag.forced, 1),
  quantity: "flux",
  zeroPoint: 27.5,
  timeScale: "TAI",
  labels: Int32Array.of(1, -1, 0),
  classNames: ["SNIa", "RRL", "AGN"],
  metadata: { redshift: Float64Array.of(0.1, NaN, -0), host: ["", "a\nb", "NGC 1"] },
  extra: { airmass: Float64Array.of(1, NaN, Infinity, 1.5, -0) },
});

const numbers = fc.double({ noNaN: true, noDefaultInfinity: true });
const text = fc.string({ unit: "grapheme", maxLength: 8 });

/** Any set: with and without each optional column, with objects that have no observations. */
function anySet(least: number): fc.Arbitrary<LightCurveSet> {
  return fc.record({
    ids: fc.uniqueArray(text, { maxLength: 6 }),
    counts: fc.array(fc.integer({ min: least, max: 5 }), { minLength: 6, maxLength: 6 }),
    values: fc.array(numbers, { minLength: 30, maxLength: 30 }),
    has: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
    texts: fc.array(text, { minLength: 6, maxLength: 6 }),
    flux: fc.boolean(),
  }).map(({ ids, counts, values, has, texts, flux }) => {
    const n = ids.length, offsets = new Uint32Array(n + 1);
    for (let i = 0; i < n; i++) offsets[i + 1] = offsets[i] + counts[i];
    const total = offsets[n], time = Float64Array.from(values.slice(0, total));
    for (let i = 0; i < n; i++) time.subarray(offsets[i], offsets[i + 1]).sort();
    return new LightCurveSet({
      ids,
      offsets,
      time,
      value: Float64Array.from(values.slice(0, total)).reverse(),
      error: has[0] ? Float64Array.from(values.slice(0, total), Math.abs) : undefined,
      band: has[1] ? Uint8Array.from({ length: total }, (_, k) => k % 3) : undefined,
      bands: has[1] ? ["u", "Y", "ż"] : ["V"],
      flags: has[2] ? Uint8Array.from({ length: total }, (_, k) => k) : undefined,
      quantity: flux ? "flux" : "magnitude",
      zeroPoint: flux ? 23.9 : undefined,
      labels: has[3] ? Int32Array.from({ length: n }, (_, i) => i % 3 - 1) : undefined,
      classNames: has[3] ? ["first", "second"] : [],
      metadata: has[4] ? { z: Float64Array.from(values.slice(0, n)), name: texts.slice(0, n) } : {},
      extra: has[5] ? { x: Float64Array.from(values.slice(0, total)) } : {},
    });
  });
}

const LAYOUTS: [string, WriteParquetOptions][] = [
  ["as lists", {}],
  ["as lists in a struct", { nested: "lightcurve" }],
  ["as rows", { layout: "rows" }],
  ["as lists with numbered bands, not packed", { bandsAs: "numbers", compression: "none" }],
];

for (const [name, options] of LAYOUTS) {
  Deno.test(`any set written ${name} is read back the same, bit by bit, whatever the size of the row groups`, async () => {
    await inFolder((path) =>
      fc.assert(
        fc.asyncProperty(
          anySet(options.layout === "rows" ? 1 : 0),
          fc.integer({ min: 1, max: 4 }),
          async (set, size) => {
            await writeParquetLightCurves(path, set, { ...options, groupObjects: size });
            const back = await readParquetLightCurves(path);
            assert.deepEqual(back.columns(), set.columns());
            const parts: LightCurveSet[] = [];
            for await (const part of parquetLightCurves(path)) parts.push(part);
            assert.deepEqual(concatenate(parts).columns(), set.columns());
          },
        ),
        { numRuns: 60 },
      )
    );
  });
}

Deno.test("a set with every kind of column survives, names in other scripts, signed zeros and missing entries too", async () => {
  await inFolder(async (path) => {
    await writeParquetLightCurves(path, SET);
    assert.deepEqual((await readParquetLightCurves(path)).columns(), SET.columns());
    const bytes = await Deno.readFile(path);
    assert.deepEqual((await readParquetLightCurves(bytes)).columns(), SET.columns());
  });
});

Deno.test("single precision rounds values and errors to 32 bits, and nothing else", async () => {
  await inFolder(async (path) => {
    await writeParquetLightCurves(path, SET, { precision: "single" });
    const back = await readParquetLightCurves(path);
    assert.deepEqual(back.value, SET.value.map(Math.fround));
    assert.deepEqual(back.error, SET.error!.map(Math.fround));
    assert.deepEqual(back.time, SET.time);
  });
});

Deno.test("sets appended one by one make one file, bands found later included", async () => {
  await inFolder(async (path) => {
    const later = new LightCurveSet({ ...SET.subset([2]).columns(), ids: ["new"], bands: ["i", "r", "y"] });
    const writer = await ParquetLightCurveWriter.create(path, { groupObjects: 2 });
    await writer.append(SET);
    await writer.append(later);
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
    await writer.close();
    const back = await readParquetLightCurves(path);
    assert.deepEqual(back.ids, [...SET.ids, "new"]);
    assert.deepEqual(back.bands, ["g", "r", "i", "y"]);
    assert.deepEqual(Array.from(back.at(3).band!, (b) => back.bands[b]), ["y", "y"]);
  });
});

Deno.test("a set of another kind is refused, and what was begun is removed when the writer is disposed of", async () => {
  await inFolder(async (path, folder) => {
    {
      await using writer = await ParquetLightCurveWriter.create(path);
      await writer.append(SET);
      await assert.rejects(
        writer.append(new LightCurveSet({ ...SET.columns(), ids: ["a", "b", "c"], zeroPoint: 25 })),
        /Expected the zero point of the first set: 27.5, found 25/,
      );
      await assert.rejects(
        writer.append(new LightCurveSet({ ...SET.columns(), ids: ["a", "b", "c"], extra: {} })),
        /Expected the columns of the first set: .*airmass \(double\)/,
      );
    }
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    const empty = await ParquetLightCurveWriter.create(path);
    await assert.rejects(empty.close(), /Expected at least one set, found none/);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("what cannot be written is refused with a sentence", async () => {
  await inFolder(async (path) => {
    await assert.rejects(
      writeParquetLightCurves(path, SET, { layout: "rows" }),
      /Expected objects with observations, found none \(object zwei\)/,
    );
    const clash = new LightCurveSet({ ...SET.columns(), metadata: { mjd: Float64Array.of(1, 2, 3) } });
    await assert.rejects(writeParquetLightCurves(path, clash), /each column name once, found "mjd" twice/);
    await writeParquetLightCurves(path, clash, { columns: { time: "t" } });
    assert.deepEqual((await readParquetLightCurves(path)).columns(), clash.columns());
    await assert.rejects(
      writeParquetLightCurves(path, SET, { groupObjects: 0 }),
      /positive whole number for groupObjects/,
    );
    await assert.rejects(
      writeParquetLightCurves(path, SET, { layout: "rows", nested: "x" }),
      /nested lists only/,
    );
  });
});

Deno.test("missing files, other files and missing columns are refused with a sentence", async () => {
  await inFolder(async (path) => {
    await assert.rejects(readParquetLightCurves(path), /Expected a file, found none/);
    await Deno.writeTextFile(path, "id,mjd,mag\na,1,2\n");
    await assert.rejects(
      readParquetLightCurves(path),
      /Expected a Parquet file, found other bytes, or one that ends early/,
    );
    await writeParquetLightCurves(path, SET);
    await assert.rejects(
      readParquetLightCurves(path, { columns: { time: "epoch" } }),
      /Expected a column "epoch", found the columns id, class, redshift, host, mjd, band, flux, fluxerr, flags, airmass/,
    );
    await assert.rejects(
      readParquetLightCurves(path, { maximumBytes: 500 }),
      /at most 500 bytes|footer of at most/,
    );
    await assert.rejects(
      readParquetLightCurves(path, { bands: ["g", "r"] }),
      /one of the bands g, r, found "i"/,
    );
  });
});

Deno.test("memory stays flat while many objects are written and read", async () => {
  const set = (k: number) => {
    const objects = 500, each = 100, n = objects * each;
    return new LightCurveSet({
      ids: Array.from({ length: objects }, (_, i) => `${k}-${i}`),
      offsets: Uint32Array.from({ length: objects + 1 }, (_, i) => i * each),
      time: Float64Array.from({ length: n }, (_, j) => j % each),
      value: Float64Array.from({ length: n }, (_, j) => Math.sin(j * k)),
      error: new Float64Array(n).fill(0.1),
    });
  };
  const peaks: number[] = [];
  await inFolder(async (path) => {
    for (const sets of [2, 24]) {
      let peak = 0;
      const look = () => peak = Math.max(peak, Deno.memoryUsage().rss);
      const writer = await ParquetLightCurveWriter.create(path, { groupObservations: 50_000 });
      for (let k = 0; k < sets; k++) {
        await writer.append(set(k));
        look();
      }
      await writer.close();
      let objects = 0;
      for await (const part of parquetLightCurves(path)) {
        objects += part.length;
        look();
      }
      assert.equal(objects, 500 * sets);
      peaks.push(peak);
    }
  });
  // Twelve times as many objects; what is held is one row group, and what the collector has not yet taken.
  assert.ok(peaks[1] - peaks[0] < 150 * 2 ** 20, `${peaks.map((bytes) => (bytes / 2 ** 20).toFixed(0))} MiB`);
});
