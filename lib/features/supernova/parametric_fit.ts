import { quantile } from "../../numerics/mod.ts";
import { type ObjectCurve, type ObjectFeature, rowsByBand } from "../object_feature.ts";
import { errorsOf } from "./detection_features.ts";
import { PARAMETERS, parametricFlux, SIZE } from "./parametric_model.ts";

/** Options of {@link fitSupernova}. */
export interface SupernovaFitOptions {
  /**
   * How the spread of the parameters over the bands is penalised: `"root"` as the authors' code has it,
   * `weight . sqrt(variance + floor)`; `"plain"` as paper 001 prints it (eq. 4.7), without the root.
   */
  penalty?: "root" | "plain";
  /** Most Levenberg-Marquardt steps a descent; default 400. */
  maxSteps?: number;
}

/**
 * A fit of the supernova model to all bands of an object. A failure is a value too: `converged` is false and
 * `reason` says why; the parameters are NaN when there was nothing to fit, and where the descent stood when
 * it ran out of steps.
 */
export interface SupernovaFit {
  /** Whether the cost had settled. */
  converged: boolean;
  /** Why not. */
  reason?: string;
  /**
   * Six parameters a band, in the order of the bands; NaN for a band without observations. `t0` counts from
   * the first observation.
   */
  parameters: Float64Array;
  /** Chi square over (points - 6) a band; NaN with six points or fewer. */
  reducedChiSquare: Float64Array;
  /** The cost that was minimised. */
  cost: number;
  /** Levenberg-Marquardt steps of all descents. */
  steps: number;
}

/** Weights and floors of the penalty on A, t0, gamma, beta, rise, fall (paper 001, eq. 4.7). */
const WEIGHTS = [0, 1, 0.1, 20, 0.7, 0.01];
const FLOORS = [1, 0.05, 0.05, 0.005, 0.05, 0.05];

/**
 * Fits one supernova model a band, all bands at once, with a penalty that draws the bands' times and shapes
 * (not their heights) together:
 *
 *     sum ((F_b(t) - f) / (e + e0))^2 w + penalty,   e0 = half the 10th percentile of all errors,
 *
 * where w fades out fluxes that are negative beyond their error. Bounds and start are those tuned for
 * ELAsTiCC: gamma in [1, 120] d, beta in [0, 1], rise in [1, 100] d, fall in [1, 180] d, A within a factor
 * ten of the highest flux, t0 from 50 d before the first observation to the last.
 *
 * Levenberg-Marquardt with the analytic Jacobian; steps are projected on the box and parameters held where
 * the gradient pushes out of it. The root of the variance is concave, so the tangent of the root makes a
 * quadratic above it, whose curvature stands in for the penalty's.
 *
 * @param object difference fluxes with errors.
 */
export function fitSupernova(object: ObjectCurve, options: SupernovaFitOptions = {}): SupernovaFit {
  const { penalty = "root", maxSteps = 400 } = options;
  const problem = prepare(object);
  const bands = object.bands.length;
  const parameters = new Float64Array(bands * SIZE).fill(NaN);
  const reducedChiSquare = new Float64Array(bands).fill(NaN);
  const failed = (reason: string, steps: number): SupernovaFit => ({
    converged: false,
    reason,
    parameters,
    reducedChiSquare,
    cost: NaN,
    steps,
  });
  if (typeof problem === "string") return failed(problem, 0);
  let best = descend(problem, problem.start, penalty, maxSteps);
  if (best === undefined) return failed("the cost at the start is not finite", 0);
  let steps = best.steps;
  for (let restart = 0; restart < RESTARTS; restart++) {
    const start = borrowedShape(problem, best.x);
    const again = start === undefined ? undefined : descend(problem, start, penalty, maxSteps);
    if (again === undefined) break;
    steps += again.steps;
    const better = again.value < best.value - 1e-6 * (1 + best.value);
    if (better) best = again;
    else break;
  }
  const { x, value, converged } = best;
  const { seen } = problem;
  seen.forEach((band, k) => {
    parameters.set(x.subarray(k * SIZE, (k + 1) * SIZE), band * SIZE);
    const rows = problem.rows[k];
    if (rows.length <= SIZE) return;
    let sum = 0;
    for (const i of rows) {
      sum += ((parametricFlux(problem.time[i], x, k * SIZE) - problem.flux[i]) / problem.error[i]) ** 2;
    }
    reducedChiSquare[band] = sum / (rows.length - SIZE);
  });
  return {
    converged,
    ...(converged ? {} : { reason: `no convergence in ${maxSteps} steps` }),
    parameters,
    reducedChiSquare,
    cost: value,
    steps,
  };
}

/** Times that bands which fit badly may start again from the shape of the band that fits best. */
const RESTARTS = 3;
/** A band with more than this mean square residual, in softened errors (0.44 is expected), fits badly. */
const POOR = 1;

/**
 * A descent has converged when its last steps, this many, together lowered the cost by less than this share
 * of it.
 */
