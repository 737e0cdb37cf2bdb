import type { Random } from "../../core/mod.ts";
import { type Matrix, zeros } from "../../numerics/mod.ts";
import { PrincipalComponents } from "../transforms/principal_components.ts";

/**
 * Returns a first layout in two dimensions: the first two principal components, the first with the given standard deviation,
 * and a hundredth of that as noise, so that equal rows can part.
 */
export function startingLayout(x: Matrix, deviation: number, random: Random): Matrix {
  const layout = zeros(x.rows, 2);
  const found = new PrincipalComponents({ components: Math.min(2, x.columns) }).fit(x);
  const scores = found.transform(x);
  const scale = found.variances[0] > 0 ? deviation / Math.sqrt(found.variances[0]) : 0;
  for (let i = 0; i < x.rows; i++) {
    for (let c = 0; c < 2; c++) {
      const score = c < scores.columns ? scores.data[i * scores.columns + c] : 0;
      layout.data[2 * i + c] = scale * score + random.normal(0, 0.01 * deviation);
    }
  }
  return layout;
}
