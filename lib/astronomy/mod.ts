/** Where the Sun, the Moon and the stars stand, and when a telescope sees them. @module */
export * from "./ephemerides.ts";
export * from "./horizon.ts";
