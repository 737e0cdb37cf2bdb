import assert from "node:assert/strict";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url)), lib = join(root, "lib");

/** The floors of the library: a folder imports only from itself and from floors below its own. */
const FLOORS = [
  ["core"],
  ["numerics", "astronomy", "tensor"],
  ["observations", "signal", "learn", "layers"],
  ["formats", "features", "sources"],
  ["datasets"],
  ["survey"],
  ["imaging"],
  ["chapters"],
  ["figures", "notebook", "reproduce", "commands"],
];
const floorOf = new Map(
  FLOORS.flatMap((folders, floor) => folders.map((folder) => [folder, floor] as const)),
);

function sources(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    return isDirectory ? sources(path) : name.endsWith(".ts") ? [path] : [];
  });
}

/** What a file imports or re-exports, types and modules loaded on demand included; examples in comments are not the file's. */
function imports(path: string): string[] {
  const code = Deno.readTextFileSync(path).replace(/^\s*\/?\*.*$/gm, "").replace(/^\s*\/\/.*$/gm, "");
  const fixed = code.matchAll(/\b(?:import|export)\s(?:[\w$*{},\s]*\bfrom\s*)?["']([^"']+)["']/g);
  const onDemand = code.matchAll(/\bimport(?:\.meta\.resolve)?\(\s*["'`]([^"'`]+)["'`]/g);
  return [...fixed, ...onDemand].map(([, specifier]) => specifier);
}

/** Folder and, for a chapter or what belongs to one, the next folder: `["chapters", "novelty"]`. */
const placeOf = (path: string): string[] => relative(lib, path).split(sep);

const files = sources(lib).map((path) => ({ path, name: relative(root, path), imports: imports(path) }));

/** Each import of one file of the library by another, `[importing, imported]`; facts in `data/` stand on no floor. */
const edges = files.flatMap(({ path, imports }) =>
  imports.filter((specifier) => /^(\.|ephemera(\/|$))/.test(specifier)).map((specifier) => [
    path,
    specifier.startsWith(".") ? join(dirname(path), specifier) : specifier.replace("ephemera", lib),
  ])
).filter(([, imported]) => imported.startsWith(lib));

Deno.test("a folder of the library imports only from itself and from floors below its own", () => {
  const wrong = edges.filter(([from, to]) => {
    const [own] = placeOf(from), [other] = placeOf(to);
    if (own === "mod.ts" || own === other) return false;
    assert.ok(floorOf.has(own), `lib/${own} stands on a floor`);
    return !(floorOf.get(other)! < floorOf.get(own)!);
  });
  assert.deepEqual(wrong.map((edge) => edge.map((path) => relative(root, path)).join(" -> ")), []);
  // The parser has seen what it is to judge: imports within one line and over several, and those on demand.
  assert.ok(edges.length > files.length, `${edges.length} imports in ${files.length} files`);
});

Deno.test("chapters do not import one another", () => {
  const wrong = edges.filter(([from, to]) => {
    const [own, chapter] = placeOf(from), [other, imported] = placeOf(to);
    return own === "chapters" && other === "chapters" && chapter !== imported;
  });
  assert.deepEqual(wrong.map((edge) => edge.map((path) => relative(root, path)).join(" -> ")), []);
});

Deno.test("only lib/tensor imports the packages of TensorFlow.js", () => {
  const users = files.filter(({ imports }) => imports.some((name) => /^(npm:)?@tensorflow\//.test(name)));
  assert.ok(users.length > 0);
  assert.deepEqual(
    users.map(({ name }) => name).filter((name) => !name.startsWith(join("lib", "tensor", sep))),
    [],
  );
});

Deno.test("every folder of the library has an export path, the same for its own imports and for others", () => {
  const settings = JSON.parse(Deno.readTextFileSync(join(root, "deno.json")));
  const own = Object.entries<string>(settings.imports).filter(([name]) => /^ephemera(\/|$)/.test(name));
  assert.deepEqual(
    settings.exports,
    Object.fromEntries(own.map(([name, path]) => [name.replace("ephemera", "."), path])),
  );
  const folders = [...Deno.readDirSync(lib)].filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
  for (const folder of folders) {
    assert.ok(own.some(([name]) => name.split("/")[1] === folder), `lib/${folder} has an export path`);
  }
  for (const [, path] of own) assert.ok(Deno.statSync(join(root, path)).isFile);
});
