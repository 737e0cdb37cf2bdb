import assert from "node:assert/strict";
import fc from "fast-check";
import {
  AB_JANSKY_ZERO_POINT,
  angularSeparation,
  asinhMagnitude,
  type DustLaw,
  extinctionCurve,
  FlatUniverse,
  fluxErrorOf,
  fluxOf,
  galactic,
  magnitudeErrorOf,
  magnitudeOf,
} from "ephemera/astronomy";
import peers from "./fixtures/distances_dust.json" with { type: "json" };

const close = (a: number, b: number, relative: number, what: string) =>
  assert.ok(Math.abs(a - b) <= relative * Math.abs(b), `${what}: ${a} against ${b}`);

Deno.test("distances, volumes and ages agree with astropy from redshift 0.001 to 1000", () => {
  for (const { hubble, matter, z, luminosity, angular, modulus, volume, age } of peers.universes) {
    const universe = new FlatUniverse({ hubble, matter });
    z.forEach((redshift, i) => {
      const what = `H0 ${hubble}, z ${redshift}`;
      close(universe.luminosityDistance(redshift), luminosity[i], 1e-9, what);
      close(universe.angularDiameterDistance(redshift), angular[i], 1e-9, what);
      close(universe.distanceModulus(redshift), modulus[i], 1e-9, what);
      close(universe.comovingVolume(redshift), volume[i], 1e-9, what);
      close(universe.age(redshift), age[i], 1e-8, what);
    });
  }
});

Deno.test("redshiftAt undoes distanceModulus", () => {
  const universe = new FlatUniverse();
  fc.assert(fc.property(fc.double({ min: 1e-4, max: 1000, noNaN: true }), (z) => {
    close(universe.redshiftAt(universe.distanceModulus(z)), z, 1e-7, `z ${z}`);
  }));
  assert.throws(() => universe.redshiftAt(100), /a redshift below ten thousand, found 100/);
});

Deno.test("at small redshift the distance is c z / H0", () => {
  close(new FlatUniverse({ hubble: 70 }).comovingDistance(1e-5), 299792.458e-5 / 70, 1e-5, "Hubble's law");
});

Deno.test("an impossible redshift or universe is refused", () => {
  const universe = new FlatUniverse();
  assert.throws(() => universe.luminosityDistance(-9), /a redshift that is not negative, found -9/);
  assert.throws(() => universe.age(NaN), /a redshift that is not negative, found NaN/);
  assert.throws(() => new FlatUniverse({ matter: 1.2 }), /found hubble 70, matter 1.2/);
});

Deno.test("dust laws agree with the package dust_extinction", () => {
  for (const { rv, x, ...laws } of peers.laws) {
    for (const law of ["odonnell94", "fitzpatrick99"] as DustLaw[]) {
      const curve = extinctionCurve(law, rv);
      x.forEach((wavenumber, i) =>
        close(curve(1e4 / wavenumber), laws[law][i], 2e-3, `${law} R_V ${rv} x ${wavenumber}`)
      );
    }
  }
});

Deno.test("a wavelength or an R_V that the law does not know is refused", () => {
  assert.throws(() => extinctionCurve("odonnell94")(500), /from 1000 to 33333 angstroms, found 500/);
  assert.throws(() => extinctionCurve("fitzpatrick99", 9), /an R_V from 2 to 6, found 9/);
});

Deno.test("galactic coordinates agree with astropy to 0.1 arcsec", () => {
  for (const { ra, dec, l, b } of peers.places) {
    const ours = galactic({ ra, dec });
    assert.ok(angularSeparation({ ra: ours.l, dec: ours.b }, { ra: l, dec: b }) < 0.1 / 3600, `${ra} ${dec}`);
  }
});

Deno.test("magnitudes and fluxes undo one another, and 3631 janskys are magnitude zero", () => {
  fc.assert(fc.property(fc.double({ min: -20, max: 40, noNaN: true }), (m) => {
    assert.ok(Math.abs(magnitudeOf(fluxOf(m, 27.5), 27.5) - m) < 1e-12 * 40);
  }));
  assert.ok(Math.abs(magnitudeOf(3631, AB_JANSKY_ZERO_POINT)) < 1e-12);
  assert.ok(Number.isNaN(magnitudeOf(-1, 27.5)) && Number.isNaN(magnitudeErrorOf(0, 1)));
  assert.ok(Math.abs(magnitudeErrorOf(100, 1) - 0.010857) < 1e-6);
  assert.ok(Math.abs(fluxErrorOf(100, magnitudeErrorOf(100, 1)) - 1) < 1e-12);
});

Deno.test("asinh magnitudes equal magnitudes for bright sources and exist for negative fluxes", () => {
  assert.ok(Math.abs(asinhMagnitude(1e6, 27.5, 1) - magnitudeOf(1e6, 27.5)) < 1e-9);
  assert.ok(Number.isFinite(asinhMagnitude(-3, 27.5, 1)));
  assert.throws(() => asinhMagnitude(1, 27.5, 0), /a positive softening/);
});
