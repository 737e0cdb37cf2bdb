/**
 * Returns the photometric error in magnitudes of a star of magnitude `magnitude` on an exposure of 5-sigma depth
 * `depth`: sigma^2 = floor^2 + (0.04 - g) x + g x^2 with x = 10^(0.4 (m - m5)) and g = 0.039 (Ivezic et al. 2019, eq.
 * 5), photon noise of the star and of the sky above the calibration's floor.
 */
export function photometricError(magnitude: number, depth: number, floor: number): number {
  const x = Math.pow(10, 0.4 * (magnitude - depth)), gamma = 0.039;
  return Math.sqrt(floor * floor + (0.04 - gamma) * x + gamma * x * x);
}
