/** Spectra blurred by rotation and by the spectrograph, on grids of equal steps in log wavelength. */
import { demand } from "../../core/mod.ts";
import { LIGHT_SPEED } from "../../observations/mod.ts";

/**
 * Returns a spectrum convolved with the profile of a rotating, limb-darkened disc and a Gaussian; both conserve the light.
 * The rotation profile is
 * `G(x) = [2 (1 - e) sqrt(1 - x^2) + (pi e / 2) (1 - x^2)] / [pi (1 - e/3)]`, x = velocity / v sin i (Gray 2005, eq. 18.14).
 *
 * @param flux on a grid of equal steps in ln wavelength; beyond the ends it goes on with the end value.
 * @param step of ln wavelength a pixel.
 * @param rotation v sin i, km/s.
 * @param sigma standard deviation of the Gaussian in km/s; one number, or one a pixel.
 * @param limbDarkening e. Default 0.6.
 */
export function broaden(
  flux: Float64Array,
  step: number,
  rotation: number,
  sigma: number | Float64Array,
  limbDarkening = 0.6,
): Float64Array {
  demand(step > 0 && rotation >= 0 && rotation < 1000, () => ({
    expected: "a positive step and a rotation from 0 to 1000 km/s",
    found: `${step}, ${rotation}`,
    where: "broaden",
  }));
  const pixel = step * LIGHT_SPEED;
  const turned = rotation / pixel < 0.5
    ? flux
    : convolve(flux, rotationKernel(rotation / pixel, limbDarkening));
  if (typeof sigma === "number") return sigma === 0 ? turned : convolve(turned, gaussKernel(sigma / pixel));
  // The width of the Gaussian changes slowly: kernels are made once for every twentieth of a pixel.
  const kernels = new Map<number, Float64Array>(), result = new Float64Array(flux.length);
  for (let j = 0; j < flux.length; j++) {
    const width = Math.round(20 * sigma[j] / pixel);
    let kernel = kernels.get(width);
    if (kernel === undefined) kernels.set(width, kernel = gaussKernel(width / 20));
    result[j] = at(turned, kernel, j);
  }
  return result;
}

function rotationKernel(halfWidth: number, e: number): Float64Array {
  const reach = Math.ceil(halfWidth), kernel = new Float64Array(2 * reach + 1);
  // Each pixel holds the mean of the profile over it: eight points are enough for a shape without spikes.
  for (let k = -reach; k <= reach; k++) {
    for (let s = 0; s < 8; s++) {
      const x = (k + (s + 0.5) / 8 - 0.5) / halfWidth, y = 1 - x * x;
      if (y > 0) kernel[k + reach] += 2 * (1 - e) * Math.sqrt(y) + Math.PI * e / 2 * y;
    }
  }
  return normalised(kernel);
}

function gaussKernel(sigma: number): Float64Array {
  if (sigma < 0.1) return Float64Array.of(1);
  const reach = Math.ceil(4 * sigma), kernel = new Float64Array(2 * reach + 1);
  for (let k = -reach; k <= reach; k++) kernel[k + reach] = Math.exp(-0.5 * (k / sigma) ** 2);
  return normalised(kernel);
}

function normalised(kernel: Float64Array): Float64Array {
  const sum = kernel.reduce((a, b) => a + b, 0);
  return kernel.map((k) => k / sum);
}

function convolve(flux: Float64Array, kernel: Float64Array): Float64Array {
  const result = new Float64Array(flux.length);
  for (let j = 0; j < flux.length; j++) result[j] = at(flux, kernel, j);
  return result;
}

function at(flux: Float64Array, kernel: Float64Array, j: number): number {
  const reach = (kernel.length - 1) / 2, last = flux.length - 1;
  let sum = 0;
  if (j >= reach && j + reach <= last) {
    for (let k = 0; k < kernel.length; k++) sum += kernel[k] * flux[j - reach + k];
  } else {
    for (let k = 0; k < kernel.length; k++) {
      sum += kernel[k] * flux[Math.min(last, Math.max(0, j - reach + k))];
    }
  }
  return sum;
}
