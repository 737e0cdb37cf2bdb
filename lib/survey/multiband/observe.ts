/** From an object's true flux to what a survey records of it: noise, difference images, detections, forced photometry. */
import { EphemeraError, type Random } from "../../core/mod.ts";
import { Flag } from "../../observations/mod.ts";
import type { SkySource } from "../../sources/mod.ts";
import { detectionEfficiency, type DetectionRule, triggerOf } from "./detection.ts";
import type { Visits } from "./visits.ts";

/** What `observe` needs to know of a survey besides the visits; every {@link SkySurvey} has it. */
export interface ObservingRules {
  /** Relative error of the calibration of each band, added in quadrature: sets the error of bright sources. */
  floor: Float64Array;
  /** Equal visits that the reference image of a difference is made of; Infinity for a reference without noise. */
  templateVisits: number;
  /** When a source counts as detected, and an object as an alert. */
  detection: DetectionRule;
  /** Share of measurements that are off, and the scale of by how many of their errors (two-sided exponential). */
  outliers: { fraction: number; scale: number };
}

/** Options of {@link observe}. */
export interface ObserveOptions {
  /**
   * `"difference"`: flux minus the quiescent flux, as from difference images, with the noise of the reference image, which
   * is one number per band and so common to all points of it; `"direct"`: total flux. Default `"difference"`.
   */
  photometry?: "difference" | "direct";
  /**
   * `"all"`: every visit, as in PLAsTiCC; `"forced"`: from `before` days before the trigger on, as in ELAsTiCC, and
   * nothing without a trigger; `"detected"`: the detections alone, as in alert streams. Default `"all"`.
   */
  keep?: "all" | "forced" | "detected";
  /** Days of forced photometry before the trigger. Default 30. */
  before?: number;
  /** Saturated points are `"flag"`ged and kept, or `"drop"`ped. Default `"drop"`. */
  saturated?: "flag" | "drop";
  /** Flux of the host galaxy under the point-spread function in each band (FLUXCAL): its photons add noise. Default none. */
  host?: ArrayLike<number>;
  /** Standard deviation of the natural logarithm of the reported over the true error. Default 0: errors are known. */
  errorScatter?: number;
}

/** The light curve of one object: columns of one length in time order, ready for a `LightCurveSet`. */
export interface Observed {
  /** MJD. */
  time: Float64Array;
  /** Index into the survey's bands. */
  band: Uint8Array;
  /** Measured flux, FLUXCAL (zero point 27.5); of difference images by default, so negative where it dims. */
  flux: Float64Array;
  /** Reported one-sigma error of `flux`. */
  error: Float64Array;
  /** Flux without noise. */
  truth: Float64Array;
  /** Bits of `Flag`: detected, saturated, forced (measured where nothing was detected), firstTrigger. */
  flags: Uint8Array;
  /** MJD of the trigger; NaN when the object never becomes an alert. */
  trigger: number;
  /** Number of detections among the kept points. */
  detections: number;
}

/**
 * Returns what a survey records of an object on its visits. The variance of a flux is
 * background^2 + (total + host) / gain + (floor total)^2, plus that of the reference image in differences; so a source at
 * a visit's depth has a signal-to-noise ratio of 5 but for reference and floor. Detections are looked for in what was
 * measured.
 *
 * @param random decides noise, outliers and detections; how much is drawn depends on visits, rules and options alone.
 * @throws EphemeraError when the source gives a flux that is no number, or the visits have bands that the rules do not know.
 *
 * @example
 * ```ts
 * import { Random } from "ephemera/core";
 * import { observe, Pointings, skySurvey } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * const survey = skySurvey("lsst-wide"), { visits } = new Pointings(survey, { seed: 1, fields: 5 }).field(0);
 * const lamp = {
 *   kind: "lamp", redshift: 0, peak: NaN, parameters: {}, quiescent: new Float64Array(6),
 *   flux: (time: Float64Array) => new Float64Array(time.length).fill(1000), // magnitude 20
 * };
 * const { flux, error, trigger } = observe(lamp, visits, survey, new Random(1));
 * assert.ok(flux.every((f, i) => Math.abs(f - 1000) < 6 * error[i]));
 * assert.ok(trigger < visits.time[5]);
 * ```
 */
export function observe(
  source: SkySource,
  visits: Visits,
  rules: ObservingRules,
  random: Random,
  options: ObserveOptions = {},
): Observed {
  const measured = measure(source, visits, rules, random, options);
  return select(visits, measured, triggerOf(visits.time, measured.flags, rules.detection), options);
}

/** Flux, error, truth and flags of all visits. */
type Measured = Pick<Observed, "flux" | "error" | "truth" | "flags">;

