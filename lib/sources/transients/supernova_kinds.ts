/** All kinds of supernovae. */
import type { SkyKind } from "../sky_source.ts";
import { SN_IA } from "./sn_ia.ts";
import { SN_IA_91BG } from "./sn_ia_91bg.ts";
import { SN_IAX } from "./sn_iax.ts";
import { SN_IB } from "./sn_ib.ts";
import { SN_IBC } from "./sn_ibc.ts";
import { SN_IC } from "./sn_ic.ts";
import { SN_II } from "./sn_ii.ts";
import { SN_IIB } from "./sn_iib.ts";
import { SN_IIL } from "./sn_iil.ts";
import { SN_IIN } from "./sn_iin.ts";
import { SN_IIP } from "./sn_iip.ts";

/** The kinds of supernovae; `SNII` mixes `SNIIP` and `SNIIL`, `SNIbc` mixes `SNIb` and `SNIc`. */
export const SUPERNOVA_KINDS: readonly SkyKind[] = [
  SN_IA,
  SN_IA_91BG,
  SN_IAX,
  SN_II,
  SN_IIP,
  SN_IIL,
  SN_IIN,
  SN_IIB,
  SN_IBC,
  SN_IB,
  SN_IC,
];
