/** A fitted follow-up model that can be kept: both forests and the joint density. */
import { demand, EphemeraError } from "../../core/mod.ts";
import { checkMixture, RandomForestClassifier } from "../../learn/mod.ts";
import { matrix } from "../../numerics/mod.ts";
import { configure, type FollowUpConfiguration, type FollowUpSettings, PAPER } from "./configuration.ts";
import type { FollowUpKind } from "./follow_up_kind.ts";
import { checkFollowUpSet, checkKnown, type FollowUpSet } from "./follow_up_set.ts";
import { fitParts, type FittedParts, type PlainModel, plainModel } from "./plain_model.ts";
import { type FollowUpScores, scoreObjects } from "./scoring.ts";

const FORMAT = "ephemera-follow-up-1", FACTS = "follow_up.json";
/** Largest description that is read, bytes. */
const LARGEST = 16 * 2 ** 20;

/** Options of {@link FollowUpModel.fit}. */
export interface FollowUpModelOptions {
  seed: number | string;
  /** Name of the kind of follow-up. Default `"spectrum"`. */
  kind?: string;
  /** In place of the paper's settings. */
  settings?: FollowUpSettings;
  /** Workers; default one a core. */
  workers?: number;
}

/** P_t, P_ts and Q(x_t, x_s) of a set of objects, for scoring other objects. */
export class FollowUpModel {
  /** Which features the follow-up reveals. */
  readonly kind: FollowUpKind;
  /** Names of the features that must be known of every object, in this order. */
  readonly knownNames: readonly string[];
  /** The settings that the model was fitted with. */
  readonly configuration: FollowUpConfiguration;
  /** The parts as plain data. */
  readonly plain: PlainModel;
  readonly #parts: FittedParts;

  private constructor(
    kind: FollowUpKind,
    knownNames: readonly string[],
    configuration: FollowUpConfiguration,
    parts: FittedParts,
  ) {
    this.kind = kind;
    this.knownNames = knownNames;
    this.configuration = configuration;
    this.#parts = parts;
    this.plain = plainModel(parts, configuration.mixture.densityFloor);
  }

  /** Resolves to a model of a labelled set; at least some objects of each class need to have been followed up. */
  static async fit(set: FollowUpSet, options: FollowUpModelOptions): Promise<FollowUpModel> {
    const { seed, settings, workers, kind = "spectrum" } = options;
    checkFollowUpSet(set, "FollowUpModel.fit");
    const configuration = configure(PAPER, settings);
    const parts = await fitParts(set, { configuration, seed, workers });
    return new FollowUpModel(
      { name: kind, reveals: set.revealedNames },
      set.knownNames,
      configuration,
      parts,
    );
  }

  /** Class names, in the order of the columns of probabilities. */
  get classNames(): readonly string[] {
    return this.plain.timeForest.classNames;
  }

  /**
   * Resolves to the scores of objects; see {@link scoreObjects}. Their own revealed features and labels are not looked at.
   * @throws EphemeraError when the features are not those of the model, or one is missing
   */
  async score(
    set: Pick<FollowUpSet, "ids" | "known" | "knownNames">,
    options: { seed: number | string; workers?: number },
  ): Promise<FollowUpScores> {
    demand(set.knownNames.join("\n") === this.knownNames.join("\n"), {
      expected: `the features ${this.knownNames.join(", ")}`,
      found: set.knownNames.join(", "),
      where: "FollowUpModel.score",
    });
    checkKnown(set.ids, set.knownNames, set.known, "FollowUpModel.score");
    return await scoreObjects(this.plain, set.ids, set.known, {
      ...options,
      scoring: this.configuration.scoring,
    });
  }

  /** Writes the model into a folder, made when missing. */
  async save(directory: string): Promise<void> {
    await Deno.mkdir(directory, { recursive: true });
    await this.#parts.time.save(`${directory}/time_forest`);
    await this.#parts.both.save(`${directory}/both_forest`);
    const { parameters, known, ranges } = this.#parts.joint;
    const facts = {
      format: FORMAT,
      kind: this.kind,
      knownNames: this.knownNames,
      configuration: this.configuration,
      joint: {
        known,
        ranges: [...ranges],
        weights: [...parameters.weights],
        means: [...parameters.means.data],
        covariances: parameters.covariances.map(({ data }) => [...data]),
      },
    };
    await Deno.writeTextFile(`${directory}/${FACTS}`, JSON.stringify(facts));
  }

  /** Resolves to the model that {@link FollowUpModel.save} wrote. Throws an EphemeraError on anything else. */
  static async load(directory: string): Promise<FollowUpModel> {
    const where = `${directory}/${FACTS}`, { size } = await Deno.stat(where);
    demand(size <= LARGEST, { expected: "a description below 16 MB", found: `${size} bytes`, where });
    let facts;
    try {
      facts = JSON.parse(await Deno.readTextFile(where));
    } catch (cause) {
      throw new EphemeraError({ expected: "a follow-up model in JSON", found: "other text", where, cause });
    }
    demand(facts?.format === FORMAT, { expected: `the format ${FORMAT}`, found: `${facts?.format}`, where });
    const { kind, knownNames, configuration, joint } = facts;
    const T = knownNames?.length, l = T + kind?.reveals?.length, K = joint?.weights?.length;
    demand(
      l > T && T > 0 && K > 0 && joint.known === T && joint.ranges?.length === l &&
        joint.covariances?.length === K,
      { expected: "a joint density of the features that are named", found: "another", where },
    );
    const parameters = {
      weights: Float64Array.from(joint.weights),
      means: matrix(joint.means, K, l),
      covariances: (joint.covariances as number[][]).map((c) => matrix(c, l, l)),
    };
    checkMixture(parameters);
    const time = await RandomForestClassifier.load(`${directory}/time_forest`);
    const both = await RandomForestClassifier.load(`${directory}/both_forest`);
    const model = new FollowUpModel(kind, knownNames, configure(configuration), {
      time,
      both,
      joint: { parameters, known: T, ranges: Float64Array.from(joint.ranges) },
    });
    const { timeForest, bothForest } = model.plain;
    demand(
      timeForest.columns <= T && bothForest.columns <= l &&
        timeForest.classNames.join("\n") === bothForest.classNames.join("\n"),
      { expected: "two forests of these features and the same classes", found: "others", where: directory },
    );
    return model;
  }
}
