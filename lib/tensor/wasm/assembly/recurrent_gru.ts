// The gated recurrent unit over whole sequences, forward and backward through time, for a range of batch panels.
//
// A working row holds [state | input | reset state]: the update and reset gates multiply the first two parts with one
// packed matrix, the candidate the last two. With `resetAfter` the third part is absent; the candidate then has two
// products, of the input and of the state. Gates of a row lie as z, r, c (and m, the state's product, with resetAfter).
// Working rows exist for a chunk of steps, a slot each: what lies far apart in the tensors is copied a chunk at a time,
// and the weights' gradients take a chunk's rows in one product.
import { ceilPanel, fma } from "./vector";
import { flush, gateRow, gateSlope, ones, signs, tanhRow, tiny } from "./recurrent_gates";
import { addRows, bytes, ceil4, CHUNK, copyRow, copyRows, gatherInputs, gatherSteps, GROUP, groupSize, pack, Plan, rowBytes, ROWS, rowsThere, scatterSteps } from "./recurrent_parts";
import { addColumns, outer, outerScratch, tiles } from "./recurrent_tiles";

let HP: i32 = 0, F4: i32 = 0, FP: i32 = 0, after: i32 = 0;
// Bytes from row to row of working rows, gates and gate gradients; rows of a chunk.
let sw: usize = 0, sg: usize = 0, sd: usize = 0;
const capacity: i32 = CHUNK / (GROUP * ROWS) * GROUP * ROWS;
// Addresses: sums of gradients, packed weights, starts of the tiles, working arrays.
let sum1: usize = 0, sum2: usize = 0, sumBias: usize = 0;
let packZR: usize = 0, packC: usize = 0, packM: usize = 0, startZR: usize = 0, startC: usize = 0, startM: usize = 0;
let packBack: usize = 0, packBackC: usize = 0, packX: usize = 0, nothing: usize = 0;
let work: usize = 0, gates: usize = 0, grads: usize = 0, dh: usize = 0, dq: usize = 0, dyRows: usize = 0, dxRows: usize = 0;
let masked: usize = 0, outerSpace: usize = 0;

// Lays the arrays of one shard out from `ws` on and returns the address behind them.
function layout(plan: Plan, ws: usize, backward: i32): usize {
  const rows = GROUP * ROWS;
  HP = ceilPanel(plan.units); F4 = ceil4(plan.features); FP = ceilPanel(plan.features); after = plan.resetAfter;
  const parts = after ? 4 : 3;
  sw = rowBytes(after ? HP + F4 : 2 * HP + F4); sg = <usize>(parts * HP) << 2; sd = rowBytes(parts * HP);
  let at = ws;
  if (backward) {
    sum1 = at; at += bytes(after ? HP * 3 * HP : (HP + F4) * 2 * HP);
    sum2 = at; at += bytes(after ? F4 * 3 * HP : (HP + F4) * HP);
    sumBias = at; at += bytes(4 * HP);
    packBack = at; at += bytes((after ? 3 : 2) * HP * HP);
    packBackC = at; if (!after) at += bytes(HP * HP);
    packX = at; if (plan.dx) at += bytes(3 * HP * FP);
    outerSpace = at; at += <usize>(outerScratch(HP + F4, capacity) + 63 & ~63);
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
      gateRow(p, 2 * hp, hard);
      if (!after) {
        for (let j: usize = 0; j < hp; j += 16) {
          v128.store(row + hp + f4 + j, f32x4.mul(v128.load(p + hp + j), v128.load(row + j)));
        }
      }
    }
    p += sg; row += sw;
  }
  if (!after) tiles(panels, HP, HP + F4, w + hp, sw, stepW, packC, startC, 0, g + 2 * hp, sg, stepG);
  p = g + 2 * hp;
  for (let i = 0; i < rows; i++) {
    if (plan.mask && load<i32>(hidden + (<usize>i << 2))) {
      for (let j: usize = 0; j < hp; j += 16) v128.store(p + j, f32x4.splat(0));
    } else {
      if (after) candidate(p, hp);
      tanhRow(p, p, hp);
    }
    p += sg;
  }
}

// c = r m + c of one row, with r before c and m behind it. Here and below two vectors go together, and are loaded before
// either is stored, so that the wide module's engine joins them.
function candidate(c: usize, hp: usize): void {
  for (const end = c + hp; c < end; c += 32) {
    const c0 = fma(v128.load(c - hp), v128.load(c + hp), v128.load(c));
    const c1 = fma(v128.load(c - hp, 16), v128.load(c + hp, 16), v128.load(c, 16));
    v128.store(c, c0);
    v128.store(c, c1, 16);
  }
}

