import assert from "node:assert/strict";
import { Random } from "../../lib/core/mod.ts";
import { matrix } from "../../lib/numerics/mod.ts";
import {
  fitGaussianProcess,
  fitLightCurveSurface,
  fitProcess,
  type Kernel,
  marginalLikelihood,
  matern,
  type MaternOrder,
  periodic,
  product,
  squaredExponential,
} from "../../lib/signal/mod.ts";
import { close } from "./close.ts";

const fixture = JSON.parse(
  Deno.readTextFileSync(new URL("fixtures/gaussian_process.json", import.meta.url)),
);
const time = Float64Array.from(fixture.time as number[]);
const value = Float64Array.from(fixture.value as number[]);
const error = Float64Array.from(fixture.error as number[]);
const wavelength = Float64Array.from(fixture.wavelength as number[]);
const at = Float64Array.from(fixture.at as number[]);
const variance = error.map((e) => e * e);
const n = time.length;

const kernelOf = (name: string): Kernel => {
  if (name === "gaussian") return squaredExponential();
  if (name === "periodic") return periodic();
  return name === "surface" ? matern("3/2", ["time", "wavelength"]) : matern(name as MaternOrder);
};
const surface = (t: Float64Array, w: (i: number) => number) =>
  matrix(
    Float64Array.from({ length: 2 * t.length }, (_, k) => k % 2 === 0 ? t[k >> 1] : w(k >> 1)),
    t.length,
    2,
  );

for (const c of fixture.cases) {
  Deno.test(`the ${c.name} process agrees with scikit-learn: likelihood and predictions to 1e-9, gradient, optimum`, () => {
    const kernel = kernelOf(c.name);
    const two = c.name === "surface";
    const points = two ? surface(time, (i) => wavelength[i]) : matrix(time, n, 1);
    const data = { points, value, variance };
    const parameters = Float64Array.from(c.parameters as number[]);
    const found = marginalLikelihood(kernel, data, parameters);
    close([found.value], [c.value], 1e-9, "likelihood");
    close(found.gradient, c.gradient, 1e-8, "gradient");
    const start = Object.fromEntries(kernel.names.map((name, p) => [name, parameters[p]]));
    const process = fitProcess(kernel, data, { start, maxIterations: 0 });
    const predicted = process.predictAt(two ? surface(at, () => 6223) : matrix(at, at.length, 1));
    close(predicted.mean, c.mean, 1e-9, "mean");
    close(predicted.variance, c.variance, 1e-9, "variance");
    const fitted = fitProcess(kernel, data, { start });
    assert.ok(fitted.logLikelihood > c.best - 1e-4, `${fitted.logLikelihood}, scikit-learn ${c.best}`);
  });
}

Deno.test("the likelihood of two points is that of a bivariate normal distribution", () => {
  const data = {
    points: matrix([0, 1], 2, 1),
    value: Float64Array.of(1, -0.5),
    variance: Float64Array.of(0.1, 0.2),
  };
  const { value: found } = marginalLikelihood(matern("1/2"), data, Float64Array.of(2, 3));
  const a = 2.1, b = 2.2, c = 2 * Math.exp(-1 / 3), determinant = a * b - c * c;
  const chi = (1 * b + 0.25 * a + 2 * 0.5 * c) / determinant;
  assert.ok(Math.abs(found + 0.5 * (chi + Math.log(determinant)) + Math.log(2 * Math.PI)) < 1e-13);
});

Deno.test("gradients of a product kernel and of an extra variance equal finite differences", () => {
  const kernel = product(periodic(), squaredExponential());
  assert.deepEqual(kernel.names, ["variance", "length", "period", "length_2"]);
  const data = { points: matrix(time, n, 1), value, variance };
  const logs = [0.7, 1.3, 31, 50, 0.02].map(Math.log);
  const at = (x: number[]) => marginalLikelihood(kernel, data, Float64Array.from(x, Math.exp));
  const { gradient } = at(logs);
  const h = 1e-5;
  const numeric = logs.map((_, p) => {
    const moved = (sign: number) => at(logs.map((v, q) => q === p ? v + sign * h : v)).value;
    return (moved(1) - moved(-1)) / (2 * h);
  });
  close(gradient, numeric, 1e-6, "gradient");
});

