/** Study: Table 2 on the simulated sky, over five seeds. Each seed has a sky of its own. */
import { simulatePeriodicVariables } from "../../../survey/mod.ts";
import { useBackend } from "../../../tensor/mod.ts";
import { configure, QUICK } from "../configuration.ts";
import { noveltyProblem } from "../problem.ts";
import { measureBaselines, measureProblem, type Row } from "./measure.ts";

/** Photometric columns of the paper's section 3.3. */
export const PHOTOMETRY: readonly string[] = ["absoluteMagnitude", "colour", "wesenheit"];

/** Stars of the simulated sky, with the recipe's shares of classes. */
export const SIMULATED_STARS = 1000;

type Variant = "baselines" | "joint" | "sequential" | `embedding ${number}`;

interface Entry {
  key: string;
  seed: number;
  configuration: { stars: number; variant: Variant };
}

const entry = (variant: Variant, seed: number): Entry => ({
  key: `${variant.replace(" ", "-")}-${seed}`,
  seed,
  configuration: { stars: SIMULATED_STARS, variant },
});

/** The study, for `scripts/study.ts`. */
export const study = {
  name: "novelty_simulated",
  description:
    "Table 2 of paper 004 on the simulated sky: joint and sequential, without and with photometry; sizes of the embedding",
  scale: "quick",
  data: ["built-in simulator, recipe novelty_periodic"],
  entries: [
    ...[1, 2, 3, 4, 5].flatMap((seed) =>
      (["baselines", "joint", "sequential"] as const).map((variant) => entry(variant, seed))
    ),
    ...([8, 32, 64] as const).map((embedding) => entry(`embedding ${embedding}`, 1)),
  ],
  async runEntry(
    { seed, configuration: { stars, variant } }: Entry,
    { log }: { log: (message: string) => void },
  ): Promise<{ rows: Row[]; backend: string }> {
    // Each seed has a sky of its own, and the known stars of it are split by the same seed.
    const sky = simulatePeriodicVariables({ seed, total: stars });
    const problem = noveltyProblem(sky, { novel: ["VAR"], seed });
    const marked = (rows: Row[], photometry = false) =>
      rows.map((row) => ({ variant, photometry, seed, ...row }));
    if (variant === "baselines") {
      return { rows: marked(await measureBaselines(problem, QUICK, seed)), backend: "none" };
    }
    const { name, threads } = await useBackend("wasm", { quiet: true }),
      backend = `${name}, ${threads} threads`;
    const common = { seed, log }, sizes = /embedding (\d+)/.exec(variant);
    if (sizes) {
      const configuration = configure(QUICK, { network: { embedding: Number(sizes[1]) } });
      const { rows, detector } = await measureProblem(problem, configuration, {
        ...common,
        forest: false,
        history: false,
      });
      detector.dispose();
      return { rows: marked(rows), backend };
    }
    const strategy = variant as "joint" | "sequential";
    const plain = await measureProblem(problem, configure(QUICK, { training: { strategy } }), {
      ...common,
      forest: true,
      history: true,
    });
    const photometric = await measureProblem(
      problem,
      configure(QUICK, { training: { strategy }, auxiliaries: { photometry: PHOTOMETRY } }),
      {
        ...common,
        forest: false,
        history: false,
        // The autoencoder never sees photometry, so a sequential training need not repeat it.
        autoencoder: strategy === "sequential" ? plain.detector : undefined,
      },
    );
    plain.detector.dispose();
    photometric.detector.dispose();
    return { rows: [...marked(plain.rows), ...marked(photometric.rows, true)], backend };
  },
};
