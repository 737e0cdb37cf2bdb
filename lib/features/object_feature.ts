/** All observations of one object: what a feature that looks across bands receives. */
export interface ObjectCurve {
  /** Days, ascending; equal times in different bands are legal. */
  time: Float64Array;
  /** Fluxes or magnitudes, as the feature asks. */
  value: Float64Array;
  /** One-sigma errors. */
  error?: Float64Array;
  /** Index into `bands` of each observation. */
  band: Uint8Array;
  /** Names of the survey's bands, in order of wavelength. */
  bands: readonly string[];
  /** Whether the survey detected the source in each observation. */
  detected?: Uint8Array;
  /** Numbers known of the object as a whole. */
  metadata?: Readonly<Record<string, number>>;
}

/** A family of features of a whole object, all bands at once. */
export interface ObjectFeature {
  /** Name in the registry. */
  name: string;
  /** Names of the numbers, in the order `compute` returns them. */
  outputs(bands: readonly string[]): string[];
  /** The definition in one line. */
  formula: string;
  /** Where it comes from. */
  reference: string;
  /** NaN stands for a number that the object does not have, for instance of a band without observations. */
  compute(object: ObjectCurve): ArrayLike<number>;
}

/** Rows of each band, in order of time. */
export function rowsByBand(object: ObjectCurve): number[][] {
  const rows: number[][] = object.bands.map(() => []);
  for (let i = 0; i < object.band.length; i++) rows[object.band[i]].push(i);
  return rows;
}
