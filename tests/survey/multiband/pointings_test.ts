import assert from "node:assert/strict";
import {
  airmass,
  altitude,
  angularSeparation,
  galactic,
  moonIllumination,
  moonPosition,
  sunPosition,
} from "ephemera/astronomy";
import { Random } from "ephemera/core";
import { parseSkySurvey, Pointings, SKY_SURVEY_NAMES, skySurvey, type Visits } from "ephemera/survey";
import lsstWide from "../../../data/surveys/lsst-wide.json" with { type: "json" };

const median = (x: ArrayLike<number>) => Array.from(x).toSorted((a, b) => a - b)[Math.floor(x.length / 2)];
const libraries = Object.fromEntries(
  SKY_SURVEY_NAMES.map((name) => [name, new Pointings(skySurvey(name), { seed: 5, fields: 40 })]),
);
const fieldsOf = (name: string) =>
  Array.from({ length: libraries[name].length }, (_, i) => libraries[name].field(i));

/** Share of the visits in each band. */
function shares(name: string): number[] {
  const count = new Array(libraries[name].survey.bands.length).fill(0);
  for (const { visits } of fieldsOf(name)) for (const b of visits.band) count[b]++;
  const total = count.reduce((a, b) => a + b, 0);
  return count.map((n) => n / total);
}

/** Nights with a visit, by the MJD of their noon before. */
function nightsOf({ time }: Visits, longitude: number): number[] {
  return [...new Set(Array.from(time, (t) => Math.floor(t + longitude / 360 + 0.5)))];
}

for (const name of SKY_SURVEY_NAMES) {
  Deno.test(`${name} looks in the dark, through little air, away from a bright Moon, in time order`, () => {
    const { survey } = libraries[name], { site } = survey;
    for (const { ra, dec, visits } of fieldsOf(name).slice(0, 12)) {
      assert.ok(visits.time.length >= 10);
      for (let i = 0; i < visits.time.length; i++) {
        const t = visits.time[i], band = survey.bands[visits.band[i]];
        assert.ok(i === 0 || t >= visits.time[i - 1]);
        assert.ok(t > survey.start - 1 && t < survey.end + 1.5);
        assert.ok(
          altitude(sunPosition(t), t, site.longitude, site.latitude) < survey.sunAltitude + 0.3,
          `day at ${t}`,
        );
        assert.ok(
          airmass(altitude({ ra, dec }, t, site.longitude, site.latitude)) < survey.maximumAirmass + 0.05,
        );
        if (moonIllumination(t) > 0.3) {
          // The Moon is placed at midnight; it moves by up to three and a half degrees until dawn.
          assert.ok(angularSeparation({ ra, dec }, moonPosition(t)) > band.moonSeparation - 4);
        }
        for (const column of [visits.depth, visits.background, visits.gain, visits.saturation]) {
          assert.ok(Number.isFinite(column[i]) && column[i] > 0);
        }
      }
    }
  });
}

Deno.test("LSST wide sees an object about 130 times in three years, in the shares of visits that it publishes", () => {
  const counts = fieldsOf("lsst-wide").map(({ visits }) => visits.time.length);
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length;
  assert.ok(mean > 120 && mean < 142, `${mean}`); // PLAsTiCC: 453 million observations of 3.5 million objects
  // Ivezic et al. 2019, table 1: visits a band in ten years.
  const published = [56, 80, 184, 184, 160, 160], sum = published.reduce((a, b) => a + b, 0);
  for (const name of ["lsst-wide", "lsst-wide-pairs"]) {
    shares(name).forEach((share, b) =>
      assert.ok(
        Math.abs(share - published[b] / sum) < 0.035,
        `${name}, band ${b}: ${share} for ${published[b] / sum}`,
      )
    );
  }
});

Deno.test("deep drilling fields are visited 2.5 times as often and go 1.2 magnitudes deeper", () => {
  const wide = fieldsOf("lsst-wide"), deep = fieldsOf("lsst-deep");
  const mean = (fields: typeof wide) =>
    fields.reduce((sum, { visits }) => sum + visits.time.length, 0) / fields.length;
  const ratio = mean(deep) / mean(wide);
  assert.ok(ratio > 2 && ratio < 3, `${ratio}`);
  // The paper on PLAsTiCC says "around 1.5 mag"; its light curves are 1.0 (g) to 1.8 (u) deeper.
  const depths = (fields: typeof wide, band: number) =>
    median(fields.flatMap(({ visits }) => [...visits.depth].filter((_, i) => visits.band[i] === band)));
  for (let b = 0; b < 6; b++) {
    const gain = depths(deep, b) - depths(wide, b);
    assert.ok(gain > 0.7 && gain < 1.8, `band ${b}: ${gain}`);
  }
});

