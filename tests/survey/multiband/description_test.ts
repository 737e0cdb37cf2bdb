import assert from "node:assert/strict";
import fc from "fast-check";
import { passbandSystem } from "ephemera/astronomy";
import { EphemeraError } from "ephemera/core";
import {
  parseSkySurvey,
  readVisits,
  sensitivity,
  SKY_SURVEY_NAMES,
  skySurvey,
  surveyPassbands,
} from "ephemera/survey";
import lsstWide from "../../../data/surveys/lsst-wide.json" with { type: "json" };
import hits from "../../../data/surveys/hits-2015.json" with { type: "json" };

type Json = Record<string, unknown>;

/** Returns a copy of a description with the value at a path (`"bands.0.noise.gamma"`) replaced, or taken out. */
function changed(description: unknown, path: string, value?: unknown): Json {
  const copy = structuredClone(description) as Json, steps = path.split("."), last = steps.pop()!;
  let inside = copy;
  for (const step of steps) inside = inside[step] as Json;
  if (value === undefined) delete inside[last];
  else inside[last] = value;
  return copy;
}

const refused = (description: unknown, sentence: RegExp) =>
  assert.throws(() => parseSkySurvey(description, "mine.json"), (error: Error) => {
    assert.ok(error instanceof EphemeraError);
    assert.match(error.message, sentence);
    assert.match(error.message, /mine\.json/);
    return true;
  });

Deno.test("every survey of the project is read, names its sources, and finds its passbands", () => {
  for (const name of SKY_SURVEY_NAMES) {
    const survey = skySurvey(name), passbands = surveyPassbands(survey);
    assert.ok(survey.reference.length > 40 && /\d{4}/.test(survey.reference), name);
    assert.deepEqual(passbands.map((band) => band.name), survey.bands.map((band) => band.passband));
    assert.deepEqual([...survey.floor], survey.bands.map(({ floor }) => floor));
    assert.deepEqual(structuredClone(survey), survey); // plain data, fit for a worker
  }
  assert.equal(surveyPassbands(skySurvey("catalina"))[0], passbandSystem("johnson").passbands[1]);
  assert.throws(() => skySurvey("lsst"), /one of the surveys lsst-wide, .* found "lsst"/);
});

Deno.test("a survey file that is wrong is refused in one sentence", () => {
  refused(
    changed(lsstWide, "bands.2.passband", "R"),
    /a passband of the system "lsst": u, g, r, i, z, y, found "R".*band 3 \(r\)/,
  );
  refused(changed(lsstWide, "bands.2.passband"), /a field "passband".*band 3/);
  refused(changed(lsstWide, "passbands", "hubble"), /one of the passband systems .*lsst.* found "hubble"/);
  refused(
    changed(lsstWide, "bands.1.noise.fiveSigma", -24.8),
    /a number from 0 to 40, found -24\.8 .*band 2 \(g\), noise/,
  );
  refused(changed(lsstWide, "bands.1.noise.gamma", 0.05), /a number from 0 to 0\.04, found 0\.05/);
  refused(changed(hits, "bands.0.noise.readNoise", -1), /readNoise/);
  refused(changed(lsstWide, "colour", "blue"), /found "colour"/);
  refused(changed(lsstWide, "bands.0.fiveSigma", 24), /found "fiveSigma"/);
  refused(changed(lsstWide, "programmes.0.blocks.0.visits.0.stacks", 2), /found "stacks"/);
  refused(changed(lsstWide, "bands", []), /a list with at least one entry, found \[\]/);
  refused(changed(lsstWide, "bands.1.name", "u"), /each name once, found u, u, r/);
  refused(
    changed(lsstWide, "programmes.0.blocks.0.visits.0.band", "H"),
    /one of the bands u, g, r, i, z, y, found "H"/,
  );
  refused(changed(lsstWide, "end", 100), /an end after the start, found 59580 to 100/);
  refused(changed(lsstWide, "runs", [[59600, 59590]]), /two ascending numbers.*run 1/);
  refused(changed(lsstWide, "site.latitude", 100), /a number from -90 to 90, found 100/);
  refused(changed(lsstWide, "weather.clearFraction", 0), /clearFraction/);
  refused(changed(lsstWide, "detection.steepness", "sharp"), /steepness/);
  refused(changed(lsstWide, "detection.detections", 1.5), /a whole number, found 1\.5/);
  refused(
    changed(lsstWide, "programmes.0.rolling", { sets: 2.5, high: 1, low: 1 }),
    /a whole number, found 2\.5/,
  );
  refused(changed(lsstWide, "deep", "no"), /true or false, found "no"/);
  refused(changed(lsstWide, "fields.declination", [4, -64]), /two ascending numbers/);
  refused(changed(lsstWide, "programmes", []), /a list with at least one entry/);
  refused([], /an object with named fields, found a list/);
  const noShare = structuredClone(lsstWide);
  for (const block of noShare.programmes[0].blocks) block.share = 0;
  refused(noShare, /at least one block with a positive share/);
});

