import assert from "node:assert/strict";
import { ccdOf, DECAM, parseCamera } from "ephemera/imaging";

Deno.test("DECam is described with the values that its headers have", () => {
  assert.deepEqual([DECAM.pixelScale, DECAM.width, DECAM.height], [0.27, 2048, 4096]);
  assert.deepEqual(DECAM.ccds.map(({ number }) => number), [1, 5, 6, 7, 9, 25]);
  const { gain, readNoise, saturation, zeroPoints } = ccdOf(DECAM, 9);
  assert.deepEqual([gain, readNoise, saturation, zeroPoints.g], [3.87, 5.94432, 46442, 25.4846]);
  // The real stamps' background: variance of 0.26 ADU^2 an ADU of sky, and of 2.1 ADU^2 without.
  for (const ccd of DECAM.ccds) {
    assert.ok(1 / ccd.gain > 0.23 && 1 / ccd.gain < 0.28);
    assert.ok((ccd.readNoise / ccd.gain) ** 2 > 2 && (ccd.readNoise / ccd.gain) ** 2 < 2.6);
  }
});

Deno.test("a CCD that the description lacks is refused by number", () => {
  assert.throws(() => ccdOf(DECAM, 2), /one of the CCDs 1, 5, 6, 7, 9, 25, found 2 \(DECam\)/);
});

Deno.test("a camera with a missing, unknown, repeated or impossible entry is refused", () => {
  const [first] = DECAM.ccds;
  const refused = (change: object, message: RegExp) =>
    assert.throws(() => parseCamera({ ...DECAM, ...change }, "mine.json"), message);
  refused({ ccds: [] }, /at least one entry/);
  refused({ ccds: [first, first] }, /one CCD of each number, found 1, 1/);
  refused({ ccds: [{ ...first, gain: 0 }] }, /mine.json, CCD 1 of the list, field "gain"/);
  refused({ ccds: [{ ...first, gains: 4 }] }, /"gains"/);
  refused({ ccds: [{ ...first, number: 1.5 }] }, /a whole number, found 1.5/);
  refused({ ccds: [{ ...first, zeroPoints: { g: 25 } }] }, /a field "u"/);
  refused({ ccds: [{ ...first, zeroPoints: { ...first.zeroPoints, z: 25 } }] }, /"z"/);
  refused({ bands: ["g", "g"] }, /each once/);
  refused({ colour: "black" }, /"colour"/);
  assert.throws(() => parseCamera(null, "mine.json"), /found null/);
});
