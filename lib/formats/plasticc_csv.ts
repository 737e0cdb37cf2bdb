/**
 * The light curves of PLAsTiCC as the challenge published them: one row an observation, 453 million of them in eleven
 * files, read as a stream of sets.
 */
import { FLUXCAL_ZERO_POINT } from "../astronomy/mod.ts";
import { demand, EphemeraError } from "../core/mod.ts";
import { Flag, LightCurveSet } from "../observations/mod.ts";
import { type ByteSource, sourceName } from "./bytes.ts";
import { FieldScanner } from "./field_scanner.ts";
import { lineBlocks } from "./line_blocks.ts";
import { inOrder, offsetsOf, Rows } from "./observation_rows.ts";
import { PlasticcMetadata, readNames } from "./plasticc_metadata.ts";

/** Names of the challenge's passbands 0 to 5. */
export const PLASTICC_BANDS = ["u", "g", "r", "i", "z", "y"] as const;

/** Options of {@link plasticcLightCurves}. */
export interface ReadPlasticcOptions {
  /** The objects' table, or where it is. Default: none, and the sets have no metadata. */
  metadata?: PlasticcMetadata | ByteSource;
  /** Columns of the metadata to keep, when it is read here. Default all. */
  metadataColumns?: readonly string[];
  /** Names of the classes by the number in the metadata's column `target`. Default: no labels. */
  targets?: Readonly<Record<string, string>>;
  /** Objects of a set. Default 5000. */
  chunkObjects?: number;
  /** Most observations of a set. Default 20 million. */
  maximumObservations?: number;
  /** What to call the sources in messages. Default: their paths, or "bytes". */
  where?: string;
}

const COLUMNS = ["object_id", "mjd", "passband", "flux", "flux_err"] as const;
/** What the last column is called in the training set of the competition, and elsewhere. */
const DETECTED = ["detected", "detected_bool"] as const;
const SKIP = -1, ID = 0, TIME = 1, BAND = 2, VALUE = 3, ERROR = 4;

/**
 * Reads light curves of one file or several in their order, packed by gzip or not, as sets of `chunkObjects` objects: fluxes
 * with zero point 27.5, bands ugrizy, `Flag.detected` where the challenge says so, one row of metadata each. The rows of an
 * object must stand together (from the end of one file to the start of the next, too), as they do in the challenge; they are
 * put into time order.
 *
 * @throws EphemeraError for a missing column, a row that is not six numbers, a passband that is not 0 to 5, a negative error,
 * an object without metadata or one that comes again later, a target that has no name, damage.
 *
 * @example
 * ```ts
 * import { plasticcLightCurves } from "ephemera/formats";
 * import assert from "node:assert/strict";
 * const text = "object_id,mjd,passband,flux,flux_err,detected_bool\n615,59750.4,2,-544.8,3.6,1\n615,59750.5,1,-816.4,5.5,1\n";
 * const metadata = "object_id,ddf_bool,distmod,target\n615,1,-9,92\n";
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * for await (const set of plasticcLightCurves(bytes(text), { metadata: bytes(metadata), targets: { 92: "RRL" } })) {
 *   assert.equal(set.className(0), "RRL");
 *   assert.deepEqual(set.numbers("distmod"), Float64Array.of(NaN));
 * }
 * ```
 */
