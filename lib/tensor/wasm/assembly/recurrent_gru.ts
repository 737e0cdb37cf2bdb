// The gated recurrent unit over whole sequences, forward and backward through time, for a range of batch panels.
//
// A working row holds [state | input | reset state]: the update and reset gates multiply the first two parts with one
// packed matrix, the candidate the last two. With `resetAfter` the third part is absent; the candidate then has two
// products, of the input and of the state. Gates of a row lie as z, r, c (and m, the state's product, with resetAfter).
// The backward pass collects working rows and gate gradients over several steps before the weights' gradients take them.
import { ceil8, fma } from "./vector";
import {
  addColumns,
  addRows,
  bytes,
  ceil4,
  ceil6,
  CHUNK,
  copyRows,
  flush,
  gate,
  gateSlope,
  gatherInputs,
  GROUP,
  groupSize,
  outer,
  pack,
  Plan,
  rowBytes,
  ROWS,
  rowsThere,
  tanh4,
  tiles,
  timeOf,
} from "./recurrent_parts";

let H8: i32 = 0, F4: i32 = 0, F8: i32 = 0, after: i32 = 0;
// Bytes from row to row of working rows, gates and gate gradients; working rows that a chunk holds.
let sw: usize = 0, sg: usize = 0, sd: usize = 0, slots: i32 = 0;
// Addresses: sums of gradients, packed weights, starts of the tiles, working arrays.
let sum1: usize = 0, sum2: usize = 0, sumBias: usize = 0;
let packZR: usize = 0,
  packC: usize = 0,
  packM: usize = 0,
  startZR: usize = 0,
  startC: usize = 0,
  startM: usize = 0;
let packBack: usize = 0, packBackC: usize = 0, packX: usize = 0;
let work: usize = 0,
  gates: usize = 0,
  grads: usize = 0,
  dh: usize = 0,
  dq: usize = 0,
  dxRows: usize = 0,
  masked: usize = 0;

// Lays the arrays of one shard out from `ws` on and returns the address behind them.
function layout(plan: Plan, ws: usize, backward: i32): usize {
  const rows = GROUP * ROWS;
  H8 = ceil8(plan.units);
  F4 = ceil4(plan.features);
  F8 = ceil8(plan.features);
  after = plan.resetAfter;
  const parts = after ? 4 : 3;
  sw = rowBytes(after ? H8 + F4 : 2 * H8 + F4);
  sg = <usize> (parts * H8) << 2;
  sd = rowBytes(parts * H8);
  slots = backward ? max(1, CHUNK / rows) : 1;
  let at = ws;
  if (backward) {
    sum1 = at;
    at += bytes(after ? ceil6(H8) * 3 * H8 : ceil6(H8 + F4) * 2 * H8);
    sum2 = at;
    at += bytes(after ? ceil6(F4) * 3 * H8 : ceil6(H8 + F4) * H8);
    sumBias = at;
    at += bytes(4 * H8);
    packBack = at;
    at += bytes((after ? 3 : 2) * H8 * H8);
    packBackC = at;
    if (!after) at += bytes(H8 * H8);
    packX = at;
    if (plan.dx) at += bytes(3 * H8 * F8);
    grads = at;
    at += <usize> (slots * rows) * sd;
    dh = at;
    at += bytes(rows * H8);
    dq = at;
    at += bytes(rows * H8);
    dxRows = at;
    if (plan.dx) at += bytes(rows * F8);
  }
  startZR = at;
  at += bytes(2 * H8);
  startC = at;
  at += bytes(H8);
  startM = at;
  at += bytes(H8);
  masked = at;
  at += bytes(rows);
  packZR = at;
  at += bytes((H8 + F4) * 2 * H8);
  packC = at;
  at += bytes((after ? F4 : H8 + F4) * H8);
  packM = at;
  if (after) at += bytes(H8 * H8);
  gates = at;
  if (!plan.kept) at += <usize> rows * sg;
  // The last weight tile of a row reads a few floats past the row.
  work = at;
  at += <usize> (slots * rows) * sw + 64;
  return at;
}

/** Bytes of scratch for one shard. */
export function gruScratch(plan: Plan, backward: i32): i32 {
  return <i32> layout(plan, 0, backward);
}

