/** The smooth form in which the project keeps passbands: two logistic edges and a polynomial between them. */

/**
 * A passband in nine numbers:
 * T(lambda) = p(x) / ((1 + exp(-(lambda - blue) / blueWidth)) (1 + exp((lambda - red) / redWidth))), where p
 * is a cubic in
 * x = (2 lambda - blue - red) / (red - blue), which runs from -1 at the blue edge to 1 at the red one. It is
 * kept from falling
 * below 0 and is 0 outside 9 widths beyond the edges, where the logistic is below 1.3e-4.
 */
export interface PassbandShape {
  /** Wavelength of the blue edge, angstrom: the logistic is one half there. */
  blue: number;
  /** Scale of the blue edge, angstrom; a tenth to nine tenths takes 4.4 of it. */
  blueWidth: number;
  /** Wavelength of the red edge, angstrom. */
  red: number;
  /** Scale of the red edge, angstrom. */
  redWidth: number;
  /** Coefficients of p, from the constant up. */
  top: readonly number[];
}

/** Edge widths after which a passband is cut off. */
const REACH = 9;

/** Returns the first and last wavelength at which a shape is not zero, angstrom. */
export function shapeRange(shape: PassbandShape): [number, number] {
  return [shape.blue - REACH * shape.blueWidth, shape.red + REACH * shape.redWidth];
}

/** Returns the throughput of a shape at a wavelength in angstrom. */
export function shapeThroughput(shape: PassbandShape, wavelength: number): number {
  const [first, last] = shapeRange(shape);
  if (!(wavelength > first && wavelength < last)) return 0;
  const x = (2 * wavelength - shape.blue - shape.red) / (shape.red - shape.blue);
  let top = 0;
  for (let k = shape.top.length - 1; k >= 0; k--) top = top * x + shape.top[k];
  const edges = (1 + Math.exp((shape.blue - wavelength) / shape.blueWidth)) *
    (1 + Math.exp((wavelength - shape.red) / shape.redWidth));
  return Math.max(0, top) / edges;
}
