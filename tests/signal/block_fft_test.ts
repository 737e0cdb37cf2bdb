import assert from "node:assert/strict";
import { Random } from "../../lib/core/mod.ts";
import { fftInPlace } from "../../lib/numerics/mod.ts";
import { blockFft } from "../../lib/signal/block_fft.ts";
import { close } from "./close.ts";

Deno.test("blockFft() equals the general transform at every length it is used for", () => {
  const random = new Random(1);
  for (let size = 4; size <= 8192; size *= 2) {
    const x = { re: new Float64Array(size), im: new Float64Array(size) };
    const placed = { re: new Float64Array(size), im: new Float64Array(size) };
    const { order, transform } = blockFft(size);
    for (let i = 0; i < size; i++) {
      x.re[i] = placed.re[order[i]] = random.normal();
      x.im[i] = placed.im[order[i]] = random.normal();
    }
    fftInPlace(x);
    transform(placed.re, placed.im);
    close(placed.re, x.re, 1e-13, `real part of ${size}`);
    close(placed.im, x.im, 1e-13, `imaginary part of ${size}`);
  }
  assert.equal(blockFft(64), blockFft(64));
});
