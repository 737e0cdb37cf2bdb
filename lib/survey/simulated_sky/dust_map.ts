/** Reddening by the Milky Way from a place on the sky alone: a smooth layer of dust, torn by clouds. */
import { galactic, type SkyPosition } from "../../astronomy/mod.ts";
import type { Random } from "../../core/mod.ts";

/** Parameters of {@link dustReddening}; the defaults are fitted by eye to the E(B-V) of 5495 PLAsTiCC objects, in bins of latitude. */
export interface DustLayer {
  /** E(B-V) straight out of the plane at the Sun were there no chimney, magnitudes. */
  pole?: number;
  /** Scale height of the layer, parsecs. */
  height?: number;
  /** Scale length of the layer along the radius, parsecs. */
  length?: number;
  /** Share of the dust that is missing toward the poles: the Sun lies in a chimney of the layer (Lallement et al. 2003). */
  chimney?: number;
}

/** Distance of the Sun from the centre, parsecs (GRAVITY Collaboration 2019). */
const CENTRE = 8178;

/** Where the layer ends, parsecs from the Sun. */
const EDGE = 20000;

const STEPS = 60;

/**
 * Returns the mean reddening E(B-V) in magnitudes of what lies behind all dust of a direction, for an exponential disc
 * rho ~ exp(-(R - R_sun) / length - |z| / height), integrated along the line of sight. Away from the plane, and in a layer without
 * radial gradient, it is the cosecant law pole / sin |b| (Parenago 1940), less the chimney between latitudes 40 and 75.
 *
 * @example
 * ```ts
 * import { dustReddening } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * assert.ok(dustReddening({ l: 90, b: 5 }) > 5 * dustReddening({ l: 90, b: 80 }));
 * ```
 */
export function dustReddening(place: { l: number; b: number }, layer: DustLayer = {}): number {
  const { pole = 0.027, height = 125, length = 4200, chimney = 0.45 } = layer, density = pole / height;
  const l = place.l * Math.PI / 180, b = place.b * Math.PI / 180;
  const sin = Math.abs(Math.sin(b)), cos = Math.cos(b);
  // Steps that grow with distance: the layer is left after a few scale heights, or followed to its edge in the plane.
  const reach = Math.min(EDGE, 12 * height / Math.max(sin, 1e-3));
  let sum = 0, before = 0;
  for (let k = 1; k <= STEPS; k++) {
    const s = reach * (k / STEPS) ** 2, middle = (s + before) / 2;
    const x = CENTRE - middle * cos * Math.cos(l), y = middle * cos * Math.sin(l);
    sum += (s - before) * Math.exp(-(Math.hypot(x, y) - CENTRE) / length - middle * sin / height);
    before = s;
  }
  const open = Math.min(1, Math.max(0, (Math.abs(place.b) - 40) / 35));
  return density * sum * (1 - chimney * open);
}

/** Scatter of the logarithm of E(B-V) around the smooth layer below galactic latitude 50, and above 75. */
const SCATTER = { low: 0.6, high: 0.35 } as const;

/** The least E(B-V) that the maps give anywhere, magnitudes. */
const FLOOR = 0.006;

/**
 * Draws E(B-V) toward a place: {@link dustReddening} with lognormal scatter, 0.6 in the logarithm below 50 degrees of latitude,
 * falling to 0.35 at the poles, as in PLAsTiCC's catalogue.
 */
export function drawReddening(random: Random, place: SkyPosition, layer: DustLayer = {}): number {
  const { l, b } = galactic(place), mean = dustReddening({ l, b }, layer);
  const share = Math.min(1, Math.max(0, (Math.abs(b) - 50) / 25));
  const scatter = SCATTER.low + share * (SCATTER.high - SCATTER.low);
  return Math.max(FLOOR, mean * Math.exp(random.normal(0, scatter)));
}
