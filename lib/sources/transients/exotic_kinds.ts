/** Extragalactic transients that are no ordinary supernovae. */
import type { SkyKind } from "../sky_source.ts";
import { CALCIUM_RICH } from "./calcium_rich.ts";
import { ILOT } from "./ilot.ts";
import { KILONOVA } from "./kilonova.ts";
import { PISN } from "./pisn.ts";
import { SLSN_I } from "./slsn_i.ts";
import { TDE } from "./tde.ts";

/** Superluminous, pair-instability, tidal disruption, kilonova, intermediate-luminosity and calcium-rich. */
export const EXOTIC_KINDS: readonly SkyKind[] = [SLSN_I, PISN, TDE, KILONOVA, ILOT, CALCIUM_RICH];
