// The gated recurrent unit over whole sequences, forward and backward through time, for a range of batch panels.
//
// A working row holds [state | input | reset state]: the update and reset gates multiply the first two parts with one
// packed matrix, the candidate the last two. With `resetAfter` the third part is absent; the candidate then has two
// products, of the input and of the state. Gates of a row lie as z, r, c (and m, the state's product, with resetAfter).
// Working rows exist for a chunk of steps, a slot each: what lies far apart in the tensors is copied a chunk at a time,
// and the weights' gradients take a chunk's rows in one product.
import { ceilPanel, fma } from "./vector";
import { flush, gate, gateSlope, ones, tanh4 } from "./recurrent_gates";
import { addRows, bytes, ceil4, ceil6, CHUNK, copyRow, copyRows, gatherInputs, gatherSteps, GROUP, groupSize, pack, Plan, rowBytes, ROWS, rowsThere, scatterSteps } from "./recurrent_parts";
import { addColumns, outer, tiles } from "./recurrent_tiles";

let HP: i32 = 0, F4: i32 = 0, FP: i32 = 0, after: i32 = 0;
// Bytes from row to row of working rows, gates and gate gradients; rows of a chunk.
let sw: usize = 0, sg: usize = 0, sd: usize = 0;
const capacity: i32 = CHUNK / (GROUP * ROWS) * GROUP * ROWS;
// Addresses: sums of gradients, packed weights, starts of the tiles, working arrays.
let sum1: usize = 0, sum2: usize = 0, sumBias: usize = 0;
let packZR: usize = 0, packC: usize = 0, packM: usize = 0, startZR: usize = 0, startC: usize = 0, startM: usize = 0;
let packBack: usize = 0, packBackC: usize = 0, packX: usize = 0, nothing: usize = 0;
let work: usize = 0, gates: usize = 0, grads: usize = 0, dh: usize = 0, dq: usize = 0, dyRows: usize = 0, dxRows: usize = 0;
let masked: usize = 0;

// Lays the arrays of one shard out from `ws` on and returns the address behind them.
function layout(plan: Plan, ws: usize, backward: i32): usize {
  const rows = GROUP * ROWS;
  HP = ceilPanel(plan.units); F4 = ceil4(plan.features); FP = ceilPanel(plan.features); after = plan.resetAfter;
  const parts = after ? 4 : 3;
  sw = rowBytes(after ? HP + F4 : 2 * HP + F4); sg = <usize>(parts * HP) << 2; sd = rowBytes(parts * HP);
  let at = ws;
  if (backward) {
    sum1 = at; at += bytes(after ? ceil6(HP) * 3 * HP : ceil6(HP + F4) * 2 * HP);
    sum2 = at; at += bytes(after ? ceil6(F4) * 3 * HP : ceil6(HP + F4) * HP);
    sumBias = at; at += bytes(4 * HP);
    packBack = at; at += bytes((after ? 3 : 2) * HP * HP);
    packBackC = at; if (!after) at += bytes(HP * HP);
    packX = at; if (plan.dx) at += bytes(3 * HP * FP);
    nothing = at; at += bytes(max(HP, FP));
    grads = at; at += <usize>capacity * sd;
    dh = at; at += bytes(rows * HP);
    dq = at; at += bytes(rows * HP);
    dyRows = at; at += bytes(capacity * HP);
    dxRows = at; if (plan.dx) at += bytes(capacity * FP);
  }
  startZR = at; at += bytes(2 * HP);
  startC = at; at += bytes(HP);
  startM = at; at += bytes(HP);
  masked = at; at += bytes(capacity);
  packZR = at; at += bytes((HP + F4) * 2 * HP);
  packC = at; at += bytes((after ? F4 : HP + F4) * HP);
  packM = at; if (after) at += bytes(HP * HP);
  gates = at; at += <usize>(backward ? (plan.kept ? 0 : capacity) : rows) * sg;
  // One slot more, for the state after the chunk; the last weight tile of a row reads a few floats past the row.
  work = at; at += <usize>(capacity + rows) * sw + 64;
  return at;
}

