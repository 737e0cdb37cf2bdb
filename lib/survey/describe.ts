/** Reads descriptions kept as data: every field is known, present, of its kind and in its range, or a sentence says so. */
import { demand } from "../core/mod.ts";

/** A description as it comes out of JSON: names and values not looked at yet. */
export type RawDescription = Readonly<Record<string, unknown>>;

/** Walks through one object of a description. Ask for each field once, then call {@link Fields.done}. */
export class Fields {
  readonly #raw: RawDescription;
  readonly #where: string;
  readonly #asked = new Set<string>();

  /**
   * @param raw the object; anything else is refused.
   * @param where its name in messages, e.g. `"survey ASAS-SN, depth"`.
   */
  constructor(raw: unknown, where: string) {
    demand(typeof raw === "object" && raw !== null && !Array.isArray(raw), () => ({
      expected: "an object with named fields",
      found: raw === null ? "null" : Array.isArray(raw) ? "a list" : typeof raw,
      where,
    }));
    this.#raw = raw as RawDescription;
    this.#where = where;
  }

  /** Returns a field as it is; refuses a missing one. */
  raw(name: string): unknown {
    this.#asked.add(name);
    demand(Object.hasOwn(this.#raw, name), () => ({
      expected: `a field "${name}"`,
      found: `the fields ${Object.keys(this.#raw).join(", ") || "(none)"}`,
      where: this.#where,
      remedy: `add "${name}"`,
    }));
    return this.#raw[name];
  }

  /** Returns a finite number in [low, high]. */
  number(name: string, low = -Infinity, high = Infinity): number {
    const value = this.raw(name);
    demand(typeof value === "number" && value >= low && value <= high, () => ({
      expected: `a number from ${low} to ${high}`,
      found: JSON.stringify(value),
      where: `${this.#where}, field "${name}"`,
    }));
    return value;
  }

  /** Returns a text that is not empty. */
  text(name: string): string {
    const value = this.raw(name);
    demand(typeof value === "string" && value !== "", () => ({
      expected: "a text",
      found: JSON.stringify(value),
      where: `${this.#where}, field "${name}"`,
    }));
    return value;
  }

  /** Returns a list that is not empty. */
  list(name: string): readonly unknown[] {
    const value = this.raw(name);
    demand(Array.isArray(value) && value.length > 0, () => ({
      expected: "a list with at least one entry",
      found: JSON.stringify(value),
      where: `${this.#where}, field "${name}"`,
    }));
    return value;
  }

  /** Returns a reader for an object inside this one. */
  object(name: string): Fields {
    return new Fields(this.raw(name), `${this.#where}, ${name}`);
  }

  /** Returns an object of named shares that are not negative and not all zero, each name one of `names`. */
  shares(name: string, names: readonly string[]): Record<string, number> {
    const where = `${this.#where}, field "${name}"`, fields = new Fields(this.raw(name), where);
    const shares: Record<string, number> = {};
    for (const key of Object.keys(fields.#raw)) {
      demand(
        names.includes(key),
        () => ({ expected: `one of ${names.join(", ")}`, found: `"${key}"`, where }),
      );
      shares[key] = fields.number(key, 0);
    }
    demand(Object.values(shares).some((share) => share > 0), () => ({
      expected: "at least one positive share",
      found: JSON.stringify(shares),
      where,
    }));
    return shares;
  }

  /** Refuses fields that nobody asked for: a misspelt name would otherwise be a silent default. */
  done(): void {
    const unknown = Object.keys(this.#raw).filter((name) => !this.#asked.has(name));
    demand(unknown.length === 0, () => ({
      expected: `only the fields ${[...this.#asked].join(", ")}`,
      found: `"${unknown.join('", "')}"`,
      where: this.#where,
      remedy: "correct the name or take it out",
    }));
  }
}
