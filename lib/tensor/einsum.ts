// Einstein sums as matrix products: every contraction of two tensors is a batched product of matrices after at most one
// transposition of each operand and one of the result.
import { EphemeraError } from "../core/mod.ts";

/** An equation such as `bqhd,bkhd->bhqk`, read. */
export interface EinsumEquation {
  operands: string[];
  output: string;
}

/** Reads an equation; an index may occur once in each operand, and every index of the output occurs in an operand. */
export function readEquation(equation: string): EinsumEquation {
  const refuse = (expected: string, remedy: string) =>
    new EphemeraError({ expected, found: `"${equation}"`, where: "einsum", remedy });
  const [left, output, ...rest] = equation.replaceAll(" ", "").split("->");
  if (output === undefined || rest.length > 0) {
    throw refuse("an equation with one arrow", 'write it as "ij,jk->ik"');
  }
  const operands = left.split(",");
  if (![...operands, output].every((indices) => /^[a-zA-Z]*$/.test(indices))) {
    throw refuse("letters as indices", "name every axis instead of using an ellipsis");
  }
  if ([...operands, output].some((indices) => new Set(indices).size !== indices.length)) {
    throw refuse("every index once in an operand and in the output", "take the diagonal before the product");
  }
  if ([...output].some((index) => !left.includes(index))) {
    throw refuse("indices of the output that an operand has", "add the missing axis afterwards");
  }
  return { operands, output };
}

/** What {@link contract} needs of the tensors that it works on; operations must not change their arguments. */
export interface ContractionOperations<T> {
  reshape(x: T, shape: number[]): T;
  transpose(x: T, order: number[]): T;
  sum(x: T, axes: number[]): T;
  /** Product of [batch, rows, columns] matrices, each optionally stored transposed. */
  matMul(a: T, b: T, transposeA: boolean, transposeB: boolean): T;
}

interface Labelled<T> {
  tensor: T;
  labels: string;
}

function size(shape: number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

function reorder<T>(ops: ContractionOperations<T>, { tensor, labels }: Labelled<T>, wanted: string): T {
  return labels === wanted
    ? tensor
    : ops.transpose(tensor, [...wanted].map((index) => labels.indexOf(index)));
}

/** Sums over the indices that `keep` does not contain. */
function sumOver<T>(
  ops: ContractionOperations<T>,
  { tensor, labels }: Labelled<T>,
  keep: string,
): Labelled<T> {
  const axes = [...labels].map((index, axis) => keep.includes(index) ? -1 : axis).filter((axis) => axis >= 0);
  if (axes.length === 0) return { tensor, labels };
  return {
    tensor: ops.sum(tensor, axes),
    labels: [...labels].filter((index) => keep.includes(index)).join(""),
  };
}

function contractPair<T>(
  ops: ContractionOperations<T>,
  first: Labelled<T>,
  second: Labelled<T>,
  output: string,
  sizes: Map<string, number>,
): Labelled<T> {
  const a = sumOver(ops, first, output + second.labels), b = sumOver(ops, second, output + first.labels);
  const pick = (labels: string, test: (index: string) => boolean) => [...labels].filter(test).join("");
  const batch = pick(output, (index) => a.labels.includes(index) && b.labels.includes(index));
  const freeA = pick(output, (index) => a.labels.includes(index) && !b.labels.includes(index));
  const freeB = pick(output, (index) => b.labels.includes(index) && !a.labels.includes(index));
  const summed = pick(a.labels, (index) => b.labels.includes(index) && !output.includes(index));
  const count = (labels: string) => size([...labels].map((index) => sizes.get(index)!));
  // The stored order that needs no transposition, where there is one.
  const turnA = a.labels === batch + summed + freeA, turnB = b.labels === batch + freeB + summed;
  const [n, m, k, w] = [count(batch), count(freeA), count(summed), count(freeB)];
  const left = reorder(ops, a, turnA ? batch + summed + freeA : batch + freeA + summed);
  const right = reorder(ops, b, turnB ? batch + freeB + summed : batch + summed + freeB);
  const product = ops.matMul(
    ops.reshape(left, turnA ? [n, k, m] : [n, m, k]),
    ops.reshape(right, turnB ? [n, w, k] : [n, k, w]),
    turnA,
    turnB,
  );
  const labels = batch + freeA + freeB;
  return { tensor: ops.reshape(product, [...labels].map((index) => sizes.get(index)!)), labels };
}

/**
 * The Einstein sum of `tensors` with the indices `operands`, from left to right.
 *
 * @param output indices of the result, in its order.
 * @throws EphemeraError when the operands disagree about the size of an index.
 */
export function contract<T extends { shape: number[] }>(
  ops: ContractionOperations<T>,
  operands: string[],
  output: string,
  tensors: T[],
): T {
  const sizes = new Map<string, number>();
  operands.forEach((labels, i) => {
    const { shape } = tensors[i];
    const agree = labels.length === shape.length &&
      [...labels].every((index, d) => (sizes.get(index) ?? shape[d]) === shape[d]);
    if (!agree) {
      throw new EphemeraError({
        expected: `axes "${labels}" of sizes that agree with the other operands`,
        found: `shape [${shape}]`,
        where: "einsum",
      });
    }
    [...labels].forEach((index, d) => sizes.set(index, shape[d]));
  });
  let result: Labelled<T> = { tensor: tensors[0], labels: operands[0] };
  for (let i = 1; i < tensors.length; i++) {
    const later = operands.slice(i + 1).join("");
    const needed = [
      ...new Set(output + [...result.labels, ...operands[i]].filter((x) => later.includes(x)).join("")),
    ];
    const kept = needed.filter((index) => result.labels.includes(index) || operands[i].includes(index)).join(
      "",
    );
    result = contractPair(ops, result, { tensor: tensors[i], labels: operands[i] }, kept, sizes);
  }
  return reorder(ops, sumOver(ops, result, output), output);
}
