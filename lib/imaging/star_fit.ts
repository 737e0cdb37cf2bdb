/** A star's place, width and height by a Gaussian with a constant under it, least squares in two dimensions. */
import { demand } from "../core/mod.ts";
import {
  cholesky,
  inverseFromCholesky,
  type Matrix,
  quantile,
  solveCholesky,
  zeros,
} from "../numerics/mod.ts";
import { checkPositive, perPixel, type PixelImage, usablePixels } from "./pixel_image.ts";
import { GAUSSIAN_FWHM } from "./point_spread.ts";

/** Options of {@link fitStar}. */
export interface StarFitOptions {
  /**
   * `"circular"`: one width; `"aligned"`: a width along x and one along y; `"elliptical"`: these and a correlation, an ellipse at any angle.
   * Default `"aligned"`, which gives the seeing of paper 003.
   */
  shape?: "circular" | "aligned" | "elliptical";
  /**
   * Variance of each pixel, or one for all. Without it pixels weigh alike and errors are scaled by the residuals; with it errors are
   * absolute.
   */
  variance?: number | ArrayLike<number>;
  /** Not 0 where a pixel may be used. Default: everywhere. */
  mask?: ArrayLike<number>;
  /** Level at and above which a pixel is saturated and left out. Default: none is. */
  saturation?: number;
  /** Where to begin, pixels. Default: the middle of the light above half of its maximum. */
  start?: { x: number; y: number };
  /** The constant under the star, where it is known: then it is held. Default: fitted. */
  background?: number;
  /** Most steps. Default 200. */
  maxSteps?: number;
}

/** Parameters of the Gaussian, in the unit of the image and in pixels. */
export interface StarShape {
  /** Height above the constant. */
  amplitude: number;
  /** Middle along the columns. */
  x: number;
  /** Middle along the rows. */
  y: number;
  /** Standard deviation along x. */
  sigmaX: number;
  /** Standard deviation along y. */
  sigmaY: number;
  /** Correlation of x and y, between -1 and 1; 0 unless the shape is elliptical. */
  correlation: number;
  /** The constant. */
  background: number;
}

/** What {@link fitStar} returns. */
export interface StarFit extends StarShape {
  /** Standard errors of the parameters; 0 for one that the shape holds. */
  errors: StarShape;
  /** Mean of the full widths at half maximum along x and y, pixels. */
  fwhm: number;
  /** Full width at half maximum along the long axis of the ellipse. */
  fwhmMajor: number;
  /** Full width at half maximum along the short axis. */
  fwhmMinor: number;
  /** Angle of the long axis from x towards y, radians in (-pi/2, pi/2]. */
  positionAngle: number;
  /** Sum of the Gaussian over the plane. */
  flux: number;
  /** Sum of squared residuals over the variance (over 1 without a variance). */
  chiSquare: number;
  /** Pixels used less parameters. */
  degreesOfFreedom: number;
  /** Saturated pixels left out. */
  saturatedPixels: number;
  /** Whether the steps came to rest. A fit that did not, or whose middle lies outside the image, says nothing of a star. */
  converged: boolean;
  /** Steps taken. */
  steps: number;
}

/**
 * Fits A exp(-Q / 2) + B with Q = (u^2 - 2 r u v + v^2) / (1 - r^2), u = (x - x0) / sigmaX, v = (y - y0) / sigmaY, to the pixels' middles
 * by the Levenberg-Marquardt method. Widths are those of what the pixels hold: a pixel adds about 1/12 to the square of sigma.
 * @throws EphemeraError on a pixel inside the mask that is not finite, fewer pixels than parameters, or an image without light.
 *
 * @example
 * ```ts
 * import { fitStar } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * const pixels = Float64Array.from({ length: 441 }, (_, i) =>
 *   50 + 900 * Math.exp(-((i % 21 - 10.3) ** 2 + (Math.floor(i / 21) - 9.6) ** 2) / (2 * 2 ** 2)));
 * const star = fitStar({ pixels, width: 21, height: 21 });
 * assert.ok(Math.abs(star.x - 10.3) < 1e-6 && Math.abs(star.y - 9.6) < 1e-6);
 * assert.ok(Math.abs(star.fwhm - 2.3548 * 2) < 1e-4);
 * ```
 */
