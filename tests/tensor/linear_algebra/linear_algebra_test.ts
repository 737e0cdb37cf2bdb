import assert from "node:assert/strict";
import fc from "fast-check";
import { tf } from "../../../lib/tensor/tf.ts";
import { Random } from "../../../lib/core/mod.ts";
import {
  cholesky,
  choleskySolve,
  logDeterminant,
  triangularSolve,
} from "../../../lib/tensor/linear_algebra/mod.ts";
import { choleskyComposed, triangularSolveComposed } from "../../../lib/tensor/linear_algebra/composed.ts";

await tf.setBackend("cpu");

/** Symmetric positive definite matrices with smallest eigenvalue above `ridge`, as nested loops of float64. */
function positiveDefinite(batch: number, n: number, seed: number, ridge = 0.5): number[][][] {
  const random = new Random(seed);
  return Array.from({ length: batch }, () => {
    const g = Array.from({ length: n }, () => Array.from({ length: n }, () => random.normal()));
    return g.map((row, i) =>
      g.map((other, j) =>
        Math.fround(row.reduce((sum, x, k) => sum + x * other[k], 0) / n + (i === j ? ridge : 0))
      )
    );
  });
}

function matrixOf(rows: number, columns: number, seed: number): number[][] {
  const random = new Random(seed);
  return Array.from(
    { length: rows },
    () => Array.from({ length: columns }, () => Math.fround(random.normal())),
  );
}

/** Gaussian elimination with row exchanges: the determinant and the solution by a way that is not Cholesky's. */
function eliminate(a: number[][], b: number[][]): { solution: number[][]; logDeterminant: number } {
  const n = a.length, m = a.map((row, i) => [...row, ...b[i]]);
  let log = 0;
  for (let j = 0; j < n; j++) {
    let best = j;
    for (let i = j; i < n; i++) if (Math.abs(m[i][j]) > Math.abs(m[best][j])) best = i;
    [m[j], m[best]] = [m[best], m[j]];
    log += Math.log(Math.abs(m[j][j]));
    for (let i = 0; i < n; i++) {
      if (i === j) continue;
      const factor = m[i][j] / m[j][j];
      for (let k = j; k < m[i].length; k++) m[i][k] -= factor * m[j][k];
    }
  }
  return { solution: m.map((row, i) => row.slice(n).map((x) => x / row[i])), logDeterminant: log };
}

async function values(tensor: tf.Tensor): Promise<number[]> {
  const data = Array.from(await tensor.data<"float32">());
  tensor.dispose();
  return data;
}

function assertClose(actual: number[], expected: number[], tolerance: number, what: string): void {
  assert.equal(actual.length, expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  actual.forEach((x, i) => {
    const difference = Math.abs(x - expected[i]);
    assert.ok(difference <= tolerance * scale, `${what}: element ${i} is ${x}, expected ${expected[i]}`);
  });
}

const sizes = fc.record({
  batch: fc.integer({ min: 1, max: 4 }),
  n: fc.integer({ min: 1, max: 24 }),
  columns: fc.integer({ min: 1, max: 5 }),
  seed: fc.integer({ min: 0, max: 1e6 }),
});

Deno.test("a Cholesky factor is lower triangular and gives the matrix back", async () => {
  await fc.assert(
    fc.asyncProperty(sizes, async ({ batch, n, seed }) => {
      const matrices = positiveDefinite(batch, n, seed);
      const factor = tf.tidy(() => cholesky(tf.tensor3d(matrices)));
      const product = await values(tf.matMul(factor, factor, false, true));
      assertClose(product, matrices.flat(2), 3e-6, "L L^T");
      const flat = await values(factor);
      flat.forEach((x, i) => assert.ok(i % n <= Math.floor(i / n) % n || x === 0, "above the diagonal"));
    }),
    { numRuns: 40 },
  );
});

Deno.test("solutions and log-determinants agree with Gaussian elimination in double precision, up to n = 64", async () => {
  const cases = fc.record({
    batch: fc.constant(2),
    n: fc.constantFrom(1, 2, 7, 21, 64),
    columns: fc.constant(3),
    seed: fc.nat(),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ batch, n, columns, seed }) => {
      const matrices = positiveDefinite(batch, n, seed);
      const right = Array.from({ length: batch }, (_, b) => matrixOf(n, columns, seed + b + 1));
      const expected = matrices.map((a, b) => eliminate(a, right[b]));
      const [solved, log] = tf.tidy(() => {
        const factor = cholesky(tf.tensor3d(matrices));
        return [choleskySolve(factor, tf.tensor3d(right)), logDeterminant(factor)];
      });
      assertClose(
        await values(solved),
        expected.flatMap(({ solution }) => solution.flat()),
        1e-5,
        "solution",
      );
      assertClose(
        await values(log),
        expected.map(({ logDeterminant }) => logDeterminant),
        1e-6,
        "log-determinant",
      );
    }),
    { numRuns: 15 },
  );
});

