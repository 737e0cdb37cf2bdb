import { Marked, type TokenizerAndRendererExtension, type Tokens } from "marked";
import { escapeHtml } from "./escape.ts";
import { highlight } from "./highlight.ts";
import { renderMath } from "./math.ts";
import { sanitize } from "./sanitize.ts";

/** Options of {@link renderMarkdown}. */
export interface MarkdownOptions {
  /** Pictures that belong to the text: `attachment:NAME` to a `data:` address. */
  attachments?: Record<string, string>;
  /** Leave HTML inside the Markdown as it is. Default false: it is sanitised. */
  trust?: boolean;
}

/** A heading of a text, for a table of contents. */
export interface Heading {
  /** 1 to 6. */
  level: number;
  /** Identifier of its element. */
  id: string;
  /** Its text without markup. */
  text: string;
}

/**
 * Formulas and headings' identifiers are made by us and are safe, while the rest goes through the sanitiser; so they
 * wait behind marks of the private use area, which are taken out of the text before.
 */
const OPEN = "\uE000", CLOSE = "\uE001";

/** Returns Markdown (GitHub's, with formulas between `$` or `$$`) as HTML, and its headings. */
export function renderMarkdown(
  text: string,
  options: MarkdownOptions = {},
): { html: string; headings: Heading[] } {
  const { attachments = {}, trust = false } = options;
  const formulas: string[] = [], headings: Heading[] = [];
  const keep = (formula: string, display: boolean) =>
    `${OPEN}${formulas.push(renderMath(formula, display)) - 1}${CLOSE}`;
  const marked = new Marked({ gfm: true, async: false });
  marked.use({
    extensions: [blockMath(keep), inlineMath(keep)],
    renderer: {
      code({ text: code, lang }: Tokens.Code) {
        const language = /^[\w-]+/.exec(lang ?? "")?.[0] ?? "";
        return `<pre><code class="hljs">${highlight(code, language)}</code></pre>\n`;
      },
      heading({ tokens, depth }: Tokens.Heading) {
        const inner = this.parser.parseInline(tokens), plain = withoutTags(inner);
        const id = slug(plain, headings);
        headings.push({ level: depth, id, text: plain });
        return `<h${depth} id="${id}">${inner}</h${depth}>\n`;
      },
      image({ href, title, text: alt }: Tokens.Image) {
        const source = href.startsWith("attachment:") ? attachments[decodeURI(href.slice(11))] ?? "" : href;
        return `<img src="${escapeHtml(source)}" alt="${escapeHtml(alt)}"${
          title ? ` title="${escapeHtml(title)}"` : ""
        }>`;
      },
    },
  });
  const html = marked.parse(text.replace(/[\uE000\uE001]/g, ""), { async: false });
  const safe = trust ? html : sanitize(html);
  const finished = safe.replace(
    new RegExp(`${OPEN}(\\d+)${CLOSE}`, "g"),
    (_, place) => formulas[Number(place)] ?? "",
  );
  return {
    html: finished,
    headings: headings.map((h) => ({
      ...h,
      text: h.text.replace(new RegExp(`${OPEN}\\d+${CLOSE}`, "g"), "…"),
    })),
  };
}

type Keep = (formula: string, display: boolean) => string;

/** `$$ … $$` on lines of their own, and LaTeX environments. */
function blockMath(keep: Keep): TokenizerAndRendererExtension {
  return {
    name: "blockMath",
    level: "block",
    start: (source) => source.match(/(?:^|\n)(?:\$\$|\\begin\{)/)?.index,
    tokenizer(source) {
      const dollars = /^\$\$([\s\S]+?)\$\$[ \t]*(?:\n|$)/.exec(source);
      if (dollars) return { type: "blockMath", raw: dollars[0], formula: dollars[1].trim() };
      const environment =
        /^\\begin\{(equation|align|aligned|gather|cases|matrix|pmatrix|bmatrix)(\*?)\}[\s\S]+?\\end\{\1\2\}[ \t]*(?:\n|$)/
          .exec(source);
      if (environment) return { type: "blockMath", raw: environment[0], formula: environment[0].trim() };
    },
    renderer: (token) => `<div>${keep(token.formula, true)}</div>\n`,
  };
}

/** `$ … $` within a line, no spaces just inside, no digit after, so that prices stay prices; `$$ … $$` too. */
function inlineMath(keep: Keep): TokenizerAndRendererExtension {
  return {
    name: "inlineMath",
    level: "inline",
    start: (source) => {
      const place = source.indexOf("$");
      return place < 0 ? undefined : place;
    },
    tokenizer(source) {
      const display = /^\$\$([^$]+?)\$\$/.exec(source);
      if (display) return { type: "inlineMath", raw: display[0], formula: display[1].trim(), display: true };
      const inline = /^\$(?!\s)((?:\\[\s\S]|[^\\$])+?)\$(?!\d)/.exec(source);
      if (inline && !/\s$/.test(inline[1]) && !/\n\s*\n/.test(inline[1])) {
        return { type: "inlineMath", raw: inline[0], formula: inline[1], display: false };
      }
    },
    renderer: (token) => keep(token.formula, token.display),
  };
}

function withoutTags(html: string): string {
  return html.replace(/<[^>]*>/g, "").replace(/&amp;/g, "&").replace(/&lt;/g, "<").replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"').replace(/&#39;/g, "'").trim();
}

function slug(text: string, taken: readonly Heading[]): string {
  const base = text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "section";
  let id = base;
  for (let number = 2; taken.some((heading) => heading.id === id); number++) id = `${base}-${number}`;
  return id;
}
