import assert from "node:assert/strict";
import fc from "fast-check";
import { join } from "node:path";
import {
  PLASTICC_BANDS,
  plasticcLightCurves,
  PlasticcMetadata,
  PlasticcWriter,
  readBytes,
  readTable,
  type WritePlasticcOptions,
} from "ephemera/formats";
import { concatenate, Flag, LightCurveSet } from "ephemera/observations";
import { PLASTICC_TARGETS } from "ephemera/datasets";
import { testMutations } from "./mutations.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const HEAD = "object_id,mjd,passband,flux,flux_err,detected_bool\n";

async function all(sets: AsyncIterable<LightCurveSet>): Promise<LightCurveSet[]> {
  const found: LightCurveSet[] = [];
  for await (const set of sets) found.push(set);
  return found;
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function write(
  folder: string,
  sets: LightCurveSet[],
  options: WritePlasticcOptions = {},
): Promise<void> {
  await using writer = await PlasticcWriter.create(folder, options);
  for (const set of sets) await writer.append(set);
  await writer.close();
}

const data = Deno.env.get("EPHEMERA_DATA");

Deno.test("the challenge's own curves join its metadata", { ignore: data === undefined }, async () => {
  const path = join(data!, "plasticc", "lightcurves_few.csv.gz");
  const metadata = join(data!, "plasticc", "training_metadata.csv.gz");
  const table = await readTable(metadata), known = await PlasticcMetadata.read(metadata);
  assert.equal(known.length, 5495);
  // A third of the challenge's objects is not in this part of the metadata: the curves are read without first.
  const [set] = await all(plasticcLightCurves(path));
  assert.equal(set.length, 12);
  const inside = set.filter((curve) => known.row(curve.id) >= 0);
  assert.ok(inside.length > 0);
  await inFolder(async (folder) => {
    await write(folder, [inside.subset(inside.ids.map((_, i) => i))]);
    const file = join(folder, "training_set.csv");
    const joined = concatenate(
      await all(plasticcLightCurves(file, { metadata, targets: PLASTICC_TARGETS, chunkObjects: 2 })),
    );
    assert.deepEqual(joined.ids, inside.ids);
    assert.deepEqual(joined.value, inside.value);
    assert.deepEqual(joined.flags, inside.flags);
    joined.ids.forEach((id, i) => {
      const row = (table.object_id as Float64Array).indexOf(Number(id));
      assert.equal(joined.numbers("mwebv")[i], (table.mwebv as Float64Array)[row]);
      const distance = (table.distmod as Float64Array)[row];
      assert.equal(joined.numbers("distmod")[i], distance === -9 ? NaN : distance);
      assert.equal(joined.className(i), PLASTICC_TARGETS[String((table.target as Float64Array)[row])]);
    });
  });
  if (known.row("615") < 0) {
    await assert.rejects(
      all(plasticcLightCurves(path, { metadata })),
      /Expected a row of metadata for object \d+, found none/,
    );
  }
});

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

Deno.test("any set that the challenge's files can hold is read back the same, in chunks of any size, packed or not", async () => {
  const anySet = fc.record({
    ids: fc.uniqueArray(fc.maxSafeNat(), { minLength: 1, maxLength: 6 }),
    counts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 6, maxLength: 6 }),
    values: fc.array(finite, { minLength: 30, maxLength: 30 }),
    missing: fc.boolean(),
  }).map(({ ids, counts, values, missing }) => {
    const n = ids.length, offsets = new Uint32Array(n + 1);
    for (let i = 0; i < n; i++) offsets[i + 1] = offsets[i] + counts[i];
    const total = offsets[n], time = Float64Array.from(values.slice(0, total));
    for (let i = 0; i < n; i++) time.subarray(offsets[i], offsets[i + 1]).sort();
    return new LightCurveSet({
      ids: ids.map(String),
      offsets,
      time,
      value: Float64Array.from(values.slice(0, total)).reverse(),
      error: Float64Array.from(values.slice(0, total), Math.abs),
      band: Uint8Array.from({ length: total }, (_, k) => k % 6),
      bands: PLASTICC_BANDS,
      flags: Uint8Array.from({ length: total }, (_, k) => k % 3 === 0 ? Flag.detected : 0),
      quantity: "flux",
      zeroPoint: 27.5,
      metadata: {
        distmod: Float64Array.from({ length: n }, (_, i) => missing ? NaN : 40 + i),
        mwebv: Float64Array.from({ length: n }, (_, i) => i === 1 ? NaN : values[i]),
      },
      labels: Int32Array.from({ length: n }, (_, i) => i % 2),
      classNames: ["RRL", "SNIa"],
    });
  });
  await inFolder((folder) =>
    fc.assert(
      fc.asyncProperty(
        anySet,
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        async (set, chunkObjects, packed) => {
          const end = packed ? ".csv.gz" : ".csv",
            names = { lightCurves: `curves${end}`, metadata: `objects${end}` };
          const half = Math.floor(set.length / 2), order = set.ids.map((_, i) => i);
          const halves = [set.subset(order.slice(0, half)), set.subset(order.slice(half))];
          await write(folder, halves, { ...names, targets: { RRL: 92, SNIa: 90 } });
          const sets = await all(plasticcLightCurves(join(folder, names.lightCurves), {
            metadata: join(folder, names.metadata),
            targets: { 92: "RRL", 90: "SNIa" },
            chunkObjects,
          }));
          assert.deepEqual(
            sets.map(({ length }) => length).slice(0, -1),
            sets.slice(1).map(() => chunkObjects),
          );
          const back = concatenate(sets), { target, ...metadata } = back.metadata;
          // Keys that are whole numbers come in ascending order, whatever the order written here.
          assert.deepEqual([...back.classNames].sort(), ["RRL", "SNIa"]);
          assert.deepEqual(set.ids.map((_, i) => back.className(i)), set.ids.map((_, i) => set.className(i)));
          assert.deepEqual([...target as Float64Array], set.ids.map((_, i) => i % 2 === 0 ? 92 : 90));
          const { labels: _l, classNames: _c, ...rest } = back.columns(),
            { labels: _1, classNames: _2, ...want } = set.columns();
          assert.deepEqual({ ...rest, metadata }, want);
        },
      ),
      { numRuns: 50 },
    )
  );
});

