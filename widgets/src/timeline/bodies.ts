/** Bars with what is written and marked on them. */
import { Look, Mark } from "./bars";
import { type Box, near, place } from "./place";
import type { Canvas, Scene } from "./scene";
import { callSign, circleArrow, cross, pennant, repairSign, stripes, tag } from "./signs";

/** From afar there is one flag for as many pixels, up and down and along. */
const FLAG = 12;

/** A bar, and what it takes up. */
export type Sight = readonly [i: number, box: Box];

/** The bars that are drawn one by one, in the order that they began. */
export function sightsOf(scene: Scene): Sight[] {
  const { bars, view, playhead, top, height, lanes, dense } = scene;
  if (dense === "all") return [];
  const found: Sight[] = [];
  for (const i of near(bars, view, playhead, lanes.between(top, top + height), { but: dense })) {
    const box = place(bars, i, view, playhead, top, lanes);
    if (!box || box.x > view.width || box.x + box.width < 0) continue;
    if (box.y <= height && box.y + box.height >= 0) found.push([i, box]);
  }
  return found;
}

export function drawBar(canvas: Canvas, scene: Scene, i: number, box: Box): void {
  const { bars, ink, playhead } = scene;
  const { x, y, width, height } = box;
  const id = bars.id[i] as number;
  const playing = (bars.end[i] as number) > playhead;
  const look = playing ? null : bars.look[i];
  const hue = hueOf(scene, i);
  const outlined = isOutlined(scene, i);
  if (width < 3) {
    canvas.fillStyle = hue;
    canvas.fillRect(x, y, width, height);
    return;
  }
  shape(canvas, box, look === Look.Cut, playing);
  canvas.fillStyle = ink.paper; // stripes and grid behind a bar must not show through
  canvas.fill();
  const members = bars.members.get(i);
  if (members) coverage(canvas, scene, members, box, hue);
  else if (!outlined) {
    canvas.globalAlpha = ink.fill * (scene.hovered === id ? 1.5 : 1) * (look === Look.Cut ? 0.6 : 1);
    canvas.fillStyle = hue;
    canvas.fill();
    canvas.globalAlpha = 1;
  }
  if (look === Look.Failed) {
    canvas.save();
    canvas.clip();
    canvas.globalAlpha = 0.45;
    stripes(canvas, x, y, width, height, hue, 6);
    canvas.restore();
  }
  if (playing && heldNow(scene, i)) {
    canvas.save();
    canvas.clip();
    canvas.globalAlpha = 0.5;
    stripes(canvas, x, y, width, height, hue, 5);
    canvas.restore();
  } else if (playing && !members) brightEdge(canvas, box, hue);
  shape(canvas, box, look === Look.Cut, playing);
  canvas.lineWidth = outlined ? 1.5 : 1;
  canvas.strokeStyle = hue;
  canvas.stroke();
  if (!outlined && !playing) {
    canvas.fillStyle = hue;
    canvas.beginPath();
    canvas.roundRect(x, y, Math.min(3, width), height, [4, 0, 0, 4]);
    canvas.fill();
  }
}

/** A section as one bar: at each pixel as high as the share of its items that played then. */
function coverage(canvas: Canvas, scene: Scene, members: readonly number[], box: Box, hue: string): void {
  const { bars, view, playhead, ink } = scene;
  const from = Math.max(Math.floor(box.x), 0);
  const columns = Math.ceil(Math.min(box.x + box.width, view.width)) - from;
  if (columns <= 0) return;
  const steps = new Int32Array(columns + 1);
  const column = (x: number) => Math.min(Math.max(Math.floor(x) - from, 0), columns);
  const failed: number[] = [];
  for (const i of members) {
    const start = bars.start[i] as number;
    if (start > playhead) continue;
    const end = bars.end[i] as number;
    const first = column(view.x(start));
    const last = Math.max(column(view.x(Math.min(end, playhead))), Math.min(first + 1, columns));
    steps[first] = (steps[first] as number) + 1;
    steps[last] = (steps[last] as number) - 1;
    if (bars.look[i] === Look.Failed && end <= playhead) failed.push(view.x(end));
  }
  let [most, now] = [1, 0];
  for (const step of steps) {
    now += step;
    most = Math.max(most, now);
  }
  canvas.fillStyle = hue;
  canvas.globalAlpha = Math.min(1, ink.fill * 1.8);
  now = 0;
  let begun = 0;
  for (let x = 0; x <= columns; x++) {
    if (x < columns && steps[x] === 0) continue;
    const high = ((box.height - 2) * now) / most;
    if (now > 0) canvas.fillRect(from + begun, box.y + box.height - 1 - high, x - begun, high);
    now += steps[x] as number;
    begun = x;
  }
  canvas.globalAlpha = 1;
  canvas.fillStyle = ink.failed;
  for (const x of failed)
    canvas.fillRect(Math.max(Math.min(x, box.x + box.width) - 2.5, from), box.y + 1, 2, 5);
}

