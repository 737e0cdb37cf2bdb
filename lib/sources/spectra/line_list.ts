/** The lines and bands of `data/spectra/lines.json`, brought to vacuum. */
import data from "../../../data/spectra/lines.json" with { type: "json" };
import { airToVacuum } from "../../observations/mod.ts";

/** Points [x, y], ascending in x. */
export type StrengthCurve = readonly (readonly [number, number])[];

/** A line of hydrogen. */
export interface HydrogenLine {
  /** e.g. `"H beta"`. */
  name: string;
  /** Vacuum wavelength, angstrom. */
  wavelength: number;
  /** Equivalent width over that of H delta. */
  share: number;
}

/** An element in a stage of ionisation. */
export interface Species {
  /** Energy in eV that takes the neutral atom's electron. */
  ionisation: number;
  /** 1 neutral, 2 ionised once. */
  stage: number;
  /** Ratio of partition functions, ion over atom. */
  partition: number;
  /** Energy in eV that takes the second electron, where it matters. */
  second?: number;
}

/** A line of a metal. */
export interface MetalLine {
  /** Name of its {@link Species}. */
  species: string;
  /** Vacuum wavelength, angstrom. */
  wavelength: number;
  /** Excitation of the lower level, eV. */
  excitation: number;
  /** Equivalent width in the Sun, angstrom. */
  solar: number;
}

/** A molecular band. */
export interface MolecularBand {
  /** e.g. `"TiO 7054"`. */
  name: string;
  /** Vacuum wavelength of the head, angstrom. */
  head: number;
  /** Vacuum wavelength where it has faded, angstrom; shorter than the head for bands degraded to the blue. */
  end: number;
  /** A triangle that falls from the head, or a box. */
  shape: string;
  /** d ln depth / d [Fe/H], in units of ln 10. */
  metallicity: number;
  /** Depth at the head against effective temperature in kelvin, solar composition. */
  depth: StrengthCurve;
}

/** A line of {@link LINES.quasar}. */
export interface QuasarLine {
  /** e.g. `"Mg II"`. */
  name: string;
  /** Rest vacuum wavelength, angstrom. */
  vacuum: number;
  /** Rest equivalent width, angstrom. */
  width: number;
  /** Standard deviation of its Gaussian, angstrom. */
  sigma: number;
  /** From the broad-line region? */
  broad: boolean;
}

const inVacuum = ({ name, air, share }: { name: string; air: number; share: number }): HydrogenLine => ({
  name,
  wavelength: airToVacuum(air),
  share,
});

/** What {@link LINES} holds. */
export interface LineList {
  /** Sources of the numbers. */
  reference: string;
  /** Balmer lines, H alpha first. */
  balmer: readonly HydrogenLine[];
  /** Paschen lines in reach of SDSS. */
  paschen: readonly HydrogenLine[];
  /** Equivalent width of H delta of dwarfs, angstrom, against effective temperature. */
  balmerWidths: StrengthCurve;
  /** Temperature of the black body with the slope of a star's light between 4000 and 9000 angstrom, by effective temperature. */
  colourTemperatures: StrengthCurve;
  /** Elements. */
  species: Readonly<Record<string, Species>>;
  /** Lines of metals but Ca II H and K. */
  metals: readonly MetalLine[];
  /** Share of the Sun's light that metal lines other than the listed ones take, against wavelength. */
  blanketing: StrengthCurve;
  /** Ca II K and H: vacuum wavelengths, widths over that of K, Layden's coefficients, widths of K in cool stars. */
  calcium: {
    wavelengths: readonly number[];
    shares: readonly number[];
    layden: Readonly<Record<"a" | "b" | "c" | "d", number>>;
    cool: StrengthCurve;
  };
  /** Molecular bands. */
  bands: readonly MolecularBand[];
  /** Lines of neutral and ionised helium: vacuum wavelengths and shares of the widths at each temperature. */
  helium: readonly {
    lines: readonly { wavelength: number; share: number }[];
    widths: StrengthCurve;
  }[];
  /** Composite spectrum of quasars. */
  quasar: { powerLaw: typeof data.quasar.powerLaw; lines: readonly QuasarLine[] };
}

/** All lines and bands, wavelengths in vacuum angstrom; see `reference` for where they come from. */
export const LINES: LineList = {
  reference: data.reference,
  balmer: data.hydrogen.balmer.map(inVacuum) as readonly HydrogenLine[],
  paschen: data.hydrogen.paschen.map(inVacuum) as readonly HydrogenLine[],
  balmerWidths: data.hydrogen.widths as unknown as StrengthCurve,
  colourTemperatures: data.colourTemperatures as unknown as StrengthCurve,
  species: data.metals.species as Readonly<Record<string, Species>>,
  metals: data.metals.lines.map(([species, air, excitation, solar]): MetalLine => ({
    species: species as string,
    wavelength: airToVacuum(air as number),
    excitation: excitation as number,
    solar: solar as number,
  })) as readonly MetalLine[],
  blanketing: data.metals.blanketing as unknown as StrengthCurve,
  calcium: {
    wavelengths: data.calcium.air.map(airToVacuum),
    shares: data.calcium.share,
    layden: data.calcium.layden,
    cool: data.calcium.cool as unknown as StrengthCurve,
  },
  bands: data.bands.map(({ air, end, depth, ...rest }): MolecularBand => ({
    ...rest,
    head: airToVacuum(air),
    end: airToVacuum(end),
    depth: depth as unknown as StrengthCurve,
  })) as readonly MolecularBand[],
  helium: [data.helium, data.helium.ionised].map(({ lines, widths }) => ({
    lines: lines.map(([air, share]) => ({ wavelength: airToVacuum(air), share })),
    widths: widths as unknown as StrengthCurve,
  })),
  quasar: {
    powerLaw: data.quasar.powerLaw,
    lines: data.quasar.lines as readonly QuasarLine[],
  },
};
