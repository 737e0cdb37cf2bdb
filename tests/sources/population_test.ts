import assert from "node:assert/strict";
import { Random } from "ephemera/core";
import {
  cepheid,
  CLASS_NAMES,
  drawCepheid,
  FourierCurve,
  fundamentalised,
  gMinusRp,
  heartbeatStar,
  microlensing,
  pointLensMagnification,
  randomFunction,
  rrLyraeAb,
  rrLyraePeriodRatio,
  spottedStar,
  STAR_KINDS,
  type VariableStar,
  vMinusG,
  wesenheit,
} from "ephemera/sources";

const WINDOW = { start: 56600, end: 58400 };

function draw(kind: string, n: number): VariableStar[] {
  return Array.from(
    { length: n },
    (_, i) => STAR_KINDS[kind].draw(new Random(5).stream(kind).stream(i), WINDOW),
  );
}

/** Magnitudes over one cycle of the star. */
function cycle(star: VariableStar, n = 2000, cycles = 1): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => star.magnitude(57000 + cycles * star.period * i / n));
}

const range = (x: Float64Array) => Math.max(...x) - Math.min(...x);
const median = (x: number[]) => x.toSorted((a, b) => a - b)[Math.floor(x.length / 2)];

/** Harmonics of a strictly periodic star by sums over an even grid: amplitude and phase in the cosine convention. */
function harmonics(star: VariableStar, order: number) {
  const m = cycle(star, 4096);
  return Array.from({ length: order }, (_, j) => {
    let c = 0, s = 0;
    m.forEach((y, i) => {
      const x = 2 * Math.PI * (j + 1) * i / m.length;
      c += 2 * y * Math.cos(x) / m.length;
      s += 2 * y * Math.sin(x) / m.length;
    });
    return { amplitude: Math.hypot(c, s), phase: Math.atan2(-s, c) };
  });
}

