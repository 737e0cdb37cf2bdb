import assert from "node:assert/strict";
import { ZTF_ALERT_STAMPS } from "ephemera/datasets";

Deno.test({
  name: "the ZTF alerts have their three stamps, bands, scores and exact identifiers",
  ignore: Deno.env.get("EPHEMERA_DATA") === undefined,
  async fn() {
    const set = await ZTF_ALERT_STAMPS.load();
    assert.deepEqual([set.length, set.time.length], [153, 171]);
    assert.deepEqual([set.height, set.width, set.planes.length], [63, 63, 3]);
    assert.equal(set.band!.filter((band) => band === 0).length, 72);
    assert.ok((set.epochs.candid as string[]).includes("820128985315015000"));
    const e = (set.epochs.candid as string[]).indexOf("820128985315015000");
    assert.equal(set.ids[set.offsets.findIndex((_, i) => set.offsets[i + 1] > e)], "ZTF19aanyxbv");
    assert.ok(Math.abs(set.time[e] - (2458574.6289815 - 2400000.5)) < 1e-9);
    assert.ok((set.epochs.rb as Float64Array).every((rb) => Number.isNaN(rb) || (rb >= 0 && rb <= 1)));
    // The difference has the object in its middle: its centre stands out of the rest in nearly every alert.
    let bright = 0;
    for (let k = 0; k < set.time.length; k++) {
      const image = set.image(k, "difference"), finite = image.filter(Number.isFinite).map(Math.abs).sort();
      const centre = [0, -1, 1, -63, 63].map((step) => Math.abs(image[31 * 63 + 31 + step]));
      if (Math.max(...centre) > 3 * finite[finite.length >> 1]) bright++;
    }
    assert.ok(bright > 0.9 * set.time.length, `${bright} of ${set.time.length}`);
  },
});

Deno.test("stamps and alerts that do not belong together are refused", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/ztf-alert-stamps`);
    const alerts = `${folder}/ztf-alert-stamps/alerts.jsonl.gz`;
    await Deno.writeTextFile(
      alerts,
      '{"objectId":"a","stamp_index":0,"candidate":{"jd":2458574.5,"fid":1}}\n',
    );
    await Deno.writeFile(`${folder}/ztf-alert-stamps/stamps.f32.gz`, new Uint8Array(4 * 63 * 63));
    await assert.rejects(ZTF_ALERT_STAMPS.load({ folder }), /11907 floats of four bytes, found 15876 bytes/);
    await Deno.writeTextFile(
      alerts,
      '{"objectId":"a","stamp_index":0,"candidate":{"jd":2458574.5,"fid":7}}\n',
    );
    await assert.rejects(ZTF_ALERT_STAMPS.load({ folder }), /a band fid from 1 to 3.*fid 7.*alert 0/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
