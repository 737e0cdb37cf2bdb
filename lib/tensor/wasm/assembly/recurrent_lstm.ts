// The long short-term memory over whole sequences, forward and backward through time, for a range of batch panels.
//
// A working row holds [state | input]; one packed matrix gives all four gates i, f, c, o of it. The cell is kept from
// the forward pass even where the gates are computed again. See recurrent_gru.ts for the division into panels.
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

let H8: i32 = 0, F4: i32 = 0, F8: i32 = 0;
// Bytes from row to row of working rows, gates and gate gradients; groups of working rows that a chunk holds.
let sw: usize = 0, sg: usize = 0, sd: usize = 0, slots: i32 = 0;
let sum: usize = 0,
  sumBias: usize = 0,
  packed: usize = 0,
  start: usize = 0,
  packBack: usize = 0,
  packX: usize = 0;
let work: usize = 0, gates: usize = 0, grads: usize = 0, dh: usize = 0, dc: usize = 0, dxRows: usize = 0;
let cell: usize = 0, masked: usize = 0;

// Lays the arrays of one shard out from `ws` on and returns the address behind them.
function layout(plan: Plan, ws: usize, backward: i32): usize {
  const rows = GROUP * ROWS;
  H8 = ceil8(plan.units);
  F4 = ceil4(plan.features);
  F8 = ceil8(plan.features);
  sw = rowBytes(H8 + F4);
  sg = <usize> (4 * H8) << 2;
  sd = rowBytes(4 * H8);
  slots = backward ? max(1, CHUNK / rows) : 1;
  let at = ws;
  if (backward) {
    sum = at;
    at += bytes(ceil6(H8 + F4) * 4 * H8);
    sumBias = at;
    at += bytes(4 * H8);
    packBack = at;
    at += bytes(4 * H8 * H8);
    packX = at;
    if (plan.dx) at += bytes(4 * H8 * F8);
    grads = at;
    at += <usize> (slots * rows) * sd;
    dh = at;
    at += bytes(rows * H8);
    dc = at;
    at += bytes(rows * H8);
    dxRows = at;
    if (plan.dx) at += bytes(rows * F8);
  }
  start = at;
  at += bytes(4 * H8);
  masked = at;
  at += bytes(rows);
  cell = at;
  at += bytes(rows * H8);
  packed = at;
  at += bytes((H8 + F4) * 4 * H8);
  gates = at;
  if (!plan.kept) at += <usize> rows * sg;
  // The last weight tile of a row reads a few floats past the row.
  work = at;
  at += <usize> (slots * rows) * sw + 64;
  return at;
}

/** Bytes of scratch for one shard. */
export function lstmScratch(plan: Plan, backward: i32): i32 {
  return <i32> layout(plan, 0, backward);
}

function packForward(plan: Plan): void {
  const F = plan.features, H = plan.units, row = <usize> (4 * H) << 2;
  for (let g = 0; g < 4; g++) {
    const offset = <usize> (g * H) << 2;
    pack(packed, H8 + F4, 0, g * H8, plan.recurrent + offset, H, H, row, 4);
    pack(packed, H8 + F4, H8, g * H8, plan.kernel + offset, F, H, row, 4);
    copyRows(1, H, start + (<usize> (g * H8) << 2), 0, plan.bias + offset, 0);
  }
}

function packBackward(plan: Plan): void {
  const F = plan.features, H = plan.units, row = <usize> (4 * H) << 2;
  for (let g = 0; g < 4; g++) {
    const offset = <usize> (g * H) << 2;
    pack(packBack, 4 * H8, g * H8, 0, plan.recurrent + offset, H, H, 4, row);
    if (plan.dx) pack(packX, 4 * H8, g * H8, 0, plan.kernel + offset, H, F, 4, row);
  }
}

// The gates of one step from the working rows at `w`, to `g`. A masked row forgets nothing and takes nothing in.
function gatesOf(plan: Plan, panels: i32, w: usize, g: usize, stepG: usize): void {
  const hard = plan.hard, h8 = <usize> H8 << 2, rows = panels * ROWS;
  tiles(panels, 4 * H8, H8 + F4, w, sw, <usize> ROWS * sw, packed, start, 0, g, sg, stepG);
  let p = g;
  for (let i = 0; i < rows; i++) {
    if (i && i % ROWS == 0) p += stepG - ROWS * sg;
    if (plan.mask && load<i32>(masked + (<usize> i << 2))) {
      memory.fill(p, 0, 4 * h8);
      for (let j: usize = 0; j < h8; j += 16) v128.store(p + h8 + j, f32x4.splat(1));
    } else {
      for (let j: usize = 0; j < 2 * h8; j += 16) v128.store(p + j, gate(v128.load(p + j), hard));
      for (let j = 2 * h8; j < 3 * h8; j += 16) v128.store(p + j, tanh4(v128.load(p + j)));
      for (let j = 3 * h8; j < 4 * h8; j += 16) v128.store(p + j, gate(v128.load(p + j), hard));
    }
    p += sg;
  }
}

