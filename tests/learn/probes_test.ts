import assert from "node:assert/strict";
import { Random } from "../../lib/core/mod.ts";
import { matrix, matrixFromRows } from "../../lib/numerics/mod.ts";
import { NetworkProbe, SoftmaxRegression } from "../../lib/learn/mod.ts";
import { countParameters, DenseNetwork, startingParameters } from "../../lib/learn/probes/network.ts";

const peer = JSON.parse(Deno.readTextFileSync(new URL("./fixtures/probes.json", import.meta.url)));

Deno.test("softmax regression finds the minimum that scikit-learn's logistic regression finds", () => {
  const x = matrixFromRows(peer.x), labels: string[] = peer.y.map(String);
  for (const name of ["plain", "balanced"]) {
    const { C, probabilities } = peer[name];
    const probe = new SoftmaxRegression({ penalty: 1 / C, standardise: false, balanced: name === "balanced" })
      .fit(x, labels);
    assert.ok(probe.converged);
    const ours = probe.predictProbabilities(x).probabilities.data;
    probabilities.flat().forEach((p: number, i: number) =>
      assert.ok(Math.abs(ours[i] - p) < 1e-5, `${name} ${i}: ${ours[i]} is not ${p}`)
    );
  }
});

Deno.test("scaling the columns by any factor changes no standardised prediction", () => {
  const x = matrixFromRows(peer.x), labels: string[] = peer.y.map(String);
  const stretched = { ...x, data: x.data.map((v, i) => v * [1, 1e3, 1e-3, 7][i % 4] + 50) };
  const [a, b] = [x, stretched].map((table) =>
    new SoftmaxRegression().fit(table, labels).predictProbabilities(table).probabilities.data
  );
  a.forEach((p, i) => assert.ok(Math.abs(p - b[i]) < 1e-5));
});

Deno.test("the gradient of a network with two hidden layers is that of finite differences", () => {
  const sizes = [3, 5, 4, 3], rows = 7;
  const random = new Random(4);
  const x = Float64Array.from({ length: rows * 3 }, () => random.normal());
  const codes = Int32Array.from({ length: rows }, () => random.integer(0, 3));
  const weights = Float64Array.from({ length: rows }, () => random.uniform(0.5, 2));
  const network = new DenseNetwork(sizes, rows);
  const parameters = startingParameters(sizes, random);
  assert.equal(parameters.length, countParameters(sizes));
  const gradient = new Float64Array(parameters.length), scratch = new Float64Array(parameters.length);
  network.lossAndGradient(parameters, x, codes, weights, 0.3, gradient);
  const h = 1e-6;
  for (let p = 0; p < parameters.length; p++) {
    const at = (step: number) => {
      const moved = parameters.slice();
      moved[p] += step;
      return network.lossAndGradient(moved, x, codes, weights, 0.3, scratch);
    };
    const slope = (at(h) - at(-h)) / (2 * h);
    assert.ok(Math.abs(slope - gradient[p]) < 1e-8, `parameter ${p}: ${gradient[p]} is not ${slope}`);
  }
});

Deno.test("a network learns what no line can part, and another seed starts elsewhere", () => {
  const random = new Random(9);
  const x = matrix(Float64Array.from({ length: 400 }, () => random.uniform(-1, 1)), 200, 2);
  const labels = Array.from(
    { length: 200 },
    (_, i) => x.data[2 * i] * x.data[2 * i + 1] > 0 ? "same" : "other",
  );
  const share = (probe: SoftmaxRegression | NetworkProbe) => {
    const { codes, classNames } = probe.fit(x, labels).predict(x);
    return labels.filter((label, i) => classNames[codes[i]] === label).length / 200;
  };
  assert.ok(share(new SoftmaxRegression()) < 0.7);
  const [one, two] = [1, 2].map((seed) => new NetworkProbe({ seed, hidden: [12], penalty: 1e-3 }));
  assert.ok(share(one) > 0.97 && share(two) > 0.97);
  assert.notDeepEqual(one.parameters, two.parameters);
});
