import { demand } from "../../core/mod.ts";
import { minimiseScalar } from "../../numerics/mod.ts";
import { ColumnTransform, type ColumnTransformOptions } from "./column_transform.ts";
import { moments } from "./scaling.ts";

/** Options of {@link PowerTransform}. */
export interface PowerOptions extends ColumnTransformOptions {
  /** Yeo & Johnson (2000), for any values, or Box & Cox (1964), for positive ones. Default `"yeo-johnson"`. */
  method?: "yeo-johnson" | "box-cox";
  /** Whether the result is given zero mean and unit variance. Default true. */
  standardise?: boolean;
}

/**
 * Returns the Yeo-Johnson transform of y: ((y+1)^l - 1)/l or ln(y+1) at l = 0 for y >= 0; -((1-y)^(2-l) - 1)/(2-l) or
 * -ln(1-y) at l = 2 for y < 0.
 */
export function yeoJohnson(y: number, lambda: number): number {
  return y >= 0 ? power(Math.log1p(y), lambda) : -power(Math.log1p(-y), 2 - lambda);
}

/** Returns y with {@link yeoJohnson}(y, lambda) = `value`; NaN where no such y exists. */
export function inverseYeoJohnson(value: number, lambda: number): number {
  return value >= 0 ? Math.expm1(inversePower(value, lambda)) : -Math.expm1(inversePower(-value, 2 - lambda));
}

/** Returns the Box-Cox transform of a positive y, (y^l - 1)/l, or ln y at l = 0. */
export function boxCox(y: number, lambda: number): number {
  return power(Math.log(y), lambda);
}

/** Returns y with {@link boxCox}(y, lambda) = `value`; NaN where no such y exists. */
export function inverseBoxCox(value: number, lambda: number): number {
  return Math.exp(inversePower(value, lambda));
}

/** (e^(l x) - 1)/l without loss of digits near l = 0. */
function power(x: number, lambda: number): number {
  return Math.abs(lambda) < 2 ** -52 ? x : Math.expm1(lambda * x) / lambda;
}

function inversePower(value: number, lambda: number): number {
  return Math.abs(lambda) < 2 ** -52 ? value : Math.log1p(lambda * value) / lambda;
}

/**
 * Makes each column more normal by a power whose exponent maximises the normal likelihood, then standardises it. Parameters
 * of a column: lambda, mean, divisor.
 *
 * @example
 * ```ts
 * import { PowerTransform } from "ephemera/learn";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const logNormal = Float64Array.from({ length: 101 }, (_, i) => Math.exp((i - 50) / 20));
 * const { parameters } = new PowerTransform({ method: "box-cox" }).fit(matrix(logNormal, 101, 1));
 * assert.ok(Math.abs(parameters.data[0]) < 1e-6); // the logarithm
 * ```
 */
export class PowerTransform extends ColumnTransform {
  /** Family of powers. */
  readonly method: "yeo-johnson" | "box-cox";
  /** Whether the result has zero mean and unit variance. */
  readonly standardise: boolean;
  /** Kind of the model in files and messages. */
  protected readonly kind = "PowerTransform";

  /** Takes the options; nothing is learned before `fit`. */
  constructor(options: PowerOptions = {}) {
    super(options);
    this.method = options.method ?? "yeo-johnson";
    this.standardise = options.standardise ?? true;
  }

  /** Returns the parameters of one column. */
  protected fitColumn(values: Float64Array, column: number): number[] {
    if (this.method === "box-cox") {
      demand(values.every((value) => value > 0), {
        expected: "positive values",
        found: `${values.find((value) => !(value > 0))}`,
        where: `PowerTransform.fit, column ${column}`,
        remedy: 'use method "yeo-johnson"',
      });
    }
    const lambda = this.#bestLambda(values);
    if (!this.standardise) return [lambda, 0, 1];
    const { mean, deviation } = moments(values.map((value) => this.#raise(value, lambda)));
    return [lambda, mean, deviation];
  }

  /** Returns one transformed value. */
  protected forward(value: number, [lambda, mean, divisor]: Float64Array): number {
    return (this.#raise(value, lambda) - mean) / divisor;
  }

  /** Returns the value that the transform turns into this one. */
  protected backward(value: number, [lambda, mean, divisor]: Float64Array): number {
    const raised = value * divisor + mean;
    return this.method === "box-cox" ? inverseBoxCox(raised, lambda) : inverseYeoJohnson(raised, lambda);
  }

  /** Options that are saved beside the parameters. */
  protected override settings(): Record<string, unknown> {
    return { method: this.method, standardise: this.standardise };
  }

  /** Returns the transform that `save` wrote into `directory`. */
  static load(directory: string): Promise<PowerTransform> {
    return ColumnTransform.restore(
      directory,
      "PowerTransform",
      (settings) => new PowerTransform(settings as PowerOptions),
    );
  }

  #raise(value: number, lambda: number): number {
    return this.method === "box-cox" ? boxCox(value, lambda) : yeoJohnson(value, lambda);
  }

  /** The exponent of largest profile likelihood, -n/2 ln var + (l - 1) sum of the log-derivative's base. */
  #bestLambda(values: Float64Array): number {
    const first = values[0];
    if (values.every((value) => value === first)) return 1; // every exponent fits a constant alike
    const boxCoxed = this.method === "box-cox";
    let jacobian = 0;
    for (const y of values) jacobian += boxCoxed ? Math.log(y) : Math.sign(y) * Math.log1p(Math.abs(y));
    const raised = new Float64Array(values.length);
    const loss = (lambda: number) => {
      let mean = 0, square = 0;
      for (let i = 0; i < values.length; i++) {
        raised[i] = this.#raise(values[i], lambda);
        mean += raised[i] / values.length;
      }
      for (const value of raised) square += (value - mean) ** 2;
      const variance = square / values.length;
      // Far exponents squeeze the column to one number or blow it up: neither is a fit.
      if (!(variance > 1e-300) || !Number.isFinite(variance)) return Infinity;
      return 0.5 * values.length * Math.log(variance) - (lambda - 1) * jacobian;
    };
    return minimiseScalar(loss, -2, 2).x;
  }
}
