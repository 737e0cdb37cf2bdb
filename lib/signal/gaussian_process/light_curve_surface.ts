import { demand } from "../../core/mod.ts";
import { matrix } from "../../numerics/mod.ts";
import { demandCurve } from "../curve.ts";
import { fitProcess, type GaussianProcess, type ProcessPrediction } from "./gaussian_process.ts";
import { matern } from "./kernels.ts";

/** Fluxes of one object in several bands. */
export interface ManyBandCurve {
  /** Days, ascending. */
  time: Float64Array;
  /** Effective wavelength of each observation's band, angstrom. */
  wavelength: Float64Array;
  /** Fluxes on one scale. */
  value: Float64Array;
  /** One-sigma errors of the fluxes. */
  error: Float64Array;
}

/** Options of {@link fitLightCurveSurface}. */
export interface SurfaceOptions {
  /** Length in wavelength, angstrom; kept fixed, since a few bands cannot tell it. Default 6000. */
  wavelengthScale?: number;
  /** Starting length in time, days. Default 20. */
  timeScale?: number;
  /** Bounds of the length in time, days. Default 1 to 1000. */
  timeBounds?: readonly [number, number];
  /** Most iterations of the optimiser. */
  maxIterations?: number;
}

/** The flux of an object as a surface over time and wavelength. */
export interface LightCurveSurface extends GaussianProcess {
  /** Flux at times (days) at one wavelength (angstrom). */
  predict(time: Float64Array, wavelength: number): ProcessPrediction;
}

/**
 * A Gaussian process over time and wavelength, Matern-3/2 in both, that fills in the bands an object was not
 * seen in. The mean is zero, as for difference fluxes: where nothing was observed, nothing is assumed.
 *
 * Variance and time scale are fitted; the start of the variance is a quarter of the squared flux at the point
 * that stands out most from its error (with 1 per cent of the highest flux added to the errors in that
 * choice, so that one good night does not decide), and it may move by a factor e^10 to either side.
 *
 * Boone (2019), AJ 158, 257, section 3.1 (Avocado).
 */
export function fitLightCurveSurface(curve: ManyBandCurve, options: SurfaceOptions = {}): LightCurveSurface {
  const { wavelengthScale = 6000, timeScale = 20, timeBounds = [1, 1000], maxIterations } = options;
  demandCurve(curve, { minimumPoints: 2 });
  const { time, wavelength, value, error } = curve;
  const n = time.length;
  demand(wavelength.length === n && wavelength.every((w) => w > 0), {
    expected: `${n} positive wavelengths`,
    found: `${wavelength.length} entries from ${Math.min(...wavelength)}`,
    where: "fitLightCurveSurface",
  });
  const origin = time[0];
  const highest = value.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  demand(highest > 0, { expected: "a flux other than zero", found: "none", where: "fitLightCurveSurface" });
  let scale = 0;
  let best = -1;
  for (let i = 0; i < n; i++) {
    const significance = Math.abs(value[i]) / Math.hypot(error[i], 0.01 * highest);
    if (significance > best) {
      best = significance;
      scale = Math.abs(value[i]);
    }
  }
  const variance = (0.5 * scale) ** 2;
  const points = (times: Float64Array, waves: (i: number) => number) => {
    const data = new Float64Array(2 * times.length);
    for (let i = 0; i < times.length; i++) {
      data[2 * i] = times[i] - origin;
      data[2 * i + 1] = waves(i);
    }
    return matrix(data, times.length, 2);
  };
  const process = fitProcess(
    matern("3/2", ["time", "wavelength"]),
    { points: points(time, (i) => wavelength[i]), value, variance: error.map((e) => e * e) },
    {
      start: { variance, time: timeScale, wavelength: wavelengthScale },
      bounds: { variance: [variance * Math.exp(-10), variance * Math.exp(10)], time: timeBounds },
      fixed: ["wavelength"],
      maxIterations,
    },
  );
  return { ...process, predict: (at, wave) => process.predictAt(points(at, () => wave)) };
}