Deno.test("u is observed in dark time alone", () => {
  for (const { visits } of fieldsOf("lsst-wide")) {
    visits.time.forEach((t, i) => assert.ok(visits.band[i] !== 0 || moonIllumination(t) < 0.45));
  }
});

Deno.test("pairs of visits in two bands lie 22 to 33 minutes apart", () => {
  let pairs = 0;
  for (const { visits: { time, band } } of fieldsOf("lsst-wide-pairs")) {
    assert.equal(time.length % 2, 0);
    for (let i = 0; i < time.length; i += 2) {
      const minutes = (time[i + 1] - time[i]) * 1440;
      assert.ok(minutes > 22 && minutes < 33, `${minutes}`);
      if (band[i] !== band[i + 1]) pairs++;
    }
  }
  assert.ok(pairs > 3000);
});

Deno.test("a field near the ecliptic has seasons: no visits while the Sun is near it", () => {
  const { visits } = fieldsOf("lsst-deep")[3]; // COSMOS, right ascension 150 degrees: the Sun is there in late August
  let gaps = 0;
  for (let i = 1; i < visits.time.length; i++) {
    const gap = visits.time[i] - visits.time[i - 1];
    if (gap < 60) continue;
    gaps++;
    const middle = sunPosition((visits.time[i] + visits.time[i - 1]) / 2).ra;
    assert.ok(Math.abs(middle - 150) < 40, `the Sun at ${middle}`);
  }
  assert.ok(gaps >= 2);
});

Deno.test("a rolling survey visits half of its fields more in one year, and the other half in the next", () => {
  const { survey } = libraries["lsst-wide-pairs"], perYear = [[0, 0, 0], [0, 0, 0]];
  fieldsOf("lsst-wide-pairs").forEach(({ visits }, index) => {
    for (const t of visits.time) perYear[index % 2][Math.min(2, Math.floor((t - survey.start) / 365.25))]++;
  });
  const [even, odd] = perYear;
  assert.ok(
    even[0] > 1.5 * odd[0] && odd[1] > 1.5 * even[1] && even[2] > 1.5 * odd[2],
    JSON.stringify(perYear),
  );
  const still = new Pointings({
    ...survey,
    programmes: survey.programmes.map((programme) => ({ ...programme, rolling: null })),
  }, { seed: 5, fields: 40 });
  const years = [0, 0];
  for (let f = 0; f < 40; f++) {
    for (const t of still.field(f).visits.time) if (t < survey.start + 365.25) years[f % 2]++;
  }
  assert.ok(Math.abs(years[0] / years[1] - 1) < 0.2, years.join());
});

Deno.test("clouds come in spells of the length asked for, and close the dome on their share of nights", () => {
  const { nights, spells } = (() => {
    // With a visit every night, nights without one in the season are cloudy.
    const survey = skySurvey("lsst-wide"),
      eager = {
        ...survey,
        end: survey.start + 4000,
        runs: [[survey.start, survey.start + 4000]] as const,
        maximumAirmass: 9,
        weather: { ...survey.weather, clearFraction: 0.6, memory: 5 },
        programmes: [{
          ...survey.programmes[0],
          interval: 0.5,
          regularity: 1000,
          blocks: [survey.programmes[0].blocks[5]],
        }],
        bands: survey.bands.map((band) => ({ ...band, moonSeparation: 0 })),
      };
    const visits = new Pointings(eager, { seed: 1 }).at({ ra: 0, dec: -89 });
    const clear = new Set(nightsOf(visits, survey.site.longitude)), spells: number[] = [];
    let run = 0, nights = 0;
    for (let n = Math.ceil(survey.start) + 1; n < survey.start + 3999; n++) {
      if (clear.has(n)) {
        nights++;
        if (run > 0) spells.push(run);
        run = 0;
      } else run++;
    }
    return { nights, spells };
  })();
  assert.ok(Math.abs(nights / 3998 - 0.6) < 0.06, `${nights}`);
  assert.ok(Math.abs(spells.reduce((a, b) => a + b, 0) / spells.length - 5) < 0.9);
});

