import assert from "node:assert/strict";
import { matrix, matrixFromRows } from "../../lib/numerics/mod.ts";
import {
  BayesianGaussianMixture,
  chooseComponents,
  GaussianMixture,
  type MixtureParameters,
  sampleMixture,
} from "../../lib/learn/mod.ts";

const peer = JSON.parse(Deno.readTextFileSync(new URL("./fixtures/mixture.json", import.meta.url)));
const x = matrixFromRows(peer.x);
const start = { clusters: peer.labels as number[] };
const shapes = { full: "full", diag: "diagonal", tied: "tied" } as const;

function closeAll(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, name: string) {
  assert.equal(a.length, b.length, name);
  for (let i = 0; i < b.length; i++) {
    assert.ok(Math.abs(a[i] - b[i]) <= tolerance, `${name} ${i}: ${a[i]} is not ${b[i]}`);
  }
}

Deno.test("expectation-maximisation walks the same path as scikit-learn's from the same start", () => {
  for (const fit of peer.fits) {
    const mixture = new GaussianMixture({
      components: 4,
      seed: 1,
      covariance: shapes[fit.kind as keyof typeof shapes],
      tolerance: fit.tol,
      maxIterations: fit.max_iter,
      start,
    }).fit(x);
    const name = `${fit.kind}, tolerance ${fit.tol}`;
    assert.equal(mixture.report.iterations, fit.iterations, name);
    closeAll(mixture.logDensity(x), fit.log_likelihood, 1e-6, name);
    closeAll(mixture.parameters.weights, fit.weights, 1e-8, name);
    closeAll(mixture.parameters.means.data, fit.means.flat(), 1e-7, name);
    assert.ok(Math.abs(mixture.bayesianInformation(x) - fit.bic) < 1e-5, name);
    assert.ok(Math.abs(mixture.akaikeInformation(x) - fit.aic) < 1e-5, name);
  }
});

Deno.test("the variational mixture reaches scikit-learn's posterior for both priors of the weights", () => {
  for (const fit of peer.variational) {
    const mixture = new BayesianGaussianMixture({
      components: 4,
      seed: 1,
      weightPrior: fit.prior === "dirichlet_process" ? "dirichlet-process" : "dirichlet",
      concentration: fit.weight_concentration_prior,
      meanPrecision: fit.mean_precision_prior,
      degreesOfFreedom: fit.degrees_of_freedom_prior,
      tolerance: 1e-6,
      maxIterations: 2000,
      start,
    }).fit(x);
    closeAll(mixture.logDensity(x), fit.log_likelihood, 1e-4, fit.prior);
    const { weights, means, covariances } = mixture.parameters;
    closeAll(weights, fit.weights, 1e-4, `${fit.prior} weights`);
    closeAll(means.data, fit.means.flat(), 1e-4, `${fit.prior} means`);
    covariances.forEach((m, k) => closeAll(m.data, fit.covariances[k].flat(), 1e-4, `covariance ${k}`));
    closeAll(
      mixture.predictProbabilities(x).probabilities.data.subarray(0, 80),
      fit.probabilities.flat(),
      1e-4,
      "responsibilities",
    );
    assert.ok(Math.abs(mixture.report.iterations - fit.iterations) <= 2, "as many iterations");
    assert.ok(
      Math.abs(mixture.report.bound - fit.bound) < 1e-3,
      `bound ${mixture.report.bound}, ${fit.bound}`,
    );
  }
});

const truth: MixtureParameters = {
  weights: Float64Array.of(0.2, 0.3, 0.5),
  means: matrix([0, 0, 8, 0, 0, 8], 3, 2),
  covariances: [
    matrix([1, 0.5, 0.5, 1], 2, 2),
    matrix([2, 0, 0, 0.5], 2, 2),
    matrix([1, -0.3, -0.3, 1], 2, 2),
  ],
};

Deno.test("the Bayesian information criterion finds the three components of a sample", () => {
  const { samples } = sampleMixture(truth, 1500, 4);
  const { mixture, criteria } = chooseComponents(samples, 5, { seed: 2, restarts: 2 });
  assert.equal(mixture.options.components, 3);
  assert.equal(criteria.length, 5);
  const order = [...mixture.parameters.weights].sort();
  closeAll(order, [0.2, 0.3, 0.5], 0.05, "weights");
});

Deno.test("the likelihood never falls from one iteration to the next", () => {
  const { samples } = sampleMixture(truth, 400, 6);
  let before = -Infinity;
  for (let most = 1; most < 25; most++) {
    const options = { components: 4, seed: 3, tolerance: 0, maxIterations: most, ridge: 0 };
    const { bound } = new GaussianMixture(options).fit(samples).report;
    assert.ok(bound >= before - 1e-12, `iteration ${most}: ${bound} after ${before}`);
    before = bound;
  }
});

Deno.test("a saved mixture comes back with the same densities, and more restarts are never worse", async () => {
  const { samples } = sampleMixture(truth, 300, 7);
  const directory = await Deno.makeTempDir();
  const one = new GaussianMixture({ components: 5, seed: 1 }).fit(samples);
  const many = new GaussianMixture({ components: 5, seed: 1, restarts: 6 }).fit(samples);
  assert.ok(many.report.bound >= one.report.bound);
  await one.save(`${directory}/em`);
  assert.deepEqual(
    (await GaussianMixture.load(`${directory}/em`)).logDensity(samples),
    one.logDensity(samples),
  );
  const bayes = new BayesianGaussianMixture({ components: 5, seed: 1 }).fit(samples);
  await bayes.save(`${directory}/bayes`);
  const loaded = await BayesianGaussianMixture.load(`${directory}/bayes`);
  assert.deepEqual(loaded.logDensity(samples), bayes.logDensity(samples));
  await assert.rejects(
    GaussianMixture.load(`${directory}/bayes`),
    /of kind gaussian-mixture, found bayesian/,
  );
  await Deno.remove(directory, { recursive: true });
});

Deno.test("mixtures refuse too few rows, NaN, bad options and use before fit", () => {
  assert.throws(
    () => new GaussianMixture({ components: 3, seed: 1 }).fit(matrix([1, 2], 2, 1)),
    /at least 3 rows, found 2/,
  );
  assert.throws(
    () => new GaussianMixture({ components: 1, seed: 1 }).fit(matrix([1, NaN], 2, 1)),
    /row 1, column 0/,
  );
  assert.throws(() => new GaussianMixture({ components: 0, seed: 1 }), /positive number of components/);
  assert.throws(() => new GaussianMixture({ components: 2, seed: 1 }).score(matrix([1], 1, 1)), /call fit/);
  assert.throws(
    () =>
      new BayesianGaussianMixture({ components: 1, seed: 1, degreesOfFreedom: 0 }).fit(
        matrix([1, 2, 3, 5], 2, 2),
      ),
    /degrees of freedom/,
  );
});
