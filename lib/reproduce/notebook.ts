/**
 * Jupyter notebooks as data (nbformat 4): reading, checking, and writing them in one canonical form, so that an
 * executed notebook is valid for `nbformat.validate` and its difference in version control is small.
 */
import { demand, EphemeraError } from "../core/mod.ts";

/** Text as nbformat stores it: one string, or a list of lines that each keep their line feed. */
export type MultilineText = string | string[];

/** What one output shows, by MIME type; JSON types hold plain data, the others text (images in base64). */
export type MimeBundle = Record<string, unknown>;

/** Text written to standard output or standard error by a cell. */
export interface StreamOutput {
  output_type: "stream";
  name: "stdout" | "stderr";
  text: MultilineText;
}

/** A display that a cell asked for. */
export interface DisplayOutput {
  output_type: "display_data";
  data: MimeBundle;
  metadata: Record<string, unknown>;
}

/** The value of a cell's last expression. */
export interface ResultOutput {
  output_type: "execute_result";
  data: MimeBundle;
  metadata: Record<string, unknown>;
  execution_count: number | null;
}

/** The error that ended a cell. */
export interface ErrorOutput {
  output_type: "error";
  ename: string;
  evalue: string;
  traceback: string[];
}

/** One output of a code cell. */
export type Output = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput;

/** A cell of code with what it showed when it last ran. */
export interface CodeCell {
  cell_type: "code";
  id?: string;
  metadata: Record<string, unknown>;
  source: MultilineText;
  execution_count: number | null;
  outputs: Output[];
}

/** A cell of text: Markdown, or raw text that no renderer touches. */
export interface TextCell {
  cell_type: "markdown" | "raw";
  id?: string;
  metadata: Record<string, unknown>;
  source: MultilineText;
  attachments?: Record<string, MimeBundle>;
}

/** A cell of a notebook. */
export type Cell = CodeCell | TextCell;

/** A notebook in nbformat 4. */
export interface Notebook {
  nbformat: number;
  nbformat_minor: number;
  metadata: Record<string, unknown>;
  cells: Cell[];
}

/** The text of a {@link MultilineText} as one string. */
export function joinText(text: MultilineText): string {
  return typeof text === "string" ? text : text.join("");
}

/** The tags of a cell; an empty list where it has none. */
export function cellTags(cell: Cell): string[] {
  const tags = cell.metadata.tags;
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
}

/**
 * The notebook's title: the first level-one heading of its Markdown cells, or `fallback` (say, its file name) where
 * there is none.
 */
export function notebookTitle(notebook: Notebook, fallback: string): string {
  for (const cell of notebook.cells) {
    if (cell.cell_type !== "markdown") continue;
    const heading = joinText(cell.source).match(/^#[ \t]+(.+?)[ \t]*#*$/m);
    if (heading !== null) return heading[1];
  }
  return fallback;
}

/** True for a non-null, non-array object. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isMultilineText(value: unknown): value is MultilineText {
  return typeof value === "string" ||
    (Array.isArray(value) && value.every((line) => typeof line === "string"));
}

/**
 * Parses the text of an `.ipynb` file and checks what the rest of this folder relies on.
 *
 * @param text The file's content.
 * @param where The file's name, for error messages.
 * @throws EphemeraError when it is not JSON, not nbformat 4, or a cell is malformed.
 * @example
 * ```ts
 * import { notebookTitle, parseNotebook } from "ephemera/reproduce";
 * import assert from "node:assert/strict";
 * const text = JSON.stringify({
 *   nbformat: 4,
 *   nbformat_minor: 5,
 *   metadata: {},
 *   cells: [{ cell_type: "markdown", metadata: {}, source: ["# Novae\n", "They fade."] }],
 * });
 * assert.equal(notebookTitle(parseNotebook(text, "novae.ipynb"), "?"), "Novae");
 * ```
 */
export function parseNotebook(text: string, where: string): Notebook {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const found = text.trim() === ""
      ? "an empty file"
      : String(cause instanceof Error ? cause.message : cause);
    throw new EphemeraError({ expected: "a notebook in JSON", found, where, cause });
  }
  demand(isRecord(value) && Array.isArray(value.cells), {
    expected: "a notebook: an object with a list of cells",
    found: isRecord(value) ? `the keys ${Object.keys(value).join(", ") || "(none)"}` : typeof value,
    where,
  });
  demand(value.nbformat === 4, {
    expected: "nbformat 4",
    found: `nbformat ${String(value.nbformat)}`,
    where,
    remedy: "save it once with a current Jupyter",
  });
  const cells = value.cells.map((cell, index) => parseCell(cell, `${where}, cell ${index + 1}`));
  return {
    nbformat: 4,
    nbformat_minor: typeof value.nbformat_minor === "number" ? value.nbformat_minor : 0,
    metadata: isRecord(value.metadata) ? value.metadata : {},
    cells,
  };
}

