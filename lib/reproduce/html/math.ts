import katex from "katex";
import { escapeHtml } from "./escape.ts";

/**
 * Returns a formula in LaTeX as MathML, which browsers set themselves: no fonts, no style sheet, no script. What
 * KaTeX cannot read is shown as it was written.
 */
export function renderMath(formula: string, display: boolean): string {
  try {
    const html = katex.renderToString(formula, {
      displayMode: display,
      output: "mathml",
      throwOnError: true,
      trust: false,
      strict: "ignore",
      maxSize: 20,
      maxExpand: 1000,
    });
    return display ? `<div class="equation">${html}</div>` : html;
  } catch {
    return `<code class="unreadable-math">${escapeHtml(formula)}</code>`;
  }
}
