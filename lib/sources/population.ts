/** Which stars the sky holds: the types of each superclass, and how each is drawn. */
import {
  drawContactBinary,
  drawDetachedBinary,
  drawSemiDetachedBinary,
} from "./periodic/binary_population.ts";
import { drawCepheid, drawOvertoneCepheid } from "./periodic/cepheid.ts";
import { drawDeltaScuti, drawHads } from "./periodic/delta_scuti.ts";
import { drawMira, drawSemiRegular } from "./periodic/long_period.ts";
import { drawSpottedStar } from "./periodic/rotational.ts";
import { drawRrLyraeAb, drawRrLyraeC, drawRrLyraeD } from "./periodic/rr_lyrae.ts";
import { type DrawStar, NOVEL_CLASS, type Superclass, SUPERCLASSES } from "./periodic/star.ts";
import { drawBlHerculis, drawRvTauri, drawWVirginis } from "./periodic/type_two_cepheid.ts";
import { drawIrregularGiant, drawUxOrionis, drawYoungStar } from "./unclassified/irregular.ts";
import { drawBeStar, drawMicrolensing, drawRcrb } from "./unclassified/outburst.ts";
import {
  drawDiscEclipse,
  drawGravityModePulsator,
  drawHeartbeatStar,
  drawPolar,
} from "./unclassified/periodic_oddities.ts";

/** A kind of star that can be drawn. */
export interface StarKind {
  /** The superclass it belongs to; {@link NOVEL_CLASS} for kinds outside the eight. */
  superclass: Superclass | typeof NOVEL_CLASS;
  /** Draws one. */
  draw: DrawStar;
}

/**
 * All kinds by type name: the ASAS-SN types of the eight superclasses (Tsang & Schultz 2019, Table 1), and kinds of no
 * superclass. Of the latter, `WRONG` stands for a known type with a catalogue period that has nothing to do with it.
 */
export const STAR_KINDS: Readonly<Record<string, StarKind>> = {
  CWA: { superclass: "CEPH", draw: drawWVirginis },
  CWB: { superclass: "CEPH", draw: drawBlHerculis },
  DCEP: { superclass: "CEPH", draw: drawCepheid },
  DCEPS: { superclass: "CEPH", draw: drawOvertoneCepheid },
  RVA: { superclass: "CEPH", draw: drawRvTauri },
  DSCT: { superclass: "DSCT", draw: drawDeltaScuti },
  HADS: { superclass: "DSCT", draw: drawHads },
  EA: { superclass: "ECL", draw: drawDetachedBinary },
  EB: { superclass: "ECL", draw: drawSemiDetachedBinary },
  EW: { superclass: "ECL", draw: drawContactBinary },
  M: { superclass: "M", draw: drawMira },
  ROT: { superclass: "ROT", draw: drawSpottedStar },
  RRAB: { superclass: "RRAB", draw: drawRrLyraeAb },
  RRC: { superclass: "RRCD", draw: drawRrLyraeC },
  RRD: { superclass: "RRCD", draw: drawRrLyraeD },
  SR: { superclass: "SR", draw: drawSemiRegular },
  L: { superclass: NOVEL_CLASS, draw: drawIrregularGiant },
  YSO: { superclass: NOVEL_CLASS, draw: drawYoungStar },
  UXOR: { superclass: NOVEL_CLASS, draw: drawUxOrionis },
  GCAS: { superclass: NOVEL_CLASS, draw: drawBeStar },
  RCB: { superclass: NOVEL_CLASS, draw: drawRcrb },
  ML: { superclass: NOVEL_CLASS, draw: drawMicrolensing },
  HB: { superclass: NOVEL_CLASS, draw: drawHeartbeatStar },
  GMODE: { superclass: NOVEL_CLASS, draw: drawGravityModePulsator },
  AM: { superclass: NOVEL_CLASS, draw: drawPolar },
  DE: { superclass: NOVEL_CLASS, draw: drawDiscEclipse },
  WRONG: {
    superclass: NOVEL_CLASS,
    draw: (random, window) => {
      const kind = random.choice(["EA", "SR", "SR", "EW", "ROT"]);
      return STAR_KINDS[kind].draw(random, window);
    },
  },
};

/** The names of all classes: the eight superclasses, then {@link NOVEL_CLASS}. */
export const CLASS_NAMES: readonly string[] = [...SUPERCLASSES, NOVEL_CLASS];
