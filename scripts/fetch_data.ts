/** Downloads public releases of data: `deno task fetch-data NAME`. */
import { join, resolve } from "node:path";
import { exitOnSignals, fetchFile, parseArguments, PROJECT_ROOT, refuse, RELEASES } from "ephemera/commands";
import { EphemeraError, textProgress } from "ephemera/core";

const USAGE = `
Usage: deno task fetch-data [options] [NAME ...]

Downloads releases into a cache and checks them. An interrupted download goes on where it stopped when the command is run
again. Without a name, lists the releases.

  --folder F   the cache (default: .cache/data in the project)
  --only FILE  fetch this file of the release only (may be given several times)
`;

exitOnSignals();
const { values, positionals } = parseArguments(Deno.args, USAGE, {
  folder: { type: "string" },
  only: { type: "string", multiple: true },
});
if (positionals.length === 0) {
  for (const [name, { title, page, citation }] of Object.entries(RELEASES)) {
    console.log(`${name}: ${title}\n  ${page}\n  cite: ${citation}`);
  }
  Deno.exit(0);
}
const unknown = positionals.find((name) => !Object.hasOwn(RELEASES, name));
if (unknown !== undefined) {
  refuse(`Expected one of the releases ${Object.keys(RELEASES).join(", ")}, found "${unknown}".`, USAGE);
}
const files = positionals.flatMap((release) => RELEASES[release].files.map((file) => ({ release, file })));
const wrong = values.only?.find((name) => !files.some(({ file }) => file.name === name));
if (wrong !== undefined) {
  refuse(
    `Expected one of the files ${files.map(({ file }) => file.name).join(", ")}, found "${wrong}".`,
    USAGE,
  );
}
const cache = resolve(values.folder ?? join(PROJECT_ROOT, ".cache", "data"));
const OUTCOMES = {
  present: "was there, whole",
  verified: "has the digest it must have",
  first: "no digest was known: this one is noted beside it, and holds from now on",
};
let failed = 0;
for (const { release, file } of files) {
  if (values.only !== undefined && !values.only.includes(file.name)) continue;
  try {
    const progress = textProgress({ label: file.name });
    const { path, bytes, sha256, outcome } = await fetchFile(file, join(cache, release), { progress });
    console.log(`${path}: ${bytes} bytes, sha256 ${sha256}, ${OUTCOMES[outcome]}`);
  } catch (error) {
    if (!(error instanceof EphemeraError)) throw error;
    failed++;
    console.error(error.message);
  }
}
if (failed > 0) Deno.exit(1);
