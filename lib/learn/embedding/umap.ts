import { demand, Random } from "../../core/mod.ts";
import { type Matrix, matrixFromRows, rowOf } from "../../numerics/mod.ts";
import { checkTable } from "../estimator.ts";
import { neighbourIndex } from "../neighbours/search.ts";

/** Options of {@link umap}. */
export interface UmapOptions {
  /** Seed of the layout. */
  seed: number | string;
  /** Neighbours that make up an object's surroundings. Default 15, or one less than the rows when that is fewer. */
  neighbours?: number;
  /** Least distance of two objects on the map. Default 0.1. */
  minimumDistance?: number;
  /** Dimensions of the map. Default 2. */
  dimensions?: number;
  /** Passes over the pairs. Default: 200 to 500 by the number of rows. */
  epochs?: number;
}

/**
 * Resolves to a map of the rows by uniform manifold approximation and projection (McInnes, Healy & Melville 2018), with the package
 * umap-js on our exact neighbours. It is for looking, not for measuring.
 *
 * @example
 * ```ts
 * import { umap } from "ephemera/learn";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const x = matrix(Float64Array.from({ length: 120 }, (_, i) => (i % 2) * 50 + Math.sin(i)), 60, 2);
 * const map = await umap(x, { seed: 1, epochs: 50 });
 * assert.deepEqual([map.rows, map.columns], [60, 2]);
 * ```
 */
export async function umap(x: Matrix, options: UmapOptions): Promise<Matrix> {
  checkTable(x, "umap", { minimumRows: 4 });
  const { seed, neighbours = Math.min(15, x.rows - 1), minimumDistance = 0.1, dimensions = 2, epochs } =
    options;
  demand(Number.isInteger(neighbours) && neighbours >= 2 && neighbours < x.rows, {
    expected: `from 2 to ${x.rows - 1} neighbours`,
    found: `${neighbours}`,
    where: "umap",
  });
  // Loaded here, so that nobody pays for it who does not draw maps.
  const { UMAP } = await import("umap-js");
  const random = new Random(seed).stream("UMAP");
  const model = new UMAP({
    nComponents: dimensions,
    nEpochs: epochs,
    nNeighbors: neighbours,
    minDist: minimumDistance,
    random: () => random.uniform(),
  });
  const { indices, distances } = neighbourIndex(x).query(x, neighbours);
  const split = (values: ArrayLike<number>) =>
    Array.from(
      { length: x.rows },
      (_, i) => Array.from({ length: neighbours }, (_, k) => values[i * neighbours + k]),
    );
  model.setPrecomputedKNN(split(indices), split(distances.data));
  return matrixFromRows(model.fit(Array.from({ length: x.rows }, (_, i) => Array.from(rowOf(x, i)))));
}