const turn = (x: number) => ((x % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI);

Deno.test("every kind of star gives finite magnitudes and photometry, the same for the same seed", () => {
  for (const kind of Object.keys(STAR_KINDS)) {
    draw(kind, 20).forEach((star, i) => {
      const again = draw(kind, i + 1)[i];
      for (let t = WINDOW.start; t < WINDOW.end; t += 97.3) {
        assert.ok(Number.isFinite(star.magnitude(t)), `${kind} at ${t}`);
        assert.equal(star.magnitude(t), again.magnitude(t));
      }
      assert.ok(Number.isFinite(star.absoluteMagnitude) && Number.isFinite(star.colour), kind);
      assert.ok(CLASS_NAMES.includes(STAR_KINDS[kind].superclass));
      assert.ok(Number.isNaN(star.period) || star.period > 0);
    });
  }
});

Deno.test("strictly periodic kinds repeat after their period", () => {
  for (const kind of ["DCEP", "DCEPS", "CWA", "CWB", "RRC", "EA", "EB", "EW"]) {
    for (const star of draw(kind, 10)) {
      for (let i = 0; i < 50; i++) {
        const t = 57000 + star.period * i / 50;
        assert.ok(Math.abs(star.magnitude(t) - star.magnitude(t + 7 * star.period)) < 1e-6, kind);
      }
    }
  }
});

Deno.test("an RRab star has the amplitude, the phi_31 of Jurcsik and Kovacs, and the steep rise it is asked for", () => {
  const period = 0.55, metallicity = -1.3;
  const star = rrLyraeAb({ period, amplitude: 1, metallicity, epoch: 57000 });
  assert.ok(Math.abs(range(cycle(star)) - 1) < 1e-3);
  const [one, two, three] = harmonics(star, 3);
  const phi21 = turn(two.phase - 2 * one.phase), phi31 = turn(three.phase - 3 * one.phase + Math.PI);
  // [Fe/H] = -5.038 - 5.394 P + 1.345 phi_31 (sine convention), read backwards.
  assert.ok(Math.abs(-5.038 - 5.394 * period + 1.345 * phi31 - metallicity) < 1e-3);
  assert.ok(phi21 > 3.7 && phi21 < 4.3, `phi21 ${phi21}`);
  assert.ok(Math.abs(two.amplitude / one.amplitude - 0.5) < 0.01);
  const m = cycle(star), faint = m.indexOf(Math.max(...m)) / m.length;
  const rise = 1 - faint;
  assert.ok(rise > 0.08 && rise < 0.25, `rise ${rise}`);
  assert.ok(m.indexOf(Math.min(...m)) <= 1, "maximum light at the epoch");
});

Deno.test("RRab stars follow the period-amplitude ridge and RRc stars are shorter, smaller and rounder", () => {
  const ab = draw("RRAB", 300), c = draw("RRC", 300);
  const amplitudes = ab.map((star) => star.parameters.amplitude);
  const short = amplitudes.filter((_, i) => ab[i].period < 0.52),
    long = amplitudes.filter((_, i) => ab[i].period > 0.65);
  assert.ok(median(short) > median(long) + 0.3);
  assert.ok(median(ab.map((star) => star.period)) > 0.53 && median(ab.map((star) => star.period)) < 0.62);
  assert.ok(median(c.map((star) => star.period)) > 0.28 && median(c.map((star) => star.period)) < 0.37);
  assert.ok(median(c.map((star) => star.parameters.amplitude)) < 0.5);
  assert.ok(c.every((star) => {
    const [one, two] = harmonics(star, 2);
    return two.amplitude / one.amplitude < 0.35;
  }));
});

Deno.test("RRd stars lie on the Petersen diagram", () => {
  for (const star of draw("RRD", 50)) {
    const ratio = star.period / star.parameters.fundamentalPeriod;
    assert.ok(ratio > 0.742 && ratio < 0.75);
    assert.equal(ratio.toFixed(9), rrLyraePeriodRatio(star.parameters.fundamentalPeriod).toFixed(9));
  }
});

Deno.test("a Cepheid of ten days is as bright as Benedict et al. say, and its second harmonic nearly vanishes", () => {
  const star = cepheid({ period: 10, amplitude: 0.8, epoch: 0 });
  assert.ok(Math.abs(star.absoluteMagnitude + vMinusG(star.colour) + 4.05) < 1e-12);
  const ratio = (period: number) => {
    const [one, two] = harmonics(cepheid({ period, amplitude: 0.8, epoch: 0 }), 2);
    return two.amplitude / one.amplitude;
  };
  assert.ok(ratio(10) < 0.2 && ratio(4) > 0.35 && ratio(25) > 0.35);
});

Deno.test("the overtone's period is 0.70 to 0.72 of the fundamental's", () => {
  for (const period of [1, 3, 5]) {
    const ratio = period / fundamentalised(period);
    assert.ok(ratio > 0.69 && ratio < 0.725);
    assert.ok(Math.abs(ratio - (0.72 - 0.027 * Math.log10(fundamentalised(period)))) < 1e-9);
  }
});

Deno.test("Cepheids, type II Cepheids and delta Scuti stars follow their period-luminosity relations", () => {
  const slope = (stars: VariableStar[]) => {
    const x = stars.map((star) => Math.log10(star.period));
    const y = stars.map((star) => star.absoluteMagnitude + vMinusG(star.colour));
    const mx = x.reduce((a, b) => a + b) / x.length, my = y.reduce((a, b) => a + b) / y.length;
    let xy = 0, xx = 0;
    x.forEach((v, i) => {
      xy += (v - mx) * (y[i] - my);
      xx += (v - mx) ** 2;
    });
    return xy / xx;
  };
  assert.ok(Math.abs(slope(draw("DCEP", 400)) + 2.43) < 0.2);
  assert.ok(Math.abs(slope([...draw("CWB", 200), ...draw("CWA", 200)]) + 1.64) < 0.02);
  assert.ok(Math.abs(slope([...draw("DSCT", 400)]) + 2.94) < 0.4);
});

Deno.test("delta Scuti stars pulsate faster than 0.3 days, HADS with more than 0.15 magnitudes", () => {
  for (const star of draw("DSCT", 100)) assert.ok(star.period < 0.3 && star.type === "DSCT");
  for (const star of draw("HADS", 100)) assert.ok(star.period < 0.3 && range(cycle(star, 400, 10)) > 0.15);
});

Deno.test("Mira stars vary by more than 2.5 magnitudes in 80 to 1000 days; semi-regulars by less", () => {
  for (const star of draw("M", 100)) {
    assert.ok(star.period >= 80 && star.period <= 1000);
    assert.ok(star.parameters.amplitude > 2.5);
    assert.ok(range(cycle(star, 500, 4)) > 2.3);
  }
  const spread = draw("SR", 100).map((star) => range(cycle(star, 500, 10)));
  assert.ok(median(spread) > 0.1 && median(spread) < 1.5 && spread.filter((x) => x > 2.5).length < 3);
});

Deno.test("contact binaries have two minima of equal depth; detached ones are flat between eclipses", () => {
  for (const star of draw("EW", 50)) {
    const { primaryDepth, secondaryDepth } = star.parameters;
    assert.ok(Math.abs(primaryDepth - secondaryDepth) < 0.35 * Math.max(primaryDepth, secondaryDepth));
    assert.ok(star.period > 0.2 && star.period < 1.2);
  }
  const flat = draw("EA", 100).map((star) => {
    const m = [...cycle(star, 1000)].toSorted((a, b) => a - b);
    return (m[600] - m[100]) / (m[999] - m[0]);
  });
  assert.ok(median(flat) < 0.12, `flat part ${median(flat)}`);
});

Deno.test("a spot at the equator of an edge-on star takes its depth at the meridian and nothing behind", () => {
  const star = spottedStar({
    period: 10,
    inclination: 90,
    epoch: 0,
    spots: [{ latitude: 0, longitude: 90, depth: 0.1 }],
  }, { absoluteMagnitude: 5, colour: 1 });
  // Longitude 90 faces the observer a quarter turn after the epoch.
  assert.ok(Math.abs(star.magnitude(2.5) - star.magnitude(7.5) + 2.5 * Math.log10(0.9)) < 1e-12);
  assert.equal(star.magnitude(7.5), star.magnitude(6));
});

Deno.test("the damped random walk has the structure function of its covariance", () => {
  const sigma = 0.3, memory = 50, lags = [1, 2, 10, 50, 400];
  const sums = new Float64Array(lags.length);
  const walks = 400, points = 20;
  for (let k = 0; k < walks; k++) {
    const walk = randomFunction(new Random(9).stream(k), { sigma, memory });
    for (let i = 0; i < points; i++) {
      const t = 1000 * i, y = walk.at(t);
      lags.forEach((lag, j) => sums[j] += (walk.at(t + lag) - y) ** 2 / (walks * points));
    }
  }
  lags.forEach((lag, j) => {
    const expected = 2 * sigma ** 2 * (1 - Math.exp(-lag / memory));
    assert.ok(Math.abs(sums[j] / expected - 1) < 0.12, `lag ${lag}: ${sums[j]} against ${expected}`);
  });
  // Slope 1 in the square at short lags: red noise, not white and not smooth.
  assert.ok(Math.abs(Math.log2(sums[1] / sums[0]) - 1) < 0.12);
});

Deno.test("a heartbeat star changes most at periastron, a lens magnifies by Paczynski's law", () => {
  const heart = heartbeatStar({
    period: 10,
    eccentricity: 0.6,
    inclination: 30,
    periastron: 45,
    scale: 0.01,
    epoch: 0,
  }, { absoluteMagnitude: 0, colour: 0 });
  let loudest = 0;
  for (let x = 0; x < 10; x += 0.01) {
    if (Math.abs(heart.magnitude(x)) > Math.abs(heart.magnitude(loudest))) loudest = x;
  }
  assert.ok(Math.min(loudest, 10 - loudest) < 0.6);
  assert.ok(Math.abs(pointLensMagnification(1) - 3 / Math.sqrt(5)) < 1e-12);
  const lens = microlensing({ time: 0, einsteinTime: 20, impact: 0.1, sourceFraction: 1 }, {
    absoluteMagnitude: 0,
    colour: 0,
  });
  assert.ok(Math.abs(lens.magnitude(0) + 2.5 * Math.log10(pointLensMagnification(0.1))) < 1e-12);
  assert.ok(Math.abs(lens.magnitude(500)) < 0.01);
});

Deno.test("dust does not move the Wesenheit magnitude, and the Sun's colours are the Sun's", () => {
  // Sun: G = 4.67, BP - RP = 0.82, G - RP = 0.49, V - G = 0.14 (Casagrande & VandenBerg 2018).
  assert.ok(Math.abs(gMinusRp(0.82) - 0.49) < 0.01 && Math.abs(vMinusG(0.82) - 0.14) < 0.02);
  assert.ok(Math.abs(wesenheit(4.67, 0.82) - (4.67 - 0.49 - 1.3 * 0.82)) < 0.01);
});

Deno.test("FourierCurve refuses an amplitude of zero and unequal lists", () => {
  assert.throws(() => new FourierCurve(0), /positive amplitude/);
  assert.throws(() => new FourierCurve(1, { ratios: [0.1], phases: [] }), /as many phases/);
});

Deno.test("Cepheids stay between the shortest and longest period of their population", () => {
  const stars = Array.from({ length: 200 }, (_, i) => drawCepheid(new Random(i)));
  assert.ok(stars.every((star) => star.period > 1.9 && star.period < 60));
});
