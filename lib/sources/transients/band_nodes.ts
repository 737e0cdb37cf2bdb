/**
 * Few wavelengths and weights that integrate a spectrum through a passband: Gauss quadrature with the
 * throughput as weight.
 */
import { AB_REFERENCE, extinctionCurve, LIGHT_ANGSTROM, type Passband } from "../../astronomy/mod.ts";
import { demand } from "../../core/mod.ts";
import { matrix, symmetricEigen } from "../../numerics/mod.ts";

/** Number of nodes: a polynomial of degree 39 times the throughput is integrated exactly. */
export const NODE_COUNT = 20;

/** Quadrature of one passband. */
export interface BandNodes {
  /** Observed wavelengths in angstrom, ascending. */
  readonly wavelength: Float64Array;
  /**
   * Weights: the sum of weight times f_lambda (erg/s/cm^2/A) is the photon-counting mean f_nu over that of AB
   * magnitude zero, i.e.
   * the flux with zero point 0.
   */
  readonly weight: Float64Array;
  /** A(lambda) / A(V) of the Milky Way at each wavelength (Fitzpatrick 1999, R_V = 3.1). */
  readonly extinction: Float64Array;
}

const cache = new WeakMap<Passband, BandNodes>();

/**
 * Returns the quadrature of a passband; computed once for each passband object.
 *
 * The orthogonal polynomials of the measure T(lambda) lambda dlambda, as tabulated, come from the Lanczos
 * process with full
 * reorthogonalisation, nodes and weights from the eigenvectors of its Jacobi matrix (Golub & Welsch 1969).
 *
 * @throws EphemeraError for a passband with fewer than {@link NODE_COUNT} wavelengths at which it is not
 * zero.
 */
export function bandNodes(passband: Passband): BandNodes {
  const known = cache.get(passband);
  if (known) return known;
  const made = quadrature(passband);
  cache.set(passband, made);
  return made;
}

function quadrature(passband: Passband): BandNodes {
  const { wavelength, throughput } = passband, last = wavelength.length - 1;
  const x: number[] = [], mass: number[] = [];
  let frequencies = 0;
  for (let i = 0; i <= last; i++) {
    const width = (wavelength[Math.min(i + 1, last)] - wavelength[Math.max(i - 1, 0)]) / 2;
    if (!(throughput[i] > 0)) continue;
    x.push(wavelength[i]);
    mass.push(throughput[i] * wavelength[i] * width);
    frequencies += throughput[i] / wavelength[i] * width;
  }
  demand(x.length >= NODE_COUNT, () => ({
    expected: `a throughput above 0 at ${NODE_COUNT} wavelengths or more`,
    found: `${x.length}`,
    where: `passband ${passband.name}`,
    remedy: "tabulate it more finely, for instance with refinePassband",
  }));
  // Wavelengths on [-1, 1], where the process neither over- nor underflows.
  const middle = (x[0] + x[x.length - 1]) / 2, half = (x[x.length - 1] - x[0]) / 2;
  const total = mass.reduce((a, b) => a + b, 0);
  const basis: Float64Array[] = [Float64Array.from(mass, (value) => Math.sqrt(value / total))];
  const jacobi = new Float64Array(NODE_COUNT * NODE_COUNT);
  for (let k = 0; k < NODE_COUNT; k++) {
    const next = basis[k].map((value, i) => value * (x[i] - middle) / half);
    jacobi[k * NODE_COUNT + k] = dot(next, basis[k]);
    if (k === NODE_COUNT - 1) break;
    for (let pass = 0; pass < 2; pass++) {
      for (const vector of basis) {
        const share = dot(next, vector);
        for (let i = 0; i < next.length; i++) next[i] -= share * vector[i];
      }
    }
    const norm = Math.sqrt(dot(next, next));
    jacobi[k * NODE_COUNT + k + 1] = norm;
    jacobi[(k + 1) * NODE_COUNT + k] = norm;
    basis.push(next.map((value) => value / norm));
  }
  const { values, vectors } = symmetricEigen(matrix(jacobi, NODE_COUNT, NODE_COUNT));
  const scale = total / (LIGHT_ANGSTROM * frequencies * AB_REFERENCE);
  const nodes = Array.from(values, (value, j) => ({
    wavelength: middle + half * value,
    weight: scale * vectors.data[j * NODE_COUNT] ** 2,
  })).sort((a, b) => a.wavelength - b.wavelength);
  const law = extinctionCurve("fitzpatrick99");
  const column = (pick: (node: typeof nodes[number]) => number) => Float64Array.from(nodes, pick);
  return {
    wavelength: column((node) => node.wavelength),
    weight: column((node) => node.weight),
    extinction: column((node) => law(node.wavelength)),
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
