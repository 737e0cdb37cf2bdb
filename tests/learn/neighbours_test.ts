import assert from "node:assert/strict";
import { Random } from "../../lib/core/mod.ts";
import { type Matrix, matrix } from "../../lib/numerics/mod.ts";
import {
  kMeans,
  NearestNeighboursClassifier,
  NearestNeighboursNovelty,
  neighbourIndex,
} from "../../lib/learn/mod.ts";

function table(rows: number, columns: number, seed: number, round = false): Matrix {
  const random = new Random(seed);
  const draw = () => round ? random.integer(0, 4) : random.normal();
  return matrix(Float64Array.from({ length: rows * columns }, draw), rows, columns);
}

/** All distances, fully sorted: what any search must agree with. */
function naive(x: Matrix, queries: Matrix, k: number) {
  const rows: number[] = [];
  for (let q = 0; q < queries.rows; q++) {
    const d = Array.from({ length: x.rows }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < x.columns; j++) {
        sum += (x.data[i * x.columns + j] - queries.data[q * x.columns + j]) ** 2;
      }
      return { i, sum };
    });
    rows.push(...d.sort((a, b) => a.sum - b.sum || a.i - b.i).slice(0, k).map(({ i }) => i));
  }
  return rows;
}

Deno.test("tree and brute force find the neighbours that full sorting finds, ties included", () => {
  for (const [columns, round] of [[1, false], [3, false], [3, true], [12, false]] as const) {
    const x = table(400, columns, columns, round), queries = table(30, columns, 99, round);
    for (const method of ["tree", "brute"] as const) {
      const { indices } = neighbourIndex(x, method).query(queries, 7);
      assert.deepEqual([...indices], naive(x, queries, 7), `${method}, ${columns} columns`);
    }
  }
});

Deno.test("a row is not its own neighbour when it is left out", () => {
  const x = table(200, 2, 5);
  const { indices } = neighbourIndex(x).query(x, 3, true);
  for (let i = 0; i < 200; i++) assert.ok(!indices.subarray(3 * i, 3 * i + 3).includes(i));
  assert.throws(() => neighbourIndex(x).query(x, 200, true), /from 1 to 199 neighbours, found 200/);
});

Deno.test("votes divided by distance let an exact match decide alone", () => {
  const model = new NearestNeighboursClassifier({ neighbours: 3, weighting: "distance" })
    .fit(matrix([0, 1, 3], 3, 1), ["a", "b", "b"]);
  const { probabilities } = model.predictProbabilities(matrix([0, 0.5], 2, 1));
  assert.deepEqual([...probabilities.data.subarray(0, 2)], [1, 0]);
  const b = (2 + 1 / 2.5) / (2 + 2 + 1 / 2.5);
  assert.ok(Math.abs(probabilities.data[3] - b) < 1e-14);
});

Deno.test("distances to neighbours tell a far object from the training rows", () => {
  const x = table(500, 4, 8);
  for (const statistic of ["mean", "largest"] as const) {
    const model = new NearestNeighboursNovelty({ statistic }).fit(x);
    const usual = model.scoreTraining();
    const [far] = model.score(matrix([6, 6, 6, 6], 1, 4));
    assert.ok(usual.every((score) => score < far), statistic);
  }
});

Deno.test("k-means finds separated clusters, keeps every centre alive and repeats by seed", () => {
  const random = new Random(3);
  const x = matrix(
    Float64Array.from({ length: 600 }, (_, i) => (Math.floor(i / 2) % 5) * 20 + random.normal()),
    300,
    2,
  );
  const result = kMeans(x, 5, { seed: 1 });
  for (let i = 5; i < 300; i++) assert.equal(result.clusters[i], result.clusters[i % 5]);
  // Five clusters of two independent unit-variance coordinates: 2 per object, less one mean a cluster.
  assert.ok(Math.abs(result.inertia - 2 * 295) < 6 * Math.sqrt(4 * 300));
  assert.deepEqual(kMeans(x, 5, { seed: 1 }), result);
  const copies = kMeans(matrix([1, 1, 1, 1, 2], 5, 1), 2, { seed: 1 });
  assert.equal(copies.inertia, 0);
  assert.throws(() => kMeans(matrix([1, 2], 2, 1), 3, { seed: 1 }), /at least 3 rows, found 2/);
});
