import assert from "node:assert/strict";
import { Random } from "../../lib/core/mod.ts";
import { type Matrix, matrix } from "../../lib/numerics/mod.ts";
import { PrincipalComponents, trustworthiness, tsne, umap } from "../../lib/learn/mod.ts";

/** Six clusters in ten dimensions, which no plane shows apart. */
function clusters(rows: number): { x: Matrix; cluster: number[] } {
  const random = new Random(8);
  const centres = Float64Array.from({ length: 60 }, () => 3 * random.normal());
  const cluster = Array.from({ length: rows }, (_, i) => i % 6);
  const values = Float64Array.from(
    { length: rows * 10 },
    (_, p) => centres[cluster[Math.floor(p / 10)] * 10 + p % 10] + random.normal(),
  );
  return { x: matrix(values, rows, 10), cluster };
}

/** Share of objects whose nearest other object on the map is of the same cluster. */
function purity(map: Matrix, cluster: number[]): number {
  let same = 0;
  for (let i = 0; i < map.rows; i++) {
    let best = -1, least = Infinity;
    for (let j = 0; j < map.rows; j++) {
      const d = Math.hypot(map.data[2 * i] - map.data[2 * j], map.data[2 * i + 1] - map.data[2 * j + 1]);
      if (j !== i && d < least) [best, least] = [j, d];
    }
    if (cluster[best] === cluster[i]) same++;
  }
  return same / map.rows;
}

Deno.test("t-SNE and UMAP keep clusters and neighbours that a plane of principal components loses", async () => {
  const { x, cluster } = clusters(300);
  const plane = trustworthiness(x, new PrincipalComponents({ components: 2 }).fit(x).transform(x), 10);
  const maps = { "t-SNE": tsne(x, { seed: 1, iterations: 400 }), UMAP: await umap(x, { seed: 1 }) };
  for (const [name, map] of Object.entries(maps)) {
    assert.ok(purity(map, cluster) > 0.97, `${name}: ${purity(map, cluster)}`);
    const trust = trustworthiness(x, map, 10);
    assert.ok(trust > plane + 0.02 && trust > 0.9, `${name}: ${trust} against ${plane}`);
  }
});

Deno.test("maps repeat by seed", async () => {
  const { x } = clusters(60);
  assert.deepEqual(tsne(x, { seed: 1, iterations: 50 }), tsne(x, { seed: 1, iterations: 50 }));
  assert.deepEqual(await umap(x, { seed: 1, epochs: 30 }), await umap(x, { seed: 1, epochs: 30 }));
  assert.notDeepEqual(await umap(x, { seed: 1, epochs: 30 }), await umap(x, { seed: 2, epochs: 30 }));
});

Deno.test("trustworthiness follows its definition on a map that swaps two objects", () => {
  const x = matrix([0, 1, 2.1, 3.3, 4.6, 6], 6, 1);
  const map = matrix([0, 1, 2.1, 3.3, 6, 4.6], 6, 1);
  // Nearest on the map, read off by hand; then ranks in the table by counting.
  const nearestOnMap = [1, 0, 1, 2, 5, 3];
  const rank = (i: number, j: number) =>
    1 +
    [...x.data].filter((v, m) =>
      m !== i && m !== j && Math.abs(v - x.data[i]) < Math.abs(x.data[j] - x.data[i])
    ).length;
  const cost = nearestOnMap.reduce((sum, j, i) => sum + Math.max(0, rank(i, j) - 1), 0);
  assert.ok(Math.abs(trustworthiness(x, map, 1) - (1 - 2 * cost / (6 * (12 - 3 - 1)))) < 1e-12);
  assert.throws(() => trustworthiness(x, map, 3), /fewer than 3/);
  assert.throws(() => tsne(x, { seed: 1, perplexity: 9 }), /from 1 to 5, found 9/);
});
