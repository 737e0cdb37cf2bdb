// BatchMatMul and _FusedMatMul: all transpositions, any batch broadcast, bias and activation fused.
import { demand } from "../../../core/mod.ts";
import { tf } from "../../tf.ts";
import { type KernelCall, registerWasmKernel, type WasmEngine } from "../engine.ts";
import { withOutputs, withScratch } from "./scratch.ts";

/** Multiply-adds below which a second thread costs more than it saves. */
const THREADED = 400_000;

/** Multiply-adds of one matrix from which a BLAS library is faster, its call included. */
const FOREIGN = 1_000_000;

/** The codes of assembly/epilogue.ts. */
const activations: Record<string, number> = {
  linear: 0,
  relu: 1,
  relu6: 2,
  elu: 3,
  sigmoid: 4,
  leakyrelu: 5,
};

/** Code of an activation that the kernels fuse, undefined for one that they do not (prelu). */
export function activationCode(name: string | undefined | null): number | undefined {
  return activations[name ?? "linear"];
}

interface Epilogue {
  bias: number;
  biasStep: number;
  activation: number;
  alpha: number;
}

const plain: Epilogue = { bias: 0, biasStep: 0, activation: 0, alpha: 0 };

/** For each output batch the matrix of a and of b that it takes, as pairs. */
function batchPairs(outer: number[], outerA: number[], outerB: number[]): Int32Array {
  const batches = tf.util.sizeFromShape(outer), pairs = new Int32Array(2 * batches);
  for (const [which, own] of [[0, outerA], [1, outerB]] as const) {
    const padded = [...new Array(outer.length - own.length).fill(1), ...own];
    const strides = new Array<number>(outer.length).fill(0);
    for (let d = outer.length - 1, stride = 1; d >= 0; d--) {
      strides[d] = padded[d] === 1 ? 0 : stride;
      stride *= padded[d];
    }
    for (let n = 0; n < batches; n++) {
      let rest = n, index = 0;
      for (let d = outer.length - 1; d >= 0; d--) {
        index += (rest % outer[d]) * strides[d];
        rest = Math.floor(rest / outer[d]);
      }
      pairs[2 * n + which] = index;
    }
  }
  return pairs;
}

/**
 * How many parts the rows and the columns of a result are divided into. Each thread packs the rows of A and the columns of
 * B that its part needs, so the best grid is the one with the smallest sum of the two.
 */
function grid(rows: number, columns: number, threads: number): [down: number, across: number] {
  let best: [number, number] = [threads, 1], least = Infinity;
  for (let down = 1; down <= threads; down++) {
    if (threads % down !== 0) continue;
    const cost = rows / down + columns * down / threads;
    if (cost < least) [best, least] = [[down, threads / down], cost];
  }
  return best;
}

