import assert from "node:assert/strict";
import { readLightCurves, readTable } from "ephemera/formats";
import { LightCurveSet } from "ephemera/observations";
import { testMutations } from "./mutations.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const gzip = async (data: Uint8Array) =>
  new Uint8Array(
    await new Response(
      new Blob([data as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream("gzip")),
    ).arrayBuffer(),
  );

let curves = 'id,mjd,band,mag,magerr,"air, mass"\n', table = 'id,class,period,"note, long"\n';
for (let i = 0; i < 8; i++) {
  table += `00${i},${i % 2 === 0 ? "EA" : '"RR Lyrae, ab"'},${
    i === 3 ? "" : 0.5 + i / 7
  },"a ""quoted"" word"\r\n`;
  for (let j = 0; j < 9; j++) {
    curves += `star ${i},${55000 + j * 1.25},"${"gri"[j % 3]}",${15 + Math.sin(j)},${0.01 * (j + 1)},${
      1 + j / 10
    }\n`;
  }
}

/** What is unpacked, grown and sorted of a file: columns start with an entry for 32 bytes and double. */
const memory = (length: number) => 2 ** 20 + 4000 * length;

Deno.test("ten thousand damaged CSV files of light curves each end in light curves or in a sentence", async () => {
  const files = [bytes(curves), await gzip(bytes(curves))];
  for (const onBadRow of ["skip", "fail"] as const) {
    const outcome = await testMutations({
      files,
      read: async (damaged) =>
        (await readLightCurves(damaged, {
          order: "sort",
          onBadRow,
          extra: ["air, mass"],
          maximumBytes: 2 ** 24,
        })).set,
      check: (set) => assert.ok(set instanceof LightCurveSet),
      memory,
      seed: `curves ${onBadRow}`,
      count: 5000,
    });
    assert.ok(outcome.read > 0 && outcome.refused > 0, JSON.stringify(outcome));
  }
});

Deno.test("ten thousand damaged CSV tables each end in a table or in a sentence", async () => {
  const outcome = await testMutations({
    files: [bytes(table), await gzip(bytes(table))],
    read: (damaged) => readTable(damaged, { text: ["id"], maximumBytes: 2 ** 24 }),
    check(result) {
      const lengths = new Set(
        Object.values(result as Record<string, ArrayLike<unknown>>).map(({ length }) => length),
      );
      assert.equal(lengths.size, 1);
    },
    memory,
    seed: "table",
  });
  assert.ok(outcome.read > 0 && outcome.refused > 0, JSON.stringify(outcome));
});