Deno.test("ZTF has its published median depths, and comes back after three nights when it can", () => {
  const fields = fieldsOf("ztf-public"), published = [20.8, 20.6, 19.9]; // Bellm et al. 2019, 5 sigma in 30 s
  published.forEach((depth, band) => {
    const made = median(
      fields.flatMap(({ visits }) => [...visits.depth].filter((_, i) => visits.band[i] === band)),
    );
    assert.ok(Math.abs(made - depth) < 0.12, `band ${band}: ${made} for ${depth}`);
  });
  const steps = fields.flatMap(({ visits }) => {
    const nights = nightsOf(visits, -116.9);
    return nights.slice(1).map((night, i) => night - nights[i]);
  });
  assert.ok(median(steps) >= 2 && median(steps) <= 4);
});

Deno.test("HiTS looks four or five times a night, nearly always in g; Catalina four times within 50 minutes", () => {
  const hits = fieldsOf("hits-2015");
  assert.ok(shares("hits-2015")[0] > 0.75);
  for (const { visits } of hits) {
    const perNight = visits.time.length / nightsOf(visits, -70.8).length;
    assert.ok(perNight > 3.5 && perNight < 5.01);
  }
  const { visits } = fieldsOf("catalina")[0], longitude = libraries.catalina.survey.site.longitude;
  assert.equal(visits.time.length, 4 * nightsOf(visits, longitude).length);
  for (let i = 3; i < visits.time.length; i += 4) {
    assert.ok((visits.time[i] - visits.time[i - 3]) * 1440 < 52);
  }
});

Deno.test("fields lie where the survey says, objects within the radius of their field", () => {
  const { survey } = libraries["lsst-wide"], random = new Random(3);
  for (const { dec, ra } of fieldsOf("lsst-wide")) {
    assert.ok(dec > -64 && dec < 4 && Math.abs(galactic({ ra, dec }).b) > survey.fields.galacticLatitude);
  }
  const distances = Array.from({ length: 4000 }, () => {
    const { field, ra, dec, visits } = libraries["lsst-deep"].draw(random),
      centre = libraries["lsst-deep"].field(field);
    assert.equal(visits, centre.visits);
    assert.ok(ra >= 0 && ra < 360);
    return angularSeparation({ ra, dec }, centre);
  });
  assert.ok(Math.max(...distances) < 1.7501);
  // Even over the disc: half of them within radius / sqrt(2).
  assert.ok(Math.abs(distances.filter((d) => d < 1.75 / Math.SQRT2).length / 4000 - 0.5) < 0.03);
});

Deno.test("a library is the same for the same seed, in whatever order its fields are asked for", () => {
  const survey = skySurvey("ztf-public"), options = { seed: 9, fields: 5 };
  const a = new Pointings(survey, options), b = new Pointings(survey, options);
  const forwards = [0, 1, 2, 3, 4].map((i) => a.field(i)), backwards = [4, 3, 2, 1, 0].map((i) => b.field(i));
  assert.deepEqual(forwards, backwards.toReversed());
  assert.notDeepEqual(new Pointings(survey, { ...options, seed: 10 }).field(0), forwards[0]);
  assert.deepEqual(a.at({ ra: 10, dec: 20 }), b.at({ ra: 10, dec: 20 }));
  assert.equal(a.at({ ra: 10, dec: -80 }).time.length, 0);
});

Deno.test("a survey that can see none of its fields says so", () => {
  const blind = parseSkySurvey(
    { ...lsstWide, fields: { ...lsstWide.fields, declination: [60, 80] } },
    "blind.json",
  );
  assert.throws(
    () => new Pointings(blind, { seed: 1 }).field(0),
    /fields with at least 10 visits, found none in 1000 places/,
  );
  assert.throws(() => libraries["lsst-wide"].field(40), /a field from 0 to 39/);
  assert.throws(() => new Pointings(blind, { seed: 1, fields: 0 }), /positive whole number of fields/);
});