Deno.test("a triangular solve, transposed or not, gives the right side back when it is multiplied", async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.boolean(), async ({ batch, n, columns, seed }, transpose) => {
      const right = Array.from({ length: batch }, (_, b) => matrixOf(n, columns, seed + b));
      const product = tf.tidy(() => {
        const factor = cholesky(tf.tensor3d(positiveDefinite(batch, n, seed)));
        const above = tf.tensor3d(Array.from({ length: batch }, () => matrixOf(n, n, 5)));
        const upper = tf.sub(above, tf.linalg.bandPart(above, -1, 0)); // must not be read
        const solution = triangularSolve(tf.add(factor, upper), tf.tensor3d(right), { transpose });
        return tf.matMul(factor, solution, transpose, false);
      });
      assertClose(await values(product), right.flat(2), 1e-5, "L X");
    }),
    { numRuns: 40 },
  );
});

Deno.test("the composed operations, which devices use, agree with those on the host", async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.boolean(), async ({ batch, n, columns, seed }, transpose) => {
      const matrices = tf.tensor3d(positiveDefinite(batch, n, seed));
      const right = tf.tensor3d(Array.from({ length: batch }, (_, b) => matrixOf(n, columns, seed + b)));
      const factor = cholesky(matrices), composed = choleskyComposed(matrices);
      const solution = triangularSolve(factor, right, { transpose });
      const solutionComposed = triangularSolveComposed(factor, right, transpose);
      assertClose(await values(composed), [...await factor.data()], 1e-5, "factor");
      assertClose(await values(solutionComposed), [...await solution.data()], 3e-5, "solution");
      tf.dispose([matrices, right, factor, solution]);
    }),
    { numRuns: 25 },
  );
});

/** Checks a gradient against central differences, computed in float64 sums of float32 values of `f`. */
async function checkGradient(
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: number[][][][],
  tolerance: number,
): Promise<void> {
  // A fixed random weight on each output makes one scalar that sees them all.
  const random = new Random(11);
  const shape = tf.tidy(() => f(...inputs.map((x) => tf.tensor3d(x))).shape);
  const weights = tf.tidy(() =>
    tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal()), shape)
  );
  const scalar = (...x: tf.Tensor[]) => tf.sum(tf.mul(f(...x), weights)) as tf.Scalar;
  const gradients = tf.grads(scalar)(inputs.map((x) => tf.tensor3d(x)));
  const step = 2 ** -7;
  for (let which = 0; which < inputs.length; which++) {
    const flat = inputs[which].flat(2),
      dimensions = [inputs[which].length, inputs[which][0].length, inputs[which][0][0].length];
    const gradient = await values(gradients[which]);
    for (let i = 0; i < flat.length; i++) {
      const at = (shift: number) => {
        const moved = Float32Array.from(flat);
        moved[i] += shift;
        return tf.tidy(() => {
          const tensors = inputs.map((x) => tf.tensor3d(x) as tf.Tensor);
          tensors[which] = tf.tensor(moved, dimensions);
          const out = f(...tensors).dataSync<"float32">(), w = weights.dataSync<"float32">();
          return out.reduce((sum, x, k) => sum + x * w[k], 0);
        });
      };
      // Richardson's extrapolation: the error of the quotient is of the fourth order.
      const wide = (at(2 * step) - at(-2 * step)) / (4 * step), narrow = (at(step) - at(-step)) / (2 * step);
      const quotient = (4 * narrow - wide) / 3;
      assert.ok(
        Math.abs(gradient[i] - quotient) < tolerance * Math.max(1, Math.abs(quotient)),
        `input ${which}, element ${i}: gradient ${gradient[i]}, difference quotient ${quotient}`,
      );
    }
  }
  weights.dispose();
}

