import assert from "node:assert/strict";
import { join } from "node:path";
import {
  AB_REFERENCE,
  abMagnitude,
  effectiveWavelength,
  kCorrection,
  LIGHT_ANGSTROM,
  meanFluxDensity,
  meanWavelength,
  parsePassbands,
  type Passband,
  passband,
  PASSBANDS,
  passbandSystem,
  pivotWavelength,
  refinePassband,
} from "ephemera/astronomy";
import { EphemeraError } from "ephemera/core";
import fc from "fast-check";

const data = Deno.env.get("EPHEMERA_DATA");

function near(actual: number, expected: number, tolerance: number, what = ""): void {
  assert.ok(
    Math.abs(actual - expected) <= tolerance,
    `${what} ${actual} is not ${expected} within ${tolerance}`,
  );
}

/** A passband that is 1 between two wavelengths. */
function box(low: number, high: number, n = 2001): Passband {
  const wavelength = Float64Array.from({ length: n }, (_, i) => low + (high - low) * i / (n - 1));
  return { name: "box", wavelength, throughput: new Float64Array(n).fill(1) };
}

const blackbody = (temperature: number) => (x: number) =>
  1e20 / x ** 5 / Math.expm1(1.438776877e8 / x / temperature);

Deno.test("a spectrum flat in frequency has the same AB magnitude in every band of every system", () => {
  for (const { name, passbands } of Object.values(PASSBANDS)) {
    for (const band of passbands) {
      const flat = (x: number) => 100 * AB_REFERENCE * LIGHT_ANGSTROM / x ** 2;
      near(abMagnitude(band, flat), -5, 1e-9, `${name} ${band.name}`);
    }
  }
});

Deno.test("pivot, mean and effective wavelength of a box are those of the closed forms", () => {
  const low = 4000, high = 5000, band = box(low, high);
  near(pivotWavelength(band), Math.sqrt((high ** 2 - low ** 2) / 2 / Math.log(high / low)), 1e-3);
  near(meanWavelength(band), (low + high) / 2, 1e-6);
  // Photons of f_lambda proportional to lambda: int lambda^3 over int lambda^2.
  const expected = ((high ** 4 - low ** 4) / 4) / ((high ** 3 - low ** 3) / 3);
  near(effectiveWavelength(band, (x) => x), expected, 1e-3);
  // The pivot wavelength takes a flat f_lambda to its f_nu.
  near(meanFluxDensity(band, () => 1) / (pivotWavelength(band) ** 2 / LIGHT_ANGSTROM), 1, 1e-12);
});

Deno.test("the K-correction of a power law is -2.5 (1 + alpha) log10(1 + z), whatever the passband", () => {
  fc.assert(fc.property(
    fc.constantFrom(...Object.values(PASSBANDS).flatMap((system) => system.passbands)),
    fc.double({ min: -4, max: 3, noNaN: true }),
    fc.double({ min: 0, max: 5, noNaN: true }),
    (band, alpha, z) => {
      // f_nu ~ nu^alpha is f_lambda ~ lambda^(-2 - alpha).
      const k = kCorrection((x) => (x / 5000) ** (-2 - alpha), z, band);
      near(k, -2.5 * (1 + alpha) * Math.log10(1 + z), 1e-9);
    },
  ));
});

Deno.test("a passband that is redshifted with the spectrum leaves the K-correction of the bandwidth alone", () => {
  const z = 0.7, rest = box(3000, 4000), seen = box(3000 * (1 + z), 4000 * (1 + z));
  const lines = (x: number) => blackbody(9000)(x) * (1 + 0.9 * Math.sin(x / 30));
  near(kCorrection(lines, z, seen, rest), -2.5 * Math.log10(1 + z), 1e-9);
  near(kCorrection(lines, 0, rest), 0, 1e-12);
});

Deno.test("refining a passband changes no magnitude of a smooth spectrum", () => {
  const band = passband("lsst", "g");
  near(abMagnitude(refinePassband(band, 5), blackbody(6000)), abMagnitude(band, blackbody(6000)), 1e-4);
  assert.equal(refinePassband(band, 3).wavelength.length, 3 * (band.wavelength.length - 1) + 1);
});

