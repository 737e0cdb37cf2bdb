import { demand } from "../core/mod.ts";
import { formatNumber } from "./format.ts";
import { displayable, type MimeBundle } from "./kernel.ts";
import { show } from "./show.ts";

/** MIME type under which a notebook records a number; the headless runner compares it with its accepted range. */
export const METRIC_MIME = "application/vnd.ephemera.metric+json";

/** What is stored under {@link METRIC_MIME}. */
export interface Metric {
  /** What was measured, e.g. `"novelty F1, 95th percentile"`; the key of the accepted range. */
  name: string;
  /** The number itself, unrounded. */
  value: number;
}

/** Options of {@link metric}. */
export interface MetricOptions {
  /** Unit, for the readable line only. */
  unit?: string;
  /** Decimals of the readable line. Default: four significant digits. */
  digits?: number;
}

/**
 * Records a named number in the notebook and shows it as one line. `deno task reproduce` holds it against the range in
 * `notebooks/metrics/`. Await it: a cell that ends before its output is sent may lose it.
 *
 * @param value a finite number
 *
 * @example
 * ```ts
 * import { metric } from "ephemera/notebook";
 * await metric("novelty F1, 95th percentile", 0.8312, { digits: 3 });
 * ```
 */
export async function metric(name: string, value: number, options: MetricOptions = {}): Promise<void> {
  await show(displayable(metricBundle(name, value, options)));
}

/** Returns the MIME bundle that {@link metric} displays. */
export function metricBundle(name: string, value: number, options: MetricOptions = {}): MimeBundle {
  demand(name.trim() !== "", {
    expected: "a metric's name",
    found: JSON.stringify(name),
    where: "metric",
    remedy: "say in a few words what the number is",
  });
  demand(typeof value === "number" && Number.isFinite(value), {
    expected: "a finite number",
    found: String(value),
    where: `metric "${name}"`,
    remedy: "look at the computation before it: a metric is never NaN or infinite",
  });
  const text = formatNumber(value, options.digits) + (options.unit ? ` ${options.unit}` : "");
  const recorded: Metric = { name, value };
  return { [METRIC_MIME]: recorded, "text/plain": `${name}: ${text}` };
}
