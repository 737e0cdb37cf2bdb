/** The auxiliary features z_a of eq. 2, standardised, with missing photometry filled from similar stars. */
import { demand } from "../../core/mod.ts";
import { type Matrix, median, zeros } from "../../numerics/mod.ts";
import type { AuxiliaryOptions } from "./configuration.ts";
import type { SequenceSet } from "./sequences.ts";
import { simpleFeatures } from "./simple_features.ts";

/** How many training sequences a missing value is the median of. */
const NEIGHBOURS = 15;

/** What was learned from the training sequences; plain data, fit for a file. */
export interface AuxiliaryScaling {
  /** Mean of each column. */
  means: number[];
  /** Standard deviation of each column, 1 for a column that does not vary. */
  deviations: number[];
  /**
   * Standardised training rows that have all photometry, thinned to at most 2000, from which missing values are filled.
   * Empty without photometric columns.
   */
  donors: { rows: number; columns: number; data: number[] };
}

/** The number of columns before the photometric ones: mean, deviation, log period. */
const ALWAYS = 3;

/** Returns the raw auxiliary table of sequences: mean, deviation, log10 period, photometry (NaN where missing), simple features. */
export function auxiliaryTable(set: SequenceSet, options: AuxiliaryOptions): Matrix {
  demand(set.photometry.columns === options.photometry.length, () => ({
    expected: `sequences with the photometric columns ${options.photometry.join(", ") || "(none)"}`,
    found: `${set.photometry.columns} columns`,
    where: "auxiliaryTable",
    remedy: "cut the sequences with the same auxiliaries.photometry",
  }));
  const simple = options.simpleFeatures ? simpleFeatures(set) : zeros(set.count, 0);
  const columns = ALWAYS + set.photometry.columns + simple.columns;
  const table = zeros(set.count, columns);
  for (let i = 0; i < set.count; i++) {
    table.data.set([set.mean[i], set.deviation[i], set.logPeriod[i]], i * columns);
    table.data.set(
      set.photometry.data.subarray(i * set.photometry.columns, (i + 1) * set.photometry.columns),
      i * columns + ALWAYS,
    );
    table.data.set(
      simple.data.subarray(i * simple.columns, (i + 1) * simple.columns),
      i * columns + ALWAYS + set.photometry.columns,
    );
  }
  return table;
}

/** Learns means, deviations and donors from the training table, of which `photometry` columns follow the first three. */
export function fitAuxiliaries(table: Matrix, photometry: number): AuxiliaryScaling {
  const means: number[] = [], deviations: number[] = [];
  for (let j = 0; j < table.columns; j++) {
    let count = 0, mean = 0, square = 0;
    for (let i = 0; i < table.rows; i++) {
      const x = table.data[i * table.columns + j];
      if (Number.isNaN(x)) continue;
      const step = x - mean;
      mean += step / ++count;
      square += step * (x - mean);
    }
    demand(count > 0, {
      expected: "at least one training sequence with each photometric column",
      found: `none for auxiliary column ${j}`,
      where: "fitAuxiliaries",
      remedy: "leave that column out of auxiliaries.photometry",
    });
    means.push(mean);
    deviations.push(Math.sqrt(square / count) || 1);
  }
  const scaling: AuxiliaryScaling = { means, deviations, donors: { rows: 0, columns: 0, data: [] } };
  if (photometry > 0) scaling.donors = chooseDonors(standardise(table, scaling), photometry);
  return scaling;
}

/**
 * Returns the standardised table with missing photometry filled: each missing value is the median over the training
 * sequences nearest in mean, deviation and log period. The public code put 99 there, which made a second peak of
 * energies out of missing data.
 */
export function scaleAuxiliaries(table: Matrix, scaling: AuxiliaryScaling): Matrix {
  demand(table.columns === scaling.means.length, () => ({
    expected: `${scaling.means.length} auxiliary columns`,
    found: String(table.columns),
    where: "scaleAuxiliaries",
    remedy: "use the configuration that the model was fitted with",
  }));
  const scaled = standardise(table, scaling), { columns } = scaled;
  for (let i = 0; i < scaled.rows; i++) {
    const row = scaled.data.subarray(i * columns, (i + 1) * columns);
    if (row.some(Number.isNaN)) fill(row, scaling.donors);
  }
  return scaled;
}

function standardise(table: Matrix, { means, deviations }: AuxiliaryScaling): Matrix {
  const { rows, columns } = table;
  return {
    rows,
    columns,
    data: table.data.map((x, i) => (x - means[i % columns]) / deviations[i % columns]),
  };
}

function chooseDonors(table: Matrix, photometry: number): AuxiliaryScaling["donors"] {
  const columns = ALWAYS + photometry, complete: number[] = [];
  for (let i = 0; i < table.rows; i++) {
    const row = table.data.subarray(i * table.columns, i * table.columns + columns);
    if (!row.some(Number.isNaN)) complete.push(i);
  }
  demand(complete.length > 0, {
    expected: "training sequences with all photometric columns",
    found: "none",
    where: "fitAuxiliaries",
    remedy: "leave out a photometric column that is rarely measured",
  });
  const step = Math.max(1, complete.length / 2000), data: number[] = [];
  for (let at = 0; at < complete.length; at += step) {
    const start = complete[Math.floor(at)] * table.columns;
    data.push(...table.data.subarray(start, start + columns));
  }
  return { rows: data.length / columns, columns, data };
}

function fill(row: Float64Array, donors: AuxiliaryScaling["donors"]): void {
  const distance = Float64Array.from({ length: donors.rows }, (_, d) => {
    let sum = 0;
    for (let j = 0; j < ALWAYS; j++) sum += (row[j] - donors.data[d * donors.columns + j]) ** 2;
    return sum;
  });
  const nearest = Array.from(distance.keys()).sort((a, b) => distance[a] - distance[b]).slice(0, NEIGHBOURS);
  for (let j = ALWAYS; j < donors.columns; j++) {
    if (Number.isNaN(row[j])) row[j] = median(nearest.map((d) => donors.data[d * donors.columns + j]));
  }
}