/** Bytes of scratch for one shard. */
export function gruScratch(plan: Plan, backward: i32): i32 {
  return <i32>layout(plan, 0, backward);
}

function packForward(plan: Plan): void {
  const F = plan.features, H = plan.units, row = <usize>(3 * H) << 2, gateBytes = <usize>H << 2;
  const K = HP + F4, U = plan.recurrent, W = plan.kernel, b = plan.bias;
  for (let g = 0; g < 2; g++) {
    const offset = <usize>g * gateBytes;
    pack(packZR, K, 0, g * HP, U + offset, H, H, row, 4);
    pack(packZR, K, HP, g * HP, W + offset, F, H, row, 4);
    copyRows(1, H, startZR + (<usize>(g * HP) << 2), 0, b + offset, 0);
    if (after) addRows(1, H, startZR + (<usize>(g * HP) << 2), 0, b + row + offset, 0);
  }
  const offset = gateBytes << 1;
  pack(packC, after ? F4 : K, 0, 0, W + offset, F, H, row, 4);
  if (after) pack(packM, HP, 0, 0, U + offset, H, H, row, 4);
  else pack(packC, K, F4, 0, U + offset, H, H, row, 4);
  copyRows(1, H, startC, 0, b + offset, 0);
  if (after) copyRows(1, H, startM, 0, b + row + offset, 0);
}

function packBackward(plan: Plan): void {
  const F = plan.features, H = plan.units, row = <usize>(3 * H) << 2, gateBytes = <usize>H << 2;
  for (let g = 0; g < 3; g++) {
    const offset = <usize>g * gateBytes;
    if (after) pack(packBack, 3 * HP, (g == 2 ? 0 : g + 1) * HP, 0, plan.recurrent + offset, H, H, 4, row);
    else if (g < 2) pack(packBack, 2 * HP, g * HP, 0, plan.recurrent + offset, H, H, 4, row);
    else pack(packBackC, HP, 0, 0, plan.recurrent + offset, H, H, 4, row);
    if (plan.dx) pack(packX, 3 * HP, g * HP, 0, plan.kernel + offset, H, F, 4, row);
  }
}

// The gates of `panels` panels of working rows at `w`, to `g`; `hidden` flags the masked ones.
function gatesOf(plan: Plan, panels: i32, w: usize, g: usize, hidden: usize): void {
  const hard = plan.hard, hp = <usize>HP << 2, f4 = <usize>F4 << 2, rows = panels * ROWS;
  const stepW = <usize>ROWS * sw, stepG = <usize>ROWS * sg;
  tiles(panels, 2 * HP, HP + F4, w, sw, stepW, packZR, startZR, 0, g, sg, stepG);
  if (after) {
    tiles(panels, HP, HP, w, sw, stepW, packM, startM, 0, g + 3 * hp, sg, stepG);
    tiles(panels, HP, F4, w + hp, sw, stepW, packC, startC, 0, g + 2 * hp, sg, stepG);
  }
  let p = g, row = w;
  for (let i = 0; i < rows; i++) {
    if (plan.mask && load<i32>(hidden + (<usize>i << 2))) {
      // A hidden row keeps its state: z = 1, and nothing flows through the others.
      for (let j: usize = 0; j < hp; j += 16) {
        v128.store(p + j, ones()); v128.store(p + hp + j, f32x4.splat(0));
        if (!after) v128.store(row + hp + f4 + j, f32x4.splat(0));
      }
    } else {
      for (let j: usize = 0; j < hp; j += 16) {
        v128.store(p + j, gate(v128.load(p + j), hard));
        const r = gate(v128.load(p + hp + j), hard);
        v128.store(p + hp + j, r);
        if (!after) v128.store(row + hp + f4 + j, f32x4.mul(r, v128.load(row + j)));
      }
    }
    p += sg; row += sw;
  }
  if (!after) tiles(panels, HP, HP + F4, w + hp, sw, stepW, packC, startC, 0, g + 2 * hp, sg, stepG);
  p = g + 2 * hp;
  for (let i = 0; i < rows; i++) {
    if (plan.mask && load<i32>(hidden + (<usize>i << 2))) {
      for (let j: usize = 0; j < hp; j += 16) v128.store(p + j, f32x4.splat(0));
    } else if (after) {
      for (let j: usize = 0; j < hp; j += 16) {
        v128.store(p + j, tanh4(fma(v128.load(p - hp + j), v128.load(p + hp + j), v128.load(p + j))));
      }
    } else {
      for (let j: usize = 0; j < hp; j += 16) v128.store(p + j, tanh4(v128.load(p + j)));
    }
    p += sg;
  }
}

