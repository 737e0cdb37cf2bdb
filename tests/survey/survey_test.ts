import assert from "node:assert/strict";
import { Random } from "ephemera/core";
import { altitude, moonIllumination, sunPosition } from "ephemera/astronomy";
import { supersmootherResidual } from "ephemera/signal";
import {
  ASAS_SN,
  cataloguePeriod,
  NOVELTY_RECIPE,
  Observatory,
  parseRecipe,
  parseSurvey,
  photometricError,
  recipeCounts,
  simulateInParallel,
  simulatePeriodicVariables,
  simulateStars,
  VariableSky,
} from "ephemera/survey";
import asasSn from "../../data/surveys/asas-sn.json" with { type: "json" };
import recipe from "../../data/recipes/novelty_periodic.json" with { type: "json" };

const places = Array.from({ length: 40 }, (_, i) => ({ ra: (i * 137.5) % 360, dec: 60 * Math.sin(i) }));
const nights = new Observatory(ASAS_SN, 3);
const fields = places.map((place, i) => ({ place, ...nights.exposures(place, new Random(i)) }));
const median = (x: ArrayLike<number>) => Array.from(x).toSorted((a, b) => a - b)[Math.floor(x.length / 2)];

Deno.test("a field gets a few hundred exposures over four to five years, in time order", () => {
  const counts = fields.map(({ time }) => time.length);
  assert.ok(median(counts) > 300 && median(counts) < 700, `median ${median(counts)}`);
  for (const { time } of fields) {
    for (let i = 1; i < time.length; i++) assert.ok(time[i] >= time[i - 1]);
    assert.ok(time[0] >= ASAS_SN.start && time[time.length - 1] < ASAS_SN.end + 1);
    const years = (time[time.length - 1] - time[0]) / 365.25;
    assert.ok(years > 3.5 && years < 5.2);
  }
});

Deno.test("exposures are taken in the dark, with the field up, and away from a bright Moon", () => {
  for (const { place, time } of fields) {
    for (const t of time) {
      const up = ASAS_SN.sites.some(({ longitude, latitude }) =>
        altitude(sunPosition(t), t, longitude, latitude) < ASAS_SN.sunAltitude + 0.5 &&
        altitude(place, t, longitude, latitude) > ASAS_SN.minimumAltitude - 1
      );
      assert.ok(up, `MJD ${t}`);
    }
  }
});

Deno.test("fields near the ecliptic have a gap each year while the Sun is near them", () => {
  const { time } = nights.exposures({ ra: 90, dec: 23 }, new Random(1));
  const gaps = Array.from(time).slice(1).map((t, i) => ({ from: time[i], length: t - time[i] }));
  const long = gaps.filter(({ length }) => length > 40);
  assert.ok(long.length >= 4, `${long.length} seasonal gaps`);
  for (const { from, length } of long) {
    // The Sun passes right ascension 90 degrees on the June solstice, inside the gap.
    const nearest = [...Array(Math.ceil(length)).keys()].map((d) => Math.abs(sunPosition(from + d).ra - 90));
    assert.ok(Math.min(...nearest) < 2);
  }
});

Deno.test("nights are uneven: visits of one to three exposures, and no fixed step between them", () => {
  const { time } = fields[0], visits: number[] = [];
  let last = -Infinity, steps = new Set<number>();
  const sizes = [0, 0, 0, 0];
  for (const t of time) {
    if (t - last > 0.02) {
      if (visits.length > 0) steps = steps.add(Math.round(t - last));
      visits.push(0);
    }
    visits[visits.length - 1]++;
    last = t;
  }
  visits.forEach((n) => sizes[Math.min(3, n)]++);
  assert.ok(sizes[1] > 0 && sizes[2] > 0 && sizes[3] > 0);
  assert.ok(steps.size > 8);
});

Deno.test("moonlight costs depth", () => {
  const dark: number[] = [], bright: number[] = [];
  for (const { time, depth } of fields) {
    time.forEach((t, i) => {
      const lit = moonIllumination(t);
      if (lit < 0.1) dark.push(depth[i]);
      if (lit > 0.9) bright.push(depth[i]);
    });
  }
  const mean = (x: number[]) => x.reduce((a, b) => a + b) / x.length;
  assert.ok(mean(dark) - mean(bright) > 0.25);
});

Deno.test("weather is shared by all fields of a site and depends on the seed", () => {
  const place = { ra: 10, dec: 5 };
  const one = new Observatory(ASAS_SN, 3).exposures(place, new Random(1));
  const two = new Observatory(ASAS_SN, 4).exposures(place, new Random(1));
  assert.deepEqual(one, nights.exposures(place, new Random(1)));
  assert.notDeepEqual(one.time, two.time);
});

