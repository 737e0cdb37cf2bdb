import assert from "node:assert/strict";
import fc from "fast-check";
import { Random } from "ephemera/core";
import { normalCumulative } from "ephemera/numerics";
import { Flag } from "ephemera/observations";
import type { SkySource } from "ephemera/sources";
import {
  detectionEfficiency,
  observe,
  type ObserveOptions,
  type ObservingRules,
  triggerOf,
  type Visits,
  visitsFrom,
} from "ephemera/survey";

const RULES: ObservingRules = {
  floor: Float64Array.of(0, 0),
  templateVisits: Infinity,
  detection: { half: 5, steepness: Infinity, most: 1, detections: 2, separation: 30 / 1440 },
  outliers: { fraction: 0, scale: 0 },
};

/** `count` visits a quarter of a day apart, bands in turn. */
function visits(count: number, depth = 24, zeroPoint = 32, saturation = 15): Visits {
  return visitsFrom(
    Array.from(
      { length: count },
      (_, i) => ({ time: 60000 + i / 4, band: i % 2, depth, zeroPoint, saturation }),
    ),
  );
}

function source(flux: (time: number, band: number) => number, quiescent = [0, 0]): SkySource {
  return {
    kind: "test",
    redshift: 0,
    peak: NaN,
    parameters: {},
    quiescent: Float64Array.from(quiescent),
    flux: (time, band) => time.map((t, i) => flux(t, band[i])),
  };
}

const ofMagnitude = (magnitude: number) => Math.pow(10, 0.4 * (27.5 - magnitude));
const look = (of: SkySource, at: Visits, options: ObserveOptions = {}, rules = RULES, seed = 1) =>
  observe(of, at, rules, new Random(seed), options);

Deno.test("a source at the 5-sigma depth has a signal-to-noise ratio of 5", () => {
  for (const zeroPoint of [29, 32, Infinity]) {
    const flux = ofMagnitude(24), seen = look(source(() => flux), visits(4000, 24, zeroPoint, -30));
    for (const error of seen.error) assert.ok(Math.abs(flux / error - 5) < 1e-9);
    const mean = seen.flux.reduce((a, b) => a + b, 0) / 4000;
    assert.ok(Math.abs(mean / flux - 1) < 5 * 0.2 / Math.sqrt(4000));
  }
});

Deno.test("errors go with the root of the flux of bright sources and do not change with that of faint ones", () => {
  const error = (magnitude: number, rules = RULES) =>
    look(source(() => ofMagnitude(magnitude)), visits(2, 24, 32, -30), {}, rules).error[0];
  const slope = (a: number, b: number, rules = RULES) =>
    Math.log(error(a, rules) / error(b, rules)) / Math.log(ofMagnitude(a) / ofMagnitude(b));
  assert.ok(Math.abs(slope(10, 12) - 0.5) < 0.01);
  assert.ok(Math.abs(slope(29, 31)) < 0.01);
  // Above the calibration's floor the relative error is constant.
  const floor = { ...RULES, floor: Float64Array.of(0.01, 0.01) };
  assert.ok(Math.abs(slope(8, 10, floor) - 1) < 0.01);
  assert.ok(Math.abs(error(8, floor) / ofMagnitude(8) - 0.01) < 1e-4);
});

Deno.test("measured minus true flux over the error is a standard normal variable", () => {
  const noisy = { ...RULES, templateVisits: 3, floor: Float64Array.of(0.01, 0.02) }, pulls: number[] = [];
  // One visit per band and object: points of one band share their reference image and so are not independent.
  for (let k = 0; k < 12000; k++) {
    const magnitude = 18 + k % 8, flux = ofMagnitude(magnitude);
    const { truth, flux: seen, error } = look(source(() => flux, [flux / 2, flux]), visits(2), {}, noisy, k);
    for (let i = 0; i < seen.length; i++) pulls.push((seen[i] - truth[i]) / error[i]);
  }
  const onePercent = 1.63 / Math.sqrt(pulls.length); // critical distance at the 1 % level
  assert.equal(pulls.length, 24000);
  assert.ok(kolmogorovSmirnov(pulls) < onePercent, `${kolmogorovSmirnov(pulls)}`);
  assert.ok(kolmogorovSmirnov(pulls.map((pull) => 1.1 * pull)) > onePercent); // it would be seen if errors were too small
});

