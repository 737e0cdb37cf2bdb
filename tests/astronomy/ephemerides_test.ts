import assert from "node:assert/strict";
import {
  airmass,
  altitude,
  angularSeparation,
  hourAngleLimit,
  moonIllumination,
  moonPosition,
  siderealTime,
  sunPosition,
} from "ephemera/astronomy";
import astropy from "./fixtures/ephemerides.json" with { type: "json" };

Deno.test("the Sun is within 0.02 degrees and the Moon within 0.4 degrees of astropy's", () => {
  for (const { mjd, sun, moon } of astropy.rows) {
    const ours = sunPosition(mjd), moonOurs = moonPosition(mjd);
    assert.ok(angularSeparation(ours, { ra: sun[0], dec: sun[1] }) < 0.02, `Sun at ${mjd}`);
    const off = angularSeparation(moonOurs, { ra: moon[0], dec: moon[1] });
    assert.ok(off < 0.4, `Moon at ${mjd}: ${off}`);
  }
});

Deno.test("the Moon's lit fraction follows the elongation", () => {
  for (const { mjd, separation } of astropy.rows) {
    const lit = (1 - Math.cos(separation * Math.PI / 180)) / 2;
    assert.ok(Math.abs(moonIllumination(mjd) - lit) < 0.01);
  }
});

Deno.test("sidereal time agrees with astropy to a hundredth of a degree", () => {
  for (const { mjd, sidereal } of astropy.rows) {
    const off = Math.abs(siderealTime(mjd) - sidereal);
    assert.ok(Math.min(off, 360 - off) < 0.01, `${mjd}: ${off}`);
  }
});

Deno.test("angular separations agree with astropy", () => {
  for (const { a, b, separation } of astropy.pairs) {
    const ours = angularSeparation({ ra: a[0], dec: a[1] }, { ra: b[0], dec: b[1] });
    assert.ok(Math.abs(ours - separation) < 1e-9);
  }
});

Deno.test("a star culminates at 90 degrees minus latitude plus declination, and stands above a limit as long as told", () => {
  const star = { ra: 40, dec: 10 }, latitude = -30, longitude = -70;
  let best = 0, highest = -90;
  for (let t = 57000; t < 57001; t += 1e-4) {
    const h = altitude(star, t, longitude, latitude);
    if (h > highest) [highest, best] = [h, t];
  }
  assert.ok(Math.abs(highest - 50) < 1e-3);
  const limit = hourAngleLimit(star.dec, latitude, 30) / 360.98564736629;
  assert.ok(Math.abs(altitude(star, best + limit, longitude, latitude) - 30) < 0.05);
  assert.equal(hourAngleLimit(80, -30, 20), 0);
  assert.equal(hourAngleLimit(-80, -60, 20), 180);
});

Deno.test("airmass is 1 at the zenith, 2 near 30 degrees, and about 38 at the horizon", () => {
  assert.ok(Math.abs(airmass(90) - 1) < 1e-3);
  assert.ok(Math.abs(airmass(30) - 1.995) < 5e-3);
  assert.ok(Math.abs(airmass(0) - 38) < 0.5);
});