Deno.test("a missing field of any object of a survey file is named", () => {
  const visit = (value: unknown, path: string[]) => {
    if (Array.isArray(value)) value.forEach((entry, i) => visit(entry, [...path, String(i)]));
    else if (typeof value === "object" && value !== null) {
      for (const [name, entry] of Object.entries(value)) {
        // Without its depth a band is taken for one described by its camera.
        const sentence = name === "fiveSigma" ? /a field "zeroPoint"/ : new RegExp(`a field "${name}"`);
        refused(changed(lsstWide, [...path, name].join(".")), sentence);
        visit(entry, [...path, name]);
      }
    }
  };
  visit(lsstWide, []);
});

Deno.test("whatever stands in a survey file, it is a survey or a sentence", () => {
  const paths: string[] = [];
  const walk = (value: unknown, path: string) => {
    if (path !== "") paths.push(path);
    if (typeof value !== "object" || value === null) return;
    for (const [name, entry] of Object.entries(value)) walk(entry, path === "" ? name : `${path}.${name}`);
  };
  walk(hits, "");
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
      try {
        const survey = parseSkySurvey(changed(hits, path, value), "mine.json");
        assert.ok(survey.bands.every(({ noise }) => Number.isFinite(sensitivity(noise).depth)));
      } catch (error) {
        assert.ok(error instanceof EphemeraError, `${path} = ${JSON.stringify(value)}: ${error}`);
      }
    }),
    { numRuns: 3000, seed: 1 },
  );
});

Deno.test("anyone's passbands serve a survey when they are given", () => {
  const systems = { mine: { ...passbandSystem("sdss"), name: "mine" } };
  const description = { ...hits, passbands: "mine" };
  const survey = parseSkySurvey(description, "mine.json", { systems });
  assert.equal(surveyPassbands(survey, { systems })[0], passbandSystem("sdss").passbands[1]);
  assert.throws(() => surveyPassbands(survey), /found "mine"/);
});

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("a list of visits by sky, seeing and zero point has the depth of the same camera", async () => {
  const survey = skySurvey("lsst-wide-pairs");
  const visits = await readVisits(
    encode(
      "mjd,band,sky,seeing,zeroPoint,airmass\n60000.5,g,22.04,0.87,32.2028,1.1\n60000.2,r,21.07,0.83,32.0528,1.2\n",
    ),
    survey,
  );
  assert.deepEqual([...visits.band], [2, 1]);
  // SMTN-002's dark zenith: zero points for 30 s, sky as seen through the atmosphere's absence.
  const [r, g] = [survey.bands[2], survey.bands[1]].map(({ noise }) => sensitivity(noise));
  [r, g].forEach(({ depth, gain }, i) => {
    assert.ok(Math.abs(visits.depth[i] - depth) < 0.01, `${visits.depth[i]} for ${depth}`);
    assert.ok(Math.abs(visits.gain[i] / gain - 1) < 1e-3);
  });
});

Deno.test("a list of visits with depths keeps them, with the survey's gain and saturation or its own", async () => {
  const survey = skySurvey("lsst-wide"), at = (text: string) => readVisits(encode(text), survey);
  const plain = await at("band,mjd,depth\ng,60001,24.5\nu,60000,23\n");
  assert.deepEqual([...plain.time], [60000, 60001]);
  assert.ok(Math.abs(plain.depth[1] - 24.5) < 1e-12);
  assert.ok(Math.abs(plain.gain[1] / survey.bands[1].noise.gain - 1) < 1e-12);
  assert.ok(Math.abs(plain.saturation[1] - Math.pow(10, 0.4 * (27.5 - 15.7))) < 1e-6);
  const own = await at("mjd,band,depth,zeroPoint,saturation\n60001,g,24.5,31,14\n");
  assert.ok(Math.abs(own.gain[0] - Math.pow(10, 0.4 * 3.5)) < 1e-9);
  assert.ok(Math.abs(own.saturation[0] - Math.pow(10, 0.4 * 13.5)) < 1e-6);
});

Deno.test("a list of visits that is wrong is refused with its row", async () => {
  const survey = skySurvey("lsst-wide");
  const fails = (text: string, sentence: RegExp) =>
    assert.rejects(() => readVisits(encode(text), survey, { where: "list.csv" }), (error: Error) => {
      assert.match(error.message, sentence);
      assert.match(error.message, /list\.csv/);
      return true;
    });
  await fails("mjd,depth\n1,24\n", /a column "band"/);
  await fails("mjd,band\n1,g\n", /a column "depth", or the columns "sky", "seeing" and "zeroPoint"/);
  await fails(
    "mjd,band,depth\n60000,g,24\n60001,w,24\n",
    /one of the bands u, g, .* found "w" \(list\.csv, row 2\)/,
  );
  await fails(
    "mjd,band,depth\n60000,g,\n60001,g,24\n",
    /a number from 0 to 40, found "NaN".*row 1, column "depth"/,
  );
  await fails("mjd,band,depth\n60000,g,bright\n", /found "bright"/);
  await fails("mjd,band,depth\n60000,g\n", /3 fields, found 2/);
  await fails("mjd,band,depth,zeroPoint\n60000,g,24,20\n", /25 photoelectrons/);
});
