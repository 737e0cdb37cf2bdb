/** Images: what is stored, and what it means with BSCALE, BZERO and BLANK (FITS Standard 4.0, sections 4.4.2.5, 5, 7.1). */
import { demand } from "../../core/mod.ts";
import { bigEndian, type NumberArray, physicalNumbers } from "./big_endian.ts";
import { axes, bitpix, type FitsHdu } from "./hdu.ts";

/** An image with physical values. */
export interface FitsImage {
  /** Sizes of the axes, the slowest first: [height, width] for a plane. */
  shape: readonly number[];
  /** Values row by row; NaN where blank. */
  pixels: Float32Array | Float64Array;
}

/** An image as stored: neither BSCALE and BZERO nor BLANK are looked at. */
export interface FitsStoredImage {
  /** Sizes of the axes, the slowest first. */
  shape: readonly number[];
  /** Values row by row, in the type that BITPIX says. */
  pixels: NumberArray;
}

const TYPES = {
  8: "Uint8",
  16: "Int16",
  32: "Int32",
  64: "BigInt64",
  "-32": "Float32",
  "-64": "Float64",
} as const;

/**
 * Returns an image's stored values, in the type of its BITPIX. 64-bit integers are exact.
 * @throws EphemeraError when the part is not an image.
 */
export function storedPixels(hdu: FitsHdu): FitsStoredImage {
  demand(hdu.kind === "image", () => ({
    expected: "an image",
    found: hdu.header.has("ZIMAGE") ? "a compressed image" : `a part of kind "${hdu.kind}"`,
    where: hdu.where,
    remedy: hdu.header.has("ZIMAGE") ? "unpack it with funpack" : "take another HDU",
  }));
  const sizes = axes(hdu.header), type = TYPES[bitpix(hdu.header) as keyof typeof TYPES];
  const count = sizes.length === 0 ? 0 : sizes.reduce((a, b) => a * b, 1);
  return { shape: sizes.toReversed(), pixels: bigEndian(type, hdu.data, 0, count, 1, 0) };
}

/**
 * Returns an image's physical values, BZERO + BSCALE x stored, NaN where an integer equals BLANK. 32-bit floats without
 * scaling stay 32-bit; all else becomes 64-bit floats, so that 64-bit integers beyond 2^53 are rounded
 * ({@link storedPixels} has them exactly).
 * @throws EphemeraError when the part is not an image.
 */
export function imagePixels(hdu: FitsHdu): FitsImage {
  const { shape, pixels } = storedPixels(hdu), { header } = hdu;
  const scale = header.number("BSCALE", 1), zero = header.number("BZERO", 0);
  const plain = scale === 1 && zero === 0;
  if (plain && (pixels instanceof Float32Array || pixels instanceof Float64Array)) return { shape, pixels };
  const blank = header.number("BITPIX") > 0 && typeof header.get("BLANK") === "number"
    ? header.number("BLANK")
    : undefined;
  return { shape, pixels: physicalNumbers(pixels, scale, zero, blank) };
}