/** Panels `first` to `last` (exclusive) forward. `ws`: `lstmScratch` bytes, a multiple of 64. */
export function lstmForward(plan: Plan, first: i32, last: i32, ws: usize): void {
  const end = layout(plan, ws, 0);
  memory.fill(ws, 0, end - ws);
  packForward(plan);
  const H = plan.units, T = plan.time, h8 = <usize> H8 << 2, wide = <usize> (T * H) << 2, hb = <usize> H << 2;
  const stepG = <usize> ROWS * sg * (plan.kept ? T : 1), group = groupSize(last - first);
  const stepC = <usize> (ROWS * T) * h8;
  for (let panel = first; panel < last; panel += group) {
    const panels = min(group, last - panel), row0 = panel * ROWS, rows = panels * ROWS;
    const there = rowsThere(plan, row0, rows), from = <usize> row0 * hb;
    memory.fill(work, 0, <usize> rows * sw);
    memory.fill(cell, 0, <usize> rows * h8);
    copyRows(there, H, work, sw, plan.initial ? plan.initial + from : 0, hb);
    copyRows(there, H, cell, h8, plan.initialCell ? plan.initialCell + from : 0, hb);
    for (let s = 0; s < T; s++) {
      const t = timeOf(plan, s);
      gatherInputs(plan, row0, there, t, work + h8, sw, masked);
      const g = plan.kept ? plan.gates + <usize> (panel * T + s) * ROWS * sg : gates;
      gatesOf(plan, panels, work, g, stepG);
      let p = g, row = work, c = cell, out = plan.cells + <usize> (panel * T + s) * ROWS * h8;
      for (let i = 0; i < rows; i++) {
        if (i && i % ROWS == 0) {
          p += stepG - ROWS * sg;
          out += stepC - ROWS * h8;
        }
        const hidden = plan.mask ? load<i32>(masked + (<usize> i << 2)) : 0;
        if (!hidden) {
          for (let j: usize = 0; j < h8; j += 16) {
            const fresh = f32x4.mul(v128.load(p + j), v128.load(p + 2 * h8 + j));
            const next = flush(fma(v128.load(p + h8 + j), v128.load(c + j), fresh));
            v128.store(c + j, next);
            v128.store(row + j, flush(f32x4.mul(v128.load(p + 3 * h8 + j), tanh4(next))));
          }
        }
        if (plan.cells) {
          for (let j: usize = 0; j < h8; j += 16) v128.store(out + j, v128.load(c + j));
        }
        p += sg;
        row += sw;
        c += h8;
        out += h8;
      }
      if (plan.y) copyRows(there, H, plan.y + <usize> (row0 * T + t) * hb, wide, work, sw);
    }
    if (plan.last) copyRows(there, H, plan.last + from, hb, work, sw);
  }
}

// Gate gradients of one step: `g` the gates, `d` the gradients, `cells` those after the step and `before` those before it
// (`stepB`, `sb`: from panel to panel, from row to row); dh and dc become those of the step before.
function stepBack(
  plan: Plan,
  panels: i32,
  g: usize,
  stepG: usize,
  d: usize,
  cells: usize,
  stepC: usize,
  before: usize,
  stepB: usize,
): void {
  const hard = plan.hard, h8 = <usize> H8 << 2, one = f32x4.splat(1), rows = panels * ROWS;
  let p = g, q = d, e = dh, f = dc, c = cells, b = before;
  for (let i = 0; i < rows; i++) {
    if (i && i % ROWS == 0) {
      p += stepG - ROWS * sg;
      c += stepC - ROWS * h8;
      b += stepB - ROWS * h8;
    }
    const hidden = plan.mask ? load<i32>(masked + (<usize> i << 2)) : 0;
    if (hidden) {
      // The state's gradient passes through untouched: it stays in dh, to which the product adds nothing.
      memory.fill(q, 0, 4 * h8);
    } else {
      for (let j: usize = 0; j < h8; j += 16) {
        const i4 = v128.load(p + j), f4 = v128.load(p + h8 + j), c4 = v128.load(p + 2 * h8 + j);
        const o4 = v128.load(p + 3 * h8 + j), curve = tanh4(v128.load(c + j)), dhj = flush(v128.load(e + j));
        const slope = f32x4.mul(f32x4.mul(dhj, o4), f32x4.sub(one, f32x4.mul(curve, curve)));
        const dcj = flush(f32x4.add(v128.load(f + j), slope));
        v128.store(q + j, flush(f32x4.mul(f32x4.mul(dcj, c4), gateSlope(i4, hard))));
        v128.store(q + h8 + j, flush(f32x4.mul(f32x4.mul(dcj, v128.load(b + j)), gateSlope(f4, hard))));
        v128.store(q + 2 * h8 + j, flush(f32x4.mul(f32x4.mul(dcj, i4), f32x4.sub(one, f32x4.mul(c4, c4)))));
        v128.store(q + 3 * h8 + j, flush(f32x4.mul(f32x4.mul(dhj, curve), gateSlope(o4, hard))));
        v128.store(f + j, f32x4.mul(dcj, f4));
        v128.store(e + j, f32x4.splat(0));
      }
    }
    p += sg;
    q += sd;
    e += h8;
    f += h8;
    c += h8;
    b += h8;
  }
  tiles(panels, H8, 4 * H8, d, sd, <usize> ROWS * sd, packBack, 0, 1, dh, h8, <usize> ROWS * h8);
}

