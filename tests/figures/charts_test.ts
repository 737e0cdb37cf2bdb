import assert from "node:assert/strict";
import { Resvg } from "@resvg/resvg-js";
import { EphemeraError } from "ephemera/core";
import * as F from "ephemera/figures";

/** Texts of a drawing with their places, transforms of the groups around them added up. */
function texts(svg: string): { text: string; x: number; y: number }[] {
  const stack: [number, number][] = [[0, 0]], found: { text: string; x: number; y: number }[] = [];
  for (
    const [, close, name, attributes, empty, text] of svg.matchAll(/<(\/?)([\w]+)([^>]*?)(\/?)>([^<]*)/g)
  ) {
    if (close) stack.pop();
    else {
      const shift = /transform="translate\(([-\d.]+),([-\d.]+)\)/.exec(attributes);
      const [x, y] = stack.at(-1)!;
      const here: [number, number] = shift ? [x + Number(shift[1]), y + Number(shift[2])] : [x, y];
      const own = (key: string) => Number(new RegExp(` ${key}="([-\\d.]+)"`).exec(attributes)?.[1] ?? 0);
      if (name === "text") found.push({ text, x: here[0] + own("x"), y: here[1] + own("y") });
      if (!empty) stack.push(here);
    }
  }
  return found;
}

const has = (drawn: F.Figure, text: string) => texts(drawn.svg).some((one) => one.text === text);

function wellFormed(drawn: F.Figure): F.Figure {
  const parsed = new Resvg(drawn.svg, { font: { loadSystemFonts: false } });
  assert.equal(parsed.width, drawn.width);
  assert.doesNotMatch(drawn.svg, /NaN|undefined|Infinity/);
  return drawn;
}

/** Centres of merged dots, by colour. */
function dots(svg: string, colour: string): [number, number][] {
  const path = new RegExp(`<path stroke="${colour}"[^>]*stroke-linecap="round" d="([^"]+)"`).exec(svg)?.[1] ??
    "";
  return [...path.matchAll(/M([-\d.]+),([-\d.]+)h0/g)].map((match) => [Number(match[1]), Number(match[2])]);
}

const star = { time: [10, 10.3, 11.7, 12.2], value: [15.2, 14.8, 15.1, 15.6], error: [0.1, 0.1, 0.1, 0.1] };

Deno.test("lightCurve() puts the brighter star above: magnitudes grow downwards", () => {
  const drawn = wellFormed(F.lightCurve(star));
  const places = drawn.svg.match(/M[\d.]+,[\d.]+h0/g)!.map((one) => Number(/,([\d.]+)h/.exec(one)![1]));
  assert.equal(places.length, 4);
  assert.ok(places[1] < places[0] && places[0] < places[3]);
  const flux = F.lightCurve(star, { quantity: "flux" }).svg.match(/M[\d.]+,[\d.]+h0/g)!;
  assert.ok(Number(/,([\d.]+)h/.exec(flux[1])![1]) > Number(/,([\d.]+)h/.exec(flux[0])![1]));
});

Deno.test("lightCurve() folds over two cycles, the second one period to the right", () => {
  const drawn = wellFormed(F.lightCurve({ time: star.time, value: star.value }, { period: 0.8, epoch: 10 }));
  const x = dots(drawn.svg, "#222222").map(([place]) => place);
  assert.equal(x.length, 8);
  const cycle = x[1] - x[0];
  for (let i = 0; i < 8; i += 2) assert.ok(Math.abs(x[i + 1] - x[i] - cycle) < 0.21);
  // 10.3 is 0.375 of a period after the epoch, 12.2 is 2.75.
  assert.ok(Math.abs((x[2] - x[0]) / cycle - 0.375) < 0.002);
  assert.ok(Math.abs((x[6] - x[0]) / cycle - 0.75) < 0.002);
  assert.ok(has(drawn, "phase →"));
});

Deno.test("lightCurve() draws an error bar through each dot", () => {
  const { svg } = F.lightCurve(star);
  const bars = [
    .../stroke="#b5b5b5"[^>]*><path d="([^"]+)"/.exec(svg)![1].matchAll(/M([\d.]+),([\d.]+)V([\d.]+)/g),
  ];
  const centres = dots(svg, "#222222");
  assert.equal(bars.length, 4);
  bars.forEach(([, x, top, bottom], i) => {
    assert.ok(Math.abs(Number(x) - centres[i][0]) < 0.6);
    assert.ok(Math.abs((Number(top) + Number(bottom)) / 2 - centres[i][1]) < 0.2);
  });
});

