/** What the catalogue says of one object besides its light curve. */
import { type FlatUniverse, galactic } from "../../astronomy/mod.ts";
import type { Random } from "../../core/mod.ts";
import {
  drawHost,
  drawNeighbour,
  HOST_BANDS,
  type HostGalaxy,
  type SpectroscopicCoverage,
  spectroscopicShare,
} from "./host_galaxy.ts";
import {
  drawPhotometricRedshift,
  drawRedshiftQuantiles,
  type RedshiftEstimate,
} from "./photometric_redshift.ts";
import type { CatalogueStyle } from "./preset.ts";

/** What the row is made from. */
export interface CatalogueSubject {
  /** Degrees. */
  ra: number;
  /** Degrees. */
  dec: number;
  /** Is it in a deep field? */
  deep: boolean;
  /** True heliocentric redshift, 0 in the Milky Way. */
  redshift: number;
  /** The catalogue's E(B-V). */
  mwebv: number;
  /** Was it chosen by a spectrum, so that its redshift is known from one? */
  followed: boolean;
}

/** What the row depends on besides the subject. */
export interface CatalogueRules {
  catalogue: CatalogueStyle;
  universe: FlatUniverse;
  dustError: number;
  hosts: { share: number; second: number };
  spectroscopy: SpectroscopicCoverage;
}

/** Error of a redshift from a spectrum. */
const SPECTROSCOPIC_ERROR = 0.001;

/** i magnitude among {@link HOST_BANDS}. */
const I_BAND = 3;

/**
 * Draws the catalogue's numbers for an object; NaN is missing. PLAsTiCC: `ra`, `decl`, `gal_l`, `gal_b`, `ddf`, `hostgal_specz`,
 * `hostgal_photoz`, `hostgal_photoz_err`, `distmod` (of the photometric redshift), `mwebv`; redshifts are 0 in the Milky Way.
 * ELAsTiCC: `RA`, `DEC`, `MWEBV`, `MWEBV_ERR`, `REDSHIFT_HELIO`, `REDSHIFT_HELIO_ERR` and thirty columns for each of `HOSTGAL_`
 * and `HOSTGAL2_`. The supernova challenge: `ra`, `dec`, `mwebv`, `hostgal_photoz`, `hostgal_photoz_err`, `redshift_spec`.
 * Stars: `ra`, `dec`, `gal_l`, `gal_b`, `mwebv`.
 */
export function catalogueRow(
  random: Random,
  subject: CatalogueSubject,
  rules: CatalogueRules,
): Record<string, number> {
  const { ra, dec, mwebv } = subject, place = galactic({ ra, dec });
  switch (rules.catalogue) {
    case "plasticc":
      return {
        ra,
        decl: dec,
        gal_l: place.l,
        gal_b: place.b,
        ...plasticcRedshifts(random, subject, rules),
        mwebv,
      };
    case "elasticc":
      return elasticcRow(random, subject, rules);
    case "snpcc":
      return { ra, dec, mwebv, ...challengeRedshifts(random, subject, rules) };
    case "stars":
      return { ra, dec, gal_l: place.l, gal_b: place.b, mwebv };
  }
}

/** Is there a spectrum of the host, which an object chosen by its own spectrum does not need? */
function hasSpectrum(random: Random, host: HostGalaxy, followed: boolean, rules: CatalogueRules): boolean {
  const lucky = random.uniform() < spectroscopicShare(host.magnitude[I_BAND], rules.spectroscopy);
  return followed || lucky;
}

function plasticcRedshifts(random: Random, subject: CatalogueSubject, rules: CatalogueRules) {
  const { redshift, deep, followed } = subject, ddf = Number(deep);
  if (redshift === 0) {
    return { ddf, hostgal_specz: 0, hostgal_photoz: 0, hostgal_photoz_err: 0, distmod: NaN };
  }
  const host = drawHost(random, redshift, rules.universe);
  const spectrum = hasSpectrum(random, host, followed, rules);
  const specz = Math.max(1e-3, redshift + SPECTROSCOPIC_ERROR * (1 + redshift) * random.normal());
  const { value, error } = drawPhotometricRedshift(random, redshift);
  return {
    ddf,
    hostgal_specz: spectrum ? specz : NaN,
    hostgal_photoz: value,
    hostgal_photoz_err: error,
    distmod: rules.universe.distanceModulus(value),
  };
}

