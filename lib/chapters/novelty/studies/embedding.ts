/** Study: the embedding sizes that the paper tried (section 3.1), on the simulated sky. */
import { useBackend } from "../../../tensor/mod.ts";
import { configure, QUICK } from "../configuration.ts";
import { measureProblem, type Row } from "./measure.ts";
import { SIMULATED_STARS, simulatedProblem } from "./simulated.ts";

interface Entry {
  key: string;
  seed: number;
  configuration: { stars: number; embedding: number };
}

/** The study, for `scripts/study.ts`. */
export const study = {
  name: "novelty_embedding",
  description: "Embedding sizes 8, 16, 32 and 64, trained jointly on one simulated sky",
  scale: "quick",
  data: ["built-in simulator, recipe novelty_periodic"],
  entries: [8, 16, 32, 64].map((embedding): Entry => ({
    key: `embedding-${embedding}-1`,
    seed: 1,
    configuration: { stars: SIMULATED_STARS, embedding },
  })),
  async runEntry(
    entry: Entry,
    { log }: { log: (message: string) => void },
  ): Promise<{ rows: Row[]; backend: string }> {
    const { seed, configuration: { stars, embedding } } = entry;
    const { name, threads } = await useBackend("wasm", { quiet: true });
    const { rows, detector } = await measureProblem(
      simulatedProblem(seed, stars),
      configure(QUICK, { network: { embedding } }),
      { seed, log, baselines: false, forest: false, history: false },
    );
    detector.dispose();
    return { rows: rows.map((row) => ({ embedding, seed, ...row })), backend: `${name}, ${threads} threads` };
  },
};
