import assert from "node:assert/strict";
import {
  angularSeparation,
  extinctionCurve,
  meanWavelength,
  MILKY_WAY_RV,
  passbandSystem,
} from "ephemera/astronomy";
import { Flag, type LightCurveSet } from "ephemera/observations";
import {
  parseSkyPreset,
  simulateSky,
  type SimulateSkyOptions,
  SKY_PRESET_NAMES,
  skyChunks,
  SkyMaker,
  type SkyPreset,
  skyPreset,
  skySurvey,
} from "ephemera/survey";
import elasticc from "../../../data/recipes/elasticc.json" with { type: "json" };
import periodic from "../../../data/recipes/periodic.json" with { type: "json" };
import plasticc from "../../../data/recipes/plasticc.json" with { type: "json" };
import snpcc from "../../../data/recipes/snpcc.json" with { type: "json" };

/** A preset's description with some of its classes alone, and other changes. */
function part(description: Record<string, unknown>, classes: string[], changes: object = {}): SkyPreset {
  const all = description.classes as { name: string }[];
  return parseSkyPreset(
    { ...description, classes: all.filter(({ name }) => classes.includes(name)), ...changes },
    "part",
  );
}

const few = { objects: 40, seed: 7, fields: 6, workers: 1 } satisfies Partial<SimulateSkyOptions>;

function same(a: LightCurveSet, b: LightCurveSet, length = a.length): void {
  assert.ok(a.length >= length && b.length >= length);
  for (let i = 0; i < length; i++) assert.deepEqual(a.at(i), b.at(i));
  for (const [name, column] of Object.entries(a.metadata)) {
    assert.deepEqual(column.slice(0, length), b.metadata[name].slice(0, length), name);
  }
}

Deno.test("the objects are the same for any number of workers and any size of chunks", async () => {
  const one = await simulateSky({ preset: "periodic", ...few });
  for (const [workers, chunk] of [[2, 7], [3, 16]]) {
    same(one, await simulateSky({ preset: "periodic", ...few, workers, chunk }));
  }
});

Deno.test("an object does not depend on how many come after it, but on seed and sample", async () => {
  const preset = part(plasticc, ["SNIa", "RRL"]), options = { preset, ...few };
  const all = await simulateSky({ ...options, objects: 12 });
  same(await simulateSky({ ...options, objects: 5 }), all, 5);
  const other = await simulateSky({ ...options, objects: 5, seed: 8 });
  assert.notDeepEqual(other.at(0).value, all.at(0).value);
  const training = await simulateSky({ ...options, objects: 2, sample: "training" });
  assert.equal(training.ids[0], "1");
  assert.equal(all.ids[0], "100000001");
});

Deno.test("classes come in the fractions of the table, of equal numbers, or of those asked for", async () => {
  const preset = part(periodic, ["RRAB", "ROT", "M"], {
    classes: [["RRAB", 6], ["ROT", 3], ["M", 1]].map(([name, test]) => ({
      ...periodic.classes.find((entry) => entry.name === name)!,
      counts: { training: 1, test },
    })),
  });
  const count = async (options: Partial<SimulateSkyOptions>) => {
    const set = await simulateSky({ preset, ...few, objects: 300, ...options });
    return ["RRAB", "ROT", "M"].map((name) => {
      let found = 0;
      for (let i = 0; i < set.length; i++) if (set.className(i) === name) found++;
      return found;
    });
  };
  const chiSquare = (found: number[], expected: number[]) =>
    found.reduce((sum, n, k) => sum + (expected[k] === 0 ? n : (n - expected[k]) ** 2 / expected[k]), 0);
  // 18.4 is exceeded once in ten thousand with two degrees of freedom.
  assert.ok(chiSquare(await count({}), [180, 90, 30]) < 18.4);
  assert.ok(chiSquare(await count({ mix: "equal" }), [100, 100, 100]) < 18.4);
  assert.deepEqual((await count({ classes: ["M"] }))[2], 300);
});