export function fitStar(image: PixelImage, options: StarFitOptions = {}): StarFit {
  const where = "fitStar";
  const { shape = "aligned", variance, maxSteps = 200, saturation = Infinity } = options;
  const { use, saturated } = usablePixels(image, options.mask, saturation, where);
  const each = perPixel(variance ?? 1, use.length, "variance", where);
  const rows: number[] = [];
  for (let i = 0; i < use.length; i++) {
    if (!use[i]) continue;
    checkPositive(each(i), `variance at pixel ${i}`, where);
    rows.push(i);
  }
  // Widths by their logarithms and the correlation by its hyperbolic tangent: every step then stays inside.
  const { background } = options;
  const shapes = { circular: [0, 1, 2, 3], aligned: [0, 1, 2, 3, 4], elliptical: [0, 1, 2, 3, 4, 5] };
  const free = background === undefined ? [...shapes[shape], 6] : shapes[shape];
  demand(rows.length >= free.length, () => ({
    expected: `at least ${free.length} pixels to use`,
    found: `${rows.length}, ${saturated} saturated`,
    where,
    remedy: "widen the mask",
  }));
  const problem: Problem = { image, rows, variance: each, free, circular: shape === "circular" };
  const descent = descend(problem, firstGuess(image, rows, options, where), maxSteps);
  const p = descent.parameters;
  const degreesOfFreedom = rows.length - free.length;
  const scale = variance === undefined ? descent.chiSquare / degreesOfFreedom : 1;
  const errors = errorsOf(descent.curvature, free, scale);
  const sigmaX = Math.exp(p[3]), sigmaY = Math.exp(p[4]), correlation = Math.tanh(p[5]);
  // Axes of the ellipse: eigenvalues of the covariance.
  const half = (sigmaX * sigmaX + sigmaY * sigmaY) / 2, across = (sigmaX * sigmaX - sigmaY * sigmaY) / 2;
  const product = correlation * sigmaX * sigmaY, root = Math.hypot(across, product);
  const minorSquare = sigmaX * sigmaX * sigmaY * sigmaY * (1 - correlation * correlation) / (half + root);
  return {
    amplitude: p[0],
    x: p[1],
    y: p[2],
    sigmaX,
    sigmaY,
    correlation,
    background: p[6],
    errors: {
      amplitude: errors[0],
      x: errors[1],
      y: errors[2],
      sigmaX: sigmaX * errors[3],
      sigmaY: sigmaY * (problem.circular ? errors[3] : errors[4]),
      correlation: (1 - correlation * correlation) * errors[5],
      background: errors[6],
    },
    fwhm: GAUSSIAN_FWHM * (sigmaX + sigmaY) / 2,
    fwhmMajor: GAUSSIAN_FWHM * Math.sqrt(half + root),
    fwhmMinor: GAUSSIAN_FWHM * Math.sqrt(minorSquare),
    positionAngle: root === 0 ? 0 : Math.atan2(product, across) / 2,
    flux: 2 * Math.PI * p[0] * sigmaX * sigmaY * Math.sqrt(1 - correlation * correlation),
    chiSquare: descent.chiSquare,
    degreesOfFreedom,
    saturatedPixels: saturated,
    converged: descent.converged,
    steps: descent.steps,
  };
}

/** Amplitude, x, y, ln sigmaX, ln sigmaY, artanh correlation, background. */
const PARAMETERS = 7;

interface Problem {
  image: PixelImage;
  rows: number[];
  variance: (pixel: number) => number;
  free: number[];
  circular: boolean;
}

interface Evaluation {
  chiSquare: number;
  /** Half the gradient of chi square, downhill. */
  slope: Float64Array;
  /** Sum of products of derivatives over the variance. */
  curvature: Matrix;
}

function evaluate({ image, rows, variance, free, circular }: Problem, p: Float64Array): Evaluation {
  const m = free.length, { pixels, width } = image;
  const slope = new Float64Array(m), curvature = zeros(m, m), derivative = new Float64Array(PARAMETERS);
  const sx = Math.exp(p[3]), sy = Math.exp(p[4]), r = Math.tanh(p[5]), rest = 1 - r * r;
  let chiSquare = 0;
  for (const i of rows) {
    const u = (i % width - p[1]) / sx, v = (Math.floor(i / width) - p[2]) / sy, weight = 1 / variance(i);
    const q = (u * u - 2 * r * u * v + v * v) / rest;
    const e = Math.exp(-0.5 * q), light = p[0] * e;
    const residual = pixels[i] - light - p[6];
    chiSquare += residual * residual * weight;
    const alongU = (u - r * v) / rest, alongV = (v - r * u) / rest;
    derivative[0] = e;
    derivative[1] = light * alongU / sx;
    derivative[2] = light * alongV / sy;
    derivative[3] = light * alongU * u;
    derivative[4] = light * alongV * v;
    // d(-Q/2)/dr = (u v - r Q) / (1 - r^2), and dr = (1 - r^2) d artanh r.
    derivative[5] = light * (u * v - r * q);
    derivative[6] = 1;
    if (circular) derivative[3] += derivative[4];
    for (let a = 0; a < m; a++) {
      const da = derivative[free[a]] * weight;
      slope[a] += da * residual;
      for (let b = 0; b <= a; b++) curvature.data[a * m + b] += da * derivative[free[b]];
    }
  }
  return { chiSquare, slope, curvature };
}

