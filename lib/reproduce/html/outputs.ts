import { joinText, type MimeBundle, type MultilineText, type Output } from "../notebook.ts";
import { METRIC_MIME, RUN_MIME } from "../records.ts";
import { escapeHtml, settleOverwrites, stripTerminalCodes } from "./escape.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderMath } from "./math.ts";
import { sanitize } from "./sanitize.ts";

/** Longest plain output that is shown in full, in characters; the rest can be read in the executed notebook. */
const LONGEST_TEXT = 40_000;

/** Pictures that are embedded as they are; SVG is put into the page instead. */
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** Returns one output of a cell as HTML. Without `trust`, HTML, SVG and Markdown of the notebook are sanitised. */
export function renderOutput(output: Output, trust: boolean): string {
  switch (output.output_type) {
    case "stream": {
      const text = settleOverwrites(stripTerminalCodes(joinText(output.text)));
      return `<pre class="output ${output.name}">${escapeHtml(shortened(text))}</pre>`;
    }
    case "error": {
      const trace = stripTerminalCodes(output.traceback.join("\n"));
      const head = `${output.ename}: ${output.evalue}`;
      const rest = trace.includes(output.evalue) ? trace : `${head}\n${trace}`;
      return `<pre class="output error">${escapeHtml(shortened(rest.trim() || head))}</pre>`;
    }
    default:
      return renderBundle(output.data, trust);
  }
}

function renderBundle(data: MimeBundle, trust: boolean): string {
  const text = (type: string) => asText(data[type]);
  const plain = text("text/plain") ?? "";
  if (METRIC_MIME in data) return `<p class="output metric">${escapeHtml(plain)}</p>`;
  if (RUN_MIME in data) return `<p class="output run-line">${escapeHtml(plain)}</p>`;
  const svg = text("image/svg+xml"),
    html = text("text/html"),
    markdown = text("text/markdown"),
    latex = text("text/latex");
  if (html !== undefined) return `<div class="output html">${trust ? html : sanitize(html)}</div>`;
  if (svg !== undefined) return `<figure class="output svg">${trust ? svg : sanitize(svg)}</figure>`;
  for (const type of PICTURES) {
    const base64 = text(type)?.replace(/\s+/g, "");
    if (base64 === undefined || !/^[A-Za-z0-9+/]+=*$/.test(base64)) continue;
    return `<figure class="output picture"><img src="data:${type};base64,${base64}" alt="${
      escapeHtml(plain)
    }"></figure>`;
  }
  if (markdown !== undefined) return `<div class="output">${renderMarkdown(markdown, { trust }).html}</div>`;
  if (latex !== undefined) {
    return `<div class="output">${renderMath(latex.replace(/^\s*\$+|\$+\s*$/g, ""), true)}</div>`;
  }
  const shown = plain !== "" ? plain : JSON.stringify(data["application/json"] ?? data, null, 2);
  return `<pre class="output result">${escapeHtml(shortened(stripTerminalCodes(shown)))}</pre>`;
}

function asText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((line) => typeof line === "string")) {
    return joinText(value as MultilineText);
  }
}

function shortened(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  return `${text.slice(0, LONGEST_TEXT)}\n… ${
    text.length - LONGEST_TEXT
  } more characters in the executed notebook`;
}
