import assert from "node:assert/strict";
import { readTable } from "ephemera/formats";
import { detectionEfficiency, Pointings, skySurvey } from "ephemera/survey";

const root = Deno.env.get("EPHEMERA_DATA"), ignore = root === undefined;
/** Returns the columns of a packed table as text, of its first lines; lines of another length than the header are left out. */
async function columnsOf(path: string, lines = 1e9): Promise<Record<string, string[]>> {
  const packed = new Blob([await Deno.readFile(`${root}/${path}`)]).stream();
  const text = await new Response(packed.pipeThrough(new DecompressionStream("gzip"))).text();
  const [header, ...rows] = text.trimEnd().split(/\r?\n/, lines).map((line) => line.split(","));
  const whole = rows.filter(({ length }) => length === header.length);
  return Object.fromEntries(header.map((name, k) => [name, whole.map((row) => row[k])]));
}

const median = (x: ArrayLike<number>) => Array.from(x).toSorted((a, b) => a - b)[Math.floor(x.length / 2)];
const quantile = (x: readonly number[], q: number) => x.toSorted((a, b) => a - b)[Math.floor(q * x.length)];
const depthOf = (error: number) => 27.5 - 2.5 * Math.log10(5 * error);

Deno.test({
  name: "the DES survey has the depths, nights and error floor of the public SNPCC curves (EPHEMERA_DATA)",
  ignore,
  async fn() {
    const { band, fluxcal: fluxes, fluxcalerr: errors } = await columnsOf(
      "snpcc/lightcurves.csv.gz",
    );
    const [fluxcal, fluxcalerr] = [fluxes, errors].map((column) => column.map(Number));
    const depths: Record<string, number[]> = { g: [], r: [], i: [], z: [] }, bright: number[] = [];
    for (let k = 0; k < band.length; k++) {
      if (Math.abs(fluxcal[k]) < 2 * fluxcalerr[k]) depths[band[k]].push(depthOf(fluxcalerr[k]));
      if (fluxcal[k] > 3000) bright.push(fluxcalerr[k] / fluxcal[k]);
    }
    const survey = skySurvey("des-supernova"), made: number[][] = [[], [], [], []], perField: number[] = [];
    for (let seed = 0; seed < 6; seed++) {
      const pointings = new Pointings(survey, { seed });
      for (let f = 0; f < pointings.length; f++) {
        const { visits } = pointings.field(f);
        visits.depth.forEach((depth, i) => made[visits.band[i]].push(depth));
        perField.push(visits.time.length);
      }
    }
    survey.bands.forEach(({ name }, b) => {
      for (const q of [0.25, 0.5, 0.75]) {
        const real = quantile(depths[name], q), ours = quantile(made[b], q);
        assert.ok(Math.abs(real - ours) < 0.35, `${name} at ${q}: ${ours} for ${real}`);
      }
    });
    assert.ok(Math.abs(median(bright) / survey.floor[0] - 1) < 0.1, `${median(bright)}`);
    // The real fields have 97 to 161 points, 123 in the middle.
    assert.ok(
      Math.abs(median(perField) - 123) < 15 && perField.every((n) => n > 75 && n < 195),
      perField.join(),
    );
  },
});

Deno.test({
  name: "the detection efficiency of LSST's surveys is that of the challenge's light curves (EPHEMERA_DATA)",
  ignore,
  async fn() {
    const { mjd, flux, flux_err: error, detected } = await readTable(
      `${root}/plasticc/lightcurves_few.csv.gz`,
    ) as Record<
      string,
      Float64Array
    >;
    const rule = skySurvey("lsst-wide").detection;
    let inside = 0;
    for (const [low, high] of [[0, 2], [2, 4], [4, 6], [6, 9], [9, 1e9]]) {
      let count = 0, seen = 0, expected = 0;
      for (let k = 0; k < mjd.length; k++) {
        const ratio = Math.abs(flux[k] / error[k]);
        if (ratio < low || ratio >= high) continue;
        count++;
        seen += detected[k];
        expected += detectionEfficiency(ratio, rule);
      }
      inside += count;
      const tolerance = 0.04 + 2 * Math.sqrt(expected * (1 - expected / count)) / count;
      assert.ok(
        Math.abs(seen - expected) / count < tolerance,
        `${low} to ${high}: ${seen} for ${expected} of ${count}`,
      );
    }
    assert.equal(inside, mjd.length);
  },
});

