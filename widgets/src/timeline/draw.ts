/** The picture of a moment: one pure function of what there is, where one looks, and the playhead. */
import { tickLabel } from "../format";
import { ticks } from "../viewport";
import { drawChosen, drawFailures, drawFound, drawHolds } from "./afar";
import { drawArrows } from "./arrows";
import { drawBar, drawFlags, drawHeld, drawMarks, finishBar, sightsOf } from "./bodies";
import { drawNotes } from "./marks";
import type { Breath, Canvas, Rest, Scene } from "./scene";
import { stripes } from "./signs";

const FONT_SIZE = 11;
/** Where the ruler's words stand; its ticks and the playhead's handle are below them. */
const BASELINE = 13;

/** Draws the rows, from (0, 0) in CSS pixels. */
export function drawRows(canvas: Canvas, scene: Scene): void {
  const { view, height, ink, playhead } = scene;
  canvas.clearRect(0, 0, view.width, height);
  canvas.font = `${FONT_SIZE}px ${ink.font}`;
  canvas.textBaseline = "middle";
  const edge = Math.min(Math.max(view.x(playhead), 0), view.width);
  const sights = sightsOf(scene);

  grid(canvas, scene);
  canvas.fillStyle = ink.later;
  canvas.fillRect(edge, 0, view.width - edge, height);

  canvas.save();
  canvas.beginPath();
  canvas.rect(0, 0, edge, height);
  canvas.clip(); // nothing is drawn past the playhead, whatever it is
  for (const rest of scene.rests) drawRest(canvas, scene, rest);
  if (scene.lanes.readable) {
    for (const breath of scene.breaths) drawBreath(canvas, scene, breath);
    drawArrows(canvas, scene, false); // behind the bars, so that no text is crossed
  }
  if (scene.picture) {
    canvas.drawImage(scene.picture, 0, 0, view.width, height);
    drawFailures(canvas, scene);
    drawFound(canvas, scene);
    drawChosen(canvas, scene);
  }
  for (const [i, box] of sights) drawBar(canvas, scene, i, box);
  drawMarks(canvas, scene, sights);
  for (const [i, box] of sights) finishBar(canvas, scene, i, box);
  drawArrows(canvas, scene, true);
  drawFlags(canvas, scene);
  drawNotes(canvas, scene, false);
  canvas.restore();
  drawHeld(canvas, scene, sights);
  drawHolds(canvas, scene);
  if (scene.lanes.readable) writeWords(canvas, scene);

  if (edge > 0 || view.start === 0) {
    canvas.fillStyle = ink.accent;
    canvas.fillRect(Math.min(edge, view.width - 1) - 0.75, 0, 1.5, height);
  }
}

/** Draws the ruler with the playhead's handle, `height` pixels high. */
export function drawRuler(canvas: Canvas, scene: Scene, height: number): void {
  const { view, ink, playhead } = scene;
  canvas.clearRect(0, 0, view.width, height);
  canvas.font = `${FONT_SIZE}px ${ink.font}`;
  canvas.textBaseline = "alphabetic";
  canvas.textAlign = "left";
  const edge = view.x(playhead);
  for (const rest of scene.rests) {
    const [from, to] = [view.x(rest.from), Math.min(view.x(rest.to ?? playhead), edge)];
    if (to <= from || to < 0 || from > view.width) continue;
    canvas.fillStyle = ink.line;
    canvas.fillRect(from, height - 4, to - from, 3);
  }
  const named = scene.rests.flatMap((rest) => chipOf(canvas, scene, rest) ?? []);
  const scale = ticks(view);
  for (const { time, major } of scale.ticks) {
    const x = Math.round(view.x(time)) + 0.5;
    if (x < -60 || x > view.width + 2) continue;
    canvas.fillStyle = major ? ink.muted : ink.line;
    canvas.fillRect(x - 0.5, height - (major ? 7 : 4), 1, major ? 7 : 4);
    if (!major) continue;
    const label = tickLabel(time, scale.step);
    const [from, to] = [x + 4, x + 4 + canvas.measureText(label).width];
    const hidden = named.some((chip) => from < chip.x + chip.width + 4 && to > chip.x - 4);
    if (to <= view.width && !hidden) canvas.fillText(label, from, BASELINE);
  }
  for (const chip of named) nameRest(canvas, scene, chip);
  drawNotes(canvas, scene, true);
  if (edge < -6 || edge > view.width + 6) return;
  const x = Math.min(Math.max(edge, 0), view.width - 0.75);
  canvas.fillStyle = ink.accent;
  canvas.beginPath();
  canvas.moveTo(x - 5, height - 13);
  canvas.lineTo(x + 5, height - 13);
  canvas.lineTo(x + 5, height - 6);
  canvas.lineTo(x, height);
  canvas.lineTo(x - 5, height - 6);
  canvas.closePath();
  canvas.fill();
}

