/**
 * Supernovae that lost their hydrogen envelope, types IIb, Ib and Ic: decay of nickel, an expanding and then
 * receding photosphere.
 */
import type { Random } from "../../core/mod.ts";
import { truncatedNormal } from "../periodic/draws.ts";
import type { SkySetting, SkySource } from "../sky_source.ts";
import { type BroadLine, broadLines, metalBlanketing } from "./line_blanketing.ts";
import { nickelLightCurve } from "./nickel_decay.ts";
import { blackbodyLuminosity, blackbodyModel, STEFAN_BOLTZMANN } from "./photosphere.ts";
import { drawPeak, type SpectralModel, spectralSource } from "./spectral_series.ts";

/** What makes one stripped supernova differ from another. */
export interface StrippedParameters {
  /** Mass of nickel-56, solar masses. */
  nickel: number;
  /** Mass of the ejecta, solar masses. */
  ejecta: number;
  /** Velocity of the photosphere, km/s. */
  velocity: number;
  /** Temperature below which the photosphere does not cool, kelvin; it recedes instead. */
  floor: number;
  /** Luminosity of the cooling envelope at explosion, erg/s; 0 for none. */
  coolingLuminosity: number;
  /** Its time scale, days: L = L_0 exp(-(t / t_c)^1.5). */
  coolingTime: number;
}

/** Radius of a star whose envelope cools, cm: some hundred solar radii. */
const ENVELOPE_RADIUS = 2e13;

const BLANKETING = { depth: 0.22, hot: 8500, cold: 5000 } as const;

/** Temperatures at which {@link blocked} is tabulated, 2000 K and up. */
const BLOCKED_STEP = 250, BLOCKED_COUNT = 60;
let blockedTable: Float64Array | undefined;

/**
 * Returns the share of a black body's light that the metal lines let through; what they take comes out again
 * at longer wavelengths.
 */
function transmitted(temperature: number): number {
  blockedTable ??= Float64Array.from({ length: BLOCKED_COUNT }, (_, i) => {
    const at = 2000 + BLOCKED_STEP * i;
    const wavelength = Float64Array.from({ length: 600 }, (_, k) => 800 * Math.pow(60, k / 599));
    const light = wavelength.map((x) => x * blackbodyLuminosity(x, at, 1));
    const through = Float64Array.from(light);
    metalBlanketing(BLANKETING).at(wavelength)(0, at, through);
    return through.reduce((a, b) => a + b, 0) / light.reduce((a, b) => a + b, 0);
  });
  const at = Math.min(Math.max((temperature - 2000) / BLOCKED_STEP, 0), BLOCKED_COUNT - 1.001),
    i = Math.floor(at);
  return blockedTable[i] + (at - i) * (blockedTable[i + 1] - blockedTable[i]);
}

/** A model whose phase 0 is the bolometric maximum of its nickel. */
export interface StrippedModel extends SpectralModel {
  /** Days at rest from explosion to the bolometric maximum. */
  riseTime: number;
}

/**
 * Returns the spectral energy distribution: the luminosity of `nickelLightCurve` (and of a cooling envelope,
 * if any) from a photosphere that
 * moves at constant velocity until it has cooled to the floor (Nicholl, Guillochon & Berger 2017, equations 8
 * and 9), with metal blanketing whose
 * light is given back at longer wavelengths, and broad lines. Phase 0 is the bolometric maximum.
 */
export function strippedModel(parameters: StrippedParameters, lines: readonly BroadLine[]): StrippedModel {
  const { velocity, floor, coolingLuminosity, coolingTime } = parameters;
  const { riseTime, luminosity } = nickelLightCurve(parameters);
  const start = coolingLuminosity > 0 ? ENVELOPE_RADIUS : 0, speed = velocity * 1e5 * 86400;
  const model = blackbodyModel({
    span: [-riseTime + 1e-3, Infinity],
    photosphere: (phase, out) => {
      const time = phase + riseTime, radius = start + speed * time;
      let light = luminosity(time);
      if (coolingLuminosity > 0) light += coolingLuminosity * Math.exp(-Math.pow(time / coolingTime, 1.5));
      const fourth = light / (4 * Math.PI * STEFAN_BOLTZMANN);
      const free = Math.pow(fourth / (radius * radius), 0.25);
      // A smooth maximum of the free temperature and the floor.
      const temperature = Math.pow(Math.pow(free, 8) + Math.pow(floor, 8), 1 / 8);
      out.temperature = temperature;
      out.radius = Math.sqrt(fourth / transmitted(temperature)) / (temperature * temperature);
    },
    blanketing: [
      metalBlanketing(BLANKETING),
      broadLines(lines, (phase) => Math.min(1, Math.max(0.2, (phase + riseTime) / (riseTime + 20)))),
    ],
  });
  return { ...model, riseTime };
}

/** Mean and deviation of a parameter, drawn from a log-normal distribution, so that it is positive. */
export type MeanAndDeviation = readonly [number, number];

/** The published distributions of a stripped type. */
export interface StrippedPopulation {
  /** Nickel, solar masses; drawn from a normal distribution above 0.03. */
  nickel: MeanAndDeviation;
  /** Ejecta, solar masses. */
  ejecta: MeanAndDeviation;
  /** Velocity, km/s. */
  velocity: MeanAndDeviation;
  /** Share of them whose envelope is seen to cool, 0 to 1. */
  cooling: number;
}

function logNormal(random: Random, [mean, deviation]: MeanAndDeviation): number {
  const variance = Math.log1p((deviation / mean) ** 2);
  const log = truncatedNormal(
    random,
    Math.log(mean) - variance / 2,
    Math.sqrt(variance),
    -Infinity,
    Infinity,
  );
  return Math.exp(log);
}

/** Draws the parameters of one stripped supernova; nickel is at most a third of the ejecta. */
export function drawStripped(random: Random, population: StrippedPopulation): StrippedParameters {
  const ejecta = Math.max(0.4, logNormal(random, population.ejecta));
  const nickel = Math.min(ejecta / 3, truncatedNormal(random, ...population.nickel, 0.03, 1.5));
  const velocity = logNormal(random, population.velocity);
  const cooling = random.uniform() < population.cooling;
  const bright = Math.pow(10, truncatedNormal(random, 42.4, 0.35, 41.4, 43.3));
  return {
    nickel,
    ejecta,
    velocity,
    floor: truncatedNormal(random, 5200, 400, 4200, 6200),
    coolingLuminosity: cooling ? bright : 0,
    coolingTime: truncatedNormal(random, 3.5, 1, 1.5, 6),
  };
}

/**
 * Mean colour excess of the hosts of stripped supernovae (Drout et al. 2011 find 0.2); the distribution is
 * exponential.
 */
const MEAN_HOST_EBV = 0.2;

/**
 * Draws one stripped supernova with its host dust. The source keeps the parameters, `riseTime` and `hostEbv`.
 */
export function drawStrippedSource(
  kind: string,
  random: Random,
  setting: SkySetting,
  population: StrippedPopulation,
  lines: readonly BroadLine[],
): SkySource {
  const drawn = drawStripped(random, population), ebv = random.exponential(MEAN_HOST_EBV);
  const model = strippedModel(drawn, lines);
  return spectralSource(kind, setting, {
    peak: drawPeak(random, setting),
    parameters: { ...drawn, riseTime: model.riseTime, hostEbv: ebv },
    model,
    hostDust: { ebv },
  });
}
