/** Sequences of stamps: one object over the exposures of its field, as columns of a {@link StampSequenceSet}. */
import { demand, Random } from "../core/mod.ts";
import { StampSequenceSet } from "../observations/mod.ts";
import type { Detector } from "./camera.ts";
import {
  checkExposure,
  expectedImage,
  exposeImage,
  type Exposure,
  type FaithfulOption,
  sourceCounts,
} from "./exposure_image.ts";
import { drawOffset, drawPixel, type Galaxy, galaxyImage, type Offset } from "./galaxy.ts";
import { convolve, cutImage, type Image, shiftImage, unitSum } from "./image.ts";
import { choosePointSpread, type PointSpreadBank } from "./point_spread_bank.ts";

/** The galaxy in an object's stamps. */
export interface Host {
  /** The galaxy; its magnitude holds in every band that `magnitudes` does not name. */
  galaxy: Galaxy;
  /** Its magnitude by band. */
  magnitudes?: Readonly<Record<string, number>>;
  /** The object's place relative to the galaxy's centre, arcsec. Default drawn from the galaxy's light. */
  offset?: Offset;
}

/** An object to make stamps of. */
export interface StampObject {
  /** Identifier, unique. The object's random numbers follow from the seed and it alone. */
  id: string;
  /** Its exposures in order of time. */
  exposures: readonly Exposure[];
  /** Its magnitude in each exposure; Infinity where it is not there. */
  magnitudes: ArrayLike<number>;
  /** The CCD that it falls on. */
  detector: Detector;
  /** Its galaxy, if any. */
  host?: Host;
  /** Index of its class, -1 or absent when unknown. */
  label?: number;
}

/**
 * What an epoch of simulated stamps can have: the image, the galaxy alone without noise (ADU), the point spread
 * function of sum 1.
 */
export type StampPlane = "science" | "galaxy" | "psf";

/** Options of {@link simulateStamps}. */
export interface StampOptions extends FaithfulOption {
  /** Seed. */
  seed: number | string;
  /** The point spread functions that exposures take theirs from, by seeing. Their size is that of the stamps. */
  bank: PointSpreadBank;
  /** Size of a pixel, arcsec. Default 0.27, DECam's. */
  pixelScale?: number;
  /**
   * Half-width in pixels of the square around the stamp's middle in which the object lies, anew in each exposure.
   * Default 0.5.
   */
  centring?: number;
  /** The images of an epoch. Default `["science"]`. */
  planes?: readonly StampPlane[];
  /** Names of the bands in their order. Default those of the exposures, in order of appearance. */
  bands?: readonly string[];
  /** Names of the classes. */
  classNames?: readonly string[];
}

/** The HiTS simulations made galaxies on squares of this many stamps. */
const FAITHFUL_FIELD = 3;

/**
 * Returns the stamps of objects over their exposures, in ADU. An exposure takes a point spread function of its
 * seeing; star and galaxy go through the same one, so that a shift of the star by part of a pixel shifts its galaxy
 * too. `epochs` has columns `exposure_time`, `zero_point`, `seeing` (arcsec), `sky`, `magnitude`, `counts` (ADU of
 * the point source), `x` and `y` (its true place); `metadata` has `gain`, `read_noise`, `saturation`.
 *
 * `faithful` follows the HiTS simulations: roundings and truncations ({@link expectedImage}, {@link exposeImage}),
 * mirrors ({@link choosePointSpread}), no shift by parts of a pixel, galaxies as in {@link galaxyImage} on a square
 * of three stamps' side centred half a pixel off its middle, the object on a pixel drawn from the disk, and the stamp
 * moved inwards where it would leave the square, which takes the galaxy off its drawn place.
 *
 * @throws EphemeraError for a wrong number of magnitudes, a magnitude that is NaN, impossible exposures or an unknown
 * band.
 *
 * @example
 * ```ts
 * import { ccdOf, DECAM, simulatePointSpreadBank, simulateStamps } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * const exposure = { time: 57070, band: "g", exposureTime: 86, zeroPoint: 25, seeing: 1.3, sky: 120 };
 * const set = simulateStamps([{ id: "nova", detector: ccdOf(DECAM, 1), magnitudes: [Infinity, 18],
 *   exposures: [exposure, { ...exposure, time: 57071 }] }], { seed: 1, bank: simulatePointSpreadBank(1, { count: 10 }) });
 * assert.deepEqual([set.height, set.width, set.time.length], [21, 21, 2]);
 * assert.ok(set.image(0)[220] < 200 && set.image(1)[220] > 1000);
 * ```
 */
