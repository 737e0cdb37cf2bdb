/** Draws the figures of executed notebooks as PNG, for looking at them: `deno task figures NOTEBOOK ...`. */
import { basename, join, resolve } from "node:path";
import { numberOption, parseArguments, PROJECT_ROOT, refuse } from "ephemera/commands";
import { toPng } from "ephemera/figures";
import { joinText, type MultilineText, type Notebook, readNotebook } from "ephemera/reproduce";

const USAGE = `
Usage: deno task figures [options] NOTEBOOK.ipynb ...

Writes each SVG that the notebooks' cells show as NAME_CELL_PLACE.png (cells counted from one over all, text included),
and prints the files with the figures' text alternatives.

  --output DIR   folder for the pictures (default reports/figures)
  --scale S      pixels of the picture per pixel of the figure (default 1.5)
`;

const { values, positionals } = parseArguments(Deno.args, USAGE, {
  output: { type: "string", default: join(PROJECT_ROOT, "reports", "figures") },
  scale: { type: "string", default: "1.5" },
});
const scale = numberOption("scale", values.scale, 0.1, USAGE);
if (positionals.length === 0) refuse("Expected at least one notebook.", USAGE);

/** One SVG in a notebook's outputs. */
interface Drawing {
  /** Which cell shows it, from one over all cells. */
  cell: number;
  /** Which of the cell's figures it is, from one. */
  place: number;
  svg: string;
}

function drawings(notebook: Notebook): Drawing[] {
  return notebook.cells.flatMap((cell, index) => {
    if (cell.cell_type !== "code") return [];
    const shown = cell.outputs.flatMap((output) => "data" in output ? [output.data["image/svg+xml"]] : []);
    return shown.filter((svg) => svg !== undefined).map((svg, i) => ({
      cell: index + 1,
      place: i + 1,
      svg: joinText(svg as MultilineText),
    }));
  });
}

await Deno.mkdir(values.output, { recursive: true });
let count = 0;
for (const path of positionals) {
  const name = basename(path).replace(/\.ipynb$/, "");
  for (const { cell, place, svg } of drawings(await readNotebook(resolve(path)))) {
    const file = join(values.output, `${name}_${cell}_${place}.png`);
    await Deno.writeFile(file, await toPng(svg, { scale }));
    const words = /<desc>([^<]*)<\/desc>/.exec(svg)?.[1] ?? "no text alternative";
    console.log(`${file}: ${words}`);
    count++;
  }
}
console.log(`${count} figures`);
