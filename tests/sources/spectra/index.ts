/** Line indices and colours of a spectrum, for comparing simulated stars with real ones. */

/** A spectrum on any grid, vacuum angstrom. */
export interface Trace {
  wavelength: Float64Array;
  flux: Float64Array;
}

/** Returns the mean flux between two wavelengths. */
export function meanFlux({ wavelength, flux }: Trace, from: number, to: number): number {
  let sum = 0, count = 0;
  for (let j = 0; j < wavelength.length; j++) {
    if (wavelength[j] >= from && wavelength[j] <= to) {
      sum += flux[j];
      count++;
    }
  }
  return sum / count;
}

/** Returns the equivalent width in angstrom between `c` and `d`, under the line through the means of a-b and e-f. */
export function equivalentWidth(trace: Trace, [a, b, c, d, e, f]: readonly number[]): number {
  const { wavelength, flux } = trace, blue = meanFlux(trace, a, b), red = meanFlux(trace, e, f);
  const middle = (a + b) / 2, slope = (red - blue) / ((e + f) / 2 - middle);
  let width = 0;
  for (let j = 1; j < wavelength.length; j++) {
    if (wavelength[j] < c || wavelength[j] > d) continue;
    width += (1 - flux[j] / (blue + slope * (wavelength[j] - middle))) * (wavelength[j] - wavelength[j - 1]);
  }
  return width;
}

/** Side bands and line of each index (Worthey & Ottaviani 1997, Beers et al. 1999, in vacuum, and one for H alpha). */
export const INDICES = {
  hDelta: [4041.6, 4081.5, 4083.5, 4122.3, 4128.5, 4161],
  hBeta: [4827.9, 4847.9, 4847.9, 4876.6, 4876.6, 4891.6],
  hAlpha: [6510, 6540, 6545, 6585, 6590, 6620],
  calciumK: [3903, 3923, 3927.7, 3941.7, 4000, 4020],
  magnesium: [5117.6, 5142.6, 5160.1, 5192.6, 5191.4, 5206.4],
} as const;

/** Returns a colour in magnitudes: mean flux of 4000 to 5400 angstrom over that of 5600 to 7000. */
export function blueMinusRed(trace: Trace): number {
  return -2.5 * Math.log10(meanFlux(trace, 4000, 5400) / meanFlux(trace, 5600, 7000));
}

/** Returns the depth of titanium oxide: flux at 7126-7135 over that at 7042-7046 angstrom (Reid et al. 1995). */
export function titaniumOxide(trace: Trace): number {
  return meanFlux(trace, 7126, 7135) / meanFlux(trace, 7042, 7046);
}
