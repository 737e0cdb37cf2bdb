import assert from "node:assert/strict";
import {
  cadence,
  errorComparison,
  histogramComparison,
  quantileComparison,
  skyGallery,
  sourceCurves,
} from "ephemera/figures/sky";
import { Flag, LightCurveSet } from "ephemera/observations";

/** Two objects of one class and one of another, each seen ten times in two bands, with `flux` on day `bright`. */
function sky(): LightCurveSet {
  const n = 20, ids = ["a", "b", "c"], total = n * ids.length;
  const flux = Float64Array.from(
    { length: total },
    (_, i) => i % n === 10 ? 500 * (1 + Math.floor(i / n)) : 1,
  );
  return new LightCurveSet({
    ids,
    offsets: Uint32Array.of(0, n, 2 * n, 3 * n),
    time: Float64Array.from({ length: total }, (_, i) => 10 * (i % n)),
    band: Uint8Array.from({ length: total }, (_, i) => i % 2),
    bands: ["g", "r"],
    value: flux,
    error: new Float64Array(total).fill(5),
    flags: Uint8Array.from(flux, (f) => f > 5 ? Flag.detected : Flag.forced),
    quantity: "flux",
    zeroPoint: 27.5,
    labels: Int32Array.of(0, 0, 1),
    classNames: ["nova", "star <&>", "nothing"],
  });
}

Deno.test("a gallery has a row for each class with objects and a panel for each band, and says so in words", () => {
  const drawn = skyGallery(sky(), { title: "All", redshift: [0.1, 0.1, 0] });
  assert.equal(drawn.alt, "All, in the bands g, r: nova, star <&>");
  assert.equal(drawn.svg.match(/stroke-linecap="round"/g)!.length, 4);
  assert.ok(drawn.svg.includes("z = 0.10, 60 d") && drawn.svg.includes("star &lt;&amp;&gt;"));
  assert.ok(!/NaN|undefined/.test(drawn.svg));
});

Deno.test("a gallery draws thirty days around what is clearly detected, everything when nothing is", () => {
  const set = sky();
  const dots = (svg: string) =>
    [...svg.matchAll(/d="([^"]*)" stroke="#[0-9a-f]{6}" stroke-width="3.4"/g)]
      .map(([, path]) => path.split("M").length - 1);
  // From 70 to 130 days: of g the even tens, 80, 100 and 120, of r 70, 90, 110 and 130.
  assert.deepEqual(dots(skyGallery(set).svg), [3, 4, 3, 4]);
  const none = new LightCurveSet({ ...set.columns(), flags: new Uint8Array(60) });
  assert.deepEqual(dots(skyGallery(none).svg), [10, 10, 10, 10]);
});

Deno.test("a gallery without classes, and a cadence without visits, are refused", () => {
  const { labels: _, ...columns } = sky().columns();
  assert.throws(() => skyGallery(new LightCurveSet(columns)), /objects with classes/);
  assert.throws(() => cadence({ time: [], band: [] }, { bands: ["g"] }), /at least one visit/);
});

Deno.test("a cadence counts the visits that it draws", () => {
  const drawn = cadence({ time: [5, 6, 20, 300], band: [0, 1, 1, 1] }, {
    bands: ["g", "r"],
    start: 5,
    days: 100,
  });
  assert.ok(drawn.alt.endsWith("g 1, r 2"));
});

Deno.test("comparisons stand values outside, missing ones and constant ones", () => {
  const constant = histogramComparison([{ label: "flag", real: [1, 1, NaN], simulated: [1] }]);
  assert.ok(
    !/NaN/.test(constant.svg) &&
      constant.alt.includes("flag: challenge (2, median 1), simulated (1, median 1)"),
  );
  const quantiles = quantileComparison([{
    label: "same",
    real: [1, 1, 1, 1, 1],
    simulated: [[1, 1, 1, 1, 1]],
  }]);
  assert.ok(!/NaN/.test(quantiles.svg));
  const points = [{ magnitude: 20, low: 0.01, middle: 0.02, high: 0.03 }];
  const errors = errorComparison([{ band: "g", simulated: false, points }, {
    band: "g",
    simulated: true,
    points: [],
  }]);
  assert.ok(errors.alt.includes("challenge, 1 intervals") && !/NaN/.test(errors.svg));
});

Deno.test("a source is drawn in the bands in which it is bright enough", () => {
  const source = {
    kind: "lamp",
    redshift: 0,
    peak: 100,
    parameters: {},
    quiescent: new Float64Array(2),
    flux: (time: Float64Array, band: Uint8Array) => time.map((_, i) => band[i] === 0 ? 1000 : 0.5),
  };
  const drawn = sourceCurves(source, { bands: ["g", "r"], title: "Lamp" });
  assert.ok(drawn.alt.endsWith("brightest g 20.0") && !/NaN/.test(drawn.svg));
});