/** Median over 1 + z and scatter of the logarithm of the error, as in the challenge, whose photometric redshifts have no outliers. */
const CHALLENGE = { error: 0.018, scatter: 0.45 } as const;

function challengeRedshifts(random: Random, subject: CatalogueSubject, rules: CatalogueRules) {
  const { redshift, followed } = subject, stretch = 1 + redshift;
  const host = drawHost(random, redshift, rules.universe);
  const spectrum = hasSpectrum(random, host, followed, rules);
  const error = CHALLENGE.error * stretch * Math.exp(CHALLENGE.scatter * random.normal());
  const specz = Math.max(1e-3, redshift + SPECTROSCOPIC_ERROR * stretch * random.normal());
  return {
    hostgal_photoz: Math.max(0.005, redshift + error * random.normal()),
    hostgal_photoz_err: error,
    redshift_spec: spectrum ? specz : NaN,
  };
}

function elasticcRow(random: Random, subject: CatalogueSubject, rules: CatalogueRules) {
  const { ra, dec, redshift, mwebv, followed } = subject, outside = redshift > 0;
  const row: Record<string, number> = { RA: ra, DEC: dec, MWEBV: mwebv, MWEBV_ERR: mwebv * rules.dustError };
  const listed = outside && random.uniform() < rules.hosts.share;
  const crowded = listed && random.uniform() < rules.hosts.second;
  const best = hostColumns(
    "HOSTGAL_",
    listed ? drawHost(random, redshift, rules.universe) : null,
    random,
    followed,
    rules,
    row,
  );
  hostColumns(
    "HOSTGAL2_",
    crowded ? drawNeighbour(random, redshift, rules.universe) : null,
    random,
    false,
    rules,
    row,
  );
  row.REDSHIFT_HELIO = best.value;
  row.REDSHIFT_HELIO_ERR = best.error;
  return row;
}

/** Writes the thirty columns of a host, all NaN without one, and returns the best redshift that they hold. */
function hostColumns(
  prefix: string,
  host: HostGalaxy | null,
  random: Random,
  followed: boolean,
  rules: CatalogueRules,
  row: Record<string, number>,
): RedshiftEstimate {
  const photometric = host && drawRedshiftQuantiles(random, host.redshift);
  const spectrum = host !== null && hasSpectrum(random, host, followed, rules);
  row[`${prefix}ELLIPTICITY`] = host?.ellipticity ?? NaN;
  row[`${prefix}SQRADIUS`] = host?.squareRadius ?? NaN;
  row[`${prefix}SNSEP`] = host?.separation ?? NaN;
  for (const [k, band] of HOST_BANDS.entries()) {
    row[`${prefix}MAG_${band}`] = host?.magnitude[k] ?? NaN;
    row[`${prefix}MAGERR_${band}`] = host?.magnitudeError[k] ?? NaN;
  }
  row[`${prefix}PHOTOZ`] = photometric?.value ?? NaN;
  row[`${prefix}PHOTOZ_ERR`] = photometric?.error ?? NaN;
  for (let q = 0; q <= 10; q++) {
    row[`${prefix}ZPHOT_Q${String(10 * q).padStart(3, "0")}`] = photometric?.quantiles[q] ?? NaN;
  }
  const specz = host && spectrum
    ? Math.max(1e-3, host.redshift + SPECTROSCOPIC_ERROR * random.normal())
    : NaN;
  row[`${prefix}SPECZ`] = specz;
  row[`${prefix}SPECZ_ERR`] = spectrum ? SPECTROSCOPIC_ERROR : NaN;
  return spectrum
    ? { value: specz, error: SPECTROSCOPIC_ERROR }
    : { value: photometric?.value ?? NaN, error: photometric?.error ?? NaN };
}
