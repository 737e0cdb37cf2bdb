import type { FigureText } from "../figure.ts";

/** Options that every chart takes: the text around it and its size. */
export interface ChartOptions extends FigureText {
  /** Width in pixels. */
  width?: number;
  /** Height of the drawing in pixels, without heading and legend. */
  height?: number;
}

/** Returns the part of `options` that {@link figure} understands. */
export function textOf(options: ChartOptions): FigureText {
  const { title, titleSize, subtitle, caption, alt } = options;
  return { title, titleSize, subtitle, caption, alt };
}

/** Returns the distinct values in the order of `order` first, then of their first appearance. */
export function distinct(values: Iterable<string>, order: readonly string[] = []): string[] {
  const found = new Set(values);
  return [
    ...order.filter((value) => found.has(value)),
    ...[...found].filter((value) => !order.includes(value)),
  ];
}

/** Returns at most `most` of `count` places, evenly spaced, first and last kept. */
export function thinnedPlaces(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: most }, (_, i) => Math.round(i * (count - 1) / (most - 1)));
}
