/** Reading the JUnit report of `deno test`, which is how a program learns what ran and what was skipped. */

/** One test, or one step of a test. */
export interface TestCase {
  /** The test file, as Deno names it, e.g. `./tests/core/error_test.ts`. */
  file: string;
  /** Name of the test; of a step, the names of its tests and its own, joined by ` > `. */
  name: string;
  status: "passed" | "failed" | "skipped";
  /** True for a step of a test that is listed as well. */
  isStep: boolean;
}

const ENTITIES: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function unescapeXml(text: string): string {
  return text.replace(
    /&(?:(lt|gt|quot|apos|amp)|#(\d+)|#x([0-9a-fA-F]+));/g,
    (_, name, decimal, hexadecimal) => {
      if (name !== undefined) return ENTITIES[name];
      return String.fromCodePoint(decimal === undefined ? parseInt(hexadecimal, 16) : Number(decimal));
    },
  );
}

/**
 * The test cases in a JUnit report of `deno test --junit-path`, in its order.
 *
 * @example
 * ```ts
 * import { parseJunit } from "ephemera/commands";
 * import assert from "node:assert/strict";
 * const xml = `<testsuites><testsuite name="./a_test.ts">
 *   <testcase name="x &lt; y" time="0.1"></testcase>
 *   <testcase name="z" time="0.0"><skipped/></testcase>
 * </testsuite></testsuites>`;
 * assert.deepEqual(parseJunit(xml).map(({ name, status }) => [name, status]), [["x < y", "passed"], ["z", "skipped"]]);
 * ```
 */
export function parseJunit(xml: string): TestCase[] {
  const cases: TestCase[] = [];
  const names = new Map<string, Set<string>>();
  let file = "";
  const tags = /<testsuite name="([^"]*)"|<testcase name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g;
  for (const [, suite, escaped, body = ""] of xml.matchAll(tags)) {
    if (suite !== undefined) {
      file = unescapeXml(suite);
      if (!names.has(file)) names.set(file, new Set());
      continue;
    }
    const name = unescapeXml(escaped);
    const known = names.get(file);
    const parts = name.split(" > ");
    const isStep = parts.some((_, index) => index > 0 && known?.has(parts.slice(0, index).join(" > ")));
    known?.add(name);
    const status = /<skipped\b/.test(body)
      ? "skipped"
      : /<(failure|error)\b/.test(body)
      ? "failed"
      : "passed";
    cases.push({ file, name, status, isStep });
  }
  return cases;
}
