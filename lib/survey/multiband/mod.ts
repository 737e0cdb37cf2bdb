/** The sky in many bands: surveys as data, their visits to a place, and what they record of an object. @module */
export * from "./band_noise.ts";
export * from "./detection.ts";
export * from "./known_surveys.ts";
export * from "./moonlight.ts";
export * from "./observe.ts";
export * from "./nights.ts";
export * from "./pointings.ts";
export * from "./programme.ts";
export * from "./read_visits.ts";
export * from "./sky_survey.ts";
export * from "./visits.ts";
