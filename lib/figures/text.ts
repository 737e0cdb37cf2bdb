/** The fonts that figures ask for: DejaVu Sans, Verdana (the same widths nearly everywhere else), then any. */
export const FONT_FAMILY = "DejaVu Sans, Verdana, sans-serif";

/** Advance widths of DejaVu Sans for the characters from space to tilde, in hundredths of the font size. */
const REGULAR = [
  ...[32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34],
  ...[64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 53],
  ...[100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79],
  ...[60, 79, 69, 63, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50],
  ...[50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61],
  ...[63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84],
];

/** The bold cut is wider by this factor on average; a title needs no more precision than that. */
const BOLD_FACTOR = 1.12;

/** Options of {@link textWidth} and {@link wrapText}. */
export interface TextStyle {
  /** Font size in pixels. */
  fontSize: number;
  /** Whether the bold cut is used. Default false. */
  bold?: boolean;
}

/** Returns the width of one line of text in pixels, as DejaVu Sans sets it (other fonts of the stack are narrower). */
export function textWidth(text: string, style: TextStyle): number {
  let hundredths = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    hundredths += code >= 32 && code < 127 ? REGULAR[code - 32] : code < 0x300 ? 62 : code < 0x400 ? 66 : 84;
  }
  return hundredths / 100 * style.fontSize * (style.bold ? BOLD_FACTOR : 1);
}

/** Returns `text` broken at spaces into lines of at most `width` pixels; a longer word keeps a line to itself. */
export function wrapText(text: string, width: number, style: TextStyle): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (line !== "" && textWidth(longer, style) > width) {
        lines.push(line);
        line = word;
      } else line = longer;
    }
    lines.push(line);
  }
  return lines;
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Returns `text` with the characters that XML reserves written as entities, control characters dropped. */
export function escapeXml(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, "").replace(/[&<>"]/g, (c) => ENTITIES[c]);
}
