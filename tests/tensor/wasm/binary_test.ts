import { tf } from "../../../lib/tensor/mod.ts";
import { agree, generator, integer, size } from "./compare.ts";

const arithmetic: Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  maximum: tf.maximum,
  minimum: tf.minimum,
  squaredDifference: tf.squaredDifference,
};
const comparisons: Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor> = {
  equal: tf.equal,
  notEqual: tf.notEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
};

/** Two shapes that broadcast, with axes of size 1 and missing leading axes. */
function broadcastShapes(random: () => number): [number[], number[]] {
  const rank = integer(random, 0, 5),
    shape = Array.from({ length: rank }, () => size(random, rank > 3 ? 5 : 9) % 10);
  const thin = () =>
    shape.map((n) => random() < 0.3 ? 1 : n).slice(random() < 0.3 ? integer(random, 0, rank) : 0);
  return random() < 0.3 ? [shape, thin()] : [thin(), thin()];
}

for (const [name, operation] of Object.entries(arithmetic)) {
  Deno.test(`${name} and its gradients agree with the cpu backend for broadcast shapes`, async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const random = generator(seed), [a, b] = broadcastShapes(random);
      const low = name === "div" ? 0.5 : -2;
      await agree((x, y) => operation(x, y), {
        seed,
        inputs: [{ shape: a, low }, { shape: b, low }],
        gradient: true,
        tolerance: 1e-4,
      });
    }
  });
}

for (const [name, operation] of Object.entries(comparisons)) {
  Deno.test(`${name} agrees with the cpu backend for broadcast shapes`, async () => {
    for (let seed = 1; seed <= 15; seed++) {
      const random = generator(seed), [a, b] = broadcastShapes(random);
      const values = Array.from({ length: 97 }, () => integer(random, -2, 2));
      await agree((x, y) => operation(x, y), {
        seed,
        inputs: [{ shape: a, values }, { shape: b, values: values.toReversed() }],
      });
    }
  });
}

Deno.test("large operands that are divided over threads agree with the cpu backend", async () => {
  const shapes: [number[], number[]][] = [
    [[130_001], [130_001]],
    [[130_001], []],
    [[], [130_001]],
    [[401, 333], [333]],
    [[401, 333], [401, 1]],
    [[401, 1], [1, 333]],
    [[7, 1, 99, 301], [5, 1, 301]],
  ];
  for (const [a, b] of shapes) {
    await agree((x, y) => tf.sub(x, y), { seed: 1, inputs: [{ shape: a }, { shape: b }] });
    await agree((x, y) => tf.less(x, y), { seed: 1, inputs: [{ shape: a }, { shape: b }] });
  }
});

Deno.test("special values agree with the cpu backend", async () => {
  const values = [0, -0, 1, -1, 1e38, -1e38, Infinity, -Infinity, NaN], n = values.length;
  for (const operation of Object.values({ ...arithmetic, ...comparisons })) {
    await agree((x, y) => operation(x, y), {
      seed: 1,
      inputs: [{ shape: [n, 1], values }, { shape: [1, n], values }],
    });
  }
});

Deno.test("integer and boolean operands keep their types", async () => {
  const inputs = [{ shape: [3, 5], dtype: "int32" as const, low: -9, high: 9 }, {
    shape: [5],
    dtype: "int32" as const,
    low: 1,
    high: 9,
  }];
  for (const operation of [tf.add, tf.sub, tf.mul, tf.maximum, tf.less, tf.floorDiv, tf.mod]) {
    await agree((x, y) => operation(x, y), { seed: 5, inputs });
  }
  const masks = [{ shape: [7], dtype: "bool" as const }, { shape: [7], dtype: "bool" as const }];
  await agree((x, y) => tf.logicalAnd(x, y), { seed: 5, inputs: masks });
  await agree((x, y) => tf.logicalOr(x, tf.logicalNot(y)), { seed: 6, inputs: masks });
  for (const shape of [[1], [16], [35], [3, 0], [4, 13]]) {
    const same = [{ shape, dtype: "bool" as const }, { shape, dtype: "bool" as const }];
    await agree((x, y) => [tf.logicalAnd(x, y), tf.logicalOr(x, y), tf.logicalXor(x, y)], {
      seed: 7,
      inputs: same,
    });
  }
});

Deno.test("powers agree with the cpu backend, the cheap exponents too", async () => {
  for (const exponent of [2, 0.5, -1, 1, 3, -0.5, 1.7]) {
    await agree((x) => tf.pow(x, exponent), {
      seed: 7,
      inputs: [{ shape: [37], low: 0.1, high: 3 }],
      gradient: true,
      tolerance: 1e-4,
    });
  }
  await agree((x, y) => tf.pow(x, y), {
    seed: 8,
    inputs: [{ shape: [5, 4], low: 0.1 }, { shape: [4] }],
    gradient: true,
    tolerance: 1e-4,
  });
});

Deno.test("sums of several tensors agree with the cpu backend", async () => {
  for (const n of [1, 2, 3, 5]) {
    const inputs = Array.from({ length: n }, () => ({ shape: [3, 11] }));
    await agree((...tensors) => tf.addN(tensors), { seed: n, inputs, gradient: true });
  }
});

Deno.test("selection by a mask agrees with the cpu backend", async () => {
  for (const shape of [[], [1], [4], [5], [3, 7], [2, 3, 5]]) {
    await agree((mask, a, b) => tf.where(mask, a, b), {
      seed: 9,
      inputs: [{ shape, dtype: "bool" }, { shape }, { shape }],
      gradient: true,
    });
  }
  await agree((mask, a, b) => tf.where(mask, a, b), {
    seed: 9,
    inputs: [{ shape: [4, 1], dtype: "bool" }, { shape: [4, 3] }, { shape: [1, 3] }],
  });
});

Deno.test("the slopes of prelu and elu agree with the cpu backend", async () => {
  await agree((x, slope) => tf.prelu(x, slope), {
    seed: 3,
    inputs: [{ shape: [3, 5, 7] }, { shape: [7] }],
    gradient: true,
    tolerance: 1e-4,
  });
  await agree((x) => tf.elu(x), { seed: 3, inputs: [{ shape: [3, 5, 7] }], gradient: true });
});