/** What lies on top of a bar and its marks: text, the failure's cross, the selection. */
export function finishBar(canvas: Canvas, scene: Scene, i: number, box: Box): void {
  const { bars, ink, playhead } = scene;
  const { x, y, width, height } = box;
  const playing = (bars.end[i] as number) > playhead;
  if (width >= 3) writeText(canvas, scene, i, box, playing);
  if (bars.look[i] === Look.Failed && !playing && width >= 16)
    cross(canvas, x + width - 11, y + height / 2, ink);
  if (!isFound(scene, i)) {
    canvas.fillStyle = ink.paper;
    canvas.globalAlpha = 0.72;
    canvas.fillRect(x - 1, y - 1, width + 2, height + 2);
    canvas.globalAlpha = 1;
  }
  if (bars.id[i] !== scene.selected) return;
  canvas.beginPath();
  canvas.roundRect(x - 2.5, y - 2.5, width + 5, height + 5, 6);
  canvas.lineWidth = 2;
  canvas.strokeStyle = ink.accent;
  canvas.stroke();
}

/** Whether it, or one of the items that it stands for, is what somebody searches. */
function isFound({ bars, found }: Scene, i: number): boolean {
  if (!found) return true;
  const members = bars.members.get(i);
  if (members) return members.some((member) => found.has(bars.id[member] as number));
  return found.has(bars.id[i] as number);
}

/** A rounded bar; open to the right while it plays, torn there where it was cut. */
function shape(canvas: Canvas, { x, y, width, height }: Box, torn: boolean, open: boolean): void {
  canvas.beginPath();
  if (!torn || width < 12) {
    canvas.roundRect(x + 0.5, y + 0.5, Math.max(width - 1, 1), height - 1, open ? [4, 0, 0, 4] : 4);
    return;
  }
  const [left, right, above, below] = [x + 0.5, x + width - 1, y + 0.5, y + height - 0.5];
  const teeth = 4;
  canvas.moveTo(left + 4, above);
  canvas.lineTo(right, above);
  for (let tooth = 1; tooth <= teeth * 2; tooth++) {
    canvas.lineTo(right - (tooth % 2 ? 5 : 0), above + ((below - above) * tooth) / (teeth * 2));
  }
  canvas.lineTo(left + 4, below);
  canvas.arcTo(left, below, left, below - 4, 4);
  canvas.lineTo(left, above + 4);
  canvas.arcTo(left, above, left + 4, above, 4);
  canvas.closePath();
}

function brightEdge(canvas: Canvas, { x, y, width, height }: Box, hue: string): void {
  const reach = Math.min(width, 28);
  const steps = 7;
  canvas.fillStyle = hue;
  for (let step = 0; step < steps; step++) {
    canvas.globalAlpha = (0.3 * (step + 1)) / steps;
    canvas.fillRect(x + width - (reach * (steps - step)) / steps, y + 1, reach / steps, height - 2);
  }
  canvas.globalAlpha = 1;
}

