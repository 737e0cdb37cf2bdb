/** What SNANA's files have in common: flags of photometry, names of filters and type codes. */
import { Flag, type LightCurveSet } from "../observations/mod.ts";

/** Bits of PHOTFLAG: a detection, the first one that triggered, a saturated exposure. */
export const PHOTFLAG = { detected: 4096, firstTrigger: 2048, saturated: 1024 } as const;

/**
 * Returns the bits of `Flag` for a PHOTFLAG. All of SNANA's photometry is forced, at the place of a known object.
 */
export function flagOfPhotflag(photflag: number): number {
  return Flag.forced | (photflag & PHOTFLAG.detected ? Flag.detected : 0) |
    (photflag & PHOTFLAG.firstTrigger ? Flag.firstTrigger : 0) |
    (photflag & PHOTFLAG.saturated ? Flag.saturated : 0);
}

/** Returns the PHOTFLAG of bits of `Flag`; forced and upper limit have no bit in it. */
export function photflagOf(flag: number): number {
  return (flag & Flag.detected ? PHOTFLAG.detected : 0) |
    (flag & Flag.firstTrigger ? PHOTFLAG.firstTrigger : 0) |
    (flag & Flag.saturated ? PHOTFLAG.saturated : 0);
}

/** Column of all bits of `Flag`, which this library adds where PHOTFLAG cannot hold them. */
export const OWN_FLAGS = "EPHEMERA_FLAGS";

/** Whether a set has flags that PHOTFLAG cannot hold: it says nothing of forced photometry, which all of SNANA's is, nor of upper limits. */
export function hasOwnFlags({ flags }: LightCurveSet): boolean {
  return flags?.some((flag) => (flag & Flag.forced) === 0 || (flag & Flag.upperLimit) !== 0) ?? false;
}

/**
 * Returns labels from type codes: negative codes (SNANA's -9) and NaN are unknown, codes of one name are one class, classes come by
 * their lowest code.
 * @param names what the codes are called; others keep their digits as name.
 */
export function labelsOfCodes(
  codes: ArrayLike<number>,
  names: Readonly<Record<string, string>> = {},
): { labels: Int32Array; classNames: string[] } {
  const known = [...new Set(Array.from(codes))].filter((code) => code >= 0).sort((a, b) => a - b);
  const nameOf = (code: number) => names[code] ?? String(code);
  const classNames = [...new Set(known.map(nameOf))],
    places = new Map(classNames.map((name, k) => [name, k]));
  return { labels: Int32Array.from(codes, (code) => code >= 0 ? places.get(nameOf(code))! : -1), classNames };
}

/** Returns the names in the entry FILTERS: one letter a filter, or longer names with commas between them. */
export function filterNames(filters: string): string[] {
  return filters.split(filters.includes(",") ? "," : "").filter((name) => name !== "");
}

/** Returns the entry FILTERS for bands; {@link filterNames} gives them back. */
export function formatFilters(bands: readonly string[]): string {
  // One letter a band is SNANA's way; longer names need something between them.
  return bands.every(({ length }) => length === 1) ? bands.join("") : bands.join(",") + ",";
}
