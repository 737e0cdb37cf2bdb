import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { plasticcLightCurves, readParquetLightCurves, readSnanaFits } from "ephemera/formats";
import { Flag } from "ephemera/observations";
import { simulateSky } from "ephemera/survey";
import { runSimulation } from "../../lib/commands/simulate.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const request = { preset: "periodic", objects: 12, seed: 4, workers: 1 };

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a simulation comes back from all its formats as it was made", () =>
  inFolder(async (folder) => {
    const out = join(folder, "sky");
    const report = await runSimulation({ ...request, out, formats: ["parquet", "csv", "snana"] });
    const set = await simulateSky(request);
    assert.equal(report.objects, 12);
    assert.equal(report.observations, set.observations);
    assert.deepEqual(report.files, [
      "simulation.json",
      "test_set-0001_HEAD.FITS",
      "test_set-0001_PHOT.FITS",
      "test_set.csv",
      "test_set.parquet",
      "test_set_metadata.csv",
    ]);
    const parquet = await readParquetLightCurves(join(out, "test_set.parquet"));
    const metadata = join(out, "test_set_metadata.csv");
    const csv = [];
    for await (const part of plasticcLightCurves(join(out, "test_set.csv"), { metadata })) csv.push(...part);
    const { set: snana } = await readSnanaFits(join(out, "test_set-0001_HEAD.FITS"));
    for (let i = 0; i < set.length; i++) {
      const curve = set.at(i);
      for (const other of [parquet.at(i), csv[i], snana.at(i)]) {
        assert.equal(other.id, curve.id);
        assert.deepEqual(other.time, curve.time);
        assert.deepEqual(other.band, curve.band);
      }
      assert.deepEqual(parquet.at(i).value, curve.value);
      assert.deepEqual(parquet.at(i).flags, curve.flags);
      assert.deepEqual(csv[i].value, curve.value);
      assert.deepEqual(csv[i].error, curve.error);
      assert.deepEqual(
        snana.at(i).value,
        Float64Array.from(curve.value, Math.fround),
        "32 bits in SNANA's files",
      );
      assert.deepEqual(
        csv[i].flags?.map((flag) => flag & Flag.detected),
        curve.flags?.map((flag) => flag & Flag.detected),
      );
    }
    assert.deepEqual(parquet.metadata.true_kind, set.metadata.true_kind);
    const facts = JSON.parse(await Deno.readTextFile(join(out, "simulation.json")));
    assert.equal(facts.request.preset, "periodic");
    assert.equal(Object.values<number>(facts.classes).reduce((a, b) => a + b), 12);
  }));

Deno.test("a simulation refuses a folder that exists and leaves nothing behind when it fails", () =>
  inFolder(async (folder) => {
    await assert.rejects(runSimulation({ ...request, out: folder }), /does not exist yet.*found a folder/s);
    await assert.rejects(
      runSimulation({ ...request, out: join(folder, "none", "sky") }),
      /existing folder to put it in/,
    );
    await assert.rejects(runSimulation({ ...request, out: join(folder, "sky"), preset: "all" }), /plasticc/);
    const stop = new AbortController();
    const progress = { update: () => stop.abort(new Error("enough")), finish() {} };
    await assert.rejects(
      runSimulation({ ...request, out: join(folder, "sky"), objects: 2000, progress, signal: stop.signal }),
      /enough/,
    );
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  }));

async function command(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-read",
      "--allow-write",
      "--no-prompt",
      join(root, "scripts", "simulate.ts"),
      ...args,
    ],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  return { code, out: new TextDecoder().decode(stdout), error: new TextDecoder().decode(stderr) };
}

Deno.test("the command simulates with reading and writing allowed alone, and says what it made", () =>
  inFolder(async (folder) => {
    const out = join(folder, "sky");
    const { code, out: text, error } = await command(
      ...["--preset", "periodic", "--survey", "lsst", "--objects", "8", "--seed", "1", "--out", out],
      ...["--workers", "2", "--format", "csv"],
    );
    assert.equal(code, 0, error);
    assert.match(text, /8 objects of \d+ observations/);
    assert.match(error, /100 % \(8\/8\)/);
    assert.deepEqual([...Deno.readDirSync(out)].map(({ name }) => name).sort(), [
      "simulation.json",
      "test_set.csv",
      "test_set_metadata.csv",
    ]);
  }));

for (
  const [name, args, message] of [
    [
      "an unknown preset",
      ["--preset", "lsst"],
      /Expected one of plasticc, elasticc, snpcc, periodic for --preset/,
    ],
    ["an impossible number", ["--objects=-5"], /at least 1 for --objects, found "-5"/],
    ["part of an object", ["--objects", "2.5"], /whole number of objects/],
    ["an unknown survey", ["--survey", "kepler"], /lsst-wide.*found "kepler"/s],
    ["a class that is not there", ["--class", "SNIa"], /CEPH/],
    ["a folder that exists", ["--out", "."], /does not exist yet/],
    ["no folder", ["--out", ""], /Expected --out, found none/],
    ["an unknown format", ["--format", "csv,xml"], /parquet, csv, snana for --format, found "xml"/],
  ] as const
) {
  Deno.test(`the command refuses ${name} with a sentence and its usage`, () =>
    inFolder(async (folder) => {
      const { code, error } = await command(
        ...["--preset", "periodic", "--objects", "3", "--out", join(folder, "sky"), ...args],
      );
      assert.equal(code, 2);
      assert.match(error, message);
      assert.match(error, /Usage: deno task simulate/);
      assert.doesNotMatch(error, /\bat .*\.ts:\d+/, "no stack");
    }));
}
