import assert from "node:assert/strict";
import katex from "katex";
import { renderMarkdown } from "../../lib/reproduce/html/markdown.ts";
import { renderMath } from "../../lib/reproduce/html/math.ts";
import { settleOverwrites, stripTerminalCodes } from "../../lib/reproduce/html/escape.ts";

const html = (text: string) => renderMarkdown(text).html;

Deno.test("formulas in a line and on their own become MathML", () => {
  const text = html("Energy $E = -\\log p$ and\n\n$$\n\\frac{a}{b}\n$$\n\ndone");
  assert.equal(text.match(/<math/g)!.length, 2);
  assert.match(text, /<div class="equation">.*<mfrac><mi>a<\/mi><mi>b<\/mi><\/mfrac>/s);
  assert.match(text, /display="block"/);
});

Deno.test("LaTeX environments and formulas of several lines are read", () => {
  assert.match(html("\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}"), /<mtable/);
  assert.match(html("so $a +\nb$ holds"), /<math/);
  assert.match(html("in a line $$x^2$$ too"), /display="block"/);
});

Deno.test("prices, escaped dollars and code are no formulas", () => {
  for (const text of ["costs $5 or $6.", "a \\$x\\$ b", "`$x$`", "```\n$x$\n```", "$ x $"]) {
    assert.doesNotMatch(html(text), /<math/, text);
  }
});

Deno.test("underscores and asterisks within formulas are not emphasis", () => {
  const text = html("$a_i * b_i$ and $c_j * d_j$");
  assert.doesNotMatch(text, /<em>/);
  assert.equal(text.match(/<msub>/g)!.length, 4);
});

Deno.test("what KaTeX cannot read is shown as written, escaped", () => {
  const text = html("$\\unknowncommand{<b>}$");
  assert.match(text, /<code class="unreadable-math">\\unknowncommand\{&lt;b&gt;\}<\/code>/);
});

Deno.test("variants of letters become the letters themselves", () => {
  const letters = (formula: string) =>
    [...renderMath(formula, false).matchAll(/<m[in]>([^<]*)<\/m[in]>/g)].map((m) => m[1]);
  assert.deepEqual(letters("\\mathbf{xA1}"), ["𝐱", "𝐀", "𝟏"]);
  assert.deepEqual(letters("\\mathcal{NL}"), ["𝒩", "ℒ"]);
  assert.deepEqual(letters("\\mathbb{RK}"), ["ℝ", "𝕂"]);
  assert.deepEqual(letters("\\boldsymbol{\\mu\\omega}"), ["𝝁", "𝝎"]);
  assert.deepEqual(letters("\\mathfrak{gC}"), ["𝔤", "ℭ"]);
  assert.doesNotMatch(renderMath("\\mathbf{x}\\mathcal{N}\\mathtt{a}", false), /mathvariant="(?!normal)/);
});

Deno.test("plain formulas are what KaTeX makes of them", () => {
  assert.equal(
    renderMath("x^2 + \\sqrt{y}", false),
    katex.renderToString("x^2 + \\sqrt{y}", { output: "mathml" }),
  );
});

Deno.test("headings have identifiers of their own, also with formulas and of equal text", () => {
  const { html, headings } = renderMarkdown("## Losses\n\n## Losses\n\n## The $E$ of *all*");
  assert.deepEqual(headings.map((heading) => heading.id), ["losses", "losses-2", headings[2].id]);
  assert.equal(headings[2].text, "The … of all");
  for (const { id } of headings) assert.ok(html.includes(`id="${id}"`));
  assert.match(html, /<h2 id="[^"]*">The <span class="katex"><math/);
});

Deno.test("tables, lists, code and attachments are rendered", () => {
  assert.match(html("| a | b |\n|---|--:|\n| 1 | 2 |"), /<th>a<\/th>[\s\S]*<td align="right">2<\/td>/);
  assert.match(html("```ts\nconst a = 1;\n```"), /<span class="hljs-keyword">const<\/span>/);
  assert.match(html("```unknown\n<x>\n```"), /&lt;x&gt;/);
  const picture = "data:image/png;base64,iVBORw0KGgo=";
  const { html: text } = renderMarkdown("![a star](attachment:star.png)", {
    attachments: { "star.png": picture },
  });
  assert.ok(text.includes(`<img src="${picture}" alt="a star"`));
});

Deno.test("terminal codes go, carriage returns write over", () => {
  assert.equal(
    stripTerminalCodes("\x1b[31mred\x1b[0m \x1b]8;;https://x\x07link\x1b]8;;\x07 \x1b[2K"),
    "red link ",
  );
  assert.equal(settleOverwrites("10 %\r50 %\r100 %\nnext\r\nlast"), "100 %\nnext\nlast");
});