export async function* plasticcLightCurves(
  sources: ByteSource | readonly ByteSource[],
  options: ReadPlasticcOptions = {},
): AsyncGenerator<LightCurveSet, void, void> {
  const { chunkObjects = 5000, maximumObservations = 20_000_000 } = options;
  const metadata = options.metadata === undefined || options.metadata instanceof PlasticcMetadata
    ? options.metadata
    : await PlasticcMetadata.read(options.metadata, {
      columns: options.metadataColumns,
      where: options.where,
    });
  const chunk = new Chunk(metadata, options);
  let id: string | undefined;
  for (const source of Array.isArray(sources) ? sources as readonly ByteSource[] : [sources as ByteSource]) {
    const where = sourceName(source, options.where);
    let roles: number[] | undefined, names: string[] = [];
    for await (const { bytes, line } of lineBlocks(source, { where })) {
      const scan = new FieldScanner(bytes, ",", where);
      scan.line = line;
      // Where the identifier stands that the rows have had so far; none in a new block.
      let idStart = 0, idLength = -1;
      while (!scan.done) {
        if (scan.blank) {
          scan.nextLine();
          continue;
        }
        if (roles === undefined) {
          names = readNames(scan, where, COLUMNS);
          const last = DETECTED.find((name) => names.includes(name));
          demand(last !== undefined, () => ({
            expected: `a column "${DETECTED.join('" or "')}"`,
            found: `the columns ${names.slice(0, 50).join(", ").slice(0, 500)}`,
            where,
            remedy: "check that this is a file of PLAsTiCC",
          }));
          const wanted: string[] = [...COLUMNS, last];
          roles = names.map((name) => wanted.indexOf(name));
          continue;
        }
        const place = scan.line;
        let field = 0, time = NaN, band = NaN, value = NaN, error = NaN, detected = NaN;
        let next: string | undefined;
        for (;; field++) {
          const role = field < roles.length ? roles[field] : SKIP;
          if (role === SKIP) scan.skip();
          else if (role === ID) {
            scan.skip();
            if (!scan.sameAs(idStart, idLength)) {
              idStart = scan.start;
              idLength = scan.position - scan.start;
              next = scan.last().trim();
            }
          } else {
            const number = scan.number();
            if (role === TIME) time = number;
            else if (role === BAND) band = number;
            else if (role === VALUE) value = number;
            else if (role === ERROR) error = number;
            else detected = number;
          }
          if (scan.lineEnds) break;
          scan.nextField();
        }
        scan.nextLine();
        const sound = field + 1 === names.length && Number.isFinite(time + value + error) && error >= 0 &&
          band >= 0 && band <= 5 && Number.isInteger(band) && (detected === 0 || detected === 1);
        if (!sound) {
          refuseRow(
            field + 1 === names.length ? undefined : [names.length, field + 1],
            { mjd: time, flux: value, flux_err: error, passband: band, detected },
            `${where}, line ${place}`,
          );
        }
        if (next !== undefined && next !== id) {
          if (chunk.objects >= chunkObjects) yield chunk.take();
          id = next;
          chunk.begin(id, `${where}, line ${place}`);
        }
        demand(chunk.rows.length < maximumObservations, () => ({
          expected: `at most ${maximumObservations} observations of ${chunkObjects} objects`,
          found: "more",
          where: `${where}, line ${place}`,
          remedy: "lower chunkObjects or raise maximumObservations",
        }));
        chunk.add(time, value, error, band, detected, place);
      }
    }
    demand(roles !== undefined, {
      expected: `a header with ${COLUMNS.join(", ")}`,
      found: "an empty file",
      where,
    });
  }
  if (chunk.objects > 0) yield chunk.take();
}

function refuseRow(fields: [number, number] | undefined, row: Record<string, number>, where: string): void {
  const remedy = "correct the row or take it out";
  if (fields) {
    throw new EphemeraError({ expected: `${fields[0]} fields`, found: `${fields[1]}`, where, remedy });
  }
  const expected: Record<string, string> = {
    mjd: "a finite mjd",
    flux: "a finite flux",
    flux_err: "a flux_err that is finite and not negative",
    passband: "a passband from 0 to 5",
    detected: "0 or 1 in the column of detections",
  };
  const good: Record<string, (x: number) => boolean> = {
    flux_err: (x) => Number.isFinite(x) && x >= 0,
    passband: (x) => Number.isInteger(x) && x >= 0 && x <= 5,
    detected: (x) => x === 0 || x === 1,
  };
  const name = Object.keys(row).find((name) => !(good[name] ?? Number.isFinite)(row[name]));
  // One sum finds any NaN or infinity, but it may be infinite of finite numbers.
  if (name === undefined) return;
  throw new EphemeraError({ expected: expected[name], found: String(row[name]), where, remedy });
}