/** Panels `first` to `last` (exclusive) forward. `ws`: `gruScratch` bytes, a multiple of 64. */
export function gruForward(plan: Plan, first: i32, last: i32, ws: usize): void {
  const end = layout(plan, ws, 0);
  memory.fill(ws, 0, end - ws);
  packForward(plan);
  const H = plan.units, T = plan.time, hp = <usize>HP << 2, hb = <usize>H << 2, group = groupSize(last - first);
  const gateFloats = <i32>(sg >> 2);
  for (let panel = first; panel < last; panel += group) {
    const panels = min(group, last - panel), row0 = panel * ROWS, rows = panels * ROWS;
    const there = rowsThere(plan, row0, rows), slots = capacity / rows, slot = <usize>rows * sw;
    memory.fill(work, 0, <usize>(capacity + GROUP * ROWS) * sw);
    copyRows(there, H, work, sw, plan.initial ? plan.initial + <usize>row0 * hb : 0, hb);
    for (let s0 = 0; s0 < T; s0 += slots) {
      const count = min(slots, T - s0);
      gatherInputs(plan, row0, there, rows, s0, 1, count, work + hp, slot, sw, masked);
      let w = work, hidden = masked;
      for (let k = 0; k < count; k++) {
        gatesOf(plan, panels, w, gates, hidden);
        let p = gates, row = w, next = w + slot;
        for (let i = 0; i < rows; i++) {
          for (let j: usize = 0; j < hp; j += 16) {
            const c = v128.load(p + 2 * hp + j);
            v128.store(next + j, flush(fma(v128.load(p + j), f32x4.sub(v128.load(row + j), c), c)));
          }
          p += sg; row += sw; next += sw;
        }
        if (plan.kept) {
          for (let i = 0; i < panels; i++) {
            const to = plan.gates + <usize>((panel + i) * T + s0 + k) * ROWS * sg;
            copyRow(to, gates + <usize>(i * ROWS) * sg, ROWS * gateFloats);
          }
        }
        w += slot; hidden += <usize>rows << 2;
      }
      if (plan.y) scatterSteps(plan, row0, there, s0, 1, count, plan.y, H, work + slot, slot, sw);
      copyRows(rows, HP, work, sw, w, sw);
    }
    if (plan.last) copyRows(there, H, plan.last + <usize>row0 * hb, hb, work, sw);
  }
}

