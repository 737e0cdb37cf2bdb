import assert from "node:assert/strict";
import fc from "fast-check";
import { Resvg } from "@resvg/resvg-js";
import * as Plot from "@observablehq/plot";
import { drawingDocument, type SvgElement } from "../../lib/figures/document.ts";
import { roundNumbers, serializeChildren } from "../../lib/figures/serialize.ts";

const render = (svg: string) =>
  new Resvg(svg, { background: "white", font: { loadSystemFonts: false } }).render();

const outer = (inner: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="400" viewBox="0 0 640 400" fill="black" color="black">${inner}</svg>`;

/** Share of pixels that differ visibly between Plot's own drawing and the shortened one. */
function difference(options: Plot.PlotOptions): { share: number; plain: number; short: number } {
  const drawn = Plot.plot({ ...options, document: drawingDocument() as never }) as unknown as SvgElement;
  const plain = [...drawn.children].filter((child) => child.localName !== "style").map((child) =>
    child.outerHTML
  ).join("");
  const short = serializeChildren(drawn);
  const a = render(outer(plain)).pixels, b = render(outer(short)).pixels;
  assert.equal(a.length, b.length);
  let differing = 0, ink = 0;
  for (let i = 0; i < a.length; i += 4) {
    if (a[i] + a[i + 1] + a[i + 2] < 700) ink++;
    if (Math.abs(a[i] - b[i]) + Math.abs(a[i + 1] - b[i + 1]) + Math.abs(a[i + 2] - b[i + 2]) > 150) {
      differing++;
    }
  }
  assert.ok(ink > 300, "nothing was drawn");
  return { share: differing / ink, plain: plain.length, short: short.length };
}

const points = Array.from({ length: 150 }, (_, i) => ({
  x: i + 0.123456,
  y: Math.sin(i / 9) + 0.01234,
  low: Math.sin(i / 9) - 0.2,
  high: Math.sin(i / 9) + 0.2,
  c: ["a", "b", "c", "d", "e", "f"][i % 6],
}));

const drawings: Record<string, Plot.Markish[]> = {
  "dots and error bars": [
    Plot.ruleX(points, { x: "x", y1: "low", y2: "high", stroke: "#999" }),
    Plot.dot(points, { x: "x", y: "y", r: 2, fill: "#d00" }),
  ],
  "dots of several colours": [Plot.dot(points, { x: "x", y: "y", fill: "c" })],
  "symbols of several shapes": [Plot.dot(points, { x: "x", y: "y", fill: "c", symbol: "c" })],
  "open dots": [Plot.dot(points, { x: "x", y: "y", stroke: "c" })],
  "half transparent dots": [Plot.dot(points, { x: "x", y: "y", fill: "c", fillOpacity: 0.3, r: 8 })],
  "arrows and slanted links": [
    Plot.link(points, { x1: "x", y1: "low", x2: (d: { x: number }) => d.x + 3, y2: "high", stroke: "c" }),
  ],
  "a clipped line": [Plot.frame(), Plot.line(points, { x: "x", y: "y", clip: true })],
  "bars": [Plot.rectY(points, Plot.binX({ y: "count" }, { x: "y" }))],
};

for (const [name, marks] of Object.entries(drawings)) {
  Deno.test(`the shortened drawing shows what Plot drew: ${name}`, () => {
    const { share, plain, short } = difference({ marks });
    assert.ok(share < 0.01, `${(100 * share).toFixed(2)} % of the inked pixels differ`);
    assert.ok(short < plain, `${short} characters, ${plain} before`);
  });
}

Deno.test("error bars and dots take a fraction of their length", () => {
  const { plain, short } = difference({ marks: drawings["dots and error bars"] });
  assert.ok(short < plain / 3, `${short} of ${plain}`);
});

Deno.test("rounding moves no number by more than half of its last place", () => {
  fc.assert(fc.property(fc.double({ min: -1000, max: 1000, noNaN: true }), (value) => {
    const text = value.toFixed(6), rounded = Number(roundNumbers(text, 2));
    assert.ok(Math.abs(rounded - Number(text)) <= (Math.abs(Number(text)) < 10 ? 0.00501 : 0.0501));
  }));
  assert.equal(roundNumbers("M0.005,-0.0001L12.345,100.0", 2), "M0.01,0L12.3,100");
  assert.equal(roundNumbers("translate(1e-7,40)", 2), "translate(1e-7,40)");
});
