import assert from "node:assert/strict";
import { type AvroValue, parseAvro, readAlerts, type ReadAlertsOptions, readAvro } from "ephemera/formats";
import { Flag, type LightCurveSet } from "ephemera/observations";
import { testMutations } from "./mutations.ts";

/** Files that fastavro wrote, and what it reads from them: `tests/peers/formats_avro.py`. */
const fixture = (name: string) => new URL(`fixtures/avro/${name}`, import.meta.url);

/** What fastavro read: bytes and wide numbers are marked. */
type Expected = null | boolean | number | string | Expected[] | { [name: string]: Expected };
type Row = Record<string, Expected>;
const EXPECTED: Record<string, Row[]> = JSON.parse(Deno.readTextFileSync(fixture("expected.json")));

/** A value in the marked form. */
function marked(value: AvroValue): Expected {
  if (value instanceof Uint8Array) return { bytes: value.toHex() };
  if (typeof value === "bigint") return { long: String(value) };
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, own]) => [name, marked(own)]));
  }
  return value;
}

/** A number that may be marked as wide, as text. */
const wide = (value: Expected) =>
  typeof value === "object" && value !== null ? (value as Row).long as string : String(value);

for (
  const name of [
    "ztf_null",
    "ztf_deflate",
    "ztf_snappy",
    "lsst_null",
    "lsst_deflate",
    "lsst_snappy",
    "elasticc_null",
    "other_null",
  ]
) {
  Deno.test(`every value that fastavro wrote (${name}) is read, wide numbers and recursive records included`, async () => {
    const file = await readAvro(fixture(`${name}.avro`));
    assert.deepEqual(file.values.map(marked), EXPECTED[name.split("_")[0]]);
    assert.equal(file.notes.get("origin"), "test");
  });
}

const NANOJANSKY = 2.5 * Math.log10(3631) + 22.5;

Deno.test("ZTF's alerts become light curves in nanojansky, each observation once however many alerts repeat it", async () => {
  const { survey, set, alerts, incomplete } = await readAlerts(fixture("ztf_snappy.avro"));
  assert.equal(survey, "ztf");
  assert.deepEqual(set.ids, ["ZTF20aaaaaaa", "ZTF20aaaaaab", "ZTF20aaaaaac"]);
  assert.deepEqual(set.bands, ["g", "r", "i"]);
  assert.equal(set.zeroPoint, NANOJANSKY);
  const [first, , , again] = EXPECTED.ztf;
  const detections = [...(again.prv_candidates as Row[]), again.candidate as Row].filter(({ candid }) =>
    candid !== null
  );
  const forced = (first.fp_hists as Row[]).filter(({ forcediffimflux }) => forcediffimflux !== null);
  const wanted = [
    ...detections.map((row) => ({
      time: row.jd as number - 2400000.5,
      flux: 10 ** (-0.4 * (row.magpsf as number - NANOJANSKY)) *
        (["t", "1"].includes(row.isdiffpos as string) ? 1 : -1),
      relative: row.sigmapsf as number * Math.LN10 / 2.5,
      band: (row.fid as number) - 1,
      flags: Flag.detected as number,
    })),
    ...forced.map((row) => ({
      time: row.jd as number - 2400000.5,
      flux: row.forcediffimflux as number * 10 ** (-0.4 * (row.magzpsci as number - NANOJANSKY)),
      relative: row.forcediffimfluxunc as number / Math.abs(row.forcediffimflux as number),
      band: (row.fid as number) - 1,
      flags: Flag.forced as number,
    })),
  ].sort((a, b) => a.time - b.time);
  const curve = set.at(0);
  assert.equal(curve.time.length, wanted.length);
  wanted.forEach(({ time, flux, relative, band, flags }, k) => {
    assert.equal(curve.time[k], time);
    assert.ok(Math.abs(curve.value[k] / flux - 1) < 1e-12, `${curve.value[k]} ${flux}`);
    assert.ok(Math.abs(curve.error![k] / Math.abs(flux) - relative) < 1e-12);
    assert.deepEqual([curve.band![k], curve.flags![k]], [band, flags]);
  });
  assert.equal(set.count(2), 1);
  assert.deepEqual(set.metadata.alerts, Float64Array.of(2, 1, 1));
  // Of the latest alert of the object, which is the fourth; missing numbers are missing.
  assert.ok(Math.abs(set.numbers("rb")[0] - 0.5) < 1e-6);
  assert.ok(Number.isNaN(set.numbers("drb")[1]) && Number.isNaN(set.numbers("classtar")[0]));
  assert.deepEqual((set.metadata.candid as string[])[0], wide(again.candid));
  assert.equal(incomplete, 3);
  assert.deepEqual(
    alerts.map(({ object, id }) => [object, id]),
    EXPECTED.ztf.map((row) => [row.objectId, wide(row.candid)]),
  );
});