Deno.test("lightCurve() gives each band its colour and its line in the legend, and leaves out what is not a number", () => {
  const band = ["g", "r", "g", "r"];
  const drawn = wellFormed(
    F.lightCurve({ ...star, value: [15.2, NaN, 15.1, 15.6], band }, { bandOrder: ["r", "g"] }),
  );
  assert.ok(has(drawn, "g") && has(drawn, "r"));
  assert.ok(
    texts(drawn.svg).find((one) => one.text === "r")!.x < texts(drawn.svg).find((one) => one.text === "g")!.x,
  );
  assert.ok(drawn.svg.includes(F.bandColour("g")) && drawn.svg.includes(F.bandColour("r")));
});

Deno.test("lightCurve() refuses columns of different lengths and a period that is not positive", () => {
  assert.throws(() => F.lightCurve({ time: [1, 2], value: [1] }), /2 entries, as many as times, found 1/);
  assert.throws(() => F.lightCurve(star, { period: 0 }), EphemeraError);
});

Deno.test("lightCurve() thins a very long light curve and says so", () => {
  const time = Array.from({ length: 5000 }, (_, i) => i), value = time.map((t) => Math.sin(t / 100));
  const drawn = wellFormed(F.lightCurve({ time, value }, { caption: "One star." }));
  assert.equal(dots(drawn.svg, "#222222").length, 2000);
  assert.ok(has(drawn, "One star. 2000 of 5000 observations are drawn."));
  assert.ok(drawn.svg.length < 40_000);
});

Deno.test("lightCurve() survives an empty and a constant light curve", () => {
  wellFormed(F.lightCurve({ time: [], value: [] }));
  wellFormed(F.lightCurve({ time: [1, 2], value: [15, 15] }));
});

Deno.test("lightCurveGrid() has one cell an object and one legend for all", () => {
  const line = { label: "reconstruction", time: star.time, value: star.value };
  const cells = ["RRAB", "EW", "Mira"].map((label) => ({ ...star, label, period: 0.8, lines: [line] }));
  const drawn = wellFormed(F.lightCurveGrid(cells, { columns: 2, title: "By class" }));
  for (const label of ["RRAB", "EW", "Mira"]) assert.ok(has(drawn, label), label);
  assert.equal(texts(drawn.svg).filter((one) => one.text === "reconstruction").length, 1);
});

Deno.test("confusionMatrix() normalises rows, names the classes and counts the margin", () => {
  const drawn = wellFormed(F.confusionMatrix([[30, 10, 0], [1, 2, 1], [0, 0, 0]], ["RRAB", "EW", "LPV"]));
  for (const text of ["0.75", "0.25", "0.50", "n = 40", "n = 4", "n = 0", "—"]) {
    assert.ok(has(drawn, text), text);
  }
  const found = texts(drawn.svg), truth = found.filter((one) => ["0.75", "0.25"].includes(one.text));
  assert.ok(Math.abs(truth[0].y - truth[1].y) < 0.5, "0.75 and 0.25 stand in one row");
  assert.match(drawn.alt, /RRAB 75 % of 40, EW 50 % of 4, LPV none/);
  assert.throws(() => F.confusionMatrix([[1, 2]], ["a", "b"]), /2 rows of 2 counts/);
});

Deno.test("histogramByGroup() draws areas that sum to one, and labels that do not overlap", () => {
  const drawn = wellFormed(F.histogramByGroup([
    { label: "known", values: [0, 0, 1, 3] },
    { label: "novel", values: [3, 4, NaN] },
  ], {
    bins: 4,
    cutOffs: [{ value: 1.9, label: "80th percentile" }, { value: 2.0, label: "95th percentile" }],
  }));
  assert.ok(has(drawn, "known (4)") && has(drawn, "novel (2)"));
  const [a, b] = ["80th percentile", "95th percentile"].map((text) =>
    texts(drawn.svg).find((one) => one.text === text)!
  );
  assert.ok(Math.abs(a.y - b.y) >= 13, `${a.y} and ${b.y}`);
});