Deno.test("photometric errors grow with magnitude, reach 0.2 at the 5-sigma depth and the floor for bright stars", () => {
  let last = 0;
  for (let m = 8; m < 19; m += 0.1) {
    const sigma = photometricError(m, 17, 0.015);
    assert.ok(sigma > last);
    last = sigma;
  }
  assert.ok(Math.abs(photometricError(17, 17, 0) - 0.2) < 1e-12);
  assert.ok(photometricError(9, 17, 0.015) < 0.0152);
});

Deno.test("residuals of the observations over their errors have variance one, apart from outliers", () => {
  const quiet = { ...ASAS_SN, outliers: { fraction: 0, scale: 0 } };
  let sum = 0, count = 0, sumOff = 0;
  for (
    const { star, time, value, error, catalogue } of simulateStars({
      seed: 2,
      counts: { RRAB: 30 },
      survey: quiet,
    })
  ) {
    // The mean of the star at its exposures is not stored; it is one number, found by least squares.
    let w = 0, wr = 0, rr = 0;
    for (let i = 0; i < time.length; i++) {
      const r = value[i] - star.magnitude(time[i]);
      w += error[i] ** -2;
      wr += r * error[i] ** -2;
      rr += r * r * error[i] ** -2;
    }
    sum += rr - wr * wr / w;
    count += time.length - 1;
    sumOff = Math.max(sumOff, Math.abs(wr / w - catalogue.meanMagnitude));
  }
  assert.ok(Math.abs(sum / count - 1) < 4 * Math.sqrt(2 / count), `chi2 ${sum / count}`);
  assert.ok(sumOff < 0.25);
});

Deno.test("outliers have the share and size that the survey says", () => {
  const loud = { ...ASAS_SN, outliers: { fraction: 0.1, scale: 5 } };
  let off = 0, count = 0;
  for (
    const { star, time, value, error, catalogue } of simulateStars({
      seed: 2,
      counts: { RRCD: 20 },
      survey: loud,
    })
  ) {
    for (let i = 0; i < time.length; i++) {
      if (Math.abs(value[i] - star.magnitude(time[i]) - catalogue.meanMagnitude) > 6 * error[i] + 0.3) off++;
    }
    count += time.length;
  }
  assert.ok(Math.abs(off / count - 0.1 * Math.exp(-0.8 / 5)) < 0.02, `${off / count}`);
});

Deno.test("no observation is saturated or under the limit, mean magnitudes stay in the catalogue's range", () => {
  const set = simulatePeriodicVariables({ seed: 5, counts: { M: 10, RRAB: 10, VAR: 10, ECL: 10 } });
  for (const m of set.numbers("meanMagnitude")) assert.ok(m >= 11 && m <= 17);
  assert.ok(set.value.every((m) => m > 9 && m < 20));
  for (const sigma of set.error!) assert.ok(sigma >= ASAS_SN.errorFloor && sigma < 0.35);
});

Deno.test("star k of a class does not depend on the counts, the order or the number of workers", async () => {
  const few = simulatePeriodicVariables({ seed: 11, counts: { RRAB: 3, VAR: 2 } });
  const many = simulatePeriodicVariables({ seed: 11, counts: { CEPH: 2, RRAB: 70, VAR: 4 } });
  const sky = new VariableSky({ seed: 11 });
  assert.deepEqual(few.at(2).value, many.at(4).value);
  assert.deepEqual(few.at(2).value, sky.star("RRAB", 2).value);
  assert.equal(few.at(3).id, "var-000000");
  assert.deepEqual(few.at(3).time, many.at(72).time);
  for (const workers of [1, 2]) {
    const parallel = await simulateInParallel({ seed: 11, counts: { CEPH: 2, RRAB: 70, VAR: 4 }, workers });
    assert.deepEqual(parallel, many);
  }
  const other = simulatePeriodicVariables({ seed: 12, counts: { RRAB: 3, VAR: 2 } });
  assert.notDeepEqual(other.at(0).value, few.at(0).value);
});

Deno.test("the recipe's counts follow Table 1 and put 0.54 novel stars on each known star of the test part", () => {
  const counts = recipeCounts(NOVELTY_RECIPE, 53000);
  const { VAR, ...known } = counts, total = Object.values(known).reduce((a, b) => a + b);
  assert.equal(total + VAR, 53000);
  assert.ok(Math.abs(VAR / (0.2 * total) - 0.54) < 0.001);
  const published = { CEPH: 536, DSCT: 720, ECL: 25713, M: 1020, ROT: 805, RRAB: 7809, RRCD: 3014, SR: 8156 };
  for (const [name, count] of Object.entries(published)) {
    assert.ok(Math.abs(counts[name] / total - count / 47773) < 1e-4, name);
  }
});

