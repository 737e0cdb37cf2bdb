import assert from "node:assert/strict";
import fc from "fast-check";
import { confusionMatrix, figure, histogramByGroup, networkDiagram, Plot } from "ephemera/figures";
import { table } from "ephemera/notebook";
import { sanitize } from "ephemera/reproduce/html";
import { ATTACKS, MARKDOWN_ATTACKS } from "./attacks.ts";
import { assertHarmless } from "./harmless.ts";
import { renderMarkdown } from "../../lib/reproduce/html/markdown.ts";

for (const attack of ATTACKS) {
  Deno.test(`nothing is left that acts of: ${attack.slice(0, 90)}`, () => {
    assertHarmless(sanitize(attack), attack);
    assertHarmless(renderMarkdown(attack).html, attack);
    assertHarmless(renderMarkdown(`Text\n\n${attack}\n\nmore`).html, attack);
  });
}

for (const attack of MARKDOWN_ATTACKS) {
  Deno.test(`nothing is left that acts of the Markdown: ${attack.slice(0, 90).replaceAll("\n", "⏎")}`, () => {
    assertHarmless(renderMarkdown(attack).html, attack);
  });
}

Deno.test("the check itself sees nearly all of the attacks when nothing is removed", () => {
  const seen = ATTACKS.filter((attack) => {
    try {
      assertHarmless(attack, attack);
      return false;
    } catch {
      return true;
    }
  });
  assert.ok(seen.length >= 0.9 * ATTACKS.length, `${seen.length} of ${ATTACKS.length}`);
});

Deno.test("pieces of attacks put together in any order stay harmless, and a second pass changes nothing", () => {
  const pieces = ATTACKS.flatMap((attack) => [attack, ...attack.split(/(?=[<>'"])/)]);
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { minLength: 2, maxLength: 6 }), (parts) => {
      const once = sanitize(parts.join(""));
      assertHarmless(once, parts.join(""));
      assert.equal(sanitize(once), once);
    }),
    { numRuns: 400 },
  );
});

Deno.test("a broken-off page cannot hide what follows it", () => {
  for (const opening of ["<!--", "<style>", "<title>", "<svg><title>", "<textarea>", "<a href='"]) {
    assertHarmless(`${sanitize(opening)}<p>after</p>`, opening);
    assert.ok(!sanitize(opening).includes("<!--"));
  }
});

const drawings = {
  "marks, clip paths and a legend": figure({
    title: "Clipped & dashed",
    color: { legend: true, type: "categorical" },
    marks: [Plot.frame(), Plot.line([[0, 1], [1, 2]], { clip: true, strokeDasharray: "4 2" })],
  }),
  "a confusion matrix": confusionMatrix([[3, 1], [0, 2]], ["RRAB", "EW"]),
  "histograms": histogramByGroup([{ label: "known", values: [1, 2, 3] }], {
    cutOffs: [{ value: 2, label: "cut" }],
  }),
  "arrows with markers": networkDiagram([{ id: "a", label: "a" }, { id: "b", label: "b" }], [{
    from: "a",
    to: "b",
  }]),
  "a raster": figure({
    color: { scheme: "viridis" },
    marks: [Plot.raster({ x1: 0, y1: 0, x2: 1, y2: 1, fill: (x: number) => x, pixelSize: 40 } as never)],
  }),
};

/** Names, attributes and texts of a piece of XML, free of its spelling. */
function outline(svg: string): string[] {
  return [...svg.matchAll(/<(\/?[\w:]+)([^>]*?)\/?>([^<]*)/g)].filter(([, name]) => !name.startsWith("/"))
    .map(
      ([, name, attributes, text]) => {
        const kept = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].filter(([, key]) => key !== "style")
          .map(([, key, value]) => `${key}=${value}`).sort();
        return `${name.toLowerCase()} ${kept.join(" ").toLowerCase()} ${text}`;
      },
    );
}

for (const [name, { svg }] of Object.entries(drawings)) {
  Deno.test(`our own figures come through whole: ${name}`, () => {
    assert.deepEqual(outline(sanitize(svg)), outline(svg));
  });
}

Deno.test("tables come through with captions, scopes and alignment", () => {
  const html = table([{ class: "RRAB", F1: 0.9 }], { caption: "By class" }).toHtml();
  assert.equal(sanitize(html).replaceAll(/text-align:\s*/g, "text-align:"), html);
});

Deno.test("harmless styles stay, each by its name", () => {
  const style =
    "stroke-dasharray:4 2;margin-top:1em;border-bottom:1px solid #ccc;padding-right:3px;text-align:right";
  assert.equal(
    sanitize(`<p style="${style}" aria-hidden="true">x</p>`),
    `<p style="${style}" aria-hidden="true">x</p>`,
  );
});

Deno.test("links may be followed, without telling from where", () => {
  assert.equal(
    sanitize('<a href="https://example.org/paper">paper</a>'),
    '<a href="https://example.org/paper" rel="noopener noreferrer">paper</a>',
  );
  assert.equal(sanitize('<a rel="opener" href="#section">x</a>'), '<a href="#section">x</a>');
});

Deno.test("embedded pictures stay", () => {
  const picture = '<img src="data:image/png;base64,iVBORw0KGgo=" alt="a star" />';
  assert.equal(sanitize(picture), picture);
});

Deno.test("classes of the page's own style sheet cannot be borrowed", () => {
  assert.equal(sanitize('<span class="status passed">passed</span>'), "<span>passed</span>");
});
