/** Light per area to light per pixel: integrals over square pixels, finer where the light is steep. */
import { demand } from "../core/mod.ts";
import type { Image } from "./image.ts";

/** The pixels of an image and the place of a source among them. */
export interface Frame {
  /** Rows. Default 21. */
  height?: number;
  /** Columns. Default 21. */
  width?: number;
  /** Column of the source's centre, whole numbers being the middles of pixels. Default the image's middle. */
  x?: number;
  /** Row of the source's centre. Default the image's middle. */
  y?: number;
}

/** Returns a frame with its defaults filled in; refuses sides that are not whole and places that are not finite. */
export function frameOf(frame: Frame, where: string): Required<Frame> {
  const { height = 21, width = 21 } = frame, { x = (width - 1) / 2, y = (height - 1) / 2 } = frame;
  const whole = (n: number) => Number.isInteger(n) && n > 0;
  demand(whole(height) && whole(width) && Number.isFinite(x) && Number.isFinite(y), () => ({
    expected: "whole positive sides and a finite centre",
    found: `${width} x ${height}, centre ${x}, ${y}`,
    where,
  }));
  return { height, width, x, y };
}

/** Nodes and weights of three-point Gauss-Legendre quadrature on [-1/2, 1/2], exact to degree 5. */
const NODES = [[-Math.sqrt(0.15), 5 / 18], [0, 4 / 9], [Math.sqrt(0.15), 5 / 18]] as const;

/** Cells are halved at most so often: 2^-24 pixel. */
const DEEPEST = 24;

/**
 * Pixels so near to the centre, in pixels, are halved at least so often, so that no narrow peak slips between the
 * nodes.
 */
const NEAR = 1.5, NEAR_DEPTH = 3;

/**
 * Returns the integral of `density` over each pixel of a frame.
 * @param density light per square pixel at (dx, dy) from the source's centre; finite.
 * @param tolerance a cell is halved until halving it changes its integral by less than this.
 */
export function integrateOverPixels(
  density: (dx: number, dy: number) => number,
  frame: Required<Frame>,
  tolerance: number,
): Image {
  const { height, width, x, y } = frame, pixels = new Float64Array(height * width);
  const cell = (dx: number, dy: number, side: number) => {
    let sum = 0;
    for (const [u, across] of NODES) {
      for (const [v, along] of NODES) sum += across * along * density(dx + side * u, dy + side * v);
    }
    return sum * side * side;
  };
  const refine = (
    dx: number,
    dy: number,
    side: number,
    coarse: number,
    depth: number,
    least: number,
  ): number => {
    const q = side / 4, half = side / 2;
    const a = cell(dx - q, dy - q, half), b = cell(dx + q, dy - q, half);
    const c = cell(dx - q, dy + q, half), d = cell(dx + q, dy + q, half), fine = a + b + c + d;
    if (depth >= least && (Math.abs(fine - coarse) <= tolerance || depth >= DEEPEST)) return fine;
    const next = depth + 1;
    return refine(dx - q, dy - q, half, a, next, least) + refine(dx + q, dy - q, half, b, next, least) +
      refine(dx - q, dy + q, half, c, next, least) + refine(dx + q, dy + q, half, d, next, least);
  };
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const dx = column - x, dy = row - y;
      const least = Math.abs(dx) < NEAR && Math.abs(dy) < NEAR ? NEAR_DEPTH : 0;
      pixels[row * width + column] = refine(dx, dy, 1, cell(dx, dy, 1), 0, least);
    }
  }
  return { pixels, width, height };
}
