/** RR Lyrae stars: fundamental mode (ab), first overtone (c) and both at once (d). */
import type { Random } from "../../core/mod.ts";
import { truncatedNormal } from "./draws.ts";
import { FourierCurve, type FourierShape } from "./fourier.ts";
import type { VariableStar } from "./star.ts";

/** Physical parameters of {@link rrLyraeAb}. */
export interface RrLyraeAbParameters {
  /** Period in days. */
  period: number;
  /** Peak-to-peak V amplitude in magnitudes. */
  amplitude: number;
  /** Metallicity [Fe/H] in dex, scale of Jurcsik (1995). */
  metallicity: number;
  /** Time of a maximum of light, days. */
  epoch: number;
  /** Blazhko effect: relative amplitude of the modulation, 0 (default) to 0.5. */
  blazhkoAmplitude?: number;
  /** Period of the modulation in days. Default 50. */
  blazhkoPeriod?: number;
  /** Phase of the modulation in cycles at the epoch. Default 0. */
  blazhkoPhase?: number;
}

/**
 * Returns the V amplitude on the ridge of Oosterhoff I stars, A_V = -2.627 - 22.046 log P - 30.876 (log P)^2, fitted to
 * the regular RRab stars of M3 (Cacciari, Corwin & Carney 2005). Oosterhoff II stars lie 0.06 higher in log P.
 */
export function rrLyraeAmplitude(period: number): number {
  const x = Math.log10(period);
  return -2.627 - 22.046 * x - 30.876 * x * x;
}

/**
 * Returns phi_31 (cosine convention, radians) of an RRab star, from [Fe/H] = -5.038 - 5.394 P + 1.345 phi_31 with
 * phi_31 in the sine convention (Jurcsik & Kovacs 1996); the conventions differ by pi.
 */
export function rrLyraePhi31(period: number, metallicity: number): number {
  return (metallicity + 5.038 + 5.394 * period) / 1.345 - Math.PI;
}

/**
 * Returns the shape of an RRab star. The phases of all harmonics follow phi_31, as they do in stars whose rise stays
 * where it is: phi_k1 = 4.02 + 4.2632 (k - 2) + (k - 1)/2 (phi_31 - 2). Ratios grow with amplitude. Both are read off
 * V-band decompositions of 114 Catalina RRab stars and agree with phi_21 and R_21 of Jurcsik & Kovacs (1996).
 */
export function rrLyraeAbShape(amplitude: number, phi31: number): FourierShape {
  const deficit = Math.min(0.8, Math.max(-0.1, 1 - amplitude));
  const full = [0.5, 0.36, 0.235, 0.155, 0.11, 0.075, 0.05],
    slope = [0.2, 0.3, 0.23, 0.15, 0.11, 0.08, 0.055];
  return {
    ratios: full.map((r, j) => Math.max(0, r - slope[j] * deficit)),
    phases: full.map((_, j) => 4.02 + 4.2632 * j + (j + 1) / 2 * (phi31 - 2)),
  };
}

/** Returns an RR Lyrae star of type ab. M_G = 0.32 [Fe/H] + 1.11 (Muraveva et al. 2018). */
export function rrLyraeAb(parameters: RrLyraeAbParameters): VariableStar {
  const { period, amplitude, metallicity, epoch } = parameters;
  const { blazhkoAmplitude = 0, blazhkoPeriod = 50, blazhkoPhase = 0 } = parameters;
  const curve = new FourierCurve(amplitude, rrLyraeAbShape(amplitude, rrLyraePhi31(period, metallicity)));
  return {
    type: "RRAB",
    period,
    parameters: { period, amplitude, metallicity, epoch, blazhkoAmplitude, blazhkoPeriod, blazhkoPhase },
    absoluteMagnitude: 0.32 * metallicity + 1.11,
    colour: 0.6 + 0.7 * (period - 0.55),
    magnitude(time) {
      const cycles = (time - epoch) / period;
      if (blazhkoAmplitude === 0) return curve.at(cycles);
      // The modulation bends both height and phase (Szeidl 1988); a few hundredths of a cycle are typical.
      const turn = 2 * Math.PI * ((time - epoch) / blazhkoPeriod + blazhkoPhase);
      const height = 1 + blazhkoAmplitude * Math.sin(turn);
      return height * curve.at(cycles + 0.1 * blazhkoAmplitude * Math.cos(turn));
    },
  };
}

/**
 * Draws an RRab star of the solar neighbourhood and inner halo: three in four on the Oosterhoff I ridge, one in four
 * on the Oosterhoff II ridge (Drake et al. 2013), one in eight modulated.
 */
export function drawRrLyraeAb(random: Random): VariableStar {
  const second = random.uniform() < 0.25;
  const shift = second ? 0.06 : 0;
  const period = second
    ? truncatedNormal(random, 0.65, 0.06, 0.5, 0.95)
    : truncatedNormal(random, 0.55, 0.055, 0.4, 0.72);
  const ridge = rrLyraeAmplitude(period / Math.pow(10, shift));
  const amplitude = Math.min(1.35, Math.max(0.25, ridge + random.normal(-0.05, 0.14)));
  const metallicity = second
    ? truncatedNormal(random, -1.8, 0.3, -2.6, -0.5)
    : truncatedNormal(random, -1.35, 0.35, -2.5, 0);
  const modulated = random.uniform() < 0.125;
  const star = rrLyraeAb({
    period,
    amplitude,
    metallicity,
    epoch: random.uniform(0, period),
    blazhkoAmplitude: modulated ? random.uniform(0.05, 0.3) : 0,
    blazhkoPeriod: random.uniform(20, 150),
    blazhkoPhase: random.uniform(),
  });
  return scattered(star, random);
}

