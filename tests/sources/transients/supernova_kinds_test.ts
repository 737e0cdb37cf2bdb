import assert from "node:assert/strict";
import { passbandSystem } from "ephemera/astronomy";
import { EphemeraError, Random } from "ephemera/core";
import { SUPERNOVA_KINDS } from "ephemera/sources";
import fc from "fast-check";
import { near, setting } from "./common.ts";

const NAMES = [
  "SNIa",
  "SNIa-91bg",
  "SNIax",
  "SNII",
  "SNIIP",
  "SNIIL",
  "SNIIn",
  "SNIIb",
  "SNIbc",
  "SNIb",
  "SNIc",
];

Deno.test("every kind of supernova is there, extragalactic, with its references", () => {
  assert.deepEqual(SUPERNOVA_KINDS.map((kind) => kind.name), NAMES);
  assert.ok(SUPERNOVA_KINDS.every((kind) => !kind.galactic && /\d{4}/.test(kind.reference)));
});

Deno.test("the same generator draws the same supernova, another one another", () => {
  const time = Float64Array.from({ length: 60 }, (_, i) => 60000 + 5 * i),
    band = Uint8Array.from(time, (_, i) => i % 6);
  for (const kind of SUPERNOVA_KINDS) {
    const draw = (name: string) =>
      kind.draw(new Random(9).stream(name), setting({ redshift: 0.2, mwebv: 0.05 }));
    const first = draw("a"), again = draw("a"), other = draw("b");
    assert.deepEqual([...first.flux(time, band)], [...again.flux(time, band)], kind.name);
    assert.deepEqual(first.parameters, again.parameters);
    assert.notDeepEqual(first.parameters, other.parameters);
    assert.equal(first.kind, kind.name);
    assert.equal(first.redshift, 0.2);
    assert.ok(first.peak >= 60000 && first.peak < 60200);
  }
});

Deno.test("fluxes are finite and not negative at any time, redshift and in any band", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SUPERNOVA_KINDS),
      fc.integer({ min: 0, max: 1e6 }),
      fc.double({ min: -5, max: 1.3, noNaN: true }),
      fc.constantFrom("lsst", "sdss", "panstarrs", "ztf", "decam", "johnson"),
      fc.array(fc.double({ min: -1000, max: 5000, noNaN: true }), { minLength: 5, maxLength: 20 }),
      (kind, seed, logRedshift, system, days) => {
        const { passbands } = passbandSystem(system), redshift = 10 ** logRedshift;
        const source = kind.draw(new Random(seed), setting({ passbands, redshift, mwebv: 0.1 }));
        const { peak } = source;
        // Also around first light, where the models begin.
        const time = Float64Array.from([
          ...days,
          ...[-30, -20, -19, -18.6, -18, -1, 0, 1, 100].map((d) => d * (1 + redshift)),
        ], (d) => peak + d);
        const flux = source.flux(time, Uint8Array.from(time, (_, i) => i % passbands.length));
        assert.ok(
          flux.every((value) => value >= 0 && value < Infinity),
          `${kind.name} ${seed} ${redshift}: ${flux}`,
        );
        assert.ok(Object.values(source.parameters).every(Number.isFinite));
        assert.ok(
          source.flux(Float64Array.of(peak - 500 * (1 + redshift)), Uint8Array.of(0))[0] === 0,
          "dark long before",
        );
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("ten times the distance is five magnitudes, where redshift changes little else", () => {
  for (const kind of SUPERNOVA_KINDS) {
    const brightness = [0.001, 0.01].map((redshift) => {
      const source = kind.draw(new Random(12), setting({ redshift }));
      return source.flux(Float64Array.of(source.peak), Uint8Array.of(2))[0];
    });
    near(2.5 * Math.log10(brightness[0] / brightness[1]), 5, 0.1, kind.name);
  }
});

Deno.test("Milky Way dust reddens every supernova", () => {
  for (const kind of SUPERNOVA_KINDS) {
    const flux = [0, 0.3].map((mwebv) => {
      const source = kind.draw(new Random(13), setting({ mwebv }));
      return source.flux(new Float64Array(6).fill(source.peak + 5), Uint8Array.of(0, 1, 2, 3, 4, 5));
    });
    const lost = flux[0].map((clear, i) => -2.5 * Math.log10(flux[1][i] / clear));
    for (let i = 1; i < 6; i++) assert.ok(lost[i] < lost[i - 1], kind.name);
    // Schlafly & Finkbeiner (2011), table 6, A_b / E(B-V) of LSST for R_V 3.1, without their rescaling by
    // 0.86;
    // their source is bluer than cool supernovae, which shine at the red end of g.
    near(lost[2] / 0.3, 2.27 / 0.86, 0.15, `${kind.name} in r`);
    near(lost[1] / 0.3, 3.24 / 0.86, 0.4, `${kind.name} in g`);
  }
});

Deno.test("every kind refuses an impossible redshift", () => {
  for (const kind of SUPERNOVA_KINDS) {
    for (const redshift of [-1, 0, NaN, 1000]) {
      assert.throws(() => kind.draw(new Random(1), setting({ redshift })), (error: unknown) => {
        assert.ok(error instanceof EphemeraError);
        assert.match(
          error.message,
          new RegExp(`redshift above 0, at most 20, found ${redshift} \\(source SN`),
        );
        return true;
      });
    }
  }
});