Deno.test("histogramByGroup() heights are shares of their group", () => {
  const { svg } = F.histogramByGroup([{ label: "one", values: [0, 0, 0, 4] }], { bins: 4, range: [0, 4] });
  const path = /<path stroke="#0072B2" stroke-width="1.6" d="([^"]+)"|stroke="#0072B2"[^>]*><path d="([^"]+)"/
    .exec(svg)!;
  const y = [...(path[1] ?? path[2]).matchAll(/[ML]([\d.]+),([\d.]+)/g)].map((corner) => Number(corner[2]));
  const floor = Math.max(...y), first = floor - y[1], last = floor - y[8];
  assert.ok(Math.abs(first / last - 3) < 0.01, `${first} and ${last}`);
});

Deno.test("lossCurves() draws each run, and a pale raw one below the mean of a long run", () => {
  const long = Array.from({ length: 200 }, (_, i) => 1 / (i + 1)), short = [1, 0.5, 0.2];
  const drawn = wellFormed(
    F.lossCurves([{ label: "joint", values: long }, { label: "alone", values: short }], { logX: true }),
  );
  assert.ok(has(drawn, "joint") && has(drawn, "alone"));
  assert.ok(drawn.svg.includes(F.mixColours(F.CLASS_COLOURS[0], "#ffffff", 0.65)));
  assert.ok(!drawn.svg.includes(F.mixColours(F.CLASS_COLOURS[1], "#ffffff", 0.65)));
  wellFormed(F.lossCurves([{ label: "negative log-likelihood", values: [1, -2, -3] }]));
});

Deno.test("precisionRecallCurve() and rocCurve() carry areas, marked points and their baselines", () => {
  const pr = wellFormed(F.precisionRecallCurve(
    [{ label: "energy", recall: [0, 0.5, 1], precision: [1, 0.9, 0.3], area: 0.81234 }],
    { prevalence: 0.3, points: [{ x: 0.5, y: 0.9, label: "95th percentile" }] },
  ));
  for (const text of ["energy, area 0.812", "share of positives 0.30", "95th percentile"]) {
    assert.ok(has(pr, text), text);
  }
  const roc = wellFormed(
    F.rocCurve([{ label: "energy", falsePositiveRate: [0, 1], truePositiveRate: [0, 1] }]),
  );
  assert.ok(has(roc, "energy"));
  assert.throws(
    () => F.rocCurve([{ label: "x", falsePositiveRate: [0], truePositiveRate: [0, 1] }]),
    EphemeraError,
  );
});

Deno.test("reliabilityDiagram() places each bin and leaves out empty ones", () => {
  const bins = [{ predicted: 0.5, observed: 0.5, count: 10 }, { predicted: 0.9, observed: NaN, count: 0 }];
  const drawn = wellFormed(F.reliabilityDiagram([{ label: "forest", bins, error: 0.0512 }]));
  assert.ok(has(drawn, "forest, error 0.051"));
});

Deno.test("barsWithIntervals() summarises seeds, keeps given intervals and shows the published value", () => {
  const drawn = wellFormed(F.barsWithIntervals([
    { label: "accuracy", values: [0.8, 0.9, 0.85], reference: 0.88 },
    { label: "recall", centre: 0.5, lower: 0.4, upper: 0.7 },
  ]));
  assert.match(drawn.alt, /accuracy 0\.85 \(0\.8 to 0\.9\), paper 0\.88; recall 0\.5 \(0\.4 to 0\.7\)/);
  assert.ok(has(drawn, "accuracy") && has(drawn, "paper"));
  assert.throws(() => F.barsWithIntervals([{ label: "empty" }]), /values, or a centre/);
});

Deno.test("barsWithIntervals() draws the interval as long as it is", () => {
  const group = { label: "a", centre: 0.5, lower: 0.25, upper: 0.75 };
  const { svg } = F.barsWithIntervals([group], { domain: [0, 1], width: 640 });
  const line = /<line [^>]*>/.exec(svg)![0];
  const [x1, x2] = ["x1", "x2"].map((name) => Number(new RegExp(` ${name}="([\\d.]+)"`).exec(line)![1]));
  const ticks = texts(svg).filter((one) => one.text === "0.0" || one.text === "1.0").map((one) => one.x);
  assert.ok(Math.abs((x2 - x1) / (ticks[1] - ticks[0]) - 0.5) < 0.01);
});

