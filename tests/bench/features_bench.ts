/**
 * How fast features and periodograms are, beside peers on the same curves in the same run.
 *
 *     deno run -A tests/bench/features_bench.ts                       ours alone
 *     deno run -A tests/bench/features_bench.ts --python=VENV/bin/python   with the peers installed there
 *
 * Prints JSON lines { name, ours_ms, peer, peer_ms, ratio } with ratio = peer_ms / ours_ms, so above 1 ours
 * is faster. Each time is the least of several repetitions on one thread: what is left when the machine's
 * other work is taken away.
 */
import { fileURLToPath } from "node:url";
import { Random } from "../../lib/core/mod.ts";
import {
  computeFeature,
  CurveWork,
  extractFeatures,
  fatsFeatures,
  fitSupernova,
  type ObjectCurve,
  parametricFlux,
  quickFeatures,
} from "../../lib/features/mod.ts";
import { LightCurveSet } from "../../lib/observations/mod.ts";
import { fastLombScargle, gridFrequencies, lombScargle } from "../../lib/signal/mod.ts";

function curve(n: number, days: number) {
  const random = new Random(n);
  const time = Float64Array.from({ length: n }, () => random.uniform(0, days)).sort();
  const error = time.map(() => random.uniform(0.02, 0.1));
  const value = time.map((t, i) => 17 + 0.5 * Math.sin(2 * Math.PI * t / 3.3) + random.normal(0, error[i]));
  return { time, value, error };
}

function least(work: () => void, repeats: number, inner = 1): number {
  for (let k = 0; k < 3 * inner; k++) work();
  let best = Infinity;
  for (let r = 0; r < repeats; r++) {
    const start = performance.now();
    for (let k = 0; k < inner; k++) work();
    best = Math.min(best, (performance.now() - start) / inner);
  }
  return best;
}

const quick = curve(1000, 2000);
const periodograms = { "100": curve(100, 1000), "1000": curve(1000, 1000) };
const grid = { start: 0.0002, step: 0.0002, count: 100000 };
const frequencies = gridFrequencies(grid).filter((_, k) => k % 97 === 0);

const curve200 = curve(200, 2000);
const withoutPeriods = fatsFeatures.filter((f) => !/Period|Psi|Freq/.test(f.name));

interface Line {
  name: string;
  ours_ms: number;
  [key: string]: unknown;
}
const ours = new Map<string, Line>();
const record = (name: string, ours_ms: number, rest: Record<string, unknown> = {}) =>
  void ours.set(name, { name, ours_ms, ...rest });

record(
  "quick, 26 features, 1000 points",
  least(
    () => {
      const work = new CurveWork(quick);
      for (const feature of quickFeatures) computeFeature(feature, work);
    },
    20,
    100,
  ),
);
for (const [n, data] of Object.entries(periodograms)) {
  const power = fastLombScargle(data, grid).filter((_, k) => k % 97 === 0);
  const exact = lombScargle(data, frequencies);
  record(
    `Lomb-Scargle, ${n} points, ${grid.count} frequencies`,
    least(() => void fastLombScargle(data, grid), 10),
    {
      ours_error: power.reduce((worst, p, i) => Math.max(worst, Math.abs(p - exact[i])), 0),
    },
  );
}

function setOf(objects: number, days: number): LightCurveSet {
  const curves = Array.from({ length: objects }, (_, i) => curve(200 + (i % 3), days));
  const offsets = Uint32Array.from({ length: objects + 1 }, (_, i) => i);
  for (let i = 0; i < objects; i++) offsets[i + 1] = offsets[i] + curves[i].time.length;
  const join = (name: "time" | "value" | "error") => {
    const column = new Float64Array(offsets[objects]);
    curves.forEach((c, i) => column.set(c[name], offsets[i]));
    return column;
  };
  return new LightCurveSet({
    ids: curves.map((_, i) => String(i)),
    offsets,
    time: join("time"),
    value: join("value"),
    error: join("error"),
  });
}

// Whole sets: the rate a survey sees, on one core.
async function rate(features: string, objects: number, days: number) {
  const set = setOf(objects, days), before = Deno.memoryUsage().rss;
  const start = performance.now();
  await extractFeatures(set, { features: [features], workers: 1 });
  const ms = performance.now() - start;
  record(`${features}, 200 points over ${days} days, each`, ms / objects, {
    curves_per_second_and_core: objects / ms * 1000,
    resident_growth_MB: (Deno.memoryUsage().rss - before) / 1e6,
  });
}
// Ten thousand curves on all cores, with the memory on the way: minutes, so only when asked for.
if (Deno.args.includes("--survey")) {
  const set = setOf(10_000, 365), resident: Record<string, number> = {};
  let next = 2000;
  const update = (done: number) => {
    if (done < next) return;
    resident[next] = Math.round(Deno.memoryUsage().rss / 1e6);
    next += 2000;
  };
  const start = performance.now();
  await extractFeatures(set, { features: ["FATS"], progress: { update, finish() {} } });
  const ms = performance.now() - start, cores = navigator.hardwareConcurrency;
  record(`FATS, 10000 curves of 200 points over 365 days, ${cores} cores, each`, ms / 10_000, {
    curves_per_second_and_core: 10_000 / ms * 1000 / cores,
    resident_MB: resident,
  });
}
await rate("FATS", 100, 365);
await rate("FATS", 30, 2000);
await rate("quick", 5000, 2000);

const fits: ObjectCurve[] = Array.from({ length: 50 }, (_, seed) => {
  const random = new Random(seed);
  const truth = Float64Array.of(100, 40, 30, 0.4, 5, 35);
  const time = Float64Array.from({ length: 150 }, () => random.uniform(0, 160)).sort();
  const band = Uint8Array.from(time, () => random.integer(0, 6));
  const value = time.map((t) => parametricFlux(t, truth) + random.normal(0, 3));
  return { time, value, error: time.map(() => 3), band, bands: ["u", "g", "r", "i", "z", "Y"] };
});
record(
  "supernova model, six bands, 150 points",
  least(() => fits.forEach((o) => void fitSupernova(o)), 3) / fits.length,
);
record(
  "FATS without period search, 200 points",
  least(
    () => {
      const work = new CurveWork(curve200);
      for (const feature of withoutPeriods) computeFeature(feature, work);
    },
    5,
    5,
  ),
);

const python = Deno.args.find((a) => a.startsWith("--python="))?.slice("--python=".length);
const seen = new Set<string>();
if (python !== undefined) {
  const plain = (c: ReturnType<typeof curve>) => ({
    time: [...c.time],
    value: [...c.value],
    error: [...c.error],
  });
  const child = new Deno.Command(python, {
    args: [fileURLToPath(new URL("../peers/features_bench.py", import.meta.url))],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  const task = {
    quick: plain(quick),
    grid,
    periodograms: Object.fromEntries(Object.entries(periodograms).map(([n, c]) => [n, plain(c)])),
  };
  await writer.write(new TextEncoder().encode(JSON.stringify(task)));
  await writer.close();
  const { stdout } = await child.output();
  for (const text of new TextDecoder().decode(stdout).trim().split("\n").filter(Boolean)) {
    const { name, peer, ms, ...rest } = JSON.parse(text);
    const mine = ours.get(name)!;
    seen.add(name);
    console.log(JSON.stringify({ ...mine, peer, peer_ms: ms, ratio: ms / mine.ours_ms, ...rest }));
  }
}
for (const line of ours.values()) if (!seen.has(line.name)) console.log(JSON.stringify(line));
