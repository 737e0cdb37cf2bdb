/** Tables of the study over many skies, beside the paper's numbers. */
import { studentInterval, summarise } from "../../learn/mod.ts";
import { STRATEGIES, type Strategy } from "./strategies.ts";

/** A row of the study of chapter 05; which columns it has depends on `result`. */
export type FollowUpStudyRow = {
  result: string;
  seed: number;
  size: string;
  strategy?: string;
  share?: number;
  correctedShare?: number;
  probabilityGain?: number;
  accuracy?: number;
  hours?: number;
  rule?: string;
  gain?: number;
  netCorrected?: number;
  spectra?: number | null;
  time?: number;
  both?: number;
};

/** One numbered row of a table. */
export type TableRow = Record<string, string | number>;

/**
 * Share of corrected objects among the first 5, 10 and 20 % (127, 255 and 510 of 2554) in the paper's public notebook, and the
 * gain in ground-truth probability at 5 % in its text (section 8.3).
 */
export const PAPER_STRATEGY_RESULTS: Readonly<
  Partial<Record<Strategy, { corrected: readonly [number, number, number]; gain?: number }>>
> = {
  "random": { corrected: [0.040, 0.040, 0.040], gain: 0.03 },
  "entropy": { corrected: [0.197, 0.153, 0.139], gain: 0.11 },
  "gain": { corrected: [0.087, 0.106, 0.090] },
  "gain + change": { corrected: [0.362, 0.204, 0.131], gain: 0.13 },
  "entropy + change": { corrected: [0.370, 0.228, 0.151] },
  "ideal": { corrected: [0.102, 0.086, 0.061] },
};

const full = (results: readonly FollowUpStudyRow[], result: string) =>
  results.filter((row) => row.result === result && row.size === "full");

/** Returns, for each strategy, corrected objects and gain at 5, 10 and 20 %: mean ± deviation over skies, and the paper's. */
export function strategyTable(results: readonly FollowUpStudyRow[]): TableRow[] {
  const rows = full(results, "strategy");
  return STRATEGIES.flatMap((strategy) => {
    const own = rows.filter((row) => row.strategy === strategy);
    if (own.length === 0) return [];
    const at = (share: number, name: "correctedShare" | "probabilityGain") =>
      String(
        summarise(own.filter((row) => row.share === share), { by: ["strategy"], values: [name] })[0][name],
      );
    const paper = PAPER_STRATEGY_RESULTS[strategy];
    return [{
      strategy,
      "corrected, 5 %": at(0.05, "correctedShare"),
      "10 %": at(0.1, "correctedShare"),
      "20 %": at(0.2, "correctedShare"),
      "paper, corrected": paper?.corrected.map((value) => value.toFixed(2)).join(", ") ?? "",
      "gain, 5 %": at(0.05, "probabilityGain"),
      "paper, gain": paper?.gain?.toFixed(2) ?? "",
    }];
  });
}

/**
 * Returns the ratio of each strategy's corrected objects to those of the entropy and of chance, at one share: mean over skies
 * with its 95 % interval (Student's t), and on how many skies it is above 1.
 */
export function ratioTable(results: readonly FollowUpStudyRow[], share: number): TableRow[] {
  const rows = full(results, "strategy").filter((row) => row.share === share);
  const bySeed = (strategy: string) =>
    new Map(rows.filter((row) => row.strategy === strategy).map((row) => [row.seed, row.correctedShare!]));
  const entropy = bySeed("entropy"), chance = bySeed("random");
  return STRATEGIES.filter((strategy) => strategy !== "random").flatMap((strategy) => {
    const own = bySeed(strategy);
    if (own.size === 0) return [];
    const over = (base: Map<number, number>) => {
      const ratios = [...own].map(([seed, value]) => value / base.get(seed)!);
      const { mean, low, high } = studentInterval(ratios);
      return {
        text: `${mean.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`,
        above: `${ratios.filter((ratio) => ratio > 1).length} of ${ratios.length}`,
      };
    };
    const toEntropy = over(entropy), toChance = over(chance);
    return [{
      strategy,
      "over the entropy": toEntropy.text,
      "skies above it": toEntropy.above,
      "over chance": toChance.text,
      "skies above chance": toChance.above,
    }];
  });
}

/**
 * Returns what a list worked off from the top and a knapsack bring in the same time: realised gain in ground-truth probability,
 * summed over the spectra, and the paired difference over skies with its 95 % interval.
 */
export function budgetTable(results: readonly FollowUpStudyRow[]): TableRow[] {
  const rows = full(results, "budget"), hours = [...new Set(rows.map((row) => row.hours!))];
  const chosen = (time: number, strategy: string, rule: string) =>
    rows.filter((row) => row.hours === time && row.strategy === strategy && row.rule === rule);
  const text = (own: FollowUpStudyRow[], name: "gain" | "spectra" | "netCorrected") =>
    String(summarise(own, { by: ["rule"], values: [name], digits: 1 })[0][name]);
  return hours.flatMap((time) =>
    ["entropy", "gain", "decision gain"].flatMap((strategy) => {
      const list = chosen(time, strategy, "list"), best = chosen(time, strategy, "knapsack");
      if (list.length === 0 || best.length === 0) return [];
      const differences = list.map((row) => best.find(({ seed }) => seed === row.seed)!.gain! - row.gain!);
      const { mean, low, high } = studentInterval(differences);
      return [{
        hours: time,
        "worth by": strategy,
        "spectra, list": text(list, "spectra"),
        "spectra, knapsack": text(best, "spectra"),
        "gain, list": text(list, "gain"),
        "gain, knapsack": text(best, "gain"),
        "difference": `${mean.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`,
        "net corrected, list": text(list, "netCorrected"),
        "net corrected, knapsack": text(best, "netCorrected"),
      }];
    })
  );
}

/** A curve with intervals, as `bandCurves` draws it. */
export interface AccuracyCurve {
  label: string;
  x: number[];
  y: number[];
  low: number[];
  high: number[];
}

/** Returns the accuracy over all stars against the share that got a spectrum: mean over skies, with its 95 % interval. */
export function accuracyCurves(
  results: readonly FollowUpStudyRow[],
  strategies: readonly Strategy[],
): AccuracyCurve[] {
  const rows = full(results, "curve");
  return strategies.map((label) => {
    const own = rows.filter((row) => row.strategy === label);
    const x = [...new Set(own.map((row) => Math.round(100 * row.share!) / 100))].sort((a, b) => a - b);
    const points = x.map((share) =>
      studentInterval(own.filter((row) => Math.abs(row.share! - share) < 0.006).map((row) => row.accuracy!))
    );
    return {
      label,
      x,
      y: points.map(({ mean }) => mean),
      low: points.map(({ low }) => low),
      high: points.map(({ high }) => high),
    };
  });
}
