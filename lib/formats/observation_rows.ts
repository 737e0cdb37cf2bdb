/** Columns of observations while they are read: growing, brought together by object, put into time order, thinned. */

/** Growing columns of the rows read so far; `length` of their entries are in use. */
export class Rows {
  length = 0;
  time: Float64Array;
  value: Float64Array;
  error: Float64Array;
  band: Uint8Array;
  flag: Uint8Array;
  object: Uint32Array;
  line: Uint32Array;
  extra: Float64Array[];

  constructor(capacity: number, extra: number) {
    this.time = new Float64Array(capacity);
    this.value = new Float64Array(capacity);
    this.error = new Float64Array(capacity);
    this.band = new Uint8Array(capacity);
    this.flag = new Uint8Array(capacity);
    this.object = new Uint32Array(capacity);
    this.line = new Uint32Array(capacity);
    this.extra = Array.from({ length: extra }, () => new Float64Array(capacity));
  }

  /** Doubles the room. */
  grow(): void {
    const bigger = new Rows(2 * this.time.length, this.extra.length);
    bigger.time.set(this.time);
    bigger.value.set(this.value);
    bigger.error.set(this.error);
    bigger.band.set(this.band);
    bigger.flag.set(this.flag);
    bigger.object.set(this.object);
    bigger.line.set(this.line);
    bigger.extra.forEach((column, k) => column.set(this.extra[k]));
    Object.assign(this, bigger, { length: this.length });
  }
}

/** Returns the offsets of objects whose rows stand together, in the order of their numbers. */
export function offsetsOf(rows: Rows, objects: number): Uint32Array {
  const offsets = new Uint32Array(objects + 1);
  for (let r = 0; r < rows.length; r++) offsets[rows.object[r] + 1]++;
  for (let i = 0; i < objects; i++) offsets[i + 1] += offsets[i];
  return offsets;
}

/** Brings the rows of each object together, keeping their order, and returns the offsets. */
export function regroup(rows: Rows, objects: number): Uint32Array {
  const offsets = offsetsOf(rows, objects), next = offsets.slice(), from = new Uint32Array(rows.length);
  for (let r = 0; r < rows.length; r++) from[next[rows.object[r]]++] = r;
  permute(rows, from, 0);
  return offsets;
}

/** Puts row `from[k]` at place `start + k`, for all columns. */
function permute(rows: Rows, from: Uint32Array, start: number): void {
  for (
    const column of [
      rows.time,
      rows.value,
      rows.error,
      rows.band,
      rows.flag,
      rows.object,
      rows.line,
      ...rows.extra,
    ]
  ) {
    const moved = column.slice(0, from.length);
    for (let k = 0; k < from.length; k++) moved[k] = column[from[k]];
    column.set(moved, start);
  }
}

/** Sorts objects whose times descend somewhere, or drops the rows that step back. Returns how many it sorted. */
export function inOrder(
  rows: Rows,
  offsets: Uint32Array,
  order: "sort" | "refuse",
  refuse: (line: number, object: number, before: number, after: number) => void,
): number {
  let sorted = 0;
  const { time } = rows, gone: number[] = [];
  for (let i = 0; i + 1 < offsets.length; i++) {
    const start = offsets[i], end = offsets[i + 1];
    let r = start + 1;
    while (r < end && time[r] >= time[r - 1]) r++;
    if (r >= end) continue;
    if (order === "sort") {
      const from = Uint32Array.from({ length: end - start }, (_, k) => start + k);
      from.sort((a, b) => time[a] - time[b] || a - b);
      permute(rows, from, start);
      sorted++;
      continue;
    }
    let latest = time[r - 1];
    for (; r < end; r++) {
      if (time[r] < latest) {
        refuse(rows.line[r], i, latest, time[r]);
        gone.push(r);
      } else latest = time[r];
    }
  }
  drop(rows, offsets, gone);
  return sorted;
}

/** Drops the later of two rows of one object with the same time and band, and tells `refuse` of each. */
export function dropDuplicates(
  rows: Rows,
  offsets: Uint32Array,
  refuse: (line: number, object: number, time: number, band: number) => void,
): void {
  const { time, band } = rows, gone: number[] = [];
  for (let i = 0; i + 1 < offsets.length; i++) {
    for (let r = offsets[i] + 1; r < offsets[i + 1]; r++) {
      for (let q = r - 1; q >= offsets[i] && time[q] === time[r]; q--) {
        if (band[q] !== band[r]) continue;
        refuse(rows.line[r], i, time[r], band[r]);
        gone.push(r);
        break;
      }
    }
  }
  drop(rows, offsets, gone);
}

/** Takes out the rows with the given ascending numbers. */
function drop(rows: Rows, offsets: Uint32Array, gone: readonly number[]): void {
  if (gone.length === 0) return;
  const lost = new Set(gone),
    from = new Uint32Array(rows.length - gone.length),
    fewer = new Uint32Array(offsets.length);
  for (let r = 0, k = 0; r < rows.length; r++) {
    if (lost.has(r)) fewer[rows.object[r] + 1]++;
    else from[k++] = r;
  }
  permute(rows, from, 0);
  rows.length = from.length;
  for (let i = 1, sum = 0; i < offsets.length; i++) offsets[i] -= sum += fewer[i];
}
