/** Study: Table 2 on the simulated sky, over five seeds. Each seed has a sky of its own. */
import { simulatePeriodicVariables } from "../../../survey/mod.ts";
import { useBackend } from "../../../tensor/mod.ts";
import { configure, QUICK } from "../configuration.ts";
import { type NoveltyProblem, noveltyProblem } from "../problem.ts";
import { measureProblem, type Row } from "./measure.ts";

/** Photometric columns of the paper's section 3.3. */
export const PHOTOMETRY: readonly string[] = ["absoluteMagnitude", "colour", "wesenheit"];

/** Stars of the simulated sky, with the recipe's shares of classes. */
export const SIMULATED_STARS = 1000;

interface Entry {
  key: string;
  seed: number;
  configuration: { stars: number; strategy: "joint" | "sequential" };
}

/** The study, for `scripts/study.ts`. */
export const study = {
  name: "novelty_simulated",
  description: "Table 2 of paper 004 on the simulated sky: joint and sequential, without and with photometry",
  scale: "quick",
  data: ["built-in simulator, recipe novelty_periodic"],
  entries: [1, 2, 3, 4, 5].flatMap((seed) =>
    (["joint", "sequential"] as const).map((strategy): Entry => ({
      key: `${strategy}-${seed}`,
      seed,
      configuration: { stars: SIMULATED_STARS, strategy },
    }))
  ),
  async runEntry(
    entry: Entry,
    { log }: { log: (message: string) => void },
  ): Promise<{ rows: Row[]; backend: string }> {
    const { stars, strategy } = entry.configuration, { seed } = entry;
    const { name, threads } = await useBackend("wasm", { quiet: true });
    const problem = simulatedProblem(seed, stars);
    const settings = { training: { strategy } };
    const plain = await measureProblem(problem, configure(QUICK, settings), {
      seed,
      log,
      baselines: strategy === "joint",
      forest: true,
      history: true,
    });
    const photometric = await measureProblem(
      problem,
      configure(QUICK, { ...settings, auxiliaries: { photometry: PHOTOMETRY } }),
      {
        seed,
        log,
        baselines: false,
        forest: false,
        history: false,
        // The autoencoder never sees photometry, so a sequential training need not repeat it.
        autoencoder: strategy === "sequential" ? plain.detector : undefined,
      },
    );
    plain.detector.dispose();
    photometric.detector.dispose();
    const rows = [
      ...plain.rows.map((row) => ({ photometry: false, ...row })),
      ...photometric.rows.map((row) => ({ photometry: true, ...row })),
    ];
    return { rows: rows.map((row) => ({ strategy, seed, ...row })), backend: `${name}, ${threads} threads` };
  },
};

/** Returns the problem of a seed: a sky of its own, VAR stars novel, the known ones split by the same seed. */
export function simulatedProblem(seed: number, stars: number): NoveltyProblem {
  return noveltyProblem(simulatePeriodicVariables({ seed, total: stars }), { novel: ["VAR"], seed });
}
