/**
 * AssemblyScript: the two inner products of a Gaussian mixture, two objects an instruction. `build.ts` beside it compiles it.
 * Arrays are doubles; x and y hold one coordinate after another, BLOCK objects apart. `l` is a multiple of 4.
 */

const BLOCK: usize = 64;
const STRIDE: usize = BLOCK << 3;

/** Writes |L x_b|^2 for the objects b < size (a multiple of 4 is computed): tiles of four rows of L by four objects. */
export function triangularSquares(L: usize, x: usize, l: i32, size: i32, total: usize): void {
  const row = (<usize> l) << 3;
  for (let b = 0; b < size; b += 4) {
    let t0 = f64x2.splat(0), t1 = t0;
    for (let i = 0; i < l; i += 4) {
      let p0 = f64x2.splat(0), p1 = p0, q0 = p0, q1 = p0, r0 = p0, r1 = p0, s0 = p0, s1 = p0;
      let f = L + (<usize> i) * row;
      let at = x + ((<usize> b) << 3);
      for (let j = 0; j < i + 4; j++) {
        const x0 = v128.load(at), x1 = v128.load(at, 16);
        const c0 = v128.load_splat<f64>(f), c1 = v128.load_splat<f64>(f + row);
        const c2 = v128.load_splat<f64>(f + 2 * row), c3 = v128.load_splat<f64>(f + 3 * row);
        p0 = f64x2.add(p0, f64x2.mul(c0, x0));
        p1 = f64x2.add(p1, f64x2.mul(c0, x1));
        q0 = f64x2.add(q0, f64x2.mul(c1, x0));
        q1 = f64x2.add(q1, f64x2.mul(c1, x1));
        r0 = f64x2.add(r0, f64x2.mul(c2, x0));
        r1 = f64x2.add(r1, f64x2.mul(c2, x1));
        s0 = f64x2.add(s0, f64x2.mul(c3, x0));
        s1 = f64x2.add(s1, f64x2.mul(c3, x1));
        f += 8;
        at += STRIDE;
      }
      t0 = f64x2.add(
        t0,
        f64x2.add(
          f64x2.add(f64x2.mul(p0, p0), f64x2.mul(q0, q0)),
          f64x2.add(f64x2.mul(r0, r0), f64x2.mul(s0, s0)),
        ),
      );
      t1 = f64x2.add(
        t1,
        f64x2.add(
          f64x2.add(f64x2.mul(p1, p1), f64x2.mul(q1, q1)),
          f64x2.add(f64x2.mul(r1, r1), f64x2.mul(s1, s1)),
        ),
      );
    }
    v128.store(total + ((<usize> b) << 3), t0);
    v128.store(total + ((<usize> b) << 3), t1, 16);
  }
}

/** Adds sum_b x_ab y_cb to sums(a, c) for c <= a, rounded up to tiles of two by four; the objects up to the next even one must be 0. */
export function addProducts(x: usize, y: usize, l: i32, size: i32, sums: usize): void {
  const end = ((<usize> size + 1) & ~1) << 3;
  for (let a = 0; a < l; a += 2) {
    const p = x + (<usize> a) * STRIDE;
    for (let c = 0; c <= a; c += 4) {
      const q = y + (<usize> c) * STRIDE;
      let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
      for (let b: usize = 0; b < end; b += 16) {
        const x0 = v128.load(p + b), x1 = v128.load(p + b, 512);
        const y0 = v128.load(q + b), y1 = v128.load(q + b, 512);
        const y2 = v128.load(q + b, 1024), y3 = v128.load(q + b, 1536);
        s0 = f64x2.add(s0, f64x2.mul(x0, y0));
        s1 = f64x2.add(s1, f64x2.mul(x0, y1));
        s2 = f64x2.add(s2, f64x2.mul(x0, y2));
        s3 = f64x2.add(s3, f64x2.mul(x0, y3));
        t0 = f64x2.add(t0, f64x2.mul(x1, y0));
        t1 = f64x2.add(t1, f64x2.mul(x1, y1));
        t2 = f64x2.add(t2, f64x2.mul(x1, y2));
        t3 = f64x2.add(t3, f64x2.mul(x1, y3));
      }
      const first = sums + (((<usize> a) * (<usize> l) + <usize> c) << 3);
      const second = first + ((<usize> l) << 3);
      collect(first, s0, s1);
      collect(first + 16, s2, s3);
      collect(second, t0, t1);
      collect(second + 16, t2, t3);
    }
  }
}

/** Adds the two lanes of each sum to two neighbouring numbers. */
function collect(at: usize, first: v128, second: v128): void {
  const low = v128.shuffle<f64>(first, second, 0, 2), high = v128.shuffle<f64>(first, second, 1, 3);
  v128.store(at, f64x2.add(v128.load(at), f64x2.add(low, high)));
}

/** Writes z - mean, coordinate by coordinate; `objects` is rounded up to a multiple of 2. */
export function centre(z: usize, mean: usize, l: i32, objects: i32, to: usize): void {
  const end = ((<usize> objects + 1) & ~1) << 3;
  for (let j: usize = 0; j < <usize> l; j++) {
    const m = v128.load_splat<f64>(mean + (j << 3));
    const from = z + j * STRIDE, target = to + j * STRIDE;
    for (let b: usize = 0; b < end; b += 16) v128.store(target + b, f64x2.sub(v128.load(from + b), m));
  }
}

/** Writes each object times its weight; `objects` is rounded up to a multiple of 2. */
export function weigh(x: usize, weights: usize, l: i32, objects: i32, to: usize): void {
  const end = ((<usize> objects + 1) & ~1) << 3;
  for (let j: usize = 0; j < <usize> l; j++) {
    const from = x + j * STRIDE, target = to + j * STRIDE;
    for (let b: usize = 0; b < end; b += 16) {
      v128.store(target + b, f64x2.mul(v128.load(from + b), v128.load(weights + b)));
    }
  }
}
