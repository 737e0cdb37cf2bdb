import { demand } from "../../core/mod.ts";
import { type Matrix, takeRows, zeros } from "../../numerics/mod.ts";
import { checkLabels, checkTable, type Classifier, fitted } from "../estimator.ts";
import {
  type ClassProbabilities,
  type LabelInput,
  labelNames,
  type Labels,
  mostProbable,
} from "../labels.ts";
import { loadModel, saveModel } from "../persistence.ts";
import { RandomForestClassifier, type RandomForestOptions } from "./random_forest.ts";

const KIND = "hierarchical-forest";

/** Branches and the classes in each, for instance `{ transient: ["SN Ia", "SN II"], periodic: ["RRL", "EB"] }`. */
export type Taxonomy = Readonly<Record<string, readonly string[]>>;

/** The taxonomy of the ELAsTiCC classes that the balanced hierarchical forest beside ATAT works with (Cabrera-Vives et al. 2024). */
export const ELASTICC_TAXONOMY: Taxonomy = {
  Transient: [
    "CART",
    "Iax",
    "91bg",
    "Ia",
    "Ib/c",
    "II",
    "SN-like/Other",
    "SLSN",
    "PISN",
    "TDE",
    "ILOT",
    "KN",
  ],
  Stochastic: ["M-dwarf Flare", "Dwarf Novae", "AGN", "uLens"],
  Periodic: ["Delta Scuti", "RR Lyrae", "Cepheid", "EB"],
};

/** Options of {@link HierarchicalForest}. */
export interface HierarchicalForestOptions {
  /** Seed of all forests; each draws from its own stream. */
  seed: number | string;
  /** The branches with their classes; no class may stand in two. */
  taxonomy: Taxonomy;
  /** What a NaN does in every forest: an error, or it counts as lower than every number. Default `"refuse"`. */
  missing?: "refuse" | "lowest";
  /** Options of the forest that chooses the branch. Default: 500 trees on balanced draws. */
  top?: Partial<RandomForestOptions>;
  /** Options of the forests within the branches, by branch name. Default: 500 trees on balanced draws. */
  branches?: Readonly<Record<string, Partial<RandomForestOptions>>>;
}

/**
 * What that baseline changes within the branches: 350 trees with a least impurity decrease of 3e-5 for transients,
 * and 15000, 9000 and 3900 objects of each class for the transient, periodic and stochastic forests.
 */
export const ELASTICC_BRANCH_OPTIONS: Readonly<Record<string, Partial<RandomForestOptions>>> = {
  Transient: { trees: 350, minImpurityDecrease: 3e-5, samplesPerClass: 15000 },
  Periodic: { samplesPerClass: 9000 },
  Stochastic: { samplesPerClass: 3900 },
};

/**
 * Forests in two levels (Sanchez-Saez et al. 2021): one chooses the branch of the taxonomy, one a branch chooses the class.
 * The probability of a class is P(branch) P(class | branch). A branch of one class needs no forest of its own; classes of
 * the taxonomy that the training set lacks have no column.
 *
 * @example
 * ```ts
 * import { HierarchicalForest } from "ephemera/learn";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const small = { trees: 20, workers: 1 };
 * const forest = new HierarchicalForest({
 *   seed: 1, taxonomy: { low: ["a", "b"], high: ["c"] }, top: small, branches: { low: small },
 * });
 * await forest.fit(matrix([0, 1, 4, 5, 20, 21], 6, 1), ["a", "a", "b", "b", "c", "c"]);
 * assert.deepEqual(forest.classNames, ["a", "b", "c"]);
 * assert.equal(forest.classNames[forest.predict(matrix([22], 1, 1)).codes[0]], "c");
 * ```
 */
export class HierarchicalForest implements Classifier {
  /** The options of the model. */
  readonly options: HierarchicalForestOptions;
  #state: { top: RandomForestClassifier | null; parts: Part[]; columns: number } | null = null;

  /** Takes the options; nothing is learned before `fit`. */
  constructor(options: HierarchicalForestOptions) {
    const names = Object.values(options.taxonomy).flat();
    demand(names.length > 0 && new Set(names).size === names.length, {
      expected: "a taxonomy in which each class stands once",
      found: names.filter((name, i) => names.indexOf(name) !== i).join(", ") || "no class",
      where: "HierarchicalForest",
    });
    const unknown = Object.keys(options.branches ?? {}).filter((branch) => !(branch in options.taxonomy));
    demand(unknown.length === 0, {
      expected: `options for the branches ${Object.keys(options.taxonomy).join(", ")}`,
      found: unknown.join(", "),
      where: "HierarchicalForest",
    });
    this.options = options;
  }

