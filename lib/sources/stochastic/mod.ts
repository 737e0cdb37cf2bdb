/** Light that changes at random: active nuclei, flaring dwarfs, dwarf novae. @module */
export * from "./agn.ts";
export * from "./damped_walks.ts";
export * from "./dwarf_nova.ts";
export * from "./flare.ts";
export * from "./keyed_noise.ts";
export * from "./m_dwarf.ts";