Deno.test("labels, metadata and missing photometry are as documented", () => {
  const set = simulatePeriodicVariables({ seed: 4, total: 300 });
  assert.equal(set.length, 300);
  assert.deepEqual(set.classNames, ["CEPH", "DSCT", "ECL", "M", "ROT", "RRAB", "RRCD", "SR", "VAR"]);
  const missing = set.numbers("colour").filter(Number.isNaN).length;
  assert.ok(missing > 3 && missing < 40);
  set.numbers("wesenheit").forEach((w, i) =>
    assert.equal(Number.isNaN(w), Number.isNaN(set.numbers("colour")[i]))
  );
  assert.ok(set.numbers("period").every((p) => p > 0 && Number.isFinite(p)));
  const enough = Array.from({ length: set.length }, (_, i) => set.count(i)).filter((n) => n >= 200).length;
  assert.ok(enough > 290, `${enough} of 300 have 200 points`);
  assert.ok(set.numbers("distance").every((d) => d < 26000));
});

Deno.test("known stars follow their supersmoother as the paper demands, novel ones need not", () => {
  const set = simulatePeriodicVariables({ seed: 6, counts: { SR: 20, ROT: 20, DSCT: 10, ECL: 20, VAR: 20 } });
  const period = set.numbers("period");
  const residuals = Array.from({ length: set.length }, (_, i) => {
    const { time, value, error } = set.at(i);
    return supersmootherResidual({ time, value, error }, { period: period[i] });
  });
  residuals.forEach((r, i) => assert.ok(r <= 0.7 || set.className(i) === "VAR", `${set.ids[i]}: ${r}`));
  assert.ok(median(residuals.slice(70)) > 0.8);
});

Deno.test("the catalogue's periods are wrong at the rates of the recipe", () => {
  const sky = new VariableSky({ seed: 1 }), { star } = sky.star("RRAB", 0);
  const evidence = { span: 1600, points: 400, signalToNoise: 5 };
  const errors = { half: 0.2, double: 0.1, alias: 0.1 };
  const wrong = { ...NOVELTY_RECIPE, catalogue: { ...NOVELTY_RECIPE.catalogue, periodErrors: errors } };
  let half = 0, twice = 0, right = 0;
  const n = 4000, random = new Random(3);
  for (let i = 0; i < n; i++) {
    const ratio = cataloguePeriod(random, star, "RRAB", "RRAB", evidence, wrong) / star.period;
    if (Math.abs(ratio - 0.5) < 1e-3) half++;
    else if (Math.abs(ratio - 2) < 1e-3) twice++;
    else if (Math.abs(ratio - 1) < 1e-3) right++;
  }
  assert.ok(Math.abs(half / n - 0.2) < 0.03 && Math.abs(twice / n - 0.1) < 0.02);
  assert.ok(Math.abs(right / n - 0.6) < 0.03);
});

Deno.test("a survey with an unknown key, a negative depth or a missing field is refused with a sentence each", () => {
  assert.throws(() => parseSurvey({ ...asasSn, telescopes: 4 }, "x.json"), /found "telescopes" \(x\.json\)/);
  assert.throws(
    () => parseSurvey({ ...asasSn, depth: { ...asasSn.depth, fiveSigma: -17 } }, "x.json"),
    /a number from 0 to 40, found -17 \(x\.json, depth, field "fiveSigma"\)/,
  );
  const { saturation: _, ...rest } = asasSn;
  assert.throws(() => parseSurvey(rest, "x.json"), /a field "saturation"/);
  assert.throws(() => parseSurvey({ ...asasSn, sites: [] }, "x.json"), /at least one entry/);
  assert.throws(
    () => parseSurvey({ ...asasSn, sites: [{ ...asasSn.sites[0], latitude: 95 }] }, "x.json"),
    /found 95 \(x\.json, site 1, field "latitude"\)/,
  );
  assert.throws(() => parseSurvey({ ...asasSn, end: 50000 }, "x.json"), /an end after the start/);
  assert.throws(() => parseSurvey({ ...asasSn, band: 3 }, "x.json"), /a text, found 3/);
  assert.throws(() => parseSurvey("fast", "x.json"), /an object with named fields, found string/);
});

Deno.test("a recipe with an unknown type or class is refused, and so are counts of an unknown class", () => {
  const known = { ...recipe.known, CEPH: { share: 1, types: { EA: 1 } } };
  assert.throws(() => parseRecipe({ ...recipe, known }, "r.json"), /found "EA" \(r\.json, known, CEPH/);
  assert.throws(
    () => parseRecipe({ ...recipe, known: { ...recipe.known, QSO: { share: 1, types: {} } } }, "r.json"),
    /found "QSO"/,
  );
  assert.throws(() => simulatePeriodicVariables({ seed: 1, counts: { QSO: 3 } }), /3 of "QSO"/);
  assert.throws(() => simulatePeriodicVariables({ seed: 1 }), /counts or a total/);
});
