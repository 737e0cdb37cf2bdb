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
    const plain = withoutVariants(html);
    return display ? `<div class="equation">${plain}</div>` : plain;
  } catch {
    return `<code class="unreadable-math">${escapeHtml(formula)}</code>`;
  }
}

/** First code points of the Mathematical Alphanumeric Symbols (Unicode, chapter 22.2): A, a, 0, Alpha, alpha. */
const ALPHABETS: Record<string, { upper: number; lower: number; digit?: number; greek?: [number, number] }> =
  {
    "bold": { upper: 0x1d400, lower: 0x1d41a, digit: 0x1d7ce, greek: [0x1d6a8, 0x1d6c2] },
    "bold-italic": { upper: 0x1d468, lower: 0x1d482, greek: [0x1d71c, 0x1d736] },
    "script": { upper: 0x1d49c, lower: 0x1d4b6 },
    "fraktur": { upper: 0x1d504, lower: 0x1d51e },
    "double-struck": { upper: 0x1d538, lower: 0x1d552, digit: 0x1d7d8 },
    "sans-serif": { upper: 0x1d5a0, lower: 0x1d5ba, digit: 0x1d7e2 },
    "monospace": { upper: 0x1d670, lower: 0x1d68a, digit: 0x1d7f6 },
  };

/** Letters that Unicode had already given a place elsewhere. */
const ELSEWHERE: Record<string, Record<string, string>> = {
  "script": { B: "ℬ", E: "ℰ", F: "ℱ", H: "ℋ", I: "ℐ", L: "ℒ", M: "ℳ", R: "ℛ", e: "ℯ", g: "ℊ", o: "ℴ" },
  "fraktur": { C: "ℭ", H: "ℌ", I: "ℑ", R: "ℜ", Z: "ℨ" },
  "double-struck": { C: "ℂ", H: "ℍ", N: "ℕ", P: "ℙ", Q: "ℚ", R: "ℝ", Z: "ℤ" },
};

/** Browsers that follow MathML Core ignore `mathvariant` except `normal`; the letters themselves say the same. */
function withoutVariants(html: string): string {
  return html.replace(
    /<(mi|mn|mo|mtext)([^>]*?) mathvariant="([a-z-]+)"([^>]*)>([^<]*)<\/\1>/g,
    (all, tag, before, variant, after, text: string) =>
      ALPHABETS[variant] === undefined
        ? all
        : `<${tag}${before}${after}>${withEntities(text, (letter) => inAlphabet(letter, variant))}</${tag}>`,
  );
}

/** Entities such as `&lt;` keep their letters. */
function withEntities(text: string, change: (letter: string) => string): string {
  return text.split(/(&[#\w]+;)/).map((part, i) => i % 2 === 1 ? part : [...part].map(change).join("")).join(
    "",
  );
}

function inAlphabet(letter: string, variant: string): string {
  const alphabet = ALPHABETS[variant], code = letter.codePointAt(0)!;
  const shifted = (from: number, first: number | undefined) =>
    first === undefined ? letter : String.fromCodePoint(first + code - from);
  const known = ELSEWHERE[variant]?.[letter];
  if (known !== undefined) return known;
  if (letter >= "A" && letter <= "Z") return shifted(65, alphabet.upper);
  if (letter >= "a" && letter <= "z") return shifted(97, alphabet.lower);
  if (letter >= "0" && letter <= "9") return shifted(48, alphabet.digit);
  if (letter >= "Α" && letter <= "Ω") return shifted(0x391, alphabet.greek?.[0]);
  if (letter >= "α" && letter <= "ω") return shifted(0x3b1, alphabet.greek?.[1]);
  return letter;
}
