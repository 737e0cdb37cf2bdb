/**
 * Fetching the public releases of data: with resume, checksum and a limit of size, so that what lies in the cache under its
 * name is whole and is what was meant.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { demand, EphemeraError, type ProgressReporter, silent } from "../core/mod.ts";
import { writeAtomically } from "./files.ts";

/** One file of a release. */
export interface ReleaseFile {
  /** Name in the cache, and of the file itself. */
  name: string;
  /** Where it is. */
  url: string;
  /** Its digest as the archive states it, `"md5:..."` or `"sha256:..."`; absent where none is stated. */
  digest?: string;
  /** Its length in bytes, where it is known. */
  bytes?: number;
  /** Refuse a longer one. */
  maximumBytes: number;
}

/** A public release of data. */
export interface Release {
  /** One line on what it is. */
  title: string;
  /** What to cite. */
  citation: string;
  /** Its page. */
  page: string;
  files: readonly ReleaseFile[];
}

/** Options of {@link fetchFile}. */
export interface FetchFileOptions {
  /** Where to say how far it is. Default nowhere. */
  progress?: ProgressReporter;
  /** How often to take up a broken connection again in a row without a new byte. Default 5. */
  attempts?: number;
  /** Milliseconds to wait before the second attempt, doubled each time. Default 1000. */
  pause?: number;
  /** Milliseconds without a byte after which a connection counts as broken. Default 60,000. */
  patience?: number;
  /** Stops the download; what has come stays for the next time. */
  signal?: AbortSignal;
}

/** What became of one file. */
export interface FetchedFile {
  path: string;
  bytes: number;
  /** SHA-256 of the file, in hexadecimal. */
  sha256: string;
  /** `"present"`: it was there, whole. `"verified"`: fetched, its digest as stated. `"first"`: fetched, no digest was known. */
  outcome: "present" | "verified" | "first";
}

/** What the cache remembers of a file beside it: its digest when it came first, which later copies are held against. */
interface Remembered {
  url: string;
  bytes: number;
  sha256: string;
}

/** What an unfinished download remembers, to tell whether the rest belongs to it. */
interface Unfinished {
  url: string;
  /** The server's name for this version of the file. */
  version: string | null;
}

/**
 * Fetches one file into a folder and returns where it is and its digest.
 *
 * It comes under the name with `.part`, is flushed, checked, and renamed last: a file under its own name is whole. A broken
 * connection is taken up again where it ended (HTTP Range), within the call and in a later one, as long as the server says
 * that it is still the same version; a server that sends the whole file all the same is heard from its beginning. Where no digest is stated, the
 * file's own is kept beside it (`NAME.sha256.json`) and holds from then on.
 *
 * @throws EphemeraError when the server refuses, when the file is longer than allowed or not as long as was said, when its
 * digest is another than stated (the file is removed), or when the connection stays broken.
 */
export async function fetchFile(
  file: ReleaseFile,
  folder: string,
  options: FetchFileOptions = {},
): Promise<FetchedFile> {
  demandPlainName(file.name);
  await Deno.mkdir(folder, { recursive: true });
  const path = join(folder, file.name), remembered = await readJson<Remembered>(`${path}.sha256.json`);
  const present = await sizeOf(path);
  if (present !== undefined) {
    const found = await digestsOf(path, options);
    const same = file.digest === undefined
      ? remembered !== undefined && remembered.sha256 === found.sha256
      : matches(file.digest, found);
    if (same) return { path, bytes: present, sha256: found.sha256, outcome: "present" };
    throw new EphemeraError({
      expected: `a file with the digest ${file.digest ?? remembered?.sha256 ?? "that its download noted"}`,
      found: `${file.digest?.startsWith("md5:") ? found.md5 : found.sha256}`,
      where: path,
      remedy: "remove the file and fetch it again",
    });
  }
  const part = `${path}.part`;
  await download(file, part, options);
  const found = await digestsOf(part, options), bytes = (await sizeOf(part))!;
  const wanted = file.digest ?? (remembered && `sha256:${remembered.sha256}`);
  if (wanted !== undefined && !matches(wanted, found)) {
    await forget(part);
    throw new EphemeraError({
      expected: `the digest ${wanted}`,
      found: wanted.startsWith("md5:") ? `md5:${found.md5}` : `sha256:${found.sha256}`,
      where: file.url,
      remedy: "fetch it again; if it comes out the same, the file at its source has changed",
    });
  }
  const note: Remembered = { url: file.url, bytes, sha256: found.sha256 };
  await writeAtomically(`${path}.sha256.json`, JSON.stringify(note, null, 2) + "\n");
  await Deno.rename(part, path);
  await Deno.remove(`${part}.json`).catch(ignoreAbsence);
  return { path, bytes, sha256: found.sha256, outcome: wanted === undefined ? "first" : "verified" };
}