/** The objects that gather for the next set. */
class Chunk {
  rows = new Rows(4096, 0);
  #ids: string[] = [];
  #metadataRows: number[] = [];
  readonly #metadata: PlasticcMetadata | undefined;
  readonly #options: ReadPlasticcOptions;
  /** One bit per row of metadata: whether its object has come. */
  readonly #seen: Uint8Array;

  constructor(metadata: PlasticcMetadata | undefined, options: ReadPlasticcOptions) {
    this.#metadata = metadata;
    this.#options = options;
    this.#seen = new Uint8Array(Math.ceil((metadata?.length ?? 0) / 8));
  }

  get objects(): number {
    return this.#ids.length;
  }

  begin(id: string, where: string): void {
    if (this.#metadata) {
      const row = this.#metadata.row(id);
      demand(row >= 0, () => ({
        expected: `a row of metadata for object ${id}`,
        found: "none",
        where,
        remedy: "give the metadata that belongs to the file",
      }));
      const bit = 1 << (row & 7);
      demand((this.#seen[row >> 3] & bit) === 0, () => ({
        expected: "the rows of an object together",
        found: `object ${id} again after others`,
        where,
        remedy: "sort the file by object, or leave out the file that is given twice",
      }));
      this.#seen[row >> 3] |= bit;
      this.#metadataRows.push(row);
    }
    this.#ids.push(id);
  }

  add(time: number, value: number, error: number, band: number, detected: number, line: number): void {
    const { rows } = this;
    if (rows.length === rows.time.length) rows.grow();
    const r = rows.length++;
    rows.time[r] = time;
    rows.value[r] = value;
    rows.error[r] = error;
    rows.band[r] = band;
    rows.flag[r] = detected === 1 ? Flag.detected : 0;
    rows.object[r] = this.#ids.length - 1;
    rows.line[r] = line;
  }

  /** Returns the set and begins anew. */
  take(): LightCurveSet {
    const { rows } = this,
      ids = this.#ids,
      n = rows.length,
      metadata = this.#metadata,
      { targets } = this.#options;
    const offsets = offsetsOf(rows, ids.length);
    inOrder(rows, offsets, "sort", () => {});
    const columns = Object.entries(metadata?.columns ?? {}).map(([name, column]) =>
      [name, Float64Array.from(this.#metadataRows, (row) => column[row])] as const
    );
    const classNames = targets === undefined ? [] : [...new Set(Object.values(targets))];
    let labels: Int32Array | undefined;
    if (targets !== undefined) {
      const codes = columns.find(([name]) => name === "target")?.[1];
      demand(codes !== undefined, {
        expected: 'a column "target" of the metadata for the classes',
        found: "none",
        where: "plasticcLightCurves",
        remedy: "give the metadata, or leave out the option targets",
      });
      labels = Int32Array.from(codes, (code, i) => {
        if (Number.isNaN(code)) return -1;
        demand(Object.hasOwn(targets, String(code)), () => ({
          expected: `one of the targets ${Object.keys(targets).join(", ")}`,
          found: String(code),
          where: `object ${ids[i]}`,
          remedy: "name it in the option targets",
        }));
        return classNames.indexOf(targets[String(code)]);
      });
    }
    const set = new LightCurveSet({
      ids,
      offsets,
      time: rows.time.slice(0, n),
      value: rows.value.slice(0, n),
      error: rows.error.slice(0, n),
      band: rows.band.slice(0, n),
      bands: PLASTICC_BANDS,
      flags: rows.flag.slice(0, n),
      quantity: "flux",
      zeroPoint: FLUXCAL_ZERO_POINT,
      timeScale: "MJD",
      labels,
      classNames,
      metadata: Object.fromEntries(columns),
    });
    this.#ids = [];
    this.#metadataRows = [];
    rows.length = 0;
    return set;
  }
}
