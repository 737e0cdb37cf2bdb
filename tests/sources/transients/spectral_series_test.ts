import assert from "node:assert/strict";
import {
  AB_REFERENCE,
  abMagnitude,
  extinctionCurve,
  FlatUniverse,
  kCorrection,
  LIGHT_ANGSTROM,
  passband,
  PASSBANDS,
  passbandSystem,
  refinePassband,
} from "ephemera/astronomy";
import { EphemeraError } from "ephemera/core";
import {
  absoluteMagnitude,
  anchoredModel,
  bandNodes,
  blackbodyLuminosity,
  blackbodyModel,
  functionModel,
  intergalacticTransmission,
  NODE_COUNT,
  REDSHIFT_LIMIT,
  spectralSource,
  typeIaModel,
  ultravioletCutoff,
} from "ephemera/sources";
import fc from "fast-check";
import { narrow, near, setting } from "./common.ts";
import sncosmo from "./fixtures/sncosmo.json" with { type: "json" };

const bright = (_phase: number, wavelength: number) => 1e39 * (5000 / wavelength) ** 2;
const magnitudeOf = (flux: number) => 27.5 - 2.5 * Math.log10(flux);

Deno.test("twenty nodes integrate every polynomial up to degree 39 over every passband", () => {
  for (const { passbands } of Object.values(PASSBANDS)) {
    for (const band of passbands) {
      const { wavelength, weight } = bandNodes(band), { wavelength: x, throughput: t } = band;
      assert.equal(wavelength.length, NODE_COUNT);
      assert.ok(weight.every((value) => value > 0));
      const middle = (x[0] + x[x.length - 1]) / 2, half = (x[x.length - 1] - x[0]) / 2;
      let norm = 0;
      for (let i = 0; i < x.length; i++) norm += t[i] / x[i];
      for (let degree = 0; degree <= 39; degree++) {
        const f = (at: number) =>
          Math.cos(degree * Math.acos(Math.max(-1, Math.min(1, (at - middle) / half))));
        let exact = 0, size = 0, quadrature = 0;
        for (let i = 0; i < x.length; i++) {
          exact += f(x[i]) * t[i] * x[i];
          size += t[i] * x[i];
        }
        wavelength.forEach((at, k) => quadrature += weight[k] * f(at));
        quadrature *= AB_REFERENCE * LIGHT_ANGSTROM * norm / size;
        near(quadrature, exact / size, 1e-10, `${band.name} degree ${degree}`);
      }
    }
  }
});

Deno.test("the quadrature of a supernova's spectrum is that of a fine grid within five thousandths of a magnitude", () => {
  const model = typeIaModel({ x1: 0, c: 0, magnitude: -19.36 });
  for (const band of passbandSystem("lsst").passbands) {
    const magnitude = absoluteMagnitude(model, band);
    for (const phase of [-10, 0, 15, 30, 60]) {
      const sphere = 4 * Math.PI * 3.0856775814913673e19 ** 2;
      const value = new Float64Array(1);
      const exact = abMagnitude(refinePassband(band, 2), (wavelength) => {
        model.at(Float64Array.of(wavelength))(phase, value);
        return value[0] / sphere;
      });
      near(magnitude(phase), exact, 0.005, `${band.name} at ${phase}`);
    }
  }
});

Deno.test("the magnitude is M plus distance modulus plus K-correction", () => {
  const rest = (wavelength: number) => blackbodyLuminosity(wavelength, 9000, 1e15);
  const model = functionModel((_, wavelength) => rest(wavelength)), { passbands } = setting();
  for (const redshift of [0.01, 0.1, 0.5, 1, 2]) {
    const source = spectralSource("ball", setting({ redshift }), { peak: 60000, model });
    const flux = source.flux(new Float64Array(6).fill(60000), Uint8Array.of(0, 1, 2, 3, 4, 5));
    // Above 1216 angstrom at rest, where nothing between the galaxies absorbs.
    for (let b = redshift > 1 ? 1 : 0; b < 6; b++) {
      const expected = absoluteMagnitude(model, passbands[b])(0) +
        new FlatUniverse().distanceModulus(redshift) +
        kCorrection(rest, redshift, passbands[b]);
      near(magnitudeOf(flux[b]), expected, 2e-4, `${passbands[b].name} at ${redshift}`);
    }
  }
});

Deno.test("fluxes of an expanding, cooling black body are those that sncosmo finds", () => {
  const model = blackbodyModel({
    photosphere: (phase, out) => {
      out.temperature = 5000 + 9000 * Math.exp(-phase / 25);
      out.radius = 6e14 + 8e13 * phase;
    },
  });
  for (const { redshift, mwebv, host, rv, system, days, flux } of sncosmo.cases) {
    const { passbands } = passbandSystem(system), hostDust = { ebv: host, rv };
    const source = spectralSource("ball", setting({ redshift, mwebv, passbands }), {
      peak: 60000,
      model,
      hostDust,
    });
    days.forEach((day, i) => {
      const found = source.flux(
        new Float64Array(passbands.length).fill(60000 + day),
        Uint8Array.from(passbands, (_, b) => b),
      );
      found.forEach((value, b) => {
        near(value / flux[i][b], 1, 5e-4, `${system} ${passbands[b].name}, z ${redshift}, day ${day}`);
      });
    });
  }
});