// next = z h + (1 - z) c of one row, from its gates at `z`.
function newState(z: usize, hp: usize, h: usize, next: usize): void {
  const sign = signs(), least = tiny();
  for (const end = h + hp; h < end; h += 32) {
    const c0 = v128.load(z + 2 * hp), c1 = v128.load(z + 2 * hp, 16), z0 = v128.load(z), z1 = v128.load(z, 16);
    const n0 = fma(z0, f32x4.sub(v128.load(h), c0), c0), n1 = fma(z1, f32x4.sub(v128.load(h, 16), c1), c1);
    v128.store(next, flush(n0, sign, least));
    v128.store(next, flush(n1, sign, least), 16);
    z += 32;
    next += 32;
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
          newState(p, hp, row, next);
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

// The gradients of one row's update gate, to `dz`, and candidate, to `dc`: `p` its gates, `h` the state before, `y` the
// gradient of its state, `e` that from the step after, which becomes the part that passes through the update gate.
function rowBack(p: usize, hp: usize, hard: i32, h: usize, y: usize, dz: usize, dc: usize, e: usize): void {
  const one = ones(), sign = signs(), least = tiny();
  for (const end = e + hp; e < end; e += 32) {
    const z0 = v128.load(p), z1 = v128.load(p, 16), c0 = v128.load(p + 2 * hp), c1 = v128.load(p + 2 * hp, 16);
    const d0 = flush(f32x4.add(v128.load(e), v128.load(y)), sign, least);
    const d1 = flush(f32x4.add(v128.load(e, 16), v128.load(y, 16)), sign, least);
    const before0 = f32x4.sub(v128.load(h), c0), before1 = f32x4.sub(v128.load(h, 16), c1);
    const t0 = f32x4.mul(z0, d0), t1 = f32x4.mul(z1, d1);
    v128.store(dc, flush(f32x4.mul(f32x4.sub(d0, t0), f32x4.sub(one, f32x4.mul(c0, c0))), sign, least));
    v128.store(dc, flush(f32x4.mul(f32x4.sub(d1, t1), f32x4.sub(one, f32x4.mul(c1, c1))), sign, least), 16);
    v128.store(dz, flush(f32x4.mul(f32x4.mul(d0, gateSlope(z0, one, hard)), before0), sign, least));
    v128.store(dz, flush(f32x4.mul(f32x4.mul(d1, gateSlope(z1, one, hard)), before1), sign, least), 16);
    v128.store(e, t0);
    v128.store(e, t1, 16);
    p += 32;
    h += 32;
    y += 32;
    dz += 32;
    dc += 32;
  }
}

// With resetAfter: the gradients of the state's product, to `dm`, and of the reset gate, to `dr`, from the candidate's.
function resetBack(r: usize, m: usize, hp: usize, hard: i32, dc: usize, dm: usize, dr: usize): void {
  const one = ones(), sign = signs(), least = tiny();
  for (const end = r + hp; r < end; r += 32) {
    const r0 = v128.load(r), r1 = v128.load(r, 16), c0 = v128.load(dc), c1 = v128.load(dc, 16);
    const m0 = f32x4.mul(c0, v128.load(m)), m1 = f32x4.mul(c1, v128.load(m, 16));
    v128.store(dm, flush(f32x4.mul(c0, r0), sign, least));
    v128.store(dm, flush(f32x4.mul(c1, r1), sign, least), 16);
    v128.store(dr, flush(f32x4.mul(m0, gateSlope(r0, one, hard)), sign, least));
    v128.store(dr, flush(f32x4.mul(m1, gateSlope(r1, one, hard)), sign, least), 16);
    m += 32;
    dc += 32;
    dm += 32;
    dr += 32;
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
    rowBack(p, hp, hard, row, f, q + z0, q + c0, e);
    if (after) resetBack(p + hp, p + 3 * hp, hp, hard, q + c0, q, q + r0);
    p += sg; row += sw; q += sd; e += hp; f += hp;
  }
  if (after) {
    tiles(panels, HP, 3 * HP, d, sd, stepD, packBack, 0, 1, dh, hp, stepH);
    return;
  }
  tiles(panels, HP, HP, d + c0, sd, stepD, packBackC, nothing, 0, dq, hp, stepH);
  p = g; row = w; q = d; e = dh;
  const one = ones(), sign = signs(), least = tiny();
  let o = dq;
  for (let i = 0; i < rows; i++) {
    if (i && i % ROWS == 0) p += stepG - <usize>ROWS * sg;
    for (let j: usize = 0; j < hp; j += 16) {
      const r = v128.load(p + hp + j), h = v128.load(row + j), dp = v128.load(o + j);
      v128.store(row + hp + f4 + j, f32x4.mul(r, h));
      v128.store(q + r0 + j, flush(f32x4.mul(f32x4.mul(dp, h), gateSlope(r, one, hard)), sign, least));
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
    outer(HP, 3 * HP, K, work, sw, grads, sd, sum1, 3 * hp, outerSpace);
    outer(F4, 3 * HP, K, work + hp, sw, grads + hp, sd, sum2, 3 * hp, outerSpace);
    addColumns(4 * HP, K, grads, sd, sumBias);
  } else {
    outer(HP + F4, 2 * HP, K, work, sw, grads, sd, sum1, 2 * hp, outerSpace);
    outer(F4 + HP, HP, K, work + hp, sw, grads + 2 * hp, sd, sum2, hp, outerSpace);
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
