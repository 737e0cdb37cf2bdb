import assert from "node:assert/strict";
import { parseHTML } from "linkedom";

interface Element {
  localName: string;
  attributes: Iterable<{ name: string; value: string }>;
}

const FORBIDDEN = new Set([
  ...[
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "form",
    "input",
    "button",
    "select",
    "textarea",
    "link",
    "meta",
  ],
  ...[
    "base",
    "foreignobject",
    "foreignObject",
    "animate",
    "set",
    "feimage",
    "feImage",
    "audio",
    "video",
    "source",
  ],
  ...[
    "noscript",
    "template",
    "frame",
    "frameset",
    "applet",
    "portal",
    "marquee",
    "maction",
    "annotation-xml",
  ],
]);

/** Fails when `html` holds anything that could run, send or fetch. */
export function assertHarmless(html: string, where: string): void {
  const { document } = parseHTML(`<!doctype html><html><body>${html}</body></html>`) as unknown as {
    document: { body: { querySelectorAll(selector: string): Iterable<Element> } };
  };
  for (const element of document.body.querySelectorAll("*")) {
    assert.ok(!FORBIDDEN.has(element.localName), `<${element.localName}> from ${where}`);
    for (const { name, value } of element.attributes) {
      const found = `${name}="${value}" from ${where}`;
      assert.doesNotMatch(
        name,
        /^on|^(srcdoc|srcset|ping|action|formaction|background|http-equiv|data)$/i,
        found,
      );
      // What a title or a text alternative says is never followed.
      if (/^(href|src|xlink:href|cite|poster|from|to|values)$/i.test(name)) {
        assert.doesNotMatch(
          [...value].filter((character) => character > " ").join(""),
          /^(javascript|vbscript|data:text|data:image\/svg)/i,
          found,
        );
      }
      if (element.localName !== "a" && /^(src|href|xlink:href)$/.test(name)) {
        assert.match(value, /^(#|data:image\/(png|jpeg|gif|webp);base64,|$)/, found);
      }
      if (/url\s*\(/i.test(value)) assert.match(value, /^url\(#/, found);
      if (name === "style") {
        assert.doesNotMatch(value, /url|expression|import|position|\\|image-set|@|[{}]/i, found);
      }
    }
  }
}