  /** Grows the forest of the branches, then one forest within each branch. */
  async fit(x: Matrix, labels: LabelInput): Promise<this> {
    const where = "HierarchicalForest.fit";
    const { taxonomy, missing } = this.options;
    checkTable(x, where, { minimumRows: 2, allowMissing: missing === "lowest" });
    const names = labelNames(checkLabels(x, labels, where));
    const branchOf = new Map(
      Object.entries(taxonomy).flatMap(([branch, list]) => list.map((name) => [name, branch])),
    );
    const lost = [...new Set(names)].filter((name) => !branchOf.has(name));
    demand(lost.length === 0, {
      expected: "classes of the taxonomy",
      found: lost.join(", "),
      where,
      remedy: "add them to a branch, or leave these objects out",
    });
    const branches = names.map((name) => branchOf.get(name)!);
    const parts: Part[] = [];
    for (const branch of Object.keys(taxonomy)) {
      const rows = branches.flatMap((name, i) => name === branch ? [i] : []);
      if (rows.length === 0) continue;
      const inside = rows.map((i) => names[i]);
      const classNames = taxonomy[branch].filter((name) => inside.includes(name));
      const forest = classNames.length === 1
        ? null
        : await this.#forest(branch, this.options.branches?.[branch]).fit(takeRows(x, rows), inside);
      parts.push({ branch, classNames, forest });
    }
    const top = parts.length === 1 ? null : await this.#forest("top", this.options.top).fit(x, branches);
    this.#state = { top, parts, columns: x.columns };
    return this;
  }

  get classNames(): readonly string[] {
    return fitted(this.#state, "HierarchicalForest").parts.flatMap(({ classNames }) => classNames);
  }

  predictProbabilities(x: Matrix): ClassProbabilities {
    const { top, parts, columns } = fitted(this.#state, "HierarchicalForest");
    checkTable(x, "HierarchicalForest", {
      columns,
      minimumRows: 0,
      allowMissing: this.options.missing === "lowest",
    });
    const { classNames } = this;
    const K = classNames.length;
    const probabilities = zeros(x.rows, K);
    const branchProbabilities = this.predictBranches(x);
    let first = 0;
    for (const { branch, classNames: own, forest } of parts) {
      const b = top === null ? 0 : branchProbabilities.classNames.indexOf(branch);
      const B = branchProbabilities.classNames.length;
      const within = forest?.predictProbabilities(x);
      own.forEach((name, c) => {
        const w = within?.classNames.indexOf(name) ?? 0;
        for (let i = 0; i < x.rows; i++) {
          const conditional = within ? within.probabilities.data[i * own.length + w] : 1;
          probabilities.data[i * K + first + c] = branchProbabilities.probabilities.data[i * B + b] *
            conditional;
        }
      });
      first += own.length;
    }
    return { classNames, probabilities };
  }

  /** Returns the probabilities of the branches. */
  predictBranches(x: Matrix): ClassProbabilities {
    const { top, parts } = fitted(this.#state, "HierarchicalForest");
    if (top !== null) return top.predictProbabilities(x);
    const probabilities = zeros(x.rows, 1);
    probabilities.data.fill(1);
    return { classNames: [parts[0].branch], probabilities };
  }

  predict(x: Matrix): Labels {
    return mostProbable(this.predictProbabilities(x));
  }

  async save(directory: string): Promise<void> {
    const { top, parts, columns } = fitted(this.#state, "HierarchicalForest.save");
    const settings = {
      options: this.options,
      columns,
      top: top !== null,
      parts: parts.map(({ branch, classNames, forest }) => ({ branch, classNames, forest: forest !== null })),
    };
    await saveModel(directory, { kind: KIND, settings, arrays: {} });
    if (top) await top.save(`${directory}/top`);
    // Folders are numbered, since a branch may bear any name.
    for (const [p, { forest }] of parts.entries()) if (forest) await forest.save(`${directory}/branch_${p}`);
  }

  /** Returns the forests that `save` wrote into `directory`. */
  static async load(directory: string): Promise<HierarchicalForest> {
    const { settings } = await loadModel(directory, KIND);
    const { options, columns, top, parts } = settings as {
      options: HierarchicalForestOptions;
      columns: number;
      top: boolean;
      parts: { branch: string; classNames: string[]; forest: boolean }[];
    };
    const result = new HierarchicalForest(options);
    result.#state = {
      columns,
      top: top ? await RandomForestClassifier.load(`${directory}/top`) : null,
      parts: await Promise.all(parts.map(async ({ branch, classNames, forest }, p) => ({
        branch,
        classNames,
        forest: forest ? await RandomForestClassifier.load(`${directory}/branch_${p}`) : null,
      }))),
    };
    return result;
  }

  /** The name of the forest parts its random numbers from those of the others. */
  #forest(name: string, options: Partial<RandomForestOptions> | undefined): RandomForestClassifier {
    return new RandomForestClassifier({
      trees: 500,
      sampling: "balanced",
      missing: this.options.missing,
      ...options,
      seed: `${this.options.seed}/${name}`,
    });
  }
}

interface Part {
  branch: string;
  classNames: readonly string[];
  /** None when the branch has one class. */
  forest: RandomForestClassifier | null;
}