Deno.test("by volumetric rate, near supernovae come in the proportions of their rates", async () => {
  const near = (snpcc.classes as { name: string }[]).map((entry) => ({ ...entry, redshift: [0.01, 0.06] }));
  const preset = parseSkyPreset({ ...snpcc, classes: near }, "near");
  const set = await simulateSky({ preset, ...few, objects: 240, mix: "rates" });
  const share = (name: string) => set.ids.filter((_, i) => set.className(i) === name).length / set.length;
  const rates = { Ia: 2.5e-5, II: 4.5e-5, Ibc: 1.6e-5 }, total = 8.6e-5;
  for (const [name, rate] of Object.entries(rates)) {
    // Nearly all are noticed at this distance; the faintest of type II are not always.
    assert.ok(Math.abs(share(name) - rate / total) < 0.11, `${name}: ${share(name)} against ${rate / total}`);
  }
});

Deno.test("PLAsTiCC's metadata belong to the objects", async () => {
  const preset = part(plasticc, ["SNIa", "RRL", "EB"], {
    surveys: [
      { name: "lsst-wide", training: 1, test: 1 },
      { name: "lsst-deep", training: 1, test: 1 },
    ],
  });
  const set = await simulateSky({ preset, ...few, objects: 60, mix: "equal" });
  const number = (name: string) => set.numbers(name);
  const deepSurvey = skySurvey("lsst-deep");
  let deep = 0;
  for (let i = 0; i < set.length; i++) {
    const z = number("true_z")[i], photoz = number("hostgal_photoz")[i];
    assert.ok(number("mwebv")[i] > 0 && Math.abs(number("gal_b")[i]) <= 90 && number("draws")[i] >= 1);
    assert.equal(number("target")[i], { SNIa: 90, RRL: 92, EB: 16 }[set.className(i)!]);
    if (set.className(i) === "SNIa") {
      assert.ok(z > 0 && photoz > 0 && number("hostgal_photoz_err")[i] > 0);
      assert.equal(number("distmod")[i], preset.universe.distanceModulus(photoz));
      assert.equal(number("true_distmod")[i], preset.universe.distanceModulus(z));
      assert.ok(number("true_peakmjd")[i] >= 59580 && number("true_peakmjd")[i] <= 60675);
    } else {
      assert.ok(z === 0 && photoz === 0 && Number.isNaN(number("distmod")[i]));
    }
    // The deep fields are the four of the survey's list.
    const place = { ra: number("ra")[i], dec: number("decl")[i] };
    const near = deepSurvey.fields.list.some((field) =>
      angularSeparation(field, place) < 1.1 * deepSurvey.fields.radius
    );
    if (number("ddf")[i] === 1) {
      assert.ok(near);
      deep++;
    }
    const flags = set.at(i).flags!;
    assert.ok(flags.filter((flag) => flag & Flag.detected).length >= 2, "it was detected twice");
  }
  assert.ok(deep > 10 && deep < 50, `${deep} in deep fields`);
});

Deno.test("correcting for dust multiplies fluxes and errors by the extinction of the catalogue's reddening", () => {
  const maker = (dereddened: boolean) =>
    new SkyMaker({
      preset: part(plasticc, ["RRL"], { dereddened }),
      surveys: [{ survey: skySurvey("lsst-wide"), training: 1, test: 1 }],
      seed: 3,
      fields: 4,
    });
  const law = extinctionCurve("odonnell94", MILKY_WAY_RV), { passbands } = passbandSystem("lsst");
  for (let i = 0; i < 5; i++) {
    const with_ = maker(true).object(i), without = maker(false).object(i);
    const { band, flux, error } = without.observed, mwebv = with_.catalogue.mwebv;
    for (let k = 0; k < flux.length; k += 17) {
      const factor = Math.pow(10, 0.4 * MILKY_WAY_RV * law(meanWavelength(passbands[band[k]])) * mwebv);
      assert.ok(Math.abs(with_.observed.flux[k] / flux[k] / factor - 1) < 1e-12);
      assert.ok(Math.abs(with_.observed.error[k] / error[k] / factor - 1) < 1e-12);
    }
  }
});