Deno.test("a reference image of N visits adds one common error per band with 1 / N of their variance", () => {
  const at = visits(40, 24, Infinity), rules = { ...RULES, templateVisits: 4 }, shifts: number[] = [];
  const background = at.background[0];
  for (let k = 0; k < 2000; k++) {
    const { flux, error, band } = look(source(() => 0), at, {}, rules, k);
    assert.ok(Math.abs(error[0] - background * Math.sqrt(1.25)) < 1e-9);
    const inBand = flux.filter((_, i) => band[i] === 0);
    shifts.push(inBand.reduce((a, b) => a + b, 0) / inBand.length);
  }
  const variance = shifts.reduce((a, b) => a + b * b, 0) / shifts.length;
  // 1/4 from the reference, 1/20 from the mean of twenty points.
  assert.ok(Math.abs(variance / (background ** 2 * 0.3) - 1) < 0.15, `${variance / background ** 2}`);
});

Deno.test("difference images show the change of a permanent object with the noise of all its light and its host's", () => {
  const star = source((_, band) => band === 0 ? 900 : 1100, [1000, 1000]);
  const { truth, error, band } = look(star, visits(20, 24, 30));
  truth.forEach((flux, i) => assert.equal(flux, band[i] === 0 ? -100 : 100));
  assert.equal(look(star, visits(2), { photometry: "direct" }).truth[1], 1100);
  const faint = look(source(() => 0), visits(2, 24, 30)).error[0];
  assert.ok(error[0] > faint);
  const host = look(source(() => 0), visits(2, 24, 30), { host: [900, 0] });
  assert.ok(Math.abs(host.error[0] - error[0]) < 1e-9 && Math.abs(host.error[1] - faint) < 1e-9);
});

Deno.test("saturated points are dropped, or kept with a flag and never detections", () => {
  const ramp = source((time) => ofMagnitude(16 - (time - 60000)));
  const dropped = look(ramp, visits(12));
  assert.equal(dropped.time.length, 5); // the source is brighter than magnitude 15 after one day
  assert.ok(dropped.flags.every((flag) => (flag & Flag.saturated) === 0));
  const flagged = look(ramp, visits(12), { saturated: "flag" });
  assert.equal(flagged.time.length, 12);
  assert.equal(flagged.flags.filter((flag) => (flag & Flag.saturated) !== 0).length, 7);
  for (const flag of flagged.flags) {
    assert.equal((flag & Flag.saturated) !== 0, (flag & (Flag.detected | Flag.forced)) === 0);
  }
});

Deno.test("an alert needs two detections more than half an hour apart", () => {
  const rule = RULES.detection, bits = (text: string) => Uint8Array.from(text, Number);
  const minutes = (...times: number[]) => Float64Array.from(times, (minute) => 60000 + minute / 1440);
  assert.equal(triggerOf(minutes(0, 10, 29), bits("111"), rule), -1);
  assert.equal(triggerOf(minutes(0, 10, 31), bits("111"), rule), 2);
  assert.equal(triggerOf(minutes(0, 10, 31), bits("011"), rule), -1);
  assert.equal(triggerOf(minutes(0, 5000), bits("11"), rule), 1);
  assert.equal(triggerOf(minutes(0, 40, 5000), bits("101"), rule), 2);
  assert.equal(triggerOf(minutes(), bits(""), rule), -1);
  assert.equal(triggerOf(minutes(3), bits("1"), { ...rule, detections: 1 }), 0);
  assert.equal(triggerOf(minutes(0, 40, 50, 60), bits("1111"), { ...rule, detections: 3 }), 2);
  // Other bits say nothing of detection.
  assert.equal(triggerOf(minutes(0, 60), Uint8Array.of(Flag.saturated, Flag.forced), rule), -1);
});

