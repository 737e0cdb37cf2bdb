/** Accepted ranges of a notebook's metrics, kept in a JSON file beside it, and the verdict on recorded values. */
import { demand, EphemeraError } from "../core/mod.ts";
import type { RecordedMetric } from "./records.ts";
import type { Failure, MetricOutcome } from "./run.ts";

/** An accepted range; at least one of the two bounds is there. */
export interface MetricRange {
  minimum: number | null;
  maximum: number | null;
  /** Why this range: the study it comes from. */
  reason: string;
  /** It holds only when real data is configured, or only when it is not; null when it always holds. */
  requires: "data" | "no data" | null;
  /** It holds only for runs of this scale; null when it holds for all. */
  scale: string | null;
}

/** Ranges by metric name. A metric has several where they differ by scale or by input. */
export type MetricRanges = Map<string, MetricRange[]>;

const REMEDY = 'write { "metrics": { "<name>": { "minimum": ..., "maximum": ..., "reason": "..." } } }';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Parses a file of ranges: `{ "metrics": { "<name>": range or [range, ...] } }`, where a range is
 * `{ "minimum"?, "maximum"?, "reason", "requires"?: "data" | "no data", "scale"? }`.
 *
 * @param text The file's content.
 * @param where Its name, for error messages.
 * @throws EphemeraError when the file is not of this form, a range has no bound, no reason or is empty.
 * @example
 * ```ts
 * import { parseMetricRanges } from "ephemera/reproduce";
 * import assert from "node:assert/strict";
 * const text = `{ "metrics": { "accuracy": { "minimum": 0.9, "reason": "five seeds gave 0.93 to 0.95" } } }`;
 * const [range] = parseMetricRanges(text, "metrics/06.json").get("accuracy")!;
 * assert.equal(range.minimum, 0.9);
 * assert.equal(range.maximum, null);
 * ```
 */
export function parseMetricRanges(text: string, where: string): MetricRanges {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new EphemeraError({
      expected: "accepted ranges in JSON",
      found: String(cause),
      where,
      cause,
      remedy: REMEDY,
    });
  }
  demand(isRecord(value) && isRecord(value.metrics) && Object.keys(value).length === 1, {
    expected: 'an object with the one key "metrics"',
    found: isRecord(value) ? `the keys ${Object.keys(value).join(", ") || "(none)"}` : JSON.stringify(value),
    where,
    remedy: REMEDY,
  });
  const ranges: MetricRanges = new Map();
  for (const [name, entry] of Object.entries(value.metrics)) {
    const entries = Array.isArray(entry) ? entry : [entry];
    const place = `${where}, metric "${name}"`;
    demand(entries.length > 0, { expected: "at least one range", found: "an empty list", where: place });
    ranges.set(name, entries.map((range) => parseRange(range, place)));
  }
  return ranges;
}

function parseRange(range: unknown, where: string): MetricRange {
  demand(isRecord(range), { expected: "a range", found: JSON.stringify(range), where, remedy: REMEDY });
  const known = ["minimum", "maximum", "reason", "requires", "scale"];
  const unknown = Object.keys(range).filter((key) => !known.includes(key));
  demand(unknown.length === 0, { expected: `only ${known.join(", ")}`, found: unknown.join(", "), where });
  const bound = (key: "minimum" | "maximum"): number | null => {
    const number = range[key] ?? null;
    demand(number === null || (typeof number === "number" && Number.isFinite(number)), {
      expected: `a finite number as ${key}`,
      found: JSON.stringify(number),
      where,
    });
    return number;
  };
  const minimum = bound("minimum");
  const maximum = bound("maximum");
  demand(minimum !== null || maximum !== null, {
    expected: "a minimum or a maximum",
    found: "neither",
    where,
  });
  demand(minimum === null || maximum === null || minimum <= maximum, {
    expected: "a minimum that does not exceed the maximum",
    found: `${minimum} and ${maximum}`,
    where,
  });
  const { reason, requires = null, scale = null } = range;
  demand(typeof reason === "string" && reason.trim() !== "", {
    expected: "a reason for the range",
    found: JSON.stringify(reason) ?? "none",
    where,
    remedy: "say which study the range comes from",
  });
  demand(requires === null || requires === "data" || requires === "no data", {
    expected: 'requires to be "data" or "no data"',
    found: JSON.stringify(requires),
    where,
  });
  demand(scale === null || typeof scale === "string", {
    expected: "a scale's name",
    found: JSON.stringify(scale),
    where,
  });
  return { minimum, maximum, reason, requires, scale };
}