Deno.test("the training sample is nearer and brighter than the test sample, and has all its spectra", async () => {
  const preset = part(plasticc, ["SNIa"], { surveys: [{ name: "lsst-wide", training: 1, test: 1 }] });
  const of = (sample: "training" | "test") => simulateSky({ preset, ...few, objects: 80, sample });
  const [training, test] = [await of("training"), await of("test")];
  const median = (values: Float64Array) => values.toSorted()[values.length >> 1];
  assert.ok(median(training.numbers("true_z")) < 0.8 * median(test.numbers("true_z")));
  const peak = (set: LightCurveSet) => {
    const peaks = Float64Array.from(set, (curve) => Math.max(...curve.value));
    return median(peaks);
  };
  assert.ok(peak(training) > 2 * peak(test));
  assert.ok(training.numbers("hostgal_specz").every((z) => z > 0));
  assert.ok(test.numbers("hostgal_specz").filter((z) => z > 0).length < 0.4 * test.length);
});

Deno.test("ELAsTiCC's objects have two hosts' columns and forced photometry from thirty days before the alert", async () => {
  const preset = part(elasticc, ["Ia", "RR Lyrae"]);
  const set = await simulateSky({ preset, ...few, objects: 60 });
  const columns = Object.keys(set.metadata).filter((name) => /^(HOSTGAL|MWEBV|REDSHIFT)/.test(name));
  assert.equal(columns.length, 64);
  let hosts = 0, outside = 0;
  for (let i = 0; i < set.length; i++) {
    const { time, flags } = set.at(i), alert = flags!.findIndex((flag) => (flag & Flag.firstTrigger) !== 0);
    assert.ok(alert >= 0 && time[0] >= time[alert] - 30);
    const photoz = set.numbers("HOSTGAL_PHOTOZ")[i];
    if (set.className(i) === "RR Lyrae") {
      assert.ok(Number.isNaN(photoz) && Number.isNaN(set.numbers("REDSHIFT_HELIO")[i]));
      continue;
    }
    outside++;
    if (Number.isNaN(photoz)) continue;
    hosts++;
    assert.ok(set.numbers("HOSTGAL_SNSEP")[i] >= 0);
    assert.equal(set.numbers("HOSTGAL_ZPHOT_Q050")[i], photoz);
  }
  assert.ok(hosts > 0.7 * outside && outside > 10, `${hosts} hosts of ${outside}`);
});

Deno.test("streaming holds memory: the second thousand objects need no more than the first", async () => {
  let objects = 0, first = 0, second = 0;
  for await (
    const set of skyChunks({ preset: "periodic", seed: 1, fields: 3, workers: 1, objects: 2000, chunk: 100 })
  ) {
    objects += set.length;
    const { heapUsed, external } = Deno.memoryUsage();
    if (objects <= 1000) first = Math.max(first, heapUsed + external);
    else second = Math.max(second, heapUsed + external);
  }
  assert.equal(objects, 2000);
  assert.ok(second < first * 1.25 + 2e7, `${first} bytes, then ${second}`);
});

Deno.test("a stream that is left early ends", async () => {
  for await (const set of skyChunks({ preset: "periodic", ...few, workers: 2, objects: 1e6, chunk: 5 })) {
    assert.equal(set.length, 5);
    break;
  }
});

