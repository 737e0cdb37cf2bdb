import assert from "node:assert/strict";
import { galactic } from "ephemera/astronomy";
import { LightCurveSet } from "ephemera/observations";
import { curveQuantities, errorsByMagnitude, plasticcCatalogue } from "ephemera/survey/realism";

function set(rows: [time: number, band: number, flux: number, error: number][]): LightCurveSet {
  return new LightCurveSet({
    ids: ["a"],
    offsets: Uint32Array.of(0, rows.length),
    bands: ["g", "r"],
    quantity: "flux",
    zeroPoint: 27.5,
    time: Float64Array.from(rows, ([time]) => time),
    band: Uint8Array.from(rows, ([, band]) => band),
    value: Float64Array.from(rows, ([, , flux]) => flux),
    error: Float64Array.from(rows, ([, , , error]) => error),
  });
}

Deno.test("peaks, colours, gaps and depths of a light curve are what one reads off it", () => {
  const curve = set([
    [10, 0, 0.5, 2],
    [10, 1, -3, 4],
    [12, 0, 1, 2],
    [13, 1, 1000, 10],
    [15, 0, 100, 4],
    [19, 0, -1, 2],
    [40, 1, 30, 10],
  ]);
  const row = Object.fromEntries(
    Object.entries(curveQuantities(curve)).map(([name, [value]]) => [name, value]),
  );
  assert.equal(row.points, 7);
  assert.equal(row.duration, 30);
  assert.equal(row.gap, 3); // of 2, 3, 4 in g and 3, 27 in r
  assert.equal(row["longest gap"], 27);
  assert.equal(row.significance, 100);
  assert.equal(row["peak g"], 22.5);
  assert.equal(row["peak r"], 20);
  assert.equal(row["g - r"], 2.5);
  assert.equal(row["depth g"], 25); // five errors of 2 are a flux of 10
  assert.ok(Number.isNaN(row["depth r"])); // one faint point is too few
});

Deno.test("errors are sorted by magnitude and band", () => {
  const rows = Array.from({ length: 40 }, (_, i): [number, number, number, number] => [i, i % 2, 100, 5]);
  const [g, r, ...more] = errorsByMagnitude(set([...rows, [41, 0, 1, 10]]));
  assert.deepEqual([g.band, g.count, r.band, r.count, more.length], ["g", 20, "r", 20, 0]);
  assert.equal(g.magnitude, 22.75);
  assert.ok(Math.abs(g.middle - 1.0857 * 5 / 100) < 1e-5 && g.low === g.high);
});

Deno.test("magnitudes, or fluxes without errors, are refused", () => {
  const { error: _, ...columns } = set([[1, 0, 1, 1]]).columns();
  assert.throws(() => curveQuantities(new LightCurveSet(columns)), /with errors/);
  assert.throws(
    () =>
      errorsByMagnitude(new LightCurveSet({ ...columns, quantity: "magnitude", error: Float64Array.of(1) })),
    /magnitude/,
  );
});

Deno.test("PLAsTiCC's catalogue has redshifts outside of the Milky Way only, and latitudes outside of deep fields", () => {
  const column = (...values: number[]) => Float64Array.from(values);
  const table = {
    ra: column(10, 20, 30),
    decl: column(-10, -20, -30),
    ddf_bool: column(0, 1, 0),
    true_z: column(0.5, 0.2, 0.3),
    hostgal_photoz: column(0.6, 0.2, 0),
    hostgal_photoz_err: column(0.05, 0.1, 0),
    hostgal_specz: column(-9, 0.2, 0),
    mwebv: column(0.1, 0.2, 0.3),
  };
  const found = plasticcCatalogue(table);
  assert.deepEqual([...found.redshift], [0.5, 0.2, NaN]);
  assert.ok(Math.abs(found["photometric redshift pull"][0] - 2) < 1e-12);
  assert.deepEqual([...found["spectroscopic redshift"]], [0, 1, NaN]);
  assert.ok(Math.abs(found["galactic latitude"][0] - Math.abs(galactic({ ra: 10, dec: -10 }).b)) < 1e-12);
  assert.ok(Number.isNaN(found["galactic latitude"][1]));
});
