// One Adam step over any number of parameters in one pass.
import { fma } from "./vector";

/** One parameter's addresses and numbers; `lib/tensor/wasm/kernels/adam.ts` fills them in, 32 bits each. */
@unmanaged
class Slot {
  parameter: usize;
  gradient: usize;
  first: usize;
  second: usize;
  /** 0 without AMSGrad. */
  largest: usize;
  length: i32;
  /** Learning rate over 1 - beta1^t. */
  rate: f32;
  /** Factor on the parameter before the step. */
  shrink: f32;
}

const SLOT: usize = 32;

// @ts-ignore: decorator
@inline
function read(address: usize, wide: bool): v128 {
  return wide ? v128.load(address) : v128.load32_zero(address);
}

// @ts-ignore: decorator
@inline
function write(address: usize, v: v128, wide: bool): void {
  if (wide) v128.store(address, v);
  else v128.store_lane<u32>(address, v, 0);
}

// @ts-ignore: decorator
@inline
function move(
  slot: Slot,
  at: usize,
  wide: bool,
  beta1: v128,
  beta2: v128,
  rest1: v128,
  rest2: v128,
  root: v128,
  epsilon: v128,
  rate: v128,
  shrink: v128,
): void {
  const g = read(slot.gradient + at, wide);
  const m = fma(read(slot.first + at, wide), beta1, f32x4.mul(g, rest1));
  let v = fma(read(slot.second + at, wide), beta2, f32x4.mul(f32x4.mul(g, g), rest2));
  write(slot.first + at, m, wide);
  write(slot.second + at, v, wide);
  if (slot.largest) {
    v = f32x4.max(read(slot.largest + at, wide), v);
    write(slot.largest + at, v, wide);
  }
  const divisor = fma(f32x4.sqrt(v), root, epsilon);
  const p = f32x4.mul(read(slot.parameter + at, wide), shrink);
  write(slot.parameter + at, f32x4.sub(p, f32x4.mul(f32x4.div(m, divisor), rate)), wide);
}

/**
 * Moves the elements from ... to of all parameters taken as one row. `rest1` = 1 - beta1, `rest2` = 1 - beta2 (rounded
 * once, not from the rounded betas), `root` = 1 / sqrt(1 - beta2^t).
 */
export function adamStep(
  slots: usize,
  count: i32,
  from: i32,
  to: i32,
  beta1: f32,
  beta2: f32,
  rest1: f32,
  rest2: f32,
  root: f32,
  epsilon: f32,
): void {
  const b1 = f32x4.splat(beta1), b2 = f32x4.splat(beta2), r1 = f32x4.splat(rest1), r2 = f32x4.splat(rest2);
  const scale = f32x4.splat(root), small = f32x4.splat(epsilon);
  let start = 0;
  for (let k = 0; k < count && start < to; k++) {
    const slot = changetype<Slot>(slots), end = start + slot.length;
    if (end > from) {
      const rate = f32x4.splat(slot.rate), shrink = f32x4.splat(slot.shrink);
      let at = <usize> (max(from, start) - start) << 2;
      const stop = <usize> (min(to, end) - start) << 2;
      for (; at + 16 <= stop; at += 16) move(slot, at, true, b1, b2, r1, r2, scale, small, rate, shrink);
      for (; at < stop; at += 4) move(slot, at, false, b1, b2, r1, r2, scale, small, rate, shrink);
    }
    start = end;
    slots += SLOT;
  }
}
