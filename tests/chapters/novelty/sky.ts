/** A small sky for the tests of the chapter: sines, sawtooths and square waves with seasonless random epochs. */
import { Random } from "ephemera/core";
import { LightCurveSet } from "ephemera/observations";

export interface SkyOptions {
  stars: number;
  epochs: number;
  seed: number;
  /** Shapes in turn; the names are the class names. */
  shapes?: readonly string[];
  prefix?: string;
}

const SHAPES: Record<string, (phase: number) => number> = {
  saw: (p) => p - 0.5,
  sine: (p) => 0.5 * Math.sin(2 * Math.PI * p),
  square: (p) => p < 0.5 ? 0.5 : -0.5,
};

export function smallSky(options: SkyOptions): LightCurveSet {
  const { stars, epochs, seed, shapes = ["saw", "sine"], prefix = "star" } = options;
  const time = new Float64Array(stars * epochs), value = time.slice(), error = time.slice();
  const period = new Float64Array(stars), labels = new Int32Array(stars);
  const colour = new Float64Array(stars);
  for (let i = 0; i < stars; i++) {
    const random = new Random(seed).stream(prefix).stream(i), shape = i % shapes.length;
    labels[i] = shape;
    period[i] = shapes[shape] === "sine" ? random.uniform(0.3, 0.6) : random.uniform(0.8, 2);
    colour[i] = i % 5 === 0 ? NaN : shape + random.normal(0, 0.1);
    const amplitude = random.uniform(0.3, 1), zero = random.uniform(12, 16), shift = random.uniform();
    const days = Float64Array.from({ length: epochs }, () => random.uniform(0, 300)).sort();
    days.forEach((t, j) => {
      const at = i * epochs + j, phase = t / period[i] + shift;
      time[at] = 57000 + t;
      error[at] = 0.03 + 0.02 * random.uniform();
      value[at] = zero + amplitude * SHAPES[shapes[shape]](phase - Math.floor(phase)) +
        random.normal(0, error[at]);
    });
  }
  return new LightCurveSet({
    ids: Array.from({ length: stars }, (_, i) => `${prefix} ${i}`),
    offsets: Uint32Array.from({ length: stars + 1 }, (_, i) => i * epochs),
    time,
    value,
    error,
    labels,
    classNames: shapes,
    metadata: { period, colour },
  });
}