Deno.test("mean wavelengths are those of the published throughputs", () => {
  const published = [3723, 4807, 6221, 7559, 8680, 9754];
  passbandSystem("lsst").passbands.forEach((band, i) => {
    near(meanWavelength(band), published[i], i === 0 ? 16 : 7, `LSST ${band.name}`);
  });
  // Tonry et al. (2012), table 4: pivot wavelengths of Pan-STARRS in nanometres; the public table of g is some redder.
  [481, 617, 752, 866, 962].forEach((nm, i) => {
    near(pivotWavelength(passbandSystem("panstarrs").passbands[i]) / 10, nm, 4.5, "Pan-STARRS");
  });
  // Fukugita et al. (1996) and the SDSS camera: 355, 469, 617, 748, 893 nanometres.
  [355, 469, 617, 748, 893].forEach((nm, i) => {
    near(pivotWavelength(passbandSystem("sdss").passbands[i]) / 10, nm, 3, "SDSS");
  });
});

Deno.test("throughputs lie between 0 and 1, rise from 0 and fall to 0", () => {
  for (const { name, passbands } of Object.values(PASSBANDS)) {
    for (const { name: band, wavelength, throughput } of passbands) {
      assert.ok(throughput.every((value) => value >= 0 && value <= 1), `${name} ${band}`);
      const largest = throughput.reduce((a, b) => Math.max(a, b));
      assert.ok(
        throughput[0] < 0.001 * largest && throughput[throughput.length - 1] < 0.001 * largest,
        `${name} ${band}`,
      );
      assert.ok(wavelength.every((x, i) => i === 0 || x > wavelength[i - 1]));
    }
  }
});

function table(path: string, name: string, column: number): Passband {
  const rows = Deno.readTextFileSync(join(data!, "passbands", path)).split("\n")
    .filter((line) => /^\s*\d/.test(line)).map((line) => line.trim().split(/[\s,]+/).map(Number));
  return {
    name,
    wavelength: Float64Array.from(rows, (row) => 10 * row[0]),
    throughput: Float64Array.from(rows, (row) => row[column]),
  };
}

Deno.test(
  { name: "the smooth fits are as near to the real throughputs as they say", ignore: !data },
  async () => {
    const systems = {
      lsst: [..."ugrizy"].map((band, i) => table("lsst_total.csv", band, i + 1)),
      sdss: [..."ugriz"].map((band) => table(`sdss/sdss_${band}.dat`, band, 1)),
      panstarrs: [..."grizy"].map((band) => table(`panstarrs/panStarrs_${band}.dat`, band, 1)),
    };
    for (const [name, tables] of Object.entries(systems)) {
      const file = new URL(`../../data/passbands/${name}.json`, import.meta.url);
      const stated = JSON.parse(await Deno.readTextFile(file)).bands as {
        fit: {
          largestError: number;
          rmsError: number;
          meanWavelengthError: number;
          blackBodyMagnitudeErrors: number[];
        };
      }[];
      tables.forEach((real, i) => {
        const made = passbandSystem(name).passbands[i], { fit } = stated[i];
        const largest = real.throughput.reduce((a, b) => Math.max(a, b), 0);
        const errors = [...real.wavelength].map((x, k) => {
          const j = Math.floor((x - made.wavelength[0]) / 10), share = (x - made.wavelength[0]) / 10 - j;
          const inside = j >= 0 && j < made.wavelength.length - 1;
          const value = inside ? made.throughput[j] * (1 - share) + made.throughput[j + 1] * share : 0;
          return real.throughput[k] < 0.01 * largest ? 0 : (value - real.throughput[k]) / largest;
        });
        const counted = errors.filter((_, k) => real.throughput[k] >= 0.01 * largest);
        const what = `${name} ${real.name}`;
        near(Math.max(...counted.map(Math.abs)), fit.largestError, 0.01, `${what} largest error`);
        near(
          Math.sqrt(counted.reduce((a, b) => a + b * b, 0) / counted.length),
          fit.rmsError,
          0.003,
          `${what} rms`,
        );
        assert.ok(fit.rmsError < 0.09, what);
        near(
          meanWavelength(made) - meanWavelength(real),
          fit.meanWavelengthError,
          0.5,
          `${what} mean wavelength`,
        );
        // Colours of black bodies: within a hundredth of a magnitude, but for the red leak of LSST u.
        for (const [k, temperature] of [4000, 7000, 15000].entries()) {
          const against = (band: Passband) =>
            abMagnitude(band, blackbody(temperature)) - abMagnitude(band, (x) => 1e8 / x ** 2);
          const error = against(made) - against(real);
          near(error, fit.blackBodyMagnitudeErrors[k], 0.001, `${what} ${temperature} K`);
          near(error, 0, what === "lsst u" ? 0.03 : 0.01, `${what} ${temperature} K`);
        }
      });
    }
  },
);