Deno.test("forced photometry starts thirty days before the trigger and goes on to the end", () => {
  const nova = source((time) => time > 60050 && time < 60060 ? 1000 : 0), at = visits(400);
  const { time, flags, trigger, detections } = look(nova, at, { keep: "forced" });
  assert.equal(trigger, 60050.5);
  assert.equal(time[0], 60020.5);
  assert.equal(time[time.length - 1], at.time[399]);
  assert.equal(detections, 39);
  const row = time.indexOf(trigger);
  assert.equal(flags[row], Flag.detected | Flag.firstTrigger);
  assert.equal(flags.filter((flag) => (flag & Flag.firstTrigger) !== 0).length, 1);
  assert.equal(flags[0], Flag.forced);
  assert.equal(look(nova, at, { keep: "forced", before: 5 }).time[0], 60045.5);
  assert.equal(look(nova, at, { keep: "detected" }).time.length, 39);
  const all = look(nova, at);
  assert.deepEqual(all.time, at.time);
  assert.equal(all.trigger, trigger);
  const dark = look(source(() => 0), at, { keep: "forced" });
  assert.ok(dark.time.length === 0 && Number.isNaN(dark.trigger));
});

Deno.test("detection efficiency is half at its middle, rises, is even in sign, and noise makes no detections", () => {
  const rule = { ...RULES.detection, steepness: 5.5, most: 0.98 };
  assert.ok(Math.abs(detectionEfficiency(5, rule) - 0.49) < 1e-12);
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (s, d) => {
        const here = detectionEfficiency(s, rule);
        assert.ok(here >= 0 && here <= 0.98);
        assert.equal(here, detectionEfficiency(-s, rule));
        assert.ok(detectionEfficiency(s + d, rule) >= here);
      },
    ),
  );
  const { flags } = look(source(() => 0), visits(5000), {}, { ...RULES, detection: rule });
  assert.ok(flags.filter((flag) => (flag & Flag.detected) !== 0).length < 10);
  const { flags: bright } = look(source(() => 1e4), visits(5000), {}, { ...RULES, detection: rule });
  const share = bright.filter((flag) => (flag & Flag.detected) !== 0).length / 5000;
  assert.ok(Math.abs(share - 0.98) < 0.01);
});

Deno.test("outliers and wrong errors come at the rate asked for", () => {
  const at = visits(20000, 24, Infinity),
    pull = (rules: ObservingRules, options: ObserveOptions) => {
      const { flux, error } = look(source(() => 0), at, options, rules);
      return flux.map((f, i) => Math.abs(f) / error[i]);
    };
  const clean = pull(RULES, {}), dirty = pull({ ...RULES, outliers: { fraction: 0.1, scale: 20 } }, {});
  assert.equal(clean.filter((x) => x > 5).length, 0);
  // Of the tenth that is off by an exponential of mean 20 errors, exp(-5/20) is off by more than 5.
  assert.ok(Math.abs(dirty.filter((x) => x > 5).length / 20000 - 0.1 * Math.exp(-0.25)) < 0.01);
  const { error } = look(source(() => 0), at, { errorScatter: 0.3 });
  const logs = error.map((e) => Math.log(e / at.background[0])),
    mean = logs.reduce((a, b) => a + b, 0) / 20000;
  const spread = Math.sqrt(logs.reduce((a, b) => a + (b - mean) ** 2, 0) / 20000);
  assert.ok(Math.abs(mean) < 0.01 && Math.abs(spread - 0.3) < 0.01);
});

Deno.test("the same seed gives the same light curve, and visits are not written into", () => {
  const at = visits(50), before = structuredClone(at), star = source((time) => 100 + 50 * Math.sin(time));
  assert.deepEqual(look(star, at), look(star, at));
  assert.notDeepEqual(look(star, at).flux, look(star, at, {}, RULES, 2).flux);
  assert.deepEqual(at, before);
});

Deno.test("a source without a number for its flux is refused with its kind, band and time", () => {
  assert.throws(
    () => look(source(() => NaN), visits(3)),
    /flux NaN in band 0 at MJD 60000 \(observe, test\)/,
  );
  const rules = { ...RULES, floor: Float64Array.of(0) };
  assert.throws(() => look(source(() => 1, [0]), visits(3), {}, rules), /finite flux in one of 1 bands/);
});

/** Greatest distance of the sample's distribution from the standard normal one. */
function kolmogorovSmirnov(sample: readonly number[]): number {
  const sorted = sample.toSorted((a, b) => a - b), n = sorted.length;
  return sorted.reduce((most, x, i) => {
    const share = normalCumulative(x);
    return Math.max(most, (i + 1) / n - share, share - i / n);
  }, 0);
}
