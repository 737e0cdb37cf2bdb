import assert from "node:assert/strict";
import {
  cameraNoise,
  depthNoise,
  moonBrightness,
  NOMINAL,
  sensitivity,
  skySurvey,
  visitsFrom,
} from "ephemera/survey";

/** Zero point, dark sky, seeing and extinction of LSST and the depth of one exposure of 30 s: SMTN-002, throughputs v1.9. */
const SMTN_002 = [
  ["u", 26.52, 23.05, 0.92, 0.47, 23.70],
  ["g", 28.51, 22.25, 0.87, 0.21, 24.97],
  ["r", 28.36, 21.20, 0.83, 0.13, 24.52],
  ["i", 28.17, 20.46, 0.80, 0.10, 24.13],
  ["z", 27.78, 19.61, 0.78, 0.07, 23.56],
  ["y", 26.82, 18.60, 0.76, 0.17, 22.55],
] as const;

const camera = ([, zeroPoint, skyBrightness, seeing, extinction]: typeof SMTN_002[number]) => ({
  zeroPoint,
  skyBrightness,
  seeing,
  extinction,
  exposures: 1,
  exposureTime: 30,
  pixelScale: 0.2,
  readNoise: 9,
});

Deno.test("a camera's numbers give the depths that LSST publishes for them, to 0.02 magnitudes", () => {
  for (const row of SMTN_002) {
    const { depth } = sensitivity(cameraNoise(camera(row)));
    assert.ok(Math.abs(depth - row[5]) < 0.02, `${row[0]}: ${depth} for ${row[5]}`);
  }
});

Deno.test("depth falls with sky, seeing, air and exposure as LSST's formula has it", () => {
  // m5 = C_m + 0.5 (m_sky - 21) + 2.5 log10(0.7 / seeing) + 1.25 log10(t / 30) - k (X - 1), SMTN-002, where the sky rules.
  const y = cameraNoise(camera(SMTN_002[5]));
  const dark = sensitivity(y).depth;
  const change = (conditions: Partial<typeof NOMINAL>) =>
    sensitivity(y, { ...NOMINAL, ...conditions }).depth - dark;
  assert.ok(Math.abs(change({ skyExcess: 1 }) + 0.5) < 0.02);
  assert.ok(Math.abs(change({ seeing: 1.3 }) + 2.5 * Math.log10(1.3)) < 0.02);
  assert.ok(Math.abs(change({ loss: 0.3 }) + 0.3) < 0.01);
  assert.ok(Math.abs(change({ stack: 4 }) - 1.25 * Math.log10(4)) < 0.03);
});

Deno.test("a depth with gamma is the error model of Ivezic et al. (2019), equation 5", () => {
  for (const gamma of [0.037, 0.039, 0.04]) {
    const { gain, background, depth } = sensitivity(depthNoise(24.2, gamma));
    assert.ok(Math.abs(depth - 24.2) < 1e-9);
    for (const magnitude of [17, 21, 24.2, 26]) {
      const flux = Math.pow(10, 0.4 * (27.5 - magnitude)), x = Math.pow(10, 0.4 * (magnitude - 24.2));
      const relative = Math.sqrt(background * background + flux / gain) / flux;
      assert.ok(Math.abs(relative / Math.sqrt((0.04 - gamma) * x + gamma * x * x) - 1) < 1e-9);
    }
  }
});

Deno.test("visits of known depth have their noise from it, and impossible ones are refused", () => {
  const row = { time: 1, band: 0, depth: 24, zeroPoint: 31, saturation: 15 };
  const { background, gain } = visitsFrom([row]);
  const flux = Math.pow(10, 0.4 * (27.5 - 24));
  assert.ok(Math.abs(flux / Math.sqrt(background[0] ** 2 + flux / gain[0]) - 5) < 1e-9);
  assert.throws(() => visitsFrom([{ ...row, zeroPoint: 27 }]), /at least 25 photoelectrons.*MJD 1/);
  assert.equal(visitsFrom([{ ...row, zeroPoint: Infinity }]).gain[0], Infinity);
});

Deno.test("moonlight follows Krisciunas & Schaefer: none below the horizon, most near a full Moon", () => {
  assert.equal(moonBrightness(1, 90, -1, 45), 0);
  assert.equal(moonBrightness(0, 90, 45, 45) < 0.002 * moonBrightness(1, 90, 45, 45), true);
  assert.ok(moonBrightness(1, 20, 45, 45) > 2 * moonBrightness(1, 90, 45, 45));
  // By hand: light 10^(-0.4 x 3.84) = 0.02911; scattering 10^5.36 x 1.06 + 10^(6.15 - 90 / 40) = 250,800; path
  // (1 - 0.96 / 2)^(-1/2) = 1.387, which lets 10^(-0.4 x 0.172 x 1.387) = 0.8027 pass: 0.02911 x 250,800 x 0.8027 x 0.1973.
  assert.ok(Math.abs(moonBrightness(1, 90, 45, 45) / 1156 - 1) < 0.005);
  // Half a Moon gives a tenth of the light: phase angle 90 degrees, 0.026 x 90 + 4e-9 x 90^4 = 2.60 magnitudes.
  assert.ok(
    Math.abs(2.5 * Math.log10(moonBrightness(1, 60, 45, 45) / moonBrightness(0.5, 60, 45, 45)) - 2.602) <
      0.001,
  );
});

Deno.test("the depths of the surveys' bands are those published", () => {
  const depths = (name: string) => skySurvey(name).bands.map(({ noise }) => sensitivity(noise).depth);
  const near = (found: number[], published: number[], tolerance: number) =>
    found.forEach((depth, i) =>
      assert.ok(Math.abs(depth - published[i]) < tolerance, `${found} for ${published}`)
    );
  near(depths("lsst-wide"), [23.60, 24.83, 24.38, 23.92, 23.35, 22.44], 0.01); // SMTN-002 as of 2016
  near(depths("lsst-wide-pairs"), SMTN_002.map((row) => row[5]), 0.02);
  // Martinez-Palomera et al. 2018: typical depth of HiTS in g, r, i; the zenith in the dark is no shallower but in i.
  near(depths("hits-2015"), [24.3, 24.1, 23.8], 0.35);
});
