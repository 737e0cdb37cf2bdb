/**
 * Fast Fourier transforms of any length: an iterative radix-2 transform for powers of two, Bluestein's chirp for the rest.
 * Own code because the packages for it are unmaintained or serve powers of two alone. Arrays are split into real and
 * imaginary parts, which typed-array code runs fastest on.
 */
import { demand } from "../core/mod.ts";

/** Complex numbers as two arrays of equal length. */
export interface ComplexArray {
  /** Real parts. */
  re: Float64Array;
  /** Imaginary parts. */
  im: Float64Array;
}

/**
 * Transforms in place: X_k = sum_j x_j exp(-2 pi i j k / n); `inverse` uses the opposite sign and divides by n.
 * Any length n >= 1. Throws an EphemeraError when the two parts differ in length.
 */
export function fftInPlace(x: ComplexArray, inverse = false): void {
  const n = x.re.length;
  demand(n > 0 && x.im.length === n, {
    expected: "real and imaginary parts of one length, at least 1",
    found: `${n} and ${x.im.length}`,
    where: "fftInPlace",
  });
  // Swapping the parts turns the forward transform into the unscaled inverse one.
  const forward = inverse ? { re: x.im, im: x.re } : x;
  if ((n & (n - 1)) === 0) radix2(forward.re, forward.im);
  else bluestein(forward.re, forward.im);
  if (inverse) {
    for (let i = 0; i < n; i++) {
      x.re[i] /= n;
      x.im[i] /= n;
    }
  }
}

/**
 * Returns the n/2 + 1 non-negative frequencies of the transform of a real series of any length n.
 *
 * @example
 * ```ts
 * import { realFft } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const { re, im } = realFft([1, 0, -1, 0]);
 * assert.deepEqual([...re], [0, 2, 0]);
 * assert.ok(im.every((x) => Math.abs(x) < 1e-15));
 * ```
 */
export function realFft(x: ArrayLike<number>): ComplexArray {
  const n = x.length;
  const half = Math.floor(n / 2) + 1;
  if (n % 2 === 1) {
    const all = { re: Float64Array.from(x), im: new Float64Array(n) };
    fftInPlace(all);
    return { re: all.re.slice(0, half), im: all.im.slice(0, half) };
  }
  // Even n: the even and odd samples are packed as one complex series of half the length and parted afterwards.
  const m = n / 2;
  const packed = { re: new Float64Array(m), im: new Float64Array(m) };
  for (let i = 0; i < m; i++) {
    packed.re[i] = x[2 * i];
    packed.im[i] = x[2 * i + 1];
  }
  fftInPlace(packed);
  const re = new Float64Array(half), im = new Float64Array(half);
  for (let k = 0; k <= m; k++) {
    const a = k % m, b = (m - k) % m;
    const evenRe = 0.5 * (packed.re[a] + packed.re[b]), evenIm = 0.5 * (packed.im[a] - packed.im[b]);
    const oddRe = 0.5 * (packed.im[a] + packed.im[b]), oddIm = 0.5 * (packed.re[b] - packed.re[a]);
    const angle = -Math.PI * k / m, c = Math.cos(angle), s = Math.sin(angle);
    re[k] = evenRe + c * oddRe - s * oddIm;
    im[k] = evenIm + c * oddIm + s * oddRe;
  }
  return { re, im };
}

/** Returns the real series of length `n` whose non-negative frequencies are `x`: the inverse of {@link realFft}. */
export function inverseRealFft(x: ComplexArray, n: number): Float64Array {
  demand(x.re.length === Math.floor(n / 2) + 1 && x.im.length === x.re.length, {
    expected: `${Math.floor(n / 2) + 1} frequencies`,
    found: `${x.re.length}`,
    where: "inverseRealFft",
  });
  const all = { re: new Float64Array(n), im: new Float64Array(n) };
  for (let k = 0; k < x.re.length; k++) {
    all.re[k] = x.re[k];
    all.im[k] = x.im[k];
    if (k > 0 && k < n - k) {
      all.re[n - k] = x.re[k];
      all.im[n - k] = -x.im[k];
    }
  }
  fftInPlace(all, true);
  return all.re;
}

/** Twiddle factors cos and sin of -2 pi k / n for k < n / 2, kept for the lengths used. */
const tables = new Map<number, ComplexArray>();

function twiddles(n: number): ComplexArray {
  let table = tables.get(n);
  if (table === undefined) {
    table = { re: new Float64Array(n / 2), im: new Float64Array(n / 2) };
    for (let k = 0; k < n / 2; k++) {
      table.re[k] = Math.cos(2 * Math.PI * k / n);
      table.im[k] = -Math.sin(2 * Math.PI * k / n);
    }
    tables.set(n, table);
  }
  return table;
}

function radix2(re: Float64Array, im: Float64Array) {
  const n = re.length;
  if (n === 1) return;
  const { re: cosine, im: sine } = twiddles(n);
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      const r = re[i], m = im[i];
      re[i] = re[j];
      im[i] = im[j];
      re[j] = r;
      im[j] = m;
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size >> 1, stride = n / size;
    for (let start = 0; start < n; start += size) {
      for (let k = 0, t = 0; k < half; k++, t += stride) {
        const a = start + k, b = a + half;
        const wr = cosine[t], wi = sine[t];
        const r = re[b] * wr - im[b] * wi, m = re[b] * wi + im[b] * wr;
        re[b] = re[a] - r;
        im[b] = im[a] - m;
        re[a] += r;
        im[a] += m;
      }
    }
  }
}

function bluestein(re: Float64Array, im: Float64Array) {
  const n = re.length;
  let size = 1;
  while (size < 2 * n - 1) size *= 2;
  const chirpRe = new Float64Array(n), chirpIm = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    // k^2 modulo 2n keeps the angle small, hence exact, for long series.
    const angle = Math.PI * ((k * k) % (2 * n)) / n;
    chirpRe[k] = Math.cos(angle);
    chirpIm[k] = -Math.sin(angle);
  }
  const a = { re: new Float64Array(size), im: new Float64Array(size) };
  const b = { re: new Float64Array(size), im: new Float64Array(size) };
  for (let k = 0; k < n; k++) {
    a.re[k] = re[k] * chirpRe[k] - im[k] * chirpIm[k];
    a.im[k] = re[k] * chirpIm[k] + im[k] * chirpRe[k];
    b.re[k] = b.re[(size - k) % size] = chirpRe[k];
    b.im[k] = b.im[(size - k) % size] = -chirpIm[k];
  }
  radix2(a.re, a.im);
  radix2(b.re, b.im);
  for (let k = 0; k < size; k++) {
    const r = a.re[k] * b.re[k] - a.im[k] * b.im[k];
    a.im[k] = a.re[k] * b.im[k] + a.im[k] * b.re[k];
    a.re[k] = r;
  }
  fftInPlace(a, true);
  for (let k = 0; k < n; k++) {
    re[k] = a.re[k] * chirpRe[k] - a.im[k] * chirpIm[k];
    im[k] = a.re[k] * chirpIm[k] + a.im[k] * chirpRe[k];
  }
}
