// Copies: strided boxes, transpositions, rows picked by index.

// @ts-ignore: decorator
@inline
function copyRun(src: usize, dst: usize, bytes: usize): void {
  // memory.copy is a call out of the module; short runs are faster by hand.
  if (bytes > 256) {
    memory.copy(dst, src, bytes);
    return;
  }
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(dst + i, v128.load(src + i));
  for (; i + 4 <= bytes; i += 4) store<u32>(dst + i, load<u32>(src + i));
  for (; i < bytes; i++) store<u8>(dst + i, load<u8>(src + i));
}

/**
 * Copies a box of `rank` axes of runs of `run` bytes. `axes`: for each axis, outermost first, three 32-bit integers: its
 * size, and the bytes by which it moves the source and the target (0 repeats, negative goes backwards). Only the indices
 * from ... to of the first axis are copied.
 */
export function copyBox(src: usize, dst: usize, axes: usize, rank: i32, run: i32, from: i32, to: i32): void {
  if (rank == 0) {
    copyRun(src, dst, <usize> run);
    return;
  }
  const stepS = <usize> load<i32>(axes, 4), stepD = <usize> load<i32>(axes, 8);
  src += <usize> from * stepS;
  dst += <usize> from * stepD;
  if (rank == 1) {
    if (run == 4) {
      for (let i = from; i < to; i++) {
        store<u32>(dst, load<u32>(src));
        src += stepS;
        dst += stepD;
      }
    } else {
      for (let i = from; i < to; i++) {
        copyRun(src, dst, <usize> run);
        src += stepS;
        dst += stepD;
      }
    }
    return;
  }
  const inside = axes + 12, size = load<i32>(inside);
  for (let i = from; i < to; i++) {
    copyBox(src, dst, inside, rank - 1, run, 0, size);
    src += stepS;
    dst += stepD;
  }
}

// dst[j, i] = src[i, j] for one matrix of m x n words with row lengths of ls and ld bytes.
function transposeMatrix(src: usize, dst: usize, m: i32, n: i32, ls: usize, ld: usize): void {
  // Squares of 32 x 32 keep both sides in the first-level cache.
  for (let i0 = 0; i0 < m; i0 += 32) {
    const i1 = min(m, i0 + 32);
    for (let j0 = 0; j0 < n; j0 += 32) {
      const j1 = min(n, j0 + 32);
      let i = i0;
      for (; i + 4 <= i1; i += 4) {
        let p = src + <usize> i * ls + (<usize> j0 << 2),
          q = dst + <usize> j0 * ld + (<usize> i << 2),
          j = j0;
        for (; j + 4 <= j1; j += 4) {
          const r0 = v128.load(p),
            r1 = v128.load(p + ls),
            r2 = v128.load(p + 2 * ls),
            r3 = v128.load(p + 3 * ls);
          const x0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), x1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
          const y0 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7), y1 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
          v128.store(q, v128.shuffle<f32>(x0, x1, 0, 1, 4, 5));
          v128.store(q + ld, v128.shuffle<f32>(x0, x1, 2, 3, 6, 7));
          v128.store(q + 2 * ld, v128.shuffle<f32>(y0, y1, 0, 1, 4, 5));
          v128.store(q + 3 * ld, v128.shuffle<f32>(y0, y1, 2, 3, 6, 7));
          p += 16;
          q += 4 * ld;
        }
        for (; j < j1; j++) {
          store<u32>(q, load<u32>(p));
          store<u32>(q, load<u32>(p + ls), 4);
          store<u32>(q, load<u32>(p + 2 * ls), 8);
          store<u32>(q, load<u32>(p + 3 * ls), 12);
          p += 4;
          q += ld;
        }
      }
      for (; i < i1; i++) {
        for (let j = j0; j < j1; j++) {
          store<u32>(
            dst + <usize> j * ld + (<usize> i << 2),
            load<u32>(src + <usize> i * ls + (<usize> j << 2)),
          );
        }
      }
    }
  }
}

/**
 * A box of matrices of m x n words, each transposed. `axes` as for `copyBox`; `ls` and `ld`: bytes from one row to the next
 * in the source and in the (transposed) target.
 */
export function transposeBox(
  src: usize,
  dst: usize,
  axes: usize,
  rank: i32,
  m: i32,
  n: i32,
  ls: i32,
  ld: i32,
  from: i32,
  to: i32,
): void {
  if (rank == 0) {
    transposeMatrix(src, dst, m, n, <usize> ls, <usize> ld);
    return;
  }
  const stepS = <usize> load<i32>(axes, 4), stepD = <usize> load<i32>(axes, 8), inside = axes + 12;
  const size = rank > 1 ? load<i32>(inside) : 0;
  for (let i = from; i < to; i++) {
    transposeBox(src + <usize> i * stepS, dst + <usize> i * stepD, inside, rank - 1, m, n, ls, ld, 0, size);
  }
}

/**
 * dst[o, i] = src[o, index[i]] for runs of `run` bytes, the outer indices from ... to; `length`: size of the gathered axis,
 * `count`: number of indices; `perBatch`: 0 when all outer indices share the list, else each `outerPerBatch` of them take
 * the next list.
 */
export function gatherRows(
  src: usize,
  index: usize,
  dst: usize,
  from: i32,
  to: i32,
  length: i32,
  count: i32,
  run: i32,
  outerPerBatch: i32,
): void {
  const bytes = <usize> run;
  for (let o = from; o < to; o++) {
    const base = src + <usize> (o * length) * bytes;
    let list = index + (<usize> (o / outerPerBatch * count) << 2), d = dst + <usize> (o * count) * bytes;
    for (let i = 0; i < count; i++) {
      copyRun(base + <usize> load<i32>(list) * bytes, d, bytes);
      list += 4;
      d += bytes;
    }
  }
}

/** dst[segment[r], j] += src[r, j] for the columns j0 ... j1; rows of a negative or too large segment are left out. */
export function segmentSum(
  src: usize,
  segment: usize,
  dst: usize,
  rows: i32,
  segments: i32,
  inner: i32,
  j0: i32,
  j1: i32,
): void {
  for (let r = 0; r < rows; r++) {
    const s = load<i32>(segment + (<usize> r << 2));
    if (<u32> s >= <u32> segments) continue;
    let p = src + ((<usize> r * inner + j0) << 2), q = dst + ((<usize> s * inner + j0) << 2), j = j0;
    for (; j + 4 <= j1; j += 4) {
      v128.store(q, f32x4.add(v128.load(q), v128.load(p)));
      p += 16;
      q += 16;
    }
    for (; j < j1; j++) {
      store<f32>(q, load<f32>(q) + load<f32>(p));
      p += 4;
      q += 4;
    }
  }
}
