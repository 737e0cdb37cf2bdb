/** Runs parallelMap in a process of its own for parallel_test.ts: `aborted` with an aborted signal, or `plain`. */
import { parallelMap } from "../../lib/core/parallel.ts";
// A process without read permission may import at run time only what is already loaded.
import "./parallel_functions.ts";

const [how] = Deno.args;
const signal = how === "aborted" ? AbortSignal.abort(new Error("too late")) : undefined;
try {
  const module = import.meta.resolve("./parallel_functions.ts");
  console.log(await parallelMap(module, "slowSquare", [1, 2, 3], { workers: 2, shared: { add: 1 }, signal }));
} catch (error) {
  console.log((error as Error).message);
}