// Gate gradients of one step: `w` the working rows, `g` the gates (`stepG` bytes from panel to panel), `dy` the gradient
// of the states, `d` the result; dh becomes that of the step before.
function stepBack(plan: Plan, panels: i32, w: usize, g: usize, stepG: usize, dy: usize, d: usize): void {
  const hard = plan.hard, hp = <usize>HP << 2, f4 = <usize>F4 << 2, rows = panels * ROWS;
  const z0 = after ? hp : 0, c0 = z0 + 2 * hp, r0 = z0 + hp, stepD = <usize>ROWS * sd, stepH = <usize>ROWS * hp;
  let p = g, row = w, q = d, e = dh, f = dy;
  for (let i = 0; i < rows; i++) {
    if (i && i % ROWS == 0) p += stepG - <usize>ROWS * sg;
    for (let j: usize = 0; j < hp; j += 16) {
      const one = ones(), z = v128.load(p + j), c = v128.load(p + 2 * hp + j);
      const dhj = flush(f32x4.add(v128.load(e + j), v128.load(f + j))), through = f32x4.mul(z, dhj);
      const dc = flush(f32x4.mul(f32x4.sub(dhj, through), f32x4.sub(one, f32x4.mul(c, c))));
      v128.store(q + c0 + j, dc);
      const dz = f32x4.mul(f32x4.mul(dhj, gateSlope(z, hard)), f32x4.sub(v128.load(row + j), c));
      v128.store(q + z0 + j, flush(dz));
      v128.store(e + j, through);
      if (after) {
        const r = v128.load(p + hp + j);
        v128.store(q + j, flush(f32x4.mul(dc, r)));
        v128.store(q + r0 + j, flush(f32x4.mul(f32x4.mul(dc, v128.load(p + 3 * hp + j)), gateSlope(r, hard))));
      }
    }
    p += sg; row += sw; q += sd; e += hp; f += hp;
  }
  if (after) {
    tiles(panels, HP, 3 * HP, d, sd, stepD, packBack, 0, 1, dh, hp, stepH);
    return;
  }
  tiles(panels, HP, HP, d + c0, sd, stepD, packBackC, nothing, 0, dq, hp, stepH);
  p = g; row = w; q = d; e = dh;
  let o = dq;
  for (let i = 0; i < rows; i++) {
    if (i && i % ROWS == 0) p += stepG - <usize>ROWS * sg;
    for (let j: usize = 0; j < hp; j += 16) {
      const r = v128.load(p + hp + j), h = v128.load(row + j), dp = v128.load(o + j);
      v128.store(row + hp + f4 + j, f32x4.mul(r, h));
      v128.store(q + r0 + j, flush(f32x4.mul(f32x4.mul(dp, h), gateSlope(r, hard))));
      v128.store(e + j, fma(dp, r, v128.load(e + j)));
    }
    p += sg; row += sw; q += sd; e += hp; o += hp;
  }
  tiles(panels, HP, 2 * HP, d, sd, stepD, packBack, 0, 1, dh, hp, stepH);
}

// The weights' gradients take the K collected rows.
function collect(K: i32): void {
  const hp = <usize>HP << 2;
  if (after) {
    outer(HP, 3 * HP, K, work, sw, grads, sd, sum1, 3 * hp);
    outer(F4, 3 * HP, K, work + hp, sw, grads + hp, sd, sum2, 3 * hp);
    addColumns(4 * HP, K, grads, sd, sumBias);
  } else {
    outer(HP + F4, 2 * HP, K, work, sw, grads, sd, sum1, 2 * hp);
    outer(F4 + HP, HP, K, work + hp, sw, grads + 2 * hp, sd, sum2, hp);
    addColumns(3 * HP, K, grads, sd, sumBias);
  }
}

/**
 * Panels `first` to `last` (exclusive) backward. The gradients of the input and the initial state go to their places,
 * those of the weights stay in `ws` until `gruReduce`.
 */