function packForward(plan: Plan): void {
  const F = plan.features, H = plan.units, row = <usize> (3 * H) << 2, gateBytes = <usize> H << 2;
  const K = H8 + F4, U = plan.recurrent, W = plan.kernel, b = plan.bias;
  for (let g = 0; g < 2; g++) {
    const offset = <usize> g * gateBytes;
    pack(packZR, K, 0, g * H8, U + offset, H, H, row, 4);
    pack(packZR, K, H8, g * H8, W + offset, F, H, row, 4);
    copyRows(1, H, startZR + (<usize> (g * H8) << 2), 0, b + offset, 0);
    if (after) addRows(1, H, startZR + (<usize> (g * H8) << 2), 0, b + row + offset, 0);
  }
  const offset = 2 * gateBytes;
  pack(packC, after ? F4 : K, 0, 0, W + offset, F, H, row, 4);
  if (after) pack(packM, H8, 0, 0, U + offset, H, H, row, 4);
  else pack(packC, K, F4, 0, U + offset, H, H, row, 4);
  copyRows(1, H, startC, 0, b + offset, 0);
  if (after) copyRows(1, H, startM, 0, b + row + offset, 0);
}

function packBackward(plan: Plan): void {
  const F = plan.features, H = plan.units, row = <usize> (3 * H) << 2, gateBytes = <usize> H << 2;
  for (let g = 0; g < 3; g++) {
    const offset = <usize> g * gateBytes;
    if (after) pack(packBack, 3 * H8, (g == 2 ? 0 : g + 1) * H8, 0, plan.recurrent + offset, H, H, 4, row);
    else if (g < 2) pack(packBack, 2 * H8, g * H8, 0, plan.recurrent + offset, H, H, 4, row);
    else pack(packBackC, H8, 0, 0, plan.recurrent + offset, H, H, 4, row);
    if (plan.dx) pack(packX, 3 * H8, g * H8, 0, plan.kernel + offset, H, F, 4, row);
  }
}

// The gates of one step from the working rows at `w`, to `g`. `stepG`: bytes from panel to panel of the gates.
function gatesOf(plan: Plan, panels: i32, w: usize, g: usize, stepG: usize): void {
  const hard = plan.hard,
    h8 = <usize> H8 << 2,
    f4 = <usize> F4 << 2,
    stepW = <usize> ROWS * sw,
    rows = panels * ROWS;
  tiles(panels, 2 * H8, H8 + F4, w, sw, stepW, packZR, startZR, 0, g, sg, stepG);
  if (after) {
    tiles(panels, H8, H8, w, sw, stepW, packM, startM, 0, g + 3 * h8, sg, stepG);
    tiles(panels, H8, F4, w + h8, sw, stepW, packC, startC, 0, g + 2 * h8, sg, stepG);
  }
  let p = g, row = w;
  for (let i = 0; i < rows; i++) {
    if (i && i % ROWS == 0) p += stepG - ROWS * sg;
    if (plan.mask && load<i32>(masked + (<usize> i << 2))) {
      for (let j: usize = 0; j < h8; j += 16) {
        v128.store(p + j, f32x4.splat(1));
        v128.store(p + h8 + j, f32x4.splat(0));
        if (!after) v128.store(row + h8 + f4 + j, f32x4.splat(0));
      }
    } else {
      for (let j: usize = 0; j < h8; j += 16) {
        v128.store(p + j, gate(v128.load(p + j), hard));
        const r = gate(v128.load(p + h8 + j), hard);
        v128.store(p + h8 + j, r);
        if (!after) v128.store(row + h8 + f4 + j, f32x4.mul(r, v128.load(row + j)));
      }
    }
    p += sg;
    row += sw;
  }
  if (!after) tiles(panels, H8, H8 + F4, w + h8, sw, stepW, packC, startC, 0, g + 2 * h8, sg, stepG);
  p = g;
  for (let i = 0; i < rows; i++) {
    if (i && i % ROWS == 0) p += stepG - ROWS * sg;
    if (plan.mask && load<i32>(masked + (<usize> i << 2))) {
      for (let j: usize = 0; j < h8; j += 16) v128.store(p + 2 * h8 + j, f32x4.splat(0));
    } else if (after) {
      for (let j: usize = 0; j < h8; j += 16) {
        const inner = fma(v128.load(p + h8 + j), v128.load(p + 3 * h8 + j), v128.load(p + 2 * h8 + j));
        v128.store(p + 2 * h8 + j, tanh4(inner));
      }
    } else {
      for (let j: usize = 0; j < h8; j += 16) v128.store(p + 2 * h8 + j, tanh4(v128.load(p + 2 * h8 + j)));
    }
    p += sg;
  }
}

