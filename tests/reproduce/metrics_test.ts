import assert from "node:assert/strict";
import { judgeMetrics, metricFailures, parseMetricRanges } from "ephemera/reproduce";

const FILE = "metrics/06.json";
const parse = (metrics: unknown) => parseMetricRanges(JSON.stringify({ metrics }), FILE);
const plain = { hasData: false, scale: "quick" };

Deno.test("values within their bounds, bounds included, pass", () => {
  const ranges = parse({
    a: { minimum: 1, maximum: 2, reason: "r" },
    b: { minimum: 0, reason: "r" },
    c: { maximum: 0, reason: "r" },
  });
  const recorded = [
    { name: "a", value: 1 },
    { name: "b", value: 1e9 },
    { name: "c", value: 0 },
  ];
  const outcomes = judgeMetrics(recorded, ranges, plain);
  assert.deepEqual(outcomes.map(({ verdict }) => verdict), ["in range", "in range", "in range"]);
  assert.deepEqual(metricFailures(outcomes, FILE), []);
});

Deno.test("values out of range, missing, unexpected, not finite or recorded twice each fail in their own words", () => {
  const range = { minimum: 1, maximum: 2, reason: "five seeds" };
  const ranges = parse({ low: range, missing: range, nan: range, twice: range });
  const recorded = [
    { name: "low", value: 0.5 },
    { name: "stray", value: 3 },
    { name: "nan", value: NaN },
    { name: "twice", value: 1 },
    { name: "twice", value: 2 },
  ];
  const outcomes = judgeMetrics(recorded, ranges, plain);
  assert.deepEqual(outcomes.map(({ name, value, verdict }) => [name, value, verdict]), [
    ["low", 0.5, "out of range"],
    ["stray", 3, "unexpected"],
    ["nan", null, "not finite"],
    ["twice", 1, "in range"],
    ["twice", 2, "in range"],
    ["missing", null, "missing"],
  ]);
  assert.deepEqual(metricFailures(outcomes, FILE).map(({ message }) => message), [
    `"low" is 0.5, accepted is 1 to 2 (five seeds).`,
    `"stray" was recorded (3), but has no accepted range in ${FILE}.`,
    `"nan" was recorded without a finite value.`,
    `"missing" has an accepted range in ${FILE}, but the notebook did not record it.`,
    `"twice" was recorded more than once.`,
  ]);
});

Deno.test("ranges that hold only with data, without it, or at one scale apply there alone", () => {
  const ranges = parse({
    accuracy: [
      { minimum: 0.8, reason: "real stars", requires: "data" },
      { minimum: 0.9, reason: "simulated", requires: "no data", scale: "quick" },
    ],
    blazhko: { minimum: 0.5, reason: "real stars", requires: "data" },
  });
  const judge = (value: number, hasData: boolean, scale: string | null) =>
    judgeMetrics([{ name: "accuracy", value }], ranges, { hasData, scale })
      .map(({ name, verdict }) => `${name}: ${verdict}`);
  assert.deepEqual(judge(0.85, false, "quick"), ["accuracy: out of range"]);
  assert.deepEqual(judge(0.85, true, "quick"), ["accuracy: in range", "blazhko: missing"]);
  assert.deepEqual(judge(0.85, false, "paper"), ["accuracy: unexpected"]);
});

Deno.test("a malformed file of ranges is refused with what is wrong and where", () => {
  const refuse = (text: string, message: RegExp) =>
    assert.throws(() => parseMetricRanges(text, FILE), message);
  refuse("{", /accepted ranges in JSON.*metrics\/06\.json/);
  refuse("[]", /one key "metrics", found \[\]/);
  refuse(`{ "ranges": {} }`, /found the keys ranges/);
  const one = (range: unknown, message: RegExp) => refuse(JSON.stringify({ metrics: { a: range } }), message);
  one({ reason: "r" }, /a minimum or a maximum, found neither \(metrics\/06\.json, metric "a"\)/);
  one({ minimum: 2, maximum: 1, reason: "r" }, /does not exceed the maximum, found 2 and 1/);
  one({ minimum: "1", reason: "r" }, /a finite number as minimum, found "1"/);
  one({ minimum: 1 }, /a reason for the range, found none/);
  one({ minimum: 1, reason: "  " }, /a reason for the range/);
  one({ min: 1, reason: "r" }, /only minimum, maximum, reason, requires, scale, found min/);
  one({ minimum: 1, reason: "r", requires: "stars" }, /"data" or "no data", found "stars"/);
  one([], /at least one range/);
});
