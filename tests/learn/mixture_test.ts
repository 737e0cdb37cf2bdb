import assert from "node:assert/strict";
import {
  identity,
  type Matrix,
  matrix,
  matrixFromRows,
  quantile,
  rowOf,
  symmetricEigen,
} from "../../lib/numerics/mod.ts";
import {
  componentLogDensities,
  conditionalMixture,
  detectionScores,
  mixtureEnergy,
  mixtureFromMemberships,
  type MixtureParameters,
  responsibilities,
  sampleMixture,
} from "../../lib/learn/mod.ts";
import { readNpz } from "../helpers/npz.ts";

const peer = JSON.parse(Deno.readTextFileSync(new URL("./fixtures/mixture.json", import.meta.url)));
const vectors = Deno.env.get("EPHEMERA_VECTORS");

export function mixtureOf(
  p: { weights: number[]; means: number[][]; covariances: number[][][] },
): MixtureParameters {
  return {
    weights: Float64Array.from(p.weights),
    means: matrixFromRows(p.means),
    covariances: p.covariances.map((rows) => matrixFromRows(rows)),
  };
}

function published(): MixtureParameters {
  const { gmm_phi, gmm_mu, gmm_Sigma, ...others } = readNpz(`${vectors}/tsang-asassn/gmm_parameters.npz`);
  const arrays = [gmm_phi, gmm_mu, gmm_Sigma, ...Object.values(others)].filter((a) => a !== undefined);
  const [phi, mu, sigma] = [1, 2, 3].map((dimensions) => arrays.find((a) => a.shape.length === dimensions)!);
  const [K, l] = mu.shape;
  return {
    weights: phi.data,
    means: matrix(mu.data, K, l),
    covariances: Array.from(
      { length: K },
      (_, k) => matrix(sigma.data.slice(k * l * l, (k + 1) * l * l), l, l),
    ),
  };
}

/** The energy by eigenvectors instead of Cholesky factors and plain sums of exponentials where they do not underflow. */
function energyByEigenvectors(p: MixtureParameters, z: Float64Array): number {
  const l = z.length;
  const terms = p.covariances.map((covariance, k) => {
    const { values, vectors } = symmetricEigen(covariance);
    let distance = 0, logDeterminant = 0;
    for (let a = 0; a < l; a++) {
      let projection = 0;
      for (let j = 0; j < l; j++) projection += rowOf(vectors, a)[j] * (z[j] - p.means.data[k * l + j]);
      distance += projection * projection / values[a];
      logDeterminant += Math.log(values[a]);
    }
    return Math.log(p.weights[k]) - 0.5 * (distance + logDeterminant + l * Math.log(2 * Math.PI));
  });
  const largest = Math.max(...terms);
  return -largest - Math.log(terms.reduce((sum, t) => sum + Math.exp(t - largest), 0));
}

Deno.test("energies agree with SciPy's multivariate normal densities", () => {
  const z = matrixFromRows(peer.z);
  mixtureEnergy(mixtureOf(peer.parameters), z).forEach((energy, i) =>
    assert.ok(
      Math.abs(energy - peer.energy[i]) < 1e-10 * Math.abs(peer.energy[i]),
      `${energy} is not ${peer.energy[i]}`,
    )
  );
});

Deno.test("the published normalisation lowers every energy by (l - 1)/2 ln 2 pi, and far objects stay finite", () => {
  const parameters = mixtureOf(peer.parameters);
  const z = matrixFromRows([...peer.z, [1e6, -1e6, 1e6]]);
  const full = mixtureEnergy(parameters, z);
  const lower = mixtureEnergy(parameters, z, { normalisation: "published" });
  full.forEach((e, i) => assert.ok(Math.abs(e - lower[i] - Math.log(2 * Math.PI)) < 1e-9 * Math.abs(e)));
  assert.ok(Number.isFinite(full[full.length - 1]) && full[full.length - 1] > 1e9);
});