function writeText(canvas: Canvas, scene: Scene, i: number, box: Box, playing: boolean): void {
  const { bars, ink, view } = scene;
  // the part in sight, so that a bar that began long ago still says something; and only the present try
  const left = Math.max(box.x, view.x(presentTry(scene, i)), 0) + 9;
  let right = Math.min(box.x + box.width, view.width) - 6;
  if (bars.look[i] === Look.Failed && !playing) right -= 14;
  const middle = box.y + box.height / 2 + 0.5;
  if (right - left < 26) return;
  let begin = left;
  if (isOutlined(scene, i)) {
    circleArrow(canvas, left + 5, middle - 0.5, hueOf(scene, i));
    begin += 15;
  } else if (bars.scripted[i]) {
    begin += tag(canvas, "scripted", left, middle, ink, right, true);
  }
  const lap = bars.lap[i] as number;
  if (lap > 1) begin += tag(canvas, `pass ${lap}`, begin, middle, ink, right);
  const text = scene.glimpse(bars.id[i] as number, playing);
  if (!text || right - begin < 26) return;
  const [fits, short] = shortened(canvas, text, right - begin, playing);
  canvas.save();
  canvas.beginPath();
  canvas.rect(begin, box.y, right - begin, box.height);
  canvas.clip();
  canvas.fillStyle = ink.text;
  canvas.textAlign = playing && !fits ? "right" : "left";
  canvas.fillText(short, playing && !fits ? right : begin, middle);
  canvas.restore();
}

/** Nobody played it here: it was taken over, or is given again. */
function isOutlined({ bars }: Scene, i: number): boolean {
  return bars.look[i] === Look.Reused || bars.again[i] === 1;
}

function hueOf({ bars, ink, playhead }: Scene, i: number): string {
  if (bars.look[i] === Look.Failed && (bars.end[i] as number) <= playhead) return ink.failed;
  return ink.hues[(bars.part[i] as number) % ink.hues.length] ?? ink.text;
}

/** The word that a bar is held: beyond the playhead, where there is room for it, for time stands still. */
export function drawHeld(canvas: Canvas, scene: Scene, sights: readonly Sight[]): void {
  for (const [i, box] of sights) {
    if (heldNow(scene, i)) heldTag(canvas, scene, "held", box.y + box.height / 2);
  }
}

/** At the playhead, where there is room for it. */
export function heldTag(canvas: Canvas, { view, playhead, ink }: Scene, word: string, y: number): void {
  const now = view.x(playhead);
  if (now < 0 || now > view.width) return;
  const room = canvas.measureText(word).width + 12;
  const x = now + room + 8 < view.width ? now + 8 : Math.max(now - room - 4, 0);
  tag(canvas, word, x, y + 0.5, ink, view.width);
}

/** Whether it waits for the conductor at the playhead. */
export function heldNow({ bars, playhead }: Scene, i: number): boolean {
  const { marks } = bars;
  if (!bars.held[i] || (bars.end[i] as number) <= playhead) return false;
  for (const m of marks.of(i)) {
    if (marks.kind[m] !== Mark.Hold || (marks.start[m] as number) > playhead) continue;
    if ((marks.end[m] as number) > playhead) return true;
  }
  return false;
}

/** When the try began that is on at the playhead: what failed before has its own mark. */
function presentTry({ bars, playhead }: Scene, i: number): number {
  const { marks } = bars;
  let from = bars.start[i] as number;
  if (!bars.tried[i]) return from;
  for (const m of marks.of(i)) {
    if ((marks.start[m] as number) > playhead) continue;
    if (marks.kind[m] === Mark.Flag || marks.kind[m] === Mark.Hold) continue;
    const end = marks.end[m] as number;
    from = Math.max(from, end <= playhead ? end : (marks.start[m] as number));
  }
  return from;
}

/** As much of a text as fits, from its beginning or (`newest`) its end, cut between words. */
function shortened(
  canvas: Canvas,
  text: string,
  room: number,
  newest: boolean,
): [fits: boolean, text: string] {
  const width = canvas.measureText(text).width;
  if (width <= room) return [true, text];
  // letters differ in width: what the average lets in may still be too long
  let letters = Math.max(1, Math.floor((text.length * room) / width));
  const dotted = (cut: string) => (newest ? `…${cut.trimStart()}` : `${cut.replace(/[\s.,;:]+$/, "")}…`);
  const taken = (count: number) => (newest ? text.slice(-count) : text.slice(0, count));
  while (letters > 1 && canvas.measureText(dotted(taken(letters))).width > room) letters--;
  const cut = taken(letters);
  const space = newest ? cut.indexOf(" ") + 1 : cut.lastIndexOf(" ");
  const words = newest ? cut.slice(space) : cut.slice(0, Math.max(space, 0));
  return [false, dotted(words.length > letters * 0.6 ? words : cut)];
}