export function simulateStamps(objects: readonly StampObject[], options: StampOptions): StampSequenceSet {
  const { bank, planes = ["science"], classNames, centring = 0.5, pixelScale = 0.27 } = options;
  const where = "simulateStamps", [{ width: size }] = bank.images;
  const bands = options.bands ??
    [...new Set(objects.flatMap(({ exposures }) => exposures.map(({ band }) => band)))];
  demand(objects.length > 0, { expected: "at least one object", found: "none", where });
  demand(centring >= 0 && centring <= 1 && pixelScale > 0, () => ({
    expected: "a centring from 0 to 1 pixel and a positive pixel scale",
    found: `${centring}, ${pixelScale}`,
    where,
  }));
  demand(planes.every((plane) => ["science", "galaxy", "psf"].includes(plane)), () => ({
    expected: 'planes among "science", "galaxy" and "psf"',
    found: planes.join(", "),
    where,
  }));
  const offsets = new Uint32Array(objects.length + 1);
  objects.forEach(({ exposures }, i) => offsets[i + 1] = offsets[i] + exposures.length);
  const exposures = objects.flatMap(({ exposures }) => exposures);
  const pixels = new Float32Array(exposures.length * planes.length * size * size);
  const counts = new Float64Array(exposures.length), x = counts.slice(), y = counts.slice();
  let epoch = 0;
  for (const object of objects) {
    for (const stamp of stampsOf(object, options)) {
      planes.forEach((plane, p) => {
        pixels.set(stamp[plane].pixels, (epoch * planes.length + p) * size * size);
      });
      [counts[epoch], x[epoch], y[epoch]] = [stamp.counts, stamp.x, stamp.y];
      epoch++;
    }
  }
  const column = (value: (exposure: Exposure) => number) => Float64Array.from(exposures, value);
  const perObject = (value: (detector: Detector) => number) =>
    Float64Array.from(objects, ({ detector }) => value(detector));
  return new StampSequenceSet({
    ids: objects.map(({ id }) => id),
    offsets,
    time: column(({ time }) => time),
    band: Uint8Array.from(exposures, ({ band }) => {
      const k = bands.indexOf(band);
      demand(k >= 0, () => ({ expected: `one of the bands ${bands.join(", ")}`, found: band, where }));
      return k;
    }),
    bands,
    height: size,
    width: size,
    planes,
    pixels,
    pixelScale,
    labels: classNames && Int32Array.from(objects, ({ label = -1 }) => label),
    classNames,
    metadata: {
      gain: perObject(({ gain }) => gain),
      read_noise: perObject(({ readNoise }) => readNoise),
      saturation: perObject(({ saturation }) => saturation),
    },
    epochs: {
      exposure_time: column(({ exposureTime }) => exposureTime),
      zero_point: column(({ zeroPoint }) => zeroPoint),
      seeing: column(({ seeing }) => seeing),
      sky: column(({ sky }) => sky),
      magnitude: Float64Array.from(objects.flatMap(({ magnitudes }) => Array.from(magnitudes))),
      counts,
      x,
      y,
    },
  });
}

interface Stamp extends Record<StampPlane, Image> {
  counts: number;
  x: number;
  y: number;
}

/** Makes the stamps of one object, one at a time. */
function* stampsOf(object: StampObject, options: StampOptions): Generator<Stamp> {
  const { id, exposures, magnitudes, detector, host } = object, where = `simulateStamps, object ${id}`;
  const { bank, pixelScale = 0.27, centring = 0.5, faithful = false } = options,
    [{ width: size }] = bank.images;
  demand(magnitudes.length === exposures.length, () => ({
    expected: `${exposures.length} magnitudes, one an exposure`,
    found: `${magnitudes.length}`,
    where,
  }));
  const random = new Random(options.seed).stream("stamps").stream(id);
  const [spreads, noise] = [random.stream("point spread"), random.stream("noise")];
  const light = host && hostWindow(host, size, pixelScale, random.stream("galaxy"), faithful);
  const margin = (size - 1) / 2, middle = margin;
  for (const [e, exposure] of exposures.entries()) {
    checkExposure(exposure, `${where}, exposure ${e}`);
    const chosen = choosePointSpread(bank, exposure.seeing / pixelScale, spreads, { faithful });
    // Drawn in any case, so that the two ways share their point spread functions.
    const [dx, dy] = [spreads.uniform(-centring, centring), spreads.uniform(-centring, centring)];
    const psf = faithful ? chosen.image : unitSum(shiftImage(chosen.image, dx, dy));
    let galaxy: Image | undefined;
    if (light !== undefined) {
      const total = sourceCounts(host!.magnitudes?.[exposure.band] ?? host!.galaxy.magnitude, exposure);
      const spread = cutImage(convolve(light, psf), { left: margin, top: margin, width: size, height: size });
      // The transforms leave roundings on both sides of zero where there is no light.
      galaxy = { ...spread, pixels: spread.pixels.map((value) => total * Math.max(0, value)) };
    }
    const scene = { pointSpread: psf, magnitude: magnitudes[e], galaxy };
    yield {
      science: exposeImage(expectedImage(scene, exposure, { faithful }), detector, noise, { faithful }),
      galaxy: galaxy ?? { ...psf, pixels: new Float64Array(size * size) },
      psf,
      counts: sourceCounts(magnitudes[e], exposure, { faithful }),
      x: middle + (faithful ? 0 : dx),
      y: middle + (faithful ? 0 : dy),
    };
  }
}

/**
 * The light of a galaxy of total 1 around its object, which is in the middle: as wide as a stamp and a point spread
 * function need, so that light from outside the stamp finds its way in.
 */
function hostWindow(
  host: Host,
  size: number,
  pixelScale: number,
  random: Random,
  faithful: boolean,
): Image {
  const { galaxy } = host, width = 2 * size - 1, margin = (size - 1) / 2;
  if (!faithful) {
    const { dx, dy } = host.offset ?? drawOffset(galaxy, random);
    const [x, y] = [size - 1 - dx / pixelScale, size - 1 - dy / pixelScale];
    return galaxyImage(galaxy, { pixelScale, width, height: width, x, y, unitSum: false }).total;
  }
  const side = FAITHFUL_FIELD * size, centre = side / 2;
  const field = galaxyImage(galaxy, {
    pixelScale,
    width: side,
    height: side,
    x: centre,
    y: centre,
    faithful: random,
  });
  const { x, y } = host.offset === undefined ? drawPixel(field.disk, random) : {
    x: Math.round(centre + host.offset.dx / pixelScale),
    y: Math.round(centre + host.offset.dy / pixelScale),
  };
  const first = (place: number) => Math.min(side - size, Math.max(0, place - margin)) - margin;
  return cutImage(field.total, { left: first(x), top: first(y), width, height: width });
}
