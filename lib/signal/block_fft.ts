/**
 * The short transforms inside the non-uniform FFT: radix 4, powers of two, on input that already stands in
 * bit-reversed order.
 *
 * The caller writes few numbers into a cleared array, so it can write them to their bit-reversed places at no
 * cost; with twiddle factors laid out stage by stage this runs about twice as fast as the general transform
 * of `numerics`, to which the tests hold it.
 */
export interface BlockFft {
  /** Place of each input in the bit-reversed order. */
  order: Uint32Array;
  /**
   * Transforms in place, `X_k = sum_j x_j exp(-2 pi i j k / size)`; input bit-reversed, output in natural
   * order.
   */
  transform(re: Float64Array, im: Float64Array): void;
}

const known = new Map<number, BlockFft>();

/** The transform of a length that is a power of two, at least 4. Tables are made once a length. */
export function blockFft(size: number): BlockFft {
  let fft = known.get(size);
  if (fft === undefined) known.set(size, fft = make(size));
  return fft;
}

function make(size: number): BlockFft {
  const bits = Math.log2(size);
  const order = new Uint32Array(size);
  for (let i = 0; i < size; i++) {
    let reversed = 0;
    for (let b = 0; b < bits; b++) if (i & (1 << b)) reversed |= 1 << (bits - 1 - b);
    order[i] = reversed;
  }
  // One stage takes parts of length `quarter` to parts four times as long; its factors are v, v^2, v^3 with v
  // = exp(-2 pi i k / (4 quarter)).
  const stages: { quarter: number; factors: Float64Array }[] = [];
  for (let quarter = bits % 2 === 0 ? 1 : 2; quarter < size; quarter *= 4) {
    const factors = new Float64Array(6 * quarter);
    for (let k = 0; k < quarter; k++) {
      for (let power = 1; power <= 3; power++) {
        const angle = -2 * Math.PI * power * k / (4 * quarter);
        factors[6 * k + 2 * power - 2] = Math.cos(angle);
        factors[6 * k + 2 * power - 1] = Math.sin(angle);
      }
    }
    stages.push({ quarter, factors });
  }
  const transform = (re: Float64Array, im: Float64Array): void => {
    if (bits % 2 === 1) {
      for (let i = 0; i < size; i += 2) {
        const r = re[i + 1];
        const m = im[i + 1];
        re[i + 1] = re[i] - r;
        im[i + 1] = im[i] - m;
        re[i] += r;
        im[i] += m;
      }
    }
    for (const { quarter, factors } of stages) {
      for (let start = 0; start < size; start += 4 * quarter) {
        for (let k = 0; k < quarter; k++) {
          const vr = factors[6 * k];
          const vi = factors[6 * k + 1];
          const wr = factors[6 * k + 2];
          const wi = factors[6 * k + 3];
          const ur = factors[6 * k + 4];
          const ui = factors[6 * k + 5];
          const a = start + k;
          const b = a + quarter;
          const c = b + quarter;
          const d = c + quarter;
          const br = re[b] * wr - im[b] * wi;
          const bi = re[b] * wi + im[b] * wr;
          const cr = re[c] * vr - im[c] * vi;
          const ci = re[c] * vi + im[c] * vr;
          const dr = re[d] * ur - im[d] * ui;
          const di = re[d] * ui + im[d] * ur;
          const sumR = re[a] + br;
          const sumI = im[a] + bi;
          const restR = re[a] - br;
          const restI = im[a] - bi;
          const oddR = cr + dr;
          const oddI = ci + di;
          // -i times the difference: the quarter turn between the second and the fourth part.
          const turnR = ci - di;
          const turnI = dr - cr;
          re[a] = sumR + oddR;
          im[a] = sumI + oddI;
          re[b] = restR + turnR;
          im[b] = restI + turnI;
          re[c] = sumR - oddR;
          im[c] = sumI - oddI;
          re[d] = restR - turnR;
          im[d] = restI - turnI;
        }
      }
    }
  };
  return { order, transform };
}
