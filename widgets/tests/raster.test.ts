import { expect, test } from "vitest";
import { filled } from "../src/raster/fill";
import { type Look, rasterize } from "../src/raster/raster";
import { Changes, RasterRows } from "../src/raster/rows";

/** Numbers that are the same in each run. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Bar {
  row: number;
  start: number;
  end: number;
  colour: number;
}

/** Straight from what a bar covers, pixel by pixel: the colours that each may have. */
function covered(bars: readonly Bar[], look: Look): Set<number>[] {
  const found = Array.from({ length: look.width * look.height }, () => new Set<number>());
  const scale = look.width / (look.end - look.start);
  const column = (time: number) => Math.floor((time - look.start) * scale);
  const before = Math.ceil((look.playhead - look.start) * scale);
  for (const { row, start, end, colour } of bars) {
    if (start > look.playhead) continue;
    const above = Math.floor(row * look.rowHeight + look.inset - look.top);
    const below = Math.max(
      above + 1,
      Math.floor(row * look.rowHeight + look.inset + look.barHeight - look.top),
    );
    for (let y = Math.max(above, 0); y < Math.min(below, look.height); y++) {
      const last = Math.min(column(end), before - 1, look.width - 1);
      for (let x = Math.max(column(start), 0); x <= last; x++) {
        const palette = end > look.playhead ? look.playing : look.palette;
        found[y * look.width + x]?.add(palette[colour] as number);
      }
    }
  }
  return found;
}

function same(pixels: Uint32Array, expected: readonly Set<number>[], told: string): void {
  for (const [at, pixel] of pixels.entries()) {
    const may = expected[at] as Set<number>;
    if (may.size === 0 ? pixel !== 0 : !may.has(pixel)) {
      expect.fail(`${told}: pixel ${at} is ${pixel}, and may be ${[...may].join(" or ") || "empty"}`);
    }
  }
}

function anyBars(next: () => number): Bar[] {
  const rows = 1 + Math.floor(next() * 4);
  const bars: Bar[] = [];
  const colours = 1 + Math.floor(next() * 3);
  for (let row = 0; row < rows; row++) {
    const count = Math.floor(next() * 700);
    const [step, length] = [next() * 4, next() * 8];
    let start = 0;
    for (let i = 0; i < count; i++) {
      const gap = next();
      // many that touch, some that lie upon one another, few far gaps, whole numbers and none at all
      start +=
        gap < 0.2 ? 0 : gap < 0.25 ? next() * 100 : gap < 0.5 ? Math.round(next() * step) : next() * step;
      const long = next() < 0.02 ? 40 : 1;
      const open = next() < 0.003;
      const end = open ? Number.POSITIVE_INFINITY : start + (next() < 0.1 ? 0 : next() * length * long);
      bars.push({ row, start, end, colour: Math.floor(next() * colours) });
    }
  }
  return bars;
}

function anyLook(next: () => number, bars: readonly Bar[]): Look {
  const length = bars.reduce((most, { start }) => Math.max(most, start), 1);
  const span = length * (next() < 0.4 ? 1.05 : next() + 0.001);
  const start = next() < 0.4 ? 0 : (next() * 1.2 - 0.1) * length;
  // now and then at the very moment that a bar begins or ends
  const some = bars[Math.floor(next() * bars.length)];
  const moment = next() < 0.5 ? some?.start : some?.end;
  const playhead = next() < 0.3 && moment !== undefined ? moment : next() * length * 1.1;
  const rowHeight = 0.3 + next() * 6;
  return {
    start,
    end: start + span,
    width: 1 + Math.floor(next() * 150),
    height: 1 + Math.floor(next() * 16),
    rowHeight,
    inset: next() * rowHeight * 0.3,
    barHeight: rowHeight * (0.3 + next() * 0.7),
    top: Math.floor(next() * 5),
    playhead: Number.isFinite(playhead) ? playhead : length,
    palette: new Uint32Array([11, 22, 33]),
    playing: new Uint32Array([44, 55, 66]),
  };
}

test("runs cover the pixels that the bars cover, in a colour that is there", { timeout: 120_000 }, () => {
  for (let seed = 0; seed < 300; seed++) {
    const next = dice(seed);
    const bars = anyBars(next);
    const order = [...bars.entries()];
    const early = new Changes(1);
    // live: some come late, and change once they are there
    for (const [i, bar] of order) {
      if (next() < 0.05) early.put(bar.row, i, bar.start, Number.POSITIVE_INFINITY, 2);
    }
    const half = Math.floor(order.length * next());
    for (const [i, bar] of order.slice(0, half)) early.put(bar.row, i, bar.start, bar.end, bar.colour);
    const store = seed % 2 ? filled(early) : new RasterRows();
    if (seed % 2 === 0) store.follow(early);
    const { count } = store.changes(true);
    expect(count, `seed ${seed}`).toBe(store.count);
    rasterize(store, anyLook(next, bars), new Uint32Array(150 * 16)); // what is kept of it must not go stale
    for (const [i, bar] of order.slice(half)) store.put(bar.row, i, bar.start, bar.end, bar.colour);
    for (let n = 0; n < 6; n++) {
      const look = anyLook(next, bars);
      const expected = covered(bars, look);
      const pixels = new Uint32Array(look.width * look.height);
      rasterize(store, look, pixels);
      same(pixels, expected, `seed ${seed}.${n}`);
    }
  }
});

test("from afar there are no more runs than pixels ask for", () => {
  const store = new RasterRows();
  const next = dice(7);
  for (let i = 0, at = 0; i < 50_000; i++) {
    at += next() * 2;
    store.put(0, i, at, at + next(), Math.floor(next() * 3));
  }
  const runs = store.rows[0]?.runs(6);
  expect(runs?.bars).toBe(49_999); // the newest may still change
  // two neighbours are longer than a gap, or stand apart by one
  expect(runs?.count).toBeLessThan((2 * 50_000) / 2 ** 6 + 2);
});
