/** From an object's true flux to what a survey records of it: noise, difference images, detections, forced photometry. */
import { demand, type Random } from "../../core/mod.ts";
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
 * a visit's depth has a signal-to-noise ratio of 5 but for reference and floor.
 *
 * The number of random draws depends on the number of visits alone.
 *
 * @param random decides noise, outliers and detections.
 * @throws EphemeraError when the source gives a flux that is no number, or sees bands that the rules do not know.
 */
export function observe(
  source: SkySource,
  visits: Visits,
  rules: ObservingRules,
  random: Random,
  options: ObserveOptions = {},
): Observed {
  const { photometry = "difference", keep = "all", before = 30, saturated = "drop", host } = options;
  const { errorScatter = 0 } = options;
  const { time, band, background, gain, saturation } = visits, points = time.length;
  const bands = rules.floor.length, difference = photometry === "difference";
  const total = source.flux(time, band),
    reference = new Float64Array(bands),
    spread = new Float64Array(bands);
  if (difference) drawReference(source, visits, rules, host, random, reference, spread);
  const flux = new Float64Array(points), error = new Float64Array(points), truth = new Float64Array(points);
  const flags = new Uint8Array(points);
  for (let i = 0; i < points; i++) {
    const b = band[i], light = total[i];
    demand(Number.isFinite(light) && b < bands, () => ({
      expected: `a finite flux in one of ${bands} bands`,
      found: `flux ${light} in band ${b} at MJD ${time[i]}`,
      where: `observe, ${source.kind}`,
    }));
    const floor = rules.floor[b] * light, around = host === undefined ? 0 : host[b];
    const variance = background[i] * background[i] + Math.max(0, light + around) / gain[i] + floor * floor;
    const noise = Math.sqrt(variance) * random.normal();
    const off = random.uniform() < rules.outliers.fraction, kick = random.exponential(rules.outliers.scale);
    const side = random.uniform() < 0.5 ? -1 : 1, misjudged = random.normal(), seen = random.uniform();
    const sigma = Math.sqrt(variance + spread[b]);
    truth[i] = difference ? light - source.quiescent[b] : light;
    flux[i] = truth[i] + noise - reference[b] + (off ? side * kick * sigma : 0);
    error[i] = errorScatter === 0 ? sigma : sigma * Math.exp(errorScatter * misjudged);
    if (light > saturation[i]) flags[i] |= Flag.saturated;
    else if (seen < detectionEfficiency(flux[i] / error[i], rules.detection)) flags[i] |= Flag.detected;
    if ((flags[i] & Flag.detected) === 0) flags[i] |= Flag.forced;
  }
  const trigger = triggerOf(time, flags, rules.detection);
  if (trigger >= 0) flags[trigger] |= Flag.firstTrigger;
  const start = keep !== "forced" ? -Infinity : trigger < 0 ? Infinity : time[trigger] - before;
  let kept = 0, detections = 0;
  const out = { time: new Float64Array(points), band: new Uint8Array(points) };
  for (let i = 0; i < points; i++) {
    if (time[i] < start || (saturated === "drop" && (flags[i] & Flag.saturated) !== 0)) continue;
    if ((flags[i] & Flag.detected) !== 0) detections++;
    else if (keep === "detected") continue;
    out.time[kept] = time[i];
    out.band[kept] = band[i];
    flux[kept] = flux[i];
    error[kept] = error[i];
    truth[kept] = truth[i];
    flags[kept++] = flags[i];
  }
  return {
    time: out.time.subarray(0, kept),
    band: out.band.subarray(0, kept),
    flux: flux.subarray(0, kept),
    error: error.subarray(0, kept),
    truth: truth.subarray(0, kept),
    flags: flags.subarray(0, kept),
    trigger: trigger < 0 ? NaN : time[trigger],
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
