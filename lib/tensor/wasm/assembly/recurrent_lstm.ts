// The long short-term memory over whole sequences, forward and backward through time, for a range of batch panels.
//
// A working row holds [state | input]; one packed matrix gives all four gates i, f, c, o of it. The cell is kept from
// the forward pass even where the gates are computed again. See recurrent_gru.ts for the division into panels and chunks.
import { ceilPanel, fma } from "./vector";
import { flush, gateRow, gateSlope, ones, signs, tanhRow, tiny } from "./recurrent_gates";
import { addRows, bytes, ceil4, CHUNK, copyRow, copyRows, gatherInputs, gatherSteps, GROUP, groupSize, pack, Plan, rowBytes, ROWS, rowsThere, scatterSteps } from "./recurrent_parts";
import { addColumns, outer, outerScratch, tiles } from "./recurrent_tiles";

let HP: i32 = 0, F4: i32 = 0, FP: i32 = 0;
// Bytes from row to row of working rows, gates and gate gradients; rows of a chunk.
let sw: usize = 0, sg: usize = 0, sd: usize = 0;
const capacity: i32 = CHUNK / (GROUP * ROWS) * GROUP * ROWS;
let sum: usize = 0, sumBias: usize = 0, packed: usize = 0, start: usize = 0, packBack: usize = 0, packX: usize = 0;
let work: usize = 0, gates: usize = 0, grads: usize = 0, dh: usize = 0, dc: usize = 0, dyRows: usize = 0, dxRows: usize = 0;
let cell: usize = 0, masked: usize = 0, nothing: usize = 0, outerSpace: usize = 0;

// Lays the arrays of one shard out from `ws` on and returns the address behind them.
function layout(plan: Plan, ws: usize, backward: i32): usize {
  const rows = GROUP * ROWS;
  HP = ceilPanel(plan.units); F4 = ceil4(plan.features); FP = ceilPanel(plan.features);
  sw = rowBytes(HP + F4); sg = <usize>(4 * HP) << 2; sd = rowBytes(4 * HP);
  let at = ws;
  if (backward) {
    sum = at; at += bytes((HP + F4) * 4 * HP);
    sumBias = at; at += bytes(4 * HP);
    packBack = at; at += bytes(4 * HP * HP);
    packX = at; if (plan.dx) at += bytes(4 * HP * FP);
    outerSpace = at; at += <usize>(outerScratch(HP + F4, capacity) + 63 & ~63);
    nothing = at; at += bytes(FP);
    grads = at; at += <usize>capacity * sd;
    dh = at; at += bytes(rows * HP);
    dc = at; at += bytes(rows * HP);
    dyRows = at; at += bytes(capacity * HP);
    dxRows = at; if (plan.dx) at += bytes(capacity * FP);
  }
  start = at; at += bytes(4 * HP);
  masked = at; at += bytes(capacity);
  cell = at; at += bytes(rows * HP);
  packed = at; at += bytes((HP + F4) * 4 * HP);
  gates = at; at += <usize>(backward ? (plan.kept ? 0 : capacity) : rows) * sg;
  // One slot more, for the state after the chunk; the last weight tile of a row reads a few floats past the row.
  work = at; at += <usize>(capacity + rows) * sw + 64;
  return at;
}

/** Bytes of scratch for one shard. */
export function lstmScratch(plan: Plan, backward: i32): i32 {
  return <i32>layout(plan, 0, backward);
}

function packForward(plan: Plan): void {
  const F = plan.features, H = plan.units, row = <usize>(4 * H) << 2;
  for (let g = 0; g < 4; g++) {
    const offset = <usize>(g * H) << 2;
    pack(packed, HP + F4, 0, g * HP, plan.recurrent + offset, H, H, row, 4);
    pack(packed, HP + F4, HP, g * HP, plan.kernel + offset, F, H, row, 4);
    copyRows(1, H, start + (<usize>(g * HP) << 2), 0, plan.bias + offset, 0);
  }
}

function packBackward(plan: Plan): void {
  const F = plan.features, H = plan.units, row = <usize>(4 * H) << 2;
  for (let g = 0; g < 4; g++) {
    const offset = <usize>(g * H) << 2;
    pack(packBack, 4 * HP, g * HP, 0, plan.recurrent + offset, H, H, 4, row);
    if (plan.dx) pack(packX, 4 * HP, g * HP, 0, plan.kernel + offset, H, F, 4, row);
  }
}