Deno.test({
  name: "deep fields have the depth and the number of points of PLAsTiCC's (EPHEMERA_DATA)",
  ignore,
  async fn() {
    const { object_id: id, passband, flux, flux_err: error } = await readTable(
      `${root}/plasticc/lightcurves_few.csv.gz`,
    ) as Record<string, Float64Array>;
    const counts = new Map<number, number>();
    for (const object of id) counts.set(object, (counts.get(object) ?? 0) + 1);
    const pointings = new Pointings(skySurvey("lsst-deep"), { seed: 2 });
    const fields = Array.from({ length: pointings.length }, (_, f) => pointings.field(f).visits);
    const real = [...counts.values()].filter((n) => n > 200);
    assert.ok(real.length >= 8);
    const ours = fields.map(({ time }) => time.length);
    assert.ok(Math.abs(median(ours) / median(real) - 1) < 0.25, `${ours} for ${real}`);
    for (let b = 0; b < 6; b++) {
      const faint: number[] = [];
      for (let k = 0; k < id.length; k++) {
        if (counts.get(id[k])! > 200 && passband[k] === b && Math.abs(flux[k]) < 3 * error[k]) {
          faint.push(depthOf(error[k]));
        }
      }
      const made = fields.flatMap(({ depth, band }) => [...depth].filter((_, i) => band[i] === b));
      assert.ok(
        Math.abs(median(made) - median(faint)) < 0.3,
        `band ${b}: ${median(made)} for ${median(faint)}`,
      );
    }
  },
});

Deno.test({
  name: "the HiTS survey has the zero point, seeing, sky and cadence of the observing log (EPHEMERA_DATA)",
  ignore,
  async fn() {
    const { field, filter, ...rest } = await columnsOf("hits-stamps/observing_conditions.csv.gz");
    const log = Object.fromEntries(Object.entries(rest).map(([name, column]) => [name, column.map(Number)]));
    const survey = skySurvey("hits-2015"), pointings = new Pointings(survey, { seed: 4, fields: 30 });
    const visits = Array.from({ length: 30 }, (_, f) => pointings.field(f).visits);
    const rows = filter.flatMap((name, i) => name === "g" ? [i] : []);
    // 5-sigma depth of photometry weighted with the point-spread function, 3.8 electrons per count, 6.1 of read noise.
    const depths = rows.map((i) => {
      const electrons = 3.8 * log.back_level[i], pixels = 2.266 * (log.seeing[i] / 0.27) ** 2;
      const variance = pixels * (electrons + 6.1 ** 2),
        counts = (12.5 + 5 * Math.sqrt(variance + 6.25)) / 3.8;
      return log.zp_ps[i] + 2.5 * Math.log10(log.exp_time[i]) - 2.5 * Math.log10(counts);
    }).filter(Number.isFinite);
    const made = visits.flatMap(({ depth, band }) => [...depth].filter((_, i) => band[i] === 0));
    for (const q of [0.25, 0.5, 0.75]) {
      assert.ok(
        Math.abs(quantile(depths, q) - quantile(made, q)) < 0.35,
        `at ${q}: ${quantile(made, q)} for ${quantile(depths, q)}`,
      );
    }
    const fields = new Map<string, number>();
    for (const name of field) fields.set(name, (fields.get(name) ?? 0) + 1);
    assert.ok(
      Math.abs(median(visits.map(({ time }) => time.length)) / median([...fields.values()]) - 1) < 0.25,
    );
  },
});

Deno.test({
  name:
    "the Catalina survey comes back as often as its sister telescope does, with visits as far apart (EPHEMERA_DATA)",
  ignore,
  async fn() {
    const { id, mjd } = await columnsOf("catalina-sss-periodic/lightcurves.csv.gz", 60_000);
    const stars = new Map<string, number[]>();
    id.forEach((name, i) => stars.set(name, (stars.get(name) ?? []).concat(Number(mjd[i]))));
    const rhythm = (times: Iterable<ArrayLike<number>>) => {
      const within: number[] = [], between: number[] = [], count: number[] = [];
      for (const time of times) {
        const sorted = Array.from(time).toSorted((a, b) => a - b);
        count.push(sorted.length);
        for (let i = 1; i < sorted.length; i++) {
          const gap = sorted[i] - sorted[i - 1];
          (gap < 0.3 ? within : between).push(gap);
        }
      }
      return { count: median(count), within: median(within), between: median(between) };
    };
    const pointings = new Pointings(skySurvey("catalina"), { seed: 6, fields: 40 });
    const made = rhythm(Array.from({ length: 40 }, (_, f) => pointings.field(f).visits.time));
    const real = rhythm([...stars.values()].slice(0, -1)); // the last star may be cut short
    for (const name of ["count", "within", "between"] as const) {
      assert.ok(
        Math.abs(Math.log(made[name] / real[name])) < 0.3,
        `${name}: ${made[name]} for ${real[name]}`,
      );
    }
  },
});
