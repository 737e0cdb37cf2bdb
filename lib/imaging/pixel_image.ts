import { demand } from "../core/mod.ts";

/**
 * An image as a plain array. A place in it is (x, y) in pixels, x along the columns and y along the rows, with the middle of the first
 * pixel at (0, 0): the middle of a stamp of 21 by 21 pixels is (10, 10).
 */
export interface PixelImage {
  /** `height * width` values, row after row. */
  pixels: ArrayLike<number>;
  /** Columns. */
  width: number;
  /** Rows. */
  height: number;
}

/** Throws unless the image has as many pixels as its sides say. */
export function checkImage(image: PixelImage, where: string): void {
  const { width, height, pixels } = image;
  demand(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0, () => ({
    expected: "whole positive width and height",
    found: `${width} x ${height}`,
    where,
  }));
  demand(pixels.length === width * height, () => ({
    expected: `${width} x ${height} = ${width * height} pixels`,
    found: `${pixels.length}`,
    where,
    remedy: "give one image of a sequence at a time, with its own width and height",
  }));
}

/** Throws unless there is one value a pixel. */
export function checkLength(values: ArrayLike<number>, length: number, name: string, where: string): void {
  demand(values.length === length, () => ({
    expected: `${length} values of ${name}, one a pixel`,
    found: `${values.length}`,
    where,
  }));
}

/** Throws unless `value` is a number above zero. */
export function checkPositive(value: number, name: string, where: string): void {
  demand(value > 0 && Number.isFinite(value), () => ({
    expected: `a positive ${name}`,
    found: String(value),
    where,
  }));
}

/** Throws unless `value` is a finite number. */
export function checkFinite(value: number, name: string, where: string): void {
  demand(Number.isFinite(value), () => ({ expected: `a finite ${name}`, found: String(value), where }));
}

/** Returns what reads a number for all pixels, or a number a pixel. */
export function perPixel(
  values: number | ArrayLike<number>,
  length: number,
  name: string,
  where: string,
): (pixel: number) => number {
  if (typeof values === "number") return () => values;
  checkLength(values, length, name, where);
  return (pixel) => values[pixel];
}

/** Pixels that may be used, and those left out because they are saturated. */
export interface UsablePixels {
  /** 1 where a pixel may be used. */
  use: Uint8Array;
  /** Pixels inside the mask at or above saturation. */
  saturated: number;
}

/**
 * Returns which pixels may be used: those of the mask (all without one) below saturation. Throws when a pixel that the mask lets
 * through is not a finite number, for a gap in the data must be said, not guessed.
 */
export function usablePixels(
  image: PixelImage,
  mask: ArrayLike<number> | undefined,
  saturation: number,
  where: string,
): UsablePixels {
  checkImage(image, where);
  const { pixels, width } = image;
  if (mask !== undefined) checkLength(mask, pixels.length, "mask", where);
  demand(!Number.isNaN(saturation), { expected: "a saturation level", found: "NaN", where });
  const use = new Uint8Array(pixels.length);
  let saturated = 0;
  for (let i = 0; i < use.length; i++) {
    if (mask !== undefined && !mask[i]) continue;
    demand(Number.isFinite(pixels[i]), () => ({
      expected: "finite pixels",
      found: String(pixels[i]),
      where: `${where}, column ${i % width}, row ${Math.floor(i / width)}`,
      remedy: "give a mask that is 0 where the image has no value",
    }));
    if (pixels[i] >= saturation) saturated++;
    else use[i] = 1;
  }
  return { use, saturated };
}