/** Panels `first` to `last` (exclusive) forward. `ws`: `gruScratch` bytes, a multiple of 64. */
export function gruForward(plan: Plan, first: i32, last: i32, ws: usize): void {
  const end = layout(plan, ws, 0);
  memory.fill(ws, 0, end - ws);
  packForward(plan);
  const H = plan.units, T = plan.time, h8 = <usize> H8 << 2, wide = <usize> (T * H) << 2, hb = <usize> H << 2;
  const stepG = <usize> ROWS * sg * (plan.kept ? T : 1), group = groupSize(last - first);
  for (let panel = first; panel < last; panel += group) {
    const panels = min(group, last - panel),
      row0 = panel * ROWS,
      there = rowsThere(plan, row0, panels * ROWS);
    const rows = panels * ROWS;
    memory.fill(work, 0, <usize> rows * sw);
    copyRows(there, H, work, sw, plan.initial ? plan.initial + <usize> row0 * hb : 0, hb);
    for (let s = 0; s < T; s++) {
      const t = timeOf(plan, s);
      gatherInputs(plan, row0, there, t, work + h8, sw, masked);
      const g = plan.kept ? plan.gates + <usize> (panel * T + s) * ROWS * sg : gates;
      gatesOf(plan, panels, work, g, stepG);
      let p = g, row = work;
      for (let i = 0; i < rows; i++) {
        if (i && i % ROWS == 0) p += stepG - ROWS * sg;
        for (let j: usize = 0; j < h8; j += 16) {
          const c = v128.load(p + 2 * h8 + j);
          v128.store(row + j, flush(fma(v128.load(p + j), f32x4.sub(v128.load(row + j), c), c)));
        }
        p += sg;
        row += sw;
      }
      if (plan.y) copyRows(there, H, plan.y + <usize> (row0 * T + t) * hb, wide, work, sw);
    }
    if (plan.last) copyRows(there, H, plan.last + <usize> row0 * hb, hb, work, sw);
  }
}

// Gate gradients of one step: `g` the gates, `w` the working rows, `d` the gradients; dh becomes that of the step before.
function stepBack(plan: Plan, panels: i32, w: usize, g: usize, stepG: usize, d: usize): void {
  const hard = plan.hard,
    h8 = <usize> H8 << 2,
    f4 = <usize> F4 << 2,
    one = f32x4.splat(1),
    rows = panels * ROWS;
  const z0 = after ? h8 : 0,
    c0 = z0 + 2 * h8,
    r0 = z0 + h8,
    stepD = <usize> ROWS * sd,
    stepH = <usize> ROWS * h8;
  let p = g, row = w, q = d, e = dh;
  for (let i = 0; i < rows; i++) {
    if (i && i % ROWS == 0) p += stepG - ROWS * sg;
    for (let j: usize = 0; j < h8; j += 16) {
      const z = v128.load(p + j), c = v128.load(p + 2 * h8 + j), dhj = flush(v128.load(e + j));
      const through = f32x4.mul(z, dhj);
      const dc = flush(f32x4.mul(f32x4.sub(dhj, through), f32x4.sub(one, f32x4.mul(c, c))));
      v128.store(q + c0 + j, dc);
      v128.store(q + z0 + j, flush(f32x4.mul(f32x4.mul(dhj, gateSlope(z, hard)), f32x4.sub(v128.load(row + j), c))));
      v128.store(e + j, through);
      if (after) {
        const r = v128.load(p + h8 + j);
        v128.store(q + j, flush(f32x4.mul(dc, r)));
        v128.store(q + r0 + j, flush(f32x4.mul(f32x4.mul(dc, v128.load(p + 3 * h8 + j)), gateSlope(r, hard))));
      }
    }
    p += sg;
    row += sw;
    q += sd;
    e += h8;
  }
  if (after) {
    tiles(panels, H8, 3 * H8, d, sd, stepD, packBack, 0, 1, dh, h8, stepH);
    return;
  }
  memory.fill(dq, 0, <usize> rows * h8);
  tiles(panels, H8, H8, d + c0, sd, stepD, packBackC, 0, 1, dq, h8, stepH);
  p = g;
  row = w;
  q = d;
  e = dh;
  let o = dq;
  for (let i = 0; i < rows; i++) {
    if (i && i % ROWS == 0) p += stepG - ROWS * sg;
    for (let j: usize = 0; j < h8; j += 16) {
      const r = v128.load(p + h8 + j), h = v128.load(row + j), dp = v128.load(o + j);
      v128.store(row + h8 + f4 + j, f32x4.mul(r, h));
      v128.store(q + r0 + j, flush(f32x4.mul(f32x4.mul(dp, h), gateSlope(r, hard))));
      v128.store(e + j, fma(dp, r, v128.load(e + j)));
    }
    p += sg;
    row += sw;
    q += sd;
    e += h8;
    o += h8;
  }
  tiles(panels, H8, 2 * H8, d, sd, stepD, packBack, 0, 1, dh, h8, stepH);
}

