/**
 * The supernova parametric model of one band (Sanchez-Saez et al. 2021, after Villar et al. 2019), in the
 * form of paper 001:
 *
 *     F(t) = A [ (1 - beta (t - t0) / gamma) (1 - s) + (1 - beta) exp(-(t - t1) / fall) s ] / (1 + exp(-(t - t0) / rise))
 *
 * with t1 = t0 + gamma and s = sigmoid((t - t1) / 2). Exponents are held within +-20, s is a step beyond |(t
 * - t1) / 2| = 10, and a step everywhere when fall < rise, where the early exponential would outgrow the
 * rise.
 */

/** Parameters of a band, in this order. */
export const PARAMETERS = ["A", "t0", "gamma", "beta", "rise", "fall"] as const;

/** Number of parameters of a band. */
export const SIZE = 6;

/**
 * The model flux at time `t`; with `gradient`, also its derivative with respect to the six parameters.
 *
 * @param t days.
 * @param parameters A (flux), t0, gamma (days), beta, rise, fall (days), from `offset` on.
 */
export function parametricFlux(
  t: number,
  parameters: Float64Array,
  offset = 0,
  gradient?: Float64Array,
): number {
  const amplitude = parameters[offset];
  const sinceStart = t - parameters[offset + 1];
  const gamma = parameters[offset + 2];
  const beta = parameters[offset + 3];
  const rise = parameters[offset + 4];
  const fall = parameters[offset + 5];
  const sinceEnd = sinceStart - gamma;
  const growth = sinceStart / rise;
  if (growth < -LIMIT) {
    gradient?.fill(0);
    return 0;
  }
  const argument = 0.5 * sinceEnd;
  const step = fall < rise || Math.abs(argument) > STEP;
  const s = step ? (argument > 0 ? 1 : 0) : 1 / (1 + Math.exp(-argument));
  const clipped = growth > LIMIT;
  const risen = 1 / (1 + Math.exp(-Math.min(growth, LIMIT)));
  const exponent = -sinceEnd / fall;
  const inside = Math.abs(exponent) <= LIMIT;
  const decay = Math.exp(Math.min(Math.max(exponent, -LIMIT), LIMIT));
  const plateau = 1 - beta * sinceStart / gamma;
  const tail = (1 - beta) * decay;
  const shape = plateau * (1 - s) + tail * s;
  const flux = amplitude * risen * shape;
  if (gradient !== undefined) {
    const height = amplitude * risen;
    const slopeOfRise = clipped ? 0 : amplitude * shape * risen * (1 - risen) / rise;
    // What moves with t1: the decay's clock and the switch from plateau to decay.
    const withEnd = (inside ? s * tail / fall : 0) - (step ? 0 : 0.5 * s * (1 - s) * (tail - plateau));
    gradient[0] = risen * shape;
    gradient[1] = height * ((1 - s) * beta / gamma + withEnd) - slopeOfRise;
    gradient[2] = height * ((1 - s) * beta * sinceStart / (gamma * gamma) + withEnd);
    gradient[3] = height * (-(1 - s) * sinceStart / gamma - s * decay);
    gradient[4] = -slopeOfRise * growth;
    gradient[5] = inside ? height * s * tail * sinceEnd / (fall * fall) : 0;
  }
  return flux;
}

const LIMIT = 20;
const STEP = 10;
