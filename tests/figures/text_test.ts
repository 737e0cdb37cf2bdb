import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Resvg } from "@resvg/resvg-js";
import { escapeXml, textWidth, wrapText } from "../../lib/figures/text.ts";

const fonts = join(dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json")), "ttf");

/** Width of the ink as the renderer sets it. */
function measured(text: string, bold: boolean): number {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="60"><text x="5" y="40" font-size="20" ` +
    `font-family="DejaVu Sans"${bold ? ' font-weight="bold"' : ""}>${escapeXml(text)}</text></svg>`;
  const files = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((file) => join(fonts, file));
  return new Resvg(svg, { font: { loadSystemFonts: false, fontFiles: files } }).getBBox()!.width;
}

for (
  const text of ["Reconstructed light curves by class", "0123456789.−+", "WMil,;:'|", "mu σ, Δ magnitude"]
) {
  Deno.test(`the width of "${text}" is what the renderer needs`, () => {
    for (const bold of [false, true]) {
      const ours = textWidth(text, { fontSize: 20, bold }), theirs = measured(text, bold);
      assert.ok(Math.abs(ours - theirs) < 0.06 * theirs + 4, `${ours} against ${theirs}, bold ${bold}`);
    }
  });
}

Deno.test("wrapped lines fit, keep every word and honour line feeds", () => {
  const text = "The energy of a star is high\nwhere few known stars lie";
  const lines = wrapText(text, 100, { fontSize: 11 });
  assert.equal(lines.join(" "), text.replace("\n", " "));
  for (const line of lines) assert.ok(textWidth(line, { fontSize: 11 }) <= 100, line);
  assert.ok(lines.some((line) => line.endsWith("high")));
  assert.deepEqual(wrapText("incomprehensibilities", 10, { fontSize: 11 }), ["incomprehensibilities"]);
});

Deno.test("escaped text holds nothing that XML would read", () => {
  assert.equal(escapeXml(`<a href="x">&\u0000\u0007</a>`), "&lt;a href=&quot;x&quot;&gt;&amp;&lt;/a&gt;");
});