/**
 * Panels `first` to `last` (exclusive) backward. The gradients of the input and the initial states go to their places,
 * those of the weights stay in `ws` until `lstmReduce`.
 */
export function lstmBackward(plan: Plan, first: i32, last: i32, ws: usize): void {
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
  const wide = <usize> (T * H) << 2, f8 = <usize> F8 << 2, stepC = <usize> (ROWS * T) * h8;
  const stepG = <usize> ROWS * sg * (plan.kept ? T : 1), group = groupSize(last - first);
  for (let panel = first; panel < last; panel += group) {
    const panels = min(group, last - panel), row0 = panel * ROWS, rows = panels * ROWS;
    const there = rowsThere(plan, row0, rows),
      from = <usize> row0 * hb,
      fits = max(1, slots * GROUP / panels);
    memory.fill(dh, 0, <usize> rows * h8);
    memory.fill(dc, 0, <usize> rows * h8);
    memory.fill(cell, 0, <usize> rows * h8);
    memory.fill(work, 0, <usize> (slots * GROUP * ROWS) * sw);
    copyRows(there, H, cell, h8, plan.initialCell ? plan.initialCell + from : 0, hb);
    if (plan.dyLast) addRows(there, H, dh, h8, plan.dyLast + from, hb);
    let slot = 0;
    for (let s = T - 1; s >= 0; s--) {
      const t = timeOf(plan, s),
        w = work + <usize> (slot * rows) * sw,
        d = grads + <usize> (slot * rows) * sd;
      gatherInputs(plan, row0, there, t, w + h8, sw, masked);
      if (s) copyRows(there, H, w, sw, plan.y + <usize> (row0 * T + timeOf(plan, s - 1)) * hb, wide);
      else copyRows(there, H, w, sw, plan.initial ? plan.initial + from : 0, hb);
      const at = <usize> (panel * T + s) * ROWS, g = plan.kept ? plan.gates + at * sg : gates;
      if (!plan.kept) gatesOf(plan, panels, w, g, stepG);
      if (plan.dy) addRows(there, H, dh, h8, plan.dy + <usize> (row0 * T + t) * hb, wide);
      const cells = plan.cells + at * h8;
      if (s) stepBack(plan, panels, g, stepG, d, cells, stepC, cells - ROWS * h8, stepC);
      else stepBack(plan, panels, g, stepG, d, cells, stepC, cell, <usize> ROWS * h8);
      if (plan.dx) {
        memory.fill(dxRows, 0, <usize> rows * f8);
        tiles(panels, F8, 4 * H8, d, sd, <usize> ROWS * sd, packX, 0, 1, dxRows, f8, <usize> ROWS * f8);
        copyRows(there, F, plan.dx + <usize> (row0 * T + t) * fb, <usize> T * fb, dxRows, f8);
      }
      slot++;
      if (slot == fits || s == 0) {
        outer(H8 + F4, 4 * H8, slot * rows, work, sw, grads, sd, sum, 4 * h8);
        addColumns(4 * H8, slot * rows, grads, sd, sumBias);
        slot = 0;
      }
    }
    if (plan.dInitial) copyRows(there, H, plan.dInitial + from, hb, dh, h8);
    if (plan.dInitialCell) copyRows(there, H, plan.dInitialCell + from, hb, dc, h8);
  }
}

/** Adds the weights' gradients of `shards` shards, `stride` bytes apart from `ws` on, always in the same order. */
export function lstmReduce(plan: Plan, ws: usize, stride: usize, shards: i32): void {
  layout(plan, ws, 1);
  const F = plan.features,
    H = plan.units,
    hb = <usize> H << 2,
    h8 = <usize> H8 << 2,
    row = 4 * hb,
    from = 4 * h8;
  for (let k = 0; k < shards; k++) {
    for (let g = 0; g < 4; g++) {
      const to = <usize> g * hb, u = sum + <usize> k * stride + <usize> g * h8, w = u + <usize> H8 * from;
      const b = sumBias + <usize> k * stride + <usize> g * h8;
      if (k) {
        addRows(H, H, plan.dRecurrent + to, row, u, from);
        addRows(F, H, plan.dKernel + to, row, w, from);
        addRows(1, H, plan.dBias + to, 0, b, 0);
      } else {
        copyRows(H, H, plan.dRecurrent + to, row, u, from);
        copyRows(F, H, plan.dKernel + to, row, w, from);
        copyRows(1, H, plan.dBias + to, 0, b, 0);
      }
    }
  }
}