function product(
  engine: WasmEngine,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
  { bias, biasStep, activation, alpha }: Epilogue,
): tf.TensorInfo {
  const [rowsA, columnsA] = a.shape.slice(-2), [rowsB, columnsB] = b.shape.slice(-2);
  const M = transposeA ? columnsA : rowsA, K = transposeA ? rowsA : columnsA;
  const N = transposeB ? rowsB : columnsB, innerB = transposeB ? columnsB : rowsB;
  demand(K === innerB, () => ({
    expected: "equal inner dimensions",
    found:
      `${K} and ${innerB} of [${a.shape}] and [${b.shape}], transposeA=${transposeA}, transposeB=${transposeB}`,
    where: "matMul",
  }));
  const outerA = a.shape.slice(0, -2), outerB = b.shape.slice(0, -2);
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(outerA, outerB);
  const batches = tf.util.sizeFromShape(outer), batchesB = tf.util.sizeFromShape(outerB);
  const [out] = withOutputs(
    engine,
    [[...outer, M, N]],
    ([out]) => withScratch(engine, (scratch) => fill(out, scratch)),
  );
  return out;

  function fill(out: tf.TensorInfo, scratch: (bytes: number) => number): void {
    if (batches * M * N === 0) return;
    const pa = engine.pointer(a), pb = engine.pointer(b), po = engine.pointer(out);
    const ta = transposeA ? 1 : 0, tb = transposeB ? 1 : 0;
    const work = batches * M * N * K, workspace = engine.exports.sgemmScratch();
    const limit = work < THREADED ? 1 : engine.threads;
    const tail = [bias, biasStep, activation, alpha];
    // Untransposed rows of all batches are rows of one tall matrix when there is one b.
    const tall = batchesB === 1 && !transposeA;
    if (engine.blas && (work / (tall ? 1 : batches)) >= FOREIGN) {
      const rows = tall ? M * batches : M, pairs = tall ? [0, 0] : batchPairs(outer, outerA, outerB);
      for (let n = 0; 2 * n < pairs.length; n++) {
        const addresses: [number, number, number] = [
          pa + 4 * M * K * pairs[2 * n],
          pb + 4 * K * N * pairs[2 * n + 1],
          po + 4 * M * N * n,
        ];
        engine.blas.multiply(transposeA, transposeB, [rows, N, K], addresses);
      }
      if (bias !== 0 || activation !== 0) {
        const ranges = engine.shards(M * batches, 1, limit);
        engine.run("epilogue", ranges.map(([from, to]) => [po + 4 * N * from, N, to - from, N, ...tail]));
      }
      return;
    }
    if ((batches === 1 || tall) && N === 1) {
      // One column: as a row, (op(A) b)' = b' op(A)', which wastes no lanes.
      const rows = tall ? M * batches : M, ranges = engine.shards(rows, 8, limit);
      const ws = ranges.map(() => scratch(workspace)), ldb = transposeA ? M : K;
      engine.run(
        "sgemmFused",
        ranges.map(([from, to], i) => [
          ...[
            0,
            1 - ta,
            1,
            to - from,
            K,
            pb,
            K,
            pa + 4 * (transposeA ? from : from * K),
            ldb,
            po + 4 * from,
            rows,
          ],
          ...[ws[i], bias, 0, activation, alpha],
        ]),
      );
      return;
    }
    if (batches === 1 || tall) {
      const rows = tall ? M * batches : M, lda = transposeA ? M : K, ldb = transposeB ? K : N;
      const [down, across] = grid(rows, N, limit), panel = engine.exports.panelColumns();
      const columns = engine.shards(N, panel, across);
      const parts = engine.shards(rows, 5, down).flatMap((part) =>
        columns.map((column) => [...part, ...column])
      );
      const ws = parts.map(() => scratch(workspace));
      engine.run(
        "sgemmFused",
        parts.map(([top, bottom, left, right], i) => [
          ...[ta, tb, bottom - top, right - left, K],
          ...[pa + 4 * (transposeA ? top : top * K), lda, pb + 4 * (transposeB ? left * K : left), ldb],
          ...[
            po + 4 * (top * N + left),
            N,
            ws[i],
            bias && bias + left * biasStep,
            biasStep,
            activation,
            alpha,
          ],
        ]),
      );
      return;
    }
    const pairs = batchPairs(outer, outerA, outerB), table = scratch(pairs.byteLength);
    engine.heap.integers.set(pairs, table / 4);
    const ranges = engine.shards(batches, 1, limit), ws = ranges.map(() => scratch(workspace));
    engine.run(
      "bgemm",
      ranges.map(([from, to], i) => [from, to, ta, tb, M, N, K, pa, pb, table, po, ws[i], ...tail]),
    );
  }
}

function bothFloat(a: tf.TensorInfo, b: tf.TensorInfo): boolean {
  return a.dtype === "float32" && b.dtype === "float32";
}

interface MatMulAttributes {
  transposeA: boolean;
  transposeB: boolean;
  activation?: string;
  leakyreluAlpha?: number;
}

type Result = tf.TensorInfo | tf.TensorInfo[];

function batchMatMul(engine: WasmEngine, call: KernelCall<MatMulAttributes>): Result {
  const { a, b } = call.inputs, { transposeA, transposeB } = call.attrs;
  if (!bothFloat(a, b)) return engine.fallback("BatchMatMul", call);
  return product(engine, a, b, transposeA, transposeB, plain);
}

function fusedMatMul(engine: WasmEngine, call: KernelCall<MatMulAttributes>): Result {
  const { a, b } = call.inputs, bias: tf.TensorInfo | undefined = call.inputs.bias;
  const { transposeA, transposeB, leakyreluAlpha } = call.attrs;
  const activation = activationCode(call.attrs.activation), columns = b.shape.at(transposeB ? -2 : -1)!;
  const size = bias ? tf.util.sizeFromShape(bias.shape) : 0;
  const rowBias = !bias || size === 1 || (size === columns && bias.shape.at(-1) === columns);
  if (!bothFloat(a, b) || activation === undefined || !rowBias || (bias && bias.dtype !== "float32")) {
    return engine.fallback("_FusedMatMul", call);
  }
  return product(engine, a, b, transposeA, transposeB, {
    bias: bias ? engine.pointer(bias) : 0,
    biasStep: size === 1 ? 0 : 4,
    activation,
    alpha: leakyreluAlpha ?? 0.2,
  });
}

/** Registers the matrix products. */
export function registerMatrixProducts(): void {
  registerWasmKernel("BatchMatMul", batchMatMul);
  registerWasmKernel("_FusedMatMul", fusedMatMul);
}