Deno.test("an object may go on in the next file; given twice it is refused", async () => {
  const first = bytes(HEAD + "1,1,0,5,1,1\n2,1,0,5,1,0\n"),
    second = bytes(HEAD + "2,0.5,3,6,1,1\n3,1,5,7,1,0\n");
  const metadata = bytes("object_id,target\n3,1\n1,2\n2,3\n");
  const [set] = await all(plasticcLightCurves([first, second], { metadata }));
  assert.deepEqual(set.ids, ["1", "2", "3"]);
  assert.deepEqual(set.at(1).time, Float64Array.of(0.5, 1));
  assert.deepEqual(set.at(1).flags, Uint8Array.of(Flag.detected, 0));
  assert.deepEqual(set.numbers("target"), Float64Array.of(2, 3, 1));
  await assert.rejects(
    all(plasticcLightCurves([first, first], { metadata })),
    /Expected the rows of an object together, found object 1 again after others \(bytes, line 2\)/,
  );
});

for (
  const [row, sentence] of [
    ["1,1,0,5,1", /Expected 6 fields, found 5 \(bytes, line 2\)/],
    ["1,x,0,5,1,1", /Expected a finite mjd, found NaN \(bytes, line 2\)/],
    ["1,1,6,5,1,1", /Expected a passband from 0 to 5, found 6/],
    ["1,1,0,nan,1,1", /Expected a finite flux, found NaN/],
    ["1,1,0,5,-1,1", /Expected a flux_err that is finite and not negative, found -1/],
    ["1,1,0,5,1,2", /Expected 0 or 1 in the column of detections, found 2/],
  ] as const
) {
  Deno.test(`the row "${row}" is refused with its sentence`, async () => {
    await assert.rejects(all(plasticcLightCurves(bytes(`${HEAD}${row}\n`))), sentence);
  });
}

Deno.test("other files, damaged files and metadata that do not fit are refused with a sentence", async () => {
  await assert.rejects(all(plasticcLightCurves(bytes("id,mjd\n1,2\n"))), /Expected a column "object_id"/);
  await assert.rejects(
    all(plasticcLightCurves("nowhere.csv")),
    /Expected a file, found none \(nowhere.csv\)/,
  );
  const good = bytes(HEAD + "1,1,0,5,1,1\n");
  const fails = (metadata: string, sentence: RegExp) =>
    assert.rejects(
      all(plasticcLightCurves(good, { metadata: bytes(metadata), targets: { 90: "SNIa" } })),
      sentence,
    );
  await fails("object_id,target\n1,91\n", /Expected one of the targets 90, found 91 \(object 1\)/);
  await fails(
    "object_id,target\nx,91\n",
    /Expected a whole number as identifier, found "x" \(bytes, line 2\)/,
  );
  await fails("object_id,target\n1,90\n1,90\n", /Expected one row per object, found two of 1/);
  await fails("object_id\n1\n", /a column "target" of the metadata/);
  await fails("object_id,target\n1,a\n", /a number in column "target", found "a"/);
  const packed = new Uint8Array(
    await new Response(
      new Blob([bytes(HEAD + "1,1,0,5,1,1\n".repeat(1000))]).stream().pipeThrough(
        new CompressionStream("gzip"),
      ),
    )
      .arrayBuffer(),
  );
  await assert.rejects(
    all(plasticcLightCurves(packed.subarray(0, packed.length - 20))),
    /Expected a complete gzip file/,
  );
});

