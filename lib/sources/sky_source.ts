/** What every object of the simulated sky is to a survey: a flux in each passband at any time, without noise. */
import type { FlatUniverse, Passband } from "../astronomy/mod.ts";
import type { Random } from "../core/mod.ts";
import type { TimeWindow } from "./periodic/star.ts";

/** Where and through what an object is going to be seen. */
export interface SkySetting {
  /** Passbands in the order of the survey's bands. */
  passbands: readonly Passband[];
  /** Days (MJD) in which a transient's reference time (usually its maximum) is drawn. */
  window: TimeWindow;
  /** Heliocentric redshift; 0 for an object of the Milky Way. */
  redshift: number;
  /** Distances come from here. */
  universe: FlatUniverse;
  /** Colour excess E(B-V) of the Milky Way in front of the object, magnitudes. */
  mwebv: number;
  /** Range of mean r magnitudes in which a Galactic object may be drawn; other objects ignore it. */
  magnitudes: { bright: number; faint: number };
}

/** One drawn object. Fluxes are AB with zero point 27.5 (SNANA's FLUXCAL), outside the atmosphere, Galactic dust included. */
export interface SkySource {
  /** Name of its {@link SkyKind}. */
  readonly kind: string;
  /** Heliocentric redshift, 0 in the Milky Way. */
  readonly redshift: number;
  /** MJD of maximum light of a transient, NaN of a permanent object. */
  readonly peak: number;
  /** The physical parameters that were drawn, units in the doc of each model. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Mean total flux in each passband of a permanent object, which difference images subtract; zeros for a transient. */
  readonly quiescent: Float64Array;
  /** Returns the total flux at each time (MJD, any order) through the passband with each index. */
  flux(time: Float64Array, band: Uint8Array): Float64Array;
}

/** A class of objects with its published distributions. */
export interface SkyKind {
  /** What it is called, e.g. `"SNIa"`. */
  readonly name: string;
  /** Is it in the Milky Way? Then its redshift is 0 and it draws its own distance. */
  readonly galactic: boolean;
  /** Where formula and distributions come from. */
  readonly reference: string;
  /** Draws one object. The same generator state gives the same object. */
  draw(random: Random, setting: SkySetting): SkySource;
}
