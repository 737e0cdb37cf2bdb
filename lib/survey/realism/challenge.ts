/** The real challenge that simulated supernovae are held against. */
import { Random } from "../../core/mod.ts";
import { dataSet, type LoadOptions } from "../../datasets/mod.ts";
import type { LightCurveSet } from "../../observations/mod.ts";

/** Share of the challenge's objects without a spectrum that the data set holds; those with one it holds all of. */
const KEPT_UNCONFIRMED = 9000 / 20216;

/**
 * Returns the light curves of the supernova challenge as its survey found them. The data set holds all objects with a spectrum but only
 * 9000 of 20216 others, so of the former the same share is drawn.
 */
export async function challengeSupernovae(
  seed: number | string,
  options: LoadOptions = {},
): Promise<LightCurveSet> {
  const set = await dataSet("snpcc").load(options), type = set.numbers("sntype");
  const random = new Random(seed).stream("challenge");
  return set.filter((_, i) => {
    const lucky = random.uniform() < KEPT_UNCONFIRMED;
    return type[i] === -9 || lucky;
  });
}
