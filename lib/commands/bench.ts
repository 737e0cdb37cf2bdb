/** Benches: lines that compare our time with a peer's, and how they are completed, shown and taken in turns. */

/** One measurement beside a peer's, or alone; further fields (threads, errors, rates) may follow. */
export interface BenchLine {
  name: string;
  /** Our time in milliseconds; null when ours does not run here. */
  ours_ms: number | null;
  /** Name of the peer; null when there is none. */
  peer: string | null;
  /** Its time in milliseconds. */
  peer_ms: number | null;
  /** `peer_ms / ours_ms`: above 1 ours is faster. */
  ratio: number | null;
  [field: string]: unknown;
}

/** A time or ratio with four digits: what lies behind is noise. */
export function fourDigits(value: number): number {
  return Number(value.toPrecision(4));
}

/** The middle of the values; of an even number of them the mean of the two in the middle. NaN of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b), half = sorted.length / 2;
  return sorted.length === 0 ? NaN : (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
}

/**
 * What a bench printed, with all five fields: those that it left out are null, and the ratio is that of the two times.
 * Null for a text that is not a JSON object with a name.
 */
export function readBenchLine(text: string): BenchLine | null {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof given !== "object" || given === null) return null;
  const { name, ours_ms, peer, peer_ms, ratio: _, ...rest } = given as Record<string, unknown>;
  if (typeof name !== "string") return null;
  const time = (value: unknown) => typeof value === "number" && value > 0 ? fourDigits(value) : null;
  const ours = time(ours_ms), theirs = time(peer_ms);
  return {
    name,
    ours_ms: ours,
    peer: typeof peer === "string" ? peer : null,
    peer_ms: theirs,
    ratio: ours !== null && theirs !== null ? fourDigits(theirs / ours) : null,
    ...rest,
  };
}

/** A line of a bench for people: name, both times, ratio, and what else it says. */
export function formatBenchLine({ name, ours_ms, peer, peer_ms, ratio, ...rest }: BenchLine): string {
  const time = (value: number | null) => value === null ? "-" : `${value} ms`;
  const parts = [name.padEnd(52), time(ours_ms).padStart(11)];
  if (peer !== null) {
    parts.push(`${peer} ${time(peer_ms)}`, ratio === null ? "" : `ratio ${ratio.toFixed(2)}`);
  }
  const others = Object.entries(rest).map(([key, value]) =>
    `${key} ${
      typeof value === "number"
        ? fourDigits(value)
        : typeof value === "string"
        ? value
        : JSON.stringify(value)
    }`
  );
  return [...parts, others.join(", ")].filter((part) => part !== "").join("  ");
}

/** Somebody who takes a step when it is their turn and says how many milliseconds it took. */
export type Turn = () => number | Promise<number>;

/**
 * Lets everybody take a step in turn, `rounds` times, and returns the median of each. What slows the machine down for a
 * while then slows all of them.
 */
export async function medianInTurns(turns: readonly Turn[], rounds: number): Promise<number[]> {
  const times: number[][] = turns.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, turn] of turns.entries()) times[index].push(await turn());
  }
  return times.map(medianOf);
}
