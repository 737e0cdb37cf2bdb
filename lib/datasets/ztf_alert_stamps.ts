import { demand } from "../core/mod.ts";
import { type JsonRecord, readFloat32, readJsonLines, recordColumns } from "../formats/mod.ts";
import { StampSequenceSet } from "../observations/mod.ts";
import { dataFolder } from "./data_set.ts";
import type { StampDataSet } from "./stamps_data_set.ts";

/** Images of an alert, rows and columns of each. */
const PLANES = ["science", "template", "difference"] as const, SIZE = 63;
/** Julian date of MJD 0. */
const JD_OF_MJD = 2400000.5;

/**
 * Alerts of the Zwicky Transient Facility with their three cutouts, one epoch an alert, g and r. `epochs` has the fields of
 * the alert's candidate record (`magpsf`, `sigmapsf`, `fwhm`, `rb`, `drb`, ...; `candid` as text, it does not fit a float)
 * and its `source`; metadata `crossmatch`, a catalogue match by position and a weak label, which is why there are no labels.
 * Pixels may be NaN. Times are MJD.
 */
export const ZTF_ALERT_STAMPS: StampDataSet = {
  name: "ztf-alert-stamps",
  title: "ZTF alerts of 153 objects, each with science, template and difference stamps",
  origin: "observed",
  source:
    "github.com/skyportal/kowalski, github.com/ZwickyTransientFacility/ztf-avro-alert, github.com/boom-astro/boom, github.com/alercebroker/pipeline, github.com/astrolabsoftware/fink-science",
  licence:
    "MIT (kowalski, boom), Apache-2.0 (fink-science), not stated (ztf-avro-alert, pipeline), each for the repository; ZTF public alerts",
  citation:
    "Bellm, E. C. et al. 2019, PASP 131, 018002; Masci, F. J. et al. 2019, PASP 131, 018003; Patterson, M. T. et al. 2019, PASP 131, 018001",
  classNames: [],
  async load(options = {}) {
    const folder = dataFolder("ztf-alert-stamps", options), path = `${folder}/alerts.jsonl.gz`;
    const alerts = (await readJsonLines(path)).map((alert, k) => checked(alert, `${path}, alert ${k}`, k));
    const frame = PLANES.length * SIZE * SIZE;
    const stamps = await readFloat32(`${folder}/stamps.f32.gz`, { expected: alerts.length * frame });
    const objects = new Map<string, typeof alerts>();
    for (const alert of alerts) {
      const list = objects.get(alert.object);
      if (list === undefined) objects.set(alert.object, [alert]);
      else list.push(alert);
    }
    const order = [...objects.values()].flatMap((list) => list.sort((a, b) => a.time - b.time));
    const offsets = new Uint32Array(objects.size + 1), pixels = new Float32Array(stamps.length);
    [...objects.values()].forEach((list, i) => offsets[i + 1] = offsets[i] + list.length);
    order.forEach(({ index }, k) =>
      pixels.set(stamps.subarray(index * frame, (index + 1) * frame), k * frame)
    );
    return new StampSequenceSet({
      ids: [...objects.keys()],
      offsets,
      time: Float64Array.from(order, ({ time }) => time),
      band: Uint8Array.from(order, ({ band }) => band),
      bands: ["g", "r", "i"],
      height: SIZE,
      width: SIZE,
      planes: PLANES,
      pixels,
      pixelScale: 1.01,
      metadata: {
        crossmatch: [...objects.values()].map((list) =>
          list.find(({ crossmatch }) => crossmatch !== "")?.crossmatch ?? ""
        ),
      },
      epochs: recordColumns(order.map(({ record }) => record)),
    });
  },
};

function checked(alert: JsonRecord, where: string, k: number) {
  const { candidate, objectId, crossmatch, stamp_index: index } = alert;
  demand(typeof candidate === "object" && candidate !== null && typeof objectId === "string", {
    expected: "an objectId and a candidate record",
    found: `the fields ${Object.keys(alert).join(", ")}`,
    where,
  });
  const { jd, fid } = candidate as JsonRecord;
  demand(typeof jd === "number" && (fid === 1 || fid === 2 || fid === 3) && index === k, {
    expected: `a Julian date jd, a band fid from 1 to 3, and stamp_index ${k}`,
    found: `jd ${jd}, fid ${fid}, stamp_index ${index}`,
    where,
  });
  return {
    object: objectId,
    time: jd - JD_OF_MJD,
    band: fid - 1,
    index: k,
    crossmatch: typeof crossmatch === "string" ? crossmatch : "",
    record: { ...candidate, candid: String(alert.candid), source: alert.source },
  };
}
