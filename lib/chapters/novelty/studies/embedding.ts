/** Study: the embedding sizes that the paper tried (section 3.1), on the simulated sky. */
import type { NoveltySettings } from "../configuration.ts";
import type { Row } from "./measure.ts";
import { runSimulated, SIMULATED_STARS } from "./simulated.ts";

interface Entry {
  key: string;
  seed: number;
  configuration: { stars: number; settings: NoveltySettings };
}

/** The study, for `scripts/study.ts`. */
export const study = {
  name: "novelty_embedding",
  description: "Embedding sizes 8, 16, 32 and 64, trained jointly on the simulated sky",
  scale: "quick",
  data: ["built-in simulator, recipe novelty_periodic"],
  entries: [1, 2].flatMap((seed) =>
    [8, 16, 32, 64].map((embedding): Entry => ({
      key: `embedding-${embedding}-${seed}`,
      seed,
      configuration: { stars: SIMULATED_STARS, settings: { network: { embedding } } },
    }))
  ),
  async runEntry(
    entry: Entry,
    { log }: { log: (message: string) => void },
  ): Promise<{ rows: Row[]; backend: string }> {
    const { rows, backend } = await runSimulated(entry, {
      log,
      baselines: false,
      forest: false,
      history: false,
    });
    const { embedding } = entry.configuration.settings.network!;
    return { rows: rows.map((row) => ({ embedding: embedding!, seed: entry.seed, ...row })), backend };
  },
};
