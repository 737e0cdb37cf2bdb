import * as Plot from "@observablehq/plot";
import { demand } from "../../core/mod.ts";
import { type Figure, figure } from "../figure.ts";
import { classColour } from "../palettes.ts";
import { textWidth } from "../text.ts";
import { type ChartOptions, textOf } from "./options.ts";

/** How much one feature counts. */
export interface Importance {
  feature: string;
  /** Its importance, on any scale that is shared by all. */
  value: number;
  /** Lower end of an interval. */
  lower?: number;
  /** Upper end of an interval. */
  upper?: number;
}

/** Options of {@link importances}. */
export interface ImportancesOptions extends ChartOptions {
  /** How many of the highest are drawn. Default 20. */
  most?: number;
  /** Axis label. Default `"importance"`. */
  valueLabel?: string;
}

/**
 * Returns the most important features as bars, the highest first.
 *
 * @example
 * ```ts
 * import { importances } from "ephemera/figures";
 * import assert from "node:assert/strict";
 * const drawn = importances([{ feature: "amplitude", value: 0.2 }, { feature: "period", value: 0.5 }]);
 * assert.ok(drawn.alt.startsWith("Importances: period 0.5, amplitude 0.2"));
 * ```
 */
export function importances(list: readonly Importance[], options: ImportancesOptions = {}): Figure {
  const { most = 20 } = options;
  demand(list.length > 0, { expected: "at least one feature", found: "none", where: "importances" });
  const shown = [...list].sort((a, b) => b.value - a.value).slice(0, most);
  const longest = Math.max(...shown.map((one) => textWidth(one.feature, { fontSize: 11 })));
  const bounded = shown.filter((one) => one.lower !== undefined && one.upper !== undefined);
  const left = list.length > shown.length
    ? `The ${shown.length} highest of ${list.length} features.`
    : undefined;
  return figure({
    ...textOf(options),
    caption: [options.caption, left].filter(Boolean).join(" ") || undefined,
    alt: options.alt ??
      `${options.title ?? "Importances"}: ${
        shown.map((one) => `${one.feature} ${Number(one.value.toPrecision(3))}`).join(", ")
      }`,
    width: options.width,
    height: options.height ?? 40 + 19 * shown.length,
    marginLeft: Math.ceil(longest) + 14,
    marginRight: 20,
    marginTop: 4,
    marginBottom: 36,
    x: { label: options.valueLabel ?? "importance", labelAnchor: "center" },
    y: { domain: shown.map((one) => one.feature), label: null, tickSize: 0, padding: 0.25 },
    marks: [
      Plot.barX(shown, { x: "value", y: "feature", fill: classColour(5) }),
      Plot.ruleY(bounded, { y: "feature", x1: "lower", x2: "upper", stroke: "#333", strokeWidth: 1.5 }),
      Plot.ruleX([0], { stroke: "#999" }),
    ],
  });
}
