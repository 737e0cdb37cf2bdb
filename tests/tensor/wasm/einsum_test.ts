import assert from "node:assert/strict";
import { tf } from "../../../lib/tensor/mod.ts";
import { generator } from "./compare.ts";

/** The sum written out over all values of all indices. */
function direct(equation: string, tensors: { values: Float32Array; shape: number[] }[]): number[] {
  const [left, output] = equation.split("->"), operands = left.split(",");
  const sizes = new Map<string, number>();
  operands.forEach((labels, i) => [...labels].forEach((index, d) => sizes.set(index, tensors[i].shape[d])));
  const indices = [...sizes.keys()], total = [...output].reduce((n, index) => n * sizes.get(index)!, 1);
  const result = new Array<number>(total).fill(0), at = new Map<string, number>();
  const flat = (labels: string) =>
    [...labels].reduce((n, index) => n * sizes.get(index)! + at.get(index)!, 0);
  const visit = (depth: number) => {
    if (depth === indices.length) {
      result[flat(output)] += operands.reduce((p, labels, i) => p * tensors[i].values[flat(labels)], 1);
      return;
    }
    for (let v = 0; v < sizes.get(indices[depth])!; v++) {
      at.set(indices[depth], v);
      visit(depth + 1);
    }
  };
  visit(0);
  return result;
}

Deno.test("Einstein sums agree with the sum written out", async () => {
  const cases: [string, number[][]][] = [
    ["ij,jk->ik", [[3, 4], [4, 5]]],
    ["ij,jk->ki", [[3, 4], [4, 5]]],
    ["ji,jk->ik", [[4, 3], [4, 5]]],
    ["bhqd,bhkd->bhqk", [[2, 3, 4, 5], [2, 3, 6, 5]]],
    ["bqhd,bkhd->bhqk", [[2, 4, 3, 5], [2, 6, 3, 5]]],
    ["bhqk,bkhd->bqhd", [[2, 3, 4, 6], [2, 6, 3, 5]]],
    ["abc,cd->abd", [[2, 3, 4], [4, 5]]],
    ["abc,cde->abde", [[2, 3, 4], [4, 5, 2]]],
    ["i,j->ij", [[3], [4]]],
    ["i,i->", [[5], [5]]],
    ["ij->ji", [[3, 4]]],
    ["ijk->j", [[2, 3, 4]]],
    ["ij,kj->k", [[3, 4], [2, 4]]],
    ["ij,ij->ij", [[3, 4], [3, 4]]],
    ["ij,jk,kl->il", [[2, 3], [3, 4], [4, 5]]],
    ["ij,j,ik->k", [[2, 3], [3], [2, 5]]],
  ];
  for (
    const [equation, shapes, backend] of cases.flatMap(([e, s]) => [[e, s, "cpu"], [e, s, "wasm"]] as const)
  ) {
    await tf.setBackend(backend);
    const random = generator(equation.length);
    const inputs = shapes.map((shape) => ({
      shape,
      values: Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random() - 0.5),
    }));
    const expected = direct(equation, inputs), before = tf.memory().numTensors;
    const found = tf.tidy(() =>
      tf.einsum(equation, ...inputs.map((x) => tf.tensor(x.values, x.shape))).dataSync()
    );
    assert.equal(tf.memory().numTensors, before);
    assert.equal(found.length, expected.length, equation);
    expected.forEach((value, i) => assert.ok(Math.abs(value - found[i]) < 1e-5, `${equation} element ${i}`));
  }
});

Deno.test("an equation that cannot be computed is refused with a reason", async () => {
  await tf.setBackend("wasm");
  tf.tidy(() => {
    const x = tf.ones([3, 3]);
    assert.throws(() => tf.einsum("ii->i", x), /every index once/);
    assert.throws(() => tf.einsum("ij->k", x), /that an operand has/);
    assert.throws(() => tf.einsum("ij,jk->ik", x, tf.ones([4, 3])), /agree with the other operands/);
    assert.throws(() => tf.einsum("ij,jk->ik", x), /2 tensors/);
  });
});
