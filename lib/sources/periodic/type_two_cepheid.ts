/** Population II Cepheids: BL Herculis (CWB), W Virginis (CWA) and RV Tauri stars (RVA). */
import type { Random } from "../../core/mod.ts";
import { logUniform, truncatedNormal } from "./draws.ts";
import { FourierCurve } from "./fourier.ts";
import { vMinusG } from "./photometry.ts";
import type { VariableStar } from "./star.ts";

/** Physical parameters of {@link typeTwoCepheid}. */
export interface TypeTwoCepheidParameters {
  /** Period in days, 1 to 35. */
  period: number;
  /** Peak-to-peak V amplitude in magnitudes. */
  amplitude: number;
  /** Time of a maximum of light, days. */
  epoch: number;
  /** R_21. */
  r21: number;
  /** phi_21, radians, cosine convention. */
  phi21: number;
}

/** Returns M_V = -1.64 log P + 0.05 of a type II Cepheid (Pritzl et al. 2003). */
export function typeTwoCepheidMagnitude(period: number): number {
  return -1.64 * Math.log10(period) + 0.05;
}

/** Returns the intrinsic BP - RP, redder with period: 0.7 + 0.22 log P. */
function typeTwoColour(period: number): number {
  return 0.7 + 0.22 * Math.log10(period);
}

/** Returns a type II Cepheid: CWB below 8 days, CWA above. */
export function typeTwoCepheid(parameters: TypeTwoCepheidParameters): VariableStar {
  const { period, amplitude, epoch, r21, phi21 } = parameters;
  const curve = new FourierCurve(amplitude, { ratios: [r21, 0.4 * r21], phases: [phi21, 2 * phi21 + 0.3] });
  const colour = typeTwoColour(period);
  return {
    type: period < 8 ? "CWB" : "CWA",
    period,
    parameters: { ...parameters },
    absoluteMagnitude: typeTwoCepheidMagnitude(period) - vMinusG(colour),
    colour,
    magnitude: (time) => curve.at((time - epoch) / period),
  };
}

/** Draws a BL Herculis star (1 to 8 days, most below 3; Fourier parameters after Catalina's type II Cepheids). */
export function drawBlHerculis(random: Random): VariableStar {
  const period = Math.min(7.9, 1 + random.exponential(1.2));
  return typeTwoCepheid({
    period,
    amplitude: truncatedNormal(random, 0.65, 0.2, 0.25, 1.1),
    epoch: random.uniform(0, period),
    r21: truncatedNormal(random, 0.28, 0.09, 0.05, 0.5),
    phi21: random.normal(4.6, 0.6),
  });
}

/** Draws a W Virginis star (8 to 25 days): broad maxima, phi_21 near 6. */
export function drawWVirginis(random: Random): VariableStar {
  const period = truncatedNormal(random, 15, 4, 8, 28);
  return typeTwoCepheid({
    period,
    amplitude: truncatedNormal(random, 0.85, 0.2, 0.35, 1.4),
    epoch: random.uniform(0, period),
    r21: truncatedNormal(random, 0.18, 0.07, 0.03, 0.4),
    phi21: random.normal(5.9, 0.4),
  });
}

/** Physical parameters of {@link rvTauri}. */
export interface RvTauriParameters {
  /** Formal period in days, from one deep minimum to the next. */
  period: number;
  /** Peak-to-peak V amplitude of the pulsation in magnitudes. */
  amplitude: number;
  /** How much deeper the deep minima are, as a fraction of the amplitude. */
  alternation: number;
  /** Time of a deep minimum, days. */
  epoch: number;
  /** Relative change of amplitude from cycle to cycle, slow. Default 0. */
  irregularity?: number;
}

/** Returns an RV Tauri star of type a: deep and shallow minima in turn, constant mean light (Preston et al. 1963). */
export function rvTauri(parameters: RvTauriParameters): VariableStar {
  const { period, amplitude, alternation, epoch, irregularity = 0 } = parameters;
  const half = new FourierCurve(amplitude, { ratios: [0.25, 0.08], phases: [0.3, 0.5] });
  const deepest = deepestPhase(half);
  const colour = 1.1;
  return {
    type: "RVA",
    period,
    parameters: { ...parameters, irregularity },
    absoluteMagnitude: typeTwoCepheidMagnitude(period / 2) - vMinusG(colour) - 0.3,
    colour,
    magnitude(time) {
      const cycles = (time - epoch) / period;
      // Two slow incommensurable waves stand for the wandering of the amplitude.
      const wander = irregularity === 0
        ? 0
        : irregularity * (Math.sin(cycles * 0.61) + Math.sin(cycles * 0.23 + 1)) / 2;
      return (1 + wander) * (half.at(2 * cycles + deepest) +
        0.5 * alternation * amplitude * Math.cos(2 * Math.PI * cycles));
    },
  };
}

function deepestPhase(curve: FourierCurve): number {
  let best = 0;
  for (let i = 1; i < 1000; i++) if (curve.at(i / 1000) > curve.at(best)) best = i / 1000;
  return best;
}

/** Draws an RV Tauri star: formal periods of 35 to 110 days. */
export function drawRvTauri(random: Random): VariableStar {
  const period = logUniform(random, 38, 110);
  return rvTauri({
    period,
    amplitude: truncatedNormal(random, 0.9, 0.3, 0.35, 1.8),
    alternation: random.uniform(0.15, 0.6),
    epoch: random.uniform(0, period),
    irregularity: random.uniform(0.05, 0.3),
  });
}
