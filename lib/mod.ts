/**
 * ephemera: the objects of the sky that change. What most programs need at hand; every folder has an export path of its
 * own (`ephemera/tensor`, `ephemera/figures`, `ephemera/chapters/novelty`, ...), and importing one does not load the rest.
 *
 * @module
 */
export * from "./core/mod.ts";
export * from "./observations/mod.ts";
