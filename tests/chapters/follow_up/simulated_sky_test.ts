import assert from "node:assert/strict";
import {
  FOLLOW_UP_RECIPE,
  followUpCounts,
  PAPER_CLASSES,
  PAPER_TIME_FEATURES,
  parseFollowUpRecipe,
  simulateFollowUpSky,
} from "ephemera/chapters/follow_up";

const raw = JSON.parse(
  await Deno.readTextFile(new URL("../../../data/recipes/follow_up.json", import.meta.url)),
);

Deno.test("the recipe holds the paper's stars", () => {
  assert.deepEqual(followUpCounts(FOLLOW_UP_RECIPE, 2554), {
    EA: 148,
    EW: 749,
    RRab: 343,
    RRc: 1193,
    RRd: 78,
    "RS CVn": 43,
  });
  assert.deepEqual(Object.keys(FOLLOW_UP_RECIPE.classes), PAPER_CLASSES);
  const some = followUpCounts(FOLLOW_UP_RECIPE, 101);
  assert.equal(Object.values(some).reduce((a, b) => a + b, 0), 101);
  assert.throws(() => followUpCounts(FOLLOW_UP_RECIPE, 1.5), /a whole number of stars, found 1.5/);
});

Deno.test("impossible recipes are refused with a sentence", () => {
  const refuse = (change: (copy: typeof raw) => void, message: RegExp) => {
    const copy = structuredClone(raw);
    change(copy);
    assert.throws(() => parseFollowUpRecipe(copy, "mine"), message);
  };
  refuse((copy) => delete copy.spectra, /no "spectra" \(mine\)/);
  refuse((copy) => copy.colour = 1, /"colour" \(mine\)/);
  refuse((copy) => copy.classes.EA.type = "EAA", /found "EAA" \(mine, class EA, type\)/);
  refuse((copy) => copy.classes.EA.superclass = "M", /"ECL", found "M" \(mine, class EA, superclass\)/);
  refuse((copy) => copy.classes.EW.spectrum = "SR", /one of EA, EW/);
  refuse((copy) => copy.spectra.end = 0, /an end after the start/);
  refuse(
    (copy) => copy.periodErrors.half = 2,
    /a number from 0 to 0.3, found 2 \(mine, periodErrors, half\)/,
  );
  refuse((copy) => copy.classes = {}, /at least one class with a positive share/);
  assert.throws(() => parseFollowUpRecipe(null, "mine"), /an object with named fields, found null/);
});

Deno.test("a sky has light curves, features and spectra of the same stars, the same for any number of workers", async () => {
  const sky = await simulateFollowUpSky({ seed: 3, total: 24, workers: 1 });
  const { lightCurves, spectra, features } = sky;
  assert.equal(lightCurves.length, 24);
  assert.deepEqual(spectra.ids, lightCurves.ids);
  assert.deepEqual(features!.ids, lightCurves.ids);
  assert.deepEqual(spectra.labels, lightCurves.labels);
  assert.deepEqual(features!.names, PAPER_TIME_FEATURES);
  assert.ok(features!.data.every(Number.isFinite) && features!.failures.length === 0);
  const two = await simulateFollowUpSky({ seed: 3, total: 24, workers: 2, features: "none" });
  assert.deepEqual(two.spectra.columns(), spectra.columns());
  assert.deepEqual(two.lightCurves.columns(), lightCurves.columns());
  assert.equal(two.features, undefined);
  const other = await simulateFollowUpSky({ seed: 4, total: 6, workers: 1, features: "none" });
  assert.notDeepEqual(other.spectra.at(0).flux, spectra.at(0).flux);
  for (let i = 0; i < spectra.length; i++) {
    const signal = spectra.at(i).flux[2100] * Math.sqrt(spectra.at(i).inverseVariance![2100]);
    assert.ok(signal > 3 && signal < 400, `${spectra.ids[i]}: ${signal}`);
    assert.ok(lightCurves.count(i) >= 80);
  }
  const name = (i: number) => lightCurves.className(i);
  const temperature = spectra.numbers("temperature"), metallicity = spectra.numbers("metallicity");
  for (let i = 0; i < 24; i++) {
    if (name(i)!.startsWith("RR")) assert.ok(temperature[i] > 5500 && metallicity[i] < 0.1);
  }
});

Deno.test("all features are the paper's 54", async () => {
  const { features } = await simulateFollowUpSky({ seed: 1, total: 2, workers: 1, features: "all" });
  assert.equal(features!.names.length, 54);
  assert.ok(PAPER_TIME_FEATURES.every((name) => features!.names.includes(name)));
});
