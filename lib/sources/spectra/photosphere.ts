/** The light of a stellar surface against wavelength: a black body with Balmer jump, lines, bands and line haze. */
import { demand } from "../../core/mod.ts";
import { interpolate } from "../periodic/draws.ts";
import { LINES } from "./line_list.ts";
import { type Atmosphere, grownWidth, metalWidth, relativeStrength } from "./line_strength.ts";

/** A surface and what shines above it. */
export interface StellarSurface extends Atmosphere {
  /** Factor on hydrogen lines: below 1 where a shock or a chromosphere fills them. Default 1. */
  hydrogen?: number;
  /** Equivalent widths in angstrom of emission by a chromosphere in H alpha and in Ca II K (H: 0.9 of it). Default none. */
  chromosphere?: { hAlpha: number; calciumK: number };
}

/**
 * Returns the flux density of a surface per angstrom (erg/s/cm^2/angstrom) at vacuum wavelengths in angstrom that ascend
 * in steps of 1e-4 in log10 or less; unresolved lines are as narrow as the grid lets them.
 *
 * Continuum: black body of the colour temperature, which opacity makes higher than the effective one (16,000 K in Vega's
 * Paschen continuum), as bright at 5500 angstrom as one of the effective temperature; below 3647 angstrom lower by the
 * Balmer jump. Hydrogen: widths
 * of dwarfs by temperature, shape `1 / (1 + |x|^2.5)` (Stark wings), narrower in hot stars of low gravity. Metals: widths in
 * the Sun carried to other stars by Saha, Boltzmann and a curve of growth; Ca II K by Layden's (1994) relation between K,
 * hydrogen and [Fe/H] above 5500 K. Molecules and helium by temperature. Lines too weak to be listed take a smooth share of
 * the light, in the Sun's proportions.
 *
 * @throws EphemeraError for a temperature outside 2500 to 40000 K, log g outside 0 to 5.5, or [Fe/H] outside -4 to 1.
 *
 * @example
 * ```ts
 * import { logWavelengthGrid } from "ephemera/observations";
 * import { photosphereFlux } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const grid = logWavelengthGrid(4800, 200);
 * const flux = photosphereFlux({ temperature: 9000, gravity: 4, metallicity: 0 }, grid);
 * const beta = grid.findIndex((w) => w > 4862.7);
 * assert.ok(flux[beta] < 0.5 * flux[0]);
 * ```
 */
export function photosphereFlux(star: StellarSurface, wavelength: Float64Array): Float64Array {
  const { temperature, gravity, metallicity, hydrogen = 1, chromosphere } = star;
  const ranges = [[temperature, 2500, 40000], [gravity, 0, 5.5], [metallicity, -4, 1]] as const;
  ["temperature", "log g", "[Fe/H]"].forEach((name, k) => {
    const [value, low, high] = ranges[k];
    demand(value >= low && value <= high, () => ({
      expected: `${name} from ${low} to ${high}`,
      found: String(value),
      where: "photosphereFlux",
    }));
  });
  const residual = new Lines(wavelength);
  addHydrogen(residual, star, hydrogen);
  addCalcium(residual, star);
  // Below 4700 K molecules take away the continuum that atoms would absorb; alkalis alone go on growing.
  const warm = { ...star, temperature: Math.max(4700, temperature) };
  for (const line of LINES.metals) {
    const alkali = line.species === "Na I" || line.species === "K I";
    residual.absorbNarrow(
      line.wavelength,
      metalWidth(line, LINES.species[line.species], alkali ? star : warm),
    );
  }
  for (const { lines, widths } of LINES.helium) {
    const width = interpolate(widths, temperature);
    for (const line of lines) residual.absorb(line.wavelength, width * line.share, 0.4, 2);
  }
  addBands(residual, star);
  addHaze(residual, warm);
  const flux = residual.values, jump = balmerJump(temperature), continuum = continuumOf(temperature);
  for (let j = 0; j < flux.length; j++) {
    flux[j] *= continuum(wavelength[j]) * (wavelength[j] < 3647 ? jump : 1);
  }
  if (chromosphere !== undefined) addEmission(flux, wavelength, chromosphere, temperature);
  return flux;
}