const GOOD = {
  name: "mine",
  source: "made up",
  bands: [{ name: "a", shape: { blue: 4000, blueWidth: 20, red: 5000, redWidth: 20, top: [0.5] } }],
};

Deno.test("a description with a fault is refused with a sentence that names it", () => {
  const band = GOOD.bands[0],
    withShape = (change: object) => ({
      ...GOOD,
      bands: [{ name: "a", shape: { ...band.shape, ...change } }],
    });
  const tabled = (wavelength: unknown, throughput: unknown) => ({
    ...GOOD,
    bands: [{ name: "a", wavelength, throughput }],
  });
  const faults: [unknown, RegExp][] = [
    [null, /object with named fields, found null/],
    [{ ...GOOD, bands: [] }, /1 to 256 bands/],
    [{ ...GOOD, name: "" }, /a text/],
    [{ ...GOOD, colour: 1 }, /only the fields name, source, bands, form, found "colour"/],
    [{ name: "x", source: "y" }, /a field "bands"/],
    [{ ...GOOD, bands: [band, band] }, /one passband of each name/],
    [{ ...GOOD, bands: [{ name: "a" }] }, /either "shape" or both/],
    [withShape({ blue: 6000 }), /blue edge below the red/],
    [withShape({ blueWidth: -3 }), /number from 0.5 to 2000, found -3/],
    [withShape({ blueWidth: 1000 }), /so steep/],
    [withShape({ top: [3] }), /throughput between 0 and 1/],
    [withShape({ top: ["1"] }), /a number from -100 to 100, found string/],
    [withShape({ peak: 1 }), /only the fields/],
    [tabled([4000, 4100, 4050], [0, 1, 0]), /ascending wavelengths, found 4050 after 4100/],
    [tabled([4000, 4100, 4200], [0, 1]), /3 to a million/],
    [tabled([4000, 4100, 4200], [0, 1, 0, 0]), /as many throughputs/],
    [tabled([4000, 4100, 4200], [0, 2, 0]), /number from 0 to 1, found 2/],
    [tabled([4000, 4100, 4200], [0, 0, 0]), /some throughput above 0/],
    [tabled([4000, 4100, 4200], undefined), /throughput/],
  ];
  for (const [description, message] of faults) {
    assert.throws(() => parsePassbands(description, "mine.json"), (error: unknown) => {
      assert.ok(error instanceof EphemeraError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
  assert.throws(() => passbandSystem("hubble"), /lsst, sdss/);
  assert.throws(() => passband("lsst", "H"), /u, g, r, i, z, y/);
  assert.throws(() => kCorrection(() => 1, -0.1, passband("lsst", "g")), EphemeraError);
});

Deno.test("any JSON is read as passbands or refused with a clear error", () => {
  const field = fc.constantFrom(
    "name",
    "source",
    "bands",
    "shape",
    "blue",
    "red",
    "blueWidth",
    "top",
    "wavelength",
    "throughput",
  );
  const anything = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.double(),
      fc.string(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(field, tie("value"), { maxKeys: 5 }),
    ),
  })).value;
  fc.assert(
    fc.property(anything, fc.constantFrom("name", "source", "bands"), (value, key) => {
      for (const description of [value, { ...GOOD, [key]: value }, { ...GOOD, bands: [value] }]) {
        try {
          parsePassbands(description);
        } catch (error) {
          assert.ok(error instanceof EphemeraError, String(error));
        }
      }
    }),
    { numRuns: 300 },
  );
});
