/**
 * Makes `data/passbands/*.json`: smooth fits of published total throughputs, each with its errors.
 *
 * `deno run --allow-read --allow-write --allow-env scripts/fit_passbands.ts`, with EPHEMERA_DATA set to a
 * folder that holds
 * `passbands/lsst_total.csv`, `passbands/sdss` and `passbands/panstarrs` (public repository
 * `lsst/throughputs`).
 */
import { join } from "node:path";
// Not from "ephemera/astronomy", which reads the very files that are made here.
import type { Passband } from "../lib/astronomy/passband.ts";
import { type PassbandShape, shapeRange, shapeThroughput } from "../lib/astronomy/passband_shape.ts";
import { abMagnitude, meanWavelength } from "../lib/astronomy/synthetic_photometry.ts";
import { demand } from "ephemera/core";
import { leastSquares, matrix, minimiseNelderMead } from "ephemera/numerics";

const FORM =
  "T = p(x) / ((1 + exp((blue - l) / blueWidth)) (1 + exp((l - red) / redWidth))), p a polynomial in " +
  "x = (2 l - blue - red) / (red - blue), l in angstrom; zero where p is " +
  "negative and beyond 9 widths from an edge";
const FIT =
  "errors are fit minus table: largest and root mean square throughput (share of the largest throughput of " +
  "the table, over the wavelengths above 1 % of it), photon-weighted mean wavelength in angstrom, AB magnitude of black " +
  "bodies of 4000, 7000 and 15000 K relative to a flat spectrum in frequency";
const REPOSITORY = "public repository lsst/throughputs";

/** A system to be fitted: its tables of wavelength in angstrom and throughput. */
interface Job {
  name: string;
  source: string;
  tables: Passband[];
}

/**
 * Bessell (1990), table 2: relative response per unit energy, every 100 angstrom. Divided by wavelength it
 * counts photons.
 */
const BESSELL = {
  B: [3600, [
    0,
    0.03,
    0.134,
    0.567,
    0.92,
    0.978,
    1,
    0.978,
    0.935,
    0.853,
    0.74,
    0.64,
    0.536,
    0.424,
    0.325,
    0.235,
    0.15,
    0.095,
    0.043,
    0.009,
    0,
  ]],
  V: [4700, [
    0,
    0.03,
    0.163,
    0.458,
    0.78,
    0.967,
    1,
    0.973,
    0.898,
    0.792,
    0.684,
    0.574,
    0.461,
    0.359,
    0.27,
    0.197,
    0.135,
    0.081,
    0.045,
    0.025,
    0.017,
    0.013,
    0.009,
    0,
  ]],
} as const;

/**
 * Filters whose tables are not in the data folder: wavelength and width of the edges, and the top, read off the published
 * curves to about ten angstroms and two hundredths. No fit, so no errors.
 */
const READ_OFF = {
  ztf: {
    source:
      "no fit: edges and tops read off the filter transmissions of ZTF (Bellm et al. 2019, PASP 131, 018002; " +
      "Dekany et al. 2020, PASP 132, 038001), without detector and atmosphere; mean wavelengths good to about 20 angstrom",
    bands: {
      g: [4147, 9, 5465, 9, [0.81, 0.04]],
      r: [5651, 9.5, 7210, 21, [0.84, -0.03]],
      i: [7213, 28, 8734, 27, [0.636, -0.2, -0.036]],
    },
  },
  decam: {
    source:
      "no fit: edges and tops read off the total throughputs of the Dark Energy Survey (Flaugher et al. 2015, AJ 150, 150; " +
      "Abbott et al. 2018, ApJS 239, 18), atmosphere included; mean wavelengths good to about 20 angstrom",
    bands: {
      g: [3978, 11, 5482, 12, [0.372, 0.0975, -0.0395]],
      r: [5665, 13, 7155, 13.7, [0.485, 0.055, -0.03]],
      i: [7092, 20, 8572, 18.6, [0.605, 0.05, -0.055]],
      z: [8497, 21, 10010, 26, [0.53, -0.1, -0.03]],
    },
  },
} as const;

const data = Deno.env.get("EPHEMERA_DATA");
demand(data, {
  expected: "EPHEMERA_DATA",
  found: "nothing",
  remedy: "set it to the folder that holds passbands/",
});

function readColumns(path: string): number[][] {
  const lines = Deno.readTextFileSync(join(data!, "passbands", path)).split("\n");
  return lines.filter((line) => /^\s*\d/.test(line)).map((line) => line.trim().split(/[\s,]+/).map(Number));
}

function table(name: string, rows: number[][], column: number): Passband {
  return {
    name,
    wavelength: Float64Array.from(rows, (row) => 10 * row[0]),
    throughput: Float64Array.from(rows, (row) => row[column]),
  };
}

const lsst = readColumns("lsst_total.csv");
const jobs: Job[] = [
  {
    name: "lsst",
    source: `fit of baseline/total_*.dat, ${REPOSITORY} (commit 0bcec2a), airmass 1.2`,
    tables: [..."ugrizy"].map((band, i) => table(band, lsst, i + 1)),
  },
  {
    name: "sdss",
    source: `fit of sdss/sdss_*.dat, ${REPOSITORY}, from the SDSS imaging camera pages of data release 3`,
    tables: [..."ugriz"].map((band) => table(band, readColumns(`sdss/sdss_${band}.dat`), 1)),
  },
  {
    name: "panstarrs",
    source: `fit of panStarrs/panStarrs_*.dat, ${REPOSITORY} (Tonry et al. 2012, ApJ 750, 99)`,
    tables: [..."grizy"].map((band) => table(band, readColumns(`panstarrs/panStarrs_${band}.dat`), 1)),
  },
  {
    name: "johnson",
    source: "fit of table 2 of Bessell (1990, PASP 102, 1181), divided by wavelength to count photons " +
      "(Bessell & Murphy 2012, PASP 124, 140)",
    tables: Object.entries(BESSELL).map(([name, [start, response]]) => {
      const wavelength = Float64Array.from(response, (_, i) => start + 100 * i);
      const photons = wavelength.map((at, i) => response[i] / at), largest = Math.max(...photons);
      return { name, wavelength, throughput: photons.map((value) => 0.9 * value / largest) };
    }),
  },
];

