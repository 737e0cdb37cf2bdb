/** Below this size insertion beats counting. */
const INSERTION = 40;

/**
 * Sorts small integer keys, each with a payload, ascending: by insertion for few, else by counting one digit at a time.
 * Scratch arrays are kept from call to call.
 */
export class RankSorter {
  keys: Uint32Array;
  payload: Uint32Array;
  #otherKeys: Uint32Array;
  #otherPayload: Uint32Array;
  #counts = new Uint32Array(2048);

  /** @param capacity the largest number of keys that will be sorted. */
  constructor(capacity: number) {
    this.keys = new Uint32Array(capacity);
    this.payload = new Uint32Array(capacity);
    this.#otherKeys = new Uint32Array(capacity);
    this.#otherPayload = new Uint32Array(capacity);
  }

  /** Sorts the first `size` of `keys` with `payload`; all keys lie in [0, range]. Afterwards the two fields hold the result. */
  sort(size: number, range: number): void {
    if (size < INSERTION) {
      this.#insert(size);
      return;
    }
    const bits = 32 - Math.clz32(range);
    // Few objects do not repay a large table of counts.
    const most = size < 256 ? 6 : size < 4096 ? 8 : 11;
    const passes = Math.ceil(bits / most);
    const digit = Math.ceil(bits / passes);
    for (let p = 0; p < passes; p++) this.#pass(size, p * digit, digit);
  }

  #insert(size: number) {
    const keys = this.keys, payload = this.payload;
    for (let i = 1; i < size; i++) {
      const key = keys[i], carried = payload[i];
      let j = i - 1;
      while (j >= 0 && keys[j] > key) {
        keys[j + 1] = keys[j];
        payload[j + 1] = payload[j];
        j--;
      }
      keys[j + 1] = key;
      payload[j + 1] = carried;
    }
  }

  #pass(size: number, shift: number, digit: number) {
    const keys = this.keys, payload = this.payload, toKeys = this.#otherKeys, toPayload = this.#otherPayload;
    const counts = this.#counts, buckets = 1 << digit, mask = buckets - 1;
    for (let b = 0; b < buckets; b++) counts[b] = 0;
    for (let i = 0; i < size; i++) counts[(keys[i] >>> shift) & mask]++;
    let sum = 0;
    for (let b = 0; b < buckets; b++) {
      const count = counts[b];
      counts[b] = sum;
      sum += count;
    }
    for (let i = 0; i < size; i++) {
      const key = keys[i], to = counts[(key >>> shift) & mask]++;
      toKeys[to] = key;
      toPayload[to] = payload[i];
    }
    this.#otherKeys = keys;
    this.#otherPayload = payload;
    this.keys = toKeys;
    this.payload = toPayload;
  }
}
