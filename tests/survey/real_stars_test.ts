import assert from "node:assert/strict";
import { CATALINA_SSS_PERIODIC } from "ephemera/datasets";
import type { LightCurve, LightCurveSet } from "ephemera/observations";
import { NOVELTY_RECIPE, simulatePeriodicVariables } from "ephemera/survey";

/** Weighted least-squares Fourier series of the given order: amplitude and phase (cosine convention) of each harmonic. */
function fourier(curve: LightCurve, period: number, order: number) {
  const n = 2 * order + 1, a = Array.from({ length: n }, () => new Float64Array(n + 1));
  const row = new Float64Array(n + 1);
  for (let i = 0; i < curve.time.length; i++) {
    row[0] = 1;
    for (let k = 1; k <= order; k++) {
      const x = 2 * Math.PI * k * (curve.time[i] / period % 1);
      row[2 * k - 1] = Math.cos(x);
      row[2 * k] = Math.sin(x);
    }
    row[n] = curve.value[i];
    const w = 1 / (curve.error![i] ** 2 + 1e-4);
    for (let p = 0; p < n; p++) for (let q = 0; q <= n; q++) a[p][q] += w * row[p] * row[q];
  }
  for (let p = 0; p < n; p++) {
    for (let r = 0; r < n; r++) {
      if (r === p) continue;
      const f = a[r][p] / a[p][p];
      for (let q = p; q <= n; q++) a[r][q] -= f * a[p][q];
    }
  }
  const c = a.map((line, p) => line[n] / line[p]);
  return Array.from({ length: order }, (_, k) => ({
    amplitude: Math.hypot(c[2 * k + 1], c[2 * k + 2]),
    phase: Math.atan2(-c[2 * k + 2], c[2 * k + 1]),
  }));
}

const median = (x: number[]) => x.toSorted((a, b) => a - b)[Math.floor(x.length / 2)];
const turn = (x: number) => ((x % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI);

/** Medians over the stars of a class whose first harmonic is large enough to measure a shape. */
function shapes(set: LightCurveSet, chosen: (i: number) => boolean) {
  const period: number[] = [],
    amplitude: number[] = [],
    r21: number[] = [],
    phi21: number[] = [],
    phi31: number[] = [];
  const periods = set.numbers("period");
  for (let i = 0; i < set.length; i++) {
    const curve = set.at(i);
    if (!chosen(i) || curve.time.length < 100) continue;
    const [one, two, three] = fourier(curve, periods[i], 4);
    const noise = median([...curve.error!]) * Math.sqrt(2 / curve.time.length);
    if (one.amplitude < 25 * noise) continue;
    period.push(periods[i]);
    amplitude.push(one.amplitude);
    r21.push(two.amplitude / one.amplitude);
    phi21.push(turn(two.phase - 2 * one.phase));
    phi31.push(turn(three.phase - 3 * one.phase));
  }
  return {
    stars: period.length,
    period: median(period),
    amplitude: median(amplitude),
    r21: median(r21),
    phi21: median(phi21),
    phi31: median(phi31),
  };
}

/** Largest differences of the medians that are allowed: two surveys select differently, shapes must agree all the same. */
const CLASSES: { real: string; kind: string; superclass: string; limits: Record<string, number> }[] = [
  {
    real: "RRab",
    kind: "RRAB",
    superclass: "RRAB",
    limits: { period: 0.06, amplitude: 0.12, r21: 0.1, phi21: 0.3, phi31: 0.6 },
  },
  {
    real: "RRc",
    kind: "RRC",
    superclass: "RRCD",
    limits: { period: 0.04, amplitude: 0.06, r21: 0.06, phi21: 0.4 },
  },
  {
    real: "DeltaScuti",
    kind: "HADS",
    superclass: "DSCT",
    limits: { period: 0.06, amplitude: 0.08, r21: 0.12, phi21: 0.6 },
  },
];

Deno.test({
  name: "simulated pulsators have the periods, amplitudes and Fourier shapes of Catalina's real ones",
  ignore: Deno.env.get("EPHEMERA_DATA") === undefined,
  fn: async () => {
    const catalina = await CATALINA_SSS_PERIODIC.load();
    const recipe = {
      ...NOVELTY_RECIPE,
      known: {
        ...NOVELTY_RECIPE.known,
        DSCT: { share: 1, types: { HADS: 1 } },
        RRCD: { share: 1, types: { RRC: 1 } },
      },
    };
    const sky = simulatePeriodicVariables({ seed: 8, counts: { RRAB: 150, RRCD: 150, DSCT: 150 }, recipe });
    for (const { real, kind, superclass, limits } of CLASSES) {
      const truth = shapes(catalina, (i) => catalina.className(i) === real);
      const ours = shapes(sky, (i) => sky.className(i) === superclass);
      assert.ok(truth.stars > 25 && ours.stars > 25, `${kind}: ${truth.stars} real, ${ours.stars} simulated`);
      for (const [name, limit] of Object.entries(limits)) {
        const key = name as keyof typeof truth, difference = Math.abs(truth[key] - ours[key]);
        assert.ok(difference < limit, `${kind} ${name}: ${ours[key]} simulated, ${truth[key]} real`);
      }
    }
  },
});