function demandPlainName(name: string): void {
  demand(/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) && !name.endsWith(".part"), () => ({
    expected: "a plain file name",
    found: `"${name}"`,
    where: "fetchFile",
  }));
}

/** A connection that broke, as against a server that refuses: worth another attempt. */
class Broken extends Error {}

async function download(file: ReleaseFile, part: string, options: FetchFileOptions): Promise<void> {
  const { attempts = 5, pause = 1000, progress = silent, signal } = options;
  let failures = 0;
  for (;;) {
    const before = await sizeOf(part) ?? 0;
    try {
      await oneConnection(file, part, options);
      progress.finish();
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Broken)) throw error;
      const after = await sizeOf(part) ?? 0;
      failures = after > before ? 1 : failures + 1;
      if (failures >= attempts) {
        throw new EphemeraError({
          expected: "the whole file",
          found: `${after} bytes, then ${error.message}, ${failures} times in a row`,
          where: file.url,
          remedy: "run the command again: it goes on where it stopped",
          cause: error,
        });
      }
      progress.update(after, file.bytes ?? file.maximumBytes, `broken off: ${error.message}; again`);
      await new Promise((resolve) => setTimeout(resolve, pause * 2 ** (failures - 1)));
    }
  }
}

/** Fetches what is missing over one connection. */
async function oneConnection(file: ReleaseFile, part: string, options: FetchFileOptions): Promise<void> {
  const { patience = 60_000, progress = silent } = options;
  const state = await readJson<Unfinished>(`${part}.json`);
  let have = await sizeOf(part) ?? 0;
  // Without a version that the server vouches for, the rest might be of another file.
  if (have > 0 && (state?.url !== file.url || state.version === null)) {
    await forget(part);
    have = 0;
  }
  const stop = new AbortController(), abort = () => stop.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", abort);
  let timer = setTimeout(() => stop.abort(), patience);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(), patience);
  };
  try {
    const headers: Record<string, string> = { "accept-encoding": "identity" };
    if (have > 0) {
      headers.range = `bytes=${have}-`;
      headers["if-range"] = state!.version!;
    }
    const response = await fetch(file.url, { headers, signal: stop.signal }).catch((cause) => {
      // A host that the command may not reach stays so.
      if (cause instanceof Deno.errors.NotCapable) throw cause;
      throw new Broken(`no answer (${cause instanceof Error ? cause.message : cause})`);
    });
    const { start, total } = await begin(file, part, response, have);
    const version = strongVersion(response.headers);
    await writeAtomically(`${part}.json`, JSON.stringify({ url: file.url, version } satisfies Unfinished));
    const output = await Deno.open(part, { write: true, create: true });
    try {
      await output.truncate(start);
      await output.seek(start, Deno.SeekMode.Start);
      let at = start;
      try {
        for await (const chunk of response.body ?? []) {
          alive();
          if (at + chunk.length > Math.min(file.maximumBytes, total ?? Infinity)) {
            await refuseLength(file, part, at + chunk.length, total);
          }
          let rest: Uint8Array = chunk;
          while (rest.length > 0) rest = rest.subarray(await output.write(rest));
          at += chunk.length;
          progress.update(at, total ?? file.maximumBytes, file.name);
        }
      } catch (error) {
        if (error instanceof EphemeraError) throw error;
        throw new Broken(`the connection broke (${error instanceof Error ? error.message : error})`);
      }
      if (total !== undefined && at < total) {
        throw new Broken(`the connection ended at ${at} of ${total} bytes`);
      }
      if (file.bytes !== undefined && at !== file.bytes) await refuseLength(file, part, at, total);
      await output.sync();
    } finally {
      output.close();
    }
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", abort);
  }
}