Deno.test("scatterByClass() keeps a class's colour when another is absent, thins evenly and says so", () => {
  const n = 50, label = Array.from({ length: n }, () => "Mira");
  const x = Array.from({ length: n }, (_, i) => i), order = ["RRAB", "Mira"];
  const drawn = wellFormed(F.scatterByClass({ x, y: x, label }, { classOrder: order, mostPerClass: 10 }));
  assert.ok(drawn.svg.includes(F.classColour(1)) && !drawn.svg.includes(F.classColour(0)));
  assert.ok(has(drawn, "Mira (50)") && has(drawn, "At most 10 points a class are drawn."));
  assert.equal(drawn.svg.match(/<use /g)!.length, 10);
  assert.throws(() => F.scatterByClass({ x: [1], y: [], label: [] }), EphemeraError);
});

Deno.test("periodAmplitude() has a logarithmic period axis and leaves out periods that are not positive", () => {
  const drawn = wellFormed(F.periodAmplitude({
    period: [1, 10, 100, 0, -1],
    amplitude: [0.5, 0.5, 0.5, 0.5, 0.5],
    label: ["RRAB", "RRAB", "RRAB", "RRAB", "RRAB"],
  }));
  const x = dots(drawn.svg, F.CLASS_COLOURS[0]).map(([place]) => place);
  assert.equal(x.length, 3);
  assert.ok(Math.abs((x[1] - x[0]) - (x[2] - x[1])) < 0.2);
});

Deno.test("importances() sorts, cuts and says what it left out", () => {
  const list = Array.from({ length: 30 }, (_, i) => ({ feature: `feature ${i}`, value: i / 30 }));
  const drawn = wellFormed(F.importances(list, { most: 5 }));
  assert.ok(has(drawn, "feature 29") && has(drawn, "feature 25") && !has(drawn, "feature 24"));
  assert.ok(has(drawn, "The 5 highest of 30 features."));
  const [top, next] = ["feature 29", "feature 28"].map((text) =>
    texts(drawn.svg).find((one) => one.text === text)!.y
  );
  assert.ok(top < next);
});

Deno.test("periodogram() keeps the height of every peak when it thins", () => {
  const n = 20_000, frequency = Array.from({ length: n }, (_, i) => (i + 1) / 1000);
  const power = frequency.map((_, i) => i === 7776 ? 0.9 : 0.01);
  const drawn = wellFormed(F.periodogram(frequency, power, { marks: [{ frequency: 7.777, label: "true" }] }));
  assert.ok(drawn.svg.length < 30_000);
  assert.match(drawn.alt, /highest power 0\.9 at 7\.777 cycles a day; true at 7\.777/);
  assert.match(F.periodogram(frequency, power, { againstPeriod: true }).alt, /at 0\.12858 days/);
  assert.throws(() => F.periodogram([1], [1]), EphemeraError);
});

Deno.test("networkDiagram() orders boxes along the arrows and leads skipping ones around", () => {
  const blocks = [
    { id: "c", label: "output" },
    { id: "a", label: "input", detail: ["200 × 2"] },
    { id: "b", label: "GRU <96>", group: "encoder" },
  ];
  const arrows = [{ from: "a", to: "b" }, { from: "b", to: "c" }, { from: "a", to: "c", dashed: true }];
  const drawn = wellFormed(F.networkDiagram(blocks, arrows));
  const place = (text: string) => texts(drawn.svg).find((one) => one.text === text)!;
  assert.ok(place("input").x < place("GRU &lt;96&gt;").x && place("GRU &lt;96&gt;").x < place("output").x);
  assert.equal(drawn.svg.match(/marker-end="url\(#/g)!.length, 3);
  assert.ok(/stroke-dasharray="4 3"/.test(drawn.svg));
  const down = wellFormed(F.networkDiagram(blocks, arrows, { direction: "down" }));
  assert.ok(down.height > drawn.height && down.width < drawn.width);
});

Deno.test("networkDiagram() refuses rings, unknown ends and blocks of one name", () => {
  const two = [{ id: "a", label: "a" }, { id: "b", label: "b" }];
  assert.throws(() => F.networkDiagram(two, [{ from: "a", to: "b" }, { from: "b", to: "a" }]), /a ring/);
  assert.throws(() => F.networkDiagram(two, [{ from: "a", to: "z" }]), /"z"/);
  assert.throws(() => F.networkDiagram([two[0], two[0]], []), /identifier of its own/);
});