Deno.test("gradients agree with finite differences: Cholesky, solves and log-determinant", async () => {
  for (const n of [1, 2, 5]) {
    const a = positiveDefinite(2, n, n, 1), b = [matrixOf(n, 2, 3), matrixOf(n, 2, 4)];
    await checkGradient((x) => cholesky(x), [a], 2e-3);
    await checkGradient((x) => logDeterminant(cholesky(x)), [a], 2e-3);
    await checkGradient((x, y) => choleskySolve(cholesky(x), y), [a, b], 2e-3);
    for (const transpose of [false, true]) {
      await checkGradient((x, y) => triangularSolve(cholesky(x), y, { transpose }), [a, b], 2e-3);
    }
  }
});

Deno.test("the gradient of the log-determinant is the inverse, and of the quadratic form minus the outer product of the solution", async () => {
  const n = 21, a = positiveDefinite(3, n, 8), b = [1, 2, 3].map((seed) => matrixOf(n, 1, seed));
  const identity = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j)));
  const log = tf.tidy(() => tf.grad((x: tf.Tensor) => logDeterminant(cholesky(x)))(tf.tensor3d(a)));
  assertClose(
    await values(log),
    a.flatMap((each) => eliminate(each, identity).solution.flat()),
    1e-5,
    "inverse",
  );
  const quadratic = tf.tidy(() => {
    const right = tf.tensor3d(b);
    return tf.grad((x: tf.Tensor) => tf.sum(tf.square(triangularSolve(cholesky(x), right))))(tf.tensor3d(a));
  });
  const expected = a.flatMap((each, k) => {
    const { solution } = eliminate(each, b[k]);
    return solution.flatMap(([left]) => solution.map(([right]) => -left * right));
  });
  assertClose(await values(quadratic), expected, 1e-5, "outer product");
});

Deno.test("a second derivative is refused, since it would lack a part", () => {
  const first = tf.grad((x: tf.Tensor) => logDeterminant(cholesky(x)));
  assert.throws(
    () => tf.tidy(() => tf.grad((x: tf.Tensor) => tf.sum(first(x)))(tf.tensor3d([[[4]]]))),
    /Expected a first derivative/,
  );
});

Deno.test("any leading shape is kept, an empty one too, and shapes that do not fit are refused", async () => {
  const a = tf.tensor(positiveDefinite(6, 3, 1).flat(2), [2, 3, 3, 3]);
  assert.deepEqual(cholesky(a).shape, [2, 3, 3, 3]);
  assert.deepEqual(logDeterminant(cholesky(a)).shape, [2, 3]);
  assert.deepEqual(triangularSolve(cholesky(a), tf.ones([2, 3, 3, 7])).shape, [2, 3, 3, 7]);
  const one = tf.tensor2d([[4]]);
  assert.deepEqual(await values(cholesky(one)), [2]);
  assert.deepEqual(logDeterminant(one).shape, []);
  assert.throws(() => cholesky(tf.ones([2, 3])), /square matrices .*found float32 of shape \[2, 3\]/);
  assert.throws(() => triangularSolve(one, tf.ones([2, 1])), /\[1, columns\], found \[2, 1\]/);
});

Deno.test("a matrix that is not positive definite is named with its pivot, and a NaN is not called a missing ridge", () => {
  const indefinite = tf.tensor3d([[[1, 0], [0, 1]], [[1, 2], [2, 1]]]);
  assert.throws(
    () => cholesky(indefinite),
    /found a pivot of -3 in column 1 of matrix 1 of the batch .*To mend it: add a larger ridge/,
  );
  assert.throws(() => cholesky(tf.tensor2d([[NaN]])), /pivot of NaN .*not finite/);
  const composed = choleskyComposed(indefinite).dataSync();
  assert.ok(Number.isNaN(composed[7]) && composed[0] === 1);
});

Deno.test("factors, solves and their gradients leave no tensors behind", () => {
  const a = tf.tensor3d(positiveDefinite(2, 4, 1)), b = tf.ones([2, 4, 3]);
  const gradient = tf.grads((x: tf.Tensor, y: tf.Tensor) =>
    tf.add(tf.sum(choleskySolve(cholesky(x), y)), tf.sum(logDeterminant(cholesky(x))))
  );
  tf.dispose(gradient([a, b]));
  const before = tf.memory().numTensors;
  for (let i = 0; i < 20; i++) {
    tf.dispose(gradient([a, b]));
    tf.dispose([cholesky(a), choleskySolve(a, b), logDeterminant(a)]);
  }
  assert.equal(tf.memory().numTensors, before);
  tf.dispose([a, b]);
});
