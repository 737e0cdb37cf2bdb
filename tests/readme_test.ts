/** The README is what a newcomer believes first. */
import assert from "node:assert/strict";
import config from "../deno.json" with { type: "json" };

const root = new URL("../", import.meta.url), readme = await Deno.readTextFile(new URL("README.md", root));

Deno.test("the README's links into the checkout lead somewhere", async () => {
  const links = [...readme.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link).filter((link) =>
    !/^https?:/.test(link)
  );
  assert.ok(links.length > 5);
  for (const link of links) await Deno.stat(new URL(link, root));
});

Deno.test("the README has no placeholder left and names tasks that exist", () => {
  assert.deepEqual(readme.match(/\b(?:REPRODUCE|TEST|DOWNLOAD|DISK|DEPENDENCY)_[A-Z]+\b/g), null);
  const tasks = Object.keys(config.tasks);
  for (const [, task] of readme.matchAll(/(?:deno@2\.9\.6|deno) task ([a-z:-]+)/g)) {
    assert.ok(tasks.includes(task), task);
  }
});

Deno.test("the README's dependencies are those of the project, in the same versions", () => {
  for (const [name, pin] of Object.entries(config.imports)) {
    const version = /^npm:.*@(\d[^/]*)\/?$/.exec(pin)?.[1];
    if (version === undefined) continue;
    const short = name.replace(/\/$/, "").replace(/^@tensorflow\/tfjs/, "");
    assert.ok(readme.includes(short) && readme.includes(version), `${name} ${version}`);
  }
});
