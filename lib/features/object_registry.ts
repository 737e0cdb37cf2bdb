import type { ObjectFeature } from "./object_feature.ts";
import { plasticcAggregates } from "./plasticc_aggregates.ts";
import { fluxColors, supernovaDetections } from "./supernova/detection_features.ts";
import { supernovaModel } from "./supernova/parametric_fit.ts";

/** The features of whole objects, all bands at once, by name. */
export const objectFeatures: ReadonlyMap<string, ObjectFeature> = new Map(
  [supernovaDetections, fluxColors, supernovaModel, plasticcAggregates].map((
    feature,
  ) => [feature.name, feature]),
);
