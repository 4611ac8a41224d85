/**
 * Draws off the page's thread: keeps a copy of the bars, and gives pixels back for each look.
 *
 * Pixels are handed over rather than a canvas drawn on from here, so that the page puts them and what
 * lies on them there in one frame, and a bar never runs past the playhead's line.
 */

import { pixelsOf } from "./frame";
import type { Job } from "./painter";
import { RasterRows } from "./rows";

let rows = new RasterRows();

self.onmessage = ({ data: { anew, changes, look, memory } }: MessageEvent<Job>) => {
  if (anew) rows = new RasterRows();
  rows.follow(changes);
  const pixels = pixelsOf(rows, look, memory);
  self.postMessage(pixels, { transfer: [pixels] });
};
