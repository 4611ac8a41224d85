/** What is seen of bars that are too many, or too low, to be drawn one by one: what lies on their picture. */
import type { Viewport } from "../viewport";
import type { Bars } from "./bars";
import { heldNow, heldTag } from "./bodies";
import type { Ink } from "./ink";
import { type Box, type Lanes, place } from "./place";
import type { Canvas, Scene } from "./scene";

/** There is one sign for as many pixels, up and down and along. */
const CELL = 9;
/** So high is a word. */
const WORD = 16;
/** Of what a search found so many are drawn. */
const MOST_FOUND = 5000;

interface Look {
  readonly bars: Bars;
  readonly view: Pick<Viewport, "x">;
  readonly lanes: Pick<Lanes, "top" | "height">;
  readonly top: number;
  readonly height: number;
  readonly playhead: number;
  readonly ink: Ink;
  readonly dense: Scene["dense"];
}

/** What failed, by a sign: a colour alone would not tell it to everybody. */
export function drawFailures(canvas: Canvas, look: Look): void {
  const { bars, view, lanes, top, height, playhead, ink, dense } = look;
  const signed = new Set<number>();
  for (const i of bars.failed) {
    const row = bars.row[i] as number;
    const end = bars.end[i] as number;
    if (end > playhead || !(dense === "all" || dense.has(row)) || bars.members.has(i)) continue;
    const [x, y] = [view.x(end), lanes.top(row) + lanes.height / 2 - top];
    if (y < 0 || y > height || x < 0) continue;
    const cell = Math.round(y / CELL) * 65536 + Math.round(x / CELL);
    if (signed.has(cell)) continue;
    signed.add(cell);
    failedSign(canvas, Math.max(x - 4, 4), Math.min(Math.max(y, 4), height - 4), ink);
  }
}

/** A cross, with an edge so that it is seen on anything. */
function failedSign(canvas: Canvas, x: number, y: number, ink: Ink): void {
  for (const [colour, width] of [
    [ink.paper, 4.5],
    [ink.failed, 2],
  ] as const) {
    canvas.beginPath();
    canvas.moveTo(x - 3, y - 3);
    canvas.lineTo(x + 3, y + 3);
    canvas.moveTo(x + 3, y - 3);
    canvas.lineTo(x - 3, y + 3);
    canvas.strokeStyle = colour;
    canvas.lineWidth = width;
    canvas.stroke();
  }
}

/** Who waits for the conductor: by a word, or how many do where there is room for one. */
export function drawHolds(canvas: Canvas, scene: Scene): void {
  const { bars, lanes, top, height } = scene;
  const waiting: { y: number; many: number }[] = [];
  const middles = bars.holding
    .filter((i) => isDense(scene, i) && !bars.members.has(i) && heldNow(scene, i))
    .map((i) => lanes.top(bars.row[i] as number) + lanes.height / 2 - top)
    .sort((a, b) => a - b);
  for (const y of middles) {
    const last = waiting.at(-1);
    if (y < 0 || y > height) continue;
    if (last && y - last.y < WORD) last.many++;
    else waiting.push({ y, many: 1 });
  }
  for (const { y, many } of waiting) {
    heldTag(
      canvas,
      scene,
      many > 1 ? `${many} held` : "held",
      Math.min(Math.max(y, WORD / 2), height - WORD / 2),
    );
  }
}

/** Pales what a search did not find. */
export function drawFound(canvas: Canvas, scene: Scene): void {
  const { bars, view, lanes, top, height, playhead, ink, dense, found } = scene;
  if (!found) return;
  canvas.fillStyle = ink.paper;
  canvas.globalAlpha = 0.72;
  if (dense === "all") canvas.fillRect(0, 0, view.width, height);
  else for (const row of dense) canvas.fillRect(0, lanes.top(row) - top, view.width, lanes.height);
  canvas.globalAlpha = 1;
  canvas.fillStyle = ink.accent;
  let drawn = 0;
  for (const id of found) {
    const i = bars.indexOf(id);
    const box = i < 0 || !isDense(scene, i) ? null : place(bars, i, view, playhead, top, lanes);
    if (!box || drawn++ > MOST_FOUND) continue;
    const { x, y, width, height: high } = seen(box, 2);
    canvas.fillRect(x, y, width, high);
  }
}

/** The selected bar, and the one under the pointer. */
export function drawChosen(canvas: Canvas, scene: Scene): void {
  const { bars, view, lanes, top, playhead, ink, selected, hovered } = scene;
  canvas.strokeStyle = ink.accent;
  for (const [id, width] of [
    [hovered, 1],
    [selected, 2],
  ] as const) {
    const i = id === null ? -1 : bars.indexOf(id);
    const box = i < 0 || !isDense(scene, i) ? null : place(bars, i, view, playhead, top, lanes);
    if (!box) continue;
    const { x, y, width: wide, height } = seen(box, 5);
    canvas.lineWidth = width;
    canvas.beginPath();
    canvas.roundRect(x - 2, y - 2, wide + 4, height + 4, 3);
    canvas.stroke();
  }
}

function isDense({ bars, dense }: Scene, i: number): boolean {
  return dense === "all" || dense.has(bars.row[i] as number);
}

/** At least so many pixels wide and high, around its middle. */
function seen({ x, y, width, height }: Box, least: number): Box {
  const [wide, high] = [Math.max(width, least), Math.max(height, least)];
  return { x: x - (wide - width) / 2, y: y - (high - height) / 2, width: wide, height: high };
}

/** A row has so many pixels for each of its bars in sight, or it is dense. */
const ROOM = 6;

/** The rows in sight that hold too many bars to draw each; a folded section is one bar. */
export function denseRows(
  bars: Bars,
  view: Viewport,
  playhead: number,
  lanes: Lanes,
  top: number,
  height: number,
): ReadonlySet<number> | "all" {
  if (!lanes.readable) return "all";
  const dense = new Set<number>();
  const { rows } = bars.raster;
  const { first, last } = lanes.between(top, top + height);
  for (let r = first; r < Math.min(last, rows.length); r++) {
    const row = rows[r];
    if (row && row.after(Math.min(playhead, view.end)) - row.firstFrom(view.start) > view.width / ROOM)
      dense.add(r);
  }
  for (const whole of bars.members.keys()) dense.delete(bars.row[whole] as number);
  return dense;
}
