import assert from "node:assert/strict";
import { Resvg } from "@resvg/resvg-js";
import { EphemeraError } from "ephemera/core";
import { type Figure, figure, panels, Plot } from "ephemera/figures";

const dots = [{ x: 1, y: 2, c: "RR Lyrae" }, { x: 2, y: 3, c: "Mira & co" }, { x: 3, y: 1, c: "<novel>" }];

function sample(title = "Stars <b>bold</b> & more"): Figure {
  return figure({
    title,
    subtitle: "seed 1",
    caption: "small print",
    color: { legend: true, type: "categorical" },
    marks: [Plot.frame(), Plot.dot(dots, { x: "x", y: "y", fill: "c", clip: true })],
  });
}

/** The renderer's parser accepts well-formed XML only. */
const parse = (svg: string) => new Resvg(svg, { font: { loadSystemFonts: false } });

const identifiers = (svg: string) => [...svg.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);

Deno.test("a figure is one well-formed SVG element that needs nothing from outside", () => {
  const { svg, width, height } = sample();
  const parsed = parse(svg);
  assert.equal(parsed.width, width);
  assert.equal(parsed.height, height);
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.equal(svg.match(/<svg/g)!.length, 1);
  assert.doesNotMatch(svg, /<(style|script|foreignObject|link)|@import|url\((?!#)/);
});

Deno.test("a figure carries a text alternative, a role and its own paper", () => {
  const { svg, alt } = sample();
  assert.match(svg, /role="img"/);
  assert.match(svg, /<title>Stars &lt;b&gt;bold&lt;\/b&gt; &amp; more<\/title><desc>/);
  assert.match(alt, /Stars <b>bold<\/b> & more/);
  assert.match(svg, /<rect width="640" height="\d+" fill="white"\/>/);
});

Deno.test("Jupyter is handed the drawing once and the words once", () => {
  const drawn = sample();
  const bundle = (drawn as unknown as Record<symbol, () => Record<string, string>>)
    [Symbol.for("Jupyter.display")]();
  assert.deepEqual(Object.keys(bundle), ["image/svg+xml", "text/plain"]);
  assert.equal(bundle["image/svg+xml"], drawn.svg);
  assert.ok(bundle["text/plain"].includes(drawn.alt));
});

Deno.test("the legend names every category, escaped", () => {
  const { svg } = sample();
  for (const label of ["RR Lyrae", "Mira &amp; co", "&lt;novel&gt;"]) {
    assert.ok(svg.includes(`>${label}</text>`), label);
  }
});

Deno.test("identifiers are the same for the same drawing and differ between drawings", () => {
  const first = sample(), again = sample(), other = sample("Another");
  assert.equal(first.svg, again.svg);
  assert.ok(identifiers(first.svg).length > 0);
  const shared = identifiers(first.svg).filter((id) => identifiers(other.svg).includes(id));
  assert.deepEqual(shared, []);
});

Deno.test("every identifier that is used is defined once, also in panels", () => {
  const both = panels([sample("one"), sample("two")], { title: "both" });
  parse(both.svg);
  const defined = identifiers(both.svg);
  assert.equal(new Set(defined).size, defined.length);
  const used = [...both.svg.matchAll(/url\(#([^)]+)\)| href="#([^"]+)"/g)].map((match) =>
    match[1] ?? match[2]
  );
  assert.ok(used.length >= 2);
  for (const id of used) assert.ok(defined.includes(id), id);
});

Deno.test("panels stand side by side, rows below each other", () => {
  const one = figure({ width: 200, height: 100, marks: [Plot.frame()] });
  const row = panels([one, one, one], { gap: 10 }), grid = panels([one, one, one], { gap: 10, columns: 2 });
  assert.equal(row.width, 620);
  assert.equal(row.height, one.height);
  assert.equal(grid.width, 410);
  assert.equal(grid.height, 2 * one.height + 10);
  assert.throws(() => panels([]), EphemeraError);
});

Deno.test("a continuous colour scale brings a ramp with its label", () => {
  const { svg } = figure({
    color: { legend: true, scheme: "viridis", label: "phase" },
    marks: [Plot.dot(dots, { x: "x", y: "y", fill: "y" })],
  });
  parse(svg);
  assert.match(svg, /<image [^>]*href="data:image\/png;base64,/);
  assert.match(svg, />phase<\/text>/);
});

Deno.test("a long title is broken into lines that stay on the paper", () => {
  const title =
    "Sample energies of known and novel variable stars in the simulated survey, five seeds together";
  const { svg } = figure({ title, width: 320, marks: [Plot.frame()] });
  const lines = [...svg.matchAll(/font-weight="bold">([^<]*)<\/text>/g)].map((match) => match[1]);
  assert.equal(lines.join(" "), title);
  assert.ok(lines.length >= 3);
});

Deno.test("coordinates are short", () => {
  const many = Array.from({ length: 200 }, (_, i) => [i / 7, Math.sin(i)]);
  const { svg } = figure({ marks: [Plot.dot(many, { fill: "black" }), Plot.line(many)] });
  assert.doesNotMatch(svg.replace(/viewBox="[^"]*"/, ""), /\d\.\d{3,}/);
  assert.ok(svg.length < 9000, `${svg.length} characters for 200 dots and a line`);
});

Deno.test("a figure narrower than its margins is refused", () => {
  assert.throws(() => figure({ width: 20, marks: [] }), /at least 80 pixels wide/);
});
