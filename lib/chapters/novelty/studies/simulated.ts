/** Study: Table 2 on the simulated sky, over five seeds. Each seed has a sky of its own. */
import { simulatePeriodicVariables } from "../../../survey/mod.ts";
import { useBackend } from "../../../tensor/mod.ts";
import { configure, type NoveltyConfiguration, QUICK } from "../configuration.ts";
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
  /** Everything that the results depend on, with all settings written out. */
  configuration: {
    stars: number;
    variant: Variant;
    plain: NoveltyConfiguration;
    photometric?: NoveltyConfiguration;
  };
}

function entry(variant: Variant, seed: number): Entry {
  const embedding = /embedding (\d+)/.exec(variant);
  const strategy = variant === "sequential" ? "sequential" : "joint";
  const plain = configure(QUICK, {
    network: embedding ? { embedding: Number(embedding[1]) } : {},
    training: { strategy },
  });
  const twice = variant === "joint" || variant === "sequential";
  return {
    key: `${variant.replace(" ", "-")}-${seed}`,
    seed,
    configuration: {
      stars: SIMULATED_STARS,
      variant,
      plain,
      ...(twice ? { photometric: configure(plain, { auxiliaries: { photometry: PHOTOMETRY } }) } : {}),
    },
  };
}

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
    { seed, configuration: { stars, variant, plain, photometric } }: Entry,
    { log }: { log: (message: string) => void },
  ): Promise<{ rows: Row[]; backend: string }> {
    // Each seed has a sky of its own, and the known stars of it are split by the same seed.
    const sky = simulatePeriodicVariables({ seed, total: stars });
    const problem = noveltyProblem(sky, { novel: ["VAR"], seed });
    const marked = (rows: Row[], photometry = false) =>
      rows.map((row) => ({ variant, photometry, seed, ...row }));
    if (variant === "baselines") {
      return { rows: marked(await measureBaselines(problem, plain, seed)), backend: "none" };
    }
    const { name, threads } = await useBackend("wasm", { quiet: true });
    const inFull = photometric !== undefined;
    const first = await measureProblem(problem, plain, { seed, log, forest: inFull, history: inFull });
    const rows = marked(first.rows);
    if (photometric) {
      const second = await measureProblem(problem, photometric, {
        seed,
        log,
        forest: false,
        history: false,
        // The autoencoder never sees photometry, so a sequential training need not repeat it.
        autoencoder: variant === "sequential" ? first.detector : undefined,
      });
      rows.push(...marked(second.rows, true));
      second.detector.dispose();
    }
    first.detector.dispose();
    return { rows, backend: `${name}, ${threads} threads` };
  },
};