/** Returns the best polynomial top for given edges and the sum of squared errors. */
function bestTop(
  band: Passband,
  [blue, logBlue, red, logRed]: Float64Array,
): { shape: PassbandShape; loss: number } {
  const edges = { blue, blueWidth: Math.exp(logBlue), red, redWidth: Math.exp(logRed) };
  const columns = [0, 1, 2, 3].map((k) => {
    const top = Array.from({ length: k + 1 }, (_, j) => j === k ? 1 : 0), shape = { ...edges, top };
    // The basis may be negative, which shapeThroughput would clip: raise it and take the rise away.
    const raised = { ...edges, top: top.map((value, j) => j === 0 ? value + 10 : value) };
    const base = { ...edges, top: [10] };
    return band.wavelength.map((x) =>
      k === 0 ? shapeThroughput(shape, x) : shapeThroughput(raised, x) - shapeThroughput(base, x)
    );
  });
  const n = band.wavelength.length;
  const design = matrix(Float64Array.from({ length: n * 4 }, (_, i) => columns[i % 4][i >> 2]), n, 4);
  const shape = { ...edges, top: [...leastSquares(design, band.throughput).x] };
  let loss = 0;
  for (let i = 0; i < n; i++) loss += (shapeThroughput(shape, band.wavelength[i]) - band.throughput[i]) ** 2;
  return { shape, loss };
}

function fit(band: Passband): PassbandShape {
  const largest = band.throughput.reduce((a, b) => Math.max(a, b), 0);
  const above = [...band.wavelength].filter((_, i) => band.throughput[i] > largest / 2);
  let at: Float64Array = Float64Array.of(above[0], Math.log(40), above[above.length - 1], Math.log(40));
  const lower = [above[0] - 400, Math.log(4), above[0] + 200, Math.log(4)];
  const upper = [above[above.length - 1] - 200, Math.log(250), above[above.length - 1] + 400, Math.log(250)];
  for (let round = 0; round < 4; round++) {
    at = minimiseNelderMead((p) => p[2] - p[0] < 200 ? Infinity : bestTop(band, p).loss, at, {
      lower,
      upper,
      xTolerance: 1e-3,
      valueTolerance: 1e-9,
    }).x;
  }
  const { shape } = bestTop(band, at),
    round = (value: number, digits: number) => Number(value.toFixed(digits));
  return {
    blue: round(shape.blue, 1),
    blueWidth: round(shape.blueWidth, 2),
    red: round(shape.red, 1),
    redWidth: round(shape.redWidth, 2),
    top: shape.top.map((value) => round(value, 5)),
  };
}

/** A fit on the fine grid that its table and itself are compared on. */
function tabulated(shape: PassbandShape): Passband {
  const [first, last] = shapeRange(shape);
  const wavelength = Float64Array.from({ length: Math.ceil((last - first) / 5) }, (_, i) => first + 5 * i);
  return { name: "", wavelength, throughput: wavelength.map((x) => shapeThroughput(shape, x)) };
}

function errors(shape: PassbandShape, band: Passband) {
  const largest = band.throughput.reduce((a, b) => Math.max(a, b), 0), made = tabulated(shape);
  let most = 0, squares = 0, count = 0;
  band.wavelength.forEach((x, i) => {
    const error = (shapeThroughput(shape, x) - band.throughput[i]) / largest;
    if (band.throughput[i] < 0.01 * largest) return;
    most = Math.max(most, Math.abs(error));
    squares += error * error;
    count++;
  });
  const black = (temperature: number) => (x: number) =>
    1e20 / x ** 5 / Math.expm1(1.438777e8 / x / temperature);
  const flat = (x: number) => 1e8 / x ** 2;
  const against = (p: Passband, t: number) => abMagnitude(p, black(t)) - abMagnitude(p, flat);
  return {
    largestError: Number(most.toFixed(3)),
    rmsError: Number(Math.sqrt(squares / count).toFixed(3)),
    meanWavelength: Number(meanWavelength(band).toFixed(1)),
    meanWavelengthError: Number((meanWavelength(made) - meanWavelength(band)).toFixed(1)),
    blackBodyMagnitudeErrors: [4000, 7000, 15000].map((t) =>
      Number((against(made, t) - against(band, t)).toFixed(4))
    ),
  };
}

function write(name: string, content: unknown) {
  Deno.writeTextFileSync(
    new URL(`../data/passbands/${name}.json`, import.meta.url),
    JSON.stringify(content, null, 2) + "\n",
  );
}

Deno.mkdirSync(new URL("../data/passbands", import.meta.url), { recursive: true });
for (const { name, source, tables } of jobs) {
  const bands = tables.map((band) => {
    const shape = fit(band);
    const found = errors(shape, band);
    console.log(name, band.name, JSON.stringify(shape), JSON.stringify(found));
    return { name: band.name, shape, fit: found };
  });
  write(name, { name, source, form: `${FORM}. ${FIT}`, bands });
}
for (const [name, { source, bands }] of Object.entries(READ_OFF)) {
  write(name, {
    name,
    source,
    form: FORM,
    bands: Object.entries(bands).map(([band, [blue, blueWidth, red, redWidth, top]]) => ({
      name: band,
      shape: { blue, blueWidth, red, redWidth, top },
    })),
  });
}
