/** Where bars are on the canvas, in CSS pixels: drawing, clicking and reading aloud ask the same place. */
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
  for (let i = bars.count - 1; i >= 0; i--) {
    if (bars.row[i] !== row || !bars.isSeen(i)) continue;
    const box = place(bars, i, view, playhead, top);
    // a bar of a few pixels can be hit from beside it
    const near = box ? Math.max(0, 8 - box.width) / 2 : 0;
    if (box && x >= box.x - near && x <= box.x + box.width + near) return bars.id[i] as number;
  }
  return null;
}

/** Rows, from the first to the one before `last`. */
export interface RowRange {
  readonly first: number;
  readonly last: number;
}

/** The indexes of the bars in sight, in these rows, at most `most`, in the order that they began. */
export function inSight(
  bars: Bars,
  view: Viewport,
  playhead: number,
  most: number,
  { first, last }: RowRange = { first: 0, last: Number.POSITIVE_INFINITY },
): number[] {
  const found: number[] = [];
  for (let i = 0; i < bars.count && found.length < most; i++) {
    const row = bars.row[i] as number;
    if (row < first || row >= last || !bars.isSeen(i)) continue;
    const box = place(bars, i, view, playhead, 0);
    if (box && box.x < view.width && box.x + box.width > 0) found.push(i);
  }
  return found;
}
