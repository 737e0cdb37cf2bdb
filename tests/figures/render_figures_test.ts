import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { figure, Plot } from "ephemera/figures";

const script = fileURLToPath(new URL("../../scripts/render_figures.ts", import.meta.url));

async function render(...args: string[]): Promise<{ code: number; output: string }> {
  const permissions = ["--allow-read", "--allow-write", "--allow-env", "--allow-sys", "--allow-ffi"];
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", ...permissions, script, ...args],
    stderr: "null",
  }).output();
  return { code, output: new TextDecoder().decode(stdout) };
}

Deno.test("the figures of a notebook become pictures, named after their cells", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const drawn = figure({ title: "Two dots", width: 200, height: 100, marks: [Plot.dot([[0, 1], [1, 2]])] });
    const output = (svg: unknown) => ({
      output_type: "display_data",
      metadata: {},
      data: { "image/svg+xml": svg },
    });
    const cells = [
      { cell_type: "markdown", metadata: {}, source: "# Text" },
      {
        cell_type: "code",
        metadata: {},
        source: "show()",
        execution_count: 1,
        outputs: [
          output(drawn.svg),
          { output_type: "stream", name: "stdout", text: "x" },
          output([drawn.svg]),
        ],
      },
    ];
    const notebook = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells };
    await Deno.writeTextFile(`${folder}/01_dots.ipynb`, JSON.stringify(notebook));
    const { code, output: text } = await render(
      `${folder}/01_dots.ipynb`,
      "--output",
      `${folder}/png`,
      "--scale",
      "1",
    );
    assert.equal(code, 0);
    assert.match(text, /01_dots_2_1\.png: Two dots\n[\s\S]*2 figures\n$/);
    const bytes = await Deno.readFile(`${folder}/png/01_dots_2_2.png`);
    assert.equal(new DataView(bytes.buffer).getUint32(16), 200);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("without a notebook the command says how it is used", async () => {
  assert.equal((await render()).code, 2);
});