Deno.test("component densities, weights and responsibilities fit together", () => {
  const parameters = mixtureOf(peer.parameters);
  const z = matrixFromRows(peer.z);
  const log = componentLogDensities(parameters, z), gamma = responsibilities(parameters, z);
  const energy = mixtureEnergy(parameters, z);
  for (let i = 0; i < z.rows; i++) {
    let total = 0;
    for (let k = 0; k < 4; k++) {
      const joint = Math.log(parameters.weights[k]) + log.data[i * 4 + k] + energy[i];
      assert.ok(Math.abs(Math.exp(joint) - gamma.data[i * 4 + k]) < 1e-12);
      total += gamma.data[i * 4 + k];
    }
    assert.ok(Math.abs(total - 1) < 1e-14);
  }
});

Deno.test("memberships give the weighted moments, with the ridge on the diagonal alone", () => {
  const z = matrixFromRows([[0, 0], [2, 2], [5, 1], [7, 3]]);
  const gamma = matrixFromRows([[1, 0], [1, 0], [0, 1], [0.5, 0.5]]);
  const { weights, means, covariances } = mixtureFromMemberships(z, gamma, 0.25);
  assert.deepEqual([...weights], [0.625, 0.375]);
  const expected = [5.5 / 2.5, 3.5 / 2.5, 8.5 / 1.5, 2.5 / 1.5];
  means.data.forEach((x, i) => assert.ok(Math.abs(x - expected[i]) < 1e-14));
  const [a, b] = expected;
  const xx = (a ** 2 + (2 - a) ** 2 + 0.5 * (7 - a) ** 2) / 2.5;
  const xy = (a * b + (2 - a) * (2 - b) + 0.5 * (7 - a) * (3 - b)) / 2.5;
  assert.ok(Math.abs(covariances[0].data[0] - xx - 0.25) < 1e-14);
  assert.ok(Math.abs(covariances[0].data[1] - xy) < 1e-14);
  assert.throws(
    () => mixtureFromMemberships(z, matrixFromRows([[1, 0], [1, 0], [1, 0], [1, 0]])),
    /component 1/,
  );
});

Deno.test("samples have the mixture's weights, means and covariances", () => {
  const parameters = mixtureOf(peer.parameters);
  const n = 40_000;
  const { samples, components } = sampleMixture(parameters, n, 5);
  const gamma: Matrix = { data: new Float64Array(n * 4), rows: n, columns: 4 };
  components.forEach((k, i) => gamma.data[i * 4 + k] = 1);
  const found = mixtureFromMemberships(samples, gamma);
  found.weights.forEach((w, k) =>
    assert.ok(Math.abs(w - parameters.weights[k]) < 5 * Math.sqrt(w / n), `weight ${k}`)
  );
  for (let k = 0; k < 4; k++) {
    const members = n * parameters.weights[k];
    for (let j = 0; j < 3; j++) {
      const sd = Math.sqrt(parameters.covariances[k].data[4 * j]);
      assert.ok(
        Math.abs(found.means.data[k * 3 + j] - parameters.means.data[k * 3 + j]) <
          5 * sd / Math.sqrt(members),
      );
      const ratio = found.covariances[k].data[4 * j] / (sd * sd);
      assert.ok(Math.abs(ratio - 1) < 5 * Math.sqrt(2 / members), `variance ${k} ${j}: ${ratio}`);
    }
  }
});

Deno.test("the conditional mixture is the joint density over the marginal one", () => {
  const parameters = mixtureOf(peer.parameters);
  peer.z.forEach((z: number[], i: number) => {
    const given = conditionalMixture(parameters, peer.observed, peer.observed.map((j: number) => z[j]));
    const log = -mixtureEnergy(given, matrix([z[1]], 1, 1))[0];
    assert.ok(Math.abs(log - Math.log(peer.conditional_density[i])) < 1e-9, `object ${i}`);
  });
  const far = conditionalMixture(parameters, [0, 1], [1e6, 1e6], { densityFloor: 1e-15 });
  far.weights.forEach((w, k) =>
    assert.ok(Math.abs(w - parameters.weights[k]) < 1e-12, "the floor gives the prior back")
  );
  assert.throws(() => conditionalMixture(parameters, [0, 0], [1, 1]), /distinct coordinates/);
  assert.throws(() => conditionalMixture(parameters, [0, 1, 2], [1, 1, 1]), /fewer than 3/);
});