function measure(
  source: SkySource,
  visits: Visits,
  rules: ObservingRules,
  random: Random,
  options: ObserveOptions,
): Measured {
  const { photometry = "difference", host, errorScatter = 0 } = options;
  const { time, band, background, gain, saturation } = visits, points = time.length;
  const bands = rules.floor.length,
    difference = photometry === "difference",
    { fraction, scale } = rules.outliers;
  const total = source.flux(time, band),
    reference = new Float64Array(bands),
    spread = new Float64Array(bands);
  if (difference) drawReference(source, visits, rules, host, random, reference, spread);
  const flux = new Float64Array(points), error = new Float64Array(points), truth = new Float64Array(points);
  const flags = new Uint8Array(points);
  for (let i = 0; i < points; i++) {
    const b = band[i], light = total[i];
    if (!Number.isFinite(light) || b >= bands) refuse(source.kind, light, b, time[i], bands);
    const floor = rules.floor[b] * light, around = host === undefined ? 0 : host[b];
    const variance = background[i] * background[i] + Math.max(0, light + around) / gain[i] + floor * floor;
    const sigma = Math.sqrt(variance + spread[b]);
    truth[i] = difference ? light - source.quiescent[b] : light;
    flux[i] = truth[i] + Math.sqrt(variance) * random.normal() - reference[b];
    if (fraction > 0) flux[i] += outlier(random, fraction, scale) * sigma;
    error[i] = errorScatter === 0 ? sigma : sigma * Math.exp(random.normal(0, errorScatter));
    const seen = random.uniform() < detectionEfficiency(flux[i] / error[i], rules.detection);
    if (light > saturation[i]) flags[i] = Flag.saturated;
    else flags[i] = seen ? Flag.detected : Flag.forced;
  }
  return { flux, error, truth, flags };
}

/** Returns by how many errors a measurement is off: mostly 0. */
function outlier(random: Random, fraction: number, scale: number): number {
  const off = random.uniform() < fraction,
    size = random.exponential(scale),
    side = random.uniform() < 0.5 ? -1 : 1;
  return off ? side * size : 0;
}

function refuse(kind: string, flux: number, band: number, time: number, bands: number): never {
  throw new EphemeraError({
    expected: `a finite flux in one of ${bands} bands`,
    found: `flux ${flux} in band ${band} at MJD ${time}`,
    where: `observe, ${kind}`,
  });
}

/** Keeps the rows that the options ask for. @param trigger row of the trigger, or -1. */
function select(visits: Visits, measured: Measured, trigger: number, options: ObserveOptions): Observed {
  const { keep = "all", before = 30, saturated = "drop" } = options;
  const { flux, error, truth, flags } = measured, points = visits.time.length;
  const time = new Float64Array(points), band = new Uint8Array(points);
  if (trigger >= 0) flags[trigger] |= Flag.firstTrigger;
  const start = keep !== "forced" ? -Infinity : trigger < 0 ? Infinity : visits.time[trigger] - before;
  let kept = 0, detections = 0;
  for (let i = 0; i < points; i++) {
    const seen = (flags[i] & Flag.detected) !== 0;
    if (visits.time[i] < start || (keep === "detected" && !seen)) continue;
    if (saturated === "drop" && (flags[i] & Flag.saturated) !== 0) continue;
    if (seen) detections++;
    time[kept] = visits.time[i];
    band[kept] = visits.band[i];
    flux[kept] = flux[i];
    error[kept] = error[i];
    truth[kept] = truth[i];
    flags[kept++] = flags[i];
  }
  return {
    time: time.subarray(0, kept),
    band: band.subarray(0, kept),
    flux: flux.subarray(0, kept),
    error: error.subarray(0, kept),
    truth: truth.subarray(0, kept),
    flags: flags.subarray(0, kept),
    trigger: trigger < 0 ? NaN : visits.time[trigger],
    detections,
  };
}

/** Draws the error of each band's reference image, and writes its variance into `spread`. */
function drawReference(
  source: SkySource,
  visits: Visits,
  rules: ObservingRules,
  host: ArrayLike<number> | undefined,
  random: Random,
  reference: Float64Array,
  spread: Float64Array,
): void {
  const { band, background, gain } = visits, count = new Uint32Array(spread.length);
  for (let i = 0; i < band.length; i++) {
    const b = band[i], light = source.quiescent[b] + (host === undefined ? 0 : host[b]);
    spread[b] += background[i] * background[i] + Math.max(0, light) / gain[i];
    count[b]++;
  }
  for (let b = 0; b < spread.length; b++) {
    spread[b] = count[b] === 0 ? 0 : spread[b] / count[b] / rules.templateVisits;
    reference[b] = Math.sqrt(spread[b]) * random.normal();
  }
}
