import type { NoveltyConfiguration } from "../../chapters/novelty/mod.ts";
import { networkDiagram } from "../charts/mod.ts";
import type { ChartOptions } from "../charts/options.ts";
import type { Figure } from "../figure.ts";

/** Returns the diagram of both networks with the sizes of a configuration (paper 004, figure 1). */
export function noveltyArchitecture(
  { network, sequence, auxiliaries }: NoveltyConfiguration,
  classes: number,
  options: ChartOptions = {},
): Figure {
  const { units, layers, embedding, estimationUnits, dropout, estimationDropout } = network;
  const known = 3 + auxiliaries.photometry.length + (auxiliaries.simpleFeatures ? 12 : 0);
  return networkDiagram(
    [
      { id: "input", label: "sequence", detail: [`${sequence.epochs} x (lag, magnitude)`], group: "data" },
      {
        id: "encoder",
        label: "encoder",
        detail: [`${layers} GRU layers of ${units}`, `dropout ${dropout} between`],
        group: "autoencoder",
      },
      { id: "embedding", label: "embedding", detail: [`${embedding}, linear`], group: "autoencoder" },
      {
        id: "decoder",
        label: "decoder",
        detail: ["embedding and lags in", `${layers} GRU layers of ${units}`],
        group: "autoencoder",
      },
      { id: "output", label: "reconstruction", detail: [`${sequence.epochs} magnitudes`], group: "data" },
      {
        id: "features",
        label: "features z",
        detail: [`${embedding} embedding`, "2 reconstruction", `${known} auxiliary`],
        group: "estimation network",
      },
      {
        id: "hidden",
        label: "dense, tanh",
        detail: [`${estimationUnits} units`, `dropout ${estimationDropout}`],
        group: "estimation network",
      },
      {
        id: "softmax",
        label: "memberships",
        detail: [`softmax over ${classes} classes`, `= ${classes} Gaussians`],
        group: "estimation network",
      },
    ],
    [
      { from: "input", to: "encoder" },
      { from: "encoder", to: "embedding" },
      { from: "embedding", to: "decoder" },
      { from: "decoder", to: "output" },
      { from: "embedding", to: "features" },
      { from: "output", to: "features" },
      { from: "features", to: "hidden" },
      { from: "hidden", to: "softmax" },
    ],
    options,
  );
}
