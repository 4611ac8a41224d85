/** Where bars are on the canvas, in CSS pixels: drawing, clicking and reading aloud ask the same place. */
import type { RasterRow } from "../raster/rows";
import { Viewport } from "../viewport";
import { type Bars, Look } from "./bars";

export const RULER_HEIGHT = 30;
/** The height of a row whose bars can be read. */
export const ROW_HEIGHT = 36;
/** As high as the rows may grow if nobody made them higher: the style sheet says the same. */
export function mostHeight(): number {
  return Math.min(612, innerHeight * 0.7);
}

/** Rows that are lower have no room for what is written and marked on bars. */
const READABLE = 22;
/** Rows that are lower touch one another. */
const APART = 8;

/** Where rows lie, one below the other, in CSS pixels. */
export class Lanes {
  /** Where the bars of a row begin in it, and how high they are. */
  readonly inset: number;
  readonly bar: number;

  constructor(readonly height: number) {
    this.inset = height < APART ? 0 : (height * 7) / ROW_HEIGHT;
    this.bar = height < APART ? (height > 3 ? height - 1 : height) : height - 2 * this.inset;
  }

  /** Whether bars can be read; else they are only colours. */
  get readable(): boolean {
    return this.height >= READABLE;
  }

  top(row: number): number {
    return row * this.height;
  }

  /** The row at a height. */
  at(y: number): number {
    return Math.floor(y / this.height);
  }

  /** The rows between two heights, those too that are only partly there. */
  between(top: number, bottom: number): RowRange {
    return { first: this.at(top), last: this.at(bottom) + 1 };
  }
}

export const LANES = new Lanes(ROW_HEIGHT);
/** What was taken over took no time: it is drawn this wide, so that it can be seen and hit. */
const REUSED_WIDTH = 96;
/** What took next to no time is drawn this wide: back from its end, for it must not pass the playhead. */
const LEAST_WIDTH = 7;
/** The same from afar. */
const THIN_WIDTH = 1;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What a bar takes up at a moment, `top` pixels scrolled down; null if there is nothing of it before the playhead. */
export function place(
  bars: Bars,
  i: number,
  view: Viewport,
  playhead: number,
  top: number,
  lanes = LANES,
): Box | null {
  const start = bars.start[i] as number;
  if (start > playhead) return null;
  const from = view.x(start);
  const now = view.x(playhead);
  const end = view.x(Math.min(bars.end[i] as number, playhead));
  const thin = lanes.readable ? LEAST_WIDTH : THIN_WIDTH;
  const least = lanes.readable && bars.look[i] === Look.Reused ? REUSED_WIDTH : thin;
  // never past the playhead; at its very beginning a bar is there, though it has no width yet
  let right = Math.min(Math.max(end, from + least), now);
  let x = Math.min(from, right - thin);
  if (x < 0 && from >= 0) [x, right] = [0, Math.max(right, 1)];
  const y = lanes.top(bars.row[i] as number) + lanes.inset - top;
  return { x, y, width: right - x, height: lanes.bar };
}

/** The id of the bar at a point, or null. What is drawn last lies on top. */
export function hit(
  bars: Bars,
  view: Viewport,
  playhead: number,
  top: number,
  x: number,
  y: number,
  lanes = LANES,
): number | null {
  const row = lanes.at(y + top);
  // what lies there, of the thousands that its row may have
  const around = new Viewport(view.time(x - 8), view.time(x + 8), 16);
  const found = near(bars, around, playhead, { first: row, last: row + 1 });
  for (let n = found.length - 1; n >= 0; n--) {
    const i = found[n] as number;
    const box = place(bars, i, view, playhead, top, lanes);
    // a bar of a few pixels can be hit from beside it
    const beside = box ? Math.max(0, 8 - box.width) / 2 : 0;
    if (box && x >= box.x - beside && x <= box.x + box.width + beside) return bars.id[i] as number;
  }
  return null;
}

/** Rows, from the first to the one before `last`. */
export interface RowRange {
  readonly first: number;
  readonly last: number;
}

interface Limits {
  readonly most?: number;
  /** Rows that are passed over. */
  readonly but?: ReadonlySet<number>;
}

/**
 * The indexes of the bars that may be in sight, in these rows, in the order that they began. Found in
 * each row by halves: what is far from sight costs nothing. Once there are `most`, no further row is looked at.
 */
export function near(
  bars: Bars,
  view: Viewport,
  playhead: number,
  { first, last }: RowRange,
  { most = Number.POSITIVE_INFINITY, but }: Limits = {},
): number[] {
  const found: number[] = [];
  // bars are drawn longer than they took, forth or back
  const from = view.time(-REUSED_WIDTH);
  const until = Math.min(playhead, view.time(view.width + 2 * LEAST_WIDTH));
  const { rows } = bars.raster;
  for (let r = Math.max(first, 0); r < Math.min(last, rows.length) && found.length < most; r++) {
    if (but?.has(r)) continue;
    const row = rows[r] as RasterRow;
    const end = row.after(until);
    for (let n = row.firstFrom(from); n < end; n++) {
      if ((row.end[n] as number) < from) continue;
      const i = row.bar[n] as number;
      if (bars.isSeen(i)) found.push(i);
    }
  }
  for (const i of bars.members.keys()) {
    const row = bars.row[i] as number;
    if (row >= first && row < last && bars.isSeen(i)) found.push(i);
  }
  return found.sort((a, b) => a - b);
}

/** The indexes of the bars in sight, in these rows, in the order that they began; at most `most`, of the first rows. */
export function inSight(
  bars: Bars,
  view: Viewport,
  playhead: number,
  most: number,
  range: RowRange = { first: 0, last: Number.POSITIVE_INFINITY },
  lanes = LANES,
): number[] {
  const found: number[] = [];
  for (const i of near(bars, view, playhead, range, { most })) {
    if (found.length >= most) break;
    const box = place(bars, i, view, playhead, 0, lanes);
    if (box && box.x < view.width && box.x + box.width > 0) found.push(i);
  }
  return found;
}
