/**
 * Checkpoints of a training run: one safetensors file each, in a folder, named by step. A checkpoint holds everything
 * that the rest of the run depends on; a digest over all of it tells a damaged file from a sound one, and the two newest
 * are kept, so that a damaged newest costs one interval and not the run.
 */
import { join } from "node:path";
import { demand, EphemeraError } from "../../core/mod.ts";
import type { NamedArrays } from "../interchange/named_arrays.ts";
import { decodeSafetensors, encodeSafetensors } from "../interchange/safetensors.ts";
import { writeAtomically } from "../interchange/write_atomically.ts";

/** Content of a checkpoint. */
export interface Checkpoint {
  /** Steps taken. */
  step: number;
  /** Plain data (must survive JSON). */
  facts: Record<string, unknown>;
  /** Arrays by group, e.g. `parameters`, `optimizer`, `history`. */
  groups: Record<string, NamedArrays>;
}

const FORMAT = "ephemera-checkpoint-1";
const NAME = /^checkpoint-(\d{9,})\.safetensors$/;

/** How many checkpoints a folder keeps. */
const KEPT = 2;

/** Writes a checkpoint into a folder (made when missing) and removes those older than the newest two. Returns its path. */
export async function writeCheckpoint(directory: string, checkpoint: Checkpoint): Promise<string> {
  await Deno.mkdir(directory, { recursive: true });
  const arrays: NamedArrays = new Map();
  for (const [group, members] of Object.entries(checkpoint.groups)) {
    for (const [name, array] of members) arrays.set(`${group}/${name}`, array);
  }
  const facts = JSON.stringify({
    step: checkpoint.step,
    groups: Object.keys(checkpoint.groups),
    facts: checkpoint.facts,
  });
  const digest = await digestOf(facts, arrays);
  const path = join(directory, `checkpoint-${String(checkpoint.step).padStart(9, "0")}.safetensors`);
  await writeAtomically(path, encodeSafetensors(arrays, { metadata: { format: FORMAT, facts, digest } }));
  for (const { path: old } of (await listCheckpoints(directory)).slice(KEPT)) await Deno.remove(old);
  for await (const entry of Deno.readDir(directory)) {
    // Left by a process that was killed while it wrote; the name says that nothing ever reads it.
    if (/^checkpoint-.*\.partial$/.test(entry.name)) await Deno.remove(join(directory, entry.name));
  }
  return path;
}

/** Returns the checkpoints of a folder, newest first; none when there is no such folder. */
export async function listCheckpoints(directory: string): Promise<{ step: number; path: string }[]> {
  const found: { step: number; path: string }[] = [];
  try {
    for await (const entry of Deno.readDir(directory)) {
      const match = NAME.exec(entry.name);
      if (match !== null) found.push({ step: Number(match[1]), path: join(directory, entry.name) });
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort((a, b) => b.step - a.step);
}

/**
 * Reads one checkpoint.
 *
 * @throws EphemeraError when the file is cut short, damaged or no checkpoint
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const { arrays, metadata } = decodeSafetensors(await Deno.readFile(path), { where: path });
  demand(metadata.format === FORMAT, {
    expected: `a file of format ${FORMAT}`,
    found: String(metadata.format),
    where: path,
    remedy: "give training a checkpoint folder of its own",
  });
  demand(metadata.digest === await digestOf(metadata.facts, arrays), {
    expected: "content that agrees with its digest",
    found: "damaged content",
    where: path,
    remedy: "remove the file; training goes on from the checkpoint before it",
  });
  const { step, groups: names, facts } = JSON.parse(metadata.facts);
  const groups: Record<string, NamedArrays> = Object.fromEntries(
    (names as string[]).map((name) => [name, new Map()]),
  );
  for (const [full, array] of arrays) {
    const slash = full.indexOf("/");
    groups[full.slice(0, slash)].set(full.slice(slash + 1), array);
  }
  return { step, facts, groups };
}

/**
 * Returns the newest sound checkpoint of a folder, or undefined when there is none at all. Damaged ones are reported to
 * `warn` and passed over.
 *
 * @throws EphemeraError when there are checkpoints and every one of them is damaged
 */
export async function readNewestCheckpoint(
  directory: string,
  warn: (sentence: string) => void,
): Promise<Checkpoint | undefined> {
  const candidates = await listCheckpoints(directory);
  let cause: unknown;
  for (const { path } of candidates) {
    try {
      return await readCheckpoint(path);
    } catch (error) {
      if (!(error instanceof EphemeraError)) throw error;
      cause = error;
      warn(`Passed over a checkpoint that cannot be used. ${error.message}`);
    }
  }
  if (candidates.length === 0) return undefined;
  throw new EphemeraError({
    expected: "a sound checkpoint",
    found: `${candidates.length} damaged ones`,
    where: directory,
    remedy: "remove them to begin anew",
    cause,
  });
}

/** SHA-256 over the facts and over name, shape, type and bytes of each array, in the order of names. */
async function digestOf(facts: string, arrays: NamedArrays): Promise<string> {
  const sorted = [...arrays].sort(([a], [b]) => a < b ? -1 : 1);
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [encoder.encode(facts)];
  for (const [name, { shape, dtype, data }] of sorted) {
    parts.push(encoder.encode(JSON.stringify([name, dtype, shape])));
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", all));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