/** What decides which ranges hold for a run. */
export interface RangeConditions {
  /** Real data is configured (`EPHEMERA_DATA`). */
  hasData: boolean;
  /** The run's scale, as stated by the notebook. */
  scale: string | null;
}

/**
 * Holds recorded metrics against their ranges. The outcomes come in the order of recording, missing ones last. A metric
 * whose ranges are all for other conditions is not expected in this run.
 */
export function judgeMetrics(
  recorded: RecordedMetric[],
  ranges: MetricRanges,
  conditions: RangeConditions,
): MetricOutcome[] {
  const holding = new Map<string, MetricRange>();
  for (const [name, candidates] of ranges) {
    const range = candidates.find(({ requires, scale }) =>
      (requires === null || (requires === "data") === conditions.hasData) &&
      (scale === null || scale === conditions.scale)
    );
    if (range !== undefined) holding.set(name, range);
  }
  const outcomes = recorded.map(({ name, value }): MetricOutcome => {
    const range = holding.get(name);
    const { minimum = null, maximum = null, reason = "" } = range ?? {};
    const outside = (minimum !== null && value < minimum) || (maximum !== null && value > maximum);
    const verdict = !Number.isFinite(value)
      ? "not finite"
      : range === undefined
      ? "unexpected"
      : outside
      ? "out of range"
      : "in range";
    return { name, value: Number.isFinite(value) ? value : null, minimum, maximum, reason, verdict };
  });
  const names = new Set(recorded.map(({ name }) => name));
  for (const [name, { minimum, maximum, reason }] of holding) {
    if (!names.has(name)) outcomes.push({ name, value: null, minimum, maximum, reason, verdict: "missing" });
  }
  return outcomes;
}

/** The accepted range in words: `0.9 to 1`, `at least 0.9`, `at most 1`, or an empty string. */
export function describeRange({ minimum, maximum }: Pick<MetricOutcome, "minimum" | "maximum">): string {
  if (minimum !== null && maximum !== null) return `${minimum} to ${maximum}`;
  if (minimum !== null) return `at least ${minimum}`;
  return maximum === null ? "" : `at most ${maximum}`;
}

/** A failure for each metric that is not in range, and for each name that was recorded more than once. `file` is the name of the file of ranges. */
export function metricFailures(outcomes: MetricOutcome[], file: string): Failure[] {
  const sentences: Record<Exclude<MetricOutcome["verdict"], "in range">, (outcome: MetricOutcome) => string> =
    {
      "out of range": (outcome) =>
        `is ${outcome.value}, accepted is ${describeRange(outcome)} (${outcome.reason})`,
      "missing": () => `has an accepted range in ${file}, but the notebook did not record it`,
      "unexpected": (outcome) => `was recorded (${outcome.value}), but has no accepted range in ${file}`,
      "not finite": () => "was recorded without a finite value",
    };
  const messages = outcomes.flatMap((outcome) =>
    outcome.verdict === "in range" ? [] : [`"${outcome.name}" ${sentences[outcome.verdict](outcome)}.`]
  );
  const names = outcomes.map(({ name }) => name);
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  for (const name of repeated) messages.push(`"${name}" was recorded more than once.`);
  return messages.map((message) => ({ cell: null, name: "Metric", message, details: "" }));
}