function parseCell(cell: unknown, where: string): Cell {
  demand(isRecord(cell), { expected: "an object", found: typeof cell, where });
  const kind = cell.cell_type;
  demand(kind === "code" || kind === "markdown" || kind === "raw", {
    expected: "a cell of type code, markdown or raw",
    found: String(kind),
    where,
  });
  demand(isMultilineText(cell.source), {
    expected: "a source that is text or a list of lines",
    found: typeof cell.source,
    where,
  });
  const common = {
    ...(typeof cell.id === "string" ? { id: cell.id } : {}),
    metadata: isRecord(cell.metadata) ? cell.metadata : {},
    source: cell.source,
  };
  if (kind !== "code") {
    const attachments = isRecord(cell.attachments) ? { attachments: cell.attachments } : {};
    return { cell_type: kind, ...common, ...attachments } as TextCell;
  }
  const outputs = Array.isArray(cell.outputs) ? cell.outputs : [];
  return {
    cell_type: "code",
    ...common,
    execution_count: typeof cell.execution_count === "number" ? cell.execution_count : null,
    outputs: outputs.map((output, index) => parseOutput(output, `${where}, output ${index + 1}`)),
  };
}

function parseOutput(output: unknown, where: string): Output {
  demand(isRecord(output), { expected: "an object", found: typeof output, where });
  const metadata = isRecord(output.metadata) ? output.metadata : {};
  const data = isRecord(output.data) ? output.data : {};
  switch (output.output_type) {
    case "stream":
      return {
        output_type: "stream",
        name: output.name === "stderr" ? "stderr" : "stdout",
        text: isMultilineText(output.text) ? output.text : "",
      };
    case "display_data":
      return { output_type: "display_data", data, metadata };
    case "execute_result": {
      const count = typeof output.execution_count === "number" ? output.execution_count : null;
      return { output_type: "execute_result", data, metadata, execution_count: count };
    }
    case "error":
      return {
        output_type: "error",
        ename: String(output.ename ?? ""),
        evalue: String(output.evalue ?? ""),
        traceback: Array.isArray(output.traceback) ? output.traceback.map(String) : [],
      };
    default:
      throw new EphemeraError({
        expected: "an output of type stream, display_data, execute_result or error",
        found: String(output.output_type),
        where,
      });
  }
}

/** Reads the notebook file at `path`. Errors: those of {@link parseNotebook}, and a missing or unreadable file. */
export async function readNotebook(path: string): Promise<Notebook> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    throw new EphemeraError({
      expected: "a notebook that can be read",
      found: cause instanceof Deno.errors.NotFound ? "no such file" : String(cause),
      where: path,
      cause,
    });
  }
  return parseNotebook(text, path);
}

/** MIME types that nbformat stores as they are: JSON as data, binary images as one base64 string. */
function isStoredWhole(mime: string): boolean {
  return /^application\/(.*\+)?json$/.test(mime) || (mime.startsWith("image/") && mime !== "image/svg+xml");
}

/** Text as a list of lines that each keep their line feed: the form in which a change shows line by line. */
function toLines(text: MultilineText): string[] {
  const whole = joinText(text);
  return whole === "" ? [] : whole.split(/(?<=\n)/);
}

function canonicalBundle(data: MimeBundle): MimeBundle {
  return Object.fromEntries(
    Object.entries(data).map(([mime, value]) => {
      if (isStoredWhole(mime)) {
        return [mime, Array.isArray(value) && !/json$/.test(mime) ? value.join("") : value];
      }
      return [mime, isMultilineText(value) ? toLines(value) : value];
    }),
  );
}

function canonicalOutput(output: Output): Output {
  switch (output.output_type) {
    case "stream":
      return { output_type: "stream", name: output.name, text: toLines(output.text) };
    case "error":
      return output;
    case "display_data":
      return { output_type: "display_data", data: canonicalBundle(output.data), metadata: output.metadata };
    case "execute_result":
      return {
        output_type: "execute_result",
        data: canonicalBundle(output.data),
        metadata: output.metadata,
        execution_count: output.execution_count,
      };
  }
}

/**
 * The notebook in canonical form: nbformat 4.5, a unique valid id on each cell (`cell-1`, `cell-2`, ... where one is
 * missing or repeated), text as lists of lines. The argument is not changed.
 */
export function canonicalNotebook(notebook: Notebook): Notebook {
  const taken = new Set<string>();
  for (const { id } of notebook.cells) if (id !== undefined) taken.add(id);
  const used = new Set<string>();
  const cells = notebook.cells.map((cell, index): Cell => {
    let id = cell.id;
    if (id === undefined || !/^[a-zA-Z0-9_-]{1,64}$/.test(id) || used.has(id)) {
      id = `cell-${index + 1}`;
      for (let tries = 2; taken.has(id) || used.has(id); tries++) id = `cell-${index + 1}-${tries}`;
    }
    used.add(id);
    const source = toLines(cell.source);
    if (cell.cell_type === "code") {
      return {
        cell_type: "code",
        id,
        metadata: cell.metadata,
        source,
        execution_count: cell.execution_count,
        outputs: cell.outputs.map(canonicalOutput),
      };
    }
    const attachments = cell.attachments === undefined ? {} : { attachments: cell.attachments };
    return { cell_type: cell.cell_type, id, metadata: cell.metadata, source, ...attachments };
  });
  return { nbformat: 4, nbformat_minor: 5, metadata: notebook.metadata, cells };
}

/** The text of an `.ipynb` file: the canonical form, indented by one space as Jupyter does, with a final line feed. */
export function formatNotebook(notebook: Notebook): string {
  const { cells, metadata, nbformat, nbformat_minor } = canonicalNotebook(notebook);
  return JSON.stringify({ cells, metadata, nbformat, nbformat_minor }, null, 1) + "\n";
}
