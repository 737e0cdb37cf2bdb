/** What the study `simulated_sky_realism` comes to, as rows for tables and figures. */

/** A row of the study's results. */
export interface RealismStudyRow extends Record<string, unknown> {
  /** `"distribution"`, `"errors"`, `"told apart"`, `"betrayed"` or `"supernovae"`. */
  result: string;
  /** `"snpcc"` or `"plasticc"`. */
  challenge: string;
  /** `"full"`, or `"small"` for the entry that a test computes again. */
  size: string;
  /** Which sky. */
  seed: number;
}

type Rows = readonly RealismStudyRow[];

const select = (rows: Rows, wanted: Record<string, unknown>) =>
  rows.filter((row) =>
    row.size === "full" && Object.entries(wanted).every(([name, value]) => row[name] === value)
  );

const numbers = (rows: Rows, name: string) => rows.map((row) => row[name] as number);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** Several skies in one interval: mean, lowest lower and highest upper end. */
export interface SkyInterval {
  /** What was measured. */
  label: string;
  /** What was given. */
  series?: string;
  /** One value a sky. */
  values: number[];
  /** Mean over the skies. */
  centre: number;
  /** Lowest lower end of a bootstrap interval. */
  lower: number;
  /** Highest upper end. */
  upper: number;
}

function intervalOf(rows: Rows, label: string, series?: string): SkyInterval {
  const values = numbers(rows, "area");
  return {
    label,
    ...(series === undefined ? {} : { series }),
    values,
    centre: mean(values),
    lower: Math.min(...numbers(rows, "low")),
    upper: Math.max(...numbers(rows, "high")),
  };
}

/** Returns the area under the ROC curve of telling challenge and simulation apart, by group. */
export function apartIntervals(rows: Rows): SkyInterval[] {
  const all = select(rows, { result: "told apart" });
  return distinct(all.map((row) => row.group as string)).map((group) =>
    intervalOf(select(all, { group }), group)
  );
}

/** Returns accuracy and area of telling apart, by group. */
export function apartTable(rows: Rows): Record<string, unknown>[] {
  return apartIntervals(rows).map(({ label, centre, lower, upper }) => {
    const own = select(rows, { result: "told apart", group: label }), accuracy = numbers(own, "accuracy");
    return {
      group: label,
      objects: Math.round(mean(numbers(own, "objects"))),
      accuracy: mean(accuracy),
      lowest: Math.min(...accuracy),
      highest: Math.max(...accuracy),
      area: centre,
      low: lower,
      high: upper,
    };
  });
}

/** Returns the features that betray a group most, with importance and distance averaged over the skies in which they are listed. */
export function betrayedTable(rows: Rows, group: string, count = 8): Record<string, unknown>[] {
  const all = select(rows, { result: "betrayed", group }),
    skies = distinct(all.map(({ seed }) => seed)).length;
  return distinct(all.map((row) => row.feature as string)).map((feature) => {
    const own = select(all, { feature });
    return {
      feature,
      skies: own.length,
      // Not among the first of a sky: less than the last of these, and so left at nothing.
      importance: numbers(own, "importance").reduce((sum, value) => sum + value, 0) / skies,
      distance: mean(numbers(own, "distance")),
      challenge: mean(numbers(own, "realMedian")),
      simulated: mean(numbers(own, "simulatedMedian")),
    };
  }).sort((a, b) => b.importance - a.importance).slice(0, count);
}

/** Returns the areas for type Ia against core collapse on the challenge, by what the forest was trained on. */
export function learnedIntervals(rows: Rows): SkyInterval[] {
  const all = select(rows, { result: "supernovae" });
  return distinct(all.map((row) => row.input as string)).flatMap((input) =>
    ["simulation", "challenge"].map((training) =>
      intervalOf(select(all, { input, training }), input, training)
    )
  );
}

/** Returns areas and their gap, one row an input: means over skies, with the lowest and the highest end of the intervals. */
export function learnedTable(rows: Rows): Record<string, unknown>[] {
  const all = select(rows, { result: "supernovae" });
  return distinct(all.map((row) => row.input as string)).map((input) => {
    const of = (training: string) => intervalOf(select(all, { input, training }), input);
    const [simulation, challenge, gap] = [of("simulation"), of("challenge"), of("gap")];
    return {
      input,
      simulation: simulation.centre,
      low: simulation.lower,
      high: simulation.upper,
      challenge: challenge.centre,
      gap: gap.centre,
      gapLow: gap.lower,
      gapHigh: gap.upper,
    };
  });
}

/** Returns distributions of a group: medians, the mean Kolmogorov-Smirnov distance and the mean chance that a simulated value is above a real one. */
export function distributionTable(
  rows: Rows,
  { challenge, group }: { challenge: string; group: string },
): Record<string, unknown>[] {
  const all = select(rows, { result: "distribution", challenge, group });
  return distinct(all.map((row) => row.quantity as string)).map((quantity) => {
    const own = select(all, { quantity }), distance = numbers(own, "distance");
    return {
      quantity,
      objects: Math.round(mean(numbers(own, "realCount"))),
      simulated: Math.round(mean(numbers(own, "simulatedCount"))),
      challengeMedian: mean(numbers(own, "real50")),
      simulatedMedian: mean(numbers(own, "simulated50")),
      challengeMean: mean(numbers(own, "realMean")),
      simulatedMean: mean(numbers(own, "simulatedMean")),
      distance: mean(distance),
      lowest: Math.min(...distance),
      highest: Math.max(...distance),
      above: mean(numbers(own, "above")),
    };
  });
}

/** Returns the distributions of one quantity in several groups. */
export function quantityTable(
  rows: Rows,
  { challenge, quantity }: { challenge: string; quantity: string },
): Record<string, unknown>[] {
  const groups = distinct(
    select(rows, { result: "distribution", challenge, quantity }).map((row) => row.group),
  );
  return groups.map((group) => ({
    group,
    ...distributionTable(rows, { challenge, group: group as string }).find((row) =>
      row.quantity === quantity
    ),
  }));
}

const PERCENT = [5, 25, 50, 75, 95] as const;

/** Returns quantiles of quantities in the challenge (as the first sky saw it) and in each sky. */
export function quantilesOf(
  rows: Rows,
  { challenge, group }: { challenge: string; group: string },
  quantities: readonly string[],
): { label: string; real: number[]; simulated: number[][] }[] {
  return quantities.map((quantity) => {
    const own = select(rows, { result: "distribution", challenge, group, quantity });
    const at = (row: RealismStudyRow, name: string) => PERCENT.map((p) => row[`${name}${p}`] as number);
    return { label: quantity, real: at(own[0], "real"), simulated: own.map((row) => at(row, "simulated")) };
  });
}

/** Returns how errors grow with magnitude in the first sky and its challenge; `suffix` is of the samples' names, e.g. `", deep"`. */
export function errorCurves(
  rows: Rows,
  { challenge, suffix = "" }: { challenge: string; suffix?: string },
): {
  band: string;
  simulated: boolean;
  points: { magnitude: number; low: number; middle: number; high: number }[];
}[] {
  const all = select(rows, { result: "errors", challenge, seed: 1 });
  const bands = distinct(all.map((row) => row.band as string));
  return bands.flatMap((band) =>
    [false, true].map((simulated) => ({
      band,
      simulated,
      points: select(all, { band, sample: `${simulated ? "simulation" : "challenge"}${suffix}` }).map((
        row,
      ) => ({
        magnitude: row.magnitude as number,
        low: row.low as number,
        middle: row.middle as number,
        high: row.high as number,
      })),
    }))
  );
}