export function gruBackward(plan: Plan, first: i32, last: i32, ws: usize): void {
  const end = layout(plan, ws, 1);
  memory.fill(ws, 0, end - ws);
  if (!plan.kept) packForward(plan);
  packBackward(plan);
  const F = plan.features, H = plan.units, T = plan.time, hp = <usize>HP << 2, hb = <usize>H << 2, fp = <usize>FP << 2;
  const z0 = after ? hp : 0, group = groupSize(last - first), stepG = <usize>ROWS * sg * <usize>(plan.kept ? T : 1);
  for (let panel = first; panel < last; panel += group) {
    const panels = min(group, last - panel), row0 = panel * ROWS, rows = panels * ROWS, initial = plan.initial;
    const there = rowsThere(plan, row0, rows), slots = capacity / rows, slot = <usize>rows * sw;
    memory.fill(dh, 0, <usize>rows * hp);
    memory.fill(work, 0, <usize>capacity * sw);
    memory.fill(dyRows, 0, <usize>capacity * hp);
    if (plan.dyLast) addRows(there, H, dh, hp, plan.dyLast + <usize>row0 * hb, hb);
    for (let top = T - 1; top >= 0; top -= slots) {
      const count = min(slots, top + 1), before = min(count, top);
      gatherInputs(plan, row0, there, rows, top, -1, count, work + hp, slot, sw, masked);
      gatherSteps(plan, row0, there, top - 1, -1, before, plan.y, H, work, slot, sw);
      if (before < count) {
        copyRows(there, H, work + <usize>before * slot, sw, initial ? initial + <usize>row0 * hb : 0, hb);
      }
      if (plan.dy) gatherSteps(plan, row0, there, top, -1, count, plan.dy, H, dyRows, <usize>rows * hp, hp);
      if (!plan.kept) gatesOf(plan, panels * count, work, gates, masked);
      for (let k = 0; k < count; k++) {
        const at = <usize>(k * rows), kept = plan.gates + <usize>(panel * T + top - k) * ROWS * sg;
        const g = plan.kept ? kept : gates + at * sg;
        stepBack(plan, panels, work + at * sw, g, stepG, dyRows + at * hp, grads + at * sd);
      }
      collect(count * rows);
      if (plan.dx) {
        const stepD = <usize>ROWS * sd, stepX = <usize>ROWS * fp;
        tiles(panels * count, FP, 3 * HP, grads + z0, sd, stepD, packX, nothing, 0, dxRows, fp, stepX);
        scatterSteps(plan, row0, there, top, -1, count, plan.dx, F, dxRows, <usize>rows * fp, fp);
      }
    }
    if (plan.dInitial) copyRows(there, H, plan.dInitial + <usize>row0 * hb, hb, dh, hp);
  }
}

/** Adds the weights' gradients of `shards` shards, `stride` bytes apart from `ws` on, always in the same order. */
export function gruReduce(plan: Plan, ws: usize, stride: usize, shards: i32): void {
  layout(plan, ws, 1);
  const F = plan.features, H = plan.units, hb = <usize>H << 2, hp = <usize>HP << 2, row = hb + hb + hb;
  for (let k = 0; k < shards; k++) {
    const s1 = sum1 + <usize>k * stride, s2 = sum2 + <usize>k * stride, sb = sumBias + <usize>k * stride;
    for (let g = 0; g < 3; g++) {
      const to = <usize>g * hb;
      let u: usize, su: usize, w: usize, rowW: usize, b: usize;
      if (after) {
        u = s1 + <usize>(g == 2 ? 0 : g + 1) * hp; su = 3 * hp; w = s2 + <usize>g * hp; rowW = 3 * hp;
        b = sb + <usize>(g + 1) * hp;
      } else if (g < 2) {
        u = s1 + <usize>g * hp; su = 2 * hp; w = u + <usize>HP * su; rowW = su; b = sb + <usize>g * hp;
      } else {
        w = s2; rowW = hp; u = s2 + <usize>F4 * hp; su = hp; b = sb + 2 * hp;
      }
      if (k) {
        addRows(H, H, plan.dRecurrent + to, row, u, su);
        addRows(F, H, plan.dKernel + to, row, w, rowW);
        addRows(1, H, plan.dBias + to, 0, b, 0);
      } else {
        copyRows(H, H, plan.dRecurrent + to, row, u, su);
        copyRows(F, H, plan.dKernel + to, row, w, rowW);
        copyRows(1, H, plan.dBias + to, 0, b, 0);
      }
      if (after) {
        const second = plan.dBias + row + to, from = g == 2 ? sb : b;
        if (k) addRows(1, H, second, 0, from, 0); else copyRows(1, H, second, 0, from, 0);
      }
    }
  }
}
