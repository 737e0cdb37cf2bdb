/** Types Ib and Ic as they come. */
import type { SkyKind } from "../sky_source.ts";
import { SN_IB } from "./sn_ib.ts";
import { SN_IC } from "./sn_ic.ts";

/**
 * Share of type Ib among Ib and Ic (with broad-lined Ic) in a volume: 10.8 to 8.6 (Shivvers et al. 2017,
 * table 3).
 */
export const IB_SHARE = 10.8 / 19.4;

/** Types Ib and Ic by their volumetric shares. Parameters: as theirs, and `helium`, 1 for a type Ib. */
export const SN_IBC: SkyKind = {
  name: "SNIbc",
  galactic: false,
  reference: "Shivvers et al. 2017, PASP 129, 054201; Lyman et al. 2016, MNRAS 457, 328",
  draw(random, setting) {
    const helium = random.uniform() < IB_SHARE, source = (helium ? SN_IB : SN_IC).draw(random, setting);
    return { ...source, kind: "SNIbc", parameters: { ...source.parameters, helium: Number(helium) } };
  },
};
