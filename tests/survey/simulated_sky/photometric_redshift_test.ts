import assert from "node:assert/strict";
import { join } from "node:path";
import { Random } from "ephemera/core";
import { readTable } from "ephemera/formats";
import { drawPhotometricRedshift, drawRedshiftQuantiles, PHOTOMETRIC_REDSHIFT } from "ephemera/survey";

const data = Deno.env.get("EPHEMERA_DATA");

function quantile(values: readonly number[], p: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(p * values.length)];
}

Deno.test("photometric redshifts stay within their range and have positive errors", () => {
  const random = new Random(1);
  for (const z of [0, 0.003, 0.1, 0.7, 1.5, 2.9, 4]) {
    for (let k = 0; k < 300; k++) {
      const { value, error } = drawPhotometricRedshift(random, z);
      assert.ok(
        value > 0 && value <= PHOTOMETRIC_REDSHIFT.greatest && error > 0,
        `z ${z}: ${value}, ${error}`,
      );
    }
  }
  assert.throws(() => drawPhotometricRedshift(random, -0.1), /not negative.*found -0.1/s);
  assert.throws(() => drawRedshiftQuantiles(random, NaN), /NaN/);
});

Deno.test({
  name: "photometric redshifts have the bias, spread, errors and outliers of PLAsTiCC's metadata",
  ignore: data === undefined,
  fn: async () => {
    const table = await readTable(join(data!, "plasticc", "training_metadata.csv.gz"), {
      text: ["object_id"],
    });
    const column = (name: string) => table[name] as Float64Array;
    const [specz, photoz, errors] = ["hostgal_specz", "hostgal_photoz", "hostgal_photoz_err"].map(column);
    const rows = Array.from(specz.keys()).filter((i) => photoz[i] > 0);
    const random = new Random("photo-z"), repeats = 4;
    for (const [low, high] of [[0.05, 0.2], [0.2, 0.3], [0.3, 0.5], [0.5, 1], [1, 2.5]]) {
      const inside = rows.filter((i) => specz[i] >= low && specz[i] < high);
      const real = inside.map((i) => ({ off: (photoz[i] - specz[i]) / (1 + specz[i]), error: errors[i] }));
      const made = Array.from({ length: repeats }, () => inside).flat().map((i) => {
        const { value, error } = drawPhotometricRedshift(random, specz[i]);
        return { off: (value - specz[i]) / (1 + specz[i]), error };
      });
      const outliers = (set: typeof real) =>
        set.filter(({ off }) => Math.abs(off) > 0.15).length / set.length;
      const half = (set: typeof real) => {
        const offs = set.map(({ off }) => off);
        return (quantile(offs, 0.75) - quantile(offs, 0.25)) / 2;
      };
      const say = `redshifts ${low} to ${high}, ${inside.length} objects`;
      const noise = Math.sqrt(outliers(real) / inside.length);
      assert.ok(Math.abs(outliers(made) - outliers(real)) < 0.02 + 3 * noise, `${say}: outliers`);
      assert.ok(Math.abs(Math.log(half(made) / half(real))) < 0.35, `${say}: ${half(made)} ${half(real)}`);
      const medians = [made, real].map((set) => quantile(set.map(({ off }) => off), 0.5));
      assert.ok(
        Math.abs(medians[0] - medians[1]) < 0.004 + 3 * half(real) / Math.sqrt(inside.length),
        `${say}: medians ${medians}`,
      );
      const errorMedians = [made, real].map((set) => quantile(set.map(({ error }) => error), 0.5));
      assert.ok(
        Math.abs(Math.log(errorMedians[0] / errorMedians[1])) < 0.5,
        `${say}: errors ${errorMedians}`,
      );
    }
  },
});

Deno.test("quantiles of redshift ascend, the middle one is the estimate, and true redshifts are draws from them", () => {
  const random = new Random(3), count = 3000, below = new Float64Array(11);
  const off: number[] = [];
  for (let k = 0; k < count; k++) {
    const z = random.uniform(0.4, 1.2), { value, error, quantiles } = drawRedshiftQuantiles(random, z);
    assert.equal(quantiles.length, 11);
    for (let q = 1; q <= 10; q++) assert.ok(quantiles[q] >= quantiles[q - 1]);
    assert.equal(value, quantiles[5]);
    assert.ok(error > 0);
    quantiles.forEach((edge, q) => below[q] += Number(z < edge) / count);
    off.push(value - z);
  }
  for (let q = 1; q < 10; q++) {
    assert.ok(Math.abs(below[q] - q / 10) < 0.04, `${below[q]} of the redshifts lie below quantile ${q}`);
  }
  assert.ok(Math.abs(quantile(off, 0.5)) < 0.01, `median error ${quantile(off, 0.5)}`);
});
