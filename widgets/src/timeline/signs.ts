/** The small shapes that tell one thing from another without colour. */
import type { Ink } from "./ink";
import type { Canvas } from "./scene";

/** Diagonal stripes. */
export function stripes(
  canvas: Canvas,
  x: number,
  y: number,
  width: number,
  height: number,
  colour: string,
  gap: number,
): void {
  canvas.strokeStyle = colour;
  canvas.lineWidth = 1;
  canvas.beginPath();
  // on a fixed raster, so that stripes stand still while what they fill grows
  for (let at = Math.floor((x - height) / gap) * gap; at < x + width; at += gap) {
    canvas.moveTo(at, y + height);
    canvas.lineTo(at + height, y);
  }
  canvas.stroke();
}

/** A cross in a disc: failed. */
export function cross(canvas: Canvas, x: number, y: number, ink: Ink): void {
  canvas.beginPath();
  canvas.arc(x, y, 6.5, 0, Math.PI * 2);
  canvas.fillStyle = ink.failed;
  canvas.fill();
  canvas.strokeStyle = ink.paper;
  canvas.lineWidth = 1.75;
  canvas.beginPath();
  canvas.moveTo(x - 2.5, y - 2.5);
  canvas.lineTo(x + 2.5, y + 2.5);
  canvas.moveTo(x + 2.5, y - 2.5);
  canvas.lineTo(x - 2.5, y + 2.5);
  canvas.stroke();
}

/** An arrow that turns round: again. */
export function circleArrow(canvas: Canvas, x: number, y: number, colour: string): void {
  canvas.strokeStyle = colour;
  canvas.fillStyle = colour;
  canvas.lineWidth = 1.5;
  canvas.beginPath();
  canvas.arc(x, y, 4, -0.6, Math.PI * 1.35);
  canvas.stroke();
  canvas.beginPath();
  canvas.moveTo(x + 5.8, y - 4.6);
  canvas.lineTo(x + 5.2, y + 0.6);
  canvas.lineTo(x + 0.9, y - 2.2);
  canvas.closePath();
  canvas.fill();
}

/** A flag on its pole, flying to the left. */
export function pennant(canvas: Canvas, x: number, y: number, ink: Ink): void {
  canvas.beginPath();
  canvas.moveTo(x + 0.75, y);
  canvas.lineTo(x - 10, y + 4);
  canvas.lineTo(x - 0.75, y + 8);
  canvas.lineTo(x - 0.75, y + 15);
  canvas.lineTo(x + 0.75, y + 15);
  canvas.closePath();
  canvas.strokeStyle = ink.paper;
  canvas.lineWidth = 2;
  canvas.stroke();
  canvas.fillStyle = ink.flag;
  canvas.fill();
}

/** A word in a pill, `dashed` or not. Returns the room it took. */
export function tag(
  canvas: Canvas,
  word: string,
  x: number,
  y: number,
  ink: Ink,
  right: number,
  dashed = false,
): number {
  const width = canvas.measureText(word).width + 10;
  if (x + width > right) return 0;
  canvas.beginPath();
  canvas.roundRect(x + 0.5, y - 7.5, width, 15, 7.5);
  canvas.fillStyle = ink.paper;
  canvas.fill();
  canvas.lineWidth = 1;
  canvas.strokeStyle = ink.muted;
  canvas.setLineDash(dashed ? [3, 2] : []);
  canvas.stroke();
  canvas.setLineDash([]);
  canvas.fillStyle = ink.muted;
  canvas.textAlign = "left";
  canvas.fillText(word, x + 5.5, y);
  canvas.fillStyle = ink.text;
  return width + 7;
}

/** A note: a speech bubble, hollow once it no longer stands. Its tail is at its lower right. */
export function bubble(
  canvas: Canvas,
  x: number,
  y: number,
  width: number,
  height: number,
  ink: Ink,
  hollow: boolean,
): void {
  const below = y + height - 2;
  canvas.beginPath();
  canvas.moveTo(x + 2.5, y + 0.5);
  canvas.lineTo(x + width - 2.5, y + 0.5);
  canvas.quadraticCurveTo(x + width - 0.5, y + 0.5, x + width - 0.5, y + 2.5);
  canvas.lineTo(x + width - 0.5, below + 3);
  canvas.lineTo(x + width - 4, below);
  canvas.lineTo(x + 2.5, below);
  canvas.quadraticCurveTo(x + 0.5, below, x + 0.5, below - 2);
  canvas.lineTo(x + 0.5, y + 2.5);
  canvas.quadraticCurveTo(x + 0.5, y + 0.5, x + 2.5, y + 0.5);
  canvas.closePath();
  canvas.lineWidth = 2.5;
  canvas.strokeStyle = ink.paper;
  canvas.stroke();
  canvas.fillStyle = hollow ? ink.paper : ink.note;
  canvas.fill();
  canvas.lineWidth = 1;
  canvas.strokeStyle = ink.note;
  canvas.stroke();
}

/** A call of a tool: a line along a bar's lower edge, with a small square at its beginning, hollow if it failed. */
export function callSign(
  canvas: Canvas,
  x: number,
  y: number,
  width: number,
  ink: Ink,
  failed: boolean,
): void {
  const colour = failed ? ink.failed : ink.note;
  canvas.fillStyle = colour;
  canvas.fillRect(x, y - 2, Math.max(width, 5), 2);
  canvas.beginPath();
  canvas.rect(x + 0.5, y - 5.5, 5, 5);
  canvas.fillStyle = failed ? ink.paper : colour;
  canvas.fill();
  canvas.lineWidth = 1;
  canvas.strokeStyle = failed ? colour : ink.paper;
  canvas.stroke();
}

/** Sent to repair: a tick with an arrow that turns round. */
export function repairSign(canvas: Canvas, x: number, y: number, height: number, ink: Ink): void {
  canvas.fillStyle = ink.flag;
  canvas.fillRect(x - 0.75, y - 2, 1.5, height + 4);
  circleArrow(canvas, x + 9, y + height / 2, ink.flag);
}
