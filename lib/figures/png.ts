import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Figure } from "./figure.ts";

/** Options of {@link toPng}. */
export interface PngOptions {
  /** Pixels of the picture per pixel of the figure. Default 1.5. */
  scale?: number;
}

/**
 * Returns a figure, or any SVG text, as PNG bytes on white. The text is set in DejaVu Sans, which the package
 * dejavu-fonts-ttf brings: without a font file the renderer leaves text out silently.
 *
 * The renderer (`@resvg/resvg-js`) is loaded when this is first called.
 *
 * @example
 * ```ts
 * import { figure, Plot, toPng } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const bytes = await toPng(figure({ title: "dots", marks: [Plot.dot([[0, 1], [1, 2]])] }));
 * assert.deepEqual([...bytes.slice(1, 4)], [80, 78, 71]);
 * ```
 */
export async function toPng(figure: Figure | string, options: PngOptions = {}): Promise<Uint8Array> {
  const { Resvg } = await import("@resvg/resvg-js");
  const svg = typeof figure === "string" ? figure : figure.svg;
  const fonts = join(dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json")), "ttf");
  const drawn = new Resvg(svg, {
    background: "white",
    fitTo: { mode: "zoom", value: options.scale ?? 1.5 },
    font: {
      loadSystemFonts: false,
      fontFiles: ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf"].map((file) =>
        join(fonts, file)
      ),
      defaultFontFamily: "DejaVu Sans",
      sansSerifFamily: "DejaVu Sans",
    },
  });
  return drawn.render().asPng();
}
