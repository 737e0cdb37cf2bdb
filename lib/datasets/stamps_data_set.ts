/** What a named set of real stamps is. */
import type { StampSequenceSet } from "../observations/mod.ts";
import type { LightCurveDataSet, LoadOptions } from "./data_set.ts";

/** A named set of real stamps. */
export interface StampDataSet extends Omit<LightCurveDataSet, "load"> {
  /**
   * Reads it; times ascend within an object.
   * @throws EphemeraError when its folder or a file of it is absent, or a file is damaged.
   */
  load(options?: LoadOptions): Promise<StampSequenceSet>;
}