Deno.test("a power law scales with distance modulus and (1 + alpha) log (1 + z) alone", () => {
  fc.assert(fc.property(
    fc.double({ min: 0.001, max: 1.5, noNaN: true }),
    fc.double({ min: -3, max: 2, noNaN: true }),
    (redshift, alpha) => {
      const luminosity = (_: number, x: number) => 1e39 * (x / 5000) ** (-2 - alpha);
      const m = absoluteMagnitude(functionModel(luminosity), passband("lsst", "i"))(0);
      const source = spectralSource("law", setting({ redshift }), { peak: 60000, luminosity });
      const expected = m + new FlatUniverse().distanceModulus(redshift) -
        2.5 * (1 + alpha) * Math.log10(1 + redshift);
      near(magnitudeOf(source.flux(Float64Array.of(60010), Uint8Array.of(3))[0]), expected, 1e-6);
    },
  ));
});

Deno.test("time runs slower by 1 + z", () => {
  const luminosity = (phase: number, wavelength: number) =>
    bright(phase, wavelength) * Math.exp(-(phase ** 2) / 200);
  for (const redshift of [0.05, 0.4, 1.2]) {
    const source = spectralSource("pulse", setting({ redshift }), { peak: 60100, luminosity });
    const [at, before, after] = source.flux(
      Float64Array.of(60100, 60100 - 10 * (1 + redshift), 60100 + 20 * (1 + redshift)),
      Uint8Array.of(2, 2, 2),
    );
    near(before / at, Math.exp(-0.5), 1e-9);
    near(after / at, Math.exp(-2), 1e-9);
  }
});

Deno.test("dust of both galaxies dims by its law, at the wavelength at which it stands", () => {
  const centres = [3800, 5000, 6500, 9000], passbands = centres.map((centre) => narrow(centre));
  const redshift = 0.5, time = new Float64Array(4).fill(60000), band = Uint8Array.of(0, 1, 2, 3);
  const seen = (
    mwebv: number,
    hostDust?: { ebv: number; rv?: number; law?: "odonnell94" | "fitzpatrick99" },
  ) =>
    spectralSource("dusty", setting({ passbands, redshift, mwebv }), {
      peak: 60000,
      luminosity: bright,
      hostDust,
    })
      .flux(time, band);
  const clear = seen(0), galaxy = seen(0.3), host = seen(0, { ebv: 0.2, rv: 2.5, law: "odonnell94" });
  const both = seen(0.3, { ebv: 0.2, rv: 2.5, law: "odonnell94" });
  const law = extinctionCurve("fitzpatrick99"), hostLaw = extinctionCurve("odonnell94", 2.5);
  centres.forEach((centre, i) => {
    const galactic = 3.1 * 0.3 * law(centre), extragalactic = 2.5 * 0.2 * hostLaw(centre / (1 + redshift));
    near(-2.5 * Math.log10(galaxy[i] / clear[i]), galactic, 1e-3, `Milky Way at ${centre}`);
    near(-2.5 * Math.log10(host[i] / clear[i]), extragalactic, 1e-3, `host at ${centre}`);
    near(-2.5 * Math.log10(both[i] / clear[i]), galactic + extragalactic, 2e-3, `both at ${centre}`);
  });
});

Deno.test("hydrogen between the galaxies takes light below Lyman alpha, all of it below the limit", () => {
  assert.equal(intergalacticTransmission(1300 * 4, 3), 1);
  assert.equal(intergalacticTransmission(900 * 4, 3), 0);
  // Madau (1995): tau = 0.0036 (lambda / 1216)^3.46 between Lyman beta and alpha.
  near(intergalacticTransmission(1100 * 4, 3), Math.exp(-0.0036 * (4400 / 1215.67) ** 3.46), 1e-12);
  assert.ok(intergalacticTransmission(1000 * 5, 4) < intergalacticTransmission(1100 * 5, 4));
});

Deno.test("a black body has the Stefan-Boltzmann luminosity and Wien's maximum", () => {
  const temperature = 10000, radius = 1e15;
  let total = 0, most = 0, at = 0;
  for (let x = 50; x < 1e6; x *= 1.001) {
    const light = blackbodyLuminosity(x * 1.0005, temperature, radius);
    total += light * x * 0.001;
    if (light > most) [most, at] = [light, x];
  }
  near(total / (4 * Math.PI * radius ** 2 * 5.670374419e-5 * temperature ** 4), 1, 1e-3);
  near(at, 2.897771955e7 / temperature, 5);
});

