/**
 * All imagined spectra of one object through a forest at once. With x_t fixed, a tree is but its splits on x_s: at a split on
 * x_t the whole company goes one way, at a split on x_s it parts, and where nobody goes nothing is looked at.
 */
import type { PlainForest } from "./plain_forest.ts";

/** Arrays that the descent uses again and again. */
export interface DescentRoom {
  order: Uint16Array | Uint32Array;
  aside: Uint16Array | Uint32Array;
  waiting: Int32Array;
}

/** Returns room for `samples` draws. A company that parts has two at least, so that fewer parts than draws ever wait. */
export function descentRoom(samples: number): DescentRoom {
  const ArrayType = samples <= 65535 ? Uint16Array : Uint32Array;
  return {
    order: new ArrayType(samples),
    aside: new ArrayType(samples),
    waiting: new Int32Array(3 * samples),
  };
}

/**
 * Adds to `target` (samples x classes) every tree's vote, or leaf frequencies, on each draw of one object. The sums, and the
 * order in which they are made, are those of the full forest on rows [x_t, x_s]: equal bit for bit.
 *
 * @param known all x_t, of which this object's begins at `start` and has `T` features.
 * @param draws x_s feature by feature, draw i of feature s at `s * samples + i`.
 */
export function addCompany(
  forest: PlainForest,
  known: Float64Array,
  start: number,
  T: number,
  draws: Float64Array,
  samples: number,
  target: Float64Array,
  { order, aside, waiting }: DescentRoom,
): void {
  const { trees, votes, leafClasses, classNames } = forest, K = classNames.length;
  for (let i = 0; i < samples; i++) order[i] = i;
  for (let t = 0; t < trees.length; t++) {
    const { feature, threshold, right, leaves } = trees[t], classes = leafClasses[t];
    let top = 0, node = 0, from = 0, to = samples;
    for (;;) {
      const j = feature[node];
      if (j >= T) {
        // Who goes left stays at the front, who goes right waits aside: no branch that the processor has to guess.
        const limit = threshold[node], base = (j - T) * samples;
        let left = from, others = 0;
        for (let i = from; i < to; i++) {
          const who = order[i], goesLeft = draws[base + who] <= limit ? 1 : 0;
          order[left] = who;
          aside[others] = who;
          left += goesLeft;
          others += 1 - goesLeft;
        }
        for (let i = 0; i < others; i++) order[left + i] = aside[i];
        if (others === 0) {
          node++;
        } else if (left === from) {
          node = right[node];
        } else {
          waiting[top++] = right[node];
          waiting[top++] = left;
          waiting[top++] = to;
          to = left;
          node++;
        }
      } else if (j >= 0) {
        node = known[start + j] <= threshold[node] ? node + 1 : right[node];
      } else {
        const leaf = right[node];
        if (votes) {
          const c = classes[leaf];
          for (let i = from; i < to; i++) target[order[i] * K + c]++;
        } else {
          for (let i = from; i < to; i++) {
            const at = order[i] * K;
            for (let c = 0; c < K; c++) target[at + c] += leaves[leaf * K + c];
          }
        }
        if (top === 0) break;
        to = waiting[--top];
        from = waiting[--top];
        node = waiting[--top];
      }
    }
  }
}
