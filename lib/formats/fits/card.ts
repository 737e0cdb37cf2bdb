/** Header cards: eighty characters each, a keyword, a value, a comment (FITS Standard 4.0, section 4). */
import { demand } from "../../core/mod.ts";

/** The value of a card; null is a value left undefined. Whole numbers beyond 2^53 are rounded. */
export type FitsValue = string | number | boolean | null;

/** One keyword of a header. Commentary (COMMENT, HISTORY, blank) has no value but its text as comment. */
export interface FitsCard {
  /** Up to eight capital letters, digits, hyphens, underscores; longer or other names are written as HIERARCH cards. */
  keyword: string;
  /** Absent for commentary. */
  value?: FitsValue;
  /** Text after the slash, or the text of commentary. */
  comment?: string;
}

/** Length of a card in characters. */
export const CARD = 80;
const TEXT = /^\s*'((?:[^']|'')*)'\s*(?:\/(.*))?$/;
const OTHER = /^\s*([^/]*?)\s*(?:\/(.*))?$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([EeDd][+-]?\d+)?$/;
const COMPLEX = /^\([^()]*\)$/;

/**
 * Reads the cards of a header, each a string of 80 characters, up to END. Long strings continued by CONTINUE cards are
 * joined, HIERARCH keywords lose that word.
 * @param where names the header in messages.
 * @throws EphemeraError for a value that is no string, number, logical or complex number.
 */
export function parseCards(lines: readonly string[], where: string): FitsCard[] {
  const cards: FitsCard[] = [];
  for (let k = 0; k < lines.length; k++) {
    const line = lines[k], keyword = line.slice(0, 8).trimEnd();
    const hierarch = keyword === "HIERARCH" ? /^HIERARCH\s+([^=]*?)\s*=(.*)$/.exec(line) : null;
    if (hierarch !== null) {
      cards.push({ keyword: hierarch[1], ...valueOf(hierarch[2], `${where}, card ${k + 1}`) });
      continue;
    }
    if (line.slice(8, 10) !== "= " || keyword === "" || keyword === "COMMENT" || keyword === "HISTORY") {
      cards.push({ keyword, comment: line.slice(8).trimEnd() });
      continue;
    }
    const card: FitsCard = { keyword, ...valueOf(line.slice(10), `${where}, card ${k + 1} (${keyword})`) };
    const pieces: string[] = [];
    let text = card.value;
    while (typeof text === "string" && text.endsWith("&") && lines[k + 1]?.startsWith("CONTINUE  ")) {
      const next = valueOf(lines[k + 1].slice(10), `${where}, card ${k + 2} (CONTINUE of ${keyword})`);
      if (typeof next.value !== "string") break;
      pieces.push(text.slice(0, -1));
      text = next.value;
      if (next.comment !== undefined) card.comment = (card.comment ?? "") + next.comment;
      k++;
    }
    if (pieces.length > 0) card.value = pieces.join("") + text;
    cards.push(card);
  }
  return cards;
}

function valueOf(field: string, where: string): { value: FitsValue; comment?: string } {
  const quoted = TEXT.exec(field);
  if (quoted !== null) return { value: quoted[1].replaceAll("''", "'").trimEnd(), ...comment(quoted[2]) };
  const other = OTHER.exec(field);
  const word = other?.[1] ?? field.trim();
  const rest = comment(other?.[2]);
  if (word === "") return { value: null, ...rest };
  if (word === "T" || word === "F") return { value: word === "T", ...rest };
  if (NUMBER.test(word)) return { value: Number(word.replace(/[Dd]/, "E")), ...rest };
  if (COMPLEX.test(word)) return { value: word, ...rest };
  demand(false, {
    expected: "a quoted text, a number, T or F as the value",
    found: word.slice(0, 40),
    where,
    remedy: "mend the header, or fetch the file again",
  });
}

const comment = (text: string | undefined) => text === undefined ? {} : { comment: text.trim() };

/** Returns the cards of one keyword as lines of 80 characters: one, or several for a long string. */
export function formatCard(card: FitsCard): string[] {
  const { keyword, value, comment = "" } = card;
  ascii(keyword, "a keyword");
  ascii(comment, `the comment of ${keyword}`);
  if (value === undefined) {
    const pieces = comment.match(/.{1,72}/g) ?? [""];
    return pieces.map((piece) => `${keyword.padEnd(8)}${piece}`.padEnd(CARD));
  }
  const standard = /^[A-Z0-9_-]{1,8}$/.test(keyword);
  const head = standard ? `${keyword.padEnd(8)}= ` : `HIERARCH ${keyword} = `;
  demand(standard || (!keyword.includes("=") && keyword.length <= 40), {
    expected: "a keyword of at most 40 characters without an equals sign",
    found: keyword,
    where: "formatCard",
  });
  if (typeof value === "string") return formatText(head, ascii(value, keyword), comment, standard);
  const word = value === null
    ? ""
    : typeof value === "boolean"
    ? (value ? "T" : "F")
    : formatNumber(value, keyword);
  const line = head + (standard ? word.padStart(20) : word);
  demand(line.length <= CARD, { expected: "a card of 80 characters", found: line, where: "formatCard" });
  return [withComment(line, comment)];
}

function formatText(head: string, text: string, comment: string, standard: boolean): string[] {
  const quoted = text.replaceAll("'", "''"), room = CARD - head.length - 2;
  // Eight characters at least between the quotes: old readers of XTENSION and TFORM rely on it.
  if (quoted.length <= room) {
    const value = `'${standard ? quoted.padEnd(8) : quoted}'`;
    return [withComment(head + (standard ? value.padEnd(20) : value), comment)];
  }
  const lines: string[] = [];
  for (let at = 0; at < quoted.length;) {
    const first = at === 0, left = CARD - (first ? head.length : 10) - 3;
    let end = Math.min(quoted.length, at + left);
    // A doubled quote must not be torn apart.
    const torn = /'+$/.exec(quoted.slice(at, end));
    if (end < quoted.length && torn !== null && torn[0].length % 2 === 1) end--;
    const more = end < quoted.length;
    lines.push(`${first ? head : "CONTINUE  "}'${quoted.slice(at, end)}${more ? "&" : ""}'`.padEnd(CARD));
    at = end;
  }
  return lines;
}

/** A comment that does not fit is cut: the standard has no other place for it. */
function withComment(line: string, comment: string): string {
  return (comment === "" ? line : `${line} / ${comment}`).padEnd(CARD).slice(0, CARD);
}

function formatNumber(value: number, keyword: string): string {
  demand(Number.isFinite(value), {
    expected: "a finite number",
    found: String(value),
    where: `FITS card ${keyword}`,
    remedy: "leave the card out, or give null",
  });
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 64) return BigInt(value).toString();
  const text = String(value).toUpperCase();
  return /[.E]/.test(text) ? text : `${text}.0`;
}

/** Returns a text of printable ASCII, the only characters that a FITS header or text column may hold. */
export function ascii(text: string, where: string): string {
  demand(/^[\x20-\x7e]*$/.test(text), () => ({
    expected: "printable ASCII characters, the only ones that FITS has",
    found: JSON.stringify(text.slice(0, 60)),
    where,
    remedy: "spell it in ASCII",
  }));
  return text;
}
