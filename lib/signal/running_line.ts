/**
 * Friedman's running lines: at each point a straight line fitted to its nearest neighbours in x, all in one
 * pass.
 *
 * The window's weighted means and second moments are updated as one point enters and one leaves (Welford's
 * updates), so the cost is linear in the number of points whatever the span, and sums of squares of large
 * times never cancel.
 */

/** What a pass of running lines returns, one number a point. */
export interface RunningLines {
  /** The line's value at the point itself. */
  value: Float64Array;
  /** The slope of the line; 0 where the window holds one x only. */
  slope: Float64Array;
}

/** Weighted moments of the points in a window. */
class Window {
  weight = 0;
  meanX = 0;
  meanY = 0;
  varianceX = 0;
  covariance = 0;

  add(x: number, y: number, w: number): void {
    const total = this.weight + w;
    const share = w / total;
    const dx = x - this.meanX;
    const dy = y - this.meanY;
    this.varianceX += this.weight * share * dx * dx;
    this.covariance += this.weight * share * dx * dy;
    this.meanX += share * dx;
    this.meanY += share * dy;
    this.weight = total;
  }

  remove(x: number, y: number, w: number): void {
    const rest = this.weight - w;
    const dx = x - this.meanX;
    const dy = y - this.meanY;
    const factor = w * this.weight / rest;
    this.varianceX -= factor * dx * dx;
    this.covariance -= factor * dx * dy;
    this.meanX -= w * dx / rest;
    this.meanY -= w * dy / rest;
    this.weight = rest;
  }

  /** Whether the spread in x is no more than the rounding error of a window `typical` wide. */
  flat(typical: number): boolean {
    return this.varianceX <= FLAT * this.weight * typical * typical;
  }

  /** The slope of the line; 0 where the window is flat. */
  slope(typical: number): number {
    return this.flat(typical) ? 0 : this.covariance / this.varianceX;
  }
}

/** Below this share of its typical size a window's spread in x is rounding error: its points share one x. */
const FLAT = 1e-13;

/**
 * Running lines over points sorted by `x`.
 *
 * The window of point i holds the rows `i - floor(s/2) ... i - floor(s/2) + s - 1` with `s = max(3,
 * floor(span N))`; at the ends it is cut short (to three points at least, so that a line is left when one of
 * them goes), or, when `period` is given, it goes round with x raised by whole periods. With `leaveOut` the
 * point itself is left out of its own line (cross-validation). Where all x of a window agree the line is the
 * weighted mean.
 *
 * @param span fraction of the points in a window, (0, 1].
 */
export function runningLines(
  x: Float64Array,
  y: Float64Array,
  weight: Float64Array,
  span: number,
  options: { period?: number; leaveOut?: boolean } = {},
): RunningLines {
  const n = x.length;
  const { period, leaveOut = false } = options;
  const width = Math.min(Math.max(3, Math.floor(span * n)), n);
  const half = width >> 1;
  const value = new Float64Array(n);
  const slope = new Float64Array(n);
  const range = Math.max(x[n - 1] - x[0], Number.MIN_VALUE);
  const typical = range * width / n;
  const window = new Window();
  const xAt = (row: number): number => {
    if (row >= n) return x[row - n] + period!;
    return row < 0 ? x[row + n] - period! : x[row];
  };
  const at = (row: number): number => row >= n ? row - n : row < 0 ? row + n : row;
  let first = period === undefined ? 0 : -half;
  let last = first - 1;
  for (let i = 0; i < n; i++) {
    let low = i - half;
    let high = low + width - 1;
    if (period === undefined) {
      low = Math.max(0, Math.min(low, n - 3));
      high = Math.min(n - 1, Math.max(high, 2));
    }
    while (last < high) {
      last++;
      window.add(xAt(last), y[at(last)], weight[at(last)]);
    }
    while (first < low) {
      window.remove(xAt(first), y[at(first)], weight[at(first)]);
      first++;
    }
    const dx = x[i] - window.meanX;
    const gradient = window.slope(typical);
    const fitted = window.meanY + gradient * dx;
    slope[i] = gradient;
    value[i] = fitted;
    if (leaveOut) {
      // The prediction without point i follows from its leverage h: (fit - h y) / (1 - h).
      const leverage = weight[i] *
        (1 / window.weight + (window.flat(typical) ? 0 : dx * dx / window.varianceX));
      if (leverage < 1 - 1e-4) {
        value[i] = (fitted - leverage * y[i]) / (1 - leverage);
      } else {
        // A point that nearly fixes the line alone: the difference of large numbers above would lose the
        // digits.
        const others = new Window();
        for (let row = low; row <= high; row++) {
          if (row !== i) others.add(xAt(row), y[at(row)], weight[at(row)]);
        }
        value[i] = others.meanY + others.slope(typical) * (x[i] - others.meanX);
      }
    }
  }
  return { value, slope };
}
