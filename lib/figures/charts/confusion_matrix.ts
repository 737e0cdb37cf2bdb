import * as Plot from "@observablehq/plot";
import { demand } from "../../core/mod.ts";
import { type Figure, figure } from "../figure.ts";
import { mixColours, readableInk } from "../palettes.ts";
import { textWidth } from "../text.ts";
import { type ChartOptions, textOf } from "./options.ts";

/** Options of {@link confusionMatrix}. */
export interface ConfusionMatrixOptions extends ChartOptions {
  /** Decimals of the shares. Default 2. */
  digits?: number;
}

/**
 * Returns a confusion matrix: each row is a true class and sums to 1, each cell says its share, the margin says how
 * many objects a row holds.
 *
 * @param counts objects by true class (rows) and predicted class (columns)
 * @param classNames names of the classes in the order of rows and columns
 *
 * @example
 * ```ts
 * import { confusionMatrix } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const drawn = confusionMatrix([[8, 2], [1, 9]], ["RRAB", "EW"], { title: "Test set" });
 * assert.ok(drawn.svg.includes(">0.80<"));
 * ```
 */
export function confusionMatrix(
  counts: readonly (readonly number[])[],
  classNames: readonly string[],
  options: ConfusionMatrixOptions = {},
): Figure {
  const size = classNames.length, { digits = 2 } = options;
  demand(counts.length === size && counts.every((row) => row.length === size), {
    expected: `${size} rows of ${size} counts, one each a class`,
    found: `rows of ${counts.map((row) => row.length).join(", ")}`,
    where: "confusionMatrix",
  });
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const cells = counts.flatMap((row, i) =>
    row.map((count, j) => {
      const share = totals[i] > 0 ? count / totals[i] : NaN;
      const fill = Number.isNaN(share) ? "#eeeeee" : mixColours("#ffffff", "#08306b", share);
      const text = Number.isNaN(share) ? "—" : count === 0 ? "0" : share.toFixed(digits);
      return { truth: i, predicted: j, fill, ink: readableInk(fill), text };
    })
  );
  const longest = Math.max(...classNames.map((name) => textWidth(name, { fontSize: 11 })));
  const cell = Math.max(34, Math.min(64, (640 - longest - 80) / size));
  const slanted = classNames.some((name) => textWidth(name, { fontSize: 11 }) > cell - 4);
  const marginLeft = longest + 34, marginRight = 60, marginTop = slanted ? longest * 0.72 + 36 : 42;
  const width = options.width ?? Math.ceil(marginLeft + marginRight + size * cell);
  const rowHeight = options.height === undefined
    ? Math.min(cell, 40)
    : (options.height - marginTop - 12) / size;
  const names = (i: number) => classNames[i];
  return figure({
    ...textOf(options),
    alt: options.alt ?? describe(options.title, classNames, counts, totals),
    width,
    height: Math.ceil(marginTop + 12 + size * rowHeight),
    marginLeft,
    marginRight,
    marginTop,
    marginBottom: 12,
    x: {
      type: "band",
      domain: classNames.map((_, i) => i),
      axis: "top",
      label: null,
      tickFormat: names,
      tickSize: 0,
      tickRotate: slanted ? -45 : 0,
      padding: 0.03,
    },
    y: {
      type: "band",
      domain: classNames.map((_, i) => i),
      label: null,
      tickFormat: names,
      tickSize: 0,
      padding: 0.03,
    },
    color: { type: "identity" } as never,
    marks: [
      Plot.cell(cells, { x: "predicted", y: "truth", fill: "fill", stroke: "#ccc", strokeWidth: 0.5 }),
      Plot.text(cells, {
        x: "predicted",
        y: "truth",
        text: "text",
        fill: "ink",
        fontSize: cell < 40 ? 10 : 11,
      }),
      Plot.text(totals, {
        x: size - 1,
        y: (_, i) => i,
        text: (total: number) => `n = ${total}`,
        textAnchor: "start",
        dx: cell / 2 + 6,
        fontSize: 10,
        fill: "#555",
      }),
      Plot.text(["predicted class"], { frameAnchor: "top-left", dy: 2 - marginTop, textAnchor: "start" }),
      Plot.text(["true class"], {
        frameAnchor: "left",
        dx: 12 - marginLeft,
        rotate: -90,
        textAnchor: "middle",
      }),
    ],
  });
}

function describe(
  title: string | undefined,
  names: readonly string[],
  counts: readonly (readonly number[])[],
  totals: number[],
): string {
  const rows = names.map((name, i) => {
    if (totals[i] === 0) return `${name} none`;
    return `${name} ${(100 * counts[i][i] / totals[i]).toFixed(0)} % of ${totals[i]}`;
  });
  return `${title ?? "Confusion matrix"}; correctly classified: ${rows.join(", ")}`;
}