Deno.test("stamps are the bytes in the alert", async () => {
  const { alerts } = await readAlerts(fixture("ztf_deflate.avro"));
  const text = await new Response(
    new Blob([alerts[1].stamps.science! as Uint8Array<ArrayBuffer>]).stream().pipeThrough(
      new DecompressionStream("gzip"),
    ),
  ).text();
  assert.equal(text, "not really FITS: ZTF20aaaaaab science");
  assert.deepEqual(Object.keys(alerts[1].stamps), ["science", "template"]);
  assert.deepEqual(alerts[3].stamps, {});
  const lsst = await readAlerts(fixture("lsst_null.avro"));
  assert.deepEqual(Object.keys(lsst.alerts[0].stamps), ["science", "difference"]);
});

Deno.test("non-detections are left out, or kept as upper limits of five sigma", async () => {
  const kept = await readAlerts(fixture("ztf_null.avro"), { upperLimits: "keep", photometry: "detections" });
  const flags = [...kept.set.at(0).flags!];
  assert.equal(flags.filter((flag) => flag === Flag.upperLimit).length, 1);
  const k = flags.indexOf(Flag.upperLimit);
  assert.equal(kept.set.at(0).value[k], 0);
  assert.ok(Math.abs(kept.set.at(0).error![k] * 5 / 10 ** (-0.4 * (20.5 - NANOJANSKY)) - 1) < 1e-12);
});

Deno.test("LSST's alerts become light curves by object, with identifiers of 58 bits", async () => {
  const { survey, set, alerts, incomplete } = await readAlerts(fixture("lsst_snappy.avro"));
  assert.equal(survey, "lsst");
  assert.deepEqual(set.ids, ["170000000000000001", "170000000000000003", "ssObject 21164614000000777"]);
  assert.equal(set.timeScale, "MJD TAI");
  const [first] = EXPECTED.lsst, sources = [...first.prvDiaSources as Row[], first.diaSource as Row];
  const curve = set.at(0),
    detected = [...curve.flags!.keys()].filter((k) => curve.flags![k] === Flag.detected);
  const good = sources.filter(({ psfFlux }) => psfFlux !== null);
  assert.deepEqual(detected.map((k) => curve.value[k]), good.map(({ psfFlux }) => psfFlux));
  assert.deepEqual(detected.map((k) => curve.error![k]), good.map(({ psfFluxErr }) => psfFluxErr));
  assert.deepEqual(detected.map((k) => set.bands[curve.band![k]]), good.map(({ band }) => band));
  assert.equal(curve.time.length, good.length + 6);
  assert.equal(incomplete, 1);
  assert.equal(alerts[0].id, wide(first.diaSourceId));
  assert.deepEqual(set.metadata.diaObjectId, ["170000000000000001", "170000000000000003", ""]);
  assert.deepEqual(set.numbers("nDiaSources"), Float64Array.of(7, 1, NaN));
  const only = async (photometry: ReadAlertsOptions["photometry"]) =>
    (await readAlerts(fixture("lsst_null.avro"), { photometry })).set.observations;
  assert.equal(await only("detections") + await only("forced"), set.observations);
});

