/** What stands for a value that is not there. */
export const MISSING = "—";

/** Whether `value` is no value: null, undefined, NaN or an empty text. */
export function isMissing(value: unknown): boolean {
  return value === null || value === undefined || value === "" || Number.isNaN(value);
}

/**
 * Returns a number for readers, with a true minus sign: `decimals` places, or four significant digits when not given;
 * very large and very small ones as `1.23e−7`; NaN as {@link MISSING}.
 */
export function formatNumber(value: number, decimals?: number): string {
  if (Number.isNaN(value)) return MISSING;
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  let text: string;
  if (decimals !== undefined) text = value.toFixed(decimals);
  else if (Number.isInteger(value) && size < 1e9) text = String(value);
  else if (size !== 0 && (size < 1e-4 || size >= 1e9)) text = value.toExponential(2);
  else text = value.toFixed(decimalsFor([value]));
  // toFixed(2) of -0.001 is "-0.00": a sign without a number behind it is dropped.
  return text.replace(/^-(?=[0.]*$)/, "").replaceAll("-", "−");
}

/**
 * Returns how many decimals a column of numbers needs: none for integers, otherwise so many that the largest value has
 * four significant digits (at most six decimals); undefined when the exponent form serves better.
 */
export function decimalsFor(values: readonly number[]): number | undefined {
  const finite = values.filter(Number.isFinite);
  const largest = finite.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (finite.every((value) => Number.isInteger(value)) && largest < 1e9) return 0;
  if (largest < 1e-4 || largest >= 1e9) return undefined;
  return Math.min(6, Math.max(0, 3 - Math.floor(Math.log10(largest))));
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Returns `text` with the characters that HTML reserves written as entities. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character]);
}