/** Physical parameters of {@link rrLyraeC}. */
export interface RrLyraeCParameters {
  /** Period in days. */
  period: number;
  /** Peak-to-peak V amplitude in magnitudes. */
  amplitude: number;
  /** Metallicity [Fe/H] in dex. */
  metallicity: number;
  /** Time of a maximum of light, days. */
  epoch: number;
  /** R_21. Default 0.14. */
  r21?: number;
  /** phi_21, radians, cosine convention. Default 4.75. */
  phi21?: number;
  /** phi_31, radians, cosine convention. Default 3.2. */
  phi31?: number;
}

/** Returns an RR Lyrae star of type c: nearly a sine with a small second harmonic, bluer than type ab. */
export function rrLyraeC(parameters: RrLyraeCParameters): VariableStar {
  const { period, amplitude, metallicity, epoch, r21 = 0.14, phi21 = 4.75, phi31 = 3.2 } = parameters;
  const curve = new FourierCurve(amplitude, {
    ratios: [r21, 0.5 * r21, 0.25 * r21],
    phases: [phi21, phi31, phi31 + 4.4],
  });
  return {
    type: "RRC",
    period,
    parameters: { period, amplitude, metallicity, epoch, r21, phi21, phi31 },
    absoluteMagnitude: 0.32 * metallicity + 1.11,
    colour: 0.4 + 0.6 * (period - 0.32),
    magnitude: (time) => curve.at((time - epoch) / period),
  };
}

/** Draws an RRc star; periods, amplitudes and Fourier parameters after 261 Catalina stars (Drake et al. 2017). */
export function drawRrLyraeC(random: Random): VariableStar {
  const period = truncatedNormal(random, 0.325, 0.042, 0.21, 0.46);
  return scattered(
    rrLyraeC({
      period,
      amplitude: truncatedNormal(random, 0.41, 0.07, 0.18, 0.62),
      metallicity: truncatedNormal(random, -1.6, 0.4, -2.6, -0.2),
      epoch: random.uniform(0, period),
      r21: truncatedNormal(random, 0.14 + 0.6 * (0.32 - period), 0.04, 0.02, 0.3),
      phi21: random.normal(4.75 + 2 * (period - 0.32), 0.3),
      phi31: random.normal(3.2 + 5 * (period - 0.32), 0.5),
    }),
    random,
  );
}

/** Physical parameters of {@link rrLyraeD}. */
export interface RrLyraeDParameters {
  /** Period of the fundamental mode in days. */
  fundamentalPeriod: number;
  /** Peak-to-peak V amplitude of the first overtone in magnitudes. */
  overtoneAmplitude: number;
  /** Amplitude of the fundamental mode over that of the overtone; below 1 in most stars. */
  amplitudeRatio: number;
  /** Metallicity [Fe/H] in dex. */
  metallicity: number;
  /** Time of a maximum of the overtone, days. */
  epoch: number;
  /** Phase of the fundamental mode at that time, cycles. */
  fundamentalPhase: number;
}

/**
 * Returns the period ratio P_1/P_0 of double-mode RR Lyrae stars on the Petersen diagram:
 * 0.7443 at P_0 = 0.48 d rising to 0.7463 at 0.54 d (Petersen 1973; Soszynski et al. 2009).
 */
export function rrLyraePeriodRatio(fundamentalPeriod: number): number {
  return 0.7443 + (0.7463 - 0.7443) / 0.06 * (fundamentalPeriod - 0.48);
}

/** Returns an RR Lyrae star of type d: two modes and their two strongest combinations. `period` is the overtone's. */
export function rrLyraeD(parameters: RrLyraeDParameters): VariableStar {
  const { fundamentalPeriod, overtoneAmplitude, amplitudeRatio, metallicity, epoch, fundamentalPhase } =
    parameters;
  const period = rrLyraePeriodRatio(fundamentalPeriod) * fundamentalPeriod;
  const overtone = new FourierCurve(overtoneAmplitude, { ratios: [0.15, 0.05], phases: [4.75, 3.2] });
  const fundamental = new FourierCurve(amplitudeRatio * overtoneAmplitude, { ratios: [0.2], phases: [4.2] });
  const mixing = 0.15 * amplitudeRatio * overtoneAmplitude / 2;
  return {
    type: "RRD",
    period,
    parameters: { ...parameters, period },
    absoluteMagnitude: 0.32 * metallicity + 1.11,
    colour: 0.47,
    magnitude(time) {
      const one = (time - epoch) / period, zero = (time - epoch) / fundamentalPeriod + fundamentalPhase;
      return overtone.at(one) + fundamental.at(zero) +
        mixing * (Math.cos(2 * Math.PI * (one + zero)) + Math.cos(2 * Math.PI * (one - zero)));
    },
  };
}

/** Draws an RRd star. */
export function drawRrLyraeD(random: Random): VariableStar {
  return scattered(
    rrLyraeD({
      fundamentalPeriod: truncatedNormal(random, 0.49, 0.03, 0.45, 0.58),
      overtoneAmplitude: truncatedNormal(random, 0.38, 0.06, 0.2, 0.55),
      amplitudeRatio: truncatedNormal(random, 0.5, 0.2, 0.15, 1.3),
      metallicity: truncatedNormal(random, -1.7, 0.3, -2.5, -1),
      epoch: random.uniform(0, 1),
      fundamentalPhase: random.uniform(),
    }),
    random,
  );
}

/** Returns the star with the width of the horizontal branch and of the strip's colours added. */
function scattered(star: VariableStar, random: Random): VariableStar {
  return {
    ...star,
    absoluteMagnitude: star.absoluteMagnitude + random.normal(0, 0.1),
    colour: star.colour + random.normal(0, 0.05),
  };
}