Deno.test("the writer refuses what the files cannot hold, and leaves nothing behind", async () => {
  const set = new LightCurveSet({
    ids: ["1"],
    offsets: Uint32Array.of(0, 1),
    time: Float64Array.of(1),
    value: Float64Array.of(1),
    error: Float64Array.of(1),
    bands: ["r"],
    quantity: "flux",
    zeroPoint: 27.5,
  });
  const other = (columns: Partial<ReturnType<LightCurveSet["columns"]>>) =>
    new LightCurveSet({ ...set.columns(), ...columns });
  await inFolder(async (folder) => {
    await assert.rejects(
      write(folder, [other({ ids: ["SN 1"] })]),
      /whole numbers as identifiers.*found "SN 1"/,
    );
    await assert.rejects(write(folder, [other({ zeroPoint: 25 })]), /fluxes of zero point 27.5 with errors/);
    await assert.rejects(write(folder, [other({ bands: ["V"] })]), /bands among u, g, r, i, z, y, found V/);
    await assert.rejects(
      write(folder, [set, other({ ids: ["2"], metadata: { z: Float64Array.of(1) } })]),
      /metadata columns of the first set/,
    );
    await assert.rejects(write(folder, []), /at least one set/);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("memory stays flat for a file many times larger than a chunk, and every row arrives", async () => {
  const objects = 4000, each = 150;
  await inFolder(async (folder) => {
    const path = join(folder, "large.csv.gz"), file = await Deno.open(path, { write: true, create: true });
    const packer = new CompressionStream("gzip"), done = packer.readable.pipeTo(file.writable);
    const writer = packer.writable.getWriter();
    await writer.write(bytes(HEAD));
    for (let i = 0; i < objects; i++) {
      let text = "";
      for (let j = 0; j < each; j++) {
        text += `${i + 1},${59000 + j}.25,${j % 6},${(j * 7919) % 1000 - 300}.5,${1 + i % 7}.125,${j & 1}\n`;
      }
      await writer.write(bytes(text));
    }
    await writer.close();
    await done;
    let rows = 0, sum = 0, early = 0, peak = 0, last = 0;
    for await (const set of plasticcLightCurves(path, { chunkObjects: 200 })) {
      rows += set.observations;
      for (const value of set.value) sum += value;
      last = Number(set.ids.at(-1));
      const { rss } = Deno.memoryUsage();
      if (last <= objects / 4) early = Math.max(early, rss);
      peak = Math.max(peak, rss);
    }
    assert.equal(rows, objects * each);
    assert.equal(last, objects);
    let wanted = 0;
    for (let j = 0; j < each; j++) {
      wanted += (j * 7919) % 1000 - 300 + (((j * 7919) % 1000 - 300) < 0 ? -0.5 : 0.5);
    }
    assert.ok(Math.abs(sum - wanted * objects) < 1e-6 * Math.abs(sum) + 1e-6, `${sum} ${wanted * objects}`);
    // All rows would take 25 MB of numbers and 20 MB of text; what is held is one chunk and two blocks.
    assert.ok(peak - early < 100 * 2 ** 20, `${early} ${peak}`);
  });
});

Deno.test("ten thousand damaged files each end in light curves or in a sentence", async () => {
  let text = HEAD, table = "object_id,ra,ddf_bool,distmod,target\n";
  for (let i = 0; i < 6; i++) {
    table += `${100 + i},${i * 7.25},${i & 1},${i === 2 ? -9 : 40 + i},${i % 2 === 0 ? 90 : 92}\n`;
    for (let j = 0; j < 12; j++) {
      text += `${100 + i},${59000 + j}.25,${j % 6},${j * 3.5 - 9},${1 + j / 8},${j & 1}\n`;
    }
  }
  const packed = await new Response(
    new Blob([bytes(text)]).stream().pipeThrough(new CompressionStream("gzip")),
  ).arrayBuffer();
  const memory = (length: number) => 2 ** 22 + 2000 * length;
  const metadata = await PlasticcMetadata.read(bytes(table));
  const outcome = await testMutations({
    files: [bytes(text), new Uint8Array(packed)],
    read: (damaged) => all(plasticcLightCurves(damaged, { metadata, targets: { 90: "SNIa", 92: "RRL" } })),
    check: (sets) =>
      (sets as LightCurveSet[]).forEach((set) => set.ids.forEach((id) => assert.ok(metadata.row(id) >= 0))),
    memory,
    seed: "plasticc",
    count: 7000,
  });
  assert.ok(outcome.read > 0 && outcome.refused > 0, JSON.stringify(outcome));
  await testMutations({
    files: [bytes(table)],
    read: (damaged) =>
      all(plasticcLightCurves(bytes(text), { metadata: damaged, targets: { 90: "SNIa", 92: "RRL" } })),
    memory,
    seed: "metadata",
    count: 3000,
  });
});

Deno.test("readBytes and the stream agree on what gzip is", async () => {
  const two = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes(HEAD + "7,1,0,5,1,1\n")) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const [set] = await all(plasticcLightCurves(two));
  assert.deepEqual(set.ids, ["7"]);
  assert.equal((await readBytes(bytes("x"))).length, 1);
});