interface Descent {
  parameters: Float64Array;
  chiSquare: number;
  curvature: Matrix;
  converged: boolean;
  steps: number;
}

function descend(problem: Problem, start: Float64Array, maxSteps: number): Descent {
  const { image, rows, variance, free, circular } = problem;
  // Chi square of an exact fit, all pixels off by rounding.
  const rounding = 1e-28 * rows.reduce((sum, i) => sum + image.pixels[i] ** 2 / variance(i), 0);
  let parameters = start, now = evaluate(problem, parameters), damping = 1e-3, steps = 0, converged = false;
  while (!converged && steps < maxSteps) {
    steps++;
    const step = dampedStep(now, damping);
    const next = parameters.slice();
    step?.forEach((value, a) => next[free[a]] += value);
    if (circular) next[4] = next[3];
    const trial = step === undefined ? undefined : evaluate(problem, next);
    // NaN, from a width that ran away, is not below.
    if (trial !== undefined && trial.chiSquare <= now.chiSquare) {
      // What the step was expected to bring, against what rounding can tell.
      const gain = step!.reduce((sum, value, a) => sum + value * now.slope[a], 0);
      converged = gain <= 1e-14 * now.chiSquare + rounding || negligible(step!, next, free);
      parameters = next;
      now = trial;
      damping = Math.max(damping / 10, 1e-12);
    } else {
      damping *= 8;
      // No step however short goes down: a minimum to rounding.
      if (damping > 1e14) converged = true;
    }
  }
  return { parameters, chiSquare: now.chiSquare, curvature: now.curvature, converged, steps };
}

/** Whether a step moves place and logarithms of widths by less than 1e-12, and heights by less than that of themselves. */
function negligible(step: Float64Array, parameters: Float64Array, free: number[]): boolean {
  return step.every((value, a) => {
    const height = free[a] === 0 || free[a] === 6;
    return Math.abs(value) < 1e-12 * (height ? Math.abs(parameters[free[a]]) : 1);
  });
}

/** Solves (C + damping diag C) step = slope; undefined when that matrix is not positive definite. */
function dampedStep({ curvature, slope }: Evaluation, damping: number): Float64Array | undefined {
  const m = slope.length, damped = zeros(m, m);
  damped.data.set(curvature.data);
  for (let a = 0; a < m; a++) damped.data[a * m + a] *= 1 + damping;
  try {
    return solveCholesky(cholesky(damped), slope);
  } catch {
    return undefined;
  }
}

/** Standard errors of all parameters, 0 for those held; NaN when the fit leaves one undetermined. */
function errorsOf(curvature: Matrix, free: number[], scale: number): Float64Array {
  const errors = new Float64Array(PARAMETERS);
  try {
    const inverse = inverseFromCholesky(cholesky(curvature));
    free.forEach((k, a) => errors[k] = Math.sqrt(scale * inverse.data[a * free.length + a]));
  } catch {
    for (const k of free) errors[k] = NaN;
  }
  return errors;
}

/** A start: the lower quartile is nearly sky unless that is known, and what lies above half of the highest pixel's height is nearly the star. */
function firstGuess(
  { pixels, width }: PixelImage,
  rows: number[],
  { start, background: known }: StarFitOptions,
  where: string,
): Float64Array {
  const values = rows.map((i) => pixels[i]);
  const background = known ?? quantile(values, 0.25);
  const near = start === undefined
    ? rows
    : rows.filter((i) => Math.hypot(i % width - start.x, Math.floor(i / width) - start.y) < 3);
  let top = -Infinity, peak = -1;
  for (const i of near) {
    if (pixels[i] <= top) continue;
    top = pixels[i];
    peak = i;
  }
  const height = top - background;
  demand(height > 0, () => ({
    expected: "a pixel brighter than the rest",
    found: `highest ${top}, background ${background}`,
    where,
    remedy: "check that the image holds a star where the fit should begin",
  }));
  const px = peak % width, py = Math.floor(peak / width);
  let sum = 0, sx = 0, sy = 0, above = 0;
  for (const i of rows) {
    const x = i % width, y = Math.floor(i / width);
    // Other stars farther off would draw the middle away.
    if (pixels[i] - background < height / 2 || Math.hypot(x - px, y - py) > 8) continue;
    const light = pixels[i] - background;
    sum += light;
    sx += light * x;
    sy += light * y;
    above++;
  }
  // Pixels above half of the height of a Gaussian cover pi ln 4 sigma^2.
  const sigma = Math.log(Math.max(0.6, Math.sqrt(above / (Math.PI * Math.log(4)))));
  return Float64Array.of(height, start?.x ?? sx / sum, start?.y ?? sy / sum, sigma, sigma, 0, background);
}