// The gates of `panels` panels of working rows at `w`, to `g`. A hidden row forgets nothing and takes nothing in.
function gatesOf(plan: Plan, panels: i32, w: usize, g: usize, hidden: usize): void {
  const hard = plan.hard, hp = <usize>HP << 2, rows = panels * ROWS;
  tiles(panels, 4 * HP, HP + F4, w, sw, <usize>ROWS * sw, packed, start, 0, g, sg, <usize>ROWS * sg);
  let p = g;
  for (let i = 0; i < rows; i++) {
    if (plan.mask && load<i32>(hidden + (<usize>i << 2))) {
      memory.fill(p, 0, 4 * hp);
      for (let j: usize = 0; j < hp; j += 16) v128.store(p + hp + j, ones());
    } else {
      gateRow(p, 2 * hp, hard);
      tanhRow(p + 2 * hp, p + 2 * hp, hp);
      gateRow(p + 3 * hp, hp, hard);
    }
    p += sg;
  }
}

// c = f c + i g of one row, from its gates at `p`. Here and below two vectors go together, and are loaded before either is
// stored, so that the wide module's engine joins them.
function newCell(p: usize, hp: usize, c: usize): void {
  const sign = signs(), least = tiny();
  for (const end = c + hp; c < end; c += 32) {
    const f0 = v128.load(p + hp), f1 = v128.load(p + hp, 16), c0 = v128.load(c), c1 = v128.load(c, 16);
    const i0 = v128.load(p), i1 = v128.load(p, 16), g0 = v128.load(p + 2 * hp), g1 = v128.load(p + 2 * hp, 16);
    const now0 = flush(fma(f0, c0, f32x4.mul(i0, g0)), sign, least);
    const now1 = flush(fma(f1, c1, f32x4.mul(i1, g1)), sign, least);
    v128.store(c, now0);
    v128.store(c, now1, 16);
    p += 32;
  }
}

// h = o h, where h holds tanh(c).
function newState(o: usize, h: usize, hp: usize): void {
  const sign = signs(), least = tiny();
  for (const end = h + hp; h < end; h += 32) {
    const h0 = f32x4.mul(v128.load(o), v128.load(h)), h1 = f32x4.mul(v128.load(o, 16), v128.load(h, 16));
    v128.store(h, flush(h0, sign, least));
    v128.store(h, flush(h1, sign, least), 16);
    o += 32;
  }
}

/** Panels `first` to `last` (exclusive) forward. `ws`: `lstmScratch` bytes, a multiple of 64. */
export function lstmForward(plan: Plan, first: i32, last: i32, ws: usize): void {
  const end = layout(plan, ws, 0);
  memory.fill(ws, 0, end - ws);
  packForward(plan);
  const H = plan.units, T = plan.time, hp = <usize>HP << 2, hb = <usize>H << 2, group = groupSize(last - first);
  const gateFloats = <i32>(sg >> 2);
  for (let panel = first; panel < last; panel += group) {
    const panels = min(group, last - panel), row0 = panel * ROWS, rows = panels * ROWS;
    const there = rowsThere(plan, row0, rows), slots = capacity / rows, slot = <usize>rows * sw, from = <usize>row0 * hb;
    memory.fill(work, 0, <usize>(capacity + GROUP * ROWS) * sw);
    memory.fill(cell, 0, <usize>rows * hp);
    copyRows(there, H, work, sw, plan.initial ? plan.initial + from : 0, hb);
    copyRows(there, H, cell, hp, plan.initialCell ? plan.initialCell + from : 0, hb);
    for (let s0 = 0; s0 < T; s0 += slots) {
      const count = min(slots, T - s0);
      gatherInputs(plan, row0, there, rows, s0, 1, count, work + hp, slot, sw, masked);
      let w = work, hidden = masked;
      for (let k = 0; k < count; k++) {
        gatesOf(plan, panels, w, gates, hidden);
        let p = gates, row = w, next = w + slot, c = cell;
        for (let i = 0; i < rows; i++) {
          if (plan.mask && load<i32>(hidden + (<usize>i << 2))) {
            for (let j: usize = 0; j < hp; j += 16) v128.store(next + j, v128.load(row + j));
          } else {
            newCell(p, hp, c);
            tanhRow(next, c, hp);
            newState(p + 3 * hp, next, hp);
          }
          p += sg; row += sw; next += sw; c += hp;
        }
        for (let i = 0; i < panels; i++) {
          const at = <usize>((panel + i) * T + s0 + k) * ROWS, mine = <usize>(i * ROWS);
          if (plan.kept) copyRow(plan.gates + at * sg, gates + mine * sg, ROWS * gateFloats);
          if (plan.cells) copyRow(plan.cells + at * hp, cell + mine * hp, ROWS * HP);
        }
        w += slot; hidden += <usize>rows << 2;
      }
      if (plan.y) scatterSteps(plan, row0, there, s0, 1, count, plan.y, H, work + slot, slot, sw);
      copyRows(rows, HP, work, sw, w, sw);
    }
    if (plan.last) copyRows(there, H, plan.last + from, hb, work, sw);
  }
}