Deno.test("what cannot be done is refused with a sentence", async () => {
  const refuse = (options: Partial<SimulateSkyOptions>, message: RegExp) =>
    assert.rejects(simulateSky({ preset: "periodic", ...few, ...options }), message);
  for (const objects of [0, -3, 1.5, NaN, 1e12]) await refuse({ objects }, /whole number of objects/);
  await refuse({ preset: "everything" }, /plasticc, elasticc, snpcc, periodic.*everything/s);
  await refuse({ survey: "hubble" }, /lsst-wide.*hubble/s);
  await refuse({ classes: ["QSO"] }, /CEPH.*found: QSO|QSO/s);
  await refuse({ classes: [] }, /at least one class/);
  await refuse({ chunk: 0 }, /objects in a chunk/);
  const faint = part(plasticc, ["SNIa"], {
    classes: plasticc.classes.filter(({ name }) => name === "SNIa").map((entry) => ({
      ...entry,
      redshift: [4, 4.1],
    })),
  });
  await refuse({ preset: faint, attempts: 50 }, /SNIa.*none among 50 draws/s);
});

Deno.test("every field of a preset is checked", () => {
  const wrong: [object, RegExp][] = [
    [{ hosts: { share: 2, second: 0 } }, /share/],
    [{ magnitudes: { bright: 22, faint: 16 } }, /bright magnitude below/],
    [{ catalogue: "gaia" }, /plasticc, elasticc, snpcc, stars/],
    [{ colour: "blue" }, /colour/],
    [{ dereddened: "no" }, /true or false/],
    [{ surveys: [{ name: "lsst-wide", training: 0, test: 0 }] }, /positive share/],
    [{ classes: [] }, /list/],
    [{ universe: { hubble: -70, matter: 0.3 } }, /hubble/],
  ];
  for (const [change, message] of wrong) {
    assert.throws(() => parseSkyPreset({ ...periodic, ...change }, "mine.json"), message);
  }
  const one = (change: object) => ({ ...periodic, classes: [{ ...periodic.classes[0], ...change }] });
  assert.throws(() => parseSkyPreset(one({ kinds: { Quark: 1 } }), "mine.json"), /RRL.*Quark/s);
  assert.throws(() => parseSkyPreset(one({ rate: "SNIa", redshift: [0, 1] }), "mine.json"), /Milky Way/);
  assert.throws(() => parseSkyPreset(one({ redshift: [0.1, 0.2] }), "mine.json"), /Milky Way/);
  assert.throws(() => parseSkyPreset(one({ counts: { training: -1, test: 1 } }), "mine.json"), /training/);
  assert.throws(
    () => parseSkyPreset({ ...periodic, classes: [periodic.classes[0], periodic.classes[0]] }, "mine.json"),
    /each class name once/,
  );
  assert.equal(skyPreset("snpcc").classes.length, 3);
});

Deno.test("the presets hold the classes and numbers of the challenges they are named after", () => {
  const sum = (name: string, sample: "training" | "test") =>
    skyPreset(name).classes.reduce((total, { counts }) => total + counts[sample], 0);
  const known = skyPreset("plasticc").classes.filter(({ counts }) => counts.training > 0);
  assert.equal(known.length, 14);
  assert.equal(skyPreset("plasticc").classes.length, 18);
  assert.equal(sum("plasticc", "training"), 7848);
  assert.equal(sum("plasticc", "test"), 3_492_790);
  assert.equal(skyPreset("elasticc").classes.length, 20);
  assert.equal(sum("snpcc", "training"), 1103);
  assert.equal(sum("snpcc", "test"), 20216);
  assert.equal(skyPreset("periodic").classes.length, 8);
  assert.equal(SKY_PRESET_NAMES.length, 4);
});

Deno.test("every class of every preset yields objects that the survey notices", async () => {
  for (const preset of SKY_PRESET_NAMES) {
    const classes = skyPreset(preset).classes.map(({ name }) => name);
    for (const name of classes) {
      const set = await simulateSky({ preset, classes: [name], objects: 1, seed: 2, fields: 2, workers: 1 });
      assert.equal(set.className(0), name);
      assert.ok(set.count(0) >= 2 && set.value.every(Number.isFinite));
    }
  }
});