Deno.test("ELAsTiCC's alerts have their own names for time, band and flux", async () => {
  const { survey, set } = await readAlerts([fixture("elasticc_null.avro")]);
  assert.equal(survey, "elasticc");
  assert.equal(set.zeroPoint, 27.5);
  assert.deepEqual(set.value, Float64Array.of(-1.5, 100, 101, 102, 103, 104, 105, 106));
  assert.deepEqual(set.bands, ["u", "g", "r", "i", "z", "Y"]);
  assert.ok(Number.isNaN(set.numbers("z_final")[0]));
});

Deno.test("another schema, another codec, two surveys, and files that are none are refused with a sentence", async () => {
  await assert.rejects(
    readAlerts(fixture("other_null.avro")),
    /Expected alerts under the schema ztf.alert, lsst.v\*.alert or elasticc.v\*.alert, found the schema "weather.measurement"/,
  );
  await assert.rejects(
    readAvro(fixture("other_bzip2.avro")),
    /Expected the codec null, deflate or snappy, found "bzip2"/,
  );
  await assert.rejects(
    readAlerts([fixture("ztf_null.avro"), fixture("lsst_null.avro")]),
    /Expected alerts of ztf, as in the files before, found lsst/,
  );
  await assert.rejects(
    readAlerts(new TextEncoder().encode("objectId,jd\n")),
    /an Avro object container file, found other bytes/,
  );
  await assert.rejects(readAlerts(fixture("absent.avro")), /Expected a file, found none/);
  // A schema that says ztf.alert and has none of its fields.
  const bytes = Deno.readFileSync(fixture("ztf_null.avro")),
    text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const renamed = Uint8Array.from(
    text.replace('"name": "candidate", "type"', '"name": "candidatf", "type"'),
    (c) => c.charCodeAt(0),
  );
  await assert.rejects(
    readAlerts(renamed),
    /Expected a candidate with fields, found none \(bytes, alert 0\)/,
  );
});

Deno.test("values that take no bytes still count against the memory allowed", () => {
  const bytes = Deno.readFileSync(fixture("ztf_null.avro"));
  assert.throws(() => parseAvro(bytes, 3000), /fewer bytes, found more than maximumBytes/);
  // An array of 2^40 nulls: three bytes of data.
  const schema = new TextEncoder().encode('{"type":"array","items":"null"}'), sync = new Uint8Array(16);
  const name = new TextEncoder().encode("avro.schema"), count = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0];
  const file = Uint8Array.of(
    ...[0x4f, 0x62, 0x6a, 1, 2, name.length * 2, ...name, schema.length * 2, ...schema, 0, ...sync],
    ...[2, count.length * 2, ...count, ...sync],
  );
  assert.throws(() => parseAvro(file, 2 ** 20), /more than maximumBytes/);
});

Deno.test("ten thousand damaged alert files each end in alerts or in a sentence, within the memory allowed", async () => {
  const limit = 2 ** 20,
    names = ["ztf_null", "ztf_deflate", "ztf_snappy", "lsst_null", "lsst_snappy", "elasticc_null"];
  const outcome = await testMutations({
    files: names.map((name) => Deno.readFileSync(fixture(`${name}.avro`))),
    read: (bytes) => readAlerts(bytes, { maximumBytes: limit, upperLimits: "keep", where: "damaged" }),
    check: (reading) => {
      const { set, alerts } = reading as { set: LightCurveSet; alerts: { object: string }[] };
      const ids = new Set(set.ids);
      for (const { object } of alerts) assert.ok(ids.has(object));
    },
    memory: (length) => 4 * limit + 64 * length,
    seed: "avro",
  });
  assert.ok(outcome.read > 0 && outcome.refused > 0, JSON.stringify(outcome));
});