// Gate gradients of one row: `p` its gates, `b` the cell before, `y` the gradient of its state, `q` the result, where the
// last quarter holds tanh of its cell; `e`, `f`: gradients of the state (left at zero) and of the cell from the step after.
function rowBack(p: usize, hp: usize, hard: i32, b: usize, y: usize, q: usize, e: usize, f: usize): void {
  const one = ones(), sign = signs(), least = tiny(), zero = f32x4.splat(0);
  for (const end = e + hp; e < end; e += 32) {
    const o0 = v128.load(p + 3 * hp), o1 = v128.load(p + 3 * hp, 16);
    const t0 = v128.load(q + 3 * hp), t1 = v128.load(q + 3 * hp, 16);
    const h0 = flush(f32x4.add(v128.load(e), v128.load(y)), sign, least);
    const h1 = flush(f32x4.add(v128.load(e, 16), v128.load(y, 16)), sign, least);
    const s0 = f32x4.mul(f32x4.mul(h0, o0), f32x4.sub(one, f32x4.mul(t0, t0)));
    const s1 = f32x4.mul(f32x4.mul(h1, o1), f32x4.sub(one, f32x4.mul(t1, t1)));
    const c0 = flush(f32x4.add(v128.load(f), s0), sign, least), c1 = flush(f32x4.add(v128.load(f, 16), s1), sign, least);
    v128.store(q + 3 * hp, flush(f32x4.mul(f32x4.mul(h0, t0), gateSlope(o0, one, hard)), sign, least));
    v128.store(q + 3 * hp, flush(f32x4.mul(f32x4.mul(h1, t1), gateSlope(o1, one, hard)), sign, least), 16);
    const i0 = v128.load(p), i1 = v128.load(p, 16), g0 = v128.load(p + 2 * hp), g1 = v128.load(p + 2 * hp, 16);
    v128.store(q, flush(f32x4.mul(f32x4.mul(c0, g0), gateSlope(i0, one, hard)), sign, least));
    v128.store(q, flush(f32x4.mul(f32x4.mul(c1, g1), gateSlope(i1, one, hard)), sign, least), 16);
    v128.store(q + 2 * hp, flush(f32x4.mul(f32x4.mul(c0, i0), f32x4.sub(one, f32x4.mul(g0, g0))), sign, least));
    v128.store(q + 2 * hp, flush(f32x4.mul(f32x4.mul(c1, i1), f32x4.sub(one, f32x4.mul(g1, g1))), sign, least), 16);
    const f0 = v128.load(p + hp), f1 = v128.load(p + hp, 16), b0 = v128.load(b), b1 = v128.load(b, 16);
    v128.store(q + hp, flush(f32x4.mul(f32x4.mul(c0, b0), gateSlope(f0, one, hard)), sign, least));
    v128.store(q + hp, flush(f32x4.mul(f32x4.mul(c1, b1), gateSlope(f1, one, hard)), sign, least), 16);
    v128.store(f, f32x4.mul(c0, f0));
    v128.store(f, f32x4.mul(c1, f1), 16);
    v128.store(e, zero);
    v128.store(e, zero, 16);
    p += 32;
    b += 32;
    y += 32;
    q += 32;
    f += 32;
  }
}

// Gate gradients of one step: `g` the gates, `cells` those after the step and `before` those before it (`stepG`, `stepC`,
// `stepB`: bytes from panel to panel), `dy` the gradient of the states, `d` the result; dh and dc become those of the step
// before.
function stepBack(
  plan: Plan, panels: i32, hidden: usize, g: usize, stepG: usize, cells: usize, stepC: usize, before: usize, stepB: usize,
  dy: usize, d: usize,
): void {
  const hard = plan.hard, hp = <usize>HP << 2, rows = panels * ROWS, panelC = <usize>ROWS * hp;
  let p = g, q = d, e = dh, f = dc, c = cells, b = before, y = dy;
  for (let i = 0; i < rows; i++) {
    if (i && i % ROWS == 0) { p += stepG - <usize>ROWS * sg; c += stepC - panelC; b += stepB - panelC; }
    if (plan.mask && load<i32>(hidden + (<usize>i << 2))) {
      // The state's gradient passes through untouched: it stays in dh, to which the product adds nothing.
      memory.fill(q, 0, 4 * hp);
      addRow(e, y);
    } else {
      tanhRow(q + 3 * hp, c, hp);
      rowBack(p, hp, hard, b, y, q, e, f);
    }
    p += sg; q += sd; e += hp; f += hp; c += hp; b += hp; y += hp;
  }
  tiles(panels, HP, 4 * HP, d, sd, <usize>ROWS * sd, packBack, 0, 1, dh, hp, panelC);
}

