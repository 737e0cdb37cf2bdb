/** Ways of following an object up: each reveals some features and costs some time. */
import { demand } from "../../core/mod.ts";

/**
 * One kind of follow-up: a spectrum, one more colour, one more epoch. Everything else of the chapter asks only which
 * features it reveals, so that kinds compete on the same footing.
 */
export interface FollowUpKind {
  /** Its name in tables and reasons, e.g. `"spectrum"`. */
  name: string;
  /** The features (columns of a table of training objects) that are known after it, and not before. */
  reveals: readonly string[];
}

/** Returns a kind of follow-up. Throws an EphemeraError when it reveals nothing, or a feature twice. */
export function followUpKind(name: string, reveals: readonly string[]): FollowUpKind {
  demand(name !== "" && reveals.length > 0 && new Set(reveals).size === reveals.length, {
    expected: "a name and features that differ, at least one",
    found: `"${name}" with ${reveals.join(", ") || "none"}`,
    where: "followUpKind",
  });
  return { name, reveals: [...reveals] };
}

/** The paper's: a spectrum, whose two chosen features are latent means of its autoencoder. */
export const PAPER_SPECTRUM: FollowUpKind = followUpKind("spectrum", ["mu_2", "mu_5"]);