const WINDOW = 6;
const TOLERANCE = 1e-5;

interface Descent {
  x: Float64Array;
  value: number;
  steps: number;
  converged: boolean;
}

function descend(
  problem: Problem,
  start: Float64Array,
  penalty: "root" | "plain",
  maxSteps: number,
): Descent | undefined {
  const state = newState(start.length);
  const trialState = newState(start.length);
  let x = start;
  let value = evaluate(problem, x, penalty, state);
  if (!Number.isFinite(value)) return undefined;
  let damping = 1e-2;
  let converged = false;
  let steps = 0;
  const history = [value];
  while (steps < maxSteps && !converged) {
    steps++;
    const next = trialStep(problem, x, state, damping);
    const trial = next === undefined ? Infinity : evaluate(problem, next, penalty, trialState);
    if (next !== undefined && trial <= value) {
      x = next;
      value = trial;
      state.gradient.set(trialState.gradient);
      state.curvature.set(trialState.curvature);
      damping = Math.max(damping * 0.3, 1e-9);
      history.push(value);
      const before = history.length > WINDOW ? history[history.length - 1 - WINDOW] : Infinity;
      converged = before - value <= TOLERANCE * (1 + value) || value === 0;
    } else {
      damping *= 5;
      // No step however short lowers the cost: a minimum to rounding.
      if (damping > 1e12) converged = true;
    }
  }
  return { x, value, steps, converged };
}

/**
 * The parameters with the shape of the best-fitted band put in place of that of each badly fitted one, its
 * height by linear least squares; undefined when none fits badly. A switch from plateau to decay that starts
 * on the wrong side of a gap stays there otherwise.
 */
function borrowedShape(problem: Problem, x: Float64Array): Float64Array | undefined {
  const { rows, time, flux, scale, lower, upper } = problem;
  const badness = rows.map((band, k) => {
    let sum = 0;
    for (const i of band) sum += ((parametricFlux(time[i], x, k * SIZE) - flux[i]) * scale[i]) ** 2;
    return sum / band.length;
  });
  const enough = (k: number) => rows[k].length > SIZE;
  let best = -1;
  for (let k = 0; k < rows.length; k++) {
    if (enough(k) && (best < 0 || badness[k] < badness[best])) best = k;
  }
  if (best < 0 || !badness.some((b, k) => k !== best && b > POOR)) return undefined;
  const start = x.slice();
  for (let k = 0; k < rows.length; k++) {
    if (k === best || badness[k] <= POOR) continue;
    start.copyWithin(k * SIZE + 1, best * SIZE + 1, (best + 1) * SIZE);
    start[k * SIZE] = 1;
    let along = 0;
    let square = 0;
    for (const i of rows[k]) {
      const shape = parametricFlux(time[i], start, k * SIZE) * scale[i];
      along += shape * flux[i] * scale[i];
      square += shape * shape;
    }
    const height = square > 0 ? along / square : x[k * SIZE];
    start[k * SIZE] = Math.min(Math.max(height, lower[k * SIZE]), upper[k * SIZE]);
  }
  return start;
}

interface Problem {
  time: Float64Array;
  flux: Float64Array;
  error: Float64Array;
  /** Square root of each point's weight over its softened error. */
  scale: Float64Array;
  /** Bands with observations, and their rows. */
  seen: number[];
  rows: number[][];
  start: Float64Array;
  lower: Float64Array;
  upper: Float64Array;
}

function prepare(object: ObjectCurve): Problem | string {
  const error = errorsOf(object, "supernova model");
  const n = object.time.length;
  if (n === 0) return "no observations";
  if (!error.every((e) => e > 0)) return "an error that is not positive";
  const time = object.time.map((t) => t - object.time[0]);
  const flux = object.value;
  const soft = 0.5 * quantile(error, 0.1);
  const scale = flux.map((f, i) => {
    const excess = f + error[i];
    const weight = excess < 0 ? Math.exp(-((excess / error[i]) ** 2)) : 1;
    return Math.sqrt(weight) / (error[i] + soft);
  });
  const all = rowsByBand(object);
  const seen = all.map((_, b) => b).filter((b) => all[b].length > 0);
  const rows = seen.map((b) => all[b]);
  // The onset is guessed from the band where the source stands out most.
  let best = 0;
  let highest = -Infinity;
  for (let i = 0; i < n; i++) {
    if (flux[i] / error[i] > highest) {
      highest = flux[i] / error[i];
      best = i;
    }
  }
  const start = new Float64Array(seen.length * SIZE);
  const lower = new Float64Array(seen.length * SIZE);
  const upper = new Float64Array(seen.length * SIZE);
  for (let k = 0; k < seen.length; k++) {
    let top = -Infinity;
    for (const i of rows[k]) top = Math.max(top, flux[i]);
    const height = Math.max(Math.abs(top), Number.MIN_VALUE);
    start.set([1.2 * height, Math.max(time[best] - 10, -50), 14, 0.5, 7, 28], k * SIZE);
    lower.set([height / 10, -50, 1, 0, 1, 1], k * SIZE);
    upper.set([height * 10, time[n - 1], 120, 1, 100, 180], k * SIZE);
  }
  return { time, flux, error, scale, seen, rows, start, lower, upper };
}