function addRow(e: usize, y: usize): void {
  for (let j = 0; j < HP; j += 4) {
    v128.store(e, f32x4.add(v128.load(e), v128.load(y)));
    e += 16; y += 16;
  }
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
  const F = plan.features, H = plan.units, T = plan.time, hp = <usize>HP << 2, hb = <usize>H << 2, fp = <usize>FP << 2;
  const panelC = <usize>ROWS * hp, stepC = <usize>T * panelC, stepD = <usize>ROWS * sd, stepX = <usize>ROWS * fp;
  const group = groupSize(last - first), stepG = <usize>ROWS * sg * <usize>(plan.kept ? T : 1);
  for (let panel = first; panel < last; panel += group) {
    const panels = min(group, last - panel), row0 = panel * ROWS, rows = panels * ROWS, from = <usize>row0 * hb;
    const there = rowsThere(plan, row0, rows), slots = capacity / rows, slot = <usize>rows * sw;
    memory.fill(dh, 0, <usize>rows * hp);
    memory.fill(dc, 0, <usize>rows * hp);
    memory.fill(cell, 0, <usize>rows * hp);
    memory.fill(work, 0, <usize>capacity * sw);
    memory.fill(dyRows, 0, <usize>capacity * hp);
    copyRows(there, H, cell, hp, plan.initialCell ? plan.initialCell + from : 0, hb);
    if (plan.dyLast) addRows(there, H, dh, hp, plan.dyLast + from, hb);
    for (let top = T - 1; top >= 0; top -= slots) {
      const count = min(slots, top + 1), before = min(count, top);
      gatherInputs(plan, row0, there, rows, top, -1, count, work + hp, slot, sw, masked);
      gatherSteps(plan, row0, there, top - 1, -1, before, plan.y, H, work, slot, sw);
      if (before < count) {
        copyRows(there, H, work + <usize>before * slot, sw, plan.initial ? plan.initial + from : 0, hb);
      }
      if (plan.dy) gatherSteps(plan, row0, there, top, -1, count, plan.dy, H, dyRows, <usize>rows * hp, hp);
      if (!plan.kept) gatesOf(plan, panels * count, work, gates, masked);
      for (let k = 0; k < count; k++) {
        const s = top - k, at = <usize>(k * rows), mine = <usize>(panel * T + s) * ROWS;
        const g = plan.kept ? plan.gates + mine * sg : gates + at * sg, cells = plan.cells + mine * hp;
        const b = s ? cells - panelC : cell;
        const y = dyRows + at * hp, hidden = masked + (at << 2);
        stepBack(plan, panels, hidden, g, stepG, cells, stepC, b, s ? stepC : panelC, y, grads + at * sd);
      }
      outer(HP + F4, 4 * HP, count * rows, work, sw, grads, sd, sum, 4 * hp, outerSpace);
      addColumns(4 * HP, count * rows, grads, sd, sumBias);
      if (plan.dx) {
        tiles(panels * count, FP, 4 * HP, grads, sd, stepD, packX, nothing, 0, dxRows, fp, stepX);
        scatterSteps(plan, row0, there, top, -1, count, plan.dx, F, dxRows, <usize>rows * fp, fp);
      }
    }
    if (plan.dInitial) copyRows(there, H, plan.dInitial + from, hb, dh, hp);
    if (plan.dInitialCell) copyRows(there, H, plan.dInitialCell + from, hb, dc, hp);
  }
}

/** Adds the weights' gradients of `shards` shards, `stride` bytes apart from `ws` on, always in the same order. */
export function lstmReduce(plan: Plan, ws: usize, stride: usize, shards: i32): void {
  layout(plan, ws, 1);
  const F = plan.features, H = plan.units, hb = <usize>H << 2, hp = <usize>HP << 2, row = hb << 2, from = hp << 2;
  for (let k = 0; k < shards; k++) {
    for (let g = 0; g < 4; g++) {
      const to = <usize>g * hb, u = sum + <usize>k * stride + <usize>g * hp, w = u + <usize>HP * from;
      const b = sumBias + <usize>k * stride + <usize>g * hp;
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