Deno.test("the fast model of a black body is the formula, also where the exponential overflows", () => {
  const model = blackbodyModel({
    photosphere: (phase, out) => {
      out.temperature = phase;
      out.radius = 2e14;
    },
    blanketing: [ultravioletCutoff(3000, 1)],
  });
  const wavelength = Float64Array.of(200, 1500, 4000, 9000, 20000), out = new Float64Array(5);
  for (const temperature of [20, 3000, 1e4, 1e6, 1e9]) {
    model.at(wavelength)(temperature, out);
    wavelength.forEach((x, k) => {
      const expected = blackbodyLuminosity(x, temperature, 2e14) * (x < 3000 ? x / 3000 : 1);
      assert.ok(Math.abs(out[k] - expected) <= 1e-12 * expected, `${x} at ${temperature}`);
    });
  }
});

Deno.test("an anchored model has the given light curve in its band and the shape's colours", () => {
  const shape = blackbodyModel({
    photosphere: (_, out) => Object.assign(out, { temperature: 7000, radius: 1 }),
  });
  const band = passband("sdss", "r");
  const model = anchoredModel({
    passband: band,
    magnitude: (phase) => phase < 0 ? Infinity : -17 + phase / 10,
    shape,
  });
  const r = absoluteMagnitude(model, band), g = absoluteMagnitude(model, passband("sdss", "g"));
  near(r(0), -17, 1e-9);
  near(r(20), -15, 1e-9);
  assert.equal(r(-1), Infinity);
  const free = absoluteMagnitude(shape, passband("sdss", "g"))(0) - absoluteMagnitude(shape, band)(0);
  near(g(13) - r(13), free, 1e-9);
});

Deno.test("a source is the same for any order of observations and knows bands by their index", () => {
  const luminosity = (phase: number, wavelength: number) =>
    bright(phase, wavelength) * (1 + Math.sin(phase) / 2);
  const source = spectralSource("any", setting({ redshift: 0.3, mwebv: 0.1 }), { peak: 60020, luminosity });
  const time = Float64Array.of(60001, 60040, 60020.5, 60100), band = Uint8Array.of(3, 0, 5, 2);
  const forward = source.flux(time, band);
  const backward = source.flux(time.slice().reverse(), band.slice().reverse());
  assert.deepEqual([...backward].reverse(), [...forward]);
  assert.deepEqual([...source.quiescent], [0, 0, 0, 0, 0, 0]);
  assert.equal(source.peak, 60020);
});

Deno.test("outside its span a source is dark", () => {
  const source = spectralSource("short", setting(), { peak: 60000, luminosity: bright, span: [-5, 5] });
  const [before, during, after] = source.flux(Float64Array.of(59990, 60000, 60010), Uint8Array.of(1, 1, 1));
  assert.ok(before === 0 && during > 0 && after === 0);
});

Deno.test("impossible redshifts, dust and models are refused with a sentence", () => {
  const make = (change: Parameters<typeof setting>[0], options = {}) =>
    spectralSource("odd", setting(change), { peak: 60000, luminosity: bright, ...options });
  const refused = (run: () => unknown, message: RegExp) =>
    assert.throws(run, (error: unknown) => {
      assert.ok(error instanceof EphemeraError, String(error));
      assert.match(error.message, message);
      return true;
    });
  for (const redshift of [-0.1, 0, NaN, Infinity, REDSHIFT_LIMIT + 1]) {
    refused(() => make({ redshift }), /redshift above 0, at most 20, found/);
  }
  refused(() => make({ mwebv: -1 }), /Milky Way E\(B-V\) that is not negative/);
  refused(() => make({ mwebv: NaN }), /Milky Way/);
  refused(() => make({}, { hostDust: { ebv: -0.1 } }), /host E\(B-V\)/);
  refused(
    () => make({}, { hostDust: { ebv: 0.1, rv: 9 } }).flux(Float64Array.of(1), Uint8Array.of(0)),
    /R_V from 2 to 6/,
  );
  refused(() => make({}, { peak: NaN }), /finite MJD/);
  refused(() => make({}, { luminosity: undefined }), /either a luminosity or a model, found none/);
  refused(() => make({}, { model: functionModel(bright) }), /found both/);
  refused(() => make({}).flux(Float64Array.of(1), Uint8Array.of(9)), /band index below 6, found 9/);
  refused(() => make({}).flux(Float64Array.of(1, 2), Uint8Array.of(0)), /as many bands as times/);
  refused(
    () => make({}, { luminosity: () => NaN }).flux(Float64Array.of(60000), Uint8Array.of(0)),
    /finite and not negative/,
  );
  refused(
    () => make({}, { luminosity: () => -1 }).flux(Float64Array.of(60000), Uint8Array.of(0)),
    /finite and not negative/,
  );
  refused(
    () => bandNodes({ ...narrow(5000), throughput: new Float64Array(41) }),
    /20 wavelengths or more, found 0/,
  );
});
