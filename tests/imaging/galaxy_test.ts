import assert from "node:assert/strict";
import fc from "fast-check";
import { FlatUniverse } from "ephemera/astronomy";
import { Random } from "ephemera/core";
import {
  drawOffset,
  drawPixel,
  type Galaxy,
  galaxyImage,
  GalaxyPopulation,
  hostNear,
  imageSum,
  quarterTurn,
  sersicEnclosed,
  sersicImage,
  sersicIntensity,
  sersicTotal,
} from "ephemera/imaging";

const galaxy: Galaxy = {
  magnitude: 19,
  redshift: 0.1,
  bulgeFraction: 0.3,
  positionAngle: 0.5,
  disk: { effectiveRadius: 1.8, axisRatio: 0.5 },
  bulge: { effectiveRadius: 0.6, axisRatio: 0.8 },
};
const frame = { pixelScale: 0.27, width: 63, height: 63 };

function near(found: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(found - expected) <= tolerance, `${found} is not ${expected} to ${tolerance}`);
}
const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

Deno.test("disk and bulge have their shares of the light, each by its own profile", () => {
  const { total, disk } = galaxyImage(galaxy, { ...frame, unitSum: false });
  const part = (index: number, { effectiveRadius, axisRatio }: Galaxy["disk"]) =>
    sersicImage({ index, effectiveRadius: effectiveRadius / 0.27, axisRatio, positionAngle: 0.5 }, {
      width: 63,
      height: 63,
    }).pixels;
  const [inDisk, inBulge] = [part(1, galaxy.disk), part(4, galaxy.bulge)];
  total.pixels.forEach((value, p) => near(value, 0.7 * inDisk[p] + 0.3 * inBulge[p], 2e-7));
  disk.pixels.forEach((value, p) => near(value, 0.7 * inDisk[p], 2e-7));
  // The frame holds nearly all of the light: the closed form of the circle that fits into it is less, and 1 is more.
  const least = 0.7 * sersicEnclosed({ index: 1, effectiveRadius: 1.8 / 0.27 }, 31) +
    0.3 * sersicEnclosed({ index: 4, effectiveRadius: 0.6 / 0.27 }, 31);
  assert.ok(imageSum(total) > least && imageSum(total) < 1, `${least} ${imageSum(total)}`);
});

Deno.test("images have sum 1 unless light outside the frame is to be lost", () => {
  const { total, disk } = galaxyImage(galaxy, frame);
  near(imageSum(total), 1, 1e-12);
  near(imageSum(disk), 1, 1e-12);
  const pure = { ...galaxy, bulgeFraction: 1 }, lost = galaxyImage(pure, { ...frame, unitSum: false });
  assert.equal(imageSum(lost.disk), 0);
  near(imageSum(galaxyImage(pure, frame).disk), 1, 1e-12);
});

Deno.test("a galaxy turned is its image turned, a galaxy moved by whole pixels its image moved", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: -3, max: 3, noNaN: true }),
      fc.integer({ min: -3, max: 3 }),
      (bulgeFraction, positionAngle, dx) => {
        const one = { ...galaxy, bulgeFraction, positionAngle },
          small = { pixelScale: 0.27, width: 15, height: 15 };
        const still = galaxyImage(one, { ...small, unitSum: false }).total;
        const turned = galaxyImage({ ...one, positionAngle: positionAngle + Math.PI / 2 }, {
          ...small,
          unitSum: false,
        });
        quarterTurn(still).pixels.forEach((value, p) => near(turned.total.pixels[p], value, 1e-9));
        const moved = galaxyImage(one, { ...small, unitSum: false, x: 7 + dx }).total;
        for (let p = 0; p < 225; p++) {
          const x = p % 15 - dx;
          if (x >= 0 && x < 15) near(moved.pixels[p], still.pixels[p - dx], 1e-9);
        }
      },
    ),
    { numRuns: 15 },
  );
});