interface Chip {
  readonly kind: string;
  readonly x: number;
  readonly width: number;
}

/** Where a rest's name stands on the ruler, if there is room for it: there no bar can cover it. */
function chipOf(canvas: Canvas, { view, playhead }: Scene, rest: Rest): Chip | null {
  const from = Math.max(view.x(rest.from), 0);
  const to = Math.min(view.x(Math.min(rest.to ?? playhead, playhead)), view.width);
  const width = canvas.measureText(rest.kind).width + 28;
  return to - from < width ? null : { kind: rest.kind, x: (from + to - width) / 2, width };
}

function nameRest(canvas: Canvas, { ink }: Scene, { kind, x, width }: Chip): void {
  canvas.beginPath();
  canvas.roundRect(x, 1.5, width, 15, 7.5);
  canvas.fillStyle = ink.paper;
  canvas.fill();
  canvas.lineWidth = 1;
  canvas.strokeStyle = ink.line;
  canvas.stroke();
  canvas.fillStyle = ink.muted;
  canvas.fillRect(x + 9, BASELINE - 7, 2, 7);
  canvas.fillRect(x + 13, BASELINE - 7, 2, 7);
  canvas.fillText(kind, x + 20, BASELINE);
}

function grid(canvas: Canvas, { view, top, height, words, ink, lanes }: Scene): void {
  canvas.fillStyle = ink.grid;
  for (const { time, major } of ticks(view).ticks) {
    if (major) canvas.fillRect(Math.round(view.x(time)), 0, 1, height);
  }
  if (!lanes.readable) return;
  for (let row = lanes.at(top) + 1; row < words.length; row++) {
    const y = lanes.top(row) - top;
    if (y > height) break;
    canvas.fillRect(0, Math.round(y) - 1, view.width, 1);
  }
}

/** What a row has to say while it has no bar, on the side of the playhead that has room for it. */
function writeWords(canvas: Canvas, { words, top, height, ink, view, playhead, lanes }: Scene): void {
  const edge = view.x(playhead);
  canvas.fillStyle = ink.muted;
  canvas.textAlign = "left";
  for (let row = lanes.at(top); row < words.length; row++) {
    const y = lanes.top(row) - top;
    if (y > height) break;
    const text = words[row];
    if (!text) continue;
    const before = 10 + canvas.measureText(text).width < edge - 8 || edge < 0;
    canvas.fillText(text, before ? 10 : edge + 12, y + lanes.height / 2);
  }
}

function drawRest(canvas: Canvas, { view, height, playhead, ink }: Scene, rest: Rest): void {
  const from = Math.max(view.x(rest.from), -20);
  const to = Math.min(view.x(Math.min(rest.to ?? playhead, playhead)), view.width + 20);
  if (to <= from) return;
  canvas.save();
  canvas.beginPath();
  canvas.rect(from, 0, to - from, height);
  canvas.clip();
  canvas.fillStyle = ink.grid;
  canvas.fillRect(from, 0, to - from, height);
  stripes(canvas, from, 0, to - from, height, ink.line, 9);
  canvas.restore();
  canvas.fillStyle = ink.line;
  canvas.fillRect(Math.round(from), 0, 1, height);
  canvas.fillRect(Math.round(to) - 1, 0, 1, height);
}

/** A written rest: a dotted line up to where the part enters, named where there is room. */
function drawBreath(
  canvas: Canvas,
  { view, top, height, playhead, ink, lanes }: Scene,
  breath: Breath,
): void {
  const y = lanes.top(breath.row) - top + lanes.height / 2;
  const [from, to] = [view.x(breath.from), view.x(Math.min(breath.to, playhead))];
  if (to <= from || y < -lanes.height || y > height + lanes.height) return;
  canvas.strokeStyle = ink.muted;
  canvas.lineWidth = 1.5;
  canvas.beginPath();
  canvas.setLineDash([1.5, 4]);
  canvas.moveTo(from, y);
  canvas.lineTo(to, y);
  canvas.stroke();
  canvas.setLineDash([]);
  const width = canvas.measureText("rest").width;
  if (to - from < width + 20) return;
  const x = (from + to - width) / 2;
  canvas.fillStyle = ink.paper;
  canvas.fillRect(x - 4, y - 7, width + 8, 14);
  canvas.fillStyle = ink.muted;
  canvas.textAlign = "left";
  canvas.fillText("rest", x, y);
}
