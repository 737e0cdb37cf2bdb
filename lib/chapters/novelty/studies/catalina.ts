/** Study: classes of real Catalina stars left out in turn, over several seeds. */
import { useBackend } from "../../../tensor/mod.ts";
import { catalinaStars } from "../catalina.ts";
import { configure, type NoveltyConfiguration, type NoveltySettings, QUICK } from "../configuration.ts";
import { noveltyProblem } from "../problem.ts";
import { measureBaselines, measureProblem, type Row } from "./measure.ts";

/** Which classes are new to the detector; Misc and Blazhko stars have no superclass, so one training serves both. */
const PROBLEMS: Readonly<Record<string, { novel: string[]; leaveOut: string[] }>> = {
  "misc-blazhko": { novel: ["Misc", "Blazhko"], leaveOut: [] },
  "lpv": { novel: ["LPV"], leaveOut: ["Misc", "Blazhko"] },
  "rot": { novel: ["ROT"], leaveOut: ["Misc", "Blazhko"] },
};

/**
 * Sequences of 100 and 3,700 of them are few enough that dropout in the recurrent layers costs more than it brings, and a
 * smooth gate serves as well as Keras 1's straight one: the set-up of a reference run in PyTorch on the same stars, whose
 * description names no dropout.
 */
const RECURRENT = { dropout: 0, recurrentActivation: "sigmoid" } as const;

/** The paper's method at quick scale, and the improved classifier: simple features, a wider estimation network, class weights. */
export const CATALINA_VARIANTS: Readonly<Record<string, NoveltySettings>> = {
  faithful: { network: RECURRENT },
  improved: {
    network: { ...RECURRENT, estimationUnits: 64, estimationDropout: 0.2 },
    training: { classWeights: "root inverse" },
    auxiliaries: { simpleFeatures: true },
  },
};

interface Entry {
  key: string;
  seed: number;
  /** Everything that the results depend on, with all settings written out. */
  configuration: {
    variant: string;
    problem: string;
    novel: string[];
    leaveOut: string[];
    settings: NoveltyConfiguration;
  };
}

const BASELINES = "baselines";

/** The study, for `scripts/study.ts`. */
export const study = {
  name: "novelty_catalina",
  description: "Novelty of real Catalina stars, measured by leaving classes out, beside plain baselines",
  scale: "quick",
  data: ["catalina-sss-periodic"],
  entries: [1, 2, 3].flatMap((seed) =>
    [[BASELINES, {}] as const, ...Object.entries(CATALINA_VARIANTS)].flatMap(([variant, settings]) =>
      Object.keys(PROBLEMS).map((problem): Entry => ({
        key: `${variant}-${problem}-${seed}`,
        seed,
        configuration: { variant, problem, ...PROBLEMS[problem], settings: configure(QUICK, settings) },
      }))
    )
  ),
  async runEntry(
    { seed, configuration: { variant, problem, novel, leaveOut, settings } }: Entry,
    { log }: { log: (message: string) => void },
  ): Promise<{ rows: Row[]; backend: string }> {
    const parts = noveltyProblem(await catalinaStars(), { novel, leaveOut, seed });
    const marked = (rows: Row[]) => rows.map((row) => ({ variant, problem, seed, ...row }));
    if (variant === BASELINES) {
      return { rows: marked(await measureBaselines(parts, settings, seed)), backend: "none" };
    }
    const { name, threads } = await useBackend("wasm", { quiet: true });
    const { rows, detector } = await measureProblem(
      parts,
      settings,
      { seed, log, forest: false, history: false },
    );
    detector.dispose();
    return { rows: marked(rows), backend: `${name}, ${threads} threads` };
  },
};
