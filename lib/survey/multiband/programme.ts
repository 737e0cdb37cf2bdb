/** How often a survey comes back to a field and in which bands, as data. */
import { demand } from "../../core/mod.ts";
import { Fields } from "../describe.ts";

/** What is done to a field in one night: visits one after another. */
export interface Block {
  /** How often it is chosen among the blocks that the Moon allows, in any unit. */
  share: number;
  /** Range of the Moon's lit fraction in which it is chosen at all. */
  moon: readonly [number, number];
  /** Index into the survey's bands of each visit. */
  bands: readonly number[];
  /** Exposure sequences added up into each of these visits, at least 1. */
  stacks: readonly number[];
  /** Range of days between one visit and the next, drawn once a night. */
  spacing: readonly [number, number];
}

/** Seasons in which a part of the fields gets more visits and the others fewer. */
export interface Rolling {
  /** Fields are parted into this many sets, each of which has its turn every so many years. */
  sets: number;
  /** Rate of visits in the year of a set over the mean. */
  high: number;
  /** Rate of visits in the other years over the mean. */
  low: number;
}

/** One rhythm in which a survey comes back; several can go on side by side. */
export interface Programme {
  /** Mean days from one observed night to the next in a field that can be seen, before clouds. */
  interval: number;
  /** 1 for nights at random, larger for regular ones: the shape of the gamma distribution of the waiting time. */
  regularity: number;
  /** What a night can hold. */
  blocks: readonly Block[];
  /** Rolling seasons, if any. */
  rolling: Rolling | null;
}

/** Reads a programme whose blocks name the bands in `bands`. */
export function parseProgramme(description: unknown, bands: readonly string[], where: string): Programme {
  const fields = new Fields(description, where);
  const rolling = fields.raw("rolling") === null ? null : fields.object("rolling");
  const programme: Programme = {
    interval: fields.number("interval", 0.5, 1e4),
    regularity: fields.number("regularity", 0.1, 1e4),
    blocks: fields.list("blocks").map((block, i) => parseBlock(block, bands, `${where}, block ${i + 1}`)),
    rolling: rolling && {
      sets: wholeNumber(rolling, "sets", 2, 100, `${where}, rolling`),
      high: rolling.number("high", 0, 100),
      low: rolling.number("low", 0, 100),
    },
  };
  rolling?.done();
  fields.done();
  demand(programme.blocks.some(({ share }) => share > 0), {
    expected: "at least one block with a positive share",
    found: "none",
    where,
  });
  return programme;
}

function parseBlock(description: unknown, bands: readonly string[], where: string): Block {
  const fields = new Fields(description, where);
  const visits = fields.list("visits").map((visit, i) => {
    const inside = new Fields(visit, `${where}, visit ${i + 1}`), name = inside.text("band");
    const index = bands.indexOf(name), stack = inside.number("stack", 1, 1e4);
    inside.done();
    demand(index >= 0, () => ({
      expected: `one of the bands ${bands.join(", ")}`,
      found: `"${name}"`,
      where: `${where}, visit ${i + 1}`,
    }));
    return { index, stack };
  });
  const block: Block = {
    share: fields.number("share", 0, 1e6),
    moon: parseRange(fields.raw("moon"), `${where}, moon`, 0, 1),
    bands: visits.map(({ index }) => index),
    stacks: visits.map(({ stack }) => stack),
    spacing: parseRange(fields.raw("spacing"), `${where}, spacing`, 0, 0.5),
  };
  fields.done();
  return block;
}

/** Reads a whole number from low to high. */
export function wholeNumber(fields: Fields, name: string, low: number, high: number, where: string): number {
  const value = fields.number(name, low, high);
  demand(Number.isInteger(value), () => ({
    expected: "a whole number",
    found: String(value),
    where: `${where}, field "${name}"`,
  }));
  return value;
}

/** Reads `[low, high]` with low < high. */
export function parseRange(
  raw: unknown,
  where: string,
  low: number,
  high: number,
): readonly [number, number] {
  const fits = Array.isArray(raw) && raw.length === 2 && raw.every((x) => typeof x === "number") &&
    raw[0] >= low && raw[1] <= high && raw[0] < raw[1];
  demand(fits, () => ({
    expected: `two ascending numbers from ${low} to ${high}`,
    found: JSON.stringify(raw),
    where,
  }));
  const [from, to] = raw as [number, number];
  return [from, to];
}
