import { demand, EphemeraError } from "../core/mod.ts";

/** Coefficients of Lanczos' approximation with g = 607/128 and 15 terms (Godfrey 2001); error below 1e-15 for x > 0. */
const LANCZOS = [
  0.99999999999999709182,
  57.156235665862923517,
  -59.597960355475491248,
  14.136097974741747174,
  -0.49191381609762019978,
  0.33994649984811888699e-4,
  0.46523628927048575665e-4,
  -0.98374475304879564677e-4,
  0.15808870322491248884e-3,
  -0.21026444172410488319e-3,
  0.21743961811521264320e-3,
  -0.16431810653676389022e-3,
  0.84418223983852743293e-4,
  -0.26190838401581408670e-4,
  0.36899182659531622704e-5,
];

/**
 * Returns `ln |Gamma(x)|` for real x; +Infinity at zero and the negative integers.
 *
 * @example
 * ```ts
 * import { logGamma } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * assert.ok(Math.abs(logGamma(5) - Math.log(24)) < 1e-14);
 * ```
 */
export function logGamma(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x <= 0) {
    if (Number.isInteger(x)) return Infinity;
    return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
  }
  if (x === Infinity || x === 1 || x === 2) return x === Infinity ? Infinity : 0;
  if (x < 0.5) return logGamma(1 + x) - Math.log(x);
  if (x > 1e3) return stirling(x);
  let sum = LANCZOS[0];
  for (let k = 1; k < LANCZOS.length; k++) sum += LANCZOS[k] / (x - 1 + k);
  const base = x + 607 / 128 - 0.5;
  return (x - 0.5) * Math.log(base) - base + 0.5 * Math.log(2 * Math.PI) + Math.log(sum);
}

function stirling(x: number): number {
  const y = 1 / (x * x);
  const series = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y / 1680))) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

/** Returns `ln B(a, b) = ln Gamma(a) + ln Gamma(b) - ln Gamma(a + b)` for positive a and b. */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** Returns the digamma function, the derivative of `ln Gamma(x)`; NaN at zero and the negative integers. */
export function digamma(x: number): number {
  if (Number.isNaN(x) || (x <= 0 && Number.isInteger(x))) return NaN;
  if (x < 0) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * x);
  let result = 0;
  // The recurrence lifts x to where the asymptotic series is exact to the last digit.
  while (x < 12) result -= 1 / x++;
  const y = 1 / (x * x);
  const series = y *
    (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240 - y * (1 / 132 - y * (691 / 32760 - y / 12))))));
  return result + Math.log(x) - 0.5 / x - series;
}

/**
 * Returns the regularised lower incomplete gamma function P(a, x): the chance that a gamma variable of shape a is below x.
 * Series below x = a + 1, Lentz's continued fraction above (Abramowitz & Stegun 6.5.29, 6.5.31).
 * Throws an EphemeraError unless a > 0 and x >= 0.
 */
export function regularisedGammaLower(a: number, x: number): number {
  checkIncomplete(a, x);
  if (x === 0) return 0;
  return x < a + 1 ? gammaSeries(a, x) : 1 - gammaFraction(a, x);
}

/** Returns the regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x), accurate where it is tiny. */
export function regularisedGammaUpper(a: number, x: number): number {
  checkIncomplete(a, x);
  if (x === 0) return 1;
  return x < a + 1 ? 1 - gammaSeries(a, x) : gammaFraction(a, x);
}

function checkIncomplete(a: number, x: number) {
  demand(a > 0 && x >= 0, {
    expected: "a positive shape and a non-negative argument",
    found: `a = ${a}, x = ${x}`,
    where: "incomplete gamma function",
  });
}

function gammaSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < 10_000; n++) {
    term *= x / (a + n);
    sum += term;
    if (Math.abs(term) < Math.abs(sum) * 1e-17) return sum * Math.exp(a * Math.log(x) - x - logGamma(a));
  }
  throw notConverged(a, x);
}

function gammaFraction(a: number, x: number): number {
  if (x === Infinity) return 0;
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < 10_000; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = numerator * d + b;
    if (Math.abs(d) < tiny) d = tiny;
    c = b + numerator / c;
    if (Math.abs(c) < tiny) c = tiny;
    d = 1 / d;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) return h * Math.exp(a * Math.log(x) - x - logGamma(a));
  }
  throw notConverged(a, x);
}

function notConverged(a: number, x: number): EphemeraError {
  return new EphemeraError({
    expected: "convergence within 10,000 terms",
    found: `a = ${a}, x = ${x}`,
    where: "incomplete gamma function",
    remedy: "use the normal approximation for shapes this large",
  });
}
