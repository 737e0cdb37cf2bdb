import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { wideEnvironment } from "../../lib/commands/mod.ts";
import { WIDE_FLAGS } from "../../lib/tensor/mod.ts";

const script = fileURLToPath(new URL("../../scripts/wide.ts", import.meta.url));

async function wide(...args: string[]): Promise<{ code: number; out: string; errors: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", script, ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), errors: text(stderr) };
}

Deno.test("the flags for wide vectors join those that were there, once each", () => {
  const { DENO_V8_FLAGS } = wideEnvironment("--expose-gc");
  assert.deepEqual(DENO_V8_FLAGS.split(","), ["--expose-gc", ...WIDE_FLAGS]);
  assert.deepEqual(wideEnvironment(DENO_V8_FLAGS), { DENO_V8_FLAGS });
  assert.deepEqual(wideEnvironment(undefined), { DENO_V8_FLAGS: WIDE_FLAGS.join(",") });
});

Deno.test("deno task wide runs a command, says what the vectors gain, and ends with the command's code", async () => {
  const source = 'console.log(Deno.env.get("DENO_V8_FLAGS") ?? "none"); Deno.exit(7)';
  const { code, out, errors } = await wide("deno", "eval", source);
  assert.equal(code, 7, errors);
  if (errors.startsWith("Wide vectors: ")) {
    assert.match(
      errors,
      /a matrix product is \d+\.\d times as fast \(\d+ against \d+ GFLOP\/s on one thread\)/,
    );
    assert.ok(WIDE_FLAGS.every((flag) => out.includes(flag)), out);
  } else {
    assert.match(errors, /^Without wide vectors: ./);
    assert.ok(!WIDE_FLAGS.every((flag) => out.includes(flag)), out);
  }
});

Deno.test("deno task wide without a command explains itself", async () => {
  const { code, errors } = await wide();
  assert.equal(code, 2);
  assert.match(errors, /Expected a command, found none[^]*Usage: deno task wide/);
});
