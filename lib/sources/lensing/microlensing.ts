/** Stars behind lenses: the two classes of microlensing events of a simulated sky. */
import type { Random } from "../../core/mod.ts";
import type { SkyKind, SkySetting, SkySource } from "../sky_source.ts";
import { drawStarMagnitude, starFluxes } from "../steady/mod.ts";
import { BinaryLens } from "./binary_lens.ts";
import { discMagnification } from "./finite_source.ts";
import { passageMagnification } from "./paczynski.ts";

/** A star that is lensed and the light that is not, as one unresolved point. */
interface BlendedStar {
  /** Baseline flux of the lensed star in each passband. */
  source: Float64Array;
  /** Baseline flux of everything else in each passband. */
  blend: Float64Array;
  /** Drawn numbers. */
  parameters: Record<string, number>;
}

/**
 * Draws a source and its blend. Temperatures: half red giants and clump stars (4000 to 5000 K), half stars
 * at the turn-off
 * (5000 to 6600 K), about what the bulge shows between r = 16 and 22 (Holtzman et al. 1998). Share of the
 * light that is the source's:
 * half of the events hardly blended, the others anything from a tenth (the two heaps of Wyrzykowski et al.
 * 2015, figure 8).
 */
function drawBlendedStar(random: Random, setting: SkySetting): BlendedStar {
  const magnitude = drawStarMagnitude(random, setting.magnitudes);
  const temperature = random.uniform() < 0.5 ? random.uniform(4000, 5000) : random.uniform(5000, 6600);
  const share = random.uniform() < 0.5 ? random.uniform(0.85, 1) : random.uniform(0.1, 0.85);
  const blendTemperature = random.uniform(3600, 6300);
  const at = (kelvin: number, part: number) =>
    starFluxes(setting, kelvin, magnitude, setting.mwebv).map((flux) => flux * part);
  return {
    source: at(temperature, share),
    blend: at(blendTemperature, 1 - share),
    parameters: { magnitude, temperature, sourceShare: share, blendTemperature },
  };
}

/** Puts a star and a magnification together. */
function lensed(
  kind: string,
  star: BlendedStar,
  peak: number,
  parameters: Record<string, number>,
  magnification: (time: number) => number,
): SkySource {
  const { source, blend } = star;
  return {
    kind,
    redshift: 0,
    peak,
    parameters: { ...star.parameters, ...parameters },
    quiescent: source.map((flux, b) => flux + blend[b]),
    flux: (time, band) =>
      Float64Array.from(time, (t, i) => blend[band[i]] + source[band[i]] * magnification(t)),
  };
}

/**
 * Draws a timescale t_E in days: normal in its logarithm around 22 days with 0.37 dex, what OGLE-IV's
 * optical depth maps have after
 * correction for efficiency (Mroz et al. 2019), from 2 to 400 days.
 */
function drawTimescale(random: Random): number {
  for (;;) {
    const timescale = Math.pow(10, random.normal(Math.log10(22), 0.37));
    if (timescale >= 2 && timescale <= 400) return timescale;
  }
}

/**
 * A single lens: `peak` is uniform in the window, the impact parameter uniform in 0.001 to 1 (any straight
 * line is as likely), t_E as
 * Mroz et al. (2019), light of neighbours as Wyrzykowski et al. (2015). `quiescent` is the baseline.
 *
 * @example
 * ```ts
 * import { FlatUniverse, passbandSystem } from "ephemera/astronomy";
 * import { Random } from "ephemera/core";
 * import { SINGLE_LENS } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const event = SINGLE_LENS.draw(new Random(1), { passbands: passbandSystem("lsst").passbands, mwebv: 0.1,
 * redshift: 0,
 *   window: { start: 60000, end: 61000 }, universe: new FlatUniverse(), magnitudes: { bright: 16, faint: 22
 * } });
 * const [top] = event.flux(Float64Array.of(event.peak), Uint8Array.of(2));
 * assert.ok(top > event.quiescent[2]);
 * ```
 */
export const SINGLE_LENS: SkyKind = {
  name: "uLens-Single",
  galactic: true,
  reference:
    "Paczynski 1986, ApJ 304, 1; Mroz et al. 2019, ApJS 244, 29; Wyrzykowski et al. 2015, ApJS 216, 12",
  draw(random, setting) {
    const star = drawBlendedStar(random, setting);
    const peak = random.uniform(setting.window.start, setting.window.end);
    const passage = { peak, timescale: drawTimescale(random), impact: random.uniform(0.001, 1) };
    const parameters = { timescale: passage.timescale, impact: passage.impact };
    return lensed("uLens-Single", star, peak, parameters, passageMagnification(passage));
  },
};

/**
 * A binary lens: mass ratio log-uniform from 0.001 to 1 and separation log-uniform from 0.3 to 3 Einstein
 * radii (Opik's law; Mao &
 * Paczynski 1991), the track at any angle, its least distance to the centre of mass uniform in -1 to 1, the
 * source's radius
 * normal in its logarithm around 0.0015 Einstein radii with 0.4 dex (a micro-arcsecond over half a
 * milli-arcsecond). `peak` is the
 * time next to the centre of mass; caustics may make the event brightest at another. Magnifications of the disc are good to 1 percent.
 */
export const BINARY_LENS: SkyKind = {
  name: "uLens-Binary",
  galactic: true,
  reference:
    "Witt & Mao 1995, ApJ 447, L105; Mao & Paczynski 1991, ApJ 374, L37; Mroz et al. 2019, ApJS 244, 29",
  draw(random, setting) {
    const star = drawBlendedStar(random, setting);
    const peak = random.uniform(setting.window.start, setting.window.end), timescale = drawTimescale(random);
    const massRatio = Math.pow(10, random.uniform(-3, 0)), separation = 0.3 * Math.pow(10, random.uniform());
    const impact = random.uniform(-1, 1), angle = random.uniform(0, 2 * Math.PI);
    const radius = Math.min(0.05, Math.max(1e-4, Math.pow(10, random.normal(Math.log10(0.0015), 0.4))));
    const lens = new BinaryLens({ separation, massRatio }), cosine = Math.cos(angle), sine = Math.sin(angle);
    const parameters = { timescale, impact, massRatio, separation, angle, sourceRadius: radius };
    return lensed("uLens-Binary", star, peak, parameters, (time) => {
      const along = (time - peak) / timescale;
      // Beyond 15 Einstein radii the two lenses are one of their total mass to 1e-5.
      if (Math.abs(along) > 15) return 1 + 2 / Math.pow(along, 4);
      const x = along * cosine - impact * sine, y = along * sine + impact * cosine;
      return discMagnification(lens, x, y, radius, { tolerance: 1e-2 });
    });
  },
};
