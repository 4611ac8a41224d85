import { type Box, place } from "./place";
import type { Canvas, Scene } from "./scene";

/** Beyond this many arrows only those of the selected bar are drawn: more is no picture. */
const MOST_ARROWS = 2000;

/**
 * Hand-offs: out of the end of a bar, along its row, and up or down into the beginning of another. There
 * is nothing in the way in a row after its bar, so lines cross little. The selected bar's are drawn apart.
 */
export function drawArrows(canvas: Canvas, scene: Scene, chosen: boolean): void {
  const { bars, view, playhead, top, height, lanes, ink, selected } = scene;
  const { seen: arrows } = bars;
  const picked = selected === null ? -1 : bars.indexOf(selected);
  if (arrows.count > MOST_ARROWS && !chosen) return;
  canvas.strokeStyle = canvas.fillStyle = chosen ? ink.accent : ink.faint;
  canvas.lineWidth = chosen ? 2 : 1.25;
  for (let a = 0; a < arrows.count; a++) {
    const [from, to] = [arrows.from[a] as number, arrows.to[a] as number];
    if ((from === picked || to === picked) !== chosen) continue;
    // a section is one bar for all its passes: what it heard in a later one did not come before it
    if ((bars.start[to] as number) < (bars.start[from] as number)) continue;
    if ((bars.start[to] as number) > playhead) continue;
    const source = place(bars, from, view, playhead, top, lanes);
    const target = place(bars, to, view, playhead, top, lanes);
    if (!source || !target) continue;
    if (source.x > view.width || target.x < 0) continue;
    if (Math.max(source.y, target.y) < -lanes.height || Math.min(source.y, target.y) > height) continue;
    arrow(canvas, source, target);
  }
}

function arrow(canvas: Canvas, source: Box, target: Box): void {
  const at = target.x + Math.min(6, target.width / 2);
  const right = source.x + source.width;
  const middle = source.y + source.height / 2;
  canvas.beginPath();
  if (source.y === target.y) {
    // its own row: a part that plays again
    canvas.moveTo(right, middle);
    canvas.lineTo(target.x - 5, middle);
    canvas.stroke();
    if (target.x - right > 8) head(canvas, target.x, middle, 1, 0);
    return;
  }
  const way = target.y > source.y ? 1 : -1;
  const end = way === 1 ? target.y : target.y + target.height;
  if (right < at - 1) {
    const bend = Math.min(6, at - right);
    canvas.moveTo(right, middle);
    canvas.lineTo(at - bend, middle);
    canvas.quadraticCurveTo(at, middle, at, middle + bend * way);
  } else canvas.moveTo(at, way === 1 ? source.y + source.height : source.y);
  canvas.lineTo(at, end - 5 * way);
  canvas.stroke();
  head(canvas, at, end, 0, way);
}

/** An arrowhead with its point at (x, y). */
function head(canvas: Canvas, x: number, y: number, right: number, down: number): void {
  canvas.beginPath();
  canvas.moveTo(x, y);
  canvas.lineTo(x - 7 * right - 4 * down, y - 7 * down - 4 * right);
  canvas.lineTo(x - 7 * right + 4 * down, y - 7 * down + 4 * right);
  canvas.closePath();
  canvas.fill();
}
