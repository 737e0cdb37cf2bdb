/** A fitted detector as two files: everything small as JSON, the weights as safetensors. */
import { demand, EphemeraError } from "../../core/mod.ts";
import type { MixtureParameters } from "../../learn/mod.ts";
import { matrix } from "../../numerics/mod.ts";
import {
  assignParameters,
  disposeParameters,
  type NamedArrays,
  plainArray,
  readParameters,
  readSafetensors,
  writeSafetensors,
} from "../../tensor/mod.ts";
import { configure, type NoveltyConfiguration } from "./configuration.ts";
import type { FittedNovelty } from "./detector.ts";
import { createNetwork } from "./network.ts";

const FORMAT = "ephemera-novelty-1";
const FACTS = "detector.json", WEIGHTS = "weights.safetensors";

/** Writes a fitted detector into a folder, made when missing. */
export async function saveDetector(
  directory: string,
  configuration: NoveltyConfiguration,
  fitted: FittedNovelty,
): Promise<void> {
  const { classNames, parameters, scaling, mixture, trainingEnergies, reference } = fitted;
  await Deno.mkdir(directory, { recursive: true });
  const arrays: NamedArrays = await readParameters(parameters);
  const { means, covariances, weights } = mixture, l = means.columns;
  arrays.set("mixture/weights", plainArray([weights.length], weights));
  arrays.set("mixture/means", plainArray([means.rows, l], means.data));
  const stacked = Float64Array.from(covariances.flatMap((each) => [...each.data]));
  arrays.set("mixture/covariances", plainArray([covariances.length, l, l], stacked));
  arrays.set("training energies", plainArray([trainingEnergies.length], trainingEnergies));
  await writeSafetensors(`${directory}/${WEIGHTS}`, arrays, { metadata: { format: FORMAT } });
  const facts = { format: FORMAT, configuration, classNames, scaling, reference };
  await Deno.writeTextFile(`${directory}/${FACTS}`, JSON.stringify(facts));
}

/** Reads what {@link saveDetector} wrote. */
export async function loadDetector(
  directory: string,
): Promise<{ configuration: NoveltyConfiguration; fitted: FittedNovelty }> {
  const facts = await readFacts(`${directory}/${FACTS}`);
  const configuration = configure(facts.configuration);
  const { arrays } = await readSafetensors(`${directory}/${WEIGHTS}`);
  const take = (name: string) => {
    const array = arrays.get(name);
    demand(array?.dtype === "float64", {
      expected: `the float64 array "${name}"`,
      found: array === undefined ? "none" : array.dtype,
      where: `${directory}/${WEIGHTS}`,
      remedy: "save the detector again",
    });
    arrays.delete(name);
    return { shape: array.shape, data: array.data as Float64Array };
  };
  const weights = take("mixture/weights").data,
    means = take("mixture/means"),
    stacked = take("mixture/covariances").data;
  const [components, l] = means.shape;
  demand(
    components === facts.classNames.length && weights.length === components &&
      stacked.length === components * l * l,
    () => ({
      expected: `a mixture of ${facts.classNames.length} components`,
      found: `weights ${weights.length}, means ${
        means.shape.join(" x ")
      }, ${stacked.length} covariance elements`,
      where: `${directory}/${WEIGHTS}`,
      remedy: "keep the two files of one detector together",
    }),
  );
  const mixture: MixtureParameters = {
    weights,
    means: matrix(means.data, components, l),
    covariances: Array.from(
      { length: components },
      (_, k) => matrix(stacked.slice(k * l * l, (k + 1) * l * l), l, l),
    ),
  };
  const trainingEnergies = take("training energies").data;
  const { classNames, scaling, reference } = facts;
  const sizes = { auxiliaries: scaling.means.length, classes: classNames.length };
  const parameters = createNetwork(configuration.network, sizes, 0);
  try {
    assignParameters(parameters, arrays);
  } catch (error) {
    disposeParameters(parameters);
    throw error;
  }
  return { configuration, fitted: { classNames, parameters, scaling, mixture, trainingEnergies, reference } };
}

type Facts =
  & { format: string; configuration: NoveltyConfiguration }
  & Pick<FittedNovelty, "classNames" | "scaling" | "reference">;

async function readFacts(path: string): Promise<Facts> {
  let facts: Facts;
  try {
    facts = JSON.parse(await Deno.readTextFile(path));
  } catch (cause) {
    throw new EphemeraError({
      expected: "the file of a saved detector",
      found: cause instanceof Error ? cause.message : String(cause),
      where: path,
      remedy: "give the folder that NoveltyDetector.save wrote",
      cause,
    });
  }
  const complete = Array.isArray(facts?.classNames) && facts.configuration &&
    facts.reference?.energyByClass &&
    facts.scaling?.means?.length === facts.scaling?.deviations?.length;
  demand(facts?.format !== FORMAT || complete, {
    expected: "configuration, classNames, scaling and reference of a detector",
    found: `the entries ${Object.keys(facts ?? {}).join(", ")}`,
    where: path,
    remedy: "save the detector again; this file is damaged",
  });
  demand(facts?.format === FORMAT, {
    expected: `the format ${FORMAT}`,
    found: String(facts?.format),
    where: path,
    remedy: "save the detector again with this version",
  });
  return facts;
}