Deno.test("fitGaussianProcess() recovers the scale of a damped random walk and is not moved by an offset in time or value", () => {
  const random = new Random(5);
  const t = Float64Array.from({ length: 150 }, (_, i) => 4 * i + random.uniform(0, 3));
  let state = 0;
  const y = t.map((now, i) => {
    const decay = i === 0 ? 0 : Math.exp(-(now - t[i - 1]) / 30);
    state = decay * state + random.normal(0, Math.sqrt(1 - decay * decay));
    return state + random.normal(0, 0.05);
  });
  const error = t.map(() => 0.05);
  const process = fitGaussianProcess({ time: t, value: y, error }, { kernel: matern("1/2") });
  assert.ok(process.parameters.length > 10 && process.parameters.length < 90, `${process.parameters.length}`);
  const moved = fitGaussianProcess(
    { time: t.map((x) => x + 58000), value: y.map((v) => v + 18), error },
    { kernel: matern("1/2") },
  );
  close([moved.parameters.length], [process.parameters.length], 1e-3, "length");
  close(
    moved.predict(Float64Array.of(58100)).mean,
    [process.predict(Float64Array.of(100)).mean[0] + 18],
    1e-5,
    "mean",
  );
});

Deno.test("fitGaussianProcess() without errors fits an extra variance", () => {
  const random = new Random(9);
  const t = Float64Array.from({ length: 120 }, (_, i) => i);
  const y = t.map((x) => Math.sin(x / 9) + random.normal(0, 0.2));
  const { parameters } = fitGaussianProcess({ time: t, value: y });
  assert.ok(Math.abs(Math.sqrt(parameters.extra_variance) - 0.2) < 0.04, `${parameters.extra_variance}`);
});

Deno.test("fitLightCurveSurface() fills a band that was seen before the peak alone from its neighbours", () => {
  const random = new Random(3);
  const bands = [4827, 6223, 7546];
  const rise = (t: number, w: number) => 100 * Math.exp(-0.5 * ((t - 40) / 12) ** 2) * (w / 6223);
  const rows = Array.from({ length: 120 }, () => [random.uniform(0, 90), bands[random.integer(0, 3)]])
    .filter(([t, w]) => w !== 6223 || t < 30).sort((a, b) => a[0] - b[0]);
  const error = Float64Array.from(rows, () => 2);
  const surface = fitLightCurveSurface({
    time: Float64Array.from(rows, ([t]) => 59000 + t),
    wavelength: Float64Array.from(rows, ([, w]) => w),
    value: Float64Array.from(rows, ([t, w]) => rise(t, w) + random.normal(0, 2)),
    error,
  });
  assert.ok(surface.converged);
  assert.equal(surface.parameters.wavelength.toFixed(3), "6000.000");
  const { mean, variance } = surface.predict(Float64Array.of(59040, 59400), 6223);
  assert.ok(Math.abs(mean[0] - 100) < 8, `${mean[0]}`);
  // Far from all data the surface falls back to zero and to the prior's variance.
  assert.ok(
    Math.abs(mean[1]) < 1 && variance[1] > 0.99 * surface.parameters.variance &&
      variance[0] < variance[1] / 10,
  );
});

Deno.test("a process refuses unknown parameters and points that contradict without errors", () => {
  const curve = { time: Float64Array.of(1, 1, 2), value: Float64Array.of(0, 1, 2) };
  assert.throws(() => fitGaussianProcess(curve, { fixed: ["scale"] }), /a parameter among variance, length/);
  assert.throws(
    () => fitGaussianProcess(curve, { extraVariance: false, maxIterations: 0 }),
    /positive definite/,
  );
});
