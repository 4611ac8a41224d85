/** Where bars are on the canvas, in CSS pixels: drawing, clicking and reading aloud ask the same place. */
import type { RasterRow } from "../raster/rows";
import type { Viewport } from "../viewport";
import { type Bars, Look } from "./bars";

export const RULER_HEIGHT = 30;
export const ROW_HEIGHT = 36;
const INSET = 7;
export const BAR_HEIGHT = ROW_HEIGHT - 2 * INSET;
/** What was taken over took no time: it is drawn this wide, so that it can be seen and hit. */
const REUSED_WIDTH = 96;
/** What took next to no time is drawn this wide: back from its end, for it must not pass the playhead. */
const LEAST_WIDTH = 7;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What a bar takes up at a moment, `top` pixels scrolled down; null if there is nothing of it before the playhead. */
export function place(bars: Bars, i: number, view: Viewport, playhead: number, top: number): Box | null {
  const start = bars.start[i] as number;
  if (start > playhead) return null;
  const from = view.x(start);
  const now = view.x(playhead);
  const end = view.x(Math.min(bars.end[i] as number, playhead));
  const least = bars.look[i] === Look.Reused ? REUSED_WIDTH : LEAST_WIDTH;
  // never past the playhead; at its very beginning a bar is there, though it has no width yet
  let right = Math.min(Math.max(end, from + least), now);
  let x = Math.min(from, right - LEAST_WIDTH);
  if (x < 0 && from >= 0) [x, right] = [0, Math.max(right, 1)];
  return { x, y: (bars.row[i] as number) * ROW_HEIGHT + INSET - top, width: right - x, height: BAR_HEIGHT };
}

/** The id of the bar at a point, or null. What is drawn last lies on top. */
export function hit(
  bars: Bars,
  view: Viewport,
  playhead: number,
  top: number,
  x: number,
  y: number,
): number | null {
  const row = Math.floor((y + top) / ROW_HEIGHT);
  const found = near(bars, view, playhead, { first: row, last: row + 1 });
  for (let n = found.length - 1; n >= 0; n--) {
    const i = found[n] as number;
    const box = place(bars, i, view, playhead, top);
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

/**
 * The indexes of the bars that may be in sight, in these rows, in the order that they began. Found in
 * each row by halves: what is far from sight costs nothing.
 */
export function near(bars: Bars, view: Viewport, playhead: number, { first, last }: RowRange): number[] {
  const found: number[] = [];
  // bars are drawn longer than they took, forth or back
  const from = view.time(-REUSED_WIDTH);
  const until = Math.min(playhead, view.time(view.width + 2 * LEAST_WIDTH));
  const { rows } = bars.raster;
  for (let r = Math.max(first, 0); r < Math.min(last, rows.length); r++) {
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

/** The indexes of the bars in sight, in these rows, at most `most`, in the order that they began. */
export function inSight(
  bars: Bars,
  view: Viewport,
  playhead: number,
  most: number,
  range: RowRange = { first: 0, last: Number.POSITIVE_INFINITY },
): number[] {
  const found: number[] = [];
  for (const i of near(bars, view, playhead, range)) {
    if (found.length >= most) break;
    const box = place(bars, i, view, playhead, 0);
    if (box && box.x < view.width && box.x + box.width > 0) found.push(i);
  }
  return found;
}
