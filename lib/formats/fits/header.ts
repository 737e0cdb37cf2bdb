/** A header: its cards in order, and typed access to them. */
import { demand } from "../../core/mod.ts";
import type { FitsCard, FitsValue } from "./card.ts";

/**
 * The cards of one header, with typed access. Of a keyword that occurs twice the first counts.
 *
 * @example
 * ```ts
 * import { FitsHeader } from "ephemera/formats";
 * import assert from "node:assert/strict";
 * const header = new FitsHeader([{ keyword: "EXPTIME", value: 30, comment: "seconds" }], "image.fits, HDU 0");
 * assert.equal(header.number("EXPTIME"), 30);
 * assert.throws(() => header.text("FILTER"), /Expected a text in the card FILTER, found no such card/);
 * ```
 */
export class FitsHeader {
  /** All cards in order. */
  readonly cards: readonly FitsCard[];
  /** Name of the header in messages. */
  readonly where: string;
  readonly #first = new Map<string, FitsCard>();

  /** @param where names the header in messages. */
  constructor(cards: readonly FitsCard[], where: string) {
    this.cards = cards;
    this.where = where;
    for (const card of cards) if (!this.#first.has(card.keyword)) this.#first.set(card.keyword, card);
  }

  /** Whether there is such a card. */
  has(keyword: string): boolean {
    return this.#first.has(keyword);
  }

  /** Returns the value of a card: undefined when there is no such card, null when it has no value. */
  get(keyword: string): FitsValue | undefined {
    return this.#first.get(keyword)?.value;
  }

  /** Returns a text without its trailing spaces, or `fallback` when there is no such card. */
  text(keyword: string, fallback?: string): string {
    const value = this.get(keyword) ?? fallback;
    if (typeof value !== "string") this.#refuse(keyword, "a text");
    return value;
  }

  /** Returns a finite number, or `fallback` when there is no such card. */
  number(keyword: string, fallback?: number): number {
    const value = this.get(keyword) ?? fallback;
    if (typeof value !== "number" || !Number.isFinite(value)) this.#refuse(keyword, "a finite number");
    return value;
  }

  /** Returns a whole number from `low` to `high`, or `fallback` when there is no such card. */
  integer(keyword: string, low: number, high: number, fallback?: number): number {
    const value = this.get(keyword) ?? fallback;
    if (typeof value !== "number" || !Number.isInteger(value) || value < low || value > high) {
      this.#refuse(keyword, `a whole number from ${low} to ${high}`);
    }
    return value;
  }

  /** Returns a logical value, or `fallback` when there is no such card. */
  logical(keyword: string, fallback?: boolean): boolean {
    const value = this.get(keyword) ?? fallback;
    if (typeof value !== "boolean") this.#refuse(keyword, "T or F");
    return value;
  }

  /** Returns the texts of all COMMENT or HISTORY cards. */
  commentary(keyword: "COMMENT" | "HISTORY"): string[] {
    return this.cards.filter((card) => card.keyword === keyword).map((card) => card.comment ?? "");
  }

  #refuse(keyword: string, expected: string): never {
    const value = this.get(keyword);
    demand(false, {
      expected: `${expected} in the card ${keyword}`,
      found: value === undefined ? "no such card" : value === null ? "no value" : JSON.stringify(value),
      where: this.where,
      remedy: "mend the header, or fetch the file again",
    });
  }
}
