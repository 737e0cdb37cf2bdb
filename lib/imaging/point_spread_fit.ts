import { demand } from "../core/mod.ts";
import { cholesky, matrix, solveCholesky } from "../numerics/mod.ts";
import { checkImage, type PixelImage } from "./pixel_image.ts";
import { GAUSSIAN_FWHM } from "./point_spread.ts";

/** The Gaussian that fits an image of a star best, its axes along the pixels'. */
export interface GaussianFit {
  /** Height at the centre, in the unit of the pixels. */
  amplitude: number;
  /** Column of the centre. */
  x: number;
  /** Row of the centre. */
  y: number;
  /** Standard deviation along x, pixels. */
  sigmaX: number;
  /** Standard deviation along y, pixels. */
  sigmaY: number;
  /** Mean of the full widths at half maximum along x and y, pixels. */
  fwhm: number;
}

/** Parameters: amplitude, x, y, ln sigmaX, ln sigmaY. */
const COUNT = 5, STEPS = 100;

/**
 * Returns the least-squares fit of a Gaussian, taken at the middles of the pixels, to an image of a star without
 * background, by Levenberg and Marquardt's method. It is how the sizes of the empirical point spread functions of the
 * HiTS simulations were measured. Of a Gaussian integrated over pixels it returns sigma^2 larger by about 1/12.
 * @throws EphemeraError when the image has no positive pixel or the fit leaves it.
 */
export function fitGaussian(image: PixelImage): GaussianFit {
  const where = "fitGaussian", { width, height, pixels } = image;
  checkImage(image, where);
  let peak = 0;
  for (let p = 0; p < pixels.length; p++) if (pixels[p] > pixels[peak]) peak = p;
  demand(pixels[peak] > 0 && Number.isFinite(pixels[peak]), () => ({
    expected: "a star without background, its brightest pixel positive",
    found: String(pixels[peak]),
    where,
  }));
  // The area above half the peak gives a first width.
  let area = 0;
  for (let p = 0; p < pixels.length; p++) if (pixels[p] > pixels[peak] / 2) area++;
  const start = Math.log(2 * Math.sqrt(area / Math.PI) / GAUSSIAN_FWHM);
  let best = [pixels[peak], peak % width, Math.floor(peak / width), start, start];
  let { normal, slope, cost } = linearise(image, best), damping = 1e-3;
  for (let step = 0; step < STEPS && damping < 1e12; step++) {
    const damped = normal.slice();
    for (let i = 0; i < COUNT; i++) damped[i * COUNT + i] *= 1 + damping;
    const change = solveCholesky(cholesky(matrix(damped, COUNT, COUNT)), slope);
    const next = best.map((value, i) => value + change[i]), trial = linearise(image, next);
    if (trial.cost <= cost) {
      const settled = cost - trial.cost <= 1e-14 * cost;
      [best, normal, slope, cost, damping] = [next, trial.normal, trial.slope, trial.cost, damping / 10];
      if (settled) break;
    } else damping *= 10;
  }
  const [amplitude, x, y] = best, sigmaX = Math.exp(best[3]), sigmaY = Math.exp(best[4]);
  demand(x > -1 && x < width && y > -1 && y < height && sigmaX < width && sigmaY < height, () => ({
    expected: "a star inside the image, smaller than it",
    found: `centre ${x}, ${y}, sigma ${sigmaX}, ${sigmaY}`,
    where,
    remedy: "subtract the background, or cut the image around the star",
  }));
  return { amplitude, x, y, sigmaX, sigmaY, fwhm: GAUSSIAN_FWHM * (sigmaX + sigmaY) / 2 };
}

/** Normal equations and sum of squares of the residuals at the given parameters; an infinite sum for hopeless ones. */
function linearise(image: PixelImage, parameters: readonly number[]) {
  const [amplitude, x, y, logX, logY] = parameters, vx = Math.exp(-2 * logX), vy = Math.exp(-2 * logY);
  const normal = new Float64Array(COUNT * COUNT), slope = new Float64Array(COUNT);
  let cost = 0;
  for (let row = 0; row < image.height; row++) {
    for (let column = 0; column < image.width; column++) {
      const dx = column - x, dy = row - y, shape = Math.exp(-0.5 * (dx * dx * vx + dy * dy * vy));
      const value = amplitude * shape, residual = image.pixels[row * image.width + column] - value;
      const gradient = [shape, value * dx * vx, value * dy * vy, value * dx * dx * vx, value * dy * dy * vy];
      cost += residual * residual;
      for (let i = 0; i < COUNT; i++) {
        slope[i] += gradient[i] * residual;
        for (let j = 0; j < COUNT; j++) normal[i * COUNT + j] += gradient[i] * gradient[j];
      }
    }
  }
  return { normal, slope, cost: Number.isNaN(cost) ? Infinity : cost };
}
