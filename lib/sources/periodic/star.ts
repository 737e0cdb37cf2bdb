/** What every variable star of the library is: parameters, photometry, and a magnitude at any time. */
import type { Random } from "../../core/mod.ts";

/** The eight superclasses of periodic variables that a classifier learns (Tsang & Schultz 2019, Table 1). */
export const SUPERCLASSES = ["CEPH", "DSCT", "ECL", "M", "ROT", "RRAB", "RRCD", "SR"] as const;

/** Name of the class of stars that no classifier is shown: variables of unspecified type. */
export const NOVEL_CLASS = "VAR";

/** One of {@link SUPERCLASSES}. */
export type Superclass = typeof SUPERCLASSES[number];

/** A variable star in the V band. */
export interface VariableStar {
  /** Type in the nomenclature of the Variable Star Index, e.g. `"RRAB"` or `"DCEP"`. */
  readonly type: string;
  /** Period in days, NaN for a star that has none. */
  readonly period: number;
  /** The physical parameters that made the star, units in the doc of each model. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Mean absolute magnitude M_G in Gaia's G band. */
  readonly absoluteMagnitude: number;
  /** Intrinsic colour (BP - RP)_0 in magnitudes. */
  readonly colour: number;
  /** Returns V minus the star's mean V magnitude at a time in days (MJD). */
  magnitude(time: number): number;
}

/** First and last time in days between which a star is going to be looked at; single events are drawn inside it. */
export interface TimeWindow {
  /** First day, MJD. */
  start: number;
  /** Last day, MJD. */
  end: number;
}

/** Draws one star of a population. The same generator state gives the same star. */
export type DrawStar = (random: Random, window: TimeWindow) => VariableStar;
