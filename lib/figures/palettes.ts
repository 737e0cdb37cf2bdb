/**
 * Twelve colours for classes. The first six are those of Okabe and Ito (2008, "Color universal design") that carry
 * on white, in an order that keeps neighbours apart for colour-blind readers too; the rest are darker and paler
 * relatives, which nobody can tell apart by hue alone. Hence the second channel: {@link CLASS_SYMBOLS} for dots,
 * {@link CLASS_DASHES} for lines.
 */
export const CLASS_COLOURS: readonly string[] = [
  ...["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#882255"],
  ...["#8C8C8C", "#332288", "#999933", "#B8A100", "#000000"],
];

/** One Plot symbol for each of {@link CLASS_COLOURS}; all are filled shapes that differ when small. */
export const CLASS_SYMBOLS: readonly string[] = [
  ...["circle", "triangle", "square", "diamond", "star", "cross", "wye"],
  // The partner in shape is the one of the seven that is furthest in colour, for every kind of vision.
  ...["diamond", "triangle", "wye", "circle", "square"],
];

/** One SVG dash pattern for each of {@link CLASS_COLOURS}; the empty one is a solid line. */
export const CLASS_DASHES: readonly string[] = [
  ...["", "6 3", "2 2", "8 2 2 2", "4 4", "10 3", "1 3"],
  ...["8 2 2 2", "6 3", "1 3", "", "2 2"],
];

/**
 * Colours of passbands: u to y are those of Rubin Observatory's technical note RTN-045, which were chosen for
 * colour-blind readers; a band of another system takes the colour of its neighbour in wavelength.
 */
const BAND_COLOURS: Record<string, string> = {
  u: "#0c71ff",
  U: "#0c71ff",
  B: "#3356b4",
  g: "#49be61",
  V: "#2e8b57",
  r: "#c61c00",
  R: "#c61c00",
  i: "#ffc200",
  I: "#d39a00",
  z: "#f341a2",
  y: "#5d0000",
  Y: "#5d0000",
  G: "#333333",
};

/** Symbols of passbands, the second channel beside {@link bandColour}. */
const BAND_SYMBOLS: Record<string, string> = {
  u: "circle",
  g: "triangle",
  r: "square",
  i: "diamond",
  z: "star",
  y: "cross",
};

/** Returns the colour of a passband such as `"g"` or `"lsst g"`; an unknown one takes a class colour by its place. */
export function bandColour(band: string, place = 0): string {
  return BAND_COLOURS[lastLetter(band)] ?? classColour(place);
}

/** Returns the Plot symbol of a passband, by the same rule as {@link bandColour}. */
export function bandSymbol(band: string, place = 0): string {
  return BAND_SYMBOLS[lastLetter(band).toLowerCase()] ?? CLASS_SYMBOLS[place % CLASS_SYMBOLS.length];
}

/** Survey prefixes ("lsst g", "ztf_r", "sdss-i") do not change what a band looks like. */
const lastLetter = (band: string) => /(?:^|[\s_.:-])([A-Za-z])'?$/.exec(band)?.[1] ?? band;

/** Returns the colour of class number `index` (from 0); after twelve they repeat. */
export function classColour(index: number): string {
  return CLASS_COLOURS[index % CLASS_COLOURS.length];
}

/** Returns `"black"` or `"white"`, whichever is read better on `colour` (`#rrggbb`), by the contrast ratio of WCAG 2. */
export function readableInk(colour: string): "black" | "white" {
  const luminance = relativeLuminance(colour);
  return (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) ? "black" : "white";
}

/** Returns the relative luminance of `#rrggbb` in 0-1 (WCAG 2). */
export function relativeLuminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const value = parseInt(colour.slice(i, i + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Returns the colour a `share` (0-1) of the way from `from` to `to` (both `#rrggbb`), mixed in sRGB. */
export function mixColours(from: string, to: string, share: number): string {
  return "#" + [1, 3, 5].map((i) => {
    const a = parseInt(from.slice(i, i + 2), 16), b = parseInt(to.slice(i, i + 2), 16);
    return Math.round(a + (b - a) * share).toString(16).padStart(2, "0");
  }).join("");
}