Deno.test("faithful images take the bulge fraction for an intensity, so that the bulge's share is another", () => {
  const random = new Random(3),
    { total, disk } = galaxyImage(galaxy, { ...frame, x: 31.5, y: 31.5, faithful: random });
  near(imageSum(total), 1, 1e-12);
  near(imageSum(disk), 1, 1e-12);
  // The disk is the intensity at the middles of the pixels.
  const shape = { index: 1, effectiveRadius: 1.8 / 0.27, axisRatio: 0.5, positionAngle: 0.5 };
  const intensity = sersicIntensity(shape);
  near(
    disk.pixels[20 * 63 + 25] / disk.pixels[31 * 63 + 33],
    intensity(-6.5, -11.5) / intensity(1.5, -0.5),
    1e-12,
  );
  // total - share disk = bulge, so the disk's share shows far out, where the bulge is faint.
  const inDisk = sersicTotal(shape);
  const inBulge = 0.3 * sersicTotal({ index: 4, effectiveRadius: 0.6 / 0.27, axisRatio: 0.8 });
  const place = 31 * 63 + 33 + 8, ratio = total.pixels[place] / disk.pixels[place];
  assert.ok(ratio > inDisk / (inDisk + inBulge), `${ratio}`);
  assert.ok(Math.abs(ratio - inDisk / (inDisk + inBulge)) < 0.05, `${ratio} ${inDisk / (inDisk + inBulge)}`);
  assert.deepEqual(
    galaxyImage(galaxy, { ...frame, faithful: new Random(7) }),
    galaxyImage(galaxy, { ...frame, faithful: new Random(7) }),
  );
  assert.notDeepEqual(
    galaxyImage(galaxy, { ...frame, faithful: new Random(7) }).total,
    galaxyImage(galaxy, { ...frame, faithful: new Random(8) }).total,
  );
});

Deno.test("places drawn from a galaxy follow its light: radius, flattening and angle", () => {
  const random = new Random(11), count = 20_000;
  for (const [bulgeFraction, index, part] of [[0, 1, galaxy.disk], [1, 4, galaxy.bulge]] as const) {
    const one = { ...galaxy, bulgeFraction }, profile = { index, effectiveRadius: part.effectiveRadius };
    const shares: number[] = [], angles: number[] = [];
    for (let k = 0; k < count; k++) {
      const { dx, dy } = drawOffset(one, random);
      const along = dx * Math.cos(0.5) + dy * Math.sin(0.5),
        across = (dy * Math.cos(0.5) - dx * Math.sin(0.5)) / part.axisRatio;
      shares.push(sersicEnclosed(profile, Math.hypot(along, across)));
      angles.push(Math.atan2(across, along));
    }
    // Kolmogorov and Smirnov: enclosed shares are uniform, and so are angles in the stretched plane.
    const distance = (values: number[], low: number, high: number) =>
      values.sort((a, b) => a - b).reduce(
        (worst, value, k) => Math.max(worst, Math.abs((value - low) / (high - low) - (k + 0.5) / count)),
        0,
      );
    assert.ok(distance(shares, 0, 1) < 1.95 / Math.sqrt(count));
    assert.ok(distance(angles, -Math.PI, Math.PI) < 1.95 / Math.sqrt(count));
  }
  const onDisk = Array.from(
    { length: 2000 },
    () => drawOffset({ ...galaxy, bulgeFraction: 1 }, random, "disk"),
  );
  const radius = ({ dx, dy }: { dx: number; dy: number }) =>
    Math.hypot(dx * Math.cos(0.5) + dy * Math.sin(0.5), (dy * Math.cos(0.5) - dx * Math.sin(0.5)) / 0.5);
  near(median(onDisk.map(radius)), 1.8, 0.12);
});

Deno.test("pixels are drawn as often as their light says, dark ones never", () => {
  const image = { pixels: [0, 1, 3, 0, 4, 0], width: 3, height: 2 }, random = new Random(2);
  const seen = new Float64Array(6), total = 8000;
  for (let k = 0; k < total; k++) {
    const { x, y } = drawPixel(image, random);
    seen[y * 3 + x] += 1 / total;
  }
  [0, 1 / 8, 3 / 8, 0, 1 / 2, 0].forEach((share, p) => near(seen[p], share, share === 0 ? 0 : 0.02));
  assert.throws(() => drawPixel({ pixels: [0, 0], width: 2, height: 1 }, random), /positive, finite sum/);
  assert.throws(
    () => drawPixel({ pixels: [1, -1], width: 2, height: 1 }, random),
    /not negative, found -1 .*item 1/,
  );
});