/** Retries, holds, tools and repairs: what a bar did, below its text. */
export function drawMarks(canvas: Canvas, scene: Scene, sights: readonly Sight[]): void {
  const { bars, view, playhead, ink } = scene;
  const { marks } = bars;
  for (const [i, box] of sights) {
    for (const m of marks.of(i)) {
      const start = marks.start[m] as number;
      const end = marks.end[m] as number;
      const kind = marks.kind[m] as Mark;
      if (kind === Mark.Flag || start > playhead) continue;
      const x = view.x(start);
      const width = Math.max(Math.min(view.x(end), box.x + box.width - 1) - x, 0);
      if (kind === Mark.Repair) repairSign(canvas, x, box.y, box.height, ink);
      else if (kind === Mark.Call || kind === Mark.FailedCall) {
        callSign(canvas, x, box.y + box.height - 1, width, ink, kind === Mark.FailedCall);
      } else drawSpan(canvas, scene, box, x, width, kind === Mark.Retry, end <= playhead);
    }
  }
}

/** Where nothing came: waited for another try, or for the conductor. */
function drawSpan(
  canvas: Canvas,
  { ink }: Scene,
  box: Box,
  x: number,
  width: number,
  retry: boolean,
  over: boolean,
): void {
  canvas.save();
  canvas.beginPath();
  canvas.rect(x, box.y + 1, width, box.height - 2);
  canvas.clip();
  canvas.fillStyle = ink.paper;
  canvas.globalAlpha = retry ? 0.85 : 0.55;
  canvas.fillRect(x, box.y, width, box.height);
  canvas.globalAlpha = 1;
  if (!retry) stripes(canvas, x, box.y, width, box.height, ink.line, 5);
  canvas.restore();
  if (retry) {
    canvas.fillStyle = ink.failed;
    canvas.fillRect(x - 0.75, box.y - 2, 1.5, box.height + 4);
    if (width > 18) circleArrow(canvas, x + 10, box.y + box.height / 2, ink.failed);
  } else if (over) {
    // clocks stand still while the whole take is held: it took no time, and is marked all the same
    const [right, middle] = [width > 40 ? x + width - 3 : x + width / 2 + 6, box.y + box.height / 2];
    canvas.fillStyle = ink.paper;
    if (width <= 40) canvas.fillRect(right - 11, middle - 6, 10, 12);
    canvas.fillStyle = ink.muted;
    canvas.fillRect(right - 10, middle - 4, 2.5, 8);
    canvas.fillRect(right - 5, middle - 4, 2.5, 8);
  }
}

export function drawFlags(canvas: Canvas, scene: Scene): void {
  const { bars, view, playhead, top, lanes, ink } = scene;
  const { marks } = bars;
  // several flags of one moment stand beside one another
  const standing = new Map<string, number>();
  for (const m of marks.flags) {
    const start = marks.start[m] as number;
    if (start > playhead) continue;
    const bar = marks.bar[m] as number;
    const box = place(bars, bar, view, playhead, top, lanes);
    if (!box || box.y > scene.height + box.height || box.y + box.height < 0) continue;
    const at = Math.min(view.x(start), view.x(playhead) - 1);
    const x = at >= 0 && at < 11 ? 11 : at; // it flies to the left, and must be seen there too
    const seen = bars.standIn[bar] as number;
    const far = !lanes.readable;
    const key = far ? `${Math.round(box.y / FLAG)} ${Math.round(x / FLAG)}` : `${seen} ${Math.round(x)}`;
    const beside = standing.get(key) ?? 0;
    standing.set(key, beside + 1);
    if ((seen !== bar || far) && beside) continue; // one for all
    pennant(canvas, x - beside * 11, Math.max(box.y - 6, far ? 0 : Number.NEGATIVE_INFINITY), ink);
  }
}
