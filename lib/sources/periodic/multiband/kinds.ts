/** The variable stars of the Milky Way as kinds of the simulated sky. */
import type { Random } from "../../../core/mod.ts";
import type { SkyKind, SkySetting, SkySource } from "../../sky_source.ts";
import { drawContactBinary, drawDetachedBinary, drawSemiDetachedBinary } from "../binary_population.ts";
import { drawCepheid, drawOvertoneCepheid } from "../cepheid.ts";
import { drawDeltaScuti, drawHads } from "../delta_scuti.ts";
import { drawMira, drawSemiRegular } from "../long_period.ts";
import { drawSpottedStar } from "../rotational.ts";
import { drawRrLyraeAb, drawRrLyraeC, drawRrLyraeD } from "../rr_lyrae.ts";
import type { DrawStar } from "../star.ts";
import { drawBlHerculis, drawRvTauri, drawWVirginis } from "../type_two_cepheid.ts";
import {
  CEPHEID_SCALING,
  DELTA_SCUTI_SCALING,
  MIRA_SCALING,
  RR_LYRAE_AB_SCALING,
  RR_LYRAE_C_SCALING,
  SEMI_REGULAR_SCALING,
} from "./amplitude_ratios.ts";
import { binarySource } from "./binary.ts";
import { discDensity, haloDensity, youngDiscDensity } from "./galactic_structure.ts";
import { pulsatingSource, type PulsationModel } from "./pulsating.ts";
import { spottedSource } from "./spotted.ts";

type Draw = SkyKind["draw"];

/** A kind made of pulsating stars of one V-band population. */
function pulsating(name: string, draw: DrawStar, model: PulsationModel): Draw {
  return (random, setting) => pulsatingSource(name, draw(random, setting.window), random, setting, model);
}

/** A kind made of several, each with its share. */
function mixture(parts: readonly (readonly [number, Draw])[]): Draw {
  const weights = parts.map(([share]) => share), draws = parts.map(([, draw]) => draw);
  return (random: Random, setting: SkySetting): SkySource =>
    random.choice(draws, { weights })(random, setting);
}

const inHalo = (scaling: PulsationModel["scaling"]): PulsationModel => ({ scaling, density: haloDensity });
const inDisc = (scaling: PulsationModel["scaling"]): PulsationModel => ({ scaling, density: discDensity });
const youngCepheid: PulsationModel = { scaling: CEPHEID_SCALING, density: youngDiscDensity };

/** The three subtypes of RR Lyrae stars, under the name that the source is to have. */
const abStar = (name: string) => pulsating(name, drawRrLyraeAb, inHalo(RR_LYRAE_AB_SCALING));
const cStar = (name: string) => pulsating(name, drawRrLyraeC, inHalo(RR_LYRAE_C_SCALING));
const dStar = (name: string) => pulsating(name, drawRrLyraeD, inHalo(RR_LYRAE_C_SCALING));

const binary = (name: string, draw: DrawStar): Draw => (random, setting) =>
  binarySource(name, draw(random, setting.window), random, setting);

const BINARIES = "Russell & Merrill 1952; Rucinski 2001, AJ 122, 1007; temperatures from Planck's law";
const RR_LYRAE =
  `${RR_LYRAE_AB_SCALING.reference}; Drake et al. 2013, ApJ 763, 32; Watkins et al. 2009, MNRAS 398, 1757`;

/**
 * All kinds of periodic and slowly variable stars. Shares in mixtures: RR Lyrae ab, c, d 0.77, 0.21, 0.02 (halo fields,
 * Drake et al. 2014); eclipsing binaries EA, EB, EW 0.33, 0.17, 0.5 (ASAS-SN, Jayasinghe et al. 2020); Cepheids
 * fundamental, overtone, BL Her, W Vir, RV Tau 0.3, 0.15, 0.22, 0.25, 0.08 (old ones live where deep surveys look).
 */
export const VARIABLE_STAR_KINDS: readonly SkyKind[] = [
  {
    name: "RRL",
    galactic: true,
    reference: RR_LYRAE,
    draw: mixture([[0.77, abStar("RRL")], [0.21, cStar("RRL")], [0.02, dStar("RRL")]]),
  },
  { name: "RRab", galactic: true, reference: RR_LYRAE, draw: abStar("RRab") },
  {
    name: "RRcd",
    galactic: true,
    reference: RR_LYRAE,
    draw: mixture([[0.91, cStar("RRcd")], [0.09, dStar("RRcd")]]),
  },
  {
    name: "Cepheid",
    galactic: true,
    reference: CEPHEID_SCALING.reference,
    draw: mixture([
      [0.3, pulsating("Cepheid", drawCepheid, youngCepheid)],
      [0.15, pulsating("Cepheid", drawOvertoneCepheid, youngCepheid)],
      [0.22, pulsating("Cepheid", drawBlHerculis, inHalo(CEPHEID_SCALING))],
      [0.25, pulsating("Cepheid", drawWVirginis, inHalo(CEPHEID_SCALING))],
      [0.08, pulsating("Cepheid", drawRvTauri, inHalo(CEPHEID_SCALING))],
    ]),
  },
  {
    name: "DeltaScuti",
    galactic: true,
    reference: `${DELTA_SCUTI_SCALING.reference}; Ziaali et al. 2019, MNRAS 486, 4348`,
    draw: mixture([
      [0.5, pulsating("DeltaScuti", drawHads, inDisc(DELTA_SCUTI_SCALING))],
      [0.5, pulsating("DeltaScuti", drawDeltaScuti, inDisc(DELTA_SCUTI_SCALING))],
    ]),
  },
  {
    name: "Mira",
    galactic: true,
    reference: MIRA_SCALING.reference,
    draw: pulsating("Mira", drawMira, inDisc(MIRA_SCALING)),
  },
  {
    name: "SemiRegular",
    galactic: true,
    reference: SEMI_REGULAR_SCALING.reference,
    draw: pulsating("SemiRegular", drawSemiRegular, inDisc(SEMI_REGULAR_SCALING)),
  },
  {
    name: "EB",
    galactic: true,
    reference: BINARIES,
    draw: mixture([
      [0.33, binary("EB", drawDetachedBinary)],
      [0.17, binary("EB", drawSemiDetachedBinary)],
      [0.5, binary("EB", drawContactBinary)],
    ]),
  },
  {
    name: "Rotational",
    galactic: true,
    reference: "Budding 1977, Ap&SS 48, 207; Berdyugina 2005, Living Rev. Sol. Phys. 2, 8",
    draw: (random, setting) => spottedSource("Rotational", drawSpottedStar(random), random, setting),
  },
];