interface State {
  gradient: Float64Array;
  curvature: Float64Array;
}

const newState = (size: number): State => ({
  gradient: new Float64Array(size),
  curvature: new Float64Array(size * size),
});

/** The cost; writes half its gradient and half its approximate Hessian. */
function evaluate(problem: Problem, x: Float64Array, penalty: "root" | "plain", state: State): number {
  const { time, flux, scale, rows } = problem;
  const count = rows.length;
  const size = count * SIZE;
  const { gradient, curvature } = state;
  gradient.fill(0);
  curvature.fill(0);
  const slope = new Float64Array(SIZE);
  let cost = 0;
  for (let k = 0; k < count; k++) {
    const base = k * SIZE;
    for (const i of rows[k]) {
      const residual = (parametricFlux(time[i], x, base, slope) - flux[i]) * scale[i];
      cost += residual * residual;
      for (let a = 0; a < SIZE; a++) {
        const ja = slope[a] * scale[i];
        gradient[base + a] += ja * residual;
        const row = (base + a) * size + base;
        for (let b = 0; b <= a; b++) curvature[row + b] += ja * slope[b] * scale[i];
      }
    }
  }
  for (let a = 0; a < SIZE; a++) {
    let mean = 0;
    for (let k = 0; k < count; k++) mean += x[k * SIZE + a] / count;
    let variance = FLOORS[a];
    for (let k = 0; k < count; k++) variance += (x[k * SIZE + a] - mean) ** 2 / count;
    const root = Math.sqrt(variance);
    cost += WEIGHTS[a] * (penalty === "root" ? root : variance);
    const half = WEIGHTS[a] / count * (penalty === "root" ? 0.5 / root : 1);
    for (let k = 0; k < count; k++) {
      gradient[k * SIZE + a] += half * (x[k * SIZE + a] - mean);
      for (let l = 0; l <= k; l++) {
        curvature[(k * SIZE + a) * size + l * SIZE + a] += half * ((k === l ? 1 : 0) - 1 / count);
      }
    }
  }
  return cost;
}

/**
 * The damped Gauss-Newton step from x, projected on the box; undefined when the damped matrix is not positive
 * definite.
 */
function trialStep(
  problem: Problem,
  x: Float64Array,
  state: State,
  damping: number,
): Float64Array | undefined {
  const { lower, upper } = problem;
  const size = x.length;
  const { gradient, curvature } = state;
  const free: number[] = [];
  for (let i = 0; i < size; i++) {
    const out = (x[i] <= lower[i] && gradient[i] > 0) || (x[i] >= upper[i] && gradient[i] < 0);
    if (!out) free.push(i);
  }
  const n = free.length;
  const factor = new Float64Array(n * n);
  const step = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = free[i] * size;
    for (let j = 0; j <= i; j++) {
      let sum = curvature[row + free[j]];
      // The box gives each parameter its unit, so that one without any curvature is held back too.
      if (i === j) sum += damping * (sum + 1 / (upper[free[i]] - lower[free[i]]) ** 2);
      for (let k = 0; k < j; k++) sum -= factor[i * n + k] * factor[j * n + k];
      if (i === j) {
        if (!(sum > 0)) return undefined;
        factor[i * n + i] = Math.sqrt(sum);
      } else factor[i * n + j] = sum / factor[j * n + j];
    }
    let head = -gradient[free[i]];
    for (let k = 0; k < i; k++) head -= factor[i * n + k] * step[k];
    step[i] = head / factor[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) step[i] -= factor[k * n + i] * step[k];
    step[i] /= factor[i * n + i];
  }
  const next = x.slice();
  for (let i = 0; i < n; i++) {
    const p = free[i];
    next[p] = Math.min(Math.max(x[p] + step[i], lower[p]), upper[p]);
  }
  return next;
}

/** The parameters and reduced chi squares of {@link fitSupernova} as features: `SPM_A_u ... SPM_chi_Y`. A fit that
 * could not be made is NaN throughout; one that ran out of steps gives where it stood, as the authors' does. */
export const supernovaModel: ObjectFeature = {
  name: "SPM",
  outputs: (bands) => bands.flatMap((band) => [...PARAMETERS, "chi"].map((name) => `SPM_${name}_${band}`)),
  formula: "parameters of the penalised joint fit of the supernova parametric model",
  reference: "paper 001, section 4.4.2, eq. 4.7; Sanchez-Saez et al. 2021, AJ 161, 141",
  compute(object) {
    const { parameters, reducedChiSquare } = fitSupernova(object);
    return object.bands.flatMap((_, b) => [
      ...parameters.subarray(b * SIZE, (b + 1) * SIZE),
      reducedChiSquare[b],
    ]);
  },
};