/** Returns pi B_lambda of a black body in erg/s/cm^2/angstrom; wavelength in angstrom, temperature in kelvin. */
export function blackBody(wavelength: number, temperature: number): number {
  const cm = wavelength * 1e-8, square = cm * cm;
  return Math.PI * 1.191042972e-5 / (square * square * cm) / Math.expm1(1.438776877 / (cm * temperature)) *
    1e-8;
}

/** A black body as bright at 5500 angstrom as one of the effective temperature, with the slope of stars' visible light. */
function continuumOf(temperature: number): (wavelength: number) => number {
  const colour = interpolate(LINES.colourTemperatures, temperature);
  const scale = blackBody(5500, temperature) / blackBody(5500, colour);
  return (wavelength) => scale * blackBody(wavelength, colour);
}

/** Residual light at each wavelength, lines multiplied in. */
class Lines {
  readonly values: Float64Array;
  readonly #wavelength: Float64Array;

  constructor(wavelength: Float64Array) {
    this.#wavelength = wavelength;
    this.values = new Float64Array(wavelength.length).fill(1);
  }

  /** Index of the first pixel at or beyond a wavelength. */
  index(wavelength: number): number {
    let low = 0, high = this.#wavelength.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#wavelength[middle] < wavelength) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * A line of central depth `depth` and shape 1 / (1 + |x|^power), power 2 or 2.5, cut where it has fallen to 1/1000; its
   * integral is 2 pi / (power sin(pi / power)).
   */
  absorb(centre: number, width: number, depth: number, power: 2 | 2.5): void {
    if (width <= 0) return;
    const scale = width * power * Math.sin(Math.PI / power) / (2 * Math.PI * depth);
    const reach = scale * Math.pow(1000, 1 / power);
    const from = this.index(centre - reach), to = this.index(centre + reach);
    for (let j = from; j < to; j++) {
      const x = Math.abs(this.#wavelength[j] - centre) / scale, square = x * x;
      this.values[j] *= 1 - depth / (1 + (power === 2 ? square : square * Math.sqrt(x)));
    }
  }

  /** An unresolved line: a Gaussian as narrow as 20 km/s, a pixel, or a central depth of 0.85 lets it. */
  absorbNarrow(centre: number, width: number): void {
    if (width < 1e-4) return;
    const at = Math.min(this.#wavelength.length - 1, Math.max(1, this.index(centre)));
    const pixel = this.#wavelength[at] - this.#wavelength[at - 1], root = Math.sqrt(2 * Math.PI);
    const sigma = Math.max(centre * 6.7e-5, 0.7 * pixel, width / (0.85 * root)),
      depth = width / (sigma * root);
    const from = this.index(centre - 5 * sigma), to = this.index(centre + 5 * sigma);
    for (let j = from; j < to; j++) {
      const x = (this.#wavelength[j] - centre) / sigma;
      this.values[j] *= 1 - depth * Math.exp(-0.5 * x * x);
    }
  }

  /** Multiplies a stretch of wavelengths by a function of wavelength. */
  multiply(from: number, to: number, factor: (wavelength: number) => number): void {
    for (let j = this.index(from), end = this.index(to); j < end; j++) {
      this.values[j] *= factor(this.#wavelength[j]);
    }
  }
}

/** Returns the equivalent width of H delta in angstrom: that of dwarfs; hot stars' lines weaken with falling pressure. */
export function balmerWidth({ temperature, gravity }: Atmosphere): number {
  const hot = Math.min(1, Math.max(0, (temperature - 7500) / 2000));
  return interpolate(LINES.balmerWidths, temperature) * Math.pow(10, 0.18 * hot * (gravity - 4.2));
}

function addHydrogen(residual: Lines, star: Atmosphere, factor: number): void {
  const width = balmerWidth(star) * factor;
  const depth = Math.min(0.8, 0.35 + 0.045 * width);
  // In cool stars H alpha keeps its strength longer than the higher lines do (Moore et al. 1966: 4.02 against 3.1).
  const cool = Math.min(1, Math.max(0, (6500 - star.temperature) / 1000));
  for (const { name, wavelength, share } of LINES.balmer) {
    const more = name === "H alpha" ? 1 + 0.6 * cool : 1;
    residual.absorb(wavelength, width * share * more, depth * Math.min(1, 0.6 + 0.4 * share), 2.5);
  }
  for (const { wavelength, share } of LINES.paschen) residual.absorb(wavelength, width * share, 0.35, 2.5);
}

/** Returns the equivalent width of Ca II K in angstrom, as {@link photosphereFlux} has it. */
export function calciumWidth(star: Atmosphere, hydrogen = 1): number {
  const { layden: { a, b, c, d }, cool } = LINES.calcium, { temperature, metallicity } = star;
  const h = balmerWidth(star) * hydrogen, iron = Math.min(0.3, Math.max(-3, metallicity));
  // Layden's stars are cooler than 8000 K; beyond the maximum of hydrogen what is left of K fades with Ca II itself.
  const least = 0.3 * Math.pow(10, 0.5 * iron) * Math.min(1, Math.pow(9000 / temperature, 2));
  const warm = temperature > 9000 ? least : Math.max(least, a + b * h + c * iron + d * h * iron);
  if (temperature > 6000) return warm;
  const solar = interpolate(cool, temperature) * Math.pow(10, 0.12 * iron);
  const share = Math.min(1, Math.max(0, (6000 - temperature) / 500));
  return share * solar + (1 - share) * warm;
}

function addCalcium(residual: Lines, star: StellarSurface): void {
  const width = calciumWidth(star, star.hydrogen), { wavelengths, shares } = LINES.calcium;
  wavelengths.forEach((centre, k) =>
    residual.absorb(centre, width * shares[k], Math.min(0.95, 0.5 + 0.05 * width), 2)
  );
}

function addBands(residual: Lines, { temperature, metallicity }: Atmosphere): void {
  for (const { head, end, shape, metallicity: exponent, depth } of LINES.bands) {
    const deepest = Math.min(
      0.9,
      interpolate(depth, temperature) * Math.pow(10, exponent * Math.min(0.3, metallicity)),
    );
    if (deepest < 1e-3) continue;
    const factor = shape === "box"
      ? () => 1 - deepest
      : (w: number) => 1 - deepest * Math.max(0, 1 - Math.abs(w - head) / Math.abs(end - head));
    residual.multiply(Math.min(head, end), Math.max(head, end), factor);
  }
}

/** Lines below the list's limit, as a smooth veil: its share in the Sun, carried to other stars as an iron line of 0.1 angstrom. */
function addHaze(residual: Lines, star: Atmosphere): void {
  const strength = relativeStrength(star, LINES.species["Fe I"], 2.5);
  const growth = Math.min(2.5, grownWidth(4500, 0.1, strength) / 0.1);
  residual.multiply(
    VEIL_START,
    VEIL_START + VEIL.length - 1,
    (w) => Math.exp(growth * VEIL[Math.round(w - VEIL_START)]),
  );
}

/** Logarithm of the light that the Sun's weak lines leave, at every angstrom from 3300. */
const VEIL_START = 3300;
const VEIL = Float64Array.from(
  { length: 7200 },
  (_, k) => Math.log(1 - interpolate(LINES.blanketing, VEIL_START + k)),
);

/** Flux below 3647 angstrom over that above, by temperature (after Gray & Corbally 2009): deepest in A stars. */
function balmerJump(temperature: number): number {
  return interpolate([[5000, 1], [6000, 0.85], [7000, 0.6], [8500, 0.4], [10000, 0.42], [15000, 0.6], [
    30000,
    0.9,
  ]], temperature);
}

function addEmission(
  flux: Float64Array,
  wavelength: Float64Array,
  { hAlpha, calciumK }: { hAlpha: number; calciumK: number },
  temperature: number,
): void {
  const { wavelengths: [k, h] } = LINES.calcium;
  for (const [centre, width] of [[LINES.balmer[0].wavelength, hAlpha], [k, calciumK], [h, 0.9 * calciumK]]) {
    const pixel = wavelength[1] - wavelength[0], sigma = Math.max(0.7 * pixel, centre * 1.2e-4);
    // Widths refer to the continuum, not to what lines have left of it.
    const peak = width / (sigma * Math.sqrt(2 * Math.PI)) * continuumOf(temperature)(centre);
    for (let j = 0; j < flux.length; j++) {
      const x = (wavelength[j] - centre) / sigma;
      if (Math.abs(x) < 5) flux[j] += peak * Math.exp(-0.5 * x * x);
    }
  }
}
