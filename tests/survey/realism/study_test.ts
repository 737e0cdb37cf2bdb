/** One entry of the committed study is computed again: the smallest, which does all that the others of supernovae do. */
import type { Study } from "ephemera/commands";
import { study } from "../../../lib/survey/realism/study.ts";
import { assertPresent, assertRecomputed } from "../../study_checks.ts";

Deno.test({
  name:
    "a small sample of the challenge and of the simulation gives the committed study's rows (needs EPHEMERA_DATA)",
  ignore: !Deno.env.get("EPHEMERA_DATA"),
  fn: () => assertRecomputed(study as Study, "supernovae-small-1"),
});

Deno.test("the committed study holds every entry in its present configuration", () =>
  assertPresent(study as Study));
