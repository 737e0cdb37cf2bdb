// Masks: selection by one, and logical operations on them. A mask has one byte an element, 0 or 1.

/** dst[n] = condition[n] ? a[n] : b[n], for 32-bit elements and one byte a condition. */
export function selectWords(condition: usize, a: usize, b: usize, dst: usize, n: i32): void {
  let i = n;
  for (; i >= 4; i -= 4) {
    const c = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(condition)));
    v128.store(dst, v128.bitselect(v128.load(a), v128.load(b), i32x4.ne(c, i32x4.splat(0))));
    condition += 4;
    a += 16;
    b += 16;
    dst += 16;
  }
  for (; i > 0; i--) {
    store<u32>(dst, load<u8>(condition) ? load<u32>(a) : load<u32>(b));
    condition += 1;
    a += 4;
    b += 4;
    dst += 4;
  }
}

// @ts-ignore: decorator
@inline
function logical(or: bool, a: usize, b: usize, dst: usize, n: i32): void {
  const zero = i8x16.splat(0), unit = i8x16.splat(1);
  let i = n;
  for (; i >= 16; i -= 16) {
    const x = i8x16.ne(v128.load(a), zero), y = i8x16.ne(v128.load(b), zero);
    v128.store(dst, v128.and(or ? v128.or(x, y) : v128.and(x, y), unit));
    a += 16;
    b += 16;
    dst += 16;
  }
  for (; i > 0; i--) {
    const x = load<u8>(a) != 0, y = load<u8>(b) != 0;
    store<u8>(dst, <u8>(or ? x || y : x && y));
    a += 1;
    b += 1;
    dst += 1;
  }
}

/** dst[n] = a[n] and b[n], for bytes. */
export function logicalAnd(a: usize, b: usize, dst: usize, n: i32): void {
  logical(false, a, b, dst, n);
}

/** dst[n] = a[n] or b[n], for bytes. */
export function logicalOr(a: usize, b: usize, dst: usize, n: i32): void {
  logical(true, a, b, dst, n);
}

/** dst[n] = not a[n], for bytes. */
export function logicalNot(a: usize, dst: usize, n: i32): void {
  const zero = i8x16.splat(0), unit = i8x16.splat(1);
  let i = n;
  for (; i >= 16; i -= 16) {
    v128.store(dst, v128.and(i8x16.eq(v128.load(a), zero), unit));
    a += 16;
    dst += 16;
  }
  for (; i > 0; i--) {
    store<u8>(dst, <u8>(load<u8>(a) == 0));
    a += 1;
    dst += 1;
  }
}