/** Judges an answer's head: where its bytes begin, and how long the file is to be. */
async function begin(
  file: ReleaseFile,
  part: string,
  response: Response,
  have: number,
): Promise<{ start: number; total?: number }> {
  const { status, headers } = response;
  const fail = async (error: Error): Promise<never> => {
    await response.body?.cancel().catch(() => {});
    throw error;
  };
  if (status === 416) {
    // What is here is longer than what is there: it was another version.
    await forget(part);
    return await fail(new Broken("nothing follows what is here"));
  }
  if (status === 408 || status === 429 || status >= 500) return await fail(new Broken(`status ${status}`));
  if (status !== 200 && status !== 206) {
    return await fail(
      new EphemeraError({
        expected: "the file",
        found: `status ${status}`,
        where: file.url,
        remedy: "see whether the release has moved",
      }),
    );
  }
  const length = wholeNumber(headers.get("content-length"));
  let start = 0, total = length;
  if (status === 206) {
    const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
    const from = wholeNumber(range?.[1]), to = wholeNumber(range?.[2]);
    if (
      have === 0 || from !== have || to === undefined || (length !== undefined && length !== to - from + 1)
    ) {
      await forget(part);
      return await fail(new Broken("a piece came that was not asked for"));
    }
    start = have;
    total = wholeNumber(range?.[3]) ?? to + 1;
  }
  const wanted = file.bytes;
  if (total !== undefined && (total > file.maximumBytes || (wanted !== undefined && total !== wanted))) {
    await response.body?.cancel().catch(() => {});
    await refuseLength(file, part, total, total);
  }
  return { start, total: total ?? wanted };
}

async function refuseLength(file: ReleaseFile, part: string, found: number, said?: number): Promise<never> {
  await forget(part);
  const expected = file.bytes !== undefined
    ? `${file.bytes} bytes`
    : found > file.maximumBytes
    ? `at most ${file.maximumBytes} bytes`
    : `${said} bytes, as the server said`;
  throw new EphemeraError({
    expected,
    found: file.bytes !== undefined && found < file.bytes ? String(found) : `${found} or more`,
    where: file.url,
    remedy: "see whether the file at its source has changed",
  });
}

/** The server's name for this version of a file that If-Range takes: a strong entity tag, or the time of the last change. */
function strongVersion(headers: Headers): string | null {
  const tag = headers.get("etag");
  return tag !== null && !tag.startsWith("W/") ? tag : headers.get("last-modified");
}

function wholeNumber(text: string | null | undefined): number | undefined {
  const number = text && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  return number;
}

function matches(digest: string, found: { md5: string; sha256: string }): boolean {
  const [kind, value] = digest.split(":");
  return (kind === "md5" ? found.md5 : kind === "sha256" ? found.sha256 : undefined) === value;
}

async function digestsOf(
  path: string,
  { signal }: FetchFileOptions,
): Promise<{ md5: string; sha256: string }> {
  const md5 = createHash("md5"), sha256 = createHash("sha256");
  for await (const chunk of (await Deno.open(path)).readable) {
    signal?.throwIfAborted();
    md5.update(chunk);
    sha256.update(chunk);
  }
  return { md5: md5.digest("hex"), sha256: sha256.digest("hex") };
}

function ignoreAbsence(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

async function forget(part: string): Promise<void> {
  await Deno.remove(part).catch(ignoreAbsence);
  await Deno.remove(`${part}.json`).catch(ignoreAbsence);
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    ignoreAbsence(error);
    return undefined;
  }
}

/** A note beside a file; one that cannot be read counts as none. */
async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    ignoreAbsence(error);
    return undefined;
  }
}