// The weights' gradients take the K collected rows.
function collect(K: i32): void {
  const h8 = <usize> H8 << 2, f4 = <usize> F4 << 2;
  if (after) {
    outer(H8, 3 * H8, K, work, sw, grads, sd, sum1, 3 * h8);
    outer(F4, 3 * H8, K, work + h8, sw, grads + h8, sd, sum2, 3 * h8);
    addColumns(4 * H8, K, grads, sd, sumBias);
  } else {
    outer(H8 + F4, 2 * H8, K, work, sw, grads, sd, sum1, 2 * h8);
    outer(F4 + H8, H8, K, work + h8, sw, grads + 2 * h8, sd, sum2, h8);
    addColumns(3 * H8, K, grads, sd, sumBias);
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
  const F = plan.features,
    H = plan.units,
    T = plan.time,
    h8 = <usize> H8 << 2,
    hb = <usize> H << 2,
    fb = <usize> F << 2;
  const wide = <usize> (T * H) << 2, f8 = <usize> F8 << 2, z0 = after ? h8 : 0;
  const stepG = <usize> ROWS * sg * (plan.kept ? T : 1), group = groupSize(last - first);
  for (let panel = first; panel < last; panel += group) {
    const panels = min(group, last - panel),
      row0 = panel * ROWS,
      there = rowsThere(plan, row0, panels * ROWS);
    const rows = panels * ROWS, fits = max(1, slots * GROUP / panels), initial = plan.initial;
    memory.fill(dh, 0, <usize> rows * h8);
    memory.fill(work, 0, <usize> (slots * GROUP * ROWS) * sw);
    if (plan.dyLast) addRows(there, H, dh, h8, plan.dyLast + <usize> row0 * hb, hb);
    let slot = 0;
    for (let s = T - 1; s >= 0; s--) {
      const t = timeOf(plan, s),
        w = work + <usize> (slot * rows) * sw,
        d = grads + <usize> (slot * rows) * sd;
      gatherInputs(plan, row0, there, t, w + h8, sw, masked);
      if (s) copyRows(there, H, w, sw, plan.y + <usize> (row0 * T + timeOf(plan, s - 1)) * hb, wide);
      else copyRows(there, H, w, sw, initial ? initial + <usize> row0 * hb : 0, hb);
      const g = plan.kept ? plan.gates + <usize> (panel * T + s) * ROWS * sg : gates;
      if (!plan.kept) gatesOf(plan, panels, w, g, stepG);
      if (plan.dy) addRows(there, H, dh, h8, plan.dy + <usize> (row0 * T + t) * hb, wide);
      stepBack(plan, panels, w, g, stepG, d);
      if (plan.dx) {
        memory.fill(dxRows, 0, <usize> rows * f8);
        tiles(panels, F8, 3 * H8, d + z0, sd, <usize> ROWS * sd, packX, 0, 1, dxRows, f8, <usize> ROWS * f8);
        copyRows(there, F, plan.dx + <usize> (row0 * T + t) * fb, <usize> T * fb, dxRows, f8);
      }
      slot++;
      if (slot == fits || s == 0) {
        collect(slot * rows);
        slot = 0;
      }
    }
    if (plan.dInitial) copyRows(there, H, plan.dInitial + <usize> row0 * hb, hb, dh, h8);
  }
}

/** Adds the weights' gradients of `shards` shards, `stride` bytes apart from `ws` on, always in the same order. */
export function gruReduce(plan: Plan, ws: usize, stride: usize, shards: i32): void {
  layout(plan, ws, 1);
  const F = plan.features, H = plan.units, hb = <usize> H << 2, h8 = <usize> H8 << 2, f4 = <usize> F4;
  const row = 3 * hb;
  for (let k = 0; k < shards; k++) {
    const s1 = sum1 + <usize> k * stride, s2 = sum2 + <usize> k * stride, sb = sumBias + <usize> k * stride;
    for (let g = 0; g < 3; g++) {
      const to = <usize> g * hb;
      let u: usize, su: usize, w: usize, swt: usize, b: usize;
      if (after) {
        u = s1 + <usize> (g == 2 ? 0 : g + 1) * h8;
        su = 3 * h8;
        w = s2 + <usize> g * h8;
        swt = 3 * h8;
        b = sb + <usize> (g + 1) * h8;
      } else if (g < 2) {
        u = s1 + <usize> g * h8;
        su = 2 * h8;
        w = u + <usize> H8 * su;
        swt = su;
        b = sb + <usize> g * h8;
      } else {
        w = s2;
        swt = h8;
        u = s2 + f4 * h8;
        su = h8;
        b = sb + 2 * h8;
      }
      if (k) {
        addRows(H, H, plan.dRecurrent + to, row, u, su);
        addRows(F, H, plan.dKernel + to, row, w, swt);
        addRows(1, H, plan.dBias + to, 0, b, 0);
      } else {
        copyRows(H, H, plan.dRecurrent + to, row, u, su);
        copyRows(F, H, plan.dKernel + to, row, w, swt);
        copyRows(1, H, plan.dBias + to, 0, b, 0);
      }
      if (after) {
        const second = plan.dBias + row + to, from = g == 2 ? sb : b;
        if (k) addRows(1, H, second, 0, from, 0);
        else copyRows(1, H, second, 0, from, 0);
      }
    }
  }
}