Deno.test("a drawn population keeps its limit, has the sizes of its relations and randomly inclined disks", () => {
  const population = new GalaxyPopulation({ limit: 21 }), random = new Random(4);
  const drawn = Array.from({ length: 4000 }, () => population.draw(random));
  for (const { magnitude, redshift, bulgeFraction, disk, bulge } of drawn) {
    assert.ok(magnitude <= 21 && redshift > 0.01 && redshift < 1 && bulgeFraction >= 0 && bulgeFraction <= 1);
    assert.ok(disk.axisRatio >= 0.2 && disk.axisRatio <= 1 && bulge.axisRatio >= 0.6 && bulge.axisRatio <= 1);
    assert.ok(bulge.axisRatio >= disk.axisRatio && disk.effectiveRadius > 0 && bulge.effectiveRadius > 0);
  }
  // cos i is uniform, so its mean is 1/2: q^2 = q0^2 + (1 - q0^2) cos^2 i.
  const facing = drawn.map(({ disk }) => Math.sqrt((disk.axisRatio ** 2 - 0.04) / 0.96));
  near(facing.reduce((a, b) => a + b) / facing.length, 0.5, 0.015);
  // 30 % early types of mean bulge fraction 0.8, the rest of 0.2.
  near(drawn.reduce((sum, { bulgeFraction }) => sum + bulgeFraction, 0) / drawn.length, 0.38, 0.015);
  // A galaxy of M = -20.5 has a disk of about 3 kpc (Shen et al. 2003, figure 4), whatever its redshift.
  const universe = new FlatUniverse(),
    sizes = drawn.flatMap(({ magnitude, redshift, disk, bulgeFraction }) => {
      const absolute = magnitude - 2.5 * Math.log10(1 - bulgeFraction) - universe.distanceModulus(redshift);
      const kiloparsecs = disk.effectiveRadius / 206264.806 * universe.angularDiameterDistance(redshift) *
        1000;
      return Math.abs(absolute + 20.5) < 0.3 ? [kiloparsecs] : [];
    });
  assert.ok(sizes.length > 200);
  near(median(sizes), 3.2, 0.35);
  // Fainter limits reach farther; near counts go with the volume, as 10^(0.6 m).
  const farther = new GalaxyPopulation({ limit: 23 });
  const reach = (p: GalaxyPopulation) => median(Array.from({ length: 1000 }, () => p.draw(random).redshift));
  assert.ok(reach(farther) > reach(population) + 0.05);
  const nearby = new GalaxyPopulation({ limit: 12, redshift: [1e-4, 0.05] });
  const bright = Array.from({ length: 4000 }, () => nearby.draw(random).magnitude);
  near(bright.filter((m) => m < 11).length / bright.length, 10 ** -0.6, 0.03);
});

Deno.test("a galaxy at a given redshift is brighter than the limit there, and refused where none is", () => {
  const population = new GalaxyPopulation({ limit: 20 }), universe = new FlatUniverse();
  const host = population.draw(new Random(1), { redshift: 0.3 });
  assert.equal(host.redshift, 0.3);
  assert.ok(host.magnitude <= 20 && host.magnitude >= universe.distanceModulus(0.3) - 25);
  assert.deepEqual(population.draw(new Random(1), { redshift: 0.3 }), host);
  assert.throws(() => population.draw(new Random(1), { redshift: 6 }), /brighter than 20 mag, found 6/);
  assert.throws(() => new GalaxyPopulation({ redshift: [0.5, 0.2] }), /0.5 to 0.2/);
  assert.throws(() => new GalaxyPopulation({ limit: 5, redshift: [0.5, 1] }), /some galaxy reaches/);
});

Deno.test("a host has nearly its transient's redshift, or any when the catalogue has none there", () => {
  const catalogue = [0.05, 0.12, 0.5].map((redshift) => ({ ...galaxy, redshift })), random = new Random(1);
  const seen = (z: number) =>
    [...new Set(Array.from({ length: 100 }, () => hostNear(catalogue, z, random).redshift))].sort();
  assert.deepEqual(seen(0.1), [0.05, 0.12]);
  assert.deepEqual(seen(0.45), [0.5]);
  assert.deepEqual(seen(0.9), [0.05, 0.12, 0.5]);
  assert.throws(() => hostNear([], 0.1, random), /at least one item/);
});

Deno.test("galaxies out of range are refused", () => {
  assert.throws(() => galaxyImage({ ...galaxy, bulgeFraction: 1.1 }, frame), /from 0 to 1, found 1.1/);
  assert.throws(() => galaxyImage(galaxy, { ...frame, pixelScale: 0 }), /positive pixel scale/);
  assert.throws(
    () => galaxyImage({ ...galaxy, disk: { effectiveRadius: 0, axisRatio: 1 } }, frame),
    /effective radius/,
  );
  assert.throws(
    () => galaxyImage({ ...galaxy, bulge: { effectiveRadius: 1, axisRatio: 0 } }, frame),
    /axis ratio 0/,
  );
});
