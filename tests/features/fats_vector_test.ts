import assert from "node:assert/strict";
import { BandPair, computePairFeature, curveFeatures, pairFeatures } from "../../lib/features/mod.ts";
import { readNpz } from "./npz.ts";

const vectors = Deno.env.get("EPHEMERA_VECTORS");
const only = { ignore: vectors === undefined };

function macho() {
  const numbers = (file: string, name: string) =>
    readNpz(`${vectors}/fats-macho/${file}`)[name] as Float64Array;
  const result = readNpz(`${vectors}/fats-macho/FATS_result.npz`);
  const expected = new Map(
    (result.features as string[]).map((name, i) => [name, (result.values as Float64Array)[i]]),
  );
  const curve = {
    time: numbers("FATS_preprc.npz", "time"),
    value: numbers("FATS_preprc.npz", "mag"),
    error: numbers("FATS_preprc.npz", "error"),
  };
  return { curve, expected, numbers };
}

const CLOSED = [
  "Amplitude AndersonDarling Autocor_length Beyond1Std Con Eta_e FluxPercentileRatioMid20 FluxPercentileRatioMid35",
  "FluxPercentileRatioMid50 FluxPercentileRatioMid65 FluxPercentileRatioMid80 Gskew LinearTrend MaxSlope Mean",
  "Meanvariance MedianAbsDev MedianBRP PairSlopeTrend PercentAmplitude PercentDifferenceFluxPercentile Psi_CS",
  "Psi_eta Q31 Rcs Skew SlottedA_length SmallKurtosis Std StetsonK StetsonK_AC StructureFunction_index_21",
  "StructureFunction_index_31 StructureFunction_index_32",
].join(" ").split(" ");

Deno.test("the MACHO curve 1.3444.614 gives the numbers of the original FATS", only, async (t) => {
  const { curve, expected } = macho();
  const found = curveFeatures(curve, ["FATS"], { compatibility: "FATS" });
  assert.equal(Object.keys(found).length, 63);
  const relative = (name: string, tolerance: number) => {
    const off = Math.abs(found[name] - expected.get(name)!);
    assert.ok(
      off <= tolerance * Math.abs(expected.get(name)!),
      `${name}: ${found[name]}, FATS ${expected.get(name)}`,
    );
  };
  await t.step("closed forms to 1e-12", () => CLOSED.forEach((name) => relative(name, 1e-12)));
  await t.step("period exactly", () => assert.equal(found.PeriodLS, expected.get("PeriodLS")));
  await t.step(
    "false-alarm probability to 3e-6, the precision of the original's transform",
    () => relative("Period_fit", 3e-6),
  );
  await t.step("harmonics to 1e-5", () => {
    const names = Object.keys(found).filter((name) => name.startsWith("Freq"));
    assert.equal(names.length, 24);
    for (const name of names) {
      assert.ok(
        Math.abs(found[name] - expected.get(name)!) <= 1e-5 * Math.max(1, Math.abs(expected.get(name)!)),
        name,
      );
    }
  });
  await t.step(
    "damped random walk to 1e-6 by Nelder-Mead from (10, 0.5)",
    () => ["CAR_sigma", "CAR_tau", "CAR_mean"].forEach((name) => relative(name, 1e-6)),
  );
});

Deno.test(
  "the two bands of the MACHO curve give the original Color, Eta_color, Q31_color, StetsonJ and StetsonL",
  only,
  () => {
    const { curve, expected, numbers } = macho();
    const whole = new BandPair(curve, {
      time: numbers("FATS_preprc.npz", "time2"),
      value: numbers("FATS_preprc.npz", "mag2"),
      error: numbers("FATS_preprc.npz", "error2"),
    });
    const time = numbers("FATS_aligned.npz", "aligned_time");
    const column = (name: string) => numbers("FATS_aligned.npz", name);
    const aligned = new BandPair(
      { time, value: column("aligned_mag"), error: column("aligned_error") },
      { time, value: column("aligned_mag2"), error: column("aligned_error2") },
    );
    for (const [name, feature] of pairFeatures) {
      const found = computePairFeature(feature, feature.needs.shared ? aligned : whole);
      const original = expected.get(name)!;
      assert.ok(
        Math.abs(found - original) <= 1e-12 * Math.abs(original),
        `${name}: ${found}, FATS ${original}`,
      );
    }
    assert.equal(whole.shared.time.length, time.length, "our alignment finds the same shared times");
  },
);
