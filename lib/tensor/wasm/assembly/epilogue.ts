// What a fused product does to its result while it is still in the cache: add a bias, apply an activation.
import { vexpm1, vsigmoid } from "./math";

/** Codes of the activations that `epilogue` knows; kernels/matmul.ts and the convolutions use the same ones. */
export const LINEAR: i32 = 0;
export const RELU: i32 = 1;
export const RELU6: i32 = 2;
export const ELU: i32 = 3;
export const SIGMOID: i32 = 4;
export const LEAKY_RELU: i32 = 5;

// @ts-ignore: decorator
@inline
function activate(v: v128, activation: i32, alpha: f32): v128 {
  const zero = f32x4.splat(0);
  if (activation == LINEAR) return v;
  if (activation == RELU) return f32x4.pmax(v, zero);
  if (activation == RELU6) return f32x4.pmin(f32x4.pmax(v, zero), f32x4.splat(6));
  if (activation == SIGMOID) return vsigmoid(v);
  const negative = f32x4.lt(v, zero);
  if (activation == ELU) return v128.bitselect(vexpm1(v), v, negative);
  return v128.bitselect(f32x4.mul(v, f32x4.splat(alpha)), v, negative);
}

/**
 * C[rows, columns] = activation(C + bias). `bias`: 0 for none, else the address of the first column's value; it advances
 * by one value a column when `biasStep` is 4 and stays when it is 0. `alpha`: slope of the leaky rectifier.
 */
export function epilogue(
  C: usize,
  ldc: i32,
  rows: i32,
  columns: i32,
  bias: usize,
  biasStep: i32,
  activation: i32,
  alpha: f32,
): void {
  for (let i = 0; i < rows; i++) {
    let p = C + ((<usize> i * ldc) << 2), b = bias, j = 0;
    for (; j + 4 <= columns; j += 4) {
      let v = v128.load(p);
      if (bias) v = f32x4.add(v, biasStep ? v128.load(b) : v128.load_splat<f32>(b));
      v128.store(p, activate(v, activation, alpha));
      p += 16;
      b += <usize> (biasStep << 2);
    }
    for (; j < columns; j++) {
      let v = load<f32>(p);
      if (bias) v += load<f32>(b);
      store<f32>(p, f32x4.extract_lane(activate(f32x4.splat(v), activation, alpha), 0));
      p += 4;
      b += <usize> biasStep;
    }
  }
}
