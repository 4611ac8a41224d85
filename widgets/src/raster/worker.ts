/**
 * Draws off the page's thread: keeps a copy of the bars, and gives a picture back for each look.
 *
 * A picture is handed over rather than a canvas drawn on from here, so that the page puts it and what
 * lies on it there in one frame, and a bar never runs past the playhead's line.
 */

import { Frame } from "./frame";
import type { Job } from "./painter";
import { RasterRows } from "./rows";

let rows = new RasterRows();
const frame = new Frame((width, height) => new OffscreenCanvas(width, height));

self.onmessage = ({ data: { anew, changes, look } }: MessageEvent<Job>) => {
  if (anew) rows = RasterRows.of(changes);
  else rows.follow(changes);
  const picture = (frame.draw(rows, look) as OffscreenCanvas).transferToImageBitmap();
  self.postMessage(picture, { transfer: [picture] });
};
