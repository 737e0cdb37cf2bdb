/** Study: Table 2 on the simulated sky, over five seeds. Each seed has a sky of its own. */
import { simulatePeriodicVariables } from "../../../survey/mod.ts";
import { useBackend } from "../../../tensor/mod.ts";
import { configure, type NoveltySettings, QUICK } from "../configuration.ts";
import { noveltyProblem } from "../problem.ts";
import { measureProblem, type Row } from "./measure.ts";

/** Photometric columns of the paper's section 3.3. */
export const PHOTOMETRY: readonly string[] = ["absoluteMagnitude", "colour", "wesenheit"];

/** Stars of the simulated sky, with the recipe's shares of classes. */
export const SIMULATED_STARS = 1000;

interface Entry {
  key: string;
  seed: number;
  configuration: { stars: number; settings: NoveltySettings; photometry: boolean; forest: boolean };
}

const strategies = ["joint", "sequential"] as const;

/** The study, for `scripts/study.ts`. */
export const study = {
  name: "novelty_simulated",
  description: "Table 2 of paper 004 on the simulated sky: joint and sequential, with and without photometry",
  scale: "quick",
  data: ["built-in simulator, recipe novelty_periodic"],
  entries: [1, 2, 3, 4, 5].flatMap((seed) =>
    strategies.flatMap((strategy) =>
      [false, true].map((photometry): Entry => ({
        key: `${strategy}${photometry ? "-photometry" : ""}-${seed}`,
        seed,
        configuration: {
          stars: SIMULATED_STARS,
          settings: { training: { strategy }, auxiliaries: { photometry: photometry ? PHOTOMETRY : [] } },
          photometry,
          forest: !photometry,
        },
      }))
    )
  ),
  async runEntry(
    entry: Entry,
    { log }: { log: (message: string) => void },
  ): Promise<{ rows: Row[]; backend: string }> {
    const { settings, photometry, forest } = entry.configuration, strategy = settings.training!.strategy!;
    const { rows, backend } = await runSimulated(entry, {
      log,
      baselines: strategy === "joint" && !photometry,
      forest,
      history: !photometry,
    });
    return { rows: rows.map((row) => ({ strategy, photometry, seed: entry.seed, ...row })), backend };
  },
};

/** Simulates the sky of an entry's seed and measures its settings on it. */
export async function runSimulated(
  entry: { seed: number; configuration: { stars: number; settings: NoveltySettings } },
  options: { log: (message: string) => void; baselines: boolean; forest: boolean; history: boolean },
): Promise<{ rows: Row[]; backend: string }> {
  const { name, threads } = await useBackend("wasm", { quiet: true });
  const { stars, settings } = entry.configuration;
  const set = simulatePeriodicVariables({ seed: entry.seed, total: stars });
  const problem = noveltyProblem(set, { novel: ["VAR"], seed: entry.seed });
  const rows = await measureProblem(problem, configure(QUICK, settings), { ...options, seed: entry.seed });
  return { rows, backend: `${name}, ${threads} threads` };
}
