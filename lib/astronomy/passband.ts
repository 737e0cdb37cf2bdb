/**
 * A passband: which share of the photons at the top of the atmosphere a telescope detects at each wavelength.
 */
export interface Passband {
  /** Name of the band within its system, e.g. `"g"`. */
  name: string;
  /** Wavelengths in angstrom (vacuum), ascending. */
  wavelength: Float64Array;
  /** Share of photons detected at each wavelength, 0 to 1. Only the shape matters for magnitudes. */
  throughput: Float64Array;
}