Deno.test("bad mixtures and tables are refused with the component, the row and the column", () => {
  const good = { weights: Float64Array.of(1), means: matrix([0, 0], 1, 2), covariances: [identity(2)] };
  assert.throws(() => mixtureEnergy(good, matrix([1, NaN], 1, 2)), /found NaN \(mixture, row 0, column 1\)/);
  assert.throws(() => mixtureEnergy(good, matrix([1], 1, 1)), /2 columns, as in fit, found 1/);
  assert.throws(
    () => mixtureEnergy({ ...good, weights: Float64Array.of(0.5) }, matrix([1, 2], 1, 2)),
    /sum to 1/,
  );
  assert.throws(
    () => mixtureEnergy({ ...good, covariances: [identity(3)] }, matrix([1, 2], 1, 2)),
    /component 0/,
  );
  assert.throws(
    () => mixtureEnergy({ ...good, covariances: [matrix([1, 2, 2, 1], 2, 2)] }, matrix([1, 2], 1, 2)),
    /pivot/,
  );
});

Deno.test({
  name: "the published ASAS-SN mixture: energies agree with an eigenvector evaluation to 1e-9",
  ignore: !vectors,
  fn() {
    const parameters = published();
    assert.deepEqual([parameters.weights.length, parameters.means.columns], [8, 21]);
    assert.ok(Math.abs(parameters.weights[2] - 0.52304) < 1e-5);
    const { samples } = sampleMixture(parameters, 60, 1);
    samples.data.subarray(0, 21 * 20).forEach((x, i) => samples.data[i] = x + 0.3 * Math.sin(i)); // twenty far ones
    mixtureEnergy(parameters, samples).forEach((energy, i) => {
      const expected = energyByEigenvectors(parameters, rowOf(samples, i));
      assert.ok(
        Math.abs(energy - expected) < 1e-9 * Math.max(1, Math.abs(expected)),
        `${energy} is not ${expected}`,
      );
    });
    // The mean energy of the mixture's own objects is its entropy, which lies between the mean entropy of the components
    // and that plus the entropy of the weights.
    const own = mixtureEnergy(parameters, sampleMixture(parameters, 4000, 2).samples);
    const mean = own.reduce((sum, e) => sum + e, 0) / own.length;
    const error = Math.sqrt(own.reduce((sum, e) => sum + (e - mean) ** 2, 0)) / own.length;
    let low = 0, high = 0;
    parameters.covariances.forEach((covariance, k) => {
      const values = symmetricEigen(covariance).values;
      const entropy = values.reduce((sum, v) => sum + 0.5 * (1 + Math.log(2 * Math.PI * v)), 0);
      low += parameters.weights[k] * entropy;
      high += parameters.weights[k] * (entropy - Math.log(parameters.weights[k]));
    });
    assert.ok(mean > low - 4 * error && mean < high + 4 * error, `${mean} in [${low}, ${high}]`);
  },
});

Deno.test({
  name: "the published ASAS-SN energies give the published precision, recall and F1",
  ignore: !vectors,
  fn() {
    const { energy_train, energy_known, energy_unknown } = readNpz(`${vectors}/tsang-asassn/energies.npz`);
    assert.deepEqual(
      [energy_train, energy_known, energy_unknown].map((a) => a.data.length),
      [39403, 9856, 5322],
    );
    const scores = [...energy_known.data, ...energy_unknown.data];
    const novel = scores.map((_, i) => i >= energy_known.data.length);
    const found = [0.8, 0.95].map((p) => detectionScores(novel, scores, quantile(energy_train.data, p)));
    assert.deepEqual(
      found.map(({ precision, recall, f1 }) => [precision, recall, f1].map((x) => x.toFixed(3))),
      [["0.702", "0.895", "0.787"], ["0.890", "0.734", "0.805"]],
    );
    assert.deepEqual(
      found.map((s) => [s.truePositives, s.falsePositives, s.falseNegatives]),
      [[4765, 2019, 557], [3909, 482, 1413]],
    );
  },
});
