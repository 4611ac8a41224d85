/** What a picture is drawn with, where no style sheet says so. */
import type { Ink } from "../src/timeline/ink";

export const INK: Ink = {
  text: "text",
  muted: "muted",
  faint: "faint",
  line: "line",
  grid: "grid",
  paper: "paper",
  later: "later",
  accent: "accent",
  failed: "failed",
  flag: "flag",
  note: "note",
  hues: ["a", "b", "c"],
  fill: 0.2,
  font: "sans-serif",
};
